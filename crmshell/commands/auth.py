"""Logging in and out, and one's own password."""

from __future__ import annotations

from typing import Annotated

from crmshell.commands.registry import alone, reads
from crmshell.models.employee import Employee
from crmshell.outcome import Said
from crmshell.parameters import LoginName, Secret
from crmshell.session import Session


@alone("auth login", by=None)
def login(
    session: Session,
    username: Annotated[str, LoginName(), "who logs in"],
    password: Annotated[str, Secret(), "asked for without an echo when left out"],
) -> Said:
    """Log in, in place of whoever is logged in now.

    The session ends 30 minutes after the last command that succeeded, and after 12 hours in any case.

    crm> auth login alice
    """
    employee = session.log_in(username, password)
    return Said(f"logged in as {employee.username}, {employee.role}")


@alone("auth logout")
def logout(session: Session) -> Said:
    """Log out; the shell stays open for the next person.

    crm> auth logout
    """
    username = session.user.username
    session.leave()
    return Said(f"{username} is logged out")


@reads("auth whoami")
def whoami(session: Session) -> Employee:
    """Show who is logged in.

    crm> auth whoami
    """
    return session.user


@alone("auth set-password")
def set_password(
    session: Session,
    current_password: Annotated[str, Secret(), "the one in use"],
    new_password: Annotated[str, Secret(is_new=True), "12 to 128 characters; asked for twice when left out"],
) -> Said:
    """Change your own password.

    Several words make a good one. It may not be your name, nor one that everybody uses.

    crm> auth set-password
    """
    session.set_own_password(current_password, new_password)
    return Said("your password is changed")
