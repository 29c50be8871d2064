"""Rows of a batch that nobody looks at before its transaction ends, such as search words and journal entries.

They are written together, in the order of their keys and between two commands: one by one, inside the savepoint of each
command, they cost five times as much. A statement that names one of their tables is preceded by what waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_KINDS = ("search_", "journal_")  # how the names of their tables begin
_MOST_WAITING = 16_000  # rows of a kind: those that a thousand commands leave behind, some megabytes
Row = tuple[Any, ...]
Place = tuple[int, int]
"""How many additions there are to the rows of a kind, and how many of them are written."""

Mark = Sequence[Place]
"""That of each kind, when a savepoint was set."""


class _Waiting:
    """The rows of one kind of table as they were added, with the statement that writes them; the first are written."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.added: list[tuple[str, Sequence[Row]]] = []
        self.written = 0
        self.count = 0
        """How many rows were added since some were last written; more than wait where a savepoint took some back."""

    @property
    def place(self) -> Place:
        """How far it is."""
        return len(self.added), self.written

    @property
    def is_empty(self) -> bool:
        """Whether all is written."""
        return self.written == len(self.added)

    def take(self) -> dict[str, list[Row]]:
        """Those that are to be written by now, for each statement, the statements in the order they came first."""
        taken: dict[str, list[Row]] = {}
        for sql, rows in self.added[self.written :]:
            taken.setdefault(sql, []).extend(rows)
        self.written, self.count = len(self.added), 0
        return taken

    def go_back(self, place: Place) -> None:
        """Forget what came since, and let what was written since wait again."""
        added, written = place
        del self.added[added:]
        self.written = min(self.written, written)

    def forget_written(self) -> None:
        """Keep what waits alone."""
        del self.added[: self.written]
        self.written = 0


class Deferred:
    """Rows that wait; what a savepoint takes back waits again, or is gone."""

    def __init__(self, write: Callable[[str, list[Row]], None]) -> None:
        self._write = write
        self._kinds = tuple(_Waiting(kind) for kind in _KINDS)
        self._homes: dict[str, _Waiting] = {}
        self._depth = 0
        self._sorted: set[str] = set()
        self._next_ids: dict[str, list[int]] = {}
        self.seen: dict[str, set[str]] = {}
        """The words of each noun that are known to be written or to wait; empty after a rollback."""

    def add(self, sql: str, rows: Sequence[Row], *, in_any_order: bool = False) -> None:
        """Let rows wait for a statement; those that may come in any order are written in that of their values."""
        if not rows:
            return
        waiting = self._homes.get(sql)
        if waiting is None:
            waiting = self._homes[sql] = next(waiting for waiting in self._kinds if waiting.kind in sql)
        waiting.added.append((sql, rows))
        waiting.count += len(rows)
        if in_any_order:
            self._sorted.add(sql)

    def write_before(self, sql: str) -> None:
        """Write what a statement may look for."""
        for waiting in self._kinds:
            if waiting.kind in sql and not waiting.is_empty:
                self._write_waiting(waiting)

    def write(self) -> None:
        """Write all that waits."""
        for waiting in self._kinds:
            self._write_waiting(waiting)

    def _write_waiting(self, waiting: _Waiting) -> None:
        for sql, rows in waiting.take().items():
            self._write(sql, sorted(rows) if sql in self._sorted else rows)
        self._forget_written()

    def enter(self) -> Mark:
        """A savepoint is about to be set."""
        if not self._depth:
            for waiting in self._kinds:
                if waiting.count > _MOST_WAITING:
                    self._write_waiting(waiting)
        self._depth += 1
        return [waiting.place for waiting in self._kinds]

    def leave(self, mark: Mark, *, undone: bool) -> None:
        """A savepoint has been released, or rolled back with what was written since."""
        self._depth -= 1
        if undone:
            for waiting, place in zip(self._kinds, mark, strict=True):
                waiting.go_back(place)
            self.seen.clear()
        self._forget_written()

    def next_id(self, table: str, reserve: Callable[[str], Sequence[int]]) -> int:
        """The id of the next row of a table; `reserve` takes more from the engine, which must know of all before."""
        ids = self._next_ids.setdefault(table, [])
        if not ids:
            self.write_before(table)
            ids.extend(reversed(reserve(table)))
        return ids.pop()

    def _forget_written(self) -> None:
        """Outside of savepoints nothing can be taken back any more but by the end of the transaction."""
        if not self._depth:
            for waiting in self._kinds:
                if waiting.written:
                    waiting.forget_written()
