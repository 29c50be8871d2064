"""What both engines share: statements compiled once, streams, savepoints, and the names of what can go wrong."""

from __future__ import annotations

import contextlib
import functools
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmshell.database.deferred import Deferred
from crmshell.errors import Failure, StoreError
from crmshell.text import safe

if TYPE_CHECKING:
    from crmshell.database.transactions import Enclosing

_DRIVERS = ("psycopg2cffi", "psycopg2", "psycopg", "pymysql", "MySQLdb")


@contextlib.contextmanager
def _without_drivers() -> Iterator[None]:
    """Keep peewee from importing every driver it finds: that costs 160 ms a SQLite user has no use for."""
    hidden = {name: None for name in _DRIVERS if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]  # None is how an import is barred
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without_drivers():
    import peewee

BUSY_SECONDS = 10.0
MAX_ATTEMPTS = 5
RESERVED_IDS = 64
PAGE_ROWS = 500
HISTORY_TABLE = "schema_migration"

proxy = peewee.DatabaseProxy()
"""The database the models are bound to; initialised once by `open_database`."""


class Transaction:
    """What a transaction must remember: whether Ctrl-C was pressed, and the cursors of the lists it reads."""

    def __init__(self) -> None:
        self.is_interrupted = False
        self.signal = int(signal.SIGINT)
        self.cursors: list[Any] = []

    def close_cursors(self) -> None:
        """End what was not read to its end: as long as such a statement is there, SQLite interrupts all others too."""
        for cursor in self.cursors:
            cursor.close()
        self.cursors.clear()


