"""What the journal tells of records: queries for its entries and changes, and their values as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import peewee

from crmshell.database import current
from crmshell.models.base import Record
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.fields import kind_of
from crmshell.models.integrity import MODELS
from crmshell.models.journal import JournalChange, JournalEntry, Operation, Result
from crmshell.outcome import Column, Kind, Rows, Typed, Value

ENTRY_COLUMNS = (
    Column("id", Kind.NUMBER),
    Column("at", Kind.MOMENT),
    Column("by", Kind.NAME),
    Column("command", Kind.STATE),
    Column("result", Kind.STATE),
    Column("line", Kind.TEXT),
    Column("reason", Kind.TEXT, is_aside=True),
    Column("message", Kind.TEXT, is_aside=True),
    Column("undoes", Kind.NUMBER, is_aside=True),
)
_CHANGE_COLUMNS = (
    Column("record", Kind.NAME),
    Column("field", Kind.NAME),
    Column("before", Kind.VALUE),
    Column("after", Kind.VALUE),
)
_HISTORY_COLUMNS = (
    Column("entry", Kind.NUMBER),
    Column("at", Kind.MOMENT),
    Column("by", Kind.NAME),
    Column("command", Kind.STATE),
    *_CHANGE_COLUMNS,
    Column("reason", Kind.TEXT, is_aside=True),
)
_ERASED = Typed("erased", Kind.STATE)
_UNTOLD = frozenset({"id", "created_at", "updated_at", "recorded_at"})  # the entry itself says when
_LABELS = {"is_active": "active", "day": "date"}

Named = tuple[str, int]
"""A record by its noun and its key."""


class Wanted(NamedTuple):
    """Which entries are looked for; None asks for nothing. `after` is the entry that the last page ended with."""

    by: Employee | None = None
    on: Named | None = None
    since: int | None = None
    command: str | None = None
    after: int | None = None


def entries(wanted: Wanted, reader: int | None) -> Any:
    """A query of entries, the newest first; `reader` sees refusals and logins of their own alone, None all of them."""
    entry = JournalEntry
    query = entry.select(*_ENTRY_SOURCES).order_by(entry.id.desc())
    if wanted.by is not None:
        query = query.where(entry.employee_id == wanted.by.id)
    if wanted.on is not None:
        query = query.where(entry.id.in_(_entries_on(*wanted.on)))
    if wanted.since is not None:
        query = query.where((entry.at >= wanted.since) & (entry.id >= _first_since(wanted.since)))
    if wanted.command is not None:
        query = query.where(entry.command == wanted.command)
    if wanted.after is not None:
        query = query.where(entry.id < wanted.after)
    return query if reader is None else query.where(_visible_to(reader))


_ENTRY_SOURCES = (
    JournalEntry.id,
    JournalEntry.at,
    JournalEntry.username,
    JournalEntry.command,
    JournalEntry.result,
    JournalEntry.line,
    JournalEntry.reason,
    peewee.fn.NULLIF(JournalEntry.message, ""),
    JournalEntry.undoes,
)


def _first_since(moment: int) -> Any:
    """The oldest entry of this moment or later: nothing before it has to be looked at."""
    entry = JournalEntry.alias()
    return entry.select(peewee.fn.MIN(entry.id)).where(entry.at >= moment)


def _visible_to(reader: int) -> Any:
    return (JournalEntry.result == Result.DONE.value) | (JournalEntry.employee_id == reader)


def find_entry(number: int, reader: int | None) -> Sequence[Value] | None:
    """One entry, in the order of ENTRY_COLUMNS; None where there is none that this reader may see."""
    row: Sequence[Value] | None = entries(Wanted(), reader).where(JournalEntry.id == number).tuples().first()
    return row


def is_told_of(noun: str, number: int) -> bool:
    """Whether the journal knows a record, be it gone or not."""
    return bool(JournalChange.select().where(_on(noun, [number])).exists())


def latest(reader: int | None, most: int) -> Sequence[tuple[Any, ...]]:
    """The newest entries that this reader may see, for completion."""
    return list(current().stream(entries(Wanted(), reader).limit(most), "list", most))


def entry_rows(query: Any) -> Rows:
    """A listing of entries."""
    return Rows("entry", ENTRY_COLUMNS, current().stream(query, "list"))


def changes_of(number: int) -> Rows:
    """What one entry changed, a row a field."""
    query = _told().where(JournalChange.entry == number).order_by(JournalChange.id)
    rows = [row[4:8] for row in _field_rows(query)]
    return Rows("change", _CHANGE_COLUMNS, rows)


def history_of(record: Record) -> Rows:
    """Every change of a record, the newest first, with those of what is a part of it or was merged into it."""
    return Rows("change", _HISTORY_COLUMNS, _field_rows(history_query(record)))


def history_query(record: Record) -> Any:
    """The query behind it, which looks at this record's part of the journal alone."""
    conditions = [_on(noun, numbers) for noun, numbers in _parts(record)]
    return _told().where(reduce(or_, conditions)).order_by(JournalChange.id.desc())


