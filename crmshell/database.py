"""Opens SQLite or PostgreSQL, and is the only place that knows which one it is and what its errors mean."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import unquote, urlsplit

from crmshell.errors import Conflict, Failure, Interrupted, StoreError
from crmshell.text import safe

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

SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
BUSY_SECONDS = 10.0
_PAUSE_SECONDS = 0.01
_STEPS_BETWEEN_LOOKS = 10_000  # of SQLite's machine; a fraction of a millisecond
CACHE_KIB = 32 * 1024
MAX_ATTEMPTS = 5
HISTORY_TABLE = "schema_migration"
_PAGE_ROWS = 500

proxy = peewee.DatabaseProxy()
"""The database the models are bound to; initialised once by `open_database`."""


class Transaction:
    """What a transaction must remember: whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.is_interrupted = False
        self.signal = int(signal.SIGINT)


class _Common(peewee.Database):
    """What both engines share: transactions that hold off Ctrl-C, and statements that notice it."""

    engine: str
    _state: Any
    current: Transaction | None = None
    enclosing: Enclosing | None = None

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement, unless Ctrl-C has come in the meantime and the statement would begin something."""
        self._notice_interrupt()
        return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def _notice_interrupt(self) -> None:
        if self.current is None or not self.current.is_interrupted:
            return
        if threading.current_thread() is threading.main_thread():
            message = "interrupted"
            raise peewee.OperationalError(message)

    def interrupt(self) -> None:
        """Stop the statement that runs on this thread's connection."""
        raise NotImplementedError

    def undo_to_savepoint(self) -> None:
        """Roll back to the last savepoint and drop it; a transaction that is lost has nothing to roll back."""
        with contextlib.suppress(Exception), _peewee_errors():
            cursor = self.cursor()  # type: ignore[no-untyped-call]
            cursor.execute("ROLLBACK TO SAVEPOINT command")
            cursor.execute("RELEASE SAVEPOINT command")

    def is_transaction_lost(self) -> bool:
        """Whether the engine or the server has ended the transaction by itself, as a full disk can make it do."""
        raise NotImplementedError

    def check_transaction(self) -> None:
        """Refuse to go on in a transaction that is lost: what follows would be kept without what came before."""
        if self.is_transaction_lost():
            message = "the transaction was lost: nothing of it was kept"
            raise StoreError(message, hint="type it all again")

    def forget_lost_connection(self) -> None:
        """Drop a connection that can no longer be used, so that the next command opens a new one."""
        if not self.is_closed() and not self.is_connection_usable():
            self.dispose()

    def lock(self, name: str) -> None:
        """Hold a named lock until the transaction ends."""

    def stream(self, query: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query as the driver hands them out, never all in memory."""
        sql, params = query.sql()
        yield from self.execute_sql(sql, params)

    def insert(self, table: str, columns: tuple[str, ...], values: Sequence[Any]) -> int:
        """Insert one row through a statement compiled once, and return its id."""
        self.execute_sql(_insert_sql(table, columns, self.param), values)
        return int(self.last_insert_rowid())

    def insert_many(self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows of a table that has no id of its own."""
        if rows:
            with _peewee_errors():
                self.cursor().executemany(_insert_sql(table, columns, self.param), rows)  # type: ignore[no-untyped-call]

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


def _peewee_errors() -> contextlib.AbstractContextManager[None]:
    """Turn the driver's errors into peewee's, as peewee itself does around every statement."""
    wrapper: contextlib.AbstractContextManager[None] = peewee.__exception_wrapper__  # type: ignore[attr-defined]
    return wrapper


@functools.cache
def _insert_sql(table: str, columns: tuple[str, ...], param: str) -> str:
    names, marks = ", ".join(columns), ", ".join(param for _ in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  (names of our own tables)


@functools.cache
def _update_sql(table: str, columns: tuple[str, ...], param: str) -> str:
    sets = ", ".join(f"{column} = {param}" for column in columns)
    return f"UPDATE {table} SET {sets} WHERE id = {param}"  # noqa: S608  (names of our own tables)


def _go_on() -> bool:
    """Called now and then while a statement runs: without it Python would not notice Ctrl-C before its end."""
    return False


class _SqliteCommon(_Common):
    engine = "sqlite"
    path: Path

    journal_mode_wanted = "delete"

    def _connect(self) -> Any:
        """Connect, and let Python look up now and then while a statement runs."""
        connection = super()._connect()  # type: ignore[misc]  # peewee has no types for it
        connection.set_progress_handler(_go_on, _STEPS_BETWEEN_LOOKS)
        return connection

    def choose_journal_mode(self) -> None:
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

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction; writers take the lock at once, so that none fails half way."""
        self.execute_sql(f"BEGIN {lock_type or 'IMMEDIATE'}")

    def lock_rows(self, query: Any, strength: str) -> Any:  # noqa: ARG002
        """The writer's lock of IMMEDIATE holds all rows already."""
        return query

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
            ("file", f"{self.path.resolve()} ({size / 1024:,.0f} KiB)"),
            ("journal mode", f"{mode}: {self.why_mode}"),
        ]

    driver = "sqlite3"
    why_mode = ""

    def problems(self) -> list[str]:
        """What `integrity_check` and `foreign_key_check` find."""
        found = [str(row[0]) for row in self.execute_sql("PRAGMA integrity_check") if row[0] != "ok"]
        broken = [str(row[0]) for row in self.execute_sql("PRAGMA foreign_key_check")]
        return found + [f"a record of {table} refers to one that is not there" for table in broken]


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


class _PostgresAdapter(peewee.Psycopg3Adapter):
    """peewee's own adapter, importing the driver only when a server is really used."""

    def __init__(self) -> None:
        try:
            import psycopg
        except ImportError as error:
            message = "the driver for PostgreSQL is not installed"
            raise StoreError(message, hint="pip install 'crm-shell[postgres]'") from error
        status = psycopg.pq.TransactionStatus
        self.txn_idle, self.txn_inerror, self.txn_unknown = status.IDLE, status.INERROR, status.UNKNOWN
        peewee._BasePsycopgAdapter.__init__(self)  # noqa: SLF001  (its parent's asks for names of the driver)

    def check_driver(self) -> None:
        """The driver was imported by the constructor."""

    def connect(self, db: Any, **params: Any) -> Any:
        """Connect to the URL as it was given, several hosts included."""
        import psycopg

        return psycopg.connect(db.database, **params)


class Postgres(_Common, peewee.PostgresqlDatabase):
    """A PostgreSQL server, through psycopg 3."""

    engine = "postgresql"
    psycopg2_adapter = psycopg3_adapter = _PostgresAdapter
    index_value_literals = True

    def begin(self, isolation_level: Any = None) -> None:  # noqa: ARG002
        """Begin at READ COMMITTED; the rules over several rows hold by locks, see crmshell/models/locks.py."""
        self.execute_sql("BEGIN")

    def interrupt(self) -> None:
        """Ask the server to cancel the statement."""
        if self._state.conn is not None:
            self._state.conn.cancel()

    def is_connection_usable(self) -> bool:
        """Whether the connection is open; one that the server has closed is noticed without a round trip."""
        connection = self._state.conn
        if connection is None or connection.closed:
            return False
        try:
            connection.pgconn.consume_input()
        except Exception:  # noqa: BLE001  (whatever it is, this connection is of no more use)
            return False
        return not connection.closed and not connection.broken

    def insert(self, table: str, columns: tuple[str, ...], values: Sequence[Any]) -> int:
        """Insert one row through a statement compiled once, and return its id."""
        row = self.execute_sql(f"{_insert_sql(table, columns, self.param)} RETURNING id", values).fetchone()
        return int(row[0])

    def is_transaction_lost(self) -> bool:
        """Whether the connection is gone."""
        return not self.is_connection_usable()

    def lock(self, name: str) -> None:
        """Hold an advisory lock until the transaction ends."""
        self.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))

    def stream(self, query: Any) -> Iterator[tuple[Any, ...]]:
        """The rows through a cursor of the server, some hundred at a time; needs an open transaction."""
        sql, params = query.sql()
        cursor = self._state.conn.cursor(name="crm_shell_stream")
        cursor.itersize = _PAGE_ROWS
        with cursor:
            cursor.execute(sql, params)
            for row in cursor:
                yield row
                self._notice_interrupt()

    def lock_rows(self, query: Any, strength: str) -> Any:
        """Add the clause that holds the query's own rows."""
        return query.for_update(strength)

    def is_duplicate(self, error: BaseException) -> bool:
        """Whether the error is a unique constraint that was hit."""
        return any(getattr(cause, "sqlstate", None) == "23505" for cause in causes(error))

    def is_transient(self, error: BaseException) -> bool:
        """Serialisation failures and deadlocks."""
        return any(getattr(cause, "sqlstate", None) in {"40001", "40P01"} for cause in causes(error))

    def explain(self, error: BaseException) -> Failure:
        """Say what the class of the server's error means to a person."""
        where = shown_url(self.database)
        states = [_sqlstate(cause) for cause in causes(error)]
        for prefixes, message, hint in _POSTGRES_CAUSES:
            if any(state.startswith(prefix) for state in states for prefix in prefixes):
                return StoreError(message.format(where), hint=hint)
        if any(states):
            return StoreError(f"the database at {where} refused a statement", hint=f"see {log_path()}")
        if self.is_closed() and any(type(cause).__name__ == "ProgrammingError" for cause in causes(error)):
            return _misread(self.database)
        return StoreError(f"the database at {where} does not answer", hint="check that the server runs, then try again")

    def describe(self) -> list[tuple[str, str]]:
        """Engine, version and server."""
        version = str(self.execute_sql("SHOW server_version").fetchone()[0])
        size = int(self.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
        return [
            ("engine", f"PostgreSQL {version} (psycopg 3)"),
            ("server", f"{shown_url(self.database)} ({size / 1024:,.0f} KiB)"),
        ]

    def problems(self) -> list[str]:
        """None: the server looks after its own pages and foreign keys."""
        return []


_POSTGRES_CAUSES: Sequence[tuple[tuple[str, ...], str, str]] = (
    (("28",), "{} refuses this user or password", "check the user and the password in --database"),
    (("3D000",), "there is no such database at {}", "create it with createdb, then start again"),
    (("53100",), "the disk of the server at {} is full", "free some space there, then type it again"),
    (("53",), "the server at {} has no more connections or memory", "try again in a while"),
    (("55P03", "40"), "others hold locks in the database at {}", "wait until they are done, then try again"),
    (("57014",), "the server at {} stopped the command after its time limit", "try again"),
    (("57", "08"), "the connection to {} was lost", "type the command again: a new connection is opened"),
    (("25006",), "the database at {} is read-only", "connect to the server that takes writes"),
    (("42P01", "42703", "3F000"), "the database at {} is not one of crm-shell", "name another with --database"),
    (("42501",), "this user may not read or write the tables at {}", "ask for the right with GRANT"),
)

# A connection that fails brings no state along, only the words of the server.
_POSTGRES_WORDS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile('password authentication failed|no password supplied|no pg_hba.conf entry|role ".*" does'), "28000"),
    (re.compile('database ".*" does not exist'), "3D000"),
    (re.compile("too many (?:clients|connections)|remaining connection slots"), "53300"),
)


