"""What the rows of a run cost without the program: the same ones, into the same tables and indexes, by the driver."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from benchmarks.measure import SERVER, drop_on_server

# Each with the condition of the rows that a run has added to the database it began with, in the order they came;
# `journal_unsealed` and the blocks follow from the entries.
ADDED = {
    "customer": "id > {customer}",
    "journal_entry": "id > {journal_entry}",
    "journal_change": "id > {journal_change}",
    "search_term": "noun = 'customer' AND record_id > {customer} ORDER BY record_id, term",
    "search_word": "id > {search_word}",
}
_NUMBERED = [table for table in ADDED if table != "search_term"]
_PRAGMAS = (
    *("journal_mode = wal", "synchronous = full", "wal_autocheckpoint = 4000"),
    *("foreign_keys = 1", "cache_size = -32768"),
)
"""Those of the program."""

Rows = dict[str, list[Sequence[Any]]]
Run = Callable[[str], Any]


class Cost(NamedTuple):
    """Seconds of wall time, and of the processor; those of a server are not seen."""

    wall: float
    cpu: float


def measured(action: Callable[[], object]) -> Cost:
    """What an action costs, the processes it starts included."""
    wall, before = time.perf_counter(), os.times()
    action()
    after = os.times()
    return Cost(time.perf_counter() - wall, sum(after[:4]) - sum(before[:4]))


class Floor(Protocol):
    """The databases of one engine: copies for the program and for the floor."""

    def copy(self) -> str:
        """A fresh copy of the database at the beginning; its URL."""

    def whole(self) -> Cost:
        """The cost of the rows of the last run in one transaction."""

    def tool(self) -> Cost:
        """The cost of the same rows through the engine's own tool."""

    def each(self) -> Cost:
        """The cost of the same rows with a commit for each customer."""

    def close(self) -> None:
        """Throw the copies away."""


def _highest(run: Run) -> dict[str, int]:
    return {table: int(run(f"SELECT COALESCE(MAX(id), 0) FROM {table}")[0][0]) for table in _NUMBERED}


def _added(run: Run, highest: dict[str, int]) -> Rows:
    return {
        table: run(f"SELECT * FROM {table} WHERE {condition.format(**highest)}") for table, condition in ADDED.items()
    }


def _a_command_each(rows: Rows) -> Iterator[list[tuple[str, Sequence[Any]]]]:
    """The rows of one command after the other: a customer, its entry and change, and its words."""
    words: dict[Any, list[Sequence[Any]]] = {}
    for row in rows["search_term"]:
        words.setdefault(row[2], []).append(row)
    spelled = {row[2]: row for row in rows["search_word"]}
    entries = rows["journal_entry"][-len(rows["customer"]) :]
    for customer, entry, change in zip(rows["customer"], entries, rows["journal_change"], strict=True):
        own = [("customer", customer), ("journal_entry", entry), ("journal_change", change)]
        terms = words.get(customer[0], ())
        own += [("search_term", row) for row in terms]
        yield own + [("search_word", spelled.pop(row[1])) for row in terms if row[1] in spelled]


def _insert(table: str, row: Sequence[Any], mark: str) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join(mark for _ in row)})"


