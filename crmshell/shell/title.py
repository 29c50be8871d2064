"""The title of the window: who is logged in, and where; the old one comes back at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from crmshell.database import shown_url
from crmshell.output import Printer
from crmshell.session import Session
from crmshell.settings import ON
from crmshell.text import safe, shorten

_KEEP, _RESTORE = "\x1b[22;2t", "\x1b[23;2t"
_WITHOUT_TITLES = frozenset({"linux", "dumb", ""})
_LONGEST = 80


@contextmanager
def title_kept(printer: Printer) -> Iterator[None]:
    """Give the window its old title back at the end."""
    if not _has_title():
        yield
        return
    printer.send(_KEEP)
    try:
        yield
    finally:
        with suppress(OSError):  # the terminal may be gone
            printer.send(_RESTORE)


def show_title(session: Session, printer: Printer) -> None:
    """Name the user and the database, if that is wanted; nothing in them acts on the terminal."""
    if session.settings.title != ON or not _has_title():
        return
    who = session.employee.username if session.employee else "crm-shell"
    title = shorten(safe(f"{who} · {shown_url(session.settings.database)}"), _LONGEST)
    printer.send(f"\x1b]2;{title}\x07")


def _has_title() -> bool:
    return os.environ.get("TERM", "") not in _WITHOUT_TITLES
