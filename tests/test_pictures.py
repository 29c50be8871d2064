"""The pictures of the README: each is drawn from a session, and shows what was on the screen."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pyte
import pytest

from tests.pictures import FOLDER, SESSIONS, picture, svg
from tests.reference import README


def _texts(drawn: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]


def test_a_screen_is_drawn_with_its_colours_and_every_character_harmless() -> None:
    screen = pyte.Screen(20, 4)
    pyte.Stream(screen).feed("\x1b[1;31mÉté <&>\x1b[0m\r\n\x1b[7m 李 \x1b[0m")
    drawn = svg(screen, "a title with <&>")
    assert _texts(drawn) == ["Été <&>", "李"]
    assert 'font-weight="bold"' in drawn
    assert "#ff7a85" in drawn


def test_the_readme_shows_every_picture_there_is() -> None:
    shown = README.read_text("utf-8")
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(SESSIONS)
    assert all(f"docs/pictures/{name}.svg" in shown for name in SESSIONS)


@pytest.mark.slow
def test_the_menu_is_drawn_from_a_real_session(tmp_path: Path) -> None:
    drawn = picture("menu", tmp_path)
    assert any("12 450.00 €, not signed" in text for text in _texts(drawn))
    assert "5611d818" in drawn