def _parts(record: Record) -> Iterator[tuple[str, Any]]:
    """The records whose changes are told together with those of this one: the payments of a contract."""
    yield record.noun, list(record.numbers())
    if record.noun == "contract":
        yield "payment", [row[0] for row in current().execute_sql(*_payments(record).sql())]


def _payments(contract: Record) -> Any:
    """Asked for first: PostgreSQL would look at the changes of all payments for those of some that a query finds."""
    payment: Any = MODELS["payment"]
    return payment.select(payment.id).where(payment.contract == contract.id)


def _on(noun: str, numbers: Any) -> Any:
    return (JournalChange.noun == noun) & JournalChange.record_id.in_(numbers)


def _entries_on(noun: str, number: int) -> Any:
    return JournalChange.select(JournalChange.entry).where(_on(noun, [number]))


def _told() -> Any:
    change, entry = JournalChange, JournalEntry
    sources = (change.entry, entry.at, entry.username, entry.command, change.noun, change.record_id)
    return change.select(*sources, change.operation, change.fields, entry.reason).join(entry)


def _field_rows(query: Any) -> Iterator[Sequence[Value]]:
    """A row for each field of each change, names in the place of keys."""
    names = Names()
    for *entry, noun, record_id, operation, text, reason in current().stream(query):
        title = names.title(noun, record_id)
        for field, before, after in _fields(noun, operation, text, names):
            yield *entry, title, field, before, after, reason


def _fields(noun: str, operation: str, text: str, names: Names) -> Iterator[tuple[str, Value, Value]]:
    told: Mapping[str, Sequence[Any] | None] = json.loads(text)
    model = MODELS.get(noun)
    for name, pair in told.items():
        if name in _UNTOLD or (operation != Operation.UPDATE.value and pair == [None, None]):
            continue
        before, after = (_ERASED, _ERASED) if pair is None else (names.value(model, name, value) for value in pair)
        yield _LABELS.get(name, name), before, after


class Names:
    """The names of the records that others refer to by their keys, each looked up once."""

    def __init__(self) -> None:
        self._titles: dict[Named, str] = {}
        self._names: dict[Named, str] = {}

    def title(self, noun: str, number: int) -> str:
        """A record in two words: `contract 5611d818`."""
        return self._known(self._titles, noun, number, lambda record: record.title)

    def value(self, model: type[Record] | None, name: str, stored: Any) -> Typed | None:
        """What a field held, with its kind; a record that it refers to by its name."""
        if stored is None:
            return None
        field = model._meta.fields.get(name) if model else None  # noqa: SLF001  (peewee's public name for it)
        if isinstance(field, peewee.ForeignKeyField):
            noun = field.rel_model.noun
            return Typed(self._known(self._names, noun, stored, _name), Kind.NAME)
        return Typed(stored, kind_of(field)) if field else Typed(str(stored), Kind.TEXT)

    @staticmethod
    def _known(known: dict[Named, str], noun: str, number: int, name: Callable[[Record], str]) -> str:
        if (noun, number) not in known:
            model = MODELS.get(noun)
            record = model.find(number) if model else None
            known[noun, number] = name(record) if record else f"{noun} {number}"
        return known[noun, number]


def _name(record: Record) -> str:
    return f"{record.handle} {record.fullname}" if isinstance(record, Customer) else record.handle
