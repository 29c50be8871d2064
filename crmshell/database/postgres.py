"""PostgreSQL through psycopg 3, and what its errors mean."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import peewee

from crmshell.database.common import PAGE_ROWS, RESERVED_IDS, Engine, causes, insert_sql, log_path, misread, shown_url
from crmshell.errors import Failure, Refused, StoreError

_PLAN_ONCE = "SET plan_cache_mode = force_generic_plan"
_PLAN_AS_USUAL = "RESET plan_cache_mode"


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
        """Connect to the URL as it was given, several hosts included.

        The server shall not compile statements to machine code: that takes longer than any of ours runs.
        """
        import psycopg

        connection = psycopg.connect(db.database, autocommit=True, **params)
        with contextlib.suppress(psycopg.errors.UndefinedObject):  # before PostgreSQL 11
            connection.execute("SET jit = off")
        return connection


class Postgres(Engine, peewee.PostgresqlDatabase):
    """A PostgreSQL server, through psycopg 3."""

    engine = "postgresql"
    among = "= ANY(", "::bigint[])"
    selected = "= ANY(ARRAY(", "))"
    psycopg2_adapter = psycopg3_adapter = _PostgresAdapter
    index_value_literals = True

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._types: dict[str, Mapping[str, str]] = {}

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
        row = self.execute_sql(f"{insert_sql(table, columns, self.param)} RETURNING id", values).fetchone()
        return int(row[0])

    def begin_deferring(self) -> None:
        """The same, by the indexes alone.

        A plan is made for a statement once: where the tables are still small it would read them whole, and go on doing
        so while the transaction fills them.
        """
        self.execute_sql("SET LOCAL enable_seqscan = off")
        super().begin_deferring()

    def many_sql(self, table: str, columns: tuple[str, ...], otherwise: str = "") -> str:
        """One statement for all rows, handed over as an array for each column."""
        names, given = ", ".join(columns), self._given(table, columns)
        return f"INSERT INTO {table} ({names}) SELECT * FROM {given} {otherwise}".rstrip()  # noqa: S608

    def new_ones_sql(self, table: str, columns: tuple[str, ...]) -> str:
        """The same, of those that nobody has committed yet; two writers may both write a row that is new."""
        same = " AND ".join(f"own.{column} = given.{column}" for column in columns)
        there = f"SELECT 1 FROM {table} AS own WHERE {same}"  # noqa: S608  (names of our own tables)
        return f"{self.many_sql(table, columns)} WHERE NOT EXISTS ({there})"

    def _given(self, table: str, columns: tuple[str, ...]) -> str:
        """The rows of the arrays, as a table."""
        types = self._column_types(table)
        return f"unnest({', '.join(f'%s::{types[column]}[]' for column in columns)}) AS given ({', '.join(columns)})"

    def _column_types(self, table: str) -> Mapping[str, str]:
        if table not in self._types:
            sql = """SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"""
            self._types[table] = dict(self.execute_sql(sql, (table,)).fetchall())
        return self._types[table]

    def _run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if " FROM unnest(" in sql:
            super().execute_sql(sql, [list(column) for column in zip(*rows, strict=True)])
        else:
            super()._run_many(sql, rows)

    def reserve_ids(self, table: str) -> Sequence[int]:
        """The next ones of its sequence."""
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return [int(row[0]) for row in self.execute_sql(sql, (table, RESERVED_IDS))]

    def expect_lookups(self) -> None:
        """Plan each statement once, for whatever values: to plan it takes several times as long as to run it."""
        connection = self.connection()  # type: ignore[no-untyped-call]
        if connection.prepare_threshold != 0:
            connection.execute(_PLAN_ONCE)
            connection.prepare_threshold = 0

    @contextlib.contextmanager
    def looking_up(self) -> Iterator[None]:
        """The same until the end of this; what fails ends the transaction, and the setting with it."""
        connection = self.connection()  # type: ignore[no-untyped-call]
        threshold = connection.prepare_threshold
        if threshold == 0:
            yield
            return
        self.execute_sql(_PLAN_ONCE)
        connection.prepare_threshold = 0
        try:
            yield
            self.execute_sql(_PLAN_AS_USUAL)
        finally:
            connection.prepare_threshold = threshold

    def is_transaction_lost(self) -> bool:
        """Whether the connection is gone."""
        return not self.is_connection_usable()

    @contextlib.contextmanager
    def reading_inside(self) -> Iterator[None]:
        """Behind a savepoint: a statement that fails would end the transaction."""
        self.execute_sql("SAVEPOINT reading")
        try:
            yield
        finally:
            with contextlib.suppress(Exception):
                self.execute_sql("ROLLBACK TO SAVEPOINT reading")
                self.execute_sql("RELEASE SAVEPOINT reading")

    def lock(self, name: str) -> None:
        """Hold an advisory lock until the transaction ends."""
        self.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))

    def try_lock(self, name: str) -> bool:
        """Take an advisory lock that is free; whether it was."""
        sql = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
        return bool(self.execute_sql(sql, (name,)).fetchone()[0])

    def _stream(self, sql: str, params: Any, *, is_short: bool) -> Iterator[tuple[Any, ...]]:  # noqa: ARG002
        """The rows through a cursor of the server, some hundred at a time; needs an open transaction."""
        self._write_what_concerns(sql)
        cursor = self._state.conn.cursor(name="crm_shell_stream")
        cursor.itersize = PAGE_ROWS
        with cursor:
            cursor.execute(sql, params)
            for row in cursor:
                yield row
                self._notice_interrupt()

    def array(self, numbers: Sequence[int]) -> list[int]:
        """The numbers as the driver hands over an array."""
        return list(numbers)

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
            return misread(self.database)
        if any(isinstance(cause, peewee.DataError) for cause in causes(error)):
            message = "a value holds a character that the database does not keep"
            return Refused(message, hint="leave out what cannot be seen, and type the rest again")
        return StoreError(f"the database at {where} does not answer", hint="check that the server runs, then try again")

    def describe(self) -> list[tuple[str, str]]:
        """Engine, version and server."""
        version = str(self.execute_sql("SHOW server_version").fetchone()[0])
        size = int(self.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
        return [
            ("engine", f"PostgreSQL {version} (psycopg 3)"),
            ("server", f"{shown_url(self.database)} ({size // 1024} KiB)"),
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


def open_postgres(url: str) -> Postgres:
    """The server of a URL, not connected yet; raises StoreError for a URL that names none."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise misread(url) from error
    if not parts.path.strip("/"):
        raise StoreError(f"{shown_url(url)} names no database", hint="postgresql://user@host/DATABASE")
    return Postgres("postgresql" + url[url.index(":") :], connect_timeout=10, prefer_psycopg3=True)
