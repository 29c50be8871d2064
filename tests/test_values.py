"""Amounts, counts and texts read back exactly as they were written; whatever else is typed is refused with a hint."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmshell import values
from crmshell.errors import Refused
from crmshell.values import MAX_AMOUNT
from tests.refusals import FEW, MANY, any_text, assert_presentable, refusal

# fmt: off
NOT_AMOUNTS = [
    "", " ", "€", ".5", "5.", ",5", "-5", "+5", "(5)", "1e3", "nan", "inf", "Infinity", "0x10", "1_000", "٣",
    "\uff15", "1²", "1 23", "12 34", "1234 567", "1  234", "01 234", "0 123", "1.23.45", "1.234.56",
    "1,23,456.00", "1.234 567", "1 234 56", "1\u3000234", "€5€", "5 $", "5 € 20", "1'234.56", "5\n6",
    "\x1b[31m5", "\ud800", "douze",
]
NOT_COUNTS = ["", "-1", "+1", "1.5", "1,000", "1e3", "٣", "12 00", "1 2", "1000000000", "1 000 000 000"]
# fmt: on

names = st.sampled_from(
    [
        "Anne-Laure Lefèvre",
        "Jérôme d'Été",
        "Zoé O'Brien",
        "Gaëlle Le Goff-Kerbrat",
        "王小明",
        "田中 花子",
        "김민준",
        "Łódź Søren Øyvind",
        "Société Générale d'Événements & Fils (Île-de-France)",
        "مريم",
    ]
)
amounts = st.integers(0, MAX_AMOUNT)


# Amounts


def grouped(units: int, separator: str) -> str:
    """Write the euros of an amount in groups of three."""
    return f"{units:,}".replace(",", separator)


def ungrouped_notations(cents: int) -> list[str]:
    """Write an amount in the ways that use no groups."""
    units, rest = divmod(cents, 100)
    return [f"{units}.{rest:02}", f"{units},{rest:02} €"]


def grouped_notations(cents: int) -> list[str]:
    """Write an amount in the ways that use groups."""
    units, rest = divmod(cents, 100)
    spaced = [f"{grouped(units, space)}{mark}{rest:02}" for space in " \u00a0\u202f\u2009" for mark in ".,"]
    return [*spaced, f"{grouped(units, '.')},{rest:02}", f"{grouped(units, ',')}.{rest:02}"]


def shorter_notations(cents: int) -> list[str]:
    """Write an amount without the decimals that are zero."""
    units, rest = divmod(cents, 100)
    if rest == 0:
        return [f"{units}", f"{grouped(units, ' ')} €"]
    return [f"{units}.{rest // 10}", f"{units},{rest // 10}"] if rest % 10 == 0 else []


@pytest.mark.slow
def test_every_amount_up_to_1000_euros_reads_back_exactly() -> None:
    """With point and comma, with and without the decimals that are zero."""
    for cents in range(100_001):
        for notation in ungrouped_notations(cents) + shorter_notations(cents):
            assert values.parse_amount(notation) == cents, notation


@FEW
@given(amounts)
@example(100_000)
@example(MAX_AMOUNT)
def test_every_notation_of_any_amount_reads_back_exactly(cents: int) -> None:
    """Groups of three with every space, point and comma; the currency before or after; blanks around."""
    for notation in ungrouped_notations(cents) + grouped_notations(cents) + shorter_notations(cents):
        for typed in (notation, f"  {notation}\u00a0"):
            assert values.parse_amount(typed) == cents, typed
    for notation in ungrouped_notations(cents)[:1] + grouped_notations(cents):
        for typed in (f"€{notation}", f"€ {notation}", f"EUR {notation}", f"{notation}\u202f€", f"{notation} eur"):
            assert values.parse_amount(typed) == cents, typed


@FEW
@given(amounts)
def test_what_is_shown_can_be_typed(cents: int) -> None:
    """The two ways an amount is shown are ways it is read."""
    assert values.parse_amount(values.format_amount(cents)) == cents
    assert values.parse_amount(values.plain_amount(cents)) == cents


def test_amounts_are_shown_with_a_space_between_thousands() -> None:
    """Plain spaces for people, none for programs, the sign in front of both."""
    assert values.format_amount(123_456) == "1 234.56 €"
    assert values.format_amount(MAX_AMOUNT) == "99 999 999.99 €"
    assert [values.format_amount(cents) for cents in (0, 5, -5, -500)] == ["0.00 €", "0.05 €", "-0.05 €", "-5.00 €"]
    assert [values.plain_amount(cents) for cents in (0, 123_456, -5)] == ["0.00", "1234.56", "-0.05"]


@pytest.mark.parametrize("text", NOT_AMOUNTS)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    """Signs, exponents, other digits, groups that are not of three."""
    refused = refusal(lambda: values.parse_amount(text))
    assert refused.message.endswith(" is not an amount")
    assert refused.hint == "type an amount such as 1234.56 or 1 234,56 €"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.234", "type 1234.00 or 1.23"),
        ("1,234", "type 1234.00 or 1.23"),
        ("10.005", "type 10005.00 or 10.00"),
        ("€ 123,456", "type 123456.00 or 123.45"),
        ("0.123", "type 0.12"),
        ("1.2345", "type 1.23"),
        ("1234.567", "type 1234.56"),
        ("1 234,567", "type 1234.56"),
        ("1,234,567.891", "type 1234567.89"),
    ],
)
def test_a_third_decimal_is_refused_with_what_may_have_been_meant(text: str, hint: str) -> None:
    """One separator before three digits may be either, so nobody guesses."""
    assert refusal(lambda: values.parse_amount(text)).hint == hint


@FEW
@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_thousands_and_decimals_are_never_confused(left: int, right: int, mark: str) -> None:
    """No amount is read from a single point or comma with three digits after it."""
    refused = refusal(lambda: values.parse_amount(f"{left}{mark}{right:03}"))
    assert refused.hint.startswith(f"type {left}{right:03}.00 or {left}.")


@FEW
@given(st.integers(MAX_AMOUNT + 1, 10**40))
def test_an_amount_above_the_largest_is_refused(cents: int) -> None:
    """The refusal says the maximum."""
    refused = refusal(lambda: values.parse_amount(f"{cents // 100}.{cents % 100:02}"))
    assert "is more than the largest amount, 99 999 999.99 €" in refused.message
    assert refused.hint == "type at most 99999999.99"


@pytest.mark.parametrize("text", ["9" * 6000, "9" * 6000 + ".999", "1" + ".000" * 2000])
def test_an_endless_amount_is_refused_in_a_short_sentence(text: str) -> None:
    """Python itself reads no more than 4300 digits."""
    refused = refusal(lambda: values.parse_amount(text))
    assert_presentable(refused)
    assert refused.hint == "type at most 99999999.99"
    assert values.parse_amount("0" * 6000 + "1,50") == 150


@MANY
@given(st.lists(st.integers(-(10**11), 10**11) | st.integers(0, 10**11), min_size=1, max_size=5))
def test_a_column_of_amounts_is_written_as_each_of_them(column: list[int]) -> None:
    assert values.format_amounts(column) == [values.format_amount(cents) for cents in column]
    plain = [values.format_amount(cents).removesuffix(" €").replace(" ", "") for cents in column]
    assert [values.plain_amount(cents) for cents in column] == plain


# Counts


@FEW
@given(st.integers(0, 999_999_999), st.sampled_from(" \u00a0\u202f\u2009"))
def test_counts_read_back(count: int, space: str) -> None:
    """With and without groups."""
    assert values.parse_count(f"{count}") == count
    assert values.parse_count(f" {grouped(count, space)} ") == count


@pytest.mark.parametrize("text", NOT_COUNTS)
def test_what_is_not_a_count_is_refused(text: str) -> None:
    """Nine digits at most, ASCII only."""
    assert "is not a whole number" in refusal(lambda: values.parse_count(text)).message


# Texts


@FEW
@given(names)
def test_names_are_kept(name: str) -> None:
    """Trimmed, composed, and otherwise as typed."""
    typed = f"  {unicodedata.normalize('NFD', name)}\u00a0\n"
    assert values.parse_text(typed, longest=255) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "\u00a0\u2060 \u3000"])
def test_a_text_must_not_be_empty(text: str) -> None:
    """Nor be made of what nobody can see."""
    assert "must not be empty" in refusal(lambda: values.parse_text(text, longest=255)).message


@pytest.mark.parametrize("control", ["\x00", "\t", "\x1b", "\x7f", "\x85", "\x9b", "\r", "\ud800"])
@pytest.mark.parametrize("lines", [False, True])
def test_control_characters_are_refused(control: str, lines: bool) -> None:
    """On one line and on several."""
    refused = refusal(lambda: values.parse_text(f"Zoé{control}Noël", longest=255, lines=lines))
    assert "has a control character in it" in refused.message
    assert_presentable(refused)


def test_line_feeds_are_for_notes() -> None:
    """CRLF becomes a line feed there."""
    note = "Traiteur à 18h\r\n\nVégétarien\r\n"
    assert values.parse_text(note, longest=255, lines=True) == "Traiteur à 18h\n\nVégétarien"
    assert "control character" in refusal(lambda: values.parse_text("Traiteur\n18h", longest=255)).message


def test_a_long_text_is_refused_with_its_length() -> None:
    """The length after trimming and composing counts."""
    assert values.parse_text(" " + "e\u0301" * 255, longest=255) == "é" * 255
    refused = refusal(lambda: values.parse_text("王" * 256, longest=255))
    assert "is 256 characters long, more than 255" in refused.message
    assert refused.hint == "type at most 255 characters"


@FEW
@given(st.text(max_size=30), st.booleans())
def test_a_text_read_twice_is_the_same(text: str, lines: bool) -> None:
    """And has no control characters, whatever was typed."""
    try:
        kept = values.parse_text(text, longest=25, lines=lines)
    except Refused as refused:
        assert_presentable(refused)
    else:
        assert values.parse_text(kept, longest=25, lines=lines) == kept
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", kept)
        assert lines or "\n" not in kept


@MANY
@given(any_text)
def test_no_text_breaks_the_readers_of_numbers(text: str) -> None:
    """A number within its bounds, or a refusal."""
    for read, largest in ((values.parse_amount, MAX_AMOUNT), (values.parse_count, 999_999_999)):
        try:
            assert 0 <= read(text) <= largest
        except Refused as refused:
            assert_presentable(refused)
