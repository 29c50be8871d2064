"""What a line shows goes into a whole file or none, or into a command of the user's shell."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.company import Company
from tests.keyboard import Keyboard
from tests.keys import CTRL_C, TAB
from tests.process import Program

SLOW = pytest.mark.slow


@pytest.fixture
def here(sqlite_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, in a company with two customers."""
    for name in ("Éloïse d'Été", "王小明"):
        sqlite_company.customer(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/sh")
    return tmp_path


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("crm.db")}


# Into a file


@pytest.mark.slow
def test_the_ending_is_the_format(sqlite_company: Company, here: Path) -> None:
    with Keyboard.of(sqlite_company) as keys:
        for ending in ("csv", "tsv", "json", "jsonl", "txt"):
            keys.enter(f"customer list > clients.{ending}").expect("2 customers\n").expect(
                f"written to clients.{ending}"
            )
        keys.enter("customer list --format csv > clients").expect("written to clients")
        assert "王小明" not in keys.screen
    assert (here / "clients.csv").read_text("utf-8").splitlines()[2].startswith("1,Éloïse d'Été,")
    assert json.loads((here / "clients.json").read_text("utf-8"))[0]["fullname"] == "王小明"
    assert (here / "clients.txt").read_text("utf-8").splitlines()[0].startswith("id  fullname")
    assert (here / "clients").read_text("utf-8") == (here / "clients.csv").read_text("utf-8")
    assert stat.S_IMODE((here / "clients.csv").stat().st_mode) == 0o600


def test_a_name_may_be_as_long_as_the_folder_takes(sqlite_company: Company, here: Path) -> None:
    name = f"{'報' * 83}.csv"  # 253 bytes of 255
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(f"customer list > {name}").expect("written to ")
    assert (here / name).read_text("utf-8").startswith("id,fullname")


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(sqlite_company: Company, here: Path) -> None:
    (here / "old.csv").write_text("precious")
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer list > old.csv").expect("old.csv is there already").expect("hint: write >! to replace it")
        assert (here / "old.csv").read_text() == "precious"
        keys.enter("customer list >! ~/old.csv").expect("written to")
    assert "precious" not in (here / "old.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("customer list > clients.xls", "the ending .xls stands for no format"),
        pytest.param(
            "customer list > clients", "a name without an ending stands for no format", marks=pytest.mark.slow
        ),
        pytest.param(
            "customer list > nowhere/clients.csv",
            "cannot be written: No such file or directory",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "customer list >! /dev/null --format csv", "the name of the file ends the line", marks=pytest.mark.slow
        ),
        ("customer list --format csv >! /dev/null", "/dev/null is no file to write to"),
        pytest.param("customer detail 99 > one.csv", "there is no customer 99", marks=SLOW),
        pytest.param("contract add 1 5 > one.csv", "contract add is for administrator", marks=SLOW),
        pytest.param("customer list > ", "`>` needs the name of a file", marks=SLOW),
    ],
)
def test_what_fails_leaves_no_file(sqlite_company: Company, here: Path, line: str, message: str) -> None:
    before = _files(here)
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(line).expect(message).expect("carla commercial>")
        keys.enter("customer list").expect("2 customers")
    assert _files(here) == before


@pytest.mark.slow
def test_ctrl_c_in_a_question_leaves_no_file(sqlite_company: Company, here: Path) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer add > new.json").expect("fullname").type(CTRL_C).expect("abandoned")
        keys.enter("customer add > new.json").answer("fullname", "Zoé Roy").answer("company", "").answer("email", "")
        keys.answer("phone", "").expect("customer 3 is added").expect("written to new.json")
    assert json.loads((here / "new.json").read_text("utf-8"))["fullname"] == "Zoé Roy"


def test_the_name_of_a_file_is_completed(sqlite_company: Company, here: Path) -> None:
    (here / "mes clients.csv").touch()
    with Keyboard.of(sqlite_company) as keys:
        keys.complete("customer list >! mes").type(TAB)
        keys.wait_for_line("customer list >! 'mes clients.csv'")


