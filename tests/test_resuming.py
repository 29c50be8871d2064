"""Scripts that were cut off go on where they stopped, and every line runs exactly once."""

from __future__ import annotations

import signal

import pytest

from crmshell.database import open_database
from tests.company import Company
from tests.crash import crash, state
from tests.process import Program

SCRIPT = 'customer add A --as a\ncustomer update @a --company "Ça"\ncustomer detail 3\ncustomer detail @a\n'


def _let_it_pass(program: Program) -> None:
    """Enter the third customer, whom the script waits for."""
    open_database(program.company.url, may_create=False)
    program.company.must("customer add X", by="colin")
    program.company.must("customer add Y", by="colin")


def test_a_script_goes_on_after_the_line_that_ran_last_with_its_names(program: Program) -> None:
    assert program.script(SCRIPT, "--resumable").code == 5
    assert program.count("batch_line") == 2
    _let_it_pass(program)
    ended = program.script(SCRIPT, "--resume", "--format", "csv")
    assert ended.code == 0
    assert "going on after 2 commands that ran before" in ended.err
    assert ended.out.splitlines()[-1].startswith("1,A,Ça,")
    assert program.count("customer", "fullname = 'A'") == 1
    assert program.count("batch_line") == 4


def test_a_finished_script_says_so_and_does_nothing(program: Program) -> None:
    program.script("customer add A\n", "--resumable")
    ended = program.script("customer add A\n", "--resume")
    assert ended.code == 0
    assert "has run to its end" in ended.err
    assert program.customers() == ["A"]


def test_without_resume_a_new_run_starts(program: Program) -> None:
    for _ in range(2):
        assert program.script("customer add A\n", "--resumable").code == 0
    assert program.customers() == ["A", "A"]


def test_a_changed_script_is_refused_and_says_where(program: Program) -> None:
    program.script(SCRIPT, "--resumable")
    ended = program.script(SCRIPT.replace("Ça", "Là"), "--resume")
    assert (ended.code, "script.crm was changed since it was cut off: line 2 is not what ran" in ended.err) == (6, True)
    ended = program.script(SCRIPT + "customer list\n", "--resume")
    assert "after the last line that ran" in ended.err


def test_the_line_that_was_changed_is_counted_as_scripts_count_them(sqlite_program: Program) -> None:
    script = "# one\x0cpage\u2028and more\ncustomer add A\ncustomer detail 9\n"
    sqlite_program.script(script, "--resumable")
    ended = sqlite_program.script(script.replace("add A", "add B"), "--resume")
    assert "line 2 is not what ran" in ended.err


def test_a_line_may_hold_what_no_database_keeps(program: Program) -> None:
    assert program.script("customer add A # \0\ncustomer add B\n", "--resumable").code == 0
    assert program.count("batch_line") == 2


def test_other_variables_are_another_run(program: Program) -> None:
    program.script("customer add $N\n", "--resumable", "--var", "N=A")
    assert program.script("customer add $N\n", "--resume", "--var", "N=B").code == 0
    assert program.customers() == ["A", "B"]


def test_rows_go_on_with_the_row_that_failed(program: Program) -> None:
    rows, script = program.folder / "rows.csv", "customer add $NAME --as one\ncustomer update @one --email $MAIL\n"
    rows.write_text("NAME,MAIL\nÉlise,e@x.fr\nZoé,taken@x.fr\nNoé,n@x.fr\n", "utf-8")
    program.company.must("customer add X --email taken@x.fr", by="colin")
    ended = program.script(script, "--vars", "rows.csv", "--resumable")
    assert (ended.code, program.customers()) == (6, ["X", "Élise"])
    open_database(program.company.url, may_create=False)
    program.company.must('customer update 1 --email ""', by="colin")
    rows.write_text(rows.read_text("utf-8") + "Luc,l@x.fr\n", "utf-8")
    changed = program.script(script, "--vars", "rows.csv", "--resume")
    assert (changed.code, "rows.csv was changed since the run was cut off" in changed.err) == (6, True)
    rows.write_text(rows.read_text("utf-8").removesuffix("Luc,l@x.fr\n"), "utf-8")
    ended = program.script(script, "--vars", "rows.csv", "--resume")
    assert (ended.code, program.customers()) == (0, ["X", "Élise", "Zoé", "Noé"])
    assert "4 ok, 0 failed, 2 skipped" in ended.err
    again = program.script(script, "--vars", "rows.csv", "--resume")
    assert (program.customers(), "has run to its end" in again.err) == (["X", "Élise", "Zoé", "Noé"], True)