class SqliteFloor:
    """Files, apsw, and the sqlite3 tool."""

    def __init__(self, base: str, folder: Path) -> None:
        self._base, self._folder, self._copies = Path(base), folder, 0
        self._last = self._base
        self._highest = _highest(self._on(self._base))

    def copy(self) -> str:
        """A copy of the file."""
        self._copies += 1
        copied = Path(shutil.copy(self._base, self._folder / f"copy{self._copies}.db"))
        if self._copies > 1:
            self._last.unlink()
        self._last = copied
        return str(copied)

    def whole(self) -> Cost:
        """executemany, a table after the other."""
        return self._timed(self._executemany)

    def each(self) -> Cost:
        """The same statements in the order of the program, a transaction a customer."""
        return self._timed(self._committing)

    def tool(self) -> Cost:
        """INSERT statements in one transaction."""
        import apsw

        script = self._folder / "rows.sql"
        with script.open("w", encoding="utf-8") as lines:
            lines.write("PRAGMA foreign_keys = 1; PRAGMA cache_size = -32768; BEGIN;\n")
            for table, rows in self._rows().items():
                for row in rows:
                    lines.write(f"INSERT INTO {table} VALUES ({', '.join(map(apsw.format_sql_value, row))});\n")
            lines.write("COMMIT;\n")
        target = shutil.copy(self._base, self._folder / "floor.db")
        with script.open("rb") as lines:
            tool = ["sqlite3", "-bail", str(target)]
            return measured(lambda: subprocess.run(tool, stdin=lines, check=True, stdout=subprocess.DEVNULL))

    def close(self) -> None:
        """The folder goes with everything in it."""

    def _rows(self) -> Rows:
        return _added(self._on(self._last), self._highest)

    def _timed(self, write: Callable[[Any, Rows], None]) -> Cost:
        import apsw

        rows = self._rows()
        connection = apsw.Connection(str(shutil.copy(self._base, self._folder / "floor.db")))
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        cost = measured(lambda: write(connection, rows))
        connection.close()
        return cost

    @staticmethod
    def _executemany(connection: Any, rows: Rows) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for table, added in rows.items():
            connection.executemany(_insert(table, added[0], "?"), added)
        connection.execute("COMMIT")

    @staticmethod
    def _committing(connection: Any, rows: Rows) -> None:
        for command in _a_command_each(rows):
            connection.execute("BEGIN IMMEDIATE")
            for table, row in command:
                connection.execute(_insert(table, row, "?"), row)
            connection.execute("COMMIT")

    @staticmethod
    def _on(path: Path) -> Run:
        import apsw

        return lambda sql: list(apsw.Connection(str(path)).execute(sql))


class PostgresFloor:
    """Databases of the server, psycopg, and psql."""

    def __init__(self, base: str, folder: Path) -> None:
        self._base, self._folder = base, folder
        self._last, self._target = f"crm_bench_run_{os.getpid()}", f"crm_bench_floor_{os.getpid()}"
        self._highest = _highest(self._on(base))

    def copy(self) -> str:
        """A database made with the other as its template."""
        return self._copied(self._last)

    def whole(self) -> Cost:
        """COPY, a table after the other."""
        return self._timed(self._copying)

    def each(self) -> Cost:
        """The same statements in the order of the program, a transaction a customer."""
        return self._timed(self._committing)

    def tool(self) -> Cost:
        """INSERT statements in one transaction."""
        from psycopg import sql

        script = self._folder / "rows.sql"
        with script.open("w", encoding="utf-8") as lines:
            lines.write("BEGIN;\n")
            for table, rows in self._rows().items():
                for row in rows:
                    values = ", ".join(sql.Literal(value).as_string(None) for value in row)
                    lines.write(f"INSERT INTO {table} VALUES ({values});\n")
            lines.write("COMMIT;\n")
        url = self._copied(self._target)
        tool = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(script), url]
        return measured(lambda: subprocess.run(tool, check=True))

    def close(self) -> None:
        """Drop the copies."""
        drop_on_server(self._last)
        drop_on_server(self._target)

    def _rows(self) -> Rows:
        return _added(self._on(self._last), self._highest)

    def _copied(self, name: str) -> str:
        import psycopg

        drop_on_server(name)
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {self._base}")
        return f"{SERVER}/{name}"

    def _timed(self, write: Callable[[Any, Rows], None]) -> Cost:
        import psycopg

        rows = self._rows()
        with psycopg.connect(self._copied(self._target)) as connection:
            return measured(lambda: write(connection, rows))

    @staticmethod
    def _copying(connection: Any, rows: Rows) -> None:
        for table, added in rows.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in added:
                    copy.write_row(row)
        connection.commit()

    @staticmethod
    def _committing(connection: Any, rows: Rows) -> None:
        for command in _a_command_each(rows):
            for table, row in command:
                connection.execute(_insert(table, row, "%s"), row)
            connection.commit()

    @staticmethod
    def _on(name: str) -> Run:
        import psycopg

        def run(sql: str) -> Any:
            with psycopg.connect(f"{SERVER}/{name}") as connection:
                return connection.execute(sql).fetchall()

        return run
