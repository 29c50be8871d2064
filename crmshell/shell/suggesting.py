"""Grey suggestions from the history: what was typed before, unless running it again could do harm."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

from completers.words import may_run
from crmshell.commands import GRAMMAR
from crmshell.language.expansion import Names
from crmshell.language.reading import read
from crmshell.session import Session

_FURTHEST_BACK = 5_000  # lines


class HistorySuggestion(AutoSuggest):
    """The rest of the latest line that began like this one, for whoever may run it."""

    def __init__(self, session: Session, names: Callable[[], Names]) -> None:
        self._session = session
        self._names = names

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """What the right arrow would add; None where nothing fits, or what fits removes or overwrites."""
        typed = document.text
        if not typed.strip() or "\n" in typed or not document.is_cursor_at_the_end:
            return None
        for line in buffer.history.get_strings()[: -_FURTHEST_BACK - 1 : -1]:
            if line.startswith(typed) and line != typed and self._is_harmless(line):
                return Suggestion(line[len(typed) :])
        return None

    def _is_harmless(self, line: str) -> bool:
        """Whether nothing is lost should somebody run the line without a thought."""
        if "\n" in line:
            return False
        reading = read(line, GRAMMAR, self._names())
        command, redirection = reading.command, reading.redirection
        if command is None or reading.faults or command.is_destructive or not may_run(command, self._session):
            return False
        return redirection is None or not (redirection.overwrites or redirection.is_pipe)
