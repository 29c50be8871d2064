"""A day's work on real screens: data moved out of a line, comforts of the prompt, and a session that ends meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import PASSWORD, Company
from tests.keys import CTRL_C, ENTER
from tests.terminal import Size, Terminal, at_work, program_that_idles


@pytest.fixture
def with_customers(sqlite_company: Company) -> Company:
    """The company with three customers of carla's."""
    for name in ("Éloïse d'Été", "Li Na", "Zoé Roy"):
        sqlite_company.customer(name)
    return sqlite_company


@pytest.fixture
def carla(size: Size, with_customers: Company, tmp_path: Path) -> Iterator[Terminal]:
    """Carla at a terminal of each size."""
    with at_work(with_customers, tmp_path, size=size) as terminal:
        yield terminal


def test_data_goes_into_a_file_and_through_a_command(carla: Terminal, tmp_path: Path) -> None:
    carla.say("customer list > c.csv", "written to c.csv")
    assert len((tmp_path / "c.csv").read_text("utf-8").splitlines()) == 4
    carla.say("customer list > c.csv", "hint: write >!")
    carla.say("customer list --format tsv | cut -f2 | grep -c o", "\n2")
    carla.say("customer list | exit 3", "ended with exit status 3")


def test_watching_and_locking_have_a_screen_of_their_own(carla: Terminal) -> None:
    carla.say("alias mine = customer list --columns id,fullname", "stands for")
    carla.say("mine", "Zoé Roy")
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
    assert carla.sent.count(b"\x1b[?1049h") == carla.sent.count(b"\x1b[?1049l") == 2  # pyte draws both on one


def test_an_id_goes_to_the_clipboard_once_that_is_wanted(carla: Terminal) -> None:
    carla.say("customer detail 2", "created at")
    carla.say("clip", "the clipboard is off")
    carla.say("settings set clipboard on", "clipboard is on")
    carla.say("clip", "is on the clipboard")
    assert carla.sent.count(b"\x1b]52;c;Mg==\x07") == 1


def test_a_session_that_has_ended_asks_in_place_and_runs_the_line_once(
    size: Size, with_customers: Company, tmp_path: Path
) -> None:
    with at_work(with_customers, tmp_path, size=size, program=program_that_idles(1)) as carla:
        carla.wait_for_bar("expired")
        carla.type(f"customer add 'Ana Peña' --company X{ENTER}")
        carla.wait_for("the session has expired")
        carla.wait_for_line("password for carla:")
        carla.type(PASSWORD + ENTER)
        carla.wait_for("customer 4 is added")
        carla.wait_for_line("carla commercial>")
        assert PASSWORD not in carla.text
