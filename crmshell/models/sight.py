"""What one session was shown: whoever writes over what somebody else has changed since is told so, and by whom."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crmshell.database import current
from crmshell.errors import Conflict
from crmshell.models.base import Record
from crmshell.models.fields import NoteField, Shown
from crmshell.models.journal import Work
from crmshell.moments import format_moment
from crmshell.outcome import Card, Column, Kind, Outcome, Rows, Value
from crmshell.text import safe, shorten
from crmshell.values import format_amount

MOST = 1000
"""How many records are remembered; of a longer list the first ones."""

_WATCHED = frozenset({"employee", "customer", "contract", "event"})
_FEW_CHANGES = 50
_LONGEST_VALUE = 60

Named = tuple[str, Value]
"""A record by its noun and the value of its first column: the number, the UUID of a contract."""


class Overtaken(NamedTuple):
    """A field that somebody else has changed since it was shown."""

    field: str
    shown: str
    now: str
    by: str

    @property
    def sentence(self) -> str:
        """Both values, and who made the second."""
        return f"{self.field} was {self.shown} when you saw it, and is {self.now} since {self.by} changed it"


class Sight:
    """The records shown to one session, each with the values it was last shown with; `zone` is that of its moments."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._seen: OrderedDict[Named, Mapping[str, Value]] = OrderedDict()

    def watch(self, outcome: Outcome) -> Outcome:
        """The same outcome, its records remembered as they are shown."""
        if not isinstance(outcome, Card | Rows) or outcome.noun not in _WATCHED:
            return outcome
        if isinstance(outcome, Card):
            self._see(outcome.noun, outcome.columns, outcome.values)
        elif any(column.name == "id" for column in outcome.columns):
            return outcome._replace(rows=self._watched(outcome))
        return outcome

    def copy(self) -> Mapping[Named, Mapping[str, Value]]:
        """What has been seen so far, to come back to."""
        return OrderedDict(self._seen)

    def go_back(self, seen: Mapping[Named, Mapping[str, Value]]) -> None:
        """Forget what was seen since; nothing of it has become real."""
        self._seen = OrderedDict(seen)

    def guard(self, work: Work, override: Callable[[str], None] | None) -> Callable[[Record, Mapping[str, Any]], None]:
        """What is asked before a record is updated; it raises Conflict, or tells `override` where that is given."""

        def check(record: Record, changes: Mapping[str, Any]) -> None:
            overtaken = list(self._overtaken(record, changes, work))
            if not overtaken:
                return
            told = "; ".join(each.sentence for each in overtaken)
            if override is None:
                raise Conflict(f"{record.title}: {told}", hint=_look_again(record))
            override(f"overridden: {told}")

        return check

    def _see(self, noun: str, columns: Sequence[Column], values: Sequence[Value]) -> None:
        shown = {column.name: value for column, value in zip(columns, values, strict=True)}
        key = noun, shown.get("id")
        self._seen[key] = {**self._seen.pop(key, {}), **shown}
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)

    def _watched(self, listing: Rows) -> Iterator[Sequence[Value]]:
        rows = iter(listing.rows)
        for row in islice(rows, MOST):
            self._see(listing.noun, listing.columns, row)
            yield row
        yield from rows

    def _overtaken(self, record: Record, changes: Mapping[str, Any], work: Work) -> Iterator[Overtaken]:
        """The fields about to be written that are no longer what was shown, by the hand of somebody else."""
        seen = self._seen.get((record.noun, record.__data__[record.shown[0].source.name]))
        values = record.find_shown_values() if seen else None
        if not seen or values is None:
            return
        earlier = work.changed_fields(record.noun, record.id)
        for shown, value in zip(record.shown, values, strict=True):
            name = _guarded(shown, record, changes)
            if not name or name in earlier or shown.name not in seen or seen[shown.name] == value:
                continue
            employee_id, username = _last_to_change(record, name)
            if employee_id != work.employee_id:
                before, now = (_text(each, shown.column.kind, self.zone) for each in (seen[shown.name], value))
                yield Overtaken(shown.name.replace("_", " "), *_differing(before, now), username)


def _guarded(shown: Shown, record: Record, changes: Mapping[str, Any]) -> str:
    """The stored field that is shown there, if it is written over: what adds to what was there loses nothing."""
    (name, *others) = shown.stored
    if others or name not in changes or name in {*record.growing, "updated_at"}:
        return ""
    before, after = changes[name]
    is_note = isinstance(record._meta.fields[name], NoteField)  # noqa: SLF001  (peewee's public name for it)
    return "" if is_note and before and str(after).startswith(before) else name


def _last_to_change(record: Record, name: str) -> tuple[int | None, str]:
    """Who changed a field last, by key and username."""
    mark = current().param
    sql = f"""SELECT c.fields, e.employee_id, e.username FROM journal_change c JOIN journal_entry e ON e.id = c.entry_id
        WHERE c.noun = {mark} AND c.record_id = {mark} ORDER BY c.id DESC LIMIT {_FEW_CHANGES}"""  # noqa: S608
    rows = current().execute_sql(sql, (record.noun, record.id)).fetchall()
    found = ((employee_id, username) for fields, employee_id, username in rows if name in json.loads(fields))
    return next(found, (None, "somebody"))


def _text(value: Value, kind: Kind, zone: ZoneInfo) -> str:
    if value is None:
        return "empty"
    if kind is Kind.AMOUNT and isinstance(value, int):
        return format_amount(value)
    if kind is Kind.MOMENT and isinstance(value, int):
        return format_moment(value, zone)
    return safe(str(value))


def _differing(before: str, now: str) -> tuple[str, str]:
    """Two values as they fit in a sentence: of long ones the part where they differ."""
    if max(len(before), len(now)) > _LONGEST_VALUE:
        pairs = enumerate(zip(before, now, strict=False))
        same = next((place for place, (one, other) in pairs if one != other), min(len(before), len(now)) - 1)
        before, now = (f"…{text[same:]}" if same else text for text in (before, now))
    return shorten(before, _LONGEST_VALUE), shorten(now, _LONGEST_VALUE)


def _look_again(record: Record) -> str:
    return f"`{record.noun} detail {record.handle}` shows it as it is; an update with --force is written all the same"
