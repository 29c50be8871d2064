"""What the engines mean to do: every statement that is issued, explained, and the steps that SQLite takes."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

import crmshell
from crmshell.database import current, marked, transaction
from crmshell.database.common import Engine
from crmshell.database.postgres import Postgres
from crmshell.dispatch import run_line
from crmshell.outcome import Outcome, Rows
from tests.company import Company

GROWING = frozenset(
    {
        "customer", "contract", "payment", "event", "search_term", "search_word", "journal_entry", "journal_change",
        "batch_line",
    }
)  # fmt: skip
SMALL = frozenset({"journal_unsealed"})
_RECORDS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
_LIST = re.compile(r"\((?:\?|%s)(?:, (?:\?|%s))+\)")
_TESTS = Path(__file__).parent
_PROGRAM = Path(crmshell.__file__).parent
_ONCE = frozenset({"schema.py", "demo.py"})  # a new schema and the sample company look at all there is
_TABLE = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?(\w+)"?(?:\s+AS)?\s+"?(\w+)?"?', re.IGNORECASE)


@dataclass
class Statements:
    """The distinct statements that were issued, with the values of their first time."""

    issued: dict[str, Any] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    shapes: set[str] = field(default_factory=set)

    def note_program(self, sql: str, params: Any) -> None:
        """Remember a statement of the program's, once for all lengths of its lists of values."""
        if sql not in self.known and sql.split(None, 1)[0].upper() in _RECORDS and _is_of_program():
            self.known.add(sql)
            if (shape := _LIST.sub("(…)", sql)) not in self.shapes:
                self.shapes.add(shape)
                self.issued[sql] = params

    def note(self, sql: str, params: Any) -> None:
        """Remember a statement that reads or writes records."""
        if sql.split(None, 1)[0].upper() in _RECORDS:
            self.issued.setdefault(sql, params)


@contextlib.contextmanager
def recorded() -> Iterator[Statements]:
    """Every statement that goes to the database meanwhile."""
    statements = Statements()
    with _noted_by(lambda _database, sql, params: statements.note(sql, params)):
        yield statements


@contextlib.contextmanager
def watched() -> Iterator[Mapping[str, Statements]]:
    """Every statement that the program issues meanwhile, by engine; not those that a test issues to look for itself."""
    statements = {"sqlite": Statements(), "postgresql": Statements()}
    with _noted_by(lambda database, sql, params: statements[database.engine].note_program(sql, params)):
        yield statements


