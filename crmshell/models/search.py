"""The table of folded words by which customers and events are found, the same on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import peewee

from crmshell.database import current
from crmshell.models.table import Table
from crmshell.text import fold, search_terms


class SearchTerm(Table):
    """A word of a record. `owner_id` repeats the commercial, so that one's own are found by one range."""

    noun = peewee.CharField()
    term = peewee.CharField()
    record_id = peewee.BigIntegerField()
    owner_id = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "search_term"
        primary_key = peewee.CompositeKey("noun", "term", "record_id")


_COLUMNS = ("noun", "term", "record_id", "owner_id")
LONGEST_TERM = 40
MOST_MATCHES = 2000


def remember(noun: str, record_id: int, owner_id: int | None, texts: Sequence[str | None]) -> None:
    """Store the words of a record."""
    rows = [(noun, term, record_id, owner_id) for term in stored_terms(texts)]
    current().insert_many("search_term", _COLUMNS, rows)


def forget(noun: str, record_id: int, texts: Sequence[str | None]) -> None:
    """Remove the words that a record with these texts was stored under."""
    terms = stored_terms(texts)
    if terms:
        same = (SearchTerm.noun == noun) & (SearchTerm.record_id == record_id)
        current().execute_sql(*SearchTerm.delete().where(same & SearchTerm.term.in_(terms)).sql())


def stored_terms(texts: Sequence[str | None]) -> list[str]:
    """The words under which a record with these texts is stored."""
    return sorted({term[:LONGEST_TERM] for term in search_terms(*texts)})


def matching(noun: str, typed: str, owner_id: int | None = None) -> Any | None:
    """A query of the ids of records each of whose typed fragments begins a word; None where nothing was typed.

    At most MOST_MATCHES are looked at for the fragment that drives, the longest one.
    """
    fragments = sorted(set(fold(typed).replace("'", " ").replace("-", " ").split()), key=len, reverse=True)
    if not fragments:
        return None
    driving = _beginning(noun, fragments[0][:LONGEST_TERM], owner_id)
    for fragment in fragments[1:]:
        other = SearchTerm.alias()
        begins = (other.term >= fragment) & (other.term < fragment + "\U0010ffff")
        same = (other.noun == noun) & (other.record_id == SearchTerm.record_id)
        driving = driving.where(peewee.fn.EXISTS(other.select(peewee.SQL("1")).where(same & begins)))
    return driving.limit(MOST_MATCHES)


def _beginning(noun: str, fragment: str, owner_id: int | None) -> Any:
    begins = (SearchTerm.term >= fragment) & (SearchTerm.term < fragment + "\U0010ffff")
    query = SearchTerm.select(SearchTerm.record_id).where((SearchTerm.noun == noun) & begins)
    return query if owner_id is None else query.where(SearchTerm.owner_id == owner_id)
