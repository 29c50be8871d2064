"""What a list may be filtered by: fields of a record and of those it refers to, each compared in one of two ways.

Numbers, amounts, moments, days, flags, states and ids are compared by the database. Texts are compared folded, without
case and accents, and no two engines fold alike: their conditions look at each row on its way, here, so that both give
the same rows. An empty value fits no comparison but `!=`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any, NamedTuple

import peewee

from crmshell.models.base import Record
from crmshell.models.fields import Shown
from crmshell.outcome import Column, Kind, Sense

Measure = Callable[[Any], Any]


class Field(NamedTuple):
    """A field that a list can show, filter and sort by: its name, as `customer.company`, and how it is shown.

    `found_by` is the indexed column in which `=` looks for it, `order` the indexed one by which a list is sorted;
    None where there is none, and a scan does it.
    """

    name: str
    source: Any
    kind: Kind
    found_by: Any = None
    order: Any = None
    is_aside: bool = False
    sense: Sense | None = None

    @property
    def column(self) -> Column:
        """The column of a listing."""
        return Column(self.name, self.kind, self.is_aside, self.sense)

    @property
    def words(self) -> list[str]:
        """The words a state may be; empty for every other kind."""
        return [str(word) for word, _ in getattr(_bare(self.source), "choices", None) or ()]

    @property
    def is_nullable(self) -> bool:
        """Whether it may be empty."""
        return bool(getattr(_bare(self.order), "null", False))


class Span(NamedTuple):
    """What a typed value stands for: everything from `first` to `last`, such as the seconds of a day."""

    first: Any
    last: Any


class Condition(NamedTuple):
    """What a row must be like: in SQL, or by looking at the value of a field.

    `is_indexed` where an index finds it, `is_range` where one that sorts by the field does.
    """

    field: Field
    sql: Any = None
    keeps: Measure | None = None
    is_indexed: bool = False
    is_range: bool = False

    @property
    def column(self) -> Any:
        """What the SQL looks at."""
        found_by = self.field.found_by
        return self.field.source if found_by is None or isinstance(found_by, tuple) else found_by


@cache
def fields_of(model: type[Record]) -> Mapping[str, Field]:
    """Every field that a list of this kind can use, by name: its own first, then those of related records."""
    own = [_own(shown) for shown in model.shown]
    related = [field for name, other in model.related.items() for field in _related(name, other)]
    return {field.name: field for field in [*own, *related]}


@cache
def own_fields(model: type[Record]) -> Sequence[Field]:
    """The fields that a list shows unless it is asked for others."""
    return [_own(shown) for shown in model.shown]


@cache
def lasting(model: type[Record]) -> frozenset[int]:
    """The ids of what lives as long as the program: the sources of all fields, and the condition of being alive."""
    return frozenset(map(id, [*(field.source for field in fields_of(model).values()), model.alive()]))


def _own(shown: Shown) -> Field:
    return Field(shown.name, shown.source, shown.column.kind, shown.found_by, shown.order, shown.is_aside, shown.sense)


def _related(name: str, other: Any) -> list[Field]:
    """The fields of a record that is referred to, as `name.field`; not those it borrows from further ones."""
    model = getattr(other, "model", other)  # behind an alias
    found: list[Field] = []
    for shown in model.shown:
        if isinstance(shown.source, peewee.Field) and shown.source.model is not model:
            continue
        source = getattr(other, shown.source.name) if other is not model else shown.source
        found.append(Field(f"{name}.{shown.name}", source, shown.column.kind))
    return found


def _bare(source: Any) -> Any:
    return getattr(source, "field", source)  # a field of an aliased model


def in_sql(field: Field, column: Any, sign: str, spans: Sequence[Span], *, is_indexed: bool) -> Condition:
    """A comparison that the database makes."""
    is_found = is_indexed and sign in {"=", "in"}
    return Condition(field, _SQL[sign](column, spans), is_indexed=is_found, is_range=sign != "!=")


def by_looking(field: Field, sign: str, spans: Sequence[Span], measure: Measure) -> Condition:
    """A comparison that is made here, of what `measure` makes of each value."""
    fits = _PYTHON[sign]
    keeps_empty = sign == "!="
    return Condition(field, keeps=lambda x: keeps_empty if x is None else fits(measure(x), spans))


def emptiness(field: Field, *, is_empty: bool) -> Condition:
    """Whether there is a value at all."""
    column = field.found_by if field.found_by is not None and not isinstance(field.found_by, tuple) else field.source
    return Condition(field, column.is_null(is_empty))


def containing(field: Field, part: str, written: Measure) -> Condition:
    """Whether the value, as `written` writes it, has this part in it."""
    return Condition(field, keeps=lambda x: x is not None and part in written(x))


def _equal(column: Any, spans: Sequence[Span]) -> Any:
    whole = [column == span.first if span.first == span.last else column.between(*span) for span in spans]
    return reduce(operator.or_, whole)


def _different(column: Any, spans: Sequence[Span]) -> Any:
    return column.is_null() | ~_equal(column, spans)


_SQL: Mapping[str, Callable[[Any, Sequence[Span]], Any]] = {
    "=": _equal,
    "in": _equal,
    "!=": _different,
    "<": lambda column, spans: column < spans[0].first,
    "<=": lambda column, spans: column <= spans[0].last,
    ">": lambda column, spans: column > spans[0].last,
    ">=": lambda column, spans: column >= spans[0].first,
}
_PYTHON: Mapping[str, Callable[[Any, Sequence[Span]], bool]] = {
    "=": lambda x, spans: any(span.first <= x <= span.last for span in spans),
    "in": lambda x, spans: any(span.first <= x <= span.last for span in spans),
    "!=": lambda x, spans: not spans[0].first <= x <= spans[0].last,
    "<": lambda x, spans: bool(x < spans[0].first),
    "<=": lambda x, spans: bool(x <= spans[0].last),
    ">": lambda x, spans: bool(x > spans[0].last),
    ">=": lambda x, spans: bool(x >= spans[0].first),
}