def _sqlstate(cause: BaseException) -> str:
    """The five characters by which the server names an error; empty where there was no answer."""
    state: str | None = getattr(cause, "sqlstate", None)
    return state or next((state for words, state in _POSTGRES_WORDS if words.search(str(cause))), "")


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


def open_database(url: str, *, may_create: bool) -> _Common:
    """Bind the models to the database of this URL or path and try the connection.

    Raises StoreError where it cannot be reached, or is not there and may not be created.
    """
    database = _postgres(url) if is_postgres(url) else _sqlite(url, may_create=may_create)
    proxy.initialize(database)
    with store_errors(database):
        database.connect(reuse_if_open=True)
        if isinstance(database, _SqliteCommon):
            database.choose_journal_mode()
    return database


def current() -> _Common:
    """The open database."""
    database: _Common = proxy.obj
    return database


def _misread(url: str) -> StoreError:
    return StoreError(f"{shown_url(url)} is no database", hint="a path, or postgresql://user@host/database")


def _postgres(url: str) -> Postgres:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _misread(url) from error
    if not parts.path.strip("/"):
        raise StoreError(f"{shown_url(url)} names no database", hint="postgresql://user@host/DATABASE")
    return Postgres("postgresql" + url[url.index(":") :], connect_timeout=10, prefer_psycopg3=True)


