"""What the session and the rest of the line give: who asks, and what follows from the other values."""

from __future__ import annotations

from typing import Any

from crmshell.access import Beside
from crmshell.errors import Failure
from crmshell.language.binding import text_of
from crmshell.language.slots import Slot
from crmshell.models.employee import Employee
from crmshell.session import Session


def find_live_employee(session: Session) -> Employee | None:
    """Who asks, as the database knows them now; None once the session or the right to one has ended."""
    token = session.token
    if token is None or not session.is_alive:
        return None
    found = Employee.find(token.employee_id)
    if found is None or found.credential_version != token.credential_version:
        return None
    return found if found.is_active else None


def find_beside(beside: Beside | None, slot: Slot, session: Session) -> Any | None:
    """What follows from the other value; None where it is not given, is none, or may not be seen."""
    argument = slot.given.get(beside.parameter) if beside else None
    if beside is None or argument is None or find_live_employee(session) is None:
        return None
    try:
        value = argument.parameter.kind.take(text_of(argument, session), session)
    except Failure:
        return None
    return None if value is None else beside.follows(value)
