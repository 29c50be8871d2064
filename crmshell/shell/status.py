"""What the prompt and the toolbar say: who, role, database and the time left."""

from __future__ import annotations

from collections.abc import Sequence

from prompt_toolkit.formatted_text import FormattedText

from crmshell.database import shown_url
from crmshell.session import Session
from crmshell.text import safe, shorten, width

_WARNING_SECONDS = 120
_WIDEST_DATABASE = 40
_NARROWEST_DATABASE = 8
_BETWEEN = " · "


def prompt_text(session: Session) -> FormattedText:
    """`alice administrator> `, marked while a transaction is open, or `crm> ` while nobody is logged in."""
    employee = session.employee
    if employee is None:
        return FormattedText([("class:prompt.user", "crm"), ("", "> ")])
    mark = " (transaction)" if session.transaction else ""
    return FormattedText(
        [
            ("class:prompt.user", safe(employee.username)),
            ("class:prompt.role", f" {employee.role}"),
            ("class:bottom-toolbar.warning", mark),
            ("", "> "),
        ]
    )


def toolbar(session: Session, columns: int) -> FormattedText:
    """One line below the prompt; the time left turns into a warning from two minutes on, and is never cut off."""
    employee = session.employee
    if employee is None or session.token is None:
        return FormattedText([("class:bottom-toolbar.text", _fitted(session, ("nobody is logged in",), columns))])
    style, left = _time_left(session)
    who = _fitted(session, (safe(employee.username), employee.role), columns - width(left) - len(_BETWEEN))
    return FormattedText([("class:bottom-toolbar.text", who + _BETWEEN), (style, left)])


def _fitted(session: Session, parts: Sequence[str], columns: int) -> str:
    """The parts and the database, which is the first to give way where there is too little room."""
    text = f" {_BETWEEN.join(parts)}"
    room = min(columns - width(text) - len(_BETWEEN), _WIDEST_DATABASE)
    database = shown_url(session.settings.database)
    if room < min(width(database), _NARROWEST_DATABASE):
        return shorten(text, max(columns, 0))
    return text + _BETWEEN + shorten(database, room)


def _time_left(session: Session) -> tuple[str, str]:
    seconds = session.seconds_left()
    if seconds <= 0:
        return "class:bottom-toolbar.warning", "expired: asks for the password"
    if seconds <= _WARNING_SECONDS:
        return "class:bottom-toolbar.warning", f"{int(seconds)} s left"
    return "class:bottom-toolbar.text", f"{int(seconds // 60)} min left"
