"""Two customers who are one: what belongs to the first goes to the second, for which its number stands from then on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from crmshell.database import current
from crmshell.errors import Refused
from crmshell.models import bulk
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.event import Event

CHOSEN = (*Customer.editable, "commercial")
"""The fields of which the one or the other may be kept."""


def merge(source: Customer, target: Customer, kept: Collection[str], now: int) -> tuple[int, int]:
    """Merge `source` into `target`; returns how many contracts and events were moved.

    Of each field the target's value stays, unless it has none or `kept` names the field. Notes are joined, and the
    later of both contacts is the last one.
    """
    refuse_itself(source, target)
    values = _values(source, target, kept)
    source.deleted_at, source.merged_into = now, target.id
    source.store()
    if "commercial" in kept:
        target.give_to(source.owner)
    target.edit(values, allow_duplicate=True)
    return _move(source, target)


def refuse_itself(source: Customer, target: Customer) -> None:
    """A customer cannot be merged into itself, nor into one that was merged into it."""
    if source.id == target.id:
        message = f"customer {source.id} is that customer already"
        raise Refused(message, hint="name two different customers: customer merge FROM INTO")


def lost(source: Customer, target: Customer, kept: Collection[str]) -> list[tuple[str, Any]]:
    """The fields of which the target has another value, and whose value of the source is not kept."""
    pairs = ((name, getattr(source, name)) for name in Customer.editable if name not in kept)
    fields = [(name, value) for name, value in pairs if value and getattr(target, name) not in {None, value}]
    is_given_away = source.commercial_id != target.commercial_id and "commercial" not in kept
    return [*fields, ("commercial", source.owner.username)] if is_given_away else fields


def _values(source: Customer, target: Customer, kept: Collection[str]) -> dict[str, Any]:
    chosen = {
        name: getattr(source, name)
        for name in Customer.editable
        if getattr(source, name) is not None and (name in kept or getattr(target, name) is None)
    }
    days = [day for day in (source.last_contact, target.last_contact) if day]
    notes = [note for note in (target.note, source.note) if note]
    return chosen | {"last_contact": max(days, default=None), "note": "\n\n".join(notes) or None}


def _move(source: Customer, target: Customer) -> tuple[int, int]:
    """Re-point the contracts, then their events, which repeat the customer."""
    contracts = bulk.set_everywhere(Contract, Contract.customer == source.id, "customer", target.id)
    events = Event.select().where(Event.customer == source.id).count()
    current().execute_sql(*Event.update(customer=target.id).where(Event.customer == source.id).sql())
    if contracts:
        bulk.repeat_commercial([target.id], target.commercial_id)
    return contracts, events
