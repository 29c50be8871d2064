"""The small languages of lists: `FIELD OP VALUE` of `--where`, and the fields of `--sort`, apart by commas.

Both readers are total and pure, like the command language: they never raise, on any text, finished or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from crmshell.errors import UsageError
from crmshell.text import nearest, safe, shorten

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", "in", "empty", "not empty")
"""What may stand between a field and its value; the last two take none."""

_CONDITION = r"\s*(?P<field>[^\s=!<>~(),\"']*)\s*(?P<operator>[=!<>~]+|not\s+empty\b|[^\W\d_]*)"
_QUOTES = "\"'"


class Piece(NamedTuple):
    """A part of such a text: what it says without its quotes, and where it stands with them."""

    text: str
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        """First and past-the-last offset."""
        return self.start, self.end


class Clause(NamedTuple):
    """All that one `--where` says: `operator` is one of OPERATORS where nothing is wrong with it."""

    field: Piece
    operator: Piece
    values: tuple[Piece, ...] = ()
    faults: tuple[UsageError, ...] = ()


class Direction(NamedTuple):
    """A field to sort by; `total_due-` puts the largest first."""

    field: Piece
    is_descending: bool


def read_clause(text: str) -> Clause:
    """Read a condition; what is wrong with it stands in `faults`, in the order of the text."""
    match = _compiled(_CONDITION).match(text)
    assert match is not None  # noqa: S101  (every part of the pattern may be empty)
    field = Piece(match["field"], *match.span("field"))
    operator = Piece(" ".join(match["operator"].split()).casefold(), *match.span("operator"))
    values = tuple(_values(text, match.end(), is_list=operator.text == "in"))
    return Clause(field, operator, values, tuple(_faults(text, field, operator, values)))


def read_directions(text: str) -> tuple[Direction, ...]:
    """Read the fields of `--sort`."""
    return tuple(_direction(piece) for piece in read_fields(text))


def read_fields(text: str) -> tuple[Piece, ...]:
    """Cut a text at its commas; blanks around a field do not count."""
    return tuple(_stripped(text, start, end) for start, end in _between_commas(text, 0, len(text)))


class Place(Enum):
    """What stands at the end of a condition that is being typed."""

    FIELD = "field"
    OPERATOR = "operator"
    VALUE = "value"


class Unfinished(NamedTuple):
    """The end of a condition that is being typed: what it will be, how much of it is there and where it begins."""

    place: Place
    typed: str
    start: int
    clause: Clause


def find_end(text: str) -> Unfinished:
    """What is being typed at the end of a condition."""
    clause = read_clause(text)
    field, operator = clause.field, clause.operator
    if not operator.text:
        is_typing = field.end == len(text)
        place = Place.FIELD if is_typing else Place.OPERATOR
        return Unfinished(place, field.text if is_typing else "", field.start if is_typing else len(text), clause)
    if operator.end == len(text):
        return Unfinished(Place.OPERATOR, operator.text, operator.start, clause)
    last = clause.values[-1] if clause.values else Piece("", len(text), len(text))
    return Unfinished(Place.VALUE, last.text, last.start, clause)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first used: no other command needs it."""
    return re.compile(pattern, re.IGNORECASE)


def _direction(piece: Piece) -> Direction:
    name = piece.text
    if name[-1:] in {"-", "+"}:
        return Direction(Piece(name[:-1], piece.start, piece.end - 1), name[-1] == "-")
    return Direction(piece, is_descending=False)


def _values(text: str, begin: int, *, is_list: bool) -> Iterator[Piece]:
    """The values after the operator: one, or those of `in`, in brackets or not."""
    whole = _stripped(text, begin, len(text))
    if not text[begin:].strip():
        return
    if not is_list:
        yield whole
        return
    start, end = whole.span
    if text[start] == "(":
        start, end = start + 1, end - (text[end - 1] == ")")
    yield from (_stripped(text, *between) for between in _between_commas(text, start, end))


def _between_commas(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans between commas that stand in no quotes."""
    quote, begin = "", start
    for place in range(start, end):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in _QUOTES and not text[begin:place].strip():
            quote = char
        elif char == ",":
            yield begin, place
            begin = place + 1
    yield begin, end


def _stripped(text: str, start: int, end: int) -> Piece:
    """A piece without the blanks around it, nor the quotes."""
    inside = text[start:end]
    start += len(inside) - len(inside.lstrip())
    end = max(start, start + len(inside.strip()))
    inside = text[start:end]
    is_quoted = len(inside) > 1 and inside[0] in _QUOTES and inside[-1] == inside[0]
    return Piece(inside[1:-1] if is_quoted else inside, start, end)


def _faults(text: str, field: Piece, operator: Piece, values: tuple[Piece, ...]) -> Iterator[UsageError]:
    needed = f"FIELD OPERATOR VALUE, with one of {' '.join(OPERATORS[:-2])}, or FIELD empty"
    if not field.text:
        yield UsageError("a condition begins with a field", hint=needed).at((0, len(text)))
    elif not operator.text:
        at = (field.start, len(text.rstrip()))
        yield UsageError(f"{_shown(field.text)} is compared with nothing", hint=needed).at(at)
    elif operator.text not in OPERATORS:
        known = nearest(operator.text, list(OPERATORS))
        hint = f"did you mean {known}?" if known else needed
        yield UsageError(f"{_shown(operator.text)} is no operator", hint=hint).at(operator.span)
    elif operator.text.endswith("empty"):
        yield from (UsageError(f"{operator.text} takes no value", hint="leave it out").at(v.span) for v in values[:1])
    elif not values:
        hint = f"write {_shown(field.text)} {operator.text} VALUE, or {_shown(field.text)} empty"
        yield UsageError(f"{operator.text} needs a value", hint=hint).at(operator.span)
    yield from _faults_of_quotes(values)


def _faults_of_quotes(values: tuple[Piece, ...]) -> Iterator[UsageError]:
    for value in values:
        if len(value.text) == value.end - value.start and value.text[:1] in tuple(_QUOTES):
            quote = value.text[0]
            yield UsageError(f"the quote {quote} is never closed", hint=f"end it with {quote}").at(value.span)


def _shown(text: str) -> str:
    return shorten(safe(text), 40)
