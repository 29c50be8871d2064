"""What was typed, kept for the user alone, and never with a secret in it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from completers.lines import logical_lines
from crmshell.aliases import write_private
from crmshell.commands import GRAMMAR
from crmshell.errors import Refused
from crmshell.language.expansion import Names
from crmshell.language.reading import NO_NAMES, Reading, read
from crmshell.language.secrecy import may_hold_secret

MOST_LINES = 3000
_LARGEST_FILE = 1_000_000  # bytes
_BEFORE_AN_ENTRY = b"\n# "  # its moment follows, then its lines, each behind a plus


def open_history(folder: Path, names: Callable[[], Names] = dict) -> History:
    """The history in a folder of the user's, mode 0600; in memory where the folder cannot be written."""
    path = folder / "history"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        path.chmod(0o600)
        _shorten(path)
    except OSError:
        return _MemoryHistory(names)
    return _FileHistory(str(path), names)


def _shorten(path: Path) -> None:
    """Leave the last entries of a file that has grown long: each start reads all of it."""
    if path.stat().st_size > _LARGEST_FILE:
        entries = path.read_bytes().split(_BEFORE_AN_ENTRY)[-MOST_LINES:]
        with contextlib.suppress(Refused):
            write_private(path, _BEFORE_AN_ENTRY.join([b"", *entries]).decode("utf-8", "replace"))


def may_be_kept(text: str, names: Names = NO_NAMES) -> bool:
    """Whether no line can hold a secret: none is given, and nothing of a command that takes one is misplaced."""
    return bool(text.strip()) and not any(may_hold_secret(reading, GRAMMAR) for reading in _readings(text, names))


def may_be_stored(text: str, names: Names = NO_NAMES) -> bool:
    """Whether each line names a command; what names none may be a password, typed where none was asked for."""
    return all(reading.command or reading.is_empty or reading.wants_help for reading in _readings(text, names))


def _readings(text: str, names: Names) -> list[Reading]:
    return [read(line, GRAMMAR, names) for line in logical_lines(text)]


class _Bounded(History):
    """Only so many lines are kept in memory: each prompt goes through all of them."""

    def append_string(self, string: str) -> None:
        """Keep a line, and let the oldest go."""
        super().append_string(string)
        del self._loaded_strings[MOST_LINES:]


class _FileHistory(_Bounded, FileHistory):
    def __init__(self, filename: str, names: Callable[[], Names]) -> None:
        super().__init__(filename)
        self._names = names

    def append_string(self, string: str) -> None:
        """Keep a line, unless it could hold a secret."""
        if may_be_kept(string, self._names()):
            super().append_string(string)

    def load_history_strings(self) -> Iterable[str]:
        """The last lines of the file, the newest first."""
        return islice(super().load_history_strings(), MOST_LINES)

    def store_string(self, string: str) -> None:
        """Write a line to the file, so that the next run has it too."""
        if may_be_stored(string, self._names()):
            with contextlib.suppress(OSError):
                super().store_string(string)


class _MemoryHistory(_Bounded, InMemoryHistory):
    def __init__(self, names: Callable[[], Names]) -> None:
        super().__init__()
        self._names = names

    def append_string(self, string: str) -> None:
        """Keep a line, unless it could hold a secret."""
        if may_be_kept(string, self._names()):
            super().append_string(string)

    def store_string(self, string: str) -> None:
        """Keep a line for the next prompt, as many as that goes through."""
        super().store_string(string)
        del self._storage[:-MOST_LINES]
