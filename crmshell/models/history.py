"""What the journal tells of records: queries for its entries and changes, and their values as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar

import peewee

from crmshell.database import current
from crmshell.models.base import Record
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.fields import MomentField, NameField, Shown, StateField, kind_of
from crmshell.models.integrity import MODELS
from crmshell.models.journal import JournalChange, JournalEntry, Operation, Result
from crmshell.outcome import Column, Kind, Rows, Typed, Value

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


class Entry(Record):
    """An entry of the journal as a record that is listed; what writes it is `work()`."""

    noun: ClassVar[str] = "entry"

    id: peewee.AutoField[int] = peewee.AutoField()
    at = MomentField()
    employee = peewee.ForeignKeyField(Employee, null=True)
    username = NameField()
    command = StateField()
    line = peewee.TextField()
    result = StateField(choices=[(result.value, result.value) for result in Result])
    message = peewee.TextField()
    reason = peewee.TextField(null=True)
    undoes_id = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "journal_entry"

    @classmethod
    def listed(cls) -> Any:
        """Every entry; the names in it are those of then."""
        return cls.select(*cls.shown_sources())

    @classmethod
    def visible_to(cls, reader: int) -> Any:
        """The entries that somebody may see who is no administrator: refusals and logins are their own alone."""
        return (cls.result == Result.DONE.value) | (cls.employee == reader)

    @classmethod
    def since(cls, moment: int) -> tuple[Any, Any]:
        """The entries of this moment (UTC seconds) or later; nothing before the oldest of them has to be looked at."""
        other = cls.alias()
        oldest = other.select(peewee.fn.MIN(other.id)).where(other.at >= moment)
        return cls.at >= moment, cls.id >= oldest

    @classmethod
    def on(cls, noun: str, number: int) -> Any:
        """The entries that changed a record, be it gone or not."""
        return cls.id.in_(JournalChange.select(JournalChange.entry).where(_on(noun, [number])))


Entry.shown = (
    Shown("id", Entry.id, found_by=Entry.id, order=Entry.id),
    Shown("at", Entry.at, order=Entry.at),
    Shown("by", Entry.username, found_by=Entry.employee),
    Shown("command", Entry.command, found_by=Entry.command),
    Shown("result", Entry.result),
    Shown("line", Entry.line),
    Shown("reason", Entry.reason, is_aside=True),
    Shown("message", peewee.fn.NULLIF(Entry.message, ""), Kind.TEXT, is_aside=True),
    Shown("undoes", Entry.undoes_id, found_by=Entry.undoes_id, is_aside=True),
)


def entries(reader: int | None) -> Any:
    """A query of entries, the newest first; `reader` sees refusals and logins of their own alone, None all of them."""
    query = Entry.listed().order_by(Entry.id.desc())
    return query if reader is None else query.where(Entry.visible_to(reader))


def find_entry(number: int, reader: int | None) -> Sequence[Value] | None:
    """One entry, in the order of its columns; None where there is none that this reader may see."""
    row: Sequence[Value] | None = entries(reader).where(Entry.id == number).tuples().first()
    return row


def is_told_of(noun: str, number: int) -> bool:
    """Whether the journal knows a record, be it gone or not."""
    return bool(JournalChange.select().where(_on(noun, [number])).exists())


def latest(reader: int | None, most: int) -> Sequence[tuple[Any, ...]]:
    """The newest entries that this reader may see, for completion."""
    return list(current().stream(entries(reader).limit(most), "list", most))


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
