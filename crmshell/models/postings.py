"""Records that have several frequent words: each asked in turn, or met where the lists of keys under the words meet.

A page is soon full where many of the newest records have all the words. Where hardly any has, the keys under each word
are read and compared as sets, which takes a time for every key and none for the records that have another word only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any

import peewee

from crmshell.database import current, marked
from crmshell.models.finding import Rarity, Source, Sql, Target
from crmshell.models.terms import Fragment, Wanted

NEWEST, ENOUGH = 4000, 10
"""How many of the newest records are asked at most, and how many of them have to fit for a page to be soon full."""

_MOST_MEETINGS = 16  # each word may be the record's own or its customer's


def are_met_soon(target: Target, wanted: Wanted, rare: Rarity) -> bool:
    """Whether enough of the newest records fit."""
    sql = Sql()
    columns = ", ".join(dict.fromkeys(["id", *(source.column for source in target.sources)]))
    newest = f"SELECT {columns} FROM {target.noun} ORDER BY id DESC LIMIT {NEWEST}"  # noqa: S608
    tests = [sql.has_any(rare.sources(target, fragment), fragment.beginnings) for fragment in wanted.fragments]
    tests += [f"NOT {sql.has_any(target.sources, words)}" for words in wanted.excluded if len(words) == 1]
    fitting = " AND ".join(f"({test}) IS TRUE" for test in tests)
    found = sql.rows(marked(f"SELECT 1 FROM ({newest}) AS r WHERE {fitting} LIMIT {ENOUGH}", "list"))  # noqa: S608
    return len(found) == ENOUGH


def may_meet(target: Target, wanted: Wanted, rare: Rarity) -> bool:
    """Whether the ways in which words of a record and of its customer make up the whole are few enough."""
    return prod(len(rare.sources(target, fragment)) for fragment in wanted.fragments) <= _MOST_MEETINGS


def met(column: Any, target: Target, wanted: Wanted, rare: Rarity) -> Any:
    """The condition that a column holds the key of a record with all fragments; what is excluded is not looked at."""
    sql = Sql()
    meetings = (f"SELECT * FROM ({each}) AS met" for each in _meetings(sql, target, wanted.fragments, rare))  # noqa: S608
    return peewee.NodeList((column, peewee.SQL(_selected(" UNION ALL ".join(meetings)), sql.values)))


def _meetings(sql: Sql, target: Target, fragments: Sequence[Fragment], rare: Rarity) -> Iterator[str]:
    """A query for each way to find every fragment among the words of one of the sources."""
    for chosen in product(*(rare.sources(target, fragment) for fragment in fragments)):
        found: dict[Source, list[Fragment]] = {}
        for source, fragment in zip(chosen, fragments, strict=True):
            found.setdefault(source, []).append(fragment)
        yield " INTERSECT ".join(_keys(sql, target, source, together) for source, together in found.items())


def _keys(sql: Sql, target: Target, source: Source, fragments: Sequence[Fragment]) -> str:
    """The keys of records which the words of a source lead to, where it has words that begin with all of these."""
    lists = " INTERSECT ".join(sql.all_under(source.noun, fragment) for fragment in fragments)
    if source.column == "id":
        return lists
    return f"SELECT r.id FROM {target.noun} r WHERE r.{source.column} {_selected(lists)}"  # noqa: S608


def _selected(query: str) -> str:
    before, behind = current().selected
    return f"{before}{query}{behind}"
