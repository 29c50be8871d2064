"""The session in sight: a database that is lost and comes back, signals, and what the window shows of both."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import peewee
import pytest

from crmshell.database import current
from crmshell.errors import StoreError
from crmshell.models.employee import Employee
from tests.company import PASSWORD, Company
from tests.keyboard import Keyboard
from tests.keys import CTRL_C, CTRL_D, ENTER
from tests.records import sql
from tests.terminal import Size, Terminal, at_work

# A database that is lost


def _server_time() -> str:
    return str(current().execute_sql("SELECT clock_timestamp()").fetchone()[0])


def _end_connections(since: str) -> None:
    """Let the server close the connections that were opened since then."""
    newer = "datname = current_database() AND pid <> pg_backend_pid() AND backend_start > %s"
    current().execute_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {newer}", (since,))


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_made_anew(company: Company) -> None:
    since = _server_time()
    with Keyboard.of(company) as keys:
        keys.enter("customer add 'Ana Peña'").expect("customer 1 is added").expect("carla commercial>")
        _end_connections(since)
        keys.enter("customer list").expect("hint: type the command again").enter("customer list").expect("1 customer")


def test_a_lost_database_shows_as_lost_and_comes_back_without_a_restart(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Keyboard.of(company) as keys:
        keys.shell._reach._period = 0.05
        keys.enter("customer add 'Ana Peña'").expect("customer 1 is added").expect("carla commercial>")
        with monkeypatch.context() as patched:
            patched.setattr(type(current()), "_connect", _refused)
            patched.setattr(type(current()), "is_connection_usable", lambda _self: False)
            keys.enter("customer list").expect("hint:").wait_for_toolbar("the database does not answer")
        keys.wait_for_toolbar("carla · commercial").enter("customer list").expect("Ana Peña")


def _refused(_self: object) -> None:
    message = "unable to open database file"
    raise peewee.OperationalError(message)


def test_a_file_that_is_lost_is_seen_before_a_command_is_typed(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        keys.shell._reach._period = 0.05
        keys.enter("").wait_for_toolbar("carla · commercial")
        shutil.move(sqlite_company.url, f"{sqlite_company.url}.elsewhere")
        keys.wait_for_toolbar("the database does not answer")
        shutil.move(f"{sqlite_company.url}.elsewhere", sqlite_company.url)
        keys.wait_for_toolbar("carla · commercial").enter("customer list").expect("no customers")


def test_a_file_that_went_away_is_not_made_anew(sqlite_company: Company) -> None:
    path = Path(sqlite_company.url)
    sqlite_company.session("carla")
    path.rename(path.with_suffix(".elsewhere"))
    answer = sqlite_company.run("customer list", by="carla")
    assert (answer.code, "cannot be opened" in answer.message) == (StoreError.code, True)
    assert not path.exists()
    path.with_suffix(".elsewhere").rename(path)
    assert sqlite_company.run("customer list", by="carla").code == 0


def test_a_file_that_another_one_replaced_is_the_one_that_is_used(sqlite_company: Company, tmp_path: Path) -> None:
    sqlite_company.customer("Ana Peña")
    other = tmp_path / "other.db"
    current().execute_sql(f"VACUUM INTO '{other}'")
    sqlite_company.customer("Zoé Roy")
    for ending in ("-wal", "-shm"):
        Path(f"{sqlite_company.url}{ending}").unlink(missing_ok=True)
    other.replace(sqlite_company.url)
    assert [row["fullname"] for row in sqlite_company.must("customer list").rows] == ["Ana Peña"]


# Signals


@pytest.fixture
def in_bash(sqlite_company: Company, tmp_path: Path) -> Iterator[Terminal]:
    """The shell started by another one, which can suspend it."""
    line = f"{sys.executable} -m crmshell --database {sqlite_company.url} --user carla"
    with ExitStack() as stack:
        environ = {"CRM_PASSWORD": PASSWORD, "PS1": "outside$ "}
        terminal = Terminal(tmp_path, environ=environ, program=("bash", "--norc", "--noprofile", "-i"))
        stack.enter_context(terminal)
        terminal.wait_for_line("outside$")
        terminal.type(line + ENTER)
        terminal.wait_for("Welcome")
        terminal.wait_for_line("commercial>")
        yield terminal


def test_ctrl_z_suspends_and_the_line_is_there_again(in_bash: Terminal) -> None:
    in_bash.type("employee detail")
    in_bash.wait_for_line("employee detail")
    in_bash.type("\x1a")
    in_bash.wait_for("Stopped")
    in_bash.wait_for_line("outside$")
    in_bash.type(f"fg{ENTER}")
    in_bash.wait_for_line("carla commercial> employee detail")
    in_bash.type(f" sam{ENTER}")
    in_bash.wait_for("Sam Łukasz")


@pytest.mark.slow
def test_a_locked_screen_is_not_suspended(in_bash: Terminal) -> None:
    in_bash.type(f"lock{ENTER}")
    in_bash.wait_for_line("password for carla:")
    in_bash.type("\x1a" + PASSWORD + ENTER)
    in_bash.wait_for("welcome back, carla")
    in_bash.type("\x1a")
    in_bash.wait_for("Stopped")


@pytest.mark.slow
def test_sigtstp_and_sigcont_from_elsewhere_do_the_same(in_bash: Terminal) -> None:
    in_bash.type("employee detail")
    in_bash.wait_for_line("employee detail")
    (child,) = Path(f"/proc/{in_bash.pid}/task/{in_bash.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGTSTP)
    in_bash.wait_for("Stopped")
    in_bash.type(f"fg{ENTER}")
    in_bash.wait_for_line("carla commercial> employee detail")
    in_bash.type(f" sam{ENTER}")
    in_bash.wait_for("Sam Łukasz")


@pytest.mark.parametrize("number", [signal.SIGHUP, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_signal_that_ends_the_shell_rolls_back(
    sqlite_company: Company, tmp_path: Path, number: signal.Signals
) -> None:
    with at_work(sqlite_company, tmp_path) as carla:
        carla.type(f"begin{ENTER}")
        carla.wait_for("a transaction is open")
        carla.type(f"customer add 'Ana Peña'{ENTER}")
        carla.wait_for("customer 1 is added")
        carla.wait_for_line(">")
        os.kill(carla.pid, number)
        assert carla.ended() == 128 + number
        assert "Traceback" not in carla.text
    sqlite_company.customer("Zoé Roy")
    assert sql("SELECT fullname FROM customer") == [("Zoé Roy",)]


def test_a_window_that_is_closed_ends_the_shell_in_order(sqlite_company: Company, tmp_path: Path) -> None:
    with at_work(sqlite_company, tmp_path) as carla:
        assert carla.hung_up() == 128 + signal.SIGHUP


# The window


@pytest.mark.slow
def test_the_title_is_harmless_and_the_old_one_comes_back(sqlite_company: Company, tmp_path: Path) -> None:
    evil = "a\x1b]2;pwned\x07b.db"
    shutil.copy(sqlite_company.url, tmp_path / evil)
    with Terminal(tmp_path, "--database", evil, "--user", "carla", environ={"CRM_PASSWORD": PASSWORD}) as carla:
        carla.wait_for_line("commercial>")
        assert carla.screen.title.startswith("carla · ")
        assert "pwned" in carla.screen.title
        assert "␛" in carla.screen.title
        carla.type(CTRL_D)
        assert carla.ended() == 0


@pytest.mark.slow
def test_no_title_where_it_is_turned_off_and_none_on_a_dumb_terminal(sqlite_company: Company, tmp_path: Path) -> None:
    (tmp_path / "crmshell.toml").write_text('title = "off"\n')
    with at_work(sqlite_company, tmp_path) as carla:
        assert carla.screen.title == ""


@pytest.mark.slow
def test_a_watched_list_stays_in_its_place_and_leaves_the_screen_as_it_was(
    sqlite_company: Company, tmp_path: Path, size: Size
) -> None:
    with at_work(sqlite_company, tmp_path, size=size) as carla:
        carla.type(f"watch 1 employee list{ENTER}")
        carla.wait_for("every 1 s: employee list")
        carla.wait_for("more" if size.lines == 20 else "7 employees")
        assert carla.screen.display[0].startswith("every 1 s: employee list")
        Employee.update(fullname="Renamed").where(Employee.username == "sam").execute()
        carla.wait_for("Renamed")
        assert sum("every 1 s" in line for line in carla.screen.display) == 1
        carla.type(CTRL_C)
        carla.wait_for("watched ")
        carla.wait_for_line("commercial>")


@pytest.mark.slow
def test_a_locked_screen_shows_nothing(sqlite_company: Company, tmp_path: Path) -> None:
    sqlite_company.customer("Éloïse d'Été")
    with at_work(sqlite_company, tmp_path) as carla:
        carla.type(f"customer list{ENTER}")
        carla.wait_for("1 customer")
        carla.wait_for_line("commercial>")
        carla.type(f"lock{ENTER}")
        carla.wait_for_line("password for carla:")
        assert not any("Éloïse" in line for line in carla.screen.display)
        carla.type(f"{CTRL_C}wrong{ENTER}")
        carla.wait_for("wrong password")
        carla.answer("password for carla:", PASSWORD)
        carla.wait_for("welcome back, carla")


# Hostile text

EVIL = "\x1b]0;pwned\x07\x1b[2J\x9b2J[/bold]\u202e\u2066王小明e\u0301" + "x" * 200


@pytest.mark.slow
def test_no_text_acts_on_the_terminal_wherever_it_is_shown(sqlite_company: Company, tmp_path: Path, size: Size) -> None:
    customer = sqlite_company.customer()
    contract = sqlite_company.signed(customer)
    sqlite_company.event(contract)
    sql("UPDATE customer SET fullname = ?, company = ?", EVIL, EVIL)
    sql("UPDATE event SET name = ?, location = ?", EVIL, EVIL)
    sql("UPDATE employee SET fullname = ? WHERE username = 'colin'", EVIL)
    shown = ("customer list", f"customer detail {customer}", "event list", f"contract detail {contract}")
    with at_work(sqlite_company, tmp_path, "colin", size=size) as colin:
        colin.type(f"contract sign {contract[:4]}")
        colin.wait_for("pwned")
        colin.type(f"{ENTER}")
        colin.wait_for("not yours")
        for line in shown:
            colin.wait_for_line("commercial>")
            colin.type(f"clear{ENTER}")
            colin.wait_until_gone("pwned")
            colin.wait_for_line("commercial>")
            colin.type(line + ENTER)
            colin.wait_until_shown("pwned")
        colin.wait_for_line("commercial>")
        colin.type(f"watch 1 customer list{ENTER}")
        colin.wait_for("every 1 s")
        colin.type(CTRL_C)
        colin.wait_for("watched")
    assert b"\x1b]0;pwned" not in colin.sent
    assert b"\x9b2J" not in colin.sent.replace("王".encode(), b"")
    assert not {"\u202e", "\u2066"} & set(colin.sent.decode("utf-8", "replace"))


@pytest.mark.slow
def test_a_dumb_terminal_gets_the_comforts_as_text_alone(sqlite_company: Company, tmp_path: Path) -> None:
    with at_work(sqlite_company, tmp_path, environ={"TERM": "dumb", "SHELL": "/bin/sh"}) as carla:
        carla.type(f"employee list | head -1{ENTER}")
        carla.wait_for("fullname")
        carla.wait_for_line(">")
        carla.type(f"watch 1 employee list{ENTER}")
        carla.wait_for("every 1 s", times=2)
        carla.type(CTRL_C)
        carla.wait_for("watched")
        carla.wait_for_line(">")
        carla.type(f"settings set clipboard on{ENTER}")
        carla.wait_for("clipboard is on")
        carla.wait_for_line(">")
        carla.type(f"lock{ENTER}")
        carla.answer("password for carla:", PASSWORD)
        carla.wait_for("welcome back, carla")
        carla.wait_for_line(">")
        carla.type(f"exit{ENTER}")
        assert carla.ended() == 0
    assert b"\x1b" not in carla.sent
    assert PASSWORD.encode() not in carla.sent
