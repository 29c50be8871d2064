"""What a record is shown together with: the newest of the records that belong to it, and how to see all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmshell.models import handles
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.event import Event
from crmshell.models.payment import Payment
from crmshell.outcome import Rows

MOST = 10
_CONTRACT = ("id", "total_amount", "total_due", "signed", "created_at", "cancelled_at")
_EVENT = ("id", "name", "start", "end", "support", "cancelled_at")
_PAYMENT = ("id", "amount", "date", "method", "reference", "recorded_by", "reverses")


def related(record: Record) -> Sequence[Rows]:
    """The listings that belong to a record, those without a row left out."""
    return [rows for rows in _listings(record) if rows.rows]


def _listings(record: Record) -> Iterator[Rows]:
    if isinstance(record, Customer):
        theirs = f"--where 'customer_id = {record.id}'"
        yield _newest(Contract, _CONTRACT, Contract.customer == record.id, f"contract list {theirs}")
        yield _newest(Event, _EVENT, Event.customer == record.id, f"event list {theirs}")
    elif isinstance(record, Contract):
        yield _newest(Payment, _PAYMENT, Payment.contract == record.id, f"contract payments {record.handle}")
        theirs = f"--where 'contract_id = {record.handle}'"
        yield _newest(Event, _EVENT, Event.contract == record.id, f"event list {theirs}")


def _newest(model: type[Record], names: Sequence[str], condition: Any, all_of_them: str) -> Rows:
    """At most MOST of them, and the line that lists all where there are more."""
    places = [place for place, shown in enumerate(model.shown) if shown.name in names]
    order = model.default_order()
    column = order.column.desc(nulls="last") if order.is_nullable else order.column.desc()
    query = model.listed().where(condition).order_by(column, model.id.desc()).limit(MOST + 1)
    found = [[row[place] for place in places] for row in query.tuples()]
    more = f"and {model.select().where(condition).count() - MOST} more: {all_of_them}" if len(found) > MOST else ""
    columns = [model.shown[place].column for place in places]
    return Rows(model.noun, columns, found[:MOST], handles.shortest, more=more)
