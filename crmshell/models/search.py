"""The table of folded words by which customers and events are found, the same on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import peewee

from crmshell.database import current
from crmshell.models.table import Table
from crmshell.text import search_terms, words


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


def change_owner(noun: str, records: Any, owner_id: int) -> None:
    """Give the words of many records, whose ids a query finds, to another commercial."""
    words_of_them = (SearchTerm.noun == noun) & SearchTerm.record_id.in_(records)
    current().execute_sql(*SearchTerm.update(owner_id=owner_id).where(words_of_them).sql())


def stored_terms(texts: Sequence[str | None]) -> list[str]:
    """The words under which a record with these texts is stored."""
    return sorted({term[:LONGEST_TERM] for term in search_terms(*texts)})


def matching(noun: str, typed: str, owner_id: int | None = None) -> Any | None:
    """A query of the ids of records each of whose typed fragments begins a word; None where nothing was typed.

    The fragment with the fewest words drives, and at most MOST_MATCHES of those are looked at: the cost does not grow
    with the table. `owner_id` keeps to the customers of one commercial.
    """
    fragments = [fragment[:LONGEST_TERM] for fragment in dict.fromkeys(words(typed))]
    if not fragments:
        return None
    fragments.sort(key=lambda fragment: _rarity(noun, fragment, owner_id) if len(fragments) > 1 else 0)
    driving = _beginning(noun, fragments[0], owner_id).limit(MOST_MATCHES)
    if len(fragments) == 1:
        return driving
    few = driving.alias("few")
    query = SearchTerm.select(few.c.record_id).from_(few)
    for fragment in fragments[1:]:
        query = query.where(peewee.fn.EXISTS(_has_word(noun, few.c.record_id, fragment)))
    return query


def _rarity(noun: str, fragment: str, owner_id: int | None) -> int:
    """How many words begin so, counted no further than is looked at."""
    return int(_beginning(noun, fragment, owner_id).limit(MOST_MATCHES + 1).count(clear_limit=False))


def _has_word(noun: str, record_id: Any, fragment: str) -> Any:
    """A query for a word of one record that begins so; the index by record answers it."""
    other = SearchTerm.alias()
    same = (other.record_id == record_id) & (other.noun == noun)
    return other.select(peewee.SQL("1")).where(same & _begins(other, fragment))


def _beginning(noun: str, fragment: str, owner_id: int | None) -> Any:
    query = SearchTerm.select(SearchTerm.record_id).where((SearchTerm.noun == noun) & _begins(SearchTerm, fragment))
    return query if owner_id is None else query.where(SearchTerm.owner_id == owner_id)


def _begins(term: Any, fragment: str) -> Any:
    return (term.term >= fragment) & (term.term < fragment + "\U0010ffff")
