"""One field of many records, set by one statement; each of them has its own change in the journal."""

from __future__ import annotations

from typing import Any

from crmshell.database import current
from crmshell.models import locks, search
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.event import Event
from crmshell.models.journal import Change, Operation, Work


def set_everywhere(model: type[Record], condition: Any, name: str, value: object) -> int:
    """Give a field this value in all records that a condition keeps, held until the end; returns how many there were.

    Copies and search words that depend on it are the caller's; raises RuntimeError outside of `work()`.
    """
    work = Work.current()
    field = model._meta.fields[name]  # noqa: SLF001  (peewee's public name for it)
    found = locks.hold(model.select(model.id, field).where(condition).order_by(model.id))
    rows = current().execute_sql(*found.sql()).fetchall()
    for record_id, before in rows:
        work.note(Change(model.noun, record_id, Operation.UPDATE, {name: (before, value)}))
    if rows:
        current().execute_sql(*model.update({field: value, "updated_at": work.at}).where(condition).sql())
    return len(rows)


def repeat_commercial(condition: Any, commercial_id: int) -> None:
    """Keep the copies of the commercial in contracts and events, whose customers a condition on `customer` keeps.

    The contracts first: whoever adds an event holds its contract, and is waited for there.
    """
    Work.current()
    for model in (Contract, Event):
        copies = model.update(commercial=commercial_id).where(model.customer.in_(condition))
        current().execute_sql(*copies.sql())
    events = Event.select(Event.id).where(Event.customer.in_(condition))
    search.change_owner(Event.noun, events, commercial_id)
