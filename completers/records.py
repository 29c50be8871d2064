"""The customers, contracts, events and employees a parameter may name, and what one needs to know to choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from completers.descriptions import described, joined, kept
from completers.given import find_beside, find_live_employee
from completers.menu import PAGE
from completers.ranking import Choice
from crmshell.access import OWN, Beside, Role
from crmshell.language.slots import Slot
from crmshell.models import handles, offers
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.corrections import corrections
from crmshell.models.employee import Employee
from crmshell.models.offers import Scope
from crmshell.models.ways import Row
from crmshell.records import Pick
from crmshell.session import Session
from crmshell.text import fold

_NEVER = 1_000_000  # the recency of what was not used in this session
_NAMES = {
    "employee": ("username", "fullname"),
    "customer": ("id", "fullname", "company"),
    "contract": ("id", "customer", "company"),
    "event": ("id", "name", "customer"),
}
"""By noun, the fields whose beginning counts more than that of another word of theirs, the handle first."""
_BETWEEN_WORDS = str.maketrans(dict.fromkeys("\n-'’./&()", " "))
_BY_WHOLE_WORDS, _BY_WORDS, _BY_ANOTHER = 8, 9, 10
"""Behind those of which a field begins so; the last were found by a word of something else."""


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
        yield replace(choice, meta=joined(mark, choice.meta))


def _found(scope: Scope, typed: str, session: Session) -> Iterator[Choice]:
    """The records of a scope that fit, described page by page as they are wanted; if none does, the nearest."""
    recent = _recent(scope.model, session)
    rows, correction = _rows(scope, typed, list(recent))
    wanted, places = fold(correction or typed), [_place(scope.model, name) for name in _names_of(scope.model)]

    def order(row: Row) -> tuple[int, int]:
        return recent.get(row[-1], _NEVER), _fit([str(row[place] or "") for place in places], wanted)

    ranked = sorted(rows, key=order)
    for first in range(0, len(ranked), PAGE):
        yield from _choices(scope.model, ranked[first : first + PAGE], session, correction)
    if len(ranked) >= offers.ENOUGH:
        yield Choice("", "there may be more: type another letter or word", "…", is_remark=True)


def _fit(texts: Sequence[str], wanted: str) -> int:
    """How well a record fits, the lower the better: its handle or name begins so, another of its texts, a word."""
    folded = fold("\n".join(texts))
    for place, text in enumerate(folded.split("\n")):
        if text.startswith(wanted):
            return max(place, 1)
    words, parts = f" {folded.translate(_BETWEEN_WORDS)} ", wanted.split()
    if all(f" {part} " in words for part in parts):
        return _BY_WHOLE_WORDS
    return _BY_WORDS if all(f" {part}" in words for part in parts) else _BY_ANOTHER


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
    for correction in corrections(scope.model, typed, scope.owner_id):
        rows = offers.candidates(scope, correction)
        if rows:
            return rows, correction
    return [], ""


def _names(scope: Scope, typed: str, session: Session) -> Iterator[Choice]:
    """The names that begin so, of records which the same conditions keep."""
    model = scope.model
    standing = session.names.standing()
    named = {name: key for name, (known, key) in standing.items() if known is model and name.startswith(typed)}
    rows = {row[-1]: row for row in offers.by_key(scope, list(named.values()))}
    for name, key in named.items():
        for choice in _choices(model, [rows[key]] if key in rows else [], session):
            yield Choice(f"@{name}", joined(choice.value, choice.meta), keeps=choice.keeps, is_literal=True)


def _choices(model: type[Record], rows: Sequence[Row], session: Session, correction: str = "") -> Iterator[Choice]:
    """The records as the menu shows them; what was found by a corrected word says so."""
    names, zone = [shown.name for shown in offers.told(model)], session.settings.zone_info
    handle = _place(model, _names_of(model)[0])
    short = handles.shortest([row[handle] for row in rows]) if model is Contract else {}
    near = f"≈ {correction}" if correction else ""
    for row in rows:
        shown = dict(zip(names, row, strict=False))
        meta = joined(near, *described(model.noun, shown, zone))
        yield Choice(short.get(row[handle], str(row[handle])), meta, keeps=kept(model.noun, shown, zone))


def _names_of(model: type[Record]) -> Sequence[str]:
    return _NAMES.get(model.noun, ("id",))


def _place(model: type[Record], name: str) -> int:
    return next(place for place, shown in enumerate(offers.told(model)) if shown.name == name)


def _recent(model: type[Record], session: Session) -> Mapping[int, int]:
    """How many other records were touched since each of those that were, the last one first."""
    places: dict[int, int] = {}
    for place, (known, record_id) in enumerate(tuple(session.recent)):
        if known is model:
            places.setdefault(record_id, place)
    return places
