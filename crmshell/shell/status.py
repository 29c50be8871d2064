"""What the prompt and the toolbar say: who, role, database and the time left."""

from __future__ import annotations

from prompt_toolkit.formatted_text import FormattedText

from crmshell.database import shown_url
from crmshell.session import Session
from crmshell.text import safe, shorten

_WARNING_SECONDS = 120
_WIDEST_DATABASE = 40


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


def toolbar(session: Session) -> FormattedText:
    """One line below the prompt; the time left turns into a warning from two minutes on."""
    database = shorten(shown_url(session.settings.database), _WIDEST_DATABASE)
    employee = session.employee
    if employee is None or session.token is None:
        return FormattedText([("class:bottom-toolbar.text", f" nobody is logged in · {database}")])
    style, left = _time_left(session)
    who = f" {safe(employee.username)} · {employee.role} · {database} · "
    return FormattedText([("class:bottom-toolbar.text", who), (style, left)])


def _time_left(session: Session) -> tuple[str, str]:
    seconds = session.seconds_left()
    if seconds <= 0:
        return "class:bottom-toolbar.warning", "the session has expired: your password will be asked for"
    if seconds <= _WARNING_SECONDS:
        return "class:bottom-toolbar.warning", f"{int(seconds)} s left"
    return "class:bottom-toolbar.text", f"{int(seconds // 60)} min left"