def _sqlite(url: str, *, may_create: bool) -> _Common:
    if "://" in url and not url.startswith("sqlite:///"):
        raise _misread(url)
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


def _sqlite_engine(path: Path) -> _Common:
    pragmas = {"foreign_keys": 1, "cache_size": -CACHE_KIB, "temp_store": "memory", "synchronous": "full"}
    try:
        from crmshell.apsw_engine import Apsw
    except ImportError:
        from crmshell.sqlite3_engine import BuiltIn

        engine: _SqliteCommon = BuiltIn(str(path), timeout=BUSY_SECONDS, check_same_thread=False)
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


@contextlib.contextmanager
def store_errors(database: _Common | None = None) -> Iterator[None]:
    """Turn what the driver or peewee raises into a failure the user understands."""
    try:
        yield
    except Failure:
        raise
    except Exception as error:
        chosen = database or current()
        if not _is_of_a_driver(error):
            raise
        if chosen.is_duplicate(error):
            message = "another record has this value already"
            raise Conflict(message, hint="choose another value") from error
        if isinstance(error, peewee.IntegrityError):
            message = "a record this depends on was changed by somebody else meanwhile"
            raise Conflict(message, hint="look at it again, then try again") from error
        raise chosen.explain(error) from error


def _is_of_a_driver(error: BaseException) -> bool:
    return isinstance(error, peewee.PeeweeException) or type(error).__module__.split(".")[0] in {
        "apsw",
        "psycopg",
        "sqlite3",
    }


