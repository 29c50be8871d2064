"""The toolbar on real screens: who and where, what is wrong with a line, and the time left, all in one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import Company
from tests.keys import CTRL_C, ENTER
from tests.terminal import Size, Terminal, at_work, program_that_idles


@pytest.fixture
def carla(size: Size, sqlite_company: Company, tmp_path: Path) -> Iterator[Terminal]:
    """Carla at a terminal of each size."""
    with at_work(sqlite_company, tmp_path, size=size) as terminal:
        terminal.wait_for_bar("left")
        yield terminal


def test_the_toolbar_says_who_and_where_and_how_long(carla: Terminal) -> None:
    assert carla.bar.startswith(" carla · commercial · ")
    assert carla.bar.endswith("crm.db · 29 min left" if carla.screen.columns > 40 else "29 min left")
    carla.type(f"begin{ENTER}")
    carla.wait_for_line("carla commercial (transaction)>")
    carla.wait_for_bar("carla · commercial")
    carla.type(f"rollback{ENTER}")
    carla.wait_for_line("carla commercial>")


def test_what_is_wrong_with_a_line_is_named_and_what_is_filled_in_explained(carla: Terminal) -> None:
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


def test_what_is_wrong_with_an_answer_is_named_below_it(carla: Terminal) -> None:
    carla.type(f"contract sign{ENTER}")
    carla.wait_for("contract uuid")
    carla.type("zzzz")
    carla.wait_for_bar("there is no contract zzzz")
    carla.type(CTRL_C)
    carla.wait_for("abandoned; nothing was changed")
    carla.wait_for_bar("carla · commercial")


def test_why_a_value_in_a_line_has_no_menu_is_said(carla: Terminal) -> None:
    carla.type("contract sign zz")
    carla.wait_for_bar("there is no contract zz")
    carla.type(" ")
    carla.wait_for_bar("Record that")
    carla.type(CTRL_C)
    carla.wait_for_bar("carla · commercial")


def test_the_time_turns_into_a_warning_before_it_is_over(size: Size, sqlite_company: Company, tmp_path: Path) -> None:
    with at_work(sqlite_company, tmp_path, size=size, program=program_that_idles(100)) as carla:
        carla.wait_for_bar(" s left")
        last = carla.screen.buffer[carla.screen.lines - 1]
        place = carla.bar.index(" s left")
        assert (last[place].fg, last[place].bold) == ("brown", True)
