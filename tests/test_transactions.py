"""Scripts that are all or nothing, dry runs, groups of commands, rows of variables, scripts in scripts."""

from __future__ import annotations

import re

import pytest

from crmshell.__main__ import main
from crmshell.database import current, transaction
from crmshell.models import locks
from tests.company import Company
from tests.process import Program

BROKEN = 'customer add "A" --as a\ncustomer update @a --company Z\ncontract sign 99999999\ncustomer add "B"\n'


def test_an_atomic_script_is_kept_as_a_whole(program: Program) -> None:
    assert program.script("customer add A\ncustomer add B\n", "--atomic").code == 0
    assert program.customers() == ["A", "B"]


def test_an_atomic_script_with_a_mistake_changes_nothing_but_the_record_of_refusals(program: Program) -> None:
    ended = program.script(
        BROKEN.replace("contract sign 99999999", "employee list\ncustomer add A --email bad"), "--atomic"
    )
    assert ended.code == 1
    assert program.customers() == []
    assert program.count("journal_entry", "result = 'done' AND username = 'carla'") == 0
    assert program.count("journal_entry", "result = 'refused' AND username = 'carla'") == 1
    assert ended.err.endswith("nothing was changed: the script is rolled back as a whole\n")


def test_each_command_of_an_atomic_script_is_undone_by_itself(program: Program) -> None:
    program.script("customer add A\n")
    script = "customer add B\ncustomer update 1 --email nonsense --company X\ncustomer add C\n"
    ended = program.script(script, "--atomic", "--keep-going")
    assert (ended.code, program.customers()) == (1, ["A"])
    assert "2 ok" not in ended.err


def test_a_dry_run_says_what_the_real_run_says_and_changes_nothing(program: Program) -> None:
    dry = program.script(BROKEN, "--dry-run", "--format", "csv")
    assert program.customers() == []
    real = program.script(BROKEN, "--format", "csv")
    assert dry.code == real.code == 5
    assert re.sub(r"\d", "", dry.err).startswith(re.sub(r"\d", "", real.err))
    assert dry.err.endswith("dry run: everything is rolled back\n")
    assert len(dry.out.splitlines()) == len(real.out.splitlines())


def test_a_failed_login_of_a_dry_run_is_counted(program: Program) -> None:
    script = "auth login sam --password wrong-wrong-wrong\n" * 6
    program.script(script, "--dry-run", "--keep-going")
    assert program.count("journal_entry", "result = 'login failed'") == 6
    row = program.company.session("alice")
    assert row.is_alive
    assert program.count("login_throttle", "username_key = 'sam' AND failures = 5") == 1


def test_begin_and_rollback_undo_together_and_forget_names(program: Program) -> None:
    script = "begin\ncustomer add A --as a\ncustomer add B\nrollback\ncustomer detail @a\n"
    ended = program.script(script)
    assert (ended.code, program.customers()) == (2, [])
    assert "@a is not defined" in ended.err


def test_begin_and_commit_keep_together(program: Program) -> None:
    assert program.script("begin\ncustomer add A\ncommit\nbegin\ncustomer add B\n").code == 1
    assert program.customers() == ["A"]


def test_begin_has_no_place_in_an_atomic_script(program: Program) -> None:
    for word in ("begin", "commit", "rollback"):
        assert program.script(f"customer add A\n{word}\n", "--atomic").code == 2
    assert program.customers() == []


def test_transactions_of_a_dry_run_nest(program: Program) -> None:
    script = "begin\ncustomer add A\nrollback\nbegin\ncustomer add B --as b\ncommit\ncustomer detail @b\n"
    assert program.script(script, "--dry-run").code == 0
    assert program.customers() == []


def test_a_group_is_answered_after_its_commit_and_what_worked_is_kept(program: Program) -> None:
    ended = program.script("customer add A\ncustomer add B\ncustomer add C\ncustomer add\n", "--commit-every", "2")
    assert (ended.code, program.customers()) == (2, ["A", "B", "C"])
    assert [line for line in ended.err.splitlines() if "added" in line] == [
        f"customer {number} is added" for number in (1, 2, 3)
    ]


def test_the_flags_that_exclude_each_other_say_so(sqlite_program: Program) -> None:
    assert sqlite_program.script("customer list\n", "--atomic", "--commit-every", "5").code == 2
    assert sqlite_program.script("customer list\n", "--commit-every", "0").code == 2


def test_check_reports_every_fault_without_a_database(sqlite_program: Program) -> None:
    sqlite_program.company.url = "nowhere/at/all.db"
    script = """customer add
    customer update @x --company Y
    customer add A --as x
    contract sign @x
    contract add @x 10 --as x
    contract sign @x
    customer add "$WHO"
    employee delete nils
    customer add B --as customer
    """
    ended = sqlite_program.script(script, "--check")
    assert ended.code == 2
    places = [line.split(": ")[0] for line in ended.err.splitlines() if line.startswith("script.crm")]
    assert places == [f"script.crm:{place}" for place in ("1:13", "2:21", "4:19", "7:18", "8:5", "9:25")]
    assert ended.err.endswith("9 commands, 6 faults\n")
    assert sqlite_program.script("customer list\n# nothing\n", "--check").code == 0


