"""Grey suggestions from the history: what was typed before, unless running it again could do harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

from completers.words import may_run
from crmshell.commands import GRAMMAR
from crmshell.language.expansion import Names
from crmshell.language.reading import read
from crmshell.session import Session

_FURTHEST_BACK = 5_000  # lines
_MOST_READ = 10
"""How many lines that begin so are read for a key: reading costs more than comparing, above all of what is wrong."""


class HistorySuggestion(AutoSuggest):
    """The rest of the latest line that began like this one, for whoever may run it."""

    def __init__(self, session: Session, names: Callable[[], Names]) -> None:
        self._session = session
        self._names = names
        self._judged: dict[str, bool] = {}
        self._judged_for: object = None

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """What the right arrow would add; None where nothing fits, or what fits removes or overwrites."""
        typed = document.text
        if not typed.strip() or "\n" in typed or not document.is_cursor_at_the_end:
            return None
        lines = buffer.history.get_strings()[: -_FURTHEST_BACK - 1 : -1]
        fitting = _unique(line for line in lines if line.startswith(typed) and line != typed)
        for line in islice(fitting, _MOST_READ):
            if self._judge(line):
                return Suggestion(line[len(typed) :])
        return None

    def _judge(self, line: str) -> bool:
        """The same as `_is_harmless`, kept for as long as nobody's role and no name changes."""
        employee = self._session.employee
        present = (employee and (employee.role, employee.must_change_password), dict(self._names()))
        if present != self._judged_for or len(self._judged) > _FURTHEST_BACK:
            self._judged, self._judged_for = {}, present
        if line not in self._judged:
            self._judged[line] = self._is_harmless(line)
        return self._judged[line]

    def _is_harmless(self, line: str) -> bool:
        """Whether nothing is lost should somebody run the line without a thought."""
        if "\n" in line:
            return False
        reading = read(line, GRAMMAR, self._names())
        command, redirection = reading.command, reading.redirection
        if command is None or reading.faults or command.is_destructive or not may_run(command, self._session):
            return False
        return redirection is None or not (redirection.overwrites or redirection.is_pipe)


def _unique(lines: Iterable[str]) -> Iterator[str]:
    """Each line the first time it comes."""
    seen: set[str] = set()
    for line in lines:
        if line not in seen:
            seen.add(line)
            yield line
