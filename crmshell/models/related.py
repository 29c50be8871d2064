"""What a record is shown together with: the newest of the records that belong to it, and how to see all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmshell.models import handles
from crmshell.models.base import Record
from crmshell.models.compiled import hole, statement
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
        yield _newest(Contract, _CONTRACT, Contract.customer, record, f"contract list {theirs}")
        yield _newest(Event, _EVENT, Event.customer, record, f"event list {theirs}")
    elif isinstance(record, Contract):
        yield _newest(Payment, _PAYMENT, Payment.contract, record, f"contract payments {record.handle}")
        theirs = f"--where 'contract_id = {record.handle}'"
        yield _newest(Event, _EVENT, Event.contract, record, f"event list {theirs}")


def _newest(model: type[Record], names: Sequence[str], link: Any, record: Record, all_of_them: str) -> Rows:
    """At most MOST of those that refer to a record, and the line that lists all where there are more."""
    places = [place for place, shown in enumerate(model.shown) if shown.name in names]
    rows = statement(_linked, model, link.name).rows({"record": record.id})
    found = [[row[place] for place in places] for row in rows]
    count = model.select().where(link == record.id).count() if len(found) > MOST else 0
    more = f"and {count - MOST} more: `{all_of_them}`" if count else ""
    columns = [model.shown[place].column for place in places]
    return Rows(model.noun, columns, found[:MOST], handles.shortest, more=more)


def _linked(model: type[Record], link: str) -> Any:
    """The query of the newest records that refer to one, one more of them than are shown."""
    order = model.default_order()
    column = order.column.desc(nulls="last") if order.is_nullable else order.column.desc()
    linked = model.listed().where(getattr(model, link) == hole("record"))
    return linked.order_by(column, model.id.desc()).limit(MOST + 1)
