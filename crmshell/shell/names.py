"""The words that stand for others at the prompt: the user's aliases, which any shell of theirs may change."""

from __future__ import annotations

from crmshell.aliases import aliases_path, load_aliases
from crmshell.commands import GRAMMAR
from crmshell.language.expansion import Names


class KnownNames:
    """The names as they are now: read anew when their file has changed, and looked at once a prompt."""

    def __init__(self) -> None:
        self._names: Names = {}
        self._stamp: tuple[int, int] | None = None

    def current(self) -> Names:
        """What each word stands for; no word that is a command is among them."""
        return self._names

    def renew(self) -> None:
        """Read the file again, if it is not the one that was read."""
        stamp = _stamp()
        if stamp != self._stamp:
            nouns = GRAMMAR.nouns()
            self._names = {name: words for name, words in load_aliases().items() if name not in nouns}
            self._stamp = stamp


def _stamp() -> tuple[int, int] | None:
    try:
        found = aliases_path().stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
