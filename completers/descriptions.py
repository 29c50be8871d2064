"""What is said of each record in the menu: what a person needs to know to choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from crmshell.moments import format_day, format_moment
from crmshell.values import format_amount

Shown = Mapping[str, Any]
Parts = Sequence[str | None]
SEPARATOR = " · "


def described(noun: str, shown: Shown, zone: ZoneInfo) -> Parts:
    """The parts of the description of a record, from its values by the names of `shown`."""
    return _DESCRIPTIONS.get(noun, _texts)(shown, zone)


def kept(noun: str, shown: Shown, zone: ZoneInfo) -> str:
    """The part of the description that is never cut: what is due of a contract, the day of an event."""
    if noun == "contract":
        return _state(shown).partition(",")[0]
    return _when(shown, zone).partition(" ")[0] if noun == "event" else ""


def joined(*parts: str | None) -> str:
    """The parts that say something, in one line."""
    return SEPARATOR.join(part for part in parts if part)


def _employee(row: Shown, _zone: ZoneInfo) -> Parts:
    return row["fullname"], row["role"], "" if row["active"] else "deactivated"


def _customer(row: Shown, _zone: ZoneInfo) -> Parts:
    return row["fullname"], row["company"], row["commercial"]


def _contract(row: Shown, zone: ZoneInfo) -> Parts:
    return row["customer"], _state(row), row["company"], format_day(row["signed_at"] or row["created_at"], zone)


def _state(row: Shown) -> str:
    if row["cancelled_at"]:
        return "cancelled"
    if not row["signed"]:
        return f"{format_amount(row['total_amount'])}, not signed"
    return f"{format_amount(row['total_due'])} due" if row["total_due"] else "paid"


def _event(row: Shown, zone: ZoneInfo) -> Parts:
    return row["name"], row["customer"], _when(row, zone), row["support"]


def _when(row: Shown, zone: ZoneInfo) -> str:
    if row["cancelled_at"]:
        return "cancelled"
    return format_moment(row["start"], zone) if row["start"] is not None else "undated"


def _payment(row: Shown, _zone: ZoneInfo) -> Parts:
    return format_amount(row["amount"]), row["date"], row["method"], row["reference"]


def _texts(row: Shown, _zone: ZoneInfo) -> Parts:
    """A kind of record that nothing is known of: its texts."""
    return [value for value in row.values() if isinstance(value, str)]


_DESCRIPTIONS: Mapping[str, Callable[[Shown, ZoneInfo], Parts]] = {
    "employee": _employee,
    "customer": _customer,
    "contract": _contract,
    "event": _event,
    "payment": _payment,
}