@contextlib.contextmanager
def _noted_by(note: Callable[[Engine, str, Any], None]) -> Iterator[None]:
    execute, run_many, stream = Engine.execute_sql, Engine._run_many, Postgres.stream

    def noted(database: Engine, sql: str, params: Any = None) -> Any:
        note(database, sql, params)
        return execute(database, sql, params)

    def noted_many(database: Engine, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        note(database, sql, rows[0])
        run_many(database, sql, rows)

    def noted_stream(database: Postgres, query: Any, mark: str = "", most: int | None = None) -> Any:
        sql, params = query.sql()
        note(database, marked(sql, mark), params)
        yield from stream(database, query, mark, most)

    with (
        mock.patch.object(Engine, "execute_sql", noted),
        mock.patch.object(Engine, "_run_many", noted_many),
        mock.patch.object(Postgres, "stream", noted_stream),
    ):
        yield


def _is_of_program() -> bool:
    """Whether the program called the database, and not a test; a test that reads a listing only lets it stream."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        is_database = path.parent.name == "database"
        if (is_database and frame.f_code.co_name == "_stream") or frame.f_code.co_name == "noted_stream":
            return True
        if path.is_relative_to(_PROGRAM) and not is_database:
            return path.parent.name != "migrations" and path.name not in _ONCE
        if path.is_relative_to(_TESTS) and path.name != "plans.py":
            return False
        frame = frame.f_back
    return False


def scans(statements: Statements) -> list[str]:
    """The statements that look at all rows of a table that grows, and are not marked to."""
    explain = _scanned_by_postgres if current().engine == "postgresql" else _scanned_by_sqlite
    found: list[str] = []
    with transaction(current(), writes=False):
        if current().engine == "postgresql":
            for way in ("seqscan", "mergejoin", "hashjoin"):
                current().execute_sql(f"SET LOCAL enable_{way} = off")
        for sql, params in statements.issued.items():
            if "/* scan */" not in sql:
                found += [f"{line}: {sql}" for line in explain(sql, params)]
    return found


def _scanned_by_sqlite(sql: str, params: Any) -> list[str]:
    names = {alias or table: table for table, alias in _TABLE.findall(sql)} | {t: t for t, _ in _TABLE.findall(sql)}
    steps = [str(row[3]) for row in current().execute_sql(f"EXPLAIN QUERY PLAN {sql}", params)]
    is_list = "/* list */" in sql
    return [step for step in steps if _is_scan(step, names, is_list=is_list)]


def _is_scan(step: str, names: dict[str, str], *, is_list: bool) -> bool:
    """A list may walk along the index that sorts it, and may not sort by itself."""
    if is_list and step == "USE TEMP B-TREE FOR ORDER BY":
        return bool(GROWING & set(names.values()))
    words = step.split()
    return words[0] == "SCAN" and names.get(words[1], "") in GROWING and not is_list


def _scanned_by_postgres(sql: str, params: Any) -> list[str]:
    sort = "off" if "/* list */" in sql else "on"
    current().execute_sql(f"SET LOCAL enable_sort = {sort}")
    plan = current().execute_sql(f"EXPLAIN (FORMAT JSON) {sql}", params).fetchone()[0][0]["Plan"]
    if "/* list */" not in sql:
        return [_named(node) for node in _nodes(plan) if _is_whole(node)]
    sorted_here = [_named(node) for node in _joined(plan) if _is_sorted(node)]
    return sorted_here + [_named(node) for node in _nodes(plan) if _is_whole(node, "Seq Scan")]


def _is_sorted(node: dict[str, Any]) -> bool:
    """Whether it sorts rows of a table that grows, and not only the few for which it looks into one."""
    return node["Node Type"] == "Sort" and any(each.get("Relation Name") in GROWING for each in _joined(node))


def _joined(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes whose rows these are."""
    yield node
    for below in node.get("Plans", []):
        if below["Parent Relationship"] not in {"SubPlan", "InitPlan"}:
            yield from _joined(below)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan; not those of which only the first rows are wanted, in the order of an index."""
    yield plan
    for below in plan.get("Plans", []):
        if any(other.get("Relation Name") in SMALL for other in plan["Plans"]):
            continue  # here both sides are as small, and the server may begin with the one that grows
        if not (plan["Node Type"] == "Limit" and "Index Name" in below and "Filter" not in below):
            yield from _nodes(below)


def _is_whole(node: dict[str, Any], *types: str) -> bool:
    """Whether it looks at all of a table that grows; an index without a condition does, too."""
    if node.get("Relation Name") not in GROWING or (types and node["Node Type"] not in types):
        return False
    return node["Node Type"] == "Seq Scan" or ("Index Name" in node and "Index Cond" not in node)


def _named(node: dict[str, Any]) -> str:
    return f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')}"


FIRST_SCREEN = 20  # rows


def steps_of(company: Company, line: str, by: str = "alice") -> int:
    """How many steps SQLite's machine takes for a command, a list of which is read for one screen."""
    session, connection = company.session(by), current().connection()  # type: ignore[no-untyped-call]
    run_line("auth whoami", session, lambda _outcome, _format: None)
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    def show(outcome: Outcome, _format: str | None) -> None:
        if isinstance(outcome, Rows):
            for _, _row in zip(range(FIRST_SCREEN), outcome.rows, strict=False):
                pass

    connection.set_progress_handler(count, 1)
    try:
        run_line(line, session, show)
    finally:
        connection.set_progress_handler(None)
    return taken
