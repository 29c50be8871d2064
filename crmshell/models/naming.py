"""Find the record a person names: a username, a number, or the beginning of a UUID."""

from __future__ import annotations

from typing import Any

from crmshell.errors import Ambiguous, NotFound
from crmshell.models import handles, locks
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.employee import Employee
from crmshell.people import fold_username
from crmshell.text import are_digits, safe, shorten

_LONGEST_NUMBER = 18  # digits: every such number fits into a column of 64 bits
_MOST_CANDIDATES = 6


def find_record(model: type[Record], typed: str, *, hold: bool, numbers: bool = False) -> Record:
    """The one record of this handle, held against other writers if asked; raises NotFound or Ambiguous.

    `numbers` lets an employee be named by number too.
    """
    if model is Contract:
        return _contract(typed, hold=hold)
    if model is Employee:
        return _employee(typed, hold=hold, numbers=numbers)
    return _numbered(model, typed, hold=hold)


def by_id(model: type[Record], record_id: int, *, hold: bool) -> Record | None:
    """The record of this key, None where it is gone."""
    return model.find(record_id, locks.UPDATE if hold else "")


def find_number(typed: str) -> int | None:
    """The number that was typed, None where it is none that a record can have."""
    return int(typed) if are_digits(typed) and len(typed) <= _LONGEST_NUMBER else None


def _first(query: Any, *, hold: bool) -> Record | None:
    return next(iter(locks.hold(query) if hold else query), None)


def _numbered(model: type[Record], typed: str, *, hold: bool) -> Record:
    number = find_number(typed.strip())
    if number is None:
        raise _not_found(model, typed, f"a {model.noun} is named by its number")
    found = by_id(model, number, hold=hold)
    if found is None:
        shown_by = "contract payments" if model.noun == "payment" else f"{model.noun} list"
        raise _not_found(model, typed, f"{shown_by} shows them")
    return found


def _employee(typed: str, *, hold: bool, numbers: bool) -> Employee:
    found = _first(Employee.select().where(Employee.username_key == safe(fold_username(typed.strip()))), hold=hold)
    number = find_number(typed) if numbers else None
    if found is None and number is not None:
        found = by_id(Employee, number, hold=hold)
    if not isinstance(found, Employee):
        raise _not_found(Employee, typed, "employee list shows them")
    return found


def _contract(typed: str, *, hold: bool) -> Contract:
    prefix = handles.find_prefix(typed.strip())
    if prefix is None:
        raise _not_found(Contract, typed, "a contract is named by the first 4 or more characters of its id")
    first, last = handles.bounds(prefix)
    query = Contract.select().where(Contract.uuid.between(first, last)).order_by(Contract.uuid)
    found = list(query.limit(_MOST_CANDIDATES))
    if not found:
        raise _not_found(Contract, typed, "contract list shows them")
    if len(found) > 1:
        raise _ambiguous(typed, [contract.uuid for contract in found])
    held = by_id(Contract, found[0].id, hold=hold) if hold else found[0]
    if not isinstance(held, Contract):
        raise _not_found(Contract, typed, "contract list shows them")
    return held


def _ambiguous(typed: str, uuids: list[str]) -> Ambiguous:
    shown = list(handles.shortest(uuids).values())
    listed = shown[: _MOST_CANDIDATES - 1]
    if len(shown) < _MOST_CANDIDATES:
        hint = f"type {', '.join(listed[:-1])} or {listed[-1]}"
        return Ambiguous(f"{safe(typed)} begins {len(shown)} contracts", hint=hint)
    return Ambiguous(f"{safe(typed)} begins more than {len(listed)} contracts", hint=f"type {', '.join(listed)}, …")


def _not_found(model: type[Record], typed: str, hint: str) -> NotFound:
    return NotFound(f"there is no {model.noun} {shorten(safe(typed), 40) or 'without a name'}", hint=hint)
