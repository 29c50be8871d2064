"""How the shell looks: by its settings and its terminal, which may both change, and by who is logged in."""

from __future__ import annotations

import os

from prompt_toolkit.output import ColorDepth

from crmshell.output import Printer, Style
from crmshell.pager import pager_of
from crmshell.session import Session
from crmshell.settings import NEVER, ON
from crmshell.shell.dumb import is_dumb


class Look:
    """What is asked of the terminal now; `may_colour` is false where the process was started without colours."""

    def __init__(self, session: Session, printer: Printer, *, may_colour: bool) -> None:
        self._session = session
        self._printer = printer
        self._may_colour = may_colour

    def renew(self) -> None:
        """Let the printer write for the terminal as it is now, and for whoever looks at it."""
        settings, quiet = self._session.settings, self._printer.style.quiet
        style = Style.of_process(settings, may_colour=self._may_colour, quiet=quiet)
        user = self._session.employee.username if self._session.employee else ""
        self._printer.style = style._replace(pager=pager_of(settings.pager, is_dumb=style.dumb), user=user)

    @property
    def colour_depth(self) -> ColorDepth | None:
        """That of prompts and questions; None for whatever the terminal has."""
        return None if self._has_colour else ColorDepth.DEPTH_1_BIT

    @property
    def shows_suggestions(self) -> bool:
        """Whether grey suggestions are wanted, and can be told apart from what is typed."""
        has_grey = self._has_colour and not os.environ.get("NO_COLOR") and not is_dumb()
        return has_grey and self._session.settings.suggestions == ON

    @property
    def _has_colour(self) -> bool:
        return self._may_colour and self._session.settings.colour != NEVER
