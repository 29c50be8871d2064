"""The shell and who is logged in: coming in, and a session that ends in the middle of the work."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from crmshell.session import IDLE_SECONDS, Session
from crmshell.settings import Settings
from tests.company import PASSWORD, Company
from tests.keyboard import Keyboard
from tests.keys import CTRL_C, CTRL_D, CTRL_U, ENTER
from tests.records import sql

NEW = "another quiet lamp"
OWN = "a quiet lamp of mine"


# Coming in


def test_one_logs_in_until_it_works(sqlite_company: Company) -> None:
    with Keyboard(sqlite_company.visitor()) as keys:
        keys.answer("username:", "").answer("username:", "carla").answer("password:", "wrong")
        keys.expect("wrong username or password")
        keys.answer("username:", "carla").answer("password:", PASSWORD).expect("Welcome, Carla d'Été")
        assert PASSWORD not in keys.screen


def test_a_user_of_blanks_is_nobody(sqlite_company: Company) -> None:
    session = Session(Settings(database=sqlite_company.url, user="  "), sqlite_company.clock)
    with Keyboard(session) as keys:
        keys.answer("username:", "carla").answer("password:", PASSWORD).expect("Welcome, Carla d'Été")


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_one_may_leave_instead_of_logging_in(sqlite_company: Company, key: str) -> None:
    with Keyboard(sqlite_company.visitor()) as keys:
        keys.answer("username:", "carla").expect("password:").type(key)
        assert keys.ended() == 3


def test_the_first_administrator_is_asked_for_in_an_empty_database(sqlite_company: Company, tmp_path: Path) -> None:
    session = Session(Settings(database=str(tmp_path / "new.db")), sqlite_company.clock)
    with Keyboard(session) as keys:
        keys.expect("This database is empty").answer("username:", "a b").expect("a b has a character")
        keys.answer("username:", f"{CTRL_U}zoe").answer("full name:", " ").expect("hint:").answer(
            "full name:", "Zoé Lefèvre"
        )
        keys.answer("password (12 characters or more):", "Zoé Lefèvre-").expect("the name of its owner")
        keys.answer("password (12 characters or more):", NEW).answer("the same again:", NEW)
        keys.expect("Welcome, Zoé Lefèvre").enter("auth whoami").expect("administrator")
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_a_password_that_was_given_is_changed_first(sqlite_company: Company) -> None:
    sqlite_company.must("employee add 'Zoé Roy' zoe --role commercial")
    first = "first-password-once"
    with Keyboard(sqlite_company.visitor()) as keys:
        keys.answer("username:", "zoe").answer("password:", first).expect("has to be changed first")
        keys.answer("current password:", first).answer("new password:", NEW).answer("the same again:", NEW)
        keys.expect("your password is changed").enter("customer list").expect("no customers")


def test_nothing_else_is_run_until_it_is_changed(sqlite_company: Company) -> None:
    sqlite_company.must("employee add 'Zoé Roy' zoe --role commercial")
    first = "first-password-once"
    with Keyboard(sqlite_company.visitor()) as keys:
        keys.answer("username:", "zoe").answer("password:", first).expect("current password:").type(CTRL_C)
        keys.expect("abandoned").enter("customer add").expect("must be changed first").expect("hint: auth set-password")
        keys.enter("auth set-password").answer("current password:", first).answer("new password:", NEW)
        keys.answer("the same again:", NEW).expect("your password is changed").enter("customer add").expect("fullname")


def test_the_shell_stays_open_for_the_next_person(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("auth logout").expect("carla is logged out").expect("crm>").enter("customer list")
        keys.expect("nobody is logged in").enter("auth login alice").answer("password:", PASSWORD)
        keys.expect("logged in as alice, administrator").enter("customer list").expect("no customers")


# An end in the middle of the work


def test_an_expired_session_asks_for_the_password_and_runs_the_line_once(company: Company) -> None:
    with Keyboard.of(company) as keys:
        keys.expect("carla commercial>")
        company.hands.move(IDLE_SECONDS + 1)
        keys.enter("customer add 'Ana Peña' --company ACME").expect("the session has expired")
        keys.answer("password for carla:", PASSWORD).expect("customer 1 is added").enter("customer list")
        keys.expect("1 customer")


def test_the_password_comes_before_all_other_questions(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        sqlite_company.hands.move(IDLE_SECONDS + 1)
        keys.enter("customer add").answer("password for carla:", PASSWORD).answer("fullname", "Ana Peña")
        keys.answer("company", "").answer("email", "").expect("phone")
        sqlite_company.hands.move(IDLE_SECONDS + 1)
        keys.enter("").answer("password for carla:", PASSWORD).expect("customer 1 is added")


def test_a_wrong_password_leaves_the_line_and_enter_asks_again(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        sqlite_company.hands.move(IDLE_SECONDS + 1)
        keys.enter("customer add 'Ana Peña'").answer("password for carla:", "wrong")
        keys.expect("wrong password").expect("crm>").wait_for_line("customer add 'Ana Peña'")
        keys.type(ENTER).expect("password for carla:").type(CTRL_C).expect("abandoned")
        keys.expect("crm>").wait_for_line("customer add 'Ana Peña'")
        keys.type(ENTER).answer("password for carla:", PASSWORD).expect("customer 1 is added")
        keys.expect("carla commercial>").wait_for_line("")
    assert sql("SELECT count(*) FROM customer") == [(1,)]


def test_a_session_that_was_ended_says_why(company: Company) -> None:
    with Keyboard.of(company, "carla") as keys:
        keys.expect("carla commercial>")
        company.must(f"employee set-password carla --password '{NEW}'")
        keys.enter("customer list").expect("your password was changed")
        keys.answer("password for carla:", PASSWORD).expect("wrong password").wait_for_line("customer list")
        keys.type(ENTER).answer("password for carla:", NEW).expect("has to be changed first")
        keys.answer("current password:", NEW).answer("new password:", OWN).answer("the same again:", OWN)
        keys.expect("your password is changed").expect("no customers").expect("carla commercial>").wait_for_line("")


def test_a_line_waits_until_the_password_that_was_given_is_changed(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        sqlite_company.must(f"employee set-password carla --password '{NEW}'")
        keys.enter("customer add 'Ana Peña'").answer("password for carla:", NEW).expect("current password:")
        keys.type(CTRL_C).expect("abandoned").wait_for_line("customer add 'Ana Peña'").type(ENTER)
        keys.expect("must be changed first").expect("hint: auth set-password")
    assert sql("SELECT count(*) FROM customer") == [(0,)]


def test_a_line_that_changes_the_password_is_not_preceded_by_another_change(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        sqlite_company.must(f"employee set-password carla --password '{NEW}'")
        keys.enter("auth set-password").answer("password for carla:", NEW)
        keys.answer("current password:", NEW).answer("new password:", OWN).answer("the same again:", OWN)
        keys.expect("your password is changed").enter("customer list").expect("no customers")


def test_whoever_logs_in_later_or_unlocks_changes_a_given_password_too(sqlite_company: Company) -> None:
    sqlite_company.must("employee add 'Zoé Roy' zoe --role commercial")
    first = "first-password-once"
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("auth login zoe").answer("password:", first).expect("has to be changed first")
        assert "auth set-password" not in keys.screen
        keys.answer("current password:", first).answer("new password:", NEW).answer("the same again:", NEW)
        keys.expect("your password is changed").enter("lock").expect("locked by zoe")
        sqlite_company.must(f"employee set-password zoe --password '{OWN}'")
        keys.answer("password for zoe:", OWN).expect("welcome back").expect("has to be changed first")
        keys.answer("current password:", OWN).answer("new password:", NEW).answer("the same again:", NEW)
        keys.expect("your password is changed").enter("customer list").expect("no customers")


def test_somebody_else_may_take_over_an_ended_session(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "nils") as keys:
        keys.expect("nils none>")
        sqlite_company.must("employee deactivate nils")
        keys.enter("customer list").expect("your account was deactivated").answer("password for nils:", PASSWORD)
        keys.expect("nils is deactivated").wait_for_line("customer list").type(CTRL_C)
        keys.enter("auth login alice").answer("password:", PASSWORD).expect("logged in as alice")
        keys.enter("auth logout").expect("alice is logged out").enter("customer list").expect("nobody is logged in")
        assert "password for alice" not in keys.screen


def test_a_renamed_employee_goes_on_and_comes_back_under_the_new_name(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("carla commercial>")
        sqlite_company.must("employee update carla --username clara")
        keys.enter("customer list").expect("no customers").expect("clara commercial>")
        sqlite_company.hands.move(IDLE_SECONDS + 1)
        keys.enter("customer list").answer("password for clara:", PASSWORD).expect("no customers")
