"""The shell in real terminals: three people at work at once, narrow and dumb screens, and Ctrl-C at bad moments."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.company import PASSWORD, Company
from tests.keys import CTRL_C, CTRL_D, CTRL_Z, DOWN, ENTER, TAB
from tests.records import sql
from tests.terminal import Size, Terminal, at_work

ALICE, CARLA, SAM = "trois petits chats bleus", "le chapeau de paille vert", "un parapluie dans le hall"

Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    """Opens terminals in one folder, and closes them at the end."""
    with ExitStack() as stack:

        def opened(*flags: str, **how: Any) -> Terminal:
            return stack.enter_context(Terminal(tmp_path, *flags, **how))

        yield opened


@pytest.fixture
def log_in(sqlite_company: Company, tmp_path: Path) -> Iterator[Open]:
    """The same in which somebody of the company is logged in already."""
    with ExitStack() as stack:

        def opened(username: str, *flags: str, **how: Any) -> Terminal:
            return stack.enter_context(at_work(sqlite_company, tmp_path, username, *flags, **how))

        yield opened


# The workflow


def _begin(terminal: Terminal, first: str, chosen: str) -> None:
    """Log in for the first time."""
    terminal.answer("password:", first)
    terminal.wait_for("The password you were given has to be changed first.")
    for question, answer in (("current password:", first), ("new password:", chosen), ("the same again:", chosen)):
        terminal.answer(question, answer)
    terminal.wait_for("your password is changed")
    terminal.wait_for_line(">")


def _hire(alice: Terminal, fullname: str, username: str, role: str) -> str:
    """Answer what `employee add` asks; returns the password that is shown once."""
    alice.wait_for_line("alice administrator>")
    alice.type(f"employee add{ENTER}")
    for question, answer in (("fullname (", fullname), ("username (", username), ("role (", role)):
        alice.wait_for_line(_question(alice, question))
        alice.type(answer + ENTER)
    alice.wait_for(f"{username} is on the staff")
    alice.wait_for_line(">")
    return str(re.findall(r"^password +(\S{20})$", alice.text, re.MULTILINE)[-1])


def _question(terminal: Terminal, begin: str) -> str:
    """The whole of a question that begins so, once it is asked."""
    terminal._wait(lambda: terminal.line.startswith(begin), begin)
    return terminal.line


@pytest.mark.slow
def test_three_people_go_through_the_whole_workflow(open_terminal: Open) -> None:
    alice = open_terminal()
    for question, answer in (("username:", "alice"), ("full name:", "Alice Martin"), ("or more):", ALICE)):
        alice.answer(question, answer)
    alice.answer("the same again:", ALICE)
    first = {username: _hire(alice, *who) for username, who in STAFF.items()}
    carla, sam = open_terminal("--user", "carla"), open_terminal("--user", "sam", size=Size(120, 40))
    _begin(carla, first["carla"], CARLA)
    _begin(sam, first["sam"], SAM)

    sam.say("customer add 'Nobody'", "customer add is for commercial, and sam has the role support")
    carla.say("customer add 'Éloïse Roy' --company ACME --phone 0612345678", "customer 1 is added")
    carla.say("contract add 1 1000", "contract add is for administrator, and carla has the role commercial")
    alice.type("contract add elo")
    alice.wait_for("Éloïse Roy · ACME · carla")
    alice.press(f"{DOWN}{ENTER} '1 000,50 €'", "is drawn up")
    alice.say("contract add-payment @contract 1", "is not signed")
    sam.say("contract sign 0000", "contract sign is for administrator or commercial, and sam has the role support")
    carla.type("contract sign ")
    carla.wait_for("1 000.50 €, not signed")
    carla.press(DOWN + ENTER, "is signed")
    sam.say("contract add-payment 0000 1", "contract add-payment is for administrator or commercial")
    carla.say("contract add-payment @contract 400,50", "400.50 € received")
    carla.say("contract add-payment @contract 600.01", "is more than the 600.00 € that remain")
    carla.say("contract add-payment @contract 600 --method card", "600.00 € received")
    alice.say("event add @contract Gala", "event add is for commercial, and alice has the role administrator")
    carla.say("event add @contract Gala --start '1/7/2027 19:00' --end '2/7/2027 01:00'", "event 1 is planned")
    carla.say("event set-support 1 sam", "event set-support is for administrator, and carla has the role commercial")
    sam.say("event update 1 --attendees 80", "event 1 is assigned to nobody yet")
    alice.say("event set-support 1 sam", "event 1 is assigned to sam")
    alice.say("event update 1 --attendees 80", "event update is for support, and alice has the role administrator")
    sam.say("event update 1 --attendees 80 --append-note 'Le traiteur arrive à 17h'", "* attendees    80")
    alice.say("database check", "no problems")

    for terminal in (alice, carla, sam):
        terminal.type(f"rubbish{CTRL_C}")
        terminal.wait_for_line(">")
        terminal.type(CTRL_D)
        assert terminal.ended() == 0
        assert not any(secret in terminal.text for secret in (ALICE, CARLA, SAM))


STAFF = {"carla": ("Carla d'Été", "carla", "commercial"), "sam": ("Sam Roy", "sam", "support")}


# Screens


def _bar(terminal: Terminal) -> str:
    """The toolbar as it is on the screen."""
    terminal._wait(lambda: any(line.rstrip().endswith(" min left") for line in terminal.screen.display), "a toolbar")
    return next(line.rstrip() for line in terminal.screen.display if line.rstrip().endswith(" min left"))


def test_a_narrow_screen_shows_who_and_how_long(log_in: Open, sqlite_company: Company) -> None:
    sqlite_company.customer("Anne-Cécile Delacroix-Saint-Exupéry de la Tour du Pin")
    carla = log_in("carla", size=Size(40, 20))
    assert _bar(carla).startswith(" carla · commercial · ")
    carla.say("customer list", "1 customer")
    carla.type("customer detail anne")
    carla.wait_for("Anne-Cécile", times=2)
    assert _bar(carla).startswith(" customer: the customer · ")


def test_a_window_that_changes_its_size_is_drawn_anew(log_in: Open) -> None:
    carla = log_in("carla", size=Size(120, 40))
    carla.type("employee li")
    carla.wait_for("List the staff by username.")
    carla.resize(Size(60, 15))
    carla.type("st")
    carla.wait_for_line("employee list")
    carla.press("", "7 employees")
    carla.resize(Size(110, 30))
    carla.say("employee detail sam", "Sam Łukasz")
    assert _bar(carla).startswith(" carla · commercial · ")


def test_a_dumb_terminal_is_sent_text_alone_and_shows_no_password(open_terminal: Open, sqlite_company: Company) -> None:
    carla = open_terminal(
        "--database", sqlite_company.url, "--user", "carla", environ={"TERM": "dumb", "PAGER": "less -SRFX"}
    )
    carla.answer("password:", PASSWORD)
    carla.wait_for("Welcome")
    carla.say("employee list", "7 employees")
    carla.say("employee lst", "did you mean `employee list`?")
    carla.type(f"auth login alice{ENTER}")
    carla.wait_for_line("password:")
    carla.type(CTRL_C)
    carla.wait_for("\nabandoned; nothing was changed")
    carla.say("help permissions", "event update")  # longer than the screen: no pager asks for a key
    assert b"\x1b" not in carla.sent
    assert PASSWORD not in carla.text


@pytest.mark.parametrize(("flags", "environ"), [((), {"NO_COLOR": "1"}), (("--no-color",), {})])
def test_no_colour_means_none_anywhere(log_in: Open, flags: tuple[str, ...], environ: dict[str, str]) -> None:
    carla = log_in("carla", *flags, environ=environ)
    carla.type("employee detail sam --fromat")
    carla.wait_for_line("--fromat")
    carla.press("", "hint: did you mean")
    renditions = {code for group in re.findall(rb"\x1b\[([0-9;]*)m", carla.sent) for code in group.split(b";")}
    assert not {code for code in renditions if len(code) == 2 and code[:1] in b"3491"}


def test_what_is_stored_never_acts_on_the_terminal(log_in: Open, sqlite_company: Company) -> None:
    customer = sqlite_company.customer()
    evil = "\x1b]0;pwned\x07\x1b[2J\x9b2Jevil\u202e"
    sql("UPDATE customer SET fullname = ?, company = ? WHERE id = ?", evil, evil, customer)
    carla = log_in("carla")
    carla.type("customer detail ")
    carla.wait_for("evil")
    carla.press("1", "created at")
    carla.say("customer list", "1 customer")
    assert b"\x1b]0;pwned" not in carla.sent
    assert "\u202e" not in carla.sent.decode()


def test_a_long_answer_goes_through_the_pager_which_may_leave_early(log_in: Open) -> None:
    carla = log_in("carla", size=Size(80, 10), environ={"PAGER": "head -4 | sed s/^/paged:/"})
    carla.say("help permissions", "paged:auth login")
    carla.say("help exit", "Leave the shell")


# Bad moments


def test_the_shell_is_suspended_at_the_prompt_and_in_a_question(open_terminal: Open, sqlite_company: Company) -> None:
    job_control = ("bash", "--norc", "--noprofile", "-i")
    outer = open_terminal(program=job_control, environ={"CRM_PASSWORD": PASSWORD, "PS1": "outer$ "})
    outer.answer("outer$", f"{sys.executable} -m crmshell --database {sqlite_company.url} --user carla")
    for line, shown in (("customer li", "carla commercial> customer li"), (f"st{ENTER}customer add{ENTER}Zo", "): Zo")):
        outer.type(line)
        outer.wait_for_line(shown)
        outer.type(CTRL_Z)
        outer.answer("outer$", "fg")
        outer.wait_for_line(shown)
    outer.type("é Roy" + ENTER * 4)
    outer.wait_for("customer 1 is added")
    assert sql("SELECT fullname FROM customer") == [("Zoé Roy",)]


def test_ctrl_c_never_ends_the_shell(log_in: Open) -> None:
    alice = log_in("alice")
    for times, line in enumerate(("employee list", "database check", "customer add", "help permissions") * 3):
        alice.type(line + ENTER + CTRL_C * (times + 1))
    alice.say("help exit", "Leave the shell")
    alice.type(CTRL_D)
    assert alice.ended() == 0


def test_a_terminal_that_is_closed_leaves_nothing_open(log_in: Open, sqlite_company: Company) -> None:
    carla = log_in("carla")
    carla.say("begin", "a transaction is open")
    carla.say("customer add 'Ana Peña'", "customer 1 is added")
    carla.hung_up()
    sqlite_company.customer("Zoé Roy")
    assert sql("SELECT fullname FROM customer") == [("Zoé Roy",)]


def test_the_lines_of_a_script_are_run_by_source(log_in: Open, tmp_path: Path) -> None:
    (tmp_path / "morning.crm").write_text("customer add 'Ana Peña'\ncustomer ad\ncustomer add 'Lost'\n", "utf-8")
    carla = log_in("carla")
    carla.type("source morn")
    carla.wait_for("morning.crm")
    carla.press(TAB + ENTER, "morning.crm:2:10: there is no command `customer ad`")
    assert "customer 1 is added" in carla.text
    carla.say("source nowhere.crm", "nowhere.crm cannot be read")
    assert sql("SELECT fullname FROM customer") == [("Ana Peña",)]


def test_a_script_run_by_source_writes_over_nothing_that_changed_since_it_was_shown(
    log_in: Open, sqlite_company: Company, tmp_path: Path
) -> None:
    sqlite_company.must("customer add 'Ana Peña' --company Été", by="carla")
    (tmp_path / "rename.crm").write_text("customer update 1 --company 'Été SA'\n", "utf-8")
    carla = log_in("carla")
    carla.say("customer detail 1", "Ana")
    for line, by in (
        ("customer set-commercial 1 colin", "alice"),
        ("customer update 1 --company 'Été SARL'", "colin"),
        ("customer set-commercial 1 carla", "alice"),
    ):
        sqlite_company.must(line, by=by)
    carla.say("source rename.crm", "rename.crm:1: customer 1: company was Été when you saw it")
    carla.say("customer detail 1", "Été SARL")
    carla.say("source rename.crm", "Été SA")
    assert sql("SELECT company FROM customer") == [("Été SA",)]


def test_rubbish_bytes_and_long_lines_are_answered(log_in: Open) -> None:
    carla = log_in("carla")
    carla.type(b"customer detail \xff\xfe\x00" + ENTER.encode())
    carla.wait_for("there is no customer")
    carla.type(f"\x1b[200~customer add '{'x' * 3000}'\x1b[201~{ENTER}")
    carla.wait_for("255")
    carla.type("source ~nobody-of-this-name/")
    carla.press("x", "cannot be read")
    assert "Traceback" not in carla.text
    assert "Press ENTER" not in carla.text
