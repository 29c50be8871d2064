"""The toolbar on real screens: who and where, what is wrong with a line, and the time left, all in one line."""

from __future__ import annotations

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
    "from crmshell import session; session.IDLE_SECONDS = 100; from crmshell.__main__ import console; console()",
)

Open = Callable[..., Terminal]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def open_carla(request: pytest.FixtureRequest, sqlite_company: Company, tmp_path: Path) -> Iterator[Open]:
    """Opens Carla's terminal of each size."""
    columns, lines = request.param
    flags = ("--database", sqlite_company.url, "--user", "carla")
    with ExitStack() as stack:

        def opened(program: tuple[str, ...] = PROGRAM) -> Terminal:
            environ = {"CRM_PASSWORD": PASSWORD}
            terminal = Terminal(tmp_path, *flags, columns=columns, lines=lines, environ=environ, program=program)
            stack.enter_context(terminal)
            terminal.wait_for_line("carla commercial>")
            terminal.wait_for_bar("left")
            return terminal

        yield opened


def test_the_toolbar_says_who_and_where_and_how_long(open_carla: Open, sqlite_company: Company) -> None:
    carla = open_carla()
    assert carla.bar.startswith(" carla · commercial · ")
    assert carla.bar.endswith("crm.db · 29 min left" if carla.screen.columns > 40 else "29 min left")
    carla.type(f"begin{ENTER}")
    carla.wait_for_line("carla commercial (transaction)>")
    carla.wait_for_bar("carla · commercial")
    carla.type(f"rollback{ENTER}")
    carla.wait_for_line("carla commercial>")


def test_what_is_wrong_with_a_line_is_named_and_what_is_filled_in_explained(open_carla: Open) -> None:
    carla = open_carla()
    for typed, said, colour in (
        ("contract lst ", "there is no command", "red"),
        ("contract list --mien ", "contract list has no", "red"),
        ("contract add ", "contract add is for", "red"),
        ("event add ", "contract: a signed", "default"),
    ):
        carla.type(typed)
        carla.wait_for_bar(said)
        assert carla.bar.endswith(" · 29 min left")
        assert carla.screen.buffer[carla.screen.lines - 1][2].fg == colour
        carla.type(CTRL_C)
        carla.wait_for_bar("carla · commercial")


def test_what_is_wrong_with_an_answer_is_named_below_it(open_carla: Open) -> None:
    carla = open_carla()
    carla.type(f"contract sign{ENTER}")
    carla.wait_for("contract uuid")
    carla.type("zzzz")
    carla.wait_for_bar("there is no contract zzzz")
    carla.type(CTRL_C)
    carla.wait_for("abandoned; nothing was changed")
    carla.wait_for_bar("carla · commercial")


def test_the_time_turns_into_a_warning_before_it_is_over(open_carla: Open) -> None:
    carla = open_carla(SHORT_SESSION)
    carla.wait_for_bar(" s left")
    last = carla.screen.buffer[carla.screen.lines - 1]
    place = carla.bar.index(" s left")
    assert (last[place].fg, last[place].bold) == ("brown", True)
