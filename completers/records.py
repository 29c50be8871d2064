"""The customers, contracts, events and employees a parameter may name, and what one needs to know to choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from completers.ranking import Choice, ranked
from crmshell.access import OWN, Role
from crmshell.language.slots import Slot
from crmshell.models import handles, offers
from crmshell.models.base import Record
from crmshell.models.employee import Employee
from crmshell.parameters import Pick
from crmshell.session import Session
from crmshell.values import format_amount, format_moment


def records(kind: Pick, slot: Slot, session: Session) -> Iterator[Choice]:
    """The records that the rules of the parameter keep, and the names of those that have one."""
    employee = find_live_employee(session)
    if employee is None:
        return
    conditions = _conditions(kind, employee)
    if not slot.typed or slot.typed.startswith("@"):
        yield from _names(kind.model, slot.typed[1:], conditions, session)
    if slot.typed.startswith("@"):
        return
    rows = offers.candidates(kind.model, slot.typed, conditions, _owner(kind, employee))
    yield from ranked(_choices(kind.model, rows, session), slot.typed)


def find_live_employee(session: Session) -> Employee | None:
    """Who asks, as the database knows them now; None once the session or the right to one has ended."""
    token = session.token
    if token is None or not session.is_alive:
        return None
    found: Employee | None = Employee.get_or_none(
        (Employee.id == token.employee_id) & (Employee.credential_version == token.credential_version)
    )
    return found if found is not None and found.is_active else None


def _conditions(kind: Pick, employee: Employee) -> list[Any]:
    rules = (*kind.rules, *kind.offer)
    found = [rule.condition(kind.model, employee) for rule in rules]
    return [condition for condition in found if condition is not None]


def _owner(kind: Pick, employee: Employee) -> int | None:
    return employee.id if OWN in kind.rules and Role.of(employee) in OWN.binds else None


def _names(model: type[Record], typed: str, conditions: Sequence[Any], session: Session) -> Iterator[Choice]:
    """The names that begin so, of records which the same conditions keep."""
    named = {name: key for name, (known, key) in session.names.items() if known is model and name.startswith(typed)}
    query = model.listed().select_extend(model.id).where(model.id.in_(list(named.values())), *conditions)
    rows = {row[-1]: row[:-1] for row in query.tuples()} if named else {}
    for name, key in named.items():
        for choice in _choices(model, [rows[key]] if key in rows else [], session):
            yield Choice(f"@{name}", _joined(choice.value, choice.meta), is_literal=True, recency=0)


def _choices(model: type[Record], rows: Sequence[Sequence[Any]], session: Session) -> list[Choice]:
    names = [shown.name for shown in model.shown]
    described = [dict(zip(names, row, strict=True)) for row in rows]
    recent = _recent(model, session)
    short = handles.shortest([row["id"] for row in described]) if model.noun == "contract" else {}
    return [_choice(model.noun, row, short, recent, session.settings.zone_info) for row in described]


def _recent(model: type[Record], session: Session) -> Mapping[int, int]:
    """How many other records were touched since each of those that were, the last one first."""
    places: dict[int, int] = {}
    for place, (known, record_id) in enumerate(session.recent):
        if known is model:
            places.setdefault(record_id, place)
    return places


def _choice(
    noun: str, row: Mapping[str, Any], short: Mapping[str, str], recent: Mapping[int, int], zone: ZoneInfo
) -> Choice:
    recency = recent.get(row["id"], 1_000_000)
    if noun == "employee":
        return Choice(row["username"], _joined(row["fullname"], row["role"], "" if row["active"] else "deactivated"))
    if noun == "customer":
        meta = _joined(row["fullname"], row["company"], row["commercial"])
        return Choice(str(row["id"]), meta, recency=recency)
    if noun == "contract":
        return Choice(short[row["id"]], _joined(row["customer"], _state(row), row["company"]))
    when = format_moment(row["start"], zone) if row["start"] is not None else "no date"
    return Choice(str(row["id"]), _joined(row["name"], row["customer"], when, row["support"]), recency=recency)


def _state(row: Mapping[str, Any]) -> str:
    if not row["signed"]:
        return f"{format_amount(row['total_amount'])}, not signed"
    return f"{format_amount(row['total_due'])} due" if row["total_due"] else "paid"


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
