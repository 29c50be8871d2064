"""A day's work on real screens: data moved out of a line, comforts of the prompt, and a session that ends meanwhile."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.company import PASSWORD, Company
from tests.terminal import PROGRAM, Terminal

SIZES = [(80, 24), (120, 40), (40, 20)]
CTRL_C, ENTER = "\x03", "\r"
SHORT_SESSION = (
    *(sys.executable, "-c"),
    "from crmshell import session; session.IDLE_SECONDS = 1; from crmshell.__main__ import console; console()",
)

Open = Callable[..., Terminal]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def open_carla(request: pytest.FixtureRequest, sqlite_company: Company, tmp_path: Path) -> Iterator[Open]:
    """Opens Carla's terminal of each size; she has three customers."""
    columns, lines = request.param
    for name in ("Éloïse d'Été", "Li Na", "Zoé Roy"):
        sqlite_company.customer(name)
    flags = ("--database", sqlite_company.url, "--user", "carla")
    with ExitStack() as stack:

        def opened(program: tuple[str, ...] = PROGRAM) -> Terminal:
            environ = {"CRM_PASSWORD": PASSWORD}
            terminal = Terminal(tmp_path, *flags, columns=columns, lines=lines, environ=environ, program=program)
            terminal._child.logfile_read = io.BytesIO()
            stack.enter_context(terminal)
            terminal.wait_for_line("carla commercial>")
            return terminal

        yield opened


def _say(terminal: Terminal, line: str, answer: str) -> None:
    """Enter a line, wait for one more of its answer, and for the next prompt."""
    times = terminal.text.count(answer) + 1
    terminal.type(line + ENTER)
    terminal.wait_for(answer, times=times)
    terminal.wait_for_line("carla commercial>")


def _sent(terminal: Terminal) -> bytes:
    """Every byte the terminal was sent."""
    log = terminal._child.logfile_read
    assert isinstance(log, io.BytesIO)
    return log.getvalue()


def test_data_goes_into_a_file_and_through_a_command(open_carla: Open, tmp_path: Path) -> None:
    carla = open_carla()
    _say(carla, "customer list > c.csv", "written to c.csv")
    assert len((tmp_path / "c.csv").read_text("utf-8").splitlines()) == 4
    _say(carla, "customer list > c.csv", "hint: write >!")
    _say(carla, "customer list --format tsv | cut -f2 | grep -c o", "\n2")
    _say(carla, "customer list | exit 3", "ended with exit status 3")


def test_watching_and_locking_have_a_screen_of_their_own(open_carla: Open) -> None:
    carla = open_carla()
    _say(carla, "alias mine = customer list --columns id,fullname", "stands for")
    _say(carla, "mine", "Zoé Roy")
    carla.type(f"watch 1 mine{ENTER}")
    carla.wait_until_shown("every 1 s")
    carla.wait_until_shown("Li Na")
    carla.type(CTRL_C)
    carla.wait_for("watched")
    carla.type(f"lock{ENTER}")
    carla.wait_for_line("password for carla:")
    assert not any("Zoé Roy" in row for row in carla.screen.display)
    carla.type(PASSWORD + ENTER)
    carla.wait_for("welcome back, carla")
    carla.wait_for_line("carla commercial>")
    sent = _sent(carla)
    assert sent.count(b"\x1b[?1049h") == sent.count(b"\x1b[?1049l") == 2  # pyte draws both on one


def test_an_id_goes_to_the_clipboard_once_that_is_wanted(open_carla: Open) -> None:
    carla = open_carla()
    _say(carla, "customer detail 2", "created at")
    _say(carla, "clip", "the clipboard is off")
    _say(carla, "settings set clipboard on", "clipboard is on")
    _say(carla, "clip", "is on the clipboard")
    assert _sent(carla).count(b"\x1b]52;c;Mg==\x07") == 1


def test_a_session_that_has_ended_asks_in_place_and_runs_the_line_once(open_carla: Open) -> None:
    carla = open_carla(SHORT_SESSION)
    carla.wait_for_bar("expired")
    carla.type(f"customer add 'Ana Peña' --company X{ENTER}")
    carla.wait_for("the session has expired")
    carla.wait_for_line("password for carla:")
    carla.type(PASSWORD + ENTER)
    carla.wait_for("customer 4 is added")
    carla.wait_for_line("carla commercial>")
    assert PASSWORD not in carla.text
