"""Text from people: what is done to it before it is shown, compared or counted."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth, wcwidth

from crmshell.text import fold, plural, safe, shorten, width, wrapped


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


@given(st.text(st.sampled_from("ab é長😀\u0301")), st.integers(1, 20))
def test_a_text_is_folded_at_its_blanks_and_loses_nothing_else(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns or " " not in line.strip() for line in lines)


def test_a_long_text_is_folded_at_a_cost_that_grows_with_it_and_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Mock(side_effect=width)
    monkeypatch.setattr("crmshell.text.width", measured)
    note = "Été à l'école " * 1000
    assert len(wrapped(note, 60)) > 200
    assert sum(len(call.args[0]) for call in measured.call_args_list) < 30 * len(note)


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


@pytest.mark.parametrize("columns", [24, 40, 60, 80])
def test_a_command_that_is_proposed_is_not_broken(columns: int) -> None:
    text = "62 may be 61 entered twice: the same phone. If so, `customer merge 62 61` makes one of both, or `undo`"
    lines = wrapped(text, columns)
    assert " ".join(lines) == text
    assert all(width(line) <= columns for line in lines)
    assert sum("`customer merge 62 61`" in line for line in lines) == 1


def test_what_stands_between_backticks_is_broken_where_it_fits_no_line() -> None:
    assert wrapped("see `one two three`", 10) == ["see `one", "two three`"]