class Engine(peewee.Database):
    """What both engines share: transactions that hold off Ctrl-C, and statements that notice it."""

    engine: str
    among: tuple[str, str]
    """What stands before and behind the mark of an `array` in the condition that a column holds one of its numbers."""
    selected: tuple[str, str]
    """The same for a query of numbers: they are found first, and then the rows that hold them."""
    _state: Any
    current: Transaction | None = None
    enclosing: Enclosing | None = None
    waiting: Deferred | None = None
    """The rows that are written late, where a transaction defers any."""
    turn = threading.RLock()
    """Whose turn it is to use the connection of the enclosing transaction; see sharing.py."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement, unless Ctrl-C has come in the meantime and the statement would begin something."""
        if self.current is not None and self.current.is_interrupted:
            self._notice_interrupt()
        if self.waiting is not None:
            self.waiting.write_before(sql)
        return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def _write_what_concerns(self, sql: str) -> None:
        """Let a statement find the rows that wait."""
        if self.waiting is not None:
            self.waiting.write_before(sql)

    def _notice_interrupt(self) -> None:
        if self.current is None or not self.current.is_interrupted:
            return
        if threading.current_thread() is threading.main_thread():
            message = "interrupted"
            raise peewee.OperationalError(message)

    def settle(self) -> None:
        """Do what a connection needs that has just been opened for the first time."""

    def interrupt(self) -> None:
        """Stop the statement that runs on this thread's connection."""
        raise NotImplementedError

    def undo_to_savepoint(self) -> None:
        """Roll back to the last savepoint and drop it; a transaction that is lost has nothing to roll back."""
        with contextlib.suppress(Exception), peewee_errors():
            cursor = self.cursor()  # type: ignore[no-untyped-call]
            cursor.execute("ROLLBACK TO SAVEPOINT command")
            cursor.execute("RELEASE SAVEPOINT command")

    @contextlib.contextmanager
    def reading_inside(self) -> Iterator[None]:
        """Read in a transaction that has to stay as it is, whatever fails here."""
        yield

    def is_transaction_lost(self) -> bool:
        """Whether the engine or the server has ended the transaction by itself, as a full disk can make it do."""
        raise NotImplementedError

    def check_transaction(self) -> None:
        """Refuse to go on in a transaction that is lost: what follows would be kept without what came before."""
        if self.is_transaction_lost():
            message = "the transaction was lost: nothing of it was kept"
            raise StoreError(message, hint="begin again, and type its commands once more")

    @property
    def held(self) -> str:
        """The condition that a column holds one of the numbers of an `array`, its mark included."""
        return str(self.param).join(self.among)

    def expect_lookups(self) -> None:
        """Make this thread's connection ready for many small queries of few shapes, such as those of completion."""

    @contextlib.contextmanager
    def looking_up(self) -> Iterator[None]:
        """Make it ready for as long as this lasts, in a transaction."""
        yield

    def forget_lost_connection(self) -> None:
        """Drop a connection that can no longer be used, so that the next command opens a new one."""
        if not self.is_closed() and not self.is_connection_usable():
            self.dispose()

    def lock(self, name: str) -> None:
        """Hold a named lock until the transaction ends."""

    def try_lock(self, name: str) -> bool:  # noqa: ARG002
        """Hold a named lock until the transaction ends, unless somebody else has it; whether it is held."""
        return True

    def stream(self, query: Any, mark: str = "", most: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows of a query as the driver hands them out, never all in memory; no more than `most` if that is known.

        A page of them is fetched at once: on a server that takes one turn instead of four, in a file half the time.
        `mark` says in the statement what it is allowed to do: a `list` goes along an index, a `scan` looks at all rows.
        """
        sql, params = query.sql()
        if most is not None and most <= PAGE_ROWS:
            return iter(self.execute_sql(marked(sql, mark), params).fetchall())
        return self._stream(marked(sql, mark), params, is_short=most is not None)

    def _stream(self, sql: str, params: Any, *, is_short: bool) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement one after the other; `is_short` where they are not the whole of a long list."""
        raise NotImplementedError

    def array(self, numbers: Sequence[int]) -> Any:
        """Some numbers as one value, so that a statement is the same for any number of them."""
        raise NotImplementedError

    def overwrite_deleted(self) -> None:
        """Leave nothing in the file of what is deleted from now on, where the engine can; the server's vacuum does."""

    def insert(self, table: str, columns: tuple[str, ...], values: Sequence[Any]) -> int:
        """Insert one row through a statement compiled once, and return its id."""
        self.execute_sql(insert_sql(table, columns, self.param), values)
        return int(self.last_insert_rowid())

    def insert_many(self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows of a table whose ids nobody asks for."""
        self.run_many(self.many_sql(table, columns), rows)

    def many_sql(self, table: str, columns: tuple[str, ...], otherwise: str = "") -> str:
        """The statement for `run_many` that inserts rows; `otherwise` says what becomes of those that cannot be."""
        return insert_sql(table, columns, self.param, otherwise)

    def new_ones_sql(self, table: str, columns: tuple[str, ...]) -> str:
        """The statement for `run_many` that inserts the rows that are not there yet, and waits for no other writer."""
        raise NotImplementedError

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement with each of these rows of values."""
        self._write_what_concerns(sql)
        if rows:
            self._run_many(sql, rows)

    def _run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with peewee_errors():
            self._execute_many(self.cursor(), sql, rows)  # type: ignore[no-untyped-call]

    def _execute_many(self, cursor: Any, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        cursor.executemany(sql, rows)

    def begin_deferring(self) -> None:
        """Let rows wait until the end of the transaction that has just begun, which may be a long one."""
        self.waiting = Deferred(self._run_many)

    def run_later(self, sql: str, rows: Sequence[tuple[Any, ...]], *, in_any_order: bool = False) -> None:
        """The same, as late as nobody notices where rows are deferred."""
        if self.waiting is None:
            self.run_many(sql, rows)
        else:
            self.waiting.add(sql, rows, in_any_order=in_any_order)

    def insert_later(self, table: str, columns: tuple[str, ...], values: Sequence[Any]) -> int:
        """Insert one row, as late as nobody notices where rows are deferred, and return its id at once."""
        if self.waiting is None:
            return self.insert(table, columns, values)
        own = self.waiting.next_id(table, self.reserve_ids)
        self.waiting.add(self.many_sql(table, ("id", *columns)), [(own, *values)])
        return own

    def reserve_ids(self, table: str) -> Sequence[int]:
        """Some ids that no other row of this table will have, in order; needs a transaction that may write."""
        raise NotImplementedError

    def update(self, table: str, columns: tuple[str, ...], values: Sequence[Any], record_id: int) -> None:
        """Update one row by its id through a statement compiled once."""
        self.execute_sql(_update_sql(table, columns, self.param), [*values, record_id])

    def last_insert_rowid(self) -> Any:
        """The id of the row this connection inserted last."""
        raise NotImplementedError

    def lock_rows(self, query: Any, strength: str) -> Any:
        """The same query, holding its rows against writers (`FOR UPDATE`, `FOR SHARE`) until the end."""
        raise NotImplementedError

    def is_duplicate(self, error: BaseException) -> bool:
        """Whether the error is a unique constraint that was hit."""
        raise NotImplementedError

    def is_transient(self, error: BaseException) -> bool:
        """Whether the same transaction, run again, may well succeed."""
        raise NotImplementedError

    def explain(self, error: BaseException) -> Failure:
        """The failure a user is told of, without a word of SQL or of the driver."""
        raise NotImplementedError

    def describe(self) -> list[tuple[str, str]]:
        """What `database info` says of the engine."""
        raise NotImplementedError

    def problems(self) -> list[str]:
        """What the engine's own integrity check finds."""
        raise NotImplementedError


def marked(sql: str, mark: str) -> str:
    """A statement that says what it is, for whoever reads the log of a server; tests/test_plans.py holds it to that."""
    return f"{sql} /* {mark} */" if mark else sql


def peewee_errors() -> contextlib.AbstractContextManager[None]:
    """Turn the driver's errors into peewee's, as peewee itself does around every statement."""
    wrapper: contextlib.AbstractContextManager[None] = peewee.__exception_wrapper__  # type: ignore[attr-defined]
    return wrapper


@functools.cache
def insert_sql(table: str, columns: tuple[str, ...], param: str, otherwise: str = "") -> str:
    """The statement that inserts one row, made once; `otherwise` says what becomes of one that cannot be."""
    names, marks = ", ".join(columns), ", ".join(param for _ in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) {otherwise}".rstrip()  # noqa: S608  (our own tables)


@functools.cache
def _update_sql(table: str, columns: tuple[str, ...], param: str) -> str:
    sets = ", ".join(f"{column} = {param}" for column in columns)
    return f"UPDATE {table} SET {sets} WHERE id = {param}"  # noqa: S608  (names of our own tables)


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
        waiting += [argument for argument in current.args if isinstance(argument, BaseException)]


def is_postgres(url: str) -> bool:
    """Whether a `--database` names a server and not a file."""
    return url.startswith(("postgresql://", "postgres://"))


def shown_url(url: str) -> str:
    """A database as it may be shown: without its password."""
    if "://" not in url:
        return safe(url)
    without = re.sub(r"^([\w+.-]+://[^:@/]*):.*@(?=[^@]*$)", r"\1@", url, flags=re.DOTALL)
    return safe(re.sub(r"([?&](?:password|passfile|sslpassword)=)[^&]*", r"\1…", without))


def log_path() -> Path:
    """Where the traceback of a bug goes."""
    import platformdirs

    return platformdirs.user_log_path("crm-shell") / "crm-shell.log"


def current() -> Engine:
    """The open database."""
    database: Engine = proxy.obj
    return database


def misread(url: str) -> StoreError:
    """The failure for a `--database` that names neither a file nor a server."""
    return StoreError(f"{shown_url(url)} is no database", hint="a path, or postgresql://user@host/database")
