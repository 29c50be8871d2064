"""Who is busy while an event takes place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import peewee

from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.values import fold_username, format_day, format_moment, format_time

_LOOKED_AT = 50
"""How many of an employee's events, the last to begin first: a mark that is shown while one types has to be quick."""


@dataclass(frozen=True)
class Meanwhile:
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
        clashes = self._clashes(Employee.id).alias("clashes")
        return peewee.fn.EXISTS(Event.select(peewee.SQL("1")).from_(clashes).where(clashes.c.ends_at > self.start))

    def describe(self, username: str, zone: ZoneInfo) -> str:
        """What keeps them busy: `busy: Gala, until 23:00`."""
        employees = Employee.select(Employee.id).where(Employee.username_key == fold_username(username))
        clashes = [row for row in self._clashes(employees).tuples() if row[1] > self.start]
        if not clashes:
            return ""
        name, end = clashes[-1]
        same_day = format_day(end, zone) == format_day(self.start, zone)
        return f"busy: {name}, until {format_time(end, zone) if same_day else format_moment(end, zone)}"

    def _clashes(self, employee: Any) -> Any:
        """Name and end of the events that began before this one ends, the last to begin first."""
        other = Event.alias()
        before = (other.support == employee) & (other.start < self.end) & (other.id != self.event_id)
        taken = before & other.cancelled_at.is_null()
        return other.select(other.name, other.end).where(taken).order_by(other.start.desc()).limit(_LOOKED_AT)