@contextlib.contextmanager
def transaction(database: _Common, *, writes: bool) -> Iterator[Transaction]:
    """One transaction, or a savepoint inside one: committed whole, or rolled back.

    Ctrl-C stops the running statement, rolls back, and is raised as Interrupted only after that. Errors of the
    store come out as StoreError or Conflict.
    """
    is_inside = database.in_transaction()
    if not is_inside:
        database.forget_lost_connection()
    state = Transaction()
    with _interrupts_held():
        try:
            with store_errors(database):
                yield from _inside(database, state) if is_inside else _outermost(database, state, writes=writes)
        except Failure as error:
            if state.is_interrupted:
                raise _interrupted(state) from error
            raise
    if state.is_interrupted:
        raise Stopped(state.signal)


def _outermost(database: _Common, state: Transaction, *, writes: bool) -> Iterator[Transaction]:
    begin = ("DEFERRED",) if database.engine == "sqlite" and not writes else ()
    try:
        with database.atomic(*begin), _watched(database, state):
            yield state
    finally:
        if not database.in_transaction():
            database.forget_lost_connection()


def _inside(database: _Common, state: Transaction) -> Iterator[Transaction]:
    """A savepoint, by hand: peewee's own costs ten times as much."""
    database.check_transaction()
    database.execute_sql("SAVEPOINT command")
    try:
        with _watched(database, state):
            yield state
    except BaseException:
        database.undo_to_savepoint()
        raise
    database.execute_sql("RELEASE SAVEPOINT command")


