"""The shell in real terminals: three people at work at once, narrow and dumb screens, and Ctrl-C at bad moments."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.company import PASSWORD, Company
from tests.records import sql
from tests.terminal import PROGRAM, Terminal

CTRL_C, CTRL_D, CTRL_Z, ENTER, DOWN, TAB = "\x03", "\x04", "\x1a", "\r", "\x1b[B", "\t"
ALICE, CARLA, SAM = "trois petits chats bleus", "le chapeau de paille vert", "un parapluie dans le hall"

Open = Callable[..., Terminal]


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    """Opens terminals in one folder, and closes them at the end."""
    with ExitStack() as stack:

        def opened(
            *flags: str, columns: int = 80, lines: int = 24, program: Sequence[str] = PROGRAM, **environ: str
        ) -> Terminal:
            terminal = Terminal(tmp_path, *flags, columns=columns, lines=lines, environ=environ, program=program)
            terminal._child.logfile_read = io.BytesIO()
            return stack.enter_context(terminal)

        yield opened


@pytest.fixture
def at_work(sqlite_company: Company, open_terminal: Open) -> Open:
    """Opens terminals in which somebody of the company is logged in already."""

    def opened(username: str, *flags: str, columns: int = 80, lines: int = 24, **environ: str) -> Terminal:
        flags = ("--database", sqlite_company.url, "--user", username, *flags)
        terminal = open_terminal(*flags, columns=columns, lines=lines, CRM_PASSWORD=PASSWORD, **environ)
        terminal.wait_for("Welcome")
        terminal.wait_for_line(">")
        return terminal

    return opened


def raw(terminal: Terminal) -> bytes:
    """Every byte the terminal was sent."""
    log = terminal._child.logfile_read
    assert isinstance(log, io.BytesIO)
    return log.getvalue()


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    """Pull at the corner of the window."""
    terminal._screen.resize(lines, columns)
    terminal._child.setwinsize(lines, columns)


def press(terminal: Terminal, keys: str, answer: str) -> None:
    """Press keys that end a line, and wait for one more of an answer and the next prompt."""
    times = terminal.text.count(answer) + 1
    terminal.type(keys + ENTER)
    terminal.wait_for(answer, times=times)
    terminal.wait_for_line(">")


def say(terminal: Terminal, line: str, answer: str) -> None:
    """Enter a line at the prompt."""
    terminal.wait_for_line(">")
    press(terminal, line, answer)


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
    carla, sam = open_terminal("--user", "carla"), open_terminal("--user", "sam", columns=120, lines=40)
    _begin(carla, first["carla"], CARLA)
    _begin(sam, first["sam"], SAM)

    say(sam, "customer add 'Nobody'", "customer add is for commercial, and sam has the role support")
    say(carla, "customer add 'Éloïse Roy' --company ACME --phone 0612345678", "customer 1 is added")
    say(carla, "contract add 1 1000", "contract add is for administrator, and carla has the role commercial")
    alice.type("contract add elo")
    alice.wait_for("Éloïse Roy · ACME · carla")
    press(alice, f"{DOWN}{ENTER} '1 000,50 €'", "is drawn up")
    say(alice, "contract add-payment @contract 1", "is not signed")
    say(sam, "contract sign 0000", "contract sign is for administrator or commercial, and sam has the role support")
    carla.type("contract sign ")
    carla.wait_for("1 000.50 €, not signed")
    press(carla, DOWN + ENTER, "is signed")
    say(sam, "contract add-payment 0000 1", "contract add-payment is for administrator or commercial")
    say(carla, "contract add-payment @contract 400,50", "400.50 € received")
    say(carla, "contract add-payment @contract 600.01", "is more than the 600.00 € that remain")
    say(carla, "contract add-payment @contract 600 --method card", "600.00 € received")
    say(alice, "event add @contract Gala", "event add is for commercial, and alice has the role administrator")
    say(carla, "event add @contract Gala --start '1/7/2027 19:00' --end '2/7/2027 01:00'", "event 1 is planned")
    say(carla, "event set-support 1 sam", "event set-support is for administrator, and carla has the role commercial")
    say(sam, "event update 1 --attendees 80", "event 1 is assigned to nobody yet")
    say(alice, "event set-support 1 sam", "event 1 is assigned to sam")
    say(alice, "event update 1 --attendees 80", "event update is for support, and alice has the role administrator")
    say(sam, "event update 1 --attendees 80 --append-note 'Le traiteur arrive à 17h'", "* attendees    80")
    say(alice, "database check", "no problems")

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
    terminal._wait(lambda: any(line.rstrip().endswith(" min left") for line in terminal._screen.display), "a toolbar")
    return next(line.rstrip() for line in terminal._screen.display if line.rstrip().endswith(" min left"))


def test_a_narrow_screen_shows_who_and_how_long(at_work: Open, sqlite_company: Company) -> None:
    sqlite_company.customer("Anne-Cécile Delacroix-Saint-Exupéry de la Tour du Pin")
    carla = at_work("carla", columns=40, lines=20)
    assert _bar(carla).startswith(" carla · commercial · ")
    say(carla, "customer list", "1 customer")
    carla.type("customer detail anne")
    carla.wait_for("Anne-Cécile", times=2)
    assert _bar(carla).startswith(" customer: the customer · ")


def test_a_window_that_changes_its_size_is_drawn_anew(at_work: Open) -> None:
    carla = at_work("carla", columns=120, lines=40)
    carla.type("employee li")
    carla.wait_for("List the staff by username.")
    resize(carla, 60, 15)
    carla.type("st")
    carla.wait_for_line("employee list")
    press(carla, "", "7 employees")
    resize(carla, 110, 30)
    say(carla, "employee detail sam", "Sam Łukasz")
    assert _bar(carla).startswith(" carla · commercial · ")


def test_a_dumb_terminal_is_sent_text_alone_and_shows_no_password(open_terminal: Open, sqlite_company: Company) -> None:
    carla = open_terminal("--database", sqlite_company.url, "--user", "carla", TERM="dumb", PAGER="less -SRFX")
    carla.answer("password:", PASSWORD)
    carla.wait_for("Welcome")
    say(carla, "employee list", "7 employees")
    say(carla, "employee lst", "did you mean `employee list`?")
    carla.type(f"auth login alice{ENTER}")
    carla.wait_for_line("password:")
    carla.type(CTRL_C)
    carla.wait_for("\nabandoned; nothing was changed")
    say(carla, "help permissions", "event update")  # longer than the screen: no pager asks for a key
    assert b"\x1b" not in raw(carla)
    assert PASSWORD not in carla.text


@pytest.mark.parametrize(("flags", "environ"), [((), {"NO_COLOR": "1"}), (("--no-color",), {})])
def test_no_colour_means_none_anywhere(at_work: Open, flags: tuple[str, ...], environ: dict[str, str]) -> None:
    carla = at_work("carla", *flags, **environ)
    carla.type("employee detail sam --fromat")
    carla.wait_for_line("--fromat")
    press(carla, "", "hint: did you mean")
    renditions = {code for group in re.findall(rb"\x1b\[([0-9;]*)m", raw(carla)) for code in group.split(b";")}
    assert not {code for code in renditions if len(code) == 2 and code[:1] in b"3491"}


def test_what_is_stored_never_acts_on_the_terminal(at_work: Open, sqlite_company: Company) -> None:
    customer = sqlite_company.customer()
    evil = "\x1b]0;pwned\x07\x1b[2J\x9b2Jevil\u202e"
    sql("UPDATE customer SET fullname = ?, company = ? WHERE id = ?", evil, evil, customer)
    carla = at_work("carla")
    carla.type("customer detail ")
    carla.wait_for("evil")
    press(carla, "1", "created at")
    say(carla, "customer list", "1 customer")
    assert b"\x1b]0;pwned" not in raw(carla)
    assert "\u202e" not in raw(carla).decode()


def test_a_long_answer_goes_through_the_pager_which_may_leave_early(at_work: Open) -> None:
    carla = at_work("carla", lines=10, PAGER="head -4 | sed s/^/paged:/")
    say(carla, "help permissions", "paged:auth login")
    say(carla, "help exit", "Leave the shell")


# Bad moments


def test_the_shell_is_suspended_at_the_prompt_and_in_a_question(open_terminal: Open, sqlite_company: Company) -> None:
    job_control = ("bash", "--norc", "--noprofile", "-i")
    outer = open_terminal(program=job_control, CRM_PASSWORD=PASSWORD, PS1="outer$ ")
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


def test_ctrl_c_never_ends_the_shell(at_work: Open) -> None:
    alice = at_work("alice")
    for times, line in enumerate(("employee list", "database check", "customer add", "help permissions") * 3):
        alice.type(line + ENTER + CTRL_C * (times + 1))
    say(alice, "help exit", "Leave the shell")
    alice.type(CTRL_D)
    assert alice.ended() == 0


def test_a_terminal_that_is_closed_leaves_nothing_open(at_work: Open, sqlite_company: Company) -> None:
    carla = at_work("carla")
    say(carla, "begin", "a transaction is open")
    say(carla, "customer add 'Ana Peña'", "customer 1 is added")
    carla._child.close(force=True)
    sqlite_company.customer("Zoé Roy")
    assert sql("SELECT fullname FROM customer") == [("Zoé Roy",)]


def test_the_lines_of_a_script_are_run_by_source(at_work: Open, tmp_path: Path) -> None:
    (tmp_path / "morning.crm").write_text("customer add 'Ana Peña'\ncustomer ad\ncustomer add 'Lost'\n", "utf-8")
    carla = at_work("carla")
    carla.type("source morn")
    carla.wait_for("morning.crm")
    press(carla, TAB + ENTER, "morning.crm:2:10: there is no command `customer ad`")
    assert "customer 1 is added" in carla.text
    say(carla, "source nowhere.crm", "nowhere.crm cannot be read")
    assert sql("SELECT fullname FROM customer") == [("Ana Peña",)]


def test_a_script_run_by_source_writes_over_nothing_that_changed_since_it_was_shown(
    at_work: Open, sqlite_company: Company, tmp_path: Path
) -> None:
    sqlite_company.must("customer add 'Ana Peña' --company Été", by="carla")
    (tmp_path / "rename.crm").write_text("customer update 1 --company 'Été SA'\n", "utf-8")
    carla = at_work("carla")
    say(carla, "customer detail 1", "Ana")
    for line, by in (
        ("customer set-commercial 1 colin", "alice"),
        ("customer update 1 --company 'Été SARL'", "colin"),
        ("customer set-commercial 1 carla", "alice"),
    ):
        sqlite_company.must(line, by=by)
    say(carla, "source rename.crm", "rename.crm:1: customer 1: company was Été when you saw it")
    say(carla, "customer detail 1", "Été SARL")
    say(carla, "source rename.crm", "Été SA")
    assert sql("SELECT company FROM customer") == [("Été SA",)]


def test_rubbish_bytes_and_long_lines_are_answered(at_work: Open) -> None:
    carla = at_work("carla")
    carla._child.send(b"customer detail \xff\xfe\x00" + ENTER.encode())
    carla.wait_for("there is no customer")
    carla.type(f"\x1b[200~customer add '{'x' * 3000}'\x1b[201~{ENTER}")
    carla.wait_for("255")
    carla.type("source ~nobody-of-this-name/")
    press(carla, "x", "cannot be read")
    assert "Traceback" not in carla.text
    assert "Press ENTER" not in carla.text
