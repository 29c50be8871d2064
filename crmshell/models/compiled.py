"""Queries made into SQL once: peewee takes longer to write one than SQLite to run it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import peewee

from crmshell.database import current, marked

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


class Hole(NamedTuple):
    """The place of a value in a statement, filled each time it runs."""

    name: str


@cache
def hole(name: str) -> Any:
    """A hole, as peewee takes it into a query."""
    return peewee.Value(Hole(name), converter=False, unpack=False)


class Statement(NamedTuple):
    """The SQL of a query, and its values in their order, some of them holes."""

    sql: str
    params: Sequence[Any]

    @classmethod
    def of(cls, query: Any) -> Statement:
        """The statement of a query of peewee's, for the engine that is open."""
        sql, params = query.sql()
        return cls(sql, tuple(params))

    def rows(self, values: Mapping[str, Any], mark: str = "") -> list[tuple[Any, ...]]:
        """All its rows as the driver hands them out: nothing is left open behind them."""
        params = [values[each.name] if isinstance(each, Hole) else each for each in self.params]
        found: list[tuple[Any, ...]] = current().execute_sql(marked(self.sql, mark), params).fetchall()
        return found


def statement(make: Callable[..., Any], *shape: Hashable) -> Statement:
    """The statement of the query that `make` returns for this shape, made once for each of the shapes used lately."""
    return _kept(make, shape, current().engine)


@lru_cache(maxsize=512)
def _kept(make: Callable[..., Any], shape: tuple[Any, ...], _engine: str) -> Statement:
    return Statement.of(make(*shape))