def test_what_was_refused_on_the_way_is_tried_again(program: Program) -> None:
    script = "customer add A\ncustomer update 3 --company Ça\ncustomer add B\n"
    ended = program.script(script, "--resumable", "--keep-going")
    assert (ended.code, program.customers()) == (5, ["A", "B"])
    assert "failed: there is no customer 3" in program.run("batch", "show", "1", "--format", "csv").out
    again = program.script(script, "--resume", "--keep-going")
    assert (again.code, program.customers()) == (5, ["A", "B"])
    open_database(program.company.url, may_create=False)
    program.company.must("customer add C", by="carla")
    ended = program.script(script, "--resume")
    assert (ended.code, program.count("customer", "company = 'Ça'")) == (0, 1)
    assert "1 ok, 0 failed, 2 skipped" in ended.err
    assert "has run to its end" in program.script(script, "--resume").err
    assert "failed" not in program.run("batch", "show", "1", "--format", "csv").out


def test_rows_that_were_refused_on_the_way_are_tried_again_as_a_whole(program: Program) -> None:
    rows, script = program.folder / "rows.csv", "customer add $NAME --as one\ncustomer update @one --email $MAIL\n"
    rows.write_text("NAME,MAIL\nÉlise,e@x.fr\nZoé,taken@x.fr\nNoé,n@x.fr\n", "utf-8")
    program.company.must("customer add X --email taken@x.fr", by="colin")
    ended = program.script(script, "--vars", "rows.csv", "--resumable", "--keep-going")
    assert (ended.code, program.customers()) == (6, ["X", "Élise", "Noé"])
    open_database(program.company.url, may_create=False)
    program.company.must('customer update 1 --email ""', by="colin")
    ended = program.script(script, "--vars", "rows.csv", "--resume")
    assert (ended.code, program.customers()) == (0, ["X", "Élise", "Noé", "Zoé"])
    assert "2 ok, 0 failed, 4 skipped" in ended.err


def test_a_transaction_that_was_cut_off_runs_again_as_a_whole(program: Program) -> None:
    script = "begin\ncustomer add A\ncustomer detail 9\ncommit\n"
    assert program.script(script, "--resumable").code == 5
    assert (program.customers(), program.count("batch_line")) == ([], 0)
    script = "begin\ncustomer add A --as a\ncommit\ncustomer detail @a\ncustomer detail 9\n"
    assert program.script(script, "--resumable").code == 5
    ended = program.script(script, "--resume")
    assert (ended.code, program.customers()) == (5, ["A"])
    assert "going on after 4 commands" in ended.err


def test_a_login_inside_the_script_is_restored(program: Program) -> None:
    login = "auth login colin --password 'a quiet green lamp'\n"
    script = f"{login}customer add A\ncustomer detail 2\nauth whoami --format csv\n"
    assert program.script(script, "--resumable").code == 5
    open_database(program.company.url, may_create=False)
    program.company.must("customer add X", by="carla")
    ended = program.script(script, "--resume")
    assert ended.code == 0
    assert "colin" in ended.out
    assert program.count("batch_line", "line <> replace(line, 'lamp', '')") == 0


def test_groups_are_recorded_with_what_they_did(program: Program) -> None:
    assert (
        program.script("customer add A\ncustomer add B\ncustomer add C\n", "--resumable", "--commit-every", "2").code
        == 0
    )
    ended = program.run("--format", "csv", "batch", "show", "1")
    assert [line.split(",")[-1] for line in ended.out.splitlines()[1:]] == [
        f"customer {number} is added" for number in (1, 2, 3)
    ]


def test_runs_are_listed_to_their_owner_and_to_administrators(program: Program) -> None:
    program.script("customer add A\n", "--resumable")
    assert program.run("--format", "csv", "batch", "list", user="alice").out.count("script.crm") == 1
    assert program.run("--format", "csv", "batch", "list").out.count("script.crm") == 1
    assert program.run("--format", "csv", "batch", "list", user="colin").out.count("script.crm") == 0
    assert program.run("batch", "show", "1", user="colin").code == 5


def test_the_flags_want_a_file(sqlite_program: Program) -> None:
    assert sqlite_program.run("--resume", stdin="customer list\n").code == 2
    assert sqlite_program.script("customer list\n", "--resumable", "--dry-run").code == 2


@pytest.mark.slow_on_postgres
@pytest.mark.parametrize(
    "sent",
    [pytest.param(sent, marks=pytest.mark.slow) for sent in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)],
    ids=lambda sent: str(sent.name),
)
def test_a_batch_that_is_killed_ends_as_if_it_had_not_been(company: Company, sent: signal.Signals) -> None:
    crash(company.url, kills=2, seed=sent, sent=sent)
    rows, words, journal, lines = state()
    assert len(rows) == 100
    assert [row[0] for row in lines] == list(range(1, len(lines) + 1))
    assert len(journal) == 210
    assert len({row[0] for row in rows}) == 100
    assert words
    assert company.run("database check").rows == []
