"""Text from people: what is done to it before it is shown, compared or counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth, wcwidth

from crmshell.text import fold, plural, safe, shorten, width


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "contract", "no contracts"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (3, "day", "3 days"),
        (2, "company", "2 companies"),
    ],
)
def test_things_are_counted_as_people_say_it(count: int, noun: str, said: str) -> None:
    assert plural(count, noun) == said


@given(st.text(), st.integers(0, 40))
def test_a_shortened_text_is_as_wide_as_it_may_be_and_begins_the_same(text: str, columns: int) -> None:
    shown = safe(text)
    cut = shorten(shown, columns)
    assert width(cut) <= columns or cut == shown
    assert shown.startswith(cut.removesuffix("…"))


def test_every_character_is_as_wide_as_wcwidth_says() -> None:
    shown = [char for code in range(0x110000) if not 0xD800 <= code < 0xE000 and safe(char := chr(code)) == char]
    assert {char: width(char) for char in shown} == {char: max(wcwidth(char), 0) for char in shown}


@given(st.lists(st.sampled_from(["é", "山", "か", "\u3099", "한", "e\u0301", "\u200b", "ヴ", "～", "a", "😀"])))
def test_a_text_is_as_wide_as_wcwidth_says(characters: list[str]) -> None:
    text = "".join(characters)
    assert width(text) == wcswidth(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
