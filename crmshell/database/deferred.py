"""Rows of a batch that nobody looks at before its transaction ends, such as search words and journal entries.

They are written together, in the order of their keys and between two commands: one by one, inside the savepoint of each
command, they cost five times as much. A statement that names one of their tables is preceded by what waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

_TABLES = ("search_", "journal_")  # how the names of their tables begin
_MOST_WAITING = 1000  # rows, which some fifty commands leave behind
Row = tuple[Any, ...]


class Mark(NamedTuple):
    """How many rows there were, and how many of them were written, when a savepoint was set."""

    added: int
    written: int


class Deferred:
    """Rows that wait, each with the statement that writes it; what a savepoint takes back waits again, or is gone."""

    def __init__(self, write: Callable[[str, list[Row]], None]) -> None:
        self._write = write
        self._rows: list[tuple[str, Row]] = []
        self._written = 0
        self._depth = 0
        self._sorted: set[str] = set()
        self._next_ids: dict[str, list[int]] = {}
        self.seen: set[Any] = set()
        """What is known to be written or to wait, for whoever writes each thing once; empty after a rollback."""

    def add(self, sql: str, rows: Sequence[Row], *, in_any_order: bool = False) -> None:
        """Let these rows wait; those that may come in any order are written in that of their values."""
        self._rows += [(sql, row) for row in rows]
        if in_any_order:
            self._sorted.add(sql)

    def concerns(self, sql: str) -> bool:
        """Whether a statement may look for rows that wait."""
        return len(self._rows) > self._written and any(table in sql for table in _TABLES)

    def write(self) -> None:
        """Write all that waits, each statement with all of its rows, the statements in the order they came first."""
        waiting: dict[str, list[Row]] = {}
        for sql, row in self._rows[self._written :]:
            waiting.setdefault(sql, []).append(row)
        self._written = len(self._rows)
        for sql, rows in waiting.items():
            self._write(sql, sorted(rows) if sql in self._sorted else rows)
        self._forget_written()

    def enter(self) -> Mark:
        """A savepoint is about to be set."""
        if len(self._rows) > _MOST_WAITING and not self._depth:
            self.write()
        self._depth += 1
        return Mark(len(self._rows), self._written)

    def leave(self, mark: Mark, *, undone: bool) -> None:
        """A savepoint has been released, or rolled back with what was written since."""
        self._depth -= 1
        if undone:
            del self._rows[mark.added :]
            self._written = min(self._written, mark.written)
            self.seen.clear()
        self._forget_written()

    def next_id(self, table: str, reserve: Callable[[str], Sequence[int]]) -> int:
        """The id of the next row of a table; `reserve` takes more from the engine, which must know of all before."""
        ids = self._next_ids.setdefault(table, [])
        if not ids:
            self.write()
            ids.extend(reversed(reserve(table)))
        return ids.pop()

    def _forget_written(self) -> None:
        """Outside of savepoints nothing can be taken back any more but by the end of the transaction."""
        if not self._depth and self._written:
            del self._rows[: self._written]
            self._written = 0