@contextlib.contextmanager
def _watched(database: _Common, state: Transaction) -> Iterator[None]:
    """Let statements notice Ctrl-C, and make sure that it is not forgotten at the end."""
    outer, database.current = database.current, state
    try:
        yield
        if state.is_interrupted:
            raise _interrupted(state)
    finally:
        database.current = outer


class Enclosing:
    """A transaction around several commands, each of which is a savepoint in it.

    What has to outlive a rollback, such as the record of a refusal, is done once more after it: see `apart`.
    """

    def __init__(self, database: _Common) -> None:
        self._database = database
        self._transaction: Any = None
        self._outer: Enclosing | None = None
        self._lasting: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Open it; raises StoreError."""
        database = self._database
        database.forget_lost_connection()
        with self._held(), store_errors(database):
            self._transaction = database.atomic()
            self._transaction.__enter__()
        self._outer, database.enclosing = database.enclosing, self

    def commit(self) -> None:
        """Make everything in it lasting; raises StoreError, and then nothing of it is."""
        database, self._database.enclosing = self._database, self._outer
        try:
            with self._held(), store_errors(database):
                database.check_transaction()
                self._transaction.__exit__(None, None, None)
        except Failure:
            self._leave()
            self._replay()
            raise
        if self._outer is not None:
            self._outer.add_lasting(self._replay)

    def roll_back(self) -> None:
        """Undo everything in it but what was done apart."""
        self._database.enclosing = self._outer
        undoing = RuntimeError("rolled back")
        with self._held(), contextlib.suppress(Exception):
            self._transaction.__exit__(type(undoing), undoing, None)
        self._leave()
        self._replay()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Let a signal wait for the statement that begins or ends the transaction."""
        state = Transaction()
        with _interrupts_held():
            outer, self._database.current = self._database.current, state
            try:
                yield
            finally:
                self._database.current = outer
        if state.is_interrupted:
            raise Stopped(state.signal)

    def add_lasting(self, action: Callable[[], None]) -> None:
        """Do this again should the transaction be rolled back."""
        self._lasting.append(action)

    def _leave(self) -> None:
        """Forget the transaction where its connection went away with it."""
        if self._outer is None:
            while self._database.in_transaction():
                self._database.pop_transaction()  # type: ignore[no-untyped-call]
        self._database.forget_lost_connection()

    def _replay(self) -> None:
        actions, self._lasting = self._lasting, []
        for action in actions:
            apart(action)


def apart(action: Callable[[], None]) -> None:
    """Write something that stays, whatever becomes of the transaction around it."""
    database = current()
    with transaction(database, writes=True):
        action()
    if database.enclosing is not None:
        database.enclosing.add_lasting(action)


def _interrupted(state: Transaction) -> Interrupted:
    return Interrupted("interrupted", hint="this command changed nothing", signal=state.signal)


class Stopped(KeyboardInterrupt):
    """A signal that ends the run: what was under way has been rolled back or committed whole."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


_STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP wait for the end of a transaction, for as long as this lasts.

    Outside of one they raise Stopped at once. Cheaper than holding them anew for each transaction.
    """
    before = {number: signal.signal(number, _note_signal) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _note_signal(number: int, _frame: FrameType | None) -> None:
    database: _Common | None = proxy.obj
    if database is None or database.current is None:
        raise Stopped(number)
    database.current.is_interrupted = True
    database.current.signal = number
    with contextlib.suppress(Exception):
        database.interrupt()


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait, where nobody holds the signals already."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is _note_signal:
        yield
        return
    before = signal.signal(signal.SIGINT, _note_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
