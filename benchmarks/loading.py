"""Writes records into an empty database as fast as the engine can: no indexes before the end, no safety meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, groupby, islice
from typing import Any
from urllib.parse import urlsplit

from benchmarks import repeating
from crmshell.database import Engine, open_database, transaction
from crmshell.models import digests, schema
from crmshell.models.base import Record
from crmshell.models.journal import Operation, Result
from crmshell.models.terms import is_spelled, stored_terms

_BATCH = 5000  # records
_LOADED_AT = "0005_search"  # the last migration whose columns are written here
_WORDS = "loaded_word"  # where the words wait until they can be sorted
_WORD_COLUMNS = ("noun", "term", "record_id", "owner_id")
_ENTRY_COLUMNS = ("id", "at", "employee_id", "username", "command", "line", "result", "message", "salt", "digest")
_CHANGE_COLUMNS = ("entry_id", "noun", "record_id", "operation", "fields", "salt")


def opened_empty(url: str) -> Engine:
    """An empty database of this URL, created where it is not there; raises SystemExit where it has records.

    A new one has the schema before the triggers for what is derived: later migrations derive it all at once.
    """
    if url.startswith(("postgresql://", "postgres://")):
        create_on_server(url)
    database = open_database(url, may_create=True)
    if not schema.applied():
        with transaction(database, writes=True):
            schema.runner_for(database).up(target=_LOADED_AT)
    if database.execute_sql("SELECT 1 FROM employee LIMIT 1").fetchone():
        message = "the database has records already"
        raise SystemExit(message)
    return database


def create_on_server(url: str) -> None:
    """Create the database of a URL on its server, unless it is there."""
    import psycopg

    name = urlsplit(url).path.strip("/")
    server = url.removesuffix(name) + "postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


class Loading:
    """One load of records, with the words that find them and, if asked, the journal that tells of them."""

    def __init__(self, database: Engine, *, at: int, with_journal: bool) -> None:
        self.database = database
        self.at = at
        self.with_journal = with_journal
        self.entries = 0
        self.spelled: set[tuple[str, str]] = set()
        self._write: Callable[[str, Sequence[str], Iterable[Sequence[Any]]], None] = (
            self._copy if database.engine == "postgresql" else self._insert
        )

    def load(self, records: Iterator[Record], *, times: int = 1) -> None:
        """Write everything so many times, each time under other keys; the indexes are made once all rows are there."""
        self._forgo_safety()
        with transaction(self.database, writes=True):
            indexes = self._dropped_indexes()
            self._run(f"CREATE TABLE {_WORDS} (noun TEXT, term TEXT, record_id BIGINT, owner_id BIGINT)")
            for batch in _batches(records):
                self._write_batch(batch)
            if times > 1:
                repeating.repeat(self.database, times, _WORDS)
            self._sort_words()
            for index in indexes:
                self._run(index)
            self._settle_ids()
        self._finish()

    def _write_batch(self, records: list[Record]) -> None:
        model = type(records[0])
        columns_there = self._columns(model._meta.table_name)  # noqa: SLF001  (peewee's public name for it)
        fields = [f.name for f in model._meta.sorted_fields if f.column_name in columns_there]  # noqa: SLF001
        columns = [model._meta.fields[name].column_name for name in fields]  # noqa: SLF001
        rows = ([record.__data__.get(name) for name in fields] for record in records)
        self._write(model._meta.table_name, columns, rows)  # noqa: SLF001
        words = list(chain.from_iterable(map(_word_rows, records)))
        self.spelled.update(row[:2] for row in words if is_spelled(row[1]))
        self._write(_WORDS, _WORD_COLUMNS, words)
        if self.with_journal:
            self._write_journal(records)

    def _write_journal(self, records: list[Record]) -> None:
        first = self.entries + 1
        self.entries += len(records)
        numbered = list(enumerate(records, first))
        changes = [_change(number, record) for number, record in numbered]
        self._write("journal_entry", _ENTRY_COLUMNS, (self._entry(change) for change in changes))
        self._write("journal_change", _CHANGE_COLUMNS, changes)

    def _entry(self, change: tuple[int, str, int, str, str, str]) -> Sequence[Any]:
        number, noun, record_id, operation, fields, salt = change
        facts, line = (self.at, 1, "alice", "sample", Result.DONE.value, None), "sample"
        told = [(noun, record_id, operation, digests.of_fields(salt, fields))]
        digest = digests.of_entry(facts, digests.of_texts(salt, line, "", None), told)
        return (number, *facts[:4], line, facts[4], "", salt, digest)

    def _run(self, sql: str) -> Any:
        return self.database.execute_sql(sql)

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        self.database.cursor().executemany(sql, rows)  # type: ignore[no-untyped-call]

    def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        cursor = self.database.cursor()  # type: ignore[no-untyped-call]
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _sort_words(self) -> None:
        """Move the words to their table in the order of its key: in any other the pages would be split for ever."""
        names = ", ".join(_WORD_COLUMNS)
        binary = "C" if self.database.engine == "postgresql" else "BINARY"
        order = f'noun COLLATE "{binary}", term COLLATE "{binary}", record_id'
        waiting = f"SELECT {names} FROM {_WORDS} WHERE TRUE ORDER BY {order}"
        self._run(f"INSERT INTO search_term ({names}) {waiting} ON CONFLICT DO NOTHING")
        self._write("search_word", ("noun", "term"), sorted(self.spelled))
        self._run(f"DROP TABLE {_WORDS}")

    @cache  # noqa: B019  (one load a process)
    def _columns(self, table: str) -> frozenset[str]:
        return frozenset(column.name for column in self.database.get_columns(table))

    def _dropped_indexes(self) -> list[str]:
        """Drop the indexes that no constraint needs; returns what makes them again."""
        if self.database.engine == "postgresql":
            sql = """SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema()
                     AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"""
        else:
            sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        found = self._run(sql).fetchall()
        for name, _ in found:
            self._run(f"DROP INDEX {name}")
        return [str(made_by) for _, made_by in found]

    def _settle_ids(self) -> None:
        """Let the next id come after those that were given; SQLite does it by itself."""
        if self.database.engine == "sqlite":
            return
        tables = ("employee", "customer", "contract", "payment", "event", "journal_entry")
        for table in tables:
            counter = f"pg_get_serial_sequence('{table}', 'id')"
            self._run(f"SELECT setval({counter}, COALESCE(MAX(id), 0) + 1, FALSE) FROM {table}")

    def _forgo_safety(self) -> None:
        if self.database.engine == "sqlite":
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -262144"):
                self._run(f"PRAGMA {pragma}")
            return
        for setting in ("synchronous_commit = off", "maintenance_work_mem = '512MB'", "work_mem = '256MB'"):
            self._run(f"SET {setting}")

    def _finish(self) -> None:
        """Leave the database as the program wants it, with what is derived, and as a server leaves it after a while."""
        schema.migrate()
        self._run("VACUUM (ANALYZE)" if self.database.engine == "postgresql" else "ANALYZE")
        self.database.settle()


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    for _, same in groupby(records, key=type):
        while batch := list(islice(same, _BATCH)):
            yield batch


def _word_rows(record: Record) -> Iterator[tuple[str, str, int, int | None]]:
    texts = record.search_texts()
    if not any(texts):
        return iter(())
    noun, record_id = record.search_home()
    return ((noun, term, record_id, record.search_owner()) for term in stored_terms(texts))


def _change(number: int, record: Record) -> tuple[int, str, int, str, str, str]:
    told = {name: (None, value) for name, value in record.__data__.items() if name not in {"id", *record.unjournalled}}
    fields = {name: told.get(name, (None, None)) for name in _journalled(type(record))}
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return number, record.noun, record.id, Operation.CREATE.value, text, digests.salts(1)[0]


def _journalled(model: type[Record]) -> list[str]:
    names = model._meta.sorted_field_names  # noqa: SLF001  (peewee's public name for it)
    return [name for name in names if name != "id" and name not in model.unjournalled]
