"""The shell and its sessions: transactions, what goes wrong, and what is left on disk."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import peewee
import pytest
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import fragment_list_to_text

from crmshell.commands import GRAMMAR
from crmshell.database import current, log_path
from crmshell.session import IDLE_SECONDS, Session
from crmshell.shell import history
from crmshell.shell.guidance import FAULT
from crmshell.shell.highlight import ReadingLexer
from crmshell.shell.history import open_history
from crmshell.shell.status import continuation, toolbar
from crmshell.text import width
from tests.company import PASSWORD, Company
from tests.keyboard import Keyboard
from tests.keys import CTRL_C, CTRL_D, UP
from tests.records import journal, sql

# Transactions


def test_leaving_an_open_transaction_is_asked(company: Company) -> None:
    with Keyboard.of(company) as keys:
        keys.enter("begin").expect("a transaction is open").enter("customer add 'Ana Peña'").expect("is added")
        keys.expect("(transaction)>").type(CTRL_D).answer("leave, and roll it back? [y/N]", "").expect("(transaction)>")
        keys.enter("exit").expect("[y/N]").type(CTRL_C).expect("(transaction)>")
        keys.enter("quit").answer("[y/N]", "y")
        assert keys.ended() == 0
    assert sql("SELECT count(*) FROM customer") == [(0,)]


def test_nobody_leaves_a_transaction_to_the_next_person(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("begin").enter("customer add 'Ana Peña'").expect("is added")
        for line in ("auth logout", f"auth login alice --password '{PASSWORD}'"):
            keys.enter(line).expect("a transaction is open").expect("hint: commit or rollback ends it")
        keys.enter("commit").expect("committed").enter("auth logout").expect("carla is logged out")


def test_silence_rolls_a_transaction_back_at_the_prompt_and_in_a_question(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.shell._watch._longest_silence = 0.2
        keys.enter("begin").expect("the transaction is rolled back").expect("carla commercial>")
        keys.enter("begin").enter("customer add").expect("fullname").expect("the transaction is rolled back")
        keys.expect("abandoned; nothing was changed").expect("carla commercial>")


def test_a_transaction_ends_with_its_session(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("begin").enter("customer add 'Ana Peña'").expect("is added").expect("(transaction)>")
        sqlite_company.hands.move(IDLE_SECONDS + 1)
        keys.enter("customer add 'Zoé Roy'").expect("the session has expired: the transaction is rolled back")
        keys.answer("password for carla:", PASSWORD).expect("the line did not run").wait_for_line(
            "customer add 'Zoé Roy'"
        )
    assert sql("SELECT count(*) FROM customer") == [(0,)]


@pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_transaction_that_is_lost_with_its_connection_is_left(company: Company) -> None:
    with Keyboard.of(company) as keys:
        keys.enter("begin").enter("customer add 'Ana Peña'").expect("is added").expect("(transaction)>")
        _end_connections()
        keys.enter("commit").expect("lost").expect("the transaction is over, and nothing of it was kept")
        keys.expect("carla commercial>").enter("customer add 'Zoé Roy'").expect("is added")
        keys.enter("begin").expect("(transaction)>")
        _end_connections()
        keys.type(CTRL_D).answer("leave, and roll it back? [y/N]", "y")
        assert keys.ended() == 0
    assert sql("SELECT fullname FROM customer") == [("Zoé Roy",)]


@pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_silence_in_a_transaction_that_is_lost_harms_nobody(company: Company) -> None:
    with Keyboard.of(company) as keys:
        keys.enter("begin").expect("(transaction)>")
        keys.shell._watch._longest_silence = 0.2
        keys.enter("customer add 'Ana Peña'").expect("is added")
        _end_connections()
        keys.expect("the transaction is rolled back").enter("customer list").expect("no customers")


def _end_connections() -> None:
    """End the connections in which a transaction is open, as a server that is started anew does."""
    sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state = 'idle in transaction'"
    )


# What goes wrong


def test_a_store_that_fails_keeps_the_shell_alive(company: Company) -> None:
    with Keyboard.of(company) as keys:
        keys.expect("carla commercial>")
        sql("ALTER TABLE contract RENAME TO elsewhere")
        keys.enter("contract list").expect("not").expect("hint:").enter("contract detail").answer(
            "contract uuid", "abcd"
        )
        keys.expect("hint:").expect("carla commercial>")
        sql("ALTER TABLE elsewhere RENAME TO contract")
        keys.enter("contract list").expect("no contracts")
        assert not {"SELECT", "Traceback", "psycopg", "apsw"} & set(keys.screen.split())


def test_a_bug_keeps_the_shell_alive(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        monkeypatch.setattr("crmshell.shell.app.run", lambda *_: 1 / 0)
        keys.enter("customer list").expect("a mistake of the program; the details are in")
        monkeypatch.undo()
        keys.enter("help exit").expect("Leave the shell")


def test_a_key_that_fails_leaves_the_line_as_it_was(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        monkeypatch.setattr("crmshell.shell.keys.continues", lambda *_: 1 / 0)
        keys.enter("customer list").expect("a mistake of the program; the details are in").expect("customer list")
        monkeypatch.undo()
        keys.enter("").expect("no customers")
        assert not {"Traceback", "Unhandled", "ENTER"} & set(keys.screen.split())


def test_what_the_engine_said_is_in_the_log_that_is_named(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise peewee.OperationalError("nobody expects this")

    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        with monkeypatch.context() as patch:
            patch.setattr(type(current()), "begin", fail)
            keys.enter("customer list").expect("cannot be read or written").expect("hint: the log file says more")
        keys.enter("customer list").expect("no customers")
    assert "nobody expects this" in log_path().read_text("utf-8")


def test_refusals_at_the_prompt_are_on_record(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "sam") as keys:
        keys.enter("contract add 1 5").expect("contract add is for administrator").enter("contract add").expect("for")
    assert [entry.line for entry in journal() if entry.result == "refused"] == ["contract add 1 5", "contract add"]


# What is left behind

SECRET = "s3cret-of-mine-alone"
HIDDEN = [
    f"auth login carla --password {SECRET}",
    f"auth login carla {SECRET}",
    f"auth set-password --new-password={SECRET}",
    f"employee add Zoé zoe --password '{SECRET}'",
    f"employee set-password sam {SECRET}",
    f"employee set-password sam --pass {SECRET}",
    f"employee list\nauth login sam {SECRET}",
    f"watch 5 auth login carla {SECRET}",
    f"alias me=auth login carla {SECRET}",
    f"for unsigned since=-30d do employee set-password @it {SECRET}",
    SECRET,
]


def test_history_keeps_commands_and_no_secret(sqlite_company: Company, tmp_path: Path) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("auth login carla").answer("password:", SECRET).expect("wrong username or password")
        for line in HIDDEN:
            keys.paste(line).enter("").expect("hint:")
        keys.enter("customer lst").expect("did you mean").enter("employee detail sam").expect("Sam Łukasz")
        keys.type(UP).wait_for_line("employee detail sam").type(UP).wait_for_line("customer lst").type(CTRL_C)
    (path,) = tmp_path.rglob("history")
    kept = path.read_text("utf-8")
    assert SECRET not in kept
    assert [line for line in kept.splitlines() if line.startswith("+")] == [
        "+auth login carla",
        "+employee list",
        "+employee detail sam",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_history_of_another_day_is_there_again(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee detail sam").expect("Sam Łukasz")
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.expect("alice administrator>").type(UP).wait_for_line("employee detail sam")


def test_a_history_keeps_so_many_lines_in_memory_as_a_prompt_can_go_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_LINES", 50)
    (tmp_path / "notes").write_text("", "utf-8")
    for folder in (tmp_path / "state", tmp_path / "notes" / "no folder"):
        kept = open_history(folder)
        for number in range(70):
            kept.append_string(f"customer detail {number}")
        assert kept.get_strings() == [f"customer detail {number}" for number in range(20, 70)]
    again = list(open_history(tmp_path / "state").load_history_strings())
    assert again == [f"customer detail {number}" for number in range(69, 19, -1)]


def test_a_file_that_has_grown_long_keeps_its_last_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_LINES", 3)
    monkeypatch.setattr(history, "_LARGEST_FILE", 200)
    for number in range(9):
        open_history(tmp_path).append_string(f"customer contacted {number} \\\n --note 'été # {number}'")
    kept = [f"customer contacted {number} \\\n --note 'été # {number}'" for number in range(9)]
    assert (tmp_path / "history").stat().st_size < 600
    assert list(open_history(tmp_path).load_history_strings()) == kept[:-4:-1]
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600


def test_a_history_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "history").touch(0o644)
    open_history(tmp_path)
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600
    memory = open_history(tmp_path / "history" / "no folder")
    memory.append_string(HIDDEN[0])
    memory.append_string("customer list")
    assert memory.get_strings() == ["customer list"]


# What stands around the line


def _bar(session: Session, columns: int) -> str:
    return fragment_list_to_text(toolbar(session, columns))


def test_the_toolbar_says_who_where_and_how_long_in_any_width(sqlite_company: Company) -> None:
    carla = sqlite_company.session("carla")
    carla.settings = replace(carla.settings, database="/home/carla/a long way/to the/crm.db")
    assert _bar(carla, 80) == " carla · commercial · /home/carla/a long way/to the/crm.db · 30 min left"
    assert _bar(carla, 50) == " carla · commercial · …to the/crm.db · 30 min left"
    assert _bar(carla, 34) == " carla · commercial · 30 min left"
    for columns in range(14, 90):
        assert len(_bar(carla, columns)) <= columns
        assert _bar(carla, columns).endswith("30 min left")
    sqlite_company.hands.move(IDLE_SECONDS - 90)
    assert _bar(carla, 80).endswith(" · 90 s left")
    sqlite_company.hands.move(90)
    assert _bar(carla, 80).endswith(" · expired: asks for the password")
    assert _bar(sqlite_company.visitor(), 80).startswith(" nobody is logged in · ")


def test_a_line_that_is_too_long_goes_on_near_the_left_and_a_continued_one_below_its_beginning() -> None:
    assert (continuation(18, 0, 1), continuation(18, 1, 0), continuation(1, 0, 1)) == ("  ", " " * 18, " ")


def test_the_toolbar_has_one_line_whatever_it_says(sqlite_company: Company) -> None:
    for columns in (40, 80, 120):
        for text in ("É" * 300, "\x1b]0;pwned\x07" + "王" * 300):
            shown = fragment_list_to_text(toolbar(sqlite_company.session("carla"), columns, (FAULT, text)))
            assert width(shown) <= columns
            assert "\x1b" not in shown
            assert "…" in shown


def test_the_toolbar_shows_no_password_of_the_database(sqlite_company: Company) -> None:
    visitor = sqlite_company.visitor()
    visitor.settings = replace(visitor.settings, database="postgresql://crm:hush@db.example/crm")
    assert "hush" not in _bar(visitor, 80)


def test_each_line_of_a_paste_is_coloured_as_the_line_it_is() -> None:
    lines = ReadingLexer(GRAMMAR, Session()).lex_document(Document("customer list\nevent lst\n\x1b[31m"))
    assert [piece[0] for piece in lines(0) if piece[1].strip()] == ["class:noun", "class:verb"]
    assert ("class:fault", "lst") in lines(1)
    assert fragment_list_to_text(lines(2)) == "␛[31m"
    assert lines(3) == []
