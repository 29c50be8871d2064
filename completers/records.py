"""The customers, contracts, events and employees a parameter may name, and what one needs to know to choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from completers.given import find_beside, find_live_employee
from completers.ranking import NEVER, Choice, ranked
from crmshell.access import OWN, Beside, Role
from crmshell.language.slots import Slot
from crmshell.models import handles, offers
from crmshell.models.base import Record
from crmshell.models.employee import Employee
from crmshell.models.offers import Scope
from crmshell.models.ways import Row
from crmshell.parameters import Pick
from crmshell.session import Session
from crmshell.values import format_amount, format_day, format_moment

Parts = Sequence[str | None]


def records(kind: Pick, slot: Slot, session: Session) -> Iterator[Choice]:
    """The records that the rules of the parameter keep, and the names of those that have one."""
    employee = find_live_employee(session)
    if employee is None:
        return
    scope = _scope(kind, slot, employee, session)
    if not slot.typed or slot.typed.startswith("@"):
        yield from _names(scope, slot.typed[1:], session)
    if slot.typed.startswith("@"):
        return
    marked = find_beside(kind.last, slot, session)
    if marked is None:
        yield from _found(scope, slot.typed, session)
        return
    yield from _found(scope.narrowed(~marked.condition), slot.typed, session)
    for choice in _found(scope.narrowed(marked.condition), slot.typed, session):
        mark = marked.describe(choice.value, session.settings.zone_info)
        yield replace(choice, meta=_joined(mark, choice.meta))


def _found(scope: Scope, typed: str, session: Session) -> list[Choice]:
    """The records of a scope that fit; where none does, those that fit the nearest words there are."""
    rows, correction = _rows(scope, typed, list(_recent(scope.model, session)))
    return ranked(_choices(scope.model, rows, session, correction), correction or typed)


def _scope(kind: Pick, slot: Slot, employee: Employee, session: Session) -> Scope:
    """What the parameter takes: by its rules, and by the other values of the line."""
    rules = [*kind.rules, *(rule for rule in kind.offer if not isinstance(rule, Beside))]
    besides = [find_beside(beside, slot, session) for beside in kind.offer if isinstance(beside, Beside)]
    narrowing = [condition for condition in besides if condition is not None]

    def conditions() -> Sequence[Any]:
        found = [rule.condition(kind.model, employee) for rule in rules]
        return [condition for condition in (*found, *narrowing) if condition is not None]

    key = None if narrowing else (kind, employee.id, employee.role)
    owner_id = employee.id if OWN in kind.rules and Role.of(employee) in OWN.binds else None
    return Scope(kind.model, key, conditions, owner_id)


def _rows(scope: Scope, typed: str, recent: Sequence[int]) -> tuple[Sequence[Row], str]:
    """What fits; where nothing does, what fits the nearest words there are, and these words."""
    rows = offers.candidates(scope, typed, recent)
    if rows:
        return rows, ""
    for correction in offers.corrections(scope, typed):
        rows = offers.candidates(scope, correction)
        if rows:
            return rows, correction
    return [], ""


def _names(scope: Scope, typed: str, session: Session) -> Iterator[Choice]:
    """The names that begin so, of records which the same conditions keep."""
    model = scope.model
    named = {name: key for name, (known, key) in session.names.items() if known is model and name.startswith(typed)}
    rows = {row[-1]: row for row in offers.by_key(scope, list(named.values()))}
    for name, key in named.items():
        for choice in _choices(model, [rows[key]] if key in rows else [], session):
            yield Choice(f"@{name}", _joined(choice.value, choice.meta), is_literal=True, recency=0)


def _choices(model: type[Record], rows: Sequence[Row], session: Session, correction: str = "") -> list[Choice]:
    """The records as the menu shows them; what was found by a corrected word says so."""
    names = [shown.name for shown in model.shown]
    described = [dict(zip(names, row, strict=False)) for row in rows]
    short = handles.shortest([row["id"] for row in described]) if model.noun == "contract" else {}
    recent, near = _recent(model, session), f"≈ {correction}" if correction else ""
    describe = _DESCRIPTIONS.get(model.noun, _described)
    return [
        Choice(
            short.get(shown["id"], str(shown["username" if model is Employee else "id"])),
            _joined(near, *describe(shown, session.settings.zone_info)),
            recency=recent.get(row[-1], NEVER),
        )
        for shown, row in zip(described, rows, strict=True)
    ]


def _recent(model: type[Record], session: Session) -> Mapping[int, int]:
    """How many other records were touched since each of those that were, the last one first."""
    places: dict[int, int] = {}
    for place, (known, record_id) in enumerate(tuple(session.recent)):
        if known is model:
            places.setdefault(record_id, place)
    return places


# What is said of each


def _employee(row: Mapping[str, Any], _zone: ZoneInfo) -> Parts:
    return row["fullname"], row["role"], "" if row["active"] else "deactivated"


def _customer(row: Mapping[str, Any], _zone: ZoneInfo) -> Parts:
    return row["fullname"], row["company"], row["commercial"]


def _contract(row: Mapping[str, Any], zone: ZoneInfo) -> Parts:
    return row["customer"], _state(row), row["company"], format_day(row["signed_at"] or row["created_at"], zone)


def _state(row: Mapping[str, Any]) -> str:
    if row.get("cancelled_at"):
        return "cancelled"
    if not row["signed"]:
        return f"{format_amount(row['total_amount'])}, not signed"
    return f"{format_amount(row['total_due'])} due" if row["total_due"] else "paid"


def _event(row: Mapping[str, Any], zone: ZoneInfo) -> Parts:
    when = format_moment(row["start"], zone) if row["start"] is not None else "no date"
    return row["name"], row["customer"], "cancelled" if row.get("cancelled_at") else when, row["support"]


def _payment(row: Mapping[str, Any], _zone: ZoneInfo) -> Parts:
    return format_amount(row["amount"]), row["date"], row["method"], row["reference"]


def _described(row: Mapping[str, Any], _zone: ZoneInfo) -> Parts:
    """A kind of record that nothing is known of: its texts."""
    return [value for value in row.values() if isinstance(value, str)]


_DESCRIPTIONS: Mapping[str, Callable[[Mapping[str, Any], ZoneInfo], Parts]] = {
    "employee": _employee,
    "customer": _customer,
    "contract": _contract,
    "event": _event,
    "payment": _payment,
}


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
