"""What may stand in `--where`, `--sort`, `--columns` and `--group-by`: fields, operators, and values of their kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from completers.given import find_live_employee
from completers.ranking import Choice, starting
from completers.records import records
from crmshell.commands import GRAMMAR
from crmshell.language.conditions import OPERATORS, Place, Unfinished, find_end, read_fields
from crmshell.language.slots import Place as SlotPlace
from crmshell.language.slots import Slot
from crmshell.language.tokens import quoted
from crmshell.listing import FieldsKind, SortBy
from crmshell.models.conditions import Field, fields_of
from crmshell.models.employee import Employee
from crmshell.models.view import usable_views
from crmshell.outcome import Kind
from crmshell.records import Pick
from crmshell.session import Session
from crmshell.views import Given, ViewName, parameters_of

MOMENTS = ("today", "tomorrow", "+7d", "-30d", "next monday", "now")
DAYS = ("today", "yesterday", "-7d", "-30d")
_ANY_EMPLOYEE = Pick(Employee)
_VALUES: Mapping[Kind, Sequence[str]] = {Kind.MOMENT: MOMENTS, Kind.DAY: DAYS, Kind.FLAG: ("yes", "no")}
_MEANINGS = {
    "~": "contains",
    "in": "is one of (A, B)",
    "empty": "has no value",
    "not empty": "has a value",
    "!=": "is not, or has no value",
}


def conditions(kind: FieldsKind, slot: Slot, session: Session) -> Iterator[Choice]:
    """The field, the operator or the value that the condition goes on with."""
    end = find_end(slot.typed)
    if end.place is Place.FIELD:
        return _continued(slot, end, _named(kind, end.typed))
    if end.place is Place.OPERATOR:
        return _continued(slot, end, _operators(kind, end))
    return _ended(slot, end, _values(kind, end, session))


def fields(kind: FieldsKind, slot: Slot, _session: Session) -> Iterator[Choice]:
    """The field after the last comma; one that is sorted by may have the largest first."""
    last = read_fields(slot.typed)[-1]
    before = slot.typed[: last.start]
    for choice in _named(kind, last.text):
        yield Choice(before + choice.value, choice.meta, choice.value, is_literal=True)
        if isinstance(kind, SortBy):
            yield Choice(f"{before}{choice.value}-", "the largest or latest first", f"{choice.value}-", is_literal=True)


def view_names(_kind: ViewName, slot: Slot, session: Session) -> Iterator[Choice]:
    """The views that the employee may use, with what they list; none where a new name is given."""
    employee = find_live_employee(session)
    if employee is None or (slot.parameter is not None and slot.parameter.name == "name"):
        return
    yield from starting([Choice(name, str(view.line)) for name, view in usable_views(employee).items()], slot.typed)


def view_parameters(_kind: Given, slot: Slot, session: Session) -> Iterator[Choice]:
    """The parameters of the view that the line names."""
    employee, argument = find_live_employee(session), slot.given.get("view")
    view = usable_views(employee).get(argument.token.text) if employee and argument else None
    names = parameters_of(str(view.line), GRAMMAR) if view else []
    return iter(starting([Choice(f"{name}=", is_literal=True) for name in names], slot.typed))


def _named(kind: FieldsKind, typed: str) -> list[Choice]:
    known = fields_of(kind.model)
    return starting([Choice(name, _meaning(known.get(name))) for name in kind.names], typed)


def _meaning(field: Field | None) -> str:
    return ", ".join(field.words) or field.kind.value if field else ""


def _operators(kind: FieldsKind, end: Unfinished) -> list[Choice]:
    if end.clause.field.text.casefold() not in fields_of(kind.model):
        return []
    found = [sign for sign in OPERATORS if sign.startswith(end.typed)]
    return [Choice(sign, _MEANINGS.get(sign, "")) for sign in found]


def _values(kind: FieldsKind, end: Unfinished, session: Session) -> list[Choice]:
    field = fields_of(kind.model).get(end.clause.field.text.casefold())
    if field is None:
        return []
    if field.kind is Kind.NAME:
        return _usernames(end.typed, session)
    words = field.words or _VALUES.get(field.kind, ())
    return starting([Choice(word) for word in words], end.typed)


def _usernames(typed: str, session: Session) -> list[Choice]:
    found = records(_ANY_EMPLOYEE, Slot(SlotPlace.VALUE, typed), session)
    return [choice for choice in found if not choice.value.startswith("@")]


def _continued(slot: Slot, end: Unfinished, choices: list[Choice]) -> Iterator[Choice]:
    """Choices after which the condition goes on: its quote stays open."""
    quote = slot.quote or "'"
    before = slot.typed[: end.start]
    glue = "" if not before or before.endswith(" ") or end.place is Place.FIELD else " "
    for choice in choices:
        if quote not in before:
            yield Choice(f"{quote}{before}{glue}{choice.value} ", choice.meta, choice.value, is_literal=True)


def _ended(slot: Slot, end: Unfinished, choices: list[Choice]) -> Iterator[Choice]:
    """Choices with which the condition is whole."""
    before = slot.typed[: end.start]
    glue = "" if before.endswith((" ", "(", ",")) else " "
    for choice in choices:
        whole = quoted(f"{before}{glue}{choice.value}")
        yield Choice(whole, choice.meta, choice.value, is_literal=True)
