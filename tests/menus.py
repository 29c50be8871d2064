"""The menu of completion, without a terminal."""

from __future__ import annotations

from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document

from completers import LineCompleter
from crmshell.commands import GRAMMAR
from crmshell.session import Session


def entries(session: Session, line: str, cursor: int | None = None) -> list[Completion]:
    """The menu for a line, the cursor at its end where no place is given."""
    document = Document(line, len(line) if cursor is None else cursor)
    return list(LineCompleter(GRAMMAR, session).get_completions(document, CompleteEvent()))


def offered(session: Session, line: str, cursor: int | None = None) -> list[str]:
    """What the entries of the menu would insert."""
    return [entry.text for entry in entries(session, line, cursor)]


def records(session: Session, line: str) -> set[str]:
    """The same, without the names of records."""
    return {text for text in offered(session, line) if not text.startswith("@")}


def taken(session: Session, line: str, choice: int = 0) -> str:
    """The line after one entry of its menu was taken."""
    entry = entries(session, line)[choice]
    return line[: len(line) + entry.start_position] + entry.text
