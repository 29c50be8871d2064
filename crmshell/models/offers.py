"""The records that completion offers: a bounded, indexed query for whatever was typed of a handle or a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import peewee

from crmshell.models import handles, search
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event

MOST = 50
_LONGEST_NUMBER = 9


def candidates(
    model: type[Record], typed: str, conditions: Sequence[Any], owner_id: int | None, most: int = MOST
) -> list[tuple[Any, ...]]:
    """At most so many records that fit what was typed and all conditions, as values in the order of `shown`.

    `owner_id` is the commercial all of them belong to, where the conditions say so: it makes the search narrower.
    What was typed leaves few records, and the conditions are then written so that no index of theirs is preferred to
    that of the words or of the id.
    """
    found: dict[Any, tuple[Any, ...]] = {}
    kept = [peewee.NodeList((peewee.EnclosedNodeList([rule]), peewee.SQL("IS TRUE"))) for rule in conditions]
    wanted = kept if typed.strip() else conditions
    for query in _queries(model, typed.strip(), owner_id):
        for row in (query.where(*wanted) if wanted else query).limit(most - len(found)).tuples():
            found.setdefault(row[0], row)
        if len(found) >= most:
            break
    return list(found.values())


def _queries(model: type[Record], typed: str, owner_id: int | None) -> Iterator[Any]:
    """One query for each way in which the text may name a record, the surest first."""
    newest = model.listed().order_by(*_order(model))
    if not typed:
        yield newest
        return
    if model is Contract:
        yield from _by_prefix(typed)
    elif model is not Employee and typed.isascii() and typed.isdigit():
        yield from _by_number(model, typed)
    for noun, link in _WORDS[model]:
        matching = search.matching(noun, typed, owner_id if noun != "employee" else None)
        if matching is not None:
            yield newest.where(link.in_(matching))


_WORDS: dict[type[Record], Sequence[tuple[str, Any]]] = {
    Employee: [("employee", Employee.id)],
    Customer: [("customer", Customer.id)],
    Contract: [("customer", Contract.customer)],
    Event: [("event", Event.id), ("customer", Event.customer)],
}


def _order(model: type[Record]) -> Sequence[Any]:
    if model is Employee:
        return (Employee.username_key,)
    if model is Event:
        return Event.start.desc(nulls="last"), Event.id.desc()
    return (model.id.desc(),)


def _by_prefix(typed: str) -> Iterator[Any]:
    digits = typed.casefold().replace("-", "")
    if len(digits) <= handles.WHOLE and all(char in "0123456789abcdef" for char in digits):
        first, last = handles.bounds(digits)
        yield Contract.listed().where(Contract.uuid.between(first, last)).order_by(Contract.uuid)


def _by_number(model: type[Record], digits: str) -> Iterator[Any]:
    """Numbers that begin with these digits: 12, then 120 to 129, then 1200 to 1299, and so on."""
    if len(digits) > _LONGEST_NUMBER:
        return
    listed = model.listed()
    yield listed.where(model.id == int(digits))
    for zeros in range(1, _LONGEST_NUMBER - len(digits) + 1):
        low = int(digits) * 10**zeros
        if low:
            yield listed.where(model.id.between(low, low + 10**zeros - 1)).order_by(model.id)
