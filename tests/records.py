"""What the tests look at beneath the commands: the tables as they are, the journal, and plain SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from crmshell.database import current, transaction
from crmshell.errors import Failure
from crmshell.models import chain, integrity
from tests.company import Company

KEPT = (
    "employee",
    "customer",
    "contract",
    "payment",
    "event",
    "search_term",
    "search_word",
    "journal_change",
    "company",
)


class Undone(Exception):
    """Ends a transaction whose outcome was only to be seen."""


@dataclass(frozen=True)
class Entry:
    """An entry of the journal, with what it says of each record: noun -> field -> (before, after)."""

    username: str
    command: str
    line: str
    result: str
    message: str
    changes: dict[str, dict[str, tuple[Any, Any]]]


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement behind the program's back, `?` for a value on both engines."""
    database = current()
    with transaction(database, writes=True):
        cursor = database.execute_sql(statement.replace("?", database.param), values)
        return [tuple(row) for row in cursor] if statement.startswith(("SELECT", "PRAGMA", "SHOW")) else []


def tables() -> dict[str, list[str]]:
    """Every record there is, of every table but those that refused commands and logins may write to."""
    return {name: sorted(map(repr, sql(f"SELECT * FROM {name}"))) for name in KEPT}


def refused(company: Company, line: str, by: str = "alice") -> Failure:
    """The failure of a line, which must have changed no record."""
    before = tables()
    failure = company.run(line, by=by).failure
    assert failure is not None, line
    assert tables() == before
    return failure


def journal() -> list[Entry]:
    """The journal, the oldest entry first."""
    query = "SELECT id, username, command, line, result, message FROM journal_entry ORDER BY id"
    return [_entry(*row) for row in sql(query)]


def last_entry() -> Entry:
    """The newest entry of the journal."""
    query = "SELECT id, username, command, line, result, message FROM journal_entry ORDER BY id DESC LIMIT 1"
    return _entry(*sql(query)[0])


def problems() -> list[tuple[str, str]]:
    """What `database check` finds."""
    with transaction(current(), writes=False):
        return list(integrity.problems())


def _entry(entry_id: int, username: str, command: str, line: str, result: str, message: str) -> Entry:
    rows = sql("SELECT noun, fields FROM journal_change WHERE entry_id = ? ORDER BY id", entry_id)
    changes: dict[str, dict[str, tuple[Any, Any]]] = {}
    for noun, fields in rows:
        pairs = {name: (before, after) for name, (before, after) in json.loads(fields).items()}
        changes.setdefault(noun, {}).update(pairs)
    return Entry(username, command, line, result, message, changes)


def attack(*statements: str) -> None:
    """Change the database as somebody would who owns it: without the triggers that guard the journal."""
    database = current()
    with transaction(database, writes=True):
        if database.engine == "postgresql":
            database.execute_sql("SET LOCAL session_replication_role = replica")
        else:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'journal%'"
            for (name,) in database.execute_sql(triggers).fetchall():
                database.execute_sql(f"DROP TRIGGER {name}")
            database.execute_sql("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            database.execute_sql(statement)


def seal() -> None:
    """Close a block of the journal over everything that is in none yet."""
    with transaction(current(), writes=True):
        chain.seal()
