"""Everything that one employee looks after goes to another, at once and whatever its number."""

from __future__ import annotations

from typing import Any, NamedTuple

import peewee

from crmshell.errors import Refused
from crmshell.models import bulk, search
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee, RoleName, refuse_without_role
from crmshell.models.event import Event
from crmshell.text import plural


class Portfolio(NamedTuple):
    """How much an employee looks after: customers, deleted ones too, with what is theirs, and events to come."""

    customers: int
    contracts: int
    events: int
    supported: int

    @classmethod
    def of(cls, employee: Employee, now: int) -> Portfolio:
        """What is to be handed over."""
        queries = (
            Customer.select().where(Customer.commercial == employee),
            Contract.select().where(Contract.commercial == employee),
            Event.select().where(Event.commercial == employee),
            Event.select().where(_open_events(employee, now)),
        )
        return cls(*(query.count() for query in queries))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.customers or self.supported)

    @property
    def sentence(self) -> str:
        """In words: `3 customers with 12 contracts and 8 events`."""
        if self.is_empty:
            return "nothing"
        sold = f"with {plural(self.contracts, 'contract')} and {plural(self.events, 'event')}"
        parts = [f"{plural(self.customers, 'customer')} {sold}"] if self.customers else []
        parts += [f"{plural(self.supported, 'event')} to support"] if self.supported else []
        return " and ".join(parts)


def in_charge() -> Any:
    """Which employees look after something."""
    customers = Customer.select(peewee.SQL("1")).where(Customer.commercial == Employee.id)
    events = Event.select(peewee.SQL("1")).where((Event.support == Employee.id) & Event.cancelled_at.is_null())
    return peewee.fn.EXISTS(customers) | peewee.fn.EXISTS(events)


def hand_over(giver: Employee, taker: Employee, now: int) -> Portfolio:
    """Give all customers, with the copies in contracts and events, and all open events to another employee.

    Refused where that one may not have them, or is busy at one of the events.
    """
    found = Portfolio.of(giver, now)
    refuse(giver, taker, found, now)
    if found.customers:
        mine = Customer.select(Customer.id).where(Customer.commercial == taker)
        bulk.set_everywhere(Customer, Customer.commercial == giver.id, "commercial", taker.id)
        search.change_owner(Customer.noun, mine, taker.id)
        bulk.repeat_commercial(mine, taker.id)
    if found.supported:
        bulk.set_everywhere(Event, _open_events(giver, now), "support", taker.id)
    return found


def refuse(giver: Employee, taker: Employee, found: Portfolio, now: int) -> None:
    """Raise what keeps the one from taking over from the other."""
    if giver.id == taker.id:
        message = f"{giver.username} cannot take over from themselves"
        raise Refused(message, hint="name two employees: employee handover FROM TO")
    if found.customers:
        refuse_without_role(taker, RoleName.COMMERCIAL)
    if found.supported:
        refuse_without_role(taker, RoleName.SUPPORT)
        _refuse_clashes(giver, taker, now)


def _open_events(employee: Employee, now: int) -> Any:
    return (Event.support == employee.id) & Event.not_ended(now)


def _refuse_clashes(giver: Employee, taker: Employee, now: int) -> None:
    other = Event.alias()
    meanwhile = (other.start < Event.end) & (other.end > Event.start) & other.cancelled_at.is_null()
    clashes = Event.select(Event.id, other.id).join(other, on=(other.support == taker.id) & meanwhile)
    dated = clashes.where(_open_events(giver, now) & (other.end > now)).order_by(Event.id, other.id)
    first = dated.tuples().first()
    if first is not None:
        raise Refused(
            f"{taker.username} is busy at event {first[1]} during event {first[0]}",
            hint=f"give event {first[0]} to somebody else first: event set-support {first[0]} NAME",
        )
