"""No text of `--where` is refused by its reader, none loses a character, and each fault stands where it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell.language.conditions import OPERATORS, Place, find_end, read_clause, read_directions, read_fields

MANY = settings(max_examples=200, deadline=None, derandomize=True)
PIECES = [
    "total_due", "customer.company", "=", "!=", "<", "<=", ">", ">=", "~", "in", "not", "empty", "not empty", " ", "\t",
    "(", ")", ",", "'", '"', "O'Brien", "d'Été", "王小明", "1 000,50", "today", "+7d", "\ud800", "\x00",
    "==", "innovation",
]  # fmt: skip
TEXTS = st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
FIELDS = st.sampled_from(["total_due", "customer.company", "id", "note"])
WORDS = st.sampled_from(["O'Brien & fils", "d'Été", "王小明", "1 000,50", "+7d", "a = b", "in", "L'Atelier, Paris"])


def said(text: str) -> tuple[str, str, list[str]]:
    """Field, operator and values of a condition without faults."""
    clause = read_clause(text)
    assert clause.faults == ()
    return clause.field.text, clause.operator.text, [value.text for value in clause.values]


@MANY
@given(TEXTS)
def test_every_text_is_read_and_every_piece_stands_where_it_says(text: str) -> None:
    clause = read_clause(text)
    pieces = [clause.field, clause.operator, *clause.values]
    assert [piece.start for piece in pieces] == sorted(piece.start for piece in pieces)
    for piece in pieces:
        assert 0 <= piece.start <= piece.end <= len(text)
        written = text[piece.start : piece.end]
        assert piece.text in {written, written[1:-1], " ".join(written.split()).casefold()}
    for fault in clause.faults:
        assert fault.span is not None
        assert 0 <= fault.span[0] <= fault.span[1] <= len(text)
        assert fault.hint
    assert clause.faults or clause.operator.text in OPERATORS


@MANY
@given(TEXTS)
def test_the_end_of_every_text_is_something_to_complete(text: str) -> None:
    end = find_end(text)
    assert 0 <= end.start <= len(text)
    assert end.place in Place


@MANY
@given(TEXTS)
def test_the_fields_of_a_text_are_what_stands_between_its_commas(text: str) -> None:
    pieces = read_fields(text)
    assert len(pieces) == len(read_directions(text)) >= 1
    assert all(text[piece.start : piece.end] in {piece.text, f"'{piece.text}'", f'"{piece.text}"'} for piece in pieces)


@MANY
@given(FIELDS, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "~"]), WORDS, st.sampled_from(["", " ", "  "]))
def test_a_condition_reads_back(field: str, sign: str, value: str, blanks: str) -> None:
    assert said(f"{blanks}{field}{blanks}{sign}{blanks}{value}{blanks}") == (field, sign, [value])
    assert said(f'{field} {sign} "{value}"') == (field, sign, [value])


@MANY
@given(FIELDS, st.lists(WORDS, min_size=1, max_size=4))
def test_a_list_of_values_reads_back(field: str, values: list[str]) -> None:
    quoted = ", ".join(f'"{value}"' for value in values)
    assert said(f"{field} in ({quoted})") == said(f"{field} in {quoted}") == (field, "in", values)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("company empty", ("company", "empty", [])),
        ("company  not   empty", ("company", "not empty", [])),
        ("role in support, none", ("role", "in", ["support", "none"])),
        ("company ~ d'Été, fils", ("company", "~", ["d'Été, fils"])),
        ("company = ''", ("company", "=", [""])),
        ("total_due>=1 000,50", ("total_due", ">=", ["1 000,50"])),
    ],
)
def test_what_it_says(text: str, meant: tuple[str, str, list[str]]) -> None:
    assert said(text) == meant


@pytest.mark.parametrize(
    ("text", "span", "message"),
    [
        ("", (0, 0), "a condition begins with a field"),
        ("= 5", (0, 3), "a condition begins with a field"),
        ("total_due", (0, 9), "total_due is compared with nothing"),
        ("total_due == 5", (10, 12), "== is no operator"),
        ("company contains x", (8, 16), "contains is no operator"),
        ("total_due > ", (10, 11), "> needs a value"),
        ("company empty yes", (14, 17), "empty takes no value"),
        ("company = 'Été", (10, 14), "the quote ' is never closed"),
    ],
)
def test_a_fault_stands_where_it_is(text: str, span: tuple[int, int], message: str) -> None:
    fault = read_clause(text).faults[0]
    assert (fault.span, fault.message) == (span, message)


@pytest.mark.parametrize(
    ("text", "place", "typed", "start"),
    [
        ("", Place.FIELD, "", 0),
        ("tot", Place.FIELD, "tot", 0),
        ("total_due ", Place.OPERATOR, "", 10),
        ("total_due >", Place.OPERATOR, ">", 10),
        ("total_due > ", Place.VALUE, "", 12),
        ("role = supp", Place.VALUE, "supp", 7),
        ("role in (none, supp", Place.VALUE, "supp", 15),
    ],
)
def test_what_is_being_typed(text: str, place: Place, typed: str, start: int) -> None:
    assert find_end(text)[:3] == (place, typed, start)
