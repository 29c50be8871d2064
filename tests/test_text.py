"""Text from people: what is done to it before it is shown, compared or counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
