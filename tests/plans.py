"""What the engines mean to do: every statement that is issued, explained, and the steps that SQLite takes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from crmshell.database import current, transaction
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
_TABLE = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?(\w+)"?(?:\s+AS)?\s+"?(\w+)?"?', re.IGNORECASE)


@dataclass
class Statements:
    """The distinct statements that were issued, with the values of their first time."""

    issued: dict[str, Any] = field(default_factory=dict)

    def note(self, sql: str, params: Any) -> None:
        """Remember a statement that reads or writes records."""
        if sql.split(None, 1)[0].upper() in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            self.issued.setdefault(sql, params)


@contextlib.contextmanager
def recorded() -> Iterator[Statements]:
    """Every statement that goes to the database meanwhile."""
    statements = Statements()
    execute, stream = Engine.execute_sql, Postgres.stream

    def noted(database: Engine, sql: str, params: Any = None) -> Any:
        statements.note(sql, params)
        return execute(database, sql, params)

    def noted_stream(database: Postgres, query: Any, mark: str = "", most: int | None = None) -> Any:
        sql, params = query.sql()
        statements.note(f"{sql} /* {mark} */" if mark else sql, params)
        return stream(database, query, mark, most)

    with mock.patch.object(Engine, "execute_sql", noted), mock.patch.object(Postgres, "stream", noted_stream):
        yield statements


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
    walked = [node for node in _nodes(plan) if node["Node Type"] == "Seq Scan" and _is_whole(node)]
    is_growing = any(node.get("Relation Name") in GROWING for node in _nodes(plan))
    return [_named(node) for node in _nodes(plan) if node in walked or (is_growing and node["Node Type"] == "Sort")]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan; not those of which only the first rows are wanted, in the order of an index."""
    yield plan
    for below in plan.get("Plans", []):
        if any(other.get("Relation Name") in SMALL for other in plan["Plans"]):
            continue  # here both sides are as small, and the server may begin with the one that grows
        if not (plan["Node Type"] == "Limit" and "Index Name" in below and "Filter" not in below):
            yield from _nodes(below)


def _is_whole(node: dict[str, Any]) -> bool:
    """Whether it looks at all of a table that grows; an index without a condition does, too."""
    if node.get("Relation Name") not in GROWING:
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