# Into a command


def test_a_command_of_the_users_shell_reads_the_plain_table(
    sqlite_company: Company, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer list | grep -c 王 ; cat > all.txt").expect("2 customers").expect("carla commercial>")
        keys.enter("customer list --format json | cat > all.json").expect("carla commercial>")
        keys.enter("customer list | head -1 > first.txt").expect("carla commercial>")
        keys.enter("customer list | exit 3").expect("exit 3 ended with exit status 3")
        keys.enter("customer list | no-such-command-here").expect("ended with exit status 127")
        keys.enter("customer detail 99 | cat").expect("there is no customer 99")
    assert capfd.readouterr().out == "1\n"
    assert len(json.loads((here / "all.json").read_text("utf-8"))) == 2
    assert (here / "first.txt").read_text("utf-8").startswith("id  fullname")


@pytest.mark.parametrize("shell", ["/nowhere/sh", "/bin/sh"])
def test_a_command_that_cannot_be_started_is_refused(
    sqlite_company: Company, here: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setenv("SHELL", shell)
    with Keyboard.of(sqlite_company) as keys:
        keys.paste("customer list | cat \x00").enter("").expect(f"cannot be run by {shell}: ").expect("check SHELL")


# In a batch


def test_a_batch_needs_the_flag(sqlite_program: Program) -> None:
    sqlite_program.company.customer("Éloïse d'Été")
    for line in ("customer list > all.csv", "customer list | cat > all.csv"):
        refused = sqlite_program.run("-c", line)
        assert refused.code == 2
        assert "is off in a batch" in refused.err
        assert "--allow-shell" in refused.err
        assert sqlite_program.script(f"{line}\n").code == 2
        assert "script.crm:1:15: " in sqlite_program.script(f"{line}\n", "--check").err
    assert not (sqlite_program.folder / "all.csv").exists()


def test_a_batch_that_has_it_writes_and_runs(sqlite_program: Program) -> None:
    sqlite_program.company.customer("Éloïse d'Été")
    lines = "customer list > $NAME.csv\ncustomer list --format csv | wc -l > lines.txt\n"
    done = sqlite_program.script(lines, "--allow-shell", "--var", "NAME=all")
    assert (done.code, done.out) == (0, "")
    assert "Éloïse" in (sqlite_program.folder / "all.csv").read_text("utf-8")
    assert (sqlite_program.folder / "lines.txt").read_text().strip() == "2"
    again = sqlite_program.script(lines, "--allow-shell", "--var", "NAME=all")
    assert again.code == 1
    assert "script.crm:1:17: all.csv is there already" in again.err


def test_an_ending_without_a_format_is_found_before_anything_runs(sqlite_program: Program) -> None:
    script = "customer add 'Ana Peña' > new.xls\n"
    assert "script.crm:1:27: the ending .xls" in sqlite_program.script(script, "--check", "--allow-shell").err
    assert sqlite_program.script(script, "--allow-shell").code == 2
    assert sqlite_program.customers() == []


def test_a_dry_run_writes_no_files(sqlite_program: Program) -> None:
    done = sqlite_program.script("customer add 'Ana Peña' > new.csv\n", "--allow-shell", "--dry-run")
    assert done.code == 0
    assert not (sqlite_program.folder / "new.csv").exists()


def test_words_of_the_process_are_values_and_no_operators(sqlite_program: Program) -> None:
    assert sqlite_program.run("--allow-shell", "customer", "add", ">").code == 0
    assert sqlite_program.customers() == [">"]


def test_a_file_tells_of_nothing_that_is_undone_later(sqlite_program: Program) -> None:
    lines = "customer add 'Ana Peña' > new.csv\ncustomer fire\n"
    assert sqlite_program.script(lines, "--allow-shell", "--commit-every", "100").code == 2
    assert (sqlite_program.folder / "new.csv").exists()
    assert sqlite_program.customers() == ["Ana Peña"]
