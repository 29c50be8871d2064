"""The words that stand for others at the prompt: the user's aliases and the views they may use.

Both may change in another shell.
"""

from __future__ import annotations

from crmshell.aliases import aliases_path, load_aliases
from crmshell.commands import GRAMMAR
from crmshell.database import current, proxy, transaction
from crmshell.errors import Failure
from crmshell.language.expansion import Names
from crmshell.models.view import usable_views
from crmshell.session import Session


class KnownNames:
    """The names as they are now: read anew when their file has changed, and looked at once a prompt."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._names: Names = {}
        self._aliases: Names = {}
        self._views: Names = {}
        self._stamp: tuple[int, int] | None = None

    def current(self) -> Names:
        """What each word stands for; no word that is a command is among them."""
        return self._names

    def renew(self) -> None:
        """Look at both again; an alias goes before a view."""
        nouns = GRAMMAR.nouns()
        self._views = {name: f"view run {name}" for name in self._usable_views() if name not in nouns}
        self.renew_aliases()

    def renew_aliases(self) -> None:
        """Read their file again, if it is not the one that was read."""
        stamp = _stamp()
        if stamp != self._stamp:
            nouns = GRAMMAR.nouns()
            self._aliases = {name: words for name, words in load_aliases().items() if name not in nouns}
            self._stamp = stamp
        self._names = {**self._views, **self._aliases}

    def _usable_views(self) -> list[str]:
        """The views of whoever is logged in; none where the database does not answer."""
        employee = self._session.employee
        if employee is None or not self._session.is_alive or proxy.obj is None:
            return []
        try:
            with transaction(current(), writes=False):
                return list(usable_views(employee))
        except Failure:
            return []


def _stamp() -> tuple[int, int] | None:
    try:
        found = aliases_path().stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
