"""SQLite: which engine, which journal mode, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from weakref import WeakSet

import peewee

from crmshell.database.common import BUSY_SECONDS, HISTORY_TABLE, Engine, causes, log_path, misread
from crmshell.errors import Failure, StoreError
from crmshell.text import safe

SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
_PAUSE_SECONDS = 0.01
_STEPS_BETWEEN_LOOKS = 10_000  # of SQLite's machine; a fraction of a millisecond
CACHE_KIB = 32 * 1024
_PAGES_OF_LOG = 4000
"""How long the write-ahead log grows, to 16 MiB: a page that many commands write goes into the file the more rarely."""
_PASSING_KIB = 2 * 1024
_ONE_ROW = re.compile(r"VALUES (?P<row>\([?, ]+\))")
_ROWS_AT_ONCE = 50
_RESERVED_IDS = 1000  # those that are not used are given to the next writer
_LONG_LIST = 5000  # rows


def _go_on() -> bool:
    """Called now and then while a statement runs: without it Python would not notice Ctrl-C before its end."""
    return False


class SqliteEngine(Engine):
    """What both of its drivers share."""

    engine = "sqlite"
    among = "IN (SELECT value FROM json_each(", "))"
    selected = "IN (", ")"
    path: Path

    journal_mode_wanted = "delete"

    def _connect(self) -> Any:
        """Connect, and let Python look up now and then while a statement runs; a file that is gone is not made anew."""
        self._state.file = self._file()
        if self._state.file is None:
            message = "unable to open database file"
            raise peewee.OperationalError(message)
        connection = super()._connect()  # type: ignore[misc]  # peewee has no types for it
        connection.set_progress_handler(_go_on, _STEPS_BETWEEN_LOOKS)
        return connection

    def _file(self) -> tuple[int, int] | None:
        """Which file the path leads to, None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def is_connection_usable(self) -> bool:
        """Whether the file that is open is still the one at its path: what is written to another would be lost."""
        return self._state.conn is not None and self._file() == self._state.file

    def settle(self) -> None:
        """Turn a file of our own, or a new one, to the wanted mode; the file of another program is left as it is.

        Waits for another process that is doing the same: SQLite itself does not wait there.
        """
        names = [str(row[0]) for row in self.execute_sql("SELECT name FROM sqlite_master")]
        if names and HISTORY_TABLE not in names:
            return
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.execute_sql(f"PRAGMA journal_mode = {self.journal_mode_wanted}")
            except peewee.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
            else:
                return
            time.sleep(_PAUSE_SECONDS)

    @property
    def _cursors(self) -> WeakSet[Any]:
        """Those of this thread that somebody still holds."""
        if not hasattr(self._state, "cursors"):
            self._state.cursors = WeakSet()
        known: WeakSet[Any] = self._state.cursors
        return known

    def cursor(self, *options: Any) -> Any:
        """A cursor that is known for as long as anybody holds it."""
        cursor = super().cursor(*options)  # type: ignore[no-untyped-call]
        self._cursors.add(cursor)
        return cursor

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction; writers take the lock at once, so that none fails half way.

        A statement that was not read to its end, which the traceback of a refusal may hold for long, would keep what is
        read where it was, and SQLite from writing behind what others have written since.
        """
        for cursor in list(self._cursors):
            cursor.close()
        self._cursors.clear()
        self.execute_sql(f"BEGIN {lock_type or 'IMMEDIATE'}")

    def _stream(self, sql: str, params: Any, *, is_short: bool) -> Iterator[tuple[Any, ...]]:
        """The rows as SQLite finds them; a long list takes no more memory for pages than a short one.

        It reads each page once: kept, they would drive out what is needed again, and fill the memory.
        """
        cursor = self.execute_sql(sql, params)
        if self.current is not None:
            self.current.cursors.append(cursor)
        rows = iter(cursor)
        yield from islice(rows, _LONG_LIST)
        if is_short or self.enclosing is not None:
            yield from rows
        else:
            yield from self._read_through(rows)

    def _read_through(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        first = next(rows, None)
        if first is None:
            return
        yield first
        connection = self._state.conn
        connection.execute(f"PRAGMA cache_size = -{_PASSING_KIB}")
        try:
            yield from rows
        finally:
            with contextlib.suppress(Exception):  # whoever closed the connection needs no pages any more
                connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def array(self, numbers: Sequence[int]) -> str:
        """The numbers in json."""
        return f"[{','.join(map(str, numbers))}]"

    def lock_rows(self, query: Any, strength: str) -> Any:  # noqa: ARG002
        """The writer's lock of IMMEDIATE holds all rows already."""
        return query

    def new_ones_sql(self, table: str, columns: tuple[str, ...]) -> str:
        """One row at a time; the index is asked first."""
        return _new_ones_sql(table, columns)

    def _execute_many(self, cursor: Any, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert some rows with each statement: one by one they take twice as long."""
        together = len(rows) - len(rows) % _ROWS_AT_ONCE if _ONE_ROW.search(sql) else 0
        for start in range(0, together, _ROWS_AT_ONCE):
            cursor.execute(_for_many_rows(sql), [*chain.from_iterable(rows[start : start + _ROWS_AT_ONCE])])
        super()._execute_many(cursor, sql, rows[together:])

    def reserve_ids(self, table: str) -> Sequence[int]:
        """Those behind the highest that was ever there: nobody else writes meanwhile."""
        row = self.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        last = int(row[0]) if row else 0
        return range(last + 1, last + 1 + _RESERVED_IDS)

    def overwrite_deleted(self) -> None:
        """Write zeros over it."""
        self.execute_sql("PRAGMA secure_delete = ON")

    def is_duplicate(self, error: BaseException) -> bool:
        """Whether the error is a unique constraint that was hit."""
        return any("unique constraint" in str(cause).casefold() for cause in causes(error))

    def is_transient(self, error: BaseException) -> bool:  # noqa: ARG002
        """Never: the busy timeout has waited already."""
        return False

    def explain(self, error: BaseException) -> Failure:
        """Look for the real cause below peewee's: a full disk hides behind "cannot rollback"."""
        said = " / ".join(f"{type(cause).__name__} {cause}".casefold() for cause in causes(error))
        name = safe(str(self.path))
        for words, message, hint in _SQLITE_CAUSES:
            if any(word in said for word in words):
                return StoreError(message.format(name), hint=hint)
        return StoreError(f"{name} cannot be read or written", hint=f"the log file says more: {log_path()}")

    def describe(self) -> list[tuple[str, str]]:
        """Engine, version, file and journal mode, with the reason for it."""
        mode = str(self.execute_sql("PRAGMA journal_mode").fetchone()[0])
        size = self.path.stat().st_size
        return [
            ("engine", f"SQLite {'.'.join(map(str, self.server_version))} ({self.driver})"),
            ("file", f"{self.path.resolve()} ({size // 1024} KiB)"),
            ("journal mode", f"{mode}: {self.why_mode}"),
        ]

    driver = "sqlite3"
    why_mode = ""

    def problems(self) -> list[str]:
        """What `integrity_check` and `foreign_key_check` find."""
        found = [str(row[0]) for row in self.execute_sql("PRAGMA integrity_check") if row[0] != "ok"]
        broken = [str(row[0]) for row in self.execute_sql("PRAGMA foreign_key_check")]
        return found + [f"a record of {table} refers to one that is not there" for table in broken]


@cache
def _for_many_rows(sql: str) -> str:
    """The statement that inserts _ROWS_AT_ONCE rows where this one inserts one."""
    return _ONE_ROW.sub(lambda one: "VALUES " + ", ".join([one["row"]] * _ROWS_AT_ONCE), sql, count=1)


@cache
def _new_ones_sql(table: str, columns: tuple[str, ...]) -> str:
    marks = [f"?{place}" for place in range(1, len(columns) + 1)]
    same = " AND ".join(f"{column} = {mark}" for column, mark in zip(columns, marks, strict=True))
    there = f"SELECT 1 FROM {table} WHERE {same}"  # noqa: S608  (names of our own tables)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(marks)} WHERE NOT EXISTS ({there})"


_SQLITE_CAUSES: Sequence[tuple[tuple[str, ...], str, str]] = (
    (("full",), "the disk is full: nothing of this command was written to {}", "free some space, then type it again"),
    (("readonly", "read-only"), "{} is read-only", "check the permissions of the file and of its folder"),
    (("notadb", "not a database"), "{} is not a database", "name another file with --database"),
    (("busy", "locked"), "another program holds {} locked", "wait until it is done, then try again"),
    (("corrupt", "malformed"), "{} is damaged", "restore the last backup; `database check` says what is wrong"),
    (("cantopen", "unable to open"), "{} cannot be opened", "check that the folder exists and that you may read it"),
    (("no such table", "no such column"), "{} is not a database of crm-shell", "name another file with --database"),
    (("ioerror", "disk i/o"), "{} cannot be read or written: the disk reports an error", "check the disk"),
)


def open_sqlite(url: str, *, may_create: bool) -> Engine:
    """The file of a path or URL, not connected yet; made with mode 0600 where it may be, raises StoreError."""
    if "://" in url and not url.startswith("sqlite:///"):
        raise misread(url)
    path = Path(unquote(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else url)
    if path.name == ":memory:":
        message = "a database in memory would be gone at the end of the program"
        raise StoreError(message, hint="name a file with --database")
    try:
        path = path.expanduser()
        _make_file(path, may_create=may_create)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no file can have this name"
        raise StoreError(f"{safe(str(path))} cannot be opened: {reason}", hint="check --database") from error
    return _sqlite_engine(path)


def _make_file(path: Path, *, may_create: bool) -> None:
    """Create a new file with mode 0600 before SQLite would create it with another."""
    name = safe(str(path))
    if path.exists():
        if path.is_dir():
            raise StoreError(f"{name} is a folder", hint="name a file with --database")
        return
    if not may_create:
        hint = f"create it with: crm-shell --database {name} --create-admin NAME"
        raise StoreError(f"there is no database {name}", hint=hint)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"{name} cannot be created: {error.strerror}", hint="check the folder") from error


def _sqlite_engine(path: Path) -> Engine:
    pragmas = {
        "foreign_keys": 1,
        "cache_size": -CACHE_KIB,
        "temp_store": "memory",
        "synchronous": "full",
        "wal_autocheckpoint": _PAGES_OF_LOG,
    }
    try:
        from crmshell.database.apsw_engine import Apsw
    except ImportError:
        from crmshell.database.sqlite3_engine import BuiltIn

        engine: SqliteEngine = BuiltIn(str(path), timeout=BUSY_SECONDS, check_same_thread=False)
    else:
        engine = Apsw(str(path), timeout=BUSY_SECONDS)
    engine.path = path
    version = tuple(engine.server_version)
    if is_wal_safe(version):
        engine.journal_mode_wanted = "wal"
        engine.why_mode = "readers and writers do not wait for each other"
    else:
        engine.why_mode = "this version of SQLite can damage a file in WAL mode"
    engine.init(str(path), pragmas=pragmas, timeout=BUSY_SECONDS)
    return engine


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Whether two connections may write and checkpoint a WAL file at once without damaging it (see measurements)."""
    return version >= SAFE_WAL[0] or any(fixed <= version < (*fixed[:2], 99) for fixed in SAFE_WAL[1:])
