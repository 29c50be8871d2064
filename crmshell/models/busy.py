"""Who is busy while an event takes place."""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import peewee

from crmshell.models.compiled import hole, statement
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.moments import format_day, format_moment, format_time
from crmshell.people import fold_username

_LOOKED_AT = 50
"""How many of an employee's events, the last to begin first: a mark that is shown while one types has to be quick."""


class Meanwhile(NamedTuple):
    """The employees who support another event at the same time. Moments are UTC seconds."""

    event_id: int
    start: int
    end: int

    @classmethod
    def of(cls, event: Event) -> Meanwhile | None:
        """What goes on during an event; None for one without dates, which keeps nobody busy."""
        if event.start is None or event.end is None:
            return None
        return cls(int(event.id), int(event.start), int(event.end))

    @property
    def condition(self) -> Any:
        """Which employees are busy."""
        clashes = _clashes(Employee.id, self.event_id, self.end).alias("clashes")
        return peewee.fn.EXISTS(Event.select(peewee.SQL("1")).from_(clashes).where(clashes.c.ends_at > self.start))

    def describe(self, username: str, zone: ZoneInfo) -> str:
        """What keeps them busy: `busy: Gala, until 23:00`."""
        values = {"username_key": fold_username(username), "event_id": self.event_id, "end": self.end}
        clashes = [row for row in statement(_clashes_by_name).rows(values) if row[1] > self.start]
        if not clashes:
            return ""
        name, end = clashes[-1]
        same_day = format_day(end, zone) == format_day(self.start, zone)
        return f"busy: {name}, until {format_time(end, zone) if same_day else format_moment(end, zone)}"


def _clashes_by_name() -> Any:
    employees = Employee.select(Employee.id).where(Employee.username_key == hole("username_key"))
    return _clashes(employees, hole("event_id"), hole("end"))


def _clashes(employee: Any, event_id: Any, end: Any) -> Any:
    """Name and end of their other events that begin before this one ends, the last to begin first."""
    other = Event.alias()
    before = (other.support == employee) & (other.start < end) & (other.id != event_id) & other.cancelled_at.is_null()
    return other.select(other.name, other.end).where(before).order_by(other.start.desc()).limit(_LOOKED_AT)
