"""How a list is read: in the order of an index, from where it left off, or by a scan that says that it is one.

An empty value is smaller than any other, on both engines and in every order. Records with the same value follow each
other by their id, so that a list can go on after any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any, NamedTuple

import peewee

from crmshell.database import current
from crmshell.models.base import Record
from crmshell.models.conditions import Condition, Field, lasting
from crmshell.models.fields import Order
from crmshell.models.shapes import Opened, Ready, Unknown, among, ready
from crmshell.outcome import Kind, Scan, Value
from crmshell.text import fold

Row = Sequence[Value]
_FIRST_CHUNK, _CHUNK = 50, 200
_BETWEEN_LOOKS = 1000  # rows
_BETWEEN_SORTS = 10_000  # records of which the last are dropped


class SortKey(NamedTuple):
    """A field to sort by, where no index does it."""

    field: Field
    is_descending: bool


@dataclass
class Selection:
    """Which records of a kind: `filters` are conditions in SQL, `conditions` those of the list language.

    `undated` are the filters of the records whose sort column is empty, where they are others; `ids` the records
    themselves, the newest first, where an index knows them. Of `is_few` an index finds so few that they may be sorted.
    """

    model: type[Record]
    filters: Sequence[Any] = ()
    conditions: Sequence[Condition] = ()
    undated: Sequence[Any] | None = None
    ids: Iterable[int] | None = None
    after: Record | None = None
    scan: Scan | None = None
    is_few: bool = False

    @property
    def mark(self) -> str:
        """What its statements may do: all are held to it by tests/test_plans.py."""
        if self.scan is not None:
            return "scan"
        return "" if self.is_few or any(condition.is_indexed for condition in self.conditions) else "list"

    @property
    def looks(self) -> list[Condition]:
        """The conditions that look at each row."""
        return [condition for condition in self.conditions if condition.keeps is not None]

    def query(self, sources: Sequence[Any], filters: Sequence[Any] | None = None) -> Any:
        """The query of these sources for all that SQL can filter."""
        wanted = [*(self.filters if filters is None else filters), *self._in_sql()]
        query = (self.model if self._needs_nothing_else(sources) else self.model.listed()).select(*sources)
        return query.where(*wanted) if wanted else query

    def opened(self, opened: Opened) -> tuple[Hashable, Selection]:
        """Its shape, and the same with holes for the values of its conditions; raises Unknown."""
        shapes, filters = opened.take(self.filters)
        wanted, conditions = opened.take(self._in_sql())
        apart, undated = opened.take(self.undated or ())
        looked_at = tuple(id(condition.field.source) for condition in self.looks)
        shape = (self.model, shapes, wanted, self.undated is None, apart, looked_at)
        holed = iter(conditions)
        kept = [one if one.sql is None else one._replace(sql=next(holed)) for one in self.conditions]
        return shape, Selection(self.model, filters, kept, None if self.undated is None else undated)

    def _needs_nothing_else(self, sources: Sequence[Any]) -> bool:
        """Whether no related record has to be looked at: sums and counts are then made without joins."""
        looked_at = [one.field.source if one.sql is None else one.column for one in self.conditions]
        return all(self._is_own(source) for source in (*sources, *looked_at))

    def _is_own(self, source: Any) -> bool:
        if isinstance(source, peewee.Function):
            return all(self._is_own(argument) for argument in source.arguments or ())
        if isinstance(source, peewee.Field):
            return source.model is self.model
        return isinstance(source, peewee.SQL) or any(source is shown.source for shown in self.model.shown)

    def _in_sql(self) -> list[Any]:
        return [condition.sql for condition in self.conditions if condition.sql is not None]


def in_order(selection: Selection, sources: Sequence[Any], order: Order, limit: int | None) -> Iterator[Row]:
    """The rows in the order of an index; a page of them costs the same however many records there are."""
    looks = selection.looks
    wanted = [*sources, *(condition.field.source for condition in looks)]
    most = None if looks else limit
    statements = _statements(selection, wanted, order, most)
    rows = chain.from_iterable(_read(statement, selection, most) for statement in statements)
    return islice(_kept(rows, looks, len(sources)), limit)


def sorted_here(
    selection: Selection, sources: Sequence[Any], keys: Sequence[SortKey], limit: int | None
) -> Iterator[Row]:
    """The rows in an order that no index has: all are looked at once one is wanted, then fetched by their ids."""
    ranked = _ranked(selection, keys, limit)
    yield from _fetched(Selection(selection.model), sources, islice(ranked, limit))


def by_ids(selection: Selection, sources: Sequence[Any], limit: int | None) -> Iterator[Row]:
    """The rows of records that an index has found, the newest first, as long as they pass the other conditions."""
    looks = selection.looks
    wanted = [*sources, *(condition.field.source for condition in looks)]
    ids = selection.ids if selection.after is None else (i for i in selection.ids or () if i < selection.after.id)
    rows = _fetched(selection, wanted, ids or ())
    return islice(_kept(rows, looks, len(sources)), limit)


def all_rows(selection: Selection, sources: Sequence[Any]) -> Iterator[Row]:
    """The rows in no order, for sums."""
    looks = selection.looks
    wanted = [*sources, *(condition.field.source for condition in looks)]
    if selection.ids is not None:
        yield from by_ids(selection, sources, None)
        return
    yield from _kept(_read(selection.query(wanted), selection), looks, len(sources))


def _statements(selection: Selection, sources: Sequence[Any], order: Order, limit: int | None) -> Sequence[Ready | Any]:
    """What `_parts` returns, its SQL made once for all queries of the same shape."""
    place = None if selection.after is None else _place(selection.after, order)
    opened = Opened(lasting(selection.model))
    try:
        shape, holed = selection.opened(opened)
    except Unknown:
        return _parts(selection, sources, order, place, limit)
    filled = None if place is None else _Place(*(None if each is None else opened.value(each) for each in place))
    most = None if limit is None else opened.value(limit)
    kind = place and tuple(map(type, place))
    about = (*map(id, sources), id(order.column), order.is_descending, order.is_nullable, kind, limit is None)
    return ready((shape, about), opened.values, lambda: _parts(holed, sources, order, filled, most))


def _unordered(selection: Selection, sources: Sequence[Any]) -> Ready | Any:
    """The query of a selection in no order, its SQL made once for all of the same shape."""
    opened = Opened(lasting(selection.model))
    try:
        shape, holed = selection.opened(opened)
    except Unknown:
        return selection.query(sources)
    return ready((shape, tuple(map(id, sources))), opened.values, lambda: [holed.query(sources)])[0]


class _Place(NamedTuple):
    """Where a list goes on: the value by which a record is sorted, and its id."""

    value: Any
    id: Any


def _parts(
    selection: Selection, sources: Sequence[Any], order: Order, place: _Place | None, limit: Any | None
) -> list[Any]:
    """One query, or two where those with a value and those without are found by ranges of their own."""
    queries = _unlimited(selection, sources, order, place)
    return queries if limit is None else [query.limit(limit) for query in queries]


def _unlimited(selection: Selection, sources: Sequence[Any], order: Order, place: _Place | None) -> list[Any]:
    key = selection.model.id
    if order.column is key:
        query = selection.query(sources).order_by(_directed(key, order))
        return [query if place is None else query.where(_beyond(key, place.id, order))]
    if not order.is_nullable:
        query = selection.query(sources).order_by(_directed(order.column, order), _directed(key, order))
        return [query if place is None else query.where(_from(order, key, place))]
    if place is None and selection.undated is None:
        return [selection.query(sources).order_by(_directed(order.column, order), _directed(key, order))]
    return _nullable_parts(selection, sources, order, place)


def _nullable_parts(selection: Selection, sources: Sequence[Any], order: Order, place: _Place | None) -> list[Any]:
    key = selection.model.id
    full = selection.query(sources).where(order.column.is_null(is_null=False))
    full = full.order_by(_directed(order.column, order), _directed(key, order))
    empty = selection.query(sources, selection.undated).where(order.column.is_null()).order_by(_directed(key, order))
    if place is not None and place.value is not None:
        full = full.where(_from(order, key, place))
        return [full, empty] if order.is_descending else [full]
    if place is not None:
        empty = empty.where(_beyond(key, place.id, order))
        return [empty] if order.is_descending else [empty, full]
    return [full, empty] if order.is_descending else [empty, full]


def _directed(column: Any, order: Order) -> Any:
    """The direction of a column, in the words of its index: PostgreSQL would put what is empty elsewhere."""
    nulls = None
    if order.is_nullable and column is order.column:
        nulls = "last" if order.is_descending else "first"
    return column.desc(nulls=nulls) if order.is_descending else column.asc(nulls=nulls)


def _beyond(column: Any, value: Any, order: Order) -> Any:
    return column < value if order.is_descending else column > value


def _from(order: Order, key: Any, place: _Place) -> Any:
    """What comes after a record: the range of the column first, so that both engines enter the index there."""
    column = order.column
    reach = column <= place.value if order.is_descending else column >= place.value
    return reach & (_beyond(column, place.value, order) | _beyond(key, place.id, order))


def _place(after: Record, order: Order) -> _Place:
    """The value by which a record is sorted, None where it has none or is gone."""
    model = type(after)
    if order.column is model.id:
        return _Place(None, after.id)
    row = current().execute_sql(*model.select(order.column).where(model.id == after.id).sql()).fetchone()
    return _Place(row[0] if row else None, after.id)


def _read(query: Any, selection: Selection, most: int | None = None) -> Iterator[Row]:
    rows = current().stream(query, selection.mark, most)
    return rows if selection.scan is None else _told(rows, selection.scan)


def _told(rows: Iterable[Row], scan: Scan) -> Iterator[Row]:
    """The same rows, telling now and then how many there were."""
    for number, row in enumerate(rows, 1):
        yield row
        if not number % _BETWEEN_LOOKS:
            scan.tell(number)


def _kept(rows: Iterator[Row], looks: Sequence[Condition], length: int) -> Iterator[Row]:
    """The rows that pass, without the values that were only looked at."""
    if not looks:
        return rows
    tests = [(place, condition.keeps) for place, condition in enumerate(looks, length)]
    return (row[:length] for row in rows if all(keeps(row[place]) for place, keeps in tests if keeps))


def _fetched(selection: Selection, sources: Sequence[Any], ids: Iterable[int]) -> Iterator[Row]:
    """The rows of these ids that a selection keeps, in their order, a chunk at a time."""
    waiting, size, key = iter(ids), _FIRST_CHUNK, selection.model.id
    while chunk := list(islice(waiting, size)):
        few = replace(selection, filters=[*selection.filters, among(key, chunk)])
        rows = current().stream(_unordered(few, [*sources, key]), most=len(chunk))
        found = {row[-1]: row[:-1] for row in rows}
        yield from (found[record_id] for record_id in chunk if record_id in found)
        size = _CHUNK


def _ranked(selection: Selection, keys: Sequence[SortKey], limit: int | None) -> Iterator[int]:
    """The ids in order. With a limit no more than some of that many are kept in memory."""
    sources = [*(key.field.source for key in keys), selection.model.id]
    measures = [measure_of(key.field.kind) for key in keys]
    ranking = _Ranking(keys, limit if selection.after is None else None)
    for row in all_rows(selection, sources):
        ranking.add(_measured(row, measures), row[-1])
    if selection.after is not None:
        own = Selection(selection.model, [selection.model.id == selection.after.id])
        for row in all_rows(own, sources):
            return ranking.after(_measured(row, measures), row[-1])
    return ranking.ids()


def _measured(row: Row, measures: Sequence[Callable[[Any], Any]]) -> tuple[Any, ...]:
    """What a row is sorted by: the measures of its first values, None for what is empty."""
    return tuple([None if x is None else measure(x) for x, measure in zip(row, measures, strict=False)])


def measure_of(kind: Kind) -> Callable[[Any], Any]:
    """What values of a kind are sorted by: texts without case and accents."""
    if kind in {Kind.TEXT, Kind.NAME, Kind.EMAIL}:
        return fold
    return bool if kind is Kind.FLAG else lambda value: value


_Ranked = tuple[tuple[Any, ...], int]


@dataclass
class _Ranking:
    """Records by their sort values; those that can no longer be among the first `limit` are dropped on the way."""

    keys: Sequence[SortKey]
    limit: int | None
    places: list[_Ranked] = field(default_factory=list)

    def add(self, values: tuple[Any, ...], record_id: Any) -> None:
        self.places.append((values, record_id))
        if self.limit is not None and len(self.places) > _BETWEEN_SORTS + 2 * self.limit:
            self._sort()
            del self.places[self.limit :]

    def ids(self) -> Iterator[int]:
        self._sort()
        return (record_id for _, record_id in self.places)

    def after(self, values: tuple[Any, ...], record_id: Any) -> Iterator[int]:
        """Those behind this one, whether or not it is one of them."""
        place = (values, record_id)
        if place not in self.places:
            self.places.append(place)
        self._sort()
        return (found for _, found in islice(self.places, self.places.index(place) + 1, None))

    def _sort(self) -> None:
        """Sort by the last key first; each further sort keeps the order of what is equal to it."""
        self.places.sort(key=lambda place: place[1], reverse=self.keys[0].is_descending)
        for number, key in reversed(list(enumerate(self.keys))):
            self.places.sort(key=lambda place: _comparable(place[0][number]), reverse=key.is_descending)


def _comparable(value: Any) -> tuple[bool, Any]:
    return value is not None, value