def test_rows_of_variables_run_the_script_once_each_in_a_transaction_of_their_own(program: Program) -> None:
    (program.folder / "rows.csv").write_text("NAME,MAIL\n\"O'Brien $NAME 'x'\",o@brien.ie\nB,bad\nC,c@c.fr\n", "utf-8")
    script = "customer add $NAME --as one\ncustomer update @one --email $MAIL --company 'not $NAME'\n"
    ended = program.script(script, "--vars", "rows.csv")
    assert (ended.code, program.customers()) == (1, ["O'Brien $NAME 'x'"])
    assert program.count("customer", "company = 'not $NAME'") == 1
    ended = program.script(script, "--vars", "rows.csv", "--keep-going")
    assert program.customers()[1:] == ["C"]
    assert "row 2 of 3 failed" in ended.err


def test_a_check_knows_the_variables_of_the_rows(sqlite_program: Program) -> None:
    (sqlite_program.folder / "rows.csv").write_text("NAME\nAna\n", "utf-8")
    script = "customer add $NAME\ncustomer add $OTHER\n"
    ended = sqlite_program.script(script, "--vars", "rows.csv", "--check")
    assert (ended.code, "script.crm:2:14: $OTHER is not defined" in ended.err) == (2, True)
    assert ended.err.endswith("2 commands, 1 fault\n")


def test_rows_in_which_two_variables_have_one_name_are_refused(sqlite_program: Program) -> None:
    (sqlite_program.folder / "rows.csv").write_text("NAME,NAME\nA,B\n", "utf-8")
    ended = sqlite_program.script("customer add $NAME\n", "--vars", "rows.csv")
    assert (ended.code, "two columns of rows.csv have the same name" in ended.err) == (2, True)


def test_rows_with_atomic_are_all_or_nothing(program: Program) -> None:
    (program.folder / "rows.csv").write_text("NAME\nA\n\nB\n", "utf-8")
    assert program.script("customer add $NAME\n", "--vars", "rows.csv", "--atomic").code == 0
    assert program.customers() == ["A", "B"]


def test_rows_that_are_not_there_are_told_of(sqlite_program: Program) -> None:
    for rows, code, said in (
        ("NAME\n", 0, "there are no rows: nothing ran"),
        ("", 0, "there are no rows: nothing ran"),
        ("NAME;MAIL\nA;B\n", 2, "hint: separate the columns by commas"),
    ):
        (sqlite_program.folder / "rows.csv").write_text(rows, "utf-8")
        ended = sqlite_program.script("customer add $NAME\n", "--vars", "rows.csv")
        assert (ended.code, ended.err.splitlines()[-1]) == (code, said)


@pytest.mark.parametrize("word", ["begin", "commit", "rollback"])
def test_a_row_is_one_transaction_and_cannot_be_cut(program: Program, word: str) -> None:
    (program.folder / "rows.csv").write_text("NAME\nAna\nEva\n", "utf-8")
    ended = program.script(f"customer add $NAME\n{word}\ncustomer add $NAME-2\n", "--vars", "rows.csv")
    assert (ended.code, program.customers()) == (2, [])
    assert f"script.crm:2: {word} has no place in a script of --vars" in ended.err


def test_variables_are_never_syntax(sqlite_program: Program) -> None:
    ended = sqlite_program.script(
        'customer add "$A" --company $A$$A\n', "--var", "A=x' --email # @y $B \"", "--format", "json"
    )
    assert ended.code == 0
    assert sqlite_program.customers() == ["x' --email # @y $B \""]
    assert sqlite_program.script("customer add $NOPE\n").code == 2


def test_a_script_in_a_script_starts_from_its_folder_and_names_its_lines(sqlite_program: Program) -> None:
    (sqlite_program.folder / "parts").mkdir()
    (sqlite_program.folder / "parts" / "one.crm").write_text("source two.crm\n", "utf-8")
    (sqlite_program.folder / "parts" / "two.crm").write_text("customer add A\ncustomer add\n", "utf-8")
    ended = sqlite_program.script("source parts/one.crm\n")
    assert (ended.code, sqlite_program.customers()) == (2, ["A"])
    assert "two.crm:2:13: customer add needs --fullname" in ended.err
    (sqlite_program.folder / "loop.crm").write_text("source loop.crm\n", "utf-8")
    assert "a loop?" in sqlite_program.run("-f", "loop.crm").err
    assert sqlite_program.script("source nowhere.crm\n").code == 2


def test_a_demo_is_refused_on_a_real_company(sqlite_company: Company) -> None:
    assert main(["--demo", "--database", sqlite_company.url, "customer", "list"]) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_large_import_leaves_room_among_the_locks_of_the_server(company: Company) -> None:
    assert company.url.startswith("postgresql")
    with transaction(current(), writes=True):
        for number in range(2 * locks.EMAIL_LOCKS):
            locks.hold_email(f"c{number}@import.example")
        held = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
        assert current().execute_sql(held).fetchone()[0] <= locks.EMAIL_LOCKS
