"""What the prompt and the toolbar say: who, role, database and the time left."""

from __future__ import annotations

from collections.abc import Sequence

from prompt_toolkit.application import Application
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding.vi_state import InputMode

from crmshell.database import shown_url
from crmshell.session import Session
from crmshell.text import safe, shorten, shorten_front, width

_LINES_OF_MENU = 8
_WRAPPED = 2  # columns
_WARNING_SECONDS = 120
_WIDEST_DATABASE = 40
_NARROWEST_DATABASE = 8
_BETWEEN = " · "


def lines_of_menu(lines: int) -> int:
    """How many lines are kept free below the prompt: on a low screen a quarter of it."""
    return min(_LINES_OF_MENU, lines // 4)


def continuation(columns: int, _line: int, wraps: int) -> str:
    """What stands before a further line: blanks below the prompt; few of them where a line is only too long."""
    return " " * (min(columns, _WRAPPED) if wraps else columns)


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


LOST = "class:bottom-toolbar.warning", "the database does not answer"


def toolbar(session: Session, columns: int, said: tuple[str, str] | None = None, mode: str = "") -> FormattedText:
    """One line below the prompt: who and where, or what is said of the line being typed, and the time left.

    The time turns into a warning from two minutes on, and is never cut off; `mode` is that of the vi keys.
    """
    style, left = _time_left(session)
    begin, between = f" {mode} ·" if mode else "", _BETWEEN if left else ""
    room = columns - width(begin + between + left)
    middle = _shortened(said, room) if said else ("class:bottom-toolbar.text", _who(session, room))
    end = [("class:bottom-toolbar.text", between), (style, left)]
    return FormattedText([("class:bottom-toolbar.mode", begin), middle, *end])


def _shortened(said: tuple[str, str], room: int) -> tuple[str, str]:
    style, text = said
    return style, f" {shorten(safe(text), max(room - 1, 0))}"


def _who(session: Session, room: int) -> str:
    employee = session.employee
    if employee is None or session.token is None:
        return _fitted(session, ("nobody is logged in",), room)
    return _fitted(session, (safe(employee.username), employee.role), room)


def vi_mode(application: Application[str]) -> str:
    """Which of its modes the vi keys are in; nothing for those of Emacs."""
    if application.editing_mode is not EditingMode.VI:
        return ""
    return {InputMode.NAVIGATION: "NAV", InputMode.REPLACE: "REP"}.get(application.vi_state.input_mode, "INS")


def _fitted(session: Session, parts: Sequence[str], columns: int) -> str:
    """The parts and the database, which is the first to give way where there is too little room."""
    text = f" {_BETWEEN.join(parts)}"
    room = min(columns - width(text) - len(_BETWEEN), _WIDEST_DATABASE)
    database = shown_url(session.settings.database)
    if room < min(width(database), _NARROWEST_DATABASE):
        return shorten(text, max(columns, 0))
    return text + _BETWEEN + shorten_front(database, room)


def _time_left(session: Session) -> tuple[str, str]:
    if session.employee is None or session.token is None:
        return "", ""
    seconds = session.seconds_left()
    if seconds <= 0:
        return "class:bottom-toolbar.warning", "expired: asks for the password"
    if seconds <= _WARNING_SECONDS:
        return "class:bottom-toolbar.warning", f"{int(seconds)} s left"
    return "class:bottom-toolbar.text", f"{int(seconds // 60)} min left"
