"""How a list is read: in the order of an index, from where it left off, or by a scan that says that it is one.

An empty value is smaller than any other, on both engines and in every order. Records with the same value follow each
other by their id, so that a list can go on after any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

import peewee

from crmshell.database import current
from crmshell.models.base import Record
from crmshell.models.conditions import Condition, Field
from crmshell.models.fields import Order
from crmshell.outcome import Kind, Scan, Value
from crmshell.text import fold

Row = Sequence[Value]
_FIRST_CHUNK, _CHUNK = 50, 200
_BETWEEN_LOOKS = 1000


class SortKey(NamedTuple):
    """A field to sort by, where no index does it."""

    field: Field
    is_descending: bool


@dataclass
class Selection:
    """Which records of a kind: `filters` are conditions in SQL, `conditions` those of the list language.

    `undated` are the filters of the records whose sort column is empty, where they are others; `ids` the records
    themselves, the newest first, where an index knows them.
    """

    model: type[Record]
    filters: Sequence[Any] = ()
    conditions: Sequence[Condition] = ()
    undated: Sequence[Any] | None = None
    ids: Iterable[int] | None = None
    after: Record | None = None
    scan: Scan | None = None

    @property
    def mark(self) -> str:
        """What its statements may do: all are held to it by tests/test_plans.py."""
        if self.scan is not None:
            return "scan"
        return "" if any(condition.is_indexed for condition in self.conditions) else "list"

    @property
    def looks(self) -> list[Condition]:
        """The conditions that look at each row."""
        return [condition for condition in self.conditions if condition.keeps is not None]

    def query(self, sources: Sequence[Any], filters: Sequence[Any] | None = None) -> Any:
        """The query of these sources for all that SQL can filter."""
        wanted = [*(self.filters if filters is None else filters), *self._in_sql()]
        query = (self.model if self._needs_nothing_else(sources) else self.model.listed()).select(*sources)
        return query.where(*wanted) if wanted else query

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
    queries = _parts(selection, wanted, order)
    bounded = [query.limit(limit) if limit is not None and not looks else query for query in queries]
    rows = chain.from_iterable(_read(query, selection) for query in bounded)
    return islice(_kept(rows, looks, len(sources)), limit)


def sorted_here(
    selection: Selection, sources: Sequence[Any], keys: Sequence[SortKey], limit: int | None
) -> Iterator[Row]:
    """The rows in an order that no index has: all are looked at, and then fetched by their ids."""
    ranked = _ranked(selection, keys, limit)
    return _fetched(selection.model, sources, islice(ranked, limit))


def by_ids(selection: Selection, sources: Sequence[Any], limit: int | None) -> Iterator[Row]:
    """The rows of records that an index has found, the newest first, as long as they pass the other conditions."""
    looks = selection.looks
    wanted = [*sources, *(condition.field.source for condition in looks)]
    ids = selection.ids if selection.after is None else (i for i in selection.ids or () if i < selection.after.id)
    rows = _fetched(selection.model, wanted, ids or (), selection.query)
    return islice(_kept(rows, looks, len(sources)), limit)


def all_rows(selection: Selection, sources: Sequence[Any]) -> Iterator[Row]:
    """The rows in no order, for sums."""
    looks = selection.looks
    wanted = [*sources, *(condition.field.source for condition in looks)]
    if selection.ids is not None:
        yield from by_ids(selection, sources, None)
        return
    yield from _kept(_read(selection.query(wanted), selection), looks, len(sources))


def _parts(selection: Selection, sources: Sequence[Any], order: Order) -> list[Any]:
    """One query, or two where those with a value and those without are found by ranges of their own."""
    key, after = selection.model.id, selection.after
    if order.column is key:
        query = selection.query(sources).order_by(_directed(key, order))
        return [query if after is None else query.where(_beyond(key, after.id, order))]
    if not order.is_nullable:
        query = selection.query(sources).order_by(_directed(order.column, order), _directed(key, order))
        return [query if after is None else query.where(_from(order, key, *_position(after, order)))]
    if after is None and selection.undated is None:
        return [selection.query(sources).order_by(_directed(order.column, order), _directed(key, order))]
    return _nullable_parts(selection, sources, order)


def _nullable_parts(selection: Selection, sources: Sequence[Any], order: Order) -> list[Any]:
    key, after = selection.model.id, selection.after
    value, after_id = (None, None) if after is None else _position(after, order)
    full = selection.query(sources).where(order.column.is_null(is_null=False))
    full = full.order_by(_directed(order.column, order), _directed(key, order))
    empty = selection.query(sources, selection.undated).where(order.column.is_null()).order_by(_directed(key, order))
    if after_id is not None and value is not None:
        full = full.where(_from(order, key, value, after_id))
        return [full, empty] if order.is_descending else [full]
    if after_id is not None:
        empty = empty.where(_beyond(key, after_id, order))
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


def _from(order: Order, key: Any, value: Any, after_id: int) -> Any:
    """What comes after a record: the range of the column first, so that both engines enter the index there."""
    column = order.column
    reach = column <= value if order.is_descending else column >= value
    return reach & (_beyond(column, value, order) | _beyond(key, after_id, order))


def _position(after: Record, order: Order) -> tuple[Any, int]:
    """The value by which a record is sorted, and its id."""
    model = type(after)
    row = current().execute_sql(*model.select(order.column).where(model.id == after.id).sql()).fetchone()
    return (row[0] if row else None), after.id


def _read(query: Any, selection: Selection) -> Iterator[Row]:
    rows = current().stream(query, selection.mark)
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


def _fetched(
    model: type[Record], sources: Sequence[Any], ids: Iterable[int], query: Callable[[Sequence[Any]], Any] | None = None
) -> Iterator[Row]:
    """The rows of these ids, in their order, a chunk at a time."""
    waiting, size = iter(ids), _FIRST_CHUNK
    selected = [*sources, model.id]
    while chunk := list(islice(waiting, size)):
        wanted = (query(selected) if query else model.listed().select(*selected)).where(model.id.in_(chunk))
        found = {row[-1]: row[:-1] for row in current().execute_sql(*wanted.sql())}
        yield from (found[record_id] for record_id in chunk if record_id in found)
        size = _CHUNK


def _ranked(selection: Selection, keys: Sequence[SortKey], limit: int | None) -> Iterator[int]:
    """The ids in order. With a limit no more than some of that many are kept in memory."""
    sources = [*(key.field.source for key in keys), selection.model.id]
    measures = [measure_of(key.field.kind) for key in keys]
    ranking = _Ranking(keys, limit if selection.after is None else None)
    for row in all_rows(selection, sources):
        ranking.add(
            tuple(None if x is None else measure(x) for x, measure in zip(row, measures, strict=False)), row[-1]
        )
    if selection.after is not None:
        own = Selection(selection.model, [selection.model.id == selection.after.id])
        for row in all_rows(own, sources):
            values = tuple(None if x is None else measure(x) for x, measure in zip(row, measures, strict=False))
            return ranking.after(values, row[-1])
    return ranking.ids()


def measure_of(kind: Kind) -> Callable[[Any], Any]:
    """What values of a kind are sorted by: texts without case and accents."""
    if kind in {Kind.TEXT, Kind.NAME, Kind.EMAIL}:
        return fold
    return bool if kind is Kind.FLAG else lambda value: value


_Place = tuple[tuple[Any, ...], int]


@dataclass
class _Ranking:
    """Records by their sort values; those that can no longer be among the first `limit` are dropped on the way."""

    keys: Sequence[SortKey]
    limit: int | None
    places: list[_Place] = field(default_factory=list)

    def add(self, values: tuple[Any, ...], record_id: Any) -> None:
        self.places.append((values, record_id))
        if self.limit is not None and len(self.places) > 10_000 + 2 * self.limit:
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
