"""What each role sees: the meaning of `--mine`, and whose runs and records are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import peewee

from crmshell.access import Role
from crmshell.database import current
from crmshell.listing import Listing
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event

_NOTHING = peewee.SQL("1 = 0")


def mine(listing: Listing[Any], employee: Employee, *, without_event: bool = False) -> None:
    """Keep what belongs to a commercial's customers, or to the events a support runs; else nothing.

    Of contracts `without_event` a support knows those alone whose events were all cancelled.
    """
    role, model = Role.of(employee), listing.model
    if role is Role.COMMERCIAL:
        listing.keep(model.commercial == employee.id)  # type: ignore[attr-defined]  # listed models have one
    elif role is not Role.SUPPORT:
        listing.keep(_NOTHING)
    elif model is Event:
        listing.keep(Event.support == employee.id)
    else:
        events = [Event.support == employee.id, *([Event.cancelled_at.is_null(is_null=False)] if without_event else [])]
        listing.keep_ids(_linked(model, events))


def _linked(model: Any, conditions: Sequence[Any]) -> Iterator[int]:
    """The records of the events that a support runs, the newest first, as an index of events has them."""
    link: Any = {Contract: Event.contract, Customer: Event.customer}[model]
    ids = Event.select(link).where(*conditions).distinct().order_by(link.desc())
    return (row[0] for row in current().stream(ids))


def bound_to(employee: Employee) -> int | None:
    """Whose runs of scripts somebody may see: their own; None where it is those of everybody."""
    return None if Role.of(employee) is Role.ADMINISTRATOR else employee.id
