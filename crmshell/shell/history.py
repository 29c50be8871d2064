"""What was typed, kept for the user alone, and never with a secret in it."""

from __future__ import annotations

import os
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from crmshell.commands import GRAMMAR
from crmshell.language.reading import Reading, read


def open_history(folder: Path) -> History:
    """The history in a folder of the user's, mode 0600; in memory where the folder cannot be written."""
    path = folder / "history"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        path.chmod(0o600)
    except OSError:
        return _MemoryHistory()
    return _FileHistory(str(path))


def may_be_kept(line: str) -> bool:
    """Whether a line can hold no secret: none is given, and nothing of a command that takes one is misplaced."""
    return bool(line.strip()) and _is_harmless(read(line, GRAMMAR))


def _is_harmless(reading: Reading) -> bool:
    if any("password" in token.option for token in reading.tokens):
        return False
    takes_secret = reading.command is not None and any(p.is_secret for p in reading.command.parameters)
    is_about_login = bool(reading.path) and reading.path[0] == "auth"
    return not reading.faults or not (takes_secret or is_about_login)


class _FileHistory(FileHistory):
    def append_string(self, string: str) -> None:
        """Keep a line, unless it could hold a secret."""
        if may_be_kept(string):
            super().append_string(string)


class _MemoryHistory(InMemoryHistory):
    def append_string(self, string: str) -> None:
        """Keep a line, unless it could hold a secret."""
        if may_be_kept(string):
            super().append_string(string)
