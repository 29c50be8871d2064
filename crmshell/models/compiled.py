"""Queries for one record by its key, made into SQL once: peewee takes longer to write one than SQLite to run it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from crmshell.database import current

Query = Callable[[Any], Any]
"""Takes the key and returns peewee's query for it, with the key as its only value."""


@cache
def _compiled(make: Query, _engine: str, strength: str) -> str:
    """The SQL for an engine: both name and number their values differently."""
    query = make(0)
    sql, params = (current().lock_rows(query, strength) if strength else query).sql()
    if params != [0]:
        message = "a compiled query has its key as its only value"
        raise ValueError(message)
    return str(sql)


def find_row(make: Query, key: int, strength: str = "") -> tuple[Any, ...] | None:
    """The row of a query for this key, as the driver hands it out; `strength`, such as `FOR UPDATE`, holds it."""
    database = current()
    row: tuple[Any, ...] | None = database.execute_sql(_compiled(make, database.engine, strength), (key,)).fetchone()
    return row
