"""Scripts: line by line, stopping at the first error, and nothing ever waits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crmshell.database import log_path
from crmshell.script import open_script
from tests.process import Program

TWO = 'customer add "Zoé d\'Été"\ncustomer add "O\'Brien"\n'


def test_lines_run_one_after_another(program: Program) -> None:
    ended = program.script(TWO)
    assert (ended.code, program.customers()) == (0, ["Zoé d'Été", "O'Brien"])
    assert "customer 2 is added" in ended.err
    assert "O'Brien" in ended.out


def test_the_first_error_stops_and_what_was_before_is_kept(program: Program) -> None:
    ended = program.script('customer add "Kept"\ncustomer fire 4\ncustomer add "Never"\n')
    assert ended.code == 2
    assert program.customers() == ["Kept"]
    *_, place, line, caret, hint, counts = ended.err.splitlines()
    assert place == "script.crm:2:10: there is no command `customer fire`"
    assert (line, caret) == ("  customer fire 4", "           ^~~~")
    assert hint.startswith("hint: customer has the verbs list, detail, add, update, ")
    assert counts.startswith("1 ok, 1 failed in ")


def test_keep_going_runs_all_of_it_and_sums_up(program: Program) -> None:
    ended = program.script('customer detail 99\ncustomer add "Kept"\ncustomer fire 4\n', "--keep-going")
    assert ended.code == 5
    assert re.search(r"\n1 ok, 2 failed in \d\.\d s\n\Z", ended.err)
    assert program.customers() == ["Kept"]


def test_blank_lines_comments_crlf_a_bom_and_no_last_newline_are_fine(sqlite_program: Program) -> None:
    script = "\ufeff# début\r\n\r\n   \r\ncustomer add 'Élie' # fin\r\ncustomer \\\r\n  add 'Noé'".encode()
    assert sqlite_program.run(stdin=script).code == 0
    assert sqlite_program.customers() == ["Élie", "Noé"]


def test_a_continued_line_is_named_by_its_first_line_and_the_fault_by_its_own(sqlite_program: Program) -> None:
    ended = sqlite_program.script("# one\ncustomer detail \\\n   99\n")
    assert (ended.code, ended.err.splitlines()[0]) == (5, "script.crm:3:4: there is no customer 99")


def test_bytes_that_are_not_utf8_are_an_error_with_their_line(sqlite_program: Program) -> None:
    ended = sqlite_program.run("-f", "-", stdin=b"customer list\ncustomer add 'Ga\xebl'\n")
    assert ended.code == 2
    assert "-:2:17: byte 17 of the line is not UTF-8" in ended.err
    assert sqlite_program.customers() == []


def test_a_line_cut_within_a_character_is_too_long_and_not_wrong(sqlite_program: Program) -> None:
    ended = sqlite_program.script(f"customer add 'x{'é' * 40_000}'\ncustomer add 'Ana'\n", "--keep-going")
    assert "bytes long; the longest that is read is 65536" in ended.err
    assert "UTF-8" not in ended.err
    assert sqlite_program.customers() == ["Ana"]


def test_a_script_is_closed_behind_its_last_line(tmp_path: Path) -> None:
    (tmp_path / "one.crm").write_text("customer list\n", "utf-8")
    script = open_script(tmp_path / "one.crm")
    assert [line.text for line in script.lines()] == ["customer list"]
    assert script.binary.closed


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("customer add", "customer add needs --fullname"),
        ("customer add 'open", "the quote ' is never closed"),
        ("customer update 1", "customer update changes nothing without a field"),
        ("auth set-password", "auth set-password needs --current-password, --new-password"),
        ("customer add 'a\tb'", "control character"),
        ("x" * 1_000_000, "the longest that is read is 65536"),
    ],
)
def test_a_line_that_lacks_something_is_an_error_and_nothing_waits(
    sqlite_program: Program, line: str, said: str
) -> None:
    ended = sqlite_program.run(stdin=f"{line}\n")
    assert ended.code in {1, 2}
    assert said in ended.err
    assert sqlite_program.customers() == []


def test_a_command_that_would_ask_wants_yes(program: Program) -> None:
    assert program.run("employee", "delete", "nils", user="alice").code == 2
    assert program.run("--yes", "employee", "delete", "nils", user="alice").code == 0
    assert program.count("employee", "username = 'nils'") == 0


def test_words_reach_the_program_as_the_shell_made_them(sqlite_program: Program) -> None:
    words = ["customer", "add", "@home $HOME it's > 'x' \\", "--company=a b#c"]
    ended = sqlite_program.run("--format", "json", *words)
    shown = json.loads(ended.out)
    assert (shown["fullname"], shown["company"]) == ("@home $HOME it's > 'x' \\", "a b#c")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("customer update 1 --company ACME --yes", "crm-shell --yes customer update 1 --company ACME"),
        ("customer list --database x.db --mine", "crm-shell --database x.db customer list --mine"),
        ("customer list --user=sam", "crm-shell --user=sam customer list"),
        ("customer detail @a$b --quiet", "crm-shell --quiet customer detail '@a$b'"),
    ],
)
def test_a_flag_behind_the_command_is_told_where_it_belongs(sqlite_program: Program, words: str, hint: str) -> None:
    ended = sqlite_program.run(*words.split())
    assert (ended.code, ended.err.splitlines()[1]) == (2, f"hint: {hint}")


def test_two_hyphens_end_the_flags_of_the_program(sqlite_program: Program) -> None:
    assert sqlite_program.run("--quiet", "--", "customer", "add", "Jean").code == 0
    assert sqlite_program.customers() == ["Jean"]


def test_lines_of_c_run_in_order_and_share_names(sqlite_program: Program) -> None:
    flags = ["-c", "customer add Jean --as jean", "-c", "customer update @jean --company @jean.fullname"]
    assert sqlite_program.run(*flags).code == 0
    assert sqlite_program.count("customer", "company = 'Jean'") == 1


@pytest.mark.parametrize("flags", [["auth", "login", "carla", "--password", "x"], ["-c", "auth login a --password=x"]])
def test_a_password_on_the_command_line_is_refused(sqlite_program: Program, flags: list[str]) -> None:
    ended = sqlite_program.run(*flags)
    assert ended.code == 2
    assert "would show in the list of processes" in ended.err


@pytest.mark.parametrize("line", ["auth login alice lamp-secret", "employee set-password nils lamp-secret"])
def test_a_password_typed_by_position_is_shown_nowhere(sqlite_program: Program, line: str) -> None:
    ended = sqlite_program.script(f"{line}\n", user="alice")
    assert ended.code == 2
    assert "***********" in ended.err
    assert "lamp-secret" not in ended.err


def test_help_needs_neither_a_login_nor_a_database(sqlite_program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_program.company.url = "nowhere/at/all.db"
    monkeypatch.delenv("CRM_PASSWORD")
    assert "contract add CUSTOMER TOTAL-AMOUNT" in sqlite_program.run("-c", "help contract add").out
    assert sqlite_program.run("-c", "contract add --help").code == 0


def test_nobody_to_log_in_is_an_error_that_says_how(sqlite_program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_PASSWORD")
    ended = sqlite_program.run("customer", "list")
    assert ended.code == 3
    assert "--password-file" in ended.err


def test_a_password_comes_from_a_file(sqlite_program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_PASSWORD")
    for encoding in ("utf-8", "utf-8-sig"):
        (sqlite_program.folder / "secret").write_text("a quiet green lamp\n", encoding)
        assert sqlite_program.run("--password-file", "secret", "customer", "list").code == 0
    (sqlite_program.folder / "crmshell.toml").write_text('password_file = "\\u0000"\n', "utf-8")
    impossible = sqlite_program.run("customer", "list")
    assert (impossible.code, "cannot be read: no file can have this name" in impossible.err) == (2, True)
    (sqlite_program.folder / "crmshell.toml").unlink()
    assert sqlite_program.run("--password-file", "nowhere", "customer", "list").code == 2


def test_errors_in_json_are_one_object(sqlite_program: Program) -> None:
    ended = sqlite_program.script("customer detail 99\n", "--format", "json")
    assert json.loads(ended.err)["error"] == {
        "class": "NotFound",
        "message": "there is no customer 99",
        "hint": "customer list shows them",
        "code": 5,
        "file": "script.crm",
        "line": 1,
        "column": 17,
    }


def test_quiet_leaves_data_and_errors(sqlite_program: Program) -> None:
    ended = sqlite_program.script(TWO + "customer list\n", "--quiet", "--format", "jsonl")
    assert ended.err == ""
    assert [json.loads(line)["fullname"] for line in ended.out.splitlines()[2:]] == ["O'Brien", "Zoé d'Été"]


def test_exit_ends_a_script(sqlite_program: Program) -> None:
    assert sqlite_program.script("customer add A\nexit\ncustomer add B\n").code == 0
    assert sqlite_program.customers() == ["A"]


def test_a_script_may_log_in_by_itself(sqlite_program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_PASSWORD")
    script = "auth login alice --password 'a quiet green lamp'\nauth whoami --format csv\nauth logout\nauth whoami\n"
    ended = sqlite_program.script(script)
    assert ended.code == 3
    assert "1,alice,Alice Martin,administrator,true" in ended.out
    assert sqlite_program.count("journal_entry", "line LIKE '%lamp%'") == 0


def test_an_error_before_the_first_line_is_in_the_format_too(sqlite_program: Program) -> None:
    ended = sqlite_program.run("--format", "json", "-f", "nowhere.crm")
    assert json.loads(ended.err)["error"]["class"] == "UsageError"


def test_a_mistake_of_the_program_is_one_line_and_a_traceback_in_the_log(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        message = "division by a secret"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("crmshell.batch.run", broken)
    ended = sqlite_program.run("customer", "list")
    assert ended.code == 70
    assert "Traceback" not in ended.err
    assert "secret" not in ended.err
    assert str(log_path()) in ended.err.replace("\n", "")
    assert "ZeroDivisionError: division by a secret" in log_path().read_text("utf-8")
    assert log_path().stat().st_mode & 0o777 == 0o600
