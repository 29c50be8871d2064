"""What each role sees: the meaning of `--mine`, and whose runs and records are shown."""

from __future__ import annotations

from typing import Any

import peewee

from crmshell.access import Role
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event

_NOTHING = peewee.SQL("1 = 0")


def mine(model: Any, employee: Employee) -> Any:
    """The condition for what belongs to a commercial's customers, or to the events a support runs; else nothing."""
    role = Role.of(employee)
    if role is Role.COMMERCIAL:
        return model.commercial == employee.id
    return _supported(model, employee) if role is Role.SUPPORT else _NOTHING


def _supported(model: Any, employee: Employee) -> Any:
    if model is Event:
        return Event.support == employee.id
    link = {Contract: Event.contract, Customer: Event.customer}[model]
    return model.id.in_(Event.select(link).where(Event.support == employee.id))


def bound_to(employee: Employee) -> int | None:
    """Whose runs of scripts somebody may see: their own; None where it is those of everybody."""
    return None if Role.of(employee) is Role.ADMINISTRATOR else employee.id
