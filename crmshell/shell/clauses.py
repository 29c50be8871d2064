"""The small languages of lists while they are typed: what is wrong with a condition, and the colours of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmshell.errors import Failure
from crmshell.language.binding import span_of
from crmshell.language.conditions import OPERATORS, Clause, Piece, read_clause, read_directions, read_fields
from crmshell.language.reading import Argument, Reading
from crmshell.listing import FieldsKind, SortBy, Where
from crmshell.models.conditions import Field
from crmshell.outcome import Kind
from crmshell.session import Session
from crmshell.typed import condition_of

_READ_AT_ONCE = frozenset({Kind.NUMBER, Kind.AMOUNT, Kind.MOMENT, Kind.DAY, Kind.STATE, Kind.FLAG})
"""Kinds of fields whose values need no look at the database."""


def faults_of_clause(argument: Argument, reading: Reading, session: Session) -> Iterator[Failure]:
    """What is wrong with a condition or with fields, as far as typing on cannot mend it."""
    kind, text = argument.parameter.kind, argument.token.text
    if not isinstance(kind, FieldsKind):
        return
    is_finished = argument.token.end < len(reading.line)
    try:
        if isinstance(kind, Where):
            _check_condition(kind, read_clause(text), session, is_finished=is_finished)
        elif not (isinstance(kind, SortBy) and reading.given("group_by")):  # there the columns of the groups are sorted
            _check_fields(kind, _fields(kind, text), is_finished=is_finished)
    except Failure as failure:
        yield failure.at(span_of(argument, failure.part))


def _check_condition(kind: Where, clause: Clause, session: Session, *, is_finished: bool) -> None:
    if is_finished or clause.operator.text:
        field = kind.find(clause.field)
        if is_finished:
            _check_value(field, clause, session)


def _check_value(field: Field, clause: Clause, session: Session) -> None:
    for fault in clause.faults:
        fault.part, fault.span = fault.span, None
        raise fault
    if field.kind in _READ_AT_ONCE:
        condition_of(field, clause, session)


def _check_fields(kind: FieldsKind, pieces: Sequence[Piece], *, is_finished: bool) -> None:
    """Look at every field but the one that is being typed."""
    for piece in pieces if is_finished else pieces[:-1]:
        kind.check(piece, kind.names)


def _fields(kind: FieldsKind, text: str) -> Sequence[Piece]:
    if isinstance(kind, SortBy):
        return [direction.field for direction in read_directions(text)]
    return read_fields(text)


def coloured(argument: Argument, faults: Sequence[Failure]) -> Iterator[tuple[str, str]]:
    """The token of an argument as styled pieces, none of its characters lost; `faults` are those to be shown."""
    raw, start = argument.token.raw, argument.token.start
    place = max(argument.token.value_start - start, 0)
    yield "class:option", raw[:place]
    for style, (begin, end) in _pieces(argument):
        yield "class:quoted", raw[place : begin - start]
        is_wrong = any(fault.span and fault.span[0] < end and begin < fault.span[1] for fault in faults)
        yield "class:fault" if is_wrong else style, raw[begin - start : end - start]
        place = end - start
    yield "class:quoted", raw[place:]


def _pieces(argument: Argument) -> Iterator[tuple[str, tuple[int, int]]]:
    """The parts that have a colour, with where they stand in the line."""
    kind, token = argument.parameter.kind, argument.token
    if not isinstance(kind, FieldsKind) or argument.raw is not None or token.text not in token.raw:
        return
    if not isinstance(kind, Where):
        yield from (("class:field", span_of(argument, piece.span)) for piece in _fields(kind, token.text))
        return
    clause = read_clause(token.text)
    yield "class:field", span_of(argument, clause.field.span)
    is_known = clause.operator.text in OPERATORS
    yield "class:operator" if is_known else "class:quoted", span_of(argument, clause.operator.span)
    if is_known:
        yield from (("class:value", span_of(argument, value.span)) for value in clause.values)
