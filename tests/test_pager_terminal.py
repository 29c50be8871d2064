"""The pager on real screens: a long answer of any texts stands in its columns there, and leaving it is harmless."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import PASSWORD, Company
from tests.keys import CTRL_C
from tests.records import sql
from tests.terminal import Size, Terminal, at_work

NAMES = [
    "\x1b]0;pwned\x07\x1b[2J\x1b[31mRouge",
    "李小龙 한국 ｱﾆﾒ",
    "[/] [bold]Gras[/bold] {0} %s",
    "\u202eesrevne\u202c",
    "Zoe\u0301 Le\u0301ger",
    "Ł" * 255,
]

pytestmark = pytest.mark.skipif(shutil.which("less") is None, reason="there is no less")


@pytest.fixture
def carla(size: Size, sqlite_company: Company, tmp_path: Path) -> Iterator[Terminal]:
    """Carla at a terminal of each size, with more customers than it has lines, their names such as could harm."""
    for number in range(1, 61):
        sqlite_company.customer(f"Client {number}")
        name = NAMES[number % len(NAMES)]
        sql("UPDATE customer SET fullname = ?, company = ?, note = ? WHERE id = ?", name, name, "長" * 300, number)
    with at_work(sqlite_company, tmp_path, size=size, environ={"PAGER": "less -SRFX", "LESS": ""}) as terminal:
        yield terminal


def test_a_page_of_any_texts_is_aligned_and_does_no_harm(carla: Terminal) -> None:
    carla.type("customer list --columns id,fullname,commercial\r")
    carla.wait_for_line(":")
    ends = [_end(carla, place) for place, row in enumerate(carla.screen.display) if row.rstrip().endswith(" carla")]
    if carla.screen.columns >= 80:  # below that each customer is a card
        assert len(ends) >= carla.screen.lines - 5
        assert len(set(ends)) == 1
    assert "pwned" not in carla.screen.title
    assert any("␛[31mRouge" in row for row in carla.screen.display)
    _leave(carla)


def test_a_text_longer_than_the_screen_is_read_to_its_end(carla: Terminal) -> None:
    sql("UPDATE customer SET note = ? WHERE id = 1", "長" * 6000)
    carla.type("customer detail 1\r")
    carla.wait_for_line(":")
    carla.type("G")
    carla.wait_for_line("(END)")
    assert "長長長" in carla.text
    _leave(carla)


def test_the_pager_is_left_by_q_and_not_by_ctrl_c(carla: Terminal) -> None:
    carla.type("customer list\r")
    carla.wait_for_line(":")
    carla.type(CTRL_C)
    carla.settle()
    _leave(carla)
    carla.type("auth whoami\r")
    carla.wait_for("Carla d'Été", times=2)


def test_one_command_at_a_terminal_is_read_in_the_pager_too_and_a_script_never_waits(
    sqlite_company: Company, tmp_path: Path
) -> None:
    for number in range(30):
        sqlite_company.customer(f"Client {number}")
    flags = ("--database", sqlite_company.url, "--user", "carla")
    environ = {"CRM_PASSWORD": PASSWORD, "PAGER": "less -SRFX", "LESS": ""}
    with Terminal(tmp_path, *flags, "customer", "list", environ=environ) as terminal:
        terminal.wait_for_line(":")
        terminal.type(CTRL_C)
        terminal.settle()
        terminal.type("q")
        assert terminal.ended() == 0
    with Terminal(tmp_path, *flags, "-c", "customer list", "-c", "customer list", environ=environ) as terminal:
        terminal.wait_for("30 customers", times=2)
        assert terminal.ended() == 0


def test_an_answer_is_not_lost_where_there_is_no_pager(sqlite_company: Company, tmp_path: Path) -> None:
    for number in range(30):
        sqlite_company.customer(f"Client {number}")
    environ = {"PAGER": "no-such-pager -X"}
    with at_work(sqlite_company, tmp_path, environ=environ) as carla:
        carla.type("customer list\r")
        carla.wait_for("30 customers")
        assert "Client 0" in carla.text


def _end(carla: Terminal, line: int) -> int:
    """The last column of a line in which there is something; a wide character fills two."""
    cells = carla.screen.buffer[line]
    return max(column for column in range(carla.screen.columns) if cells[column].data not in {" ", ""})


def _leave(carla: Terminal) -> None:
    carla.type("q")
    carla.wait_for_line("carla commercial>")
