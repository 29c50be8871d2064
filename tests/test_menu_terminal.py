"""The menu on real screens: what the database holds stays in its columns, whatever it is written in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.company import Company
from tests.keys import CTRL_C, DOWN
from tests.records import sql
from tests.terminal import Size, Terminal, at_work

NAMES = [
    "Éloïse d'Été",
    "\x1b]0;pwned\x07\x1b[2J\x1b[31mRouge",
    "[/] [bold]Gras[/bold] {0} %s",
    "李小龙 한국 ｱﾆﾒ",
    "Zoe\u0301 Le\u0301ger",
    "👩‍👩‍👧 Famille 🇫🇷",
    "\u202eesrevne\u202c",
    "Ł" * 255,
]


@pytest.fixture
def crowded(sqlite_company: Company) -> Company:
    """Customers with names that could harm, each with a company of the same."""
    for number, name in enumerate(NAMES, start=1):
        sqlite_company.customer(f"Client {number}")
        sql("UPDATE customer SET fullname = ?, company = ? WHERE id = ?", name, name, number)
    sqlite_company.contract(4)
    return sqlite_company


@pytest.fixture
def carla(size: Size, crowded: Company, tmp_path: Path) -> Iterator[Terminal]:
    """Carla at a terminal of each size."""
    with at_work(crowded, tmp_path, size=size) as terminal:
        yield terminal


def _menu(terminal: Terminal) -> list[list[tuple[int, str]]]:
    """The rows of the menu, each as its stretches of one background: where it begins, and its text."""
    terminal.settle()
    columns, rows = terminal.screen.columns, []
    for line in range(terminal.screen.cursor.y + 1, terminal.screen.lines - 1):
        cells = terminal.screen.buffer[line]
        stretches = groupby(range(columns), key=lambda column, cells=cells: cells[column].bg)  # type: ignore[misc]
        shown = [(bg, list(places)) for bg, places in stretches]
        row = [(places[0], "".join(cells[place].data for place in places)) for bg, places in shown if bg != "default"]
        if row:
            rows.append(row)
    return rows


def test_a_menu_of_any_names_stands_in_its_columns_and_does_no_harm(carla: Terminal) -> None:
    carla.type("customer detail ")
    carla.wait_for("Rouge")
    rows = _menu(carla)
    assert len(rows) >= 7
    assert {tuple(begin for begin, _ in row) for row in rows} == {tuple(begin for begin, _ in rows[0])}
    assert "pwned" not in carla.screen.title
    metas = {row[0][1].strip(): row[1][1].strip() for row in rows}
    assert metas["2"].startswith("␛]0;pwned␇␛[2J␛[31mRouge")
    assert metas["3"].startswith("[/] [bold]Gras[/bold] {0} %")
    assert metas["4"].startswith("李小龙 한국 ｱﾆﾒ")
    assert metas["5"].startswith("Zoé Léger")
    assert metas["6"].startswith("👩👩👧 Famille 🇫🇷")
    assert metas["7"].startswith("\\u202eesrevne\\u202c")
    assert metas["8"].startswith("ŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁŁ")
    assert metas["8"].endswith("…")
    carla.type(DOWN)
    carla.wait_for_line("customer detail 8")
    carla.type("\r\r")
    carla.wait_for("created at")


def test_a_contract_is_chosen_by_the_words_of_its_customer_on_any_screen(carla: Terminal) -> None:
    carla.type("contract sign client")
    carla.wait_for("1 000.")
    ((_, handle), (_, meta), *_), *others = _menu(carla)
    assert not others
    wide, narrow = "李小龙 한국 ｱﾆﾒ · 1 000.00 €, not signed", "李小龙 한국 ｱ… · 1 000.00 €"
    assert meta.strip().startswith(wide if carla.screen.columns > 40 else narrow)
    carla.type("\t")
    carla.wait_for(f"contract sign {handle.strip()}")


def test_what_is_said_of_entries_of_any_width_ends_where_the_screen_does(carla: Terminal) -> None:
    for typed in ("customer ", "contract list --"):
        carla.type(typed)
        rows = _menu(carla)
        assert len(rows) > 6
        assert not any("..." in text for row in rows for _, text in row)
        carla.type(CTRL_C)
        carla.wait_until_gone(rows[0][1][1])


def test_the_day_of_an_event_is_told_on_any_screen(carla: Terminal, crowded: Company) -> None:
    event = crowded.event(crowded.signed(3), "--start '2028-05-17 13:00' --end '2028-05-17 15:00'")
    sql("UPDATE event SET name = ?", "Récital d'été au bord de l'eau")
    carla.type("event detail ")
    carla.wait_for("· 2028-05-17")
    (_, handle), (_, meta), *_ = _menu(carla)[-1]
    assert (handle.strip(), meta.startswith(" Récital d'ét")) == (str(event), True)


def test_texts_of_three_hundred_characters_keep_their_place_wherever_they_are_shown(
    carla: Terminal, crowded: Company
) -> None:
    event = crowded.event(crowded.signed(8))
    sql("UPDATE customer SET note = ? WHERE id = 8", f"\x1b]0;pwned\x07{'長' * 300}")
    sql("UPDATE event SET name = ?, note = ?", "Ш" * 255, "n" * 300)
    columns = carla.screen.columns

    def shown(line: str, sign: str) -> list[str]:
        carla.type(f"{line}\r")
        carla.wait_for(sign)
        carla.wait_for_line("carla commercial>")
        carla.settle()
        return carla.text.rpartition("carla commercial> ")[2].splitlines()

    listed = shown("customer list --where 'id = 8'", "1 customer")
    assert any("ŁŁŁ…" in row for row in listed) == (columns >= 80)  # below that the list is of cards, and cuts nothing
    card = [row for row in shown("customer detail 8", "長長") if row.endswith("長長長長長")]
    assert {len(row) - len(row.lstrip()) for row in card[1:]} == {len("updated at  ")}
    assert "pwned" not in carla.screen.title
    if columns >= 80:
        assert any("ШШШ…" in row for row in shown("event list", "1 event"))
    shown(f"event detail {event}", "nnnnn")
    assert "is 300 characters long, more than 255" in " ".join(shown(f"customer add '{'É' * 300}'", "hint: type"))
    carla.type("event detail ")
    carla.wait_for("…")
    metas = {row[0][1].strip(): row[1][1].strip() for row in _menu(carla)}
    assert metas[str(event)].startswith("ШШШШШШ")
    assert metas["@event"].startswith(f"{event} · ШШШ")
