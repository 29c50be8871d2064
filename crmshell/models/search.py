"""The words by which records are found, written with each record: the same on both engines.

`search_term` says which records have a word; `search_word` holds every word once, so that a mistyped one is compared
with few. A word stays there when its last record goes: it then leads to nothing. No writer waits for another one there,
which is why two of them may write the same new word twice on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import peewee

from crmshell.database import current, marked
from crmshell.models.table import Table
from crmshell.models.terms import LONGEST_TERM, is_spelled, stored_terms

__all__ = ["LONGEST_TERM", "SearchTerm", "SearchWord", "forget", "nearest_words", "remember", "replace", "stored_terms"]


_TERM_COLUMNS = ("noun", "term", "record_id", "owner_id")
_WORD_COLUMNS = ("noun", "term")
_ONCE = "ON CONFLICT DO NOTHING"
_MOST_SEEN = 100_000  # words of one transaction; the database is asked again for those that were forgotten


class SearchTerm(Table):
    """A word of a record. `owner_id` repeats the commercial, so that one's own are found by one range."""

    noun = peewee.CharField()
    term = peewee.CharField()
    record_id = peewee.BigIntegerField()
    owner_id = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "search_term"
        primary_key = peewee.CompositeKey("noun", "term", "record_id")


class SearchWord(Table):
    """A word that some record of this kind has, or had."""

    id: peewee.AutoField[int] = peewee.AutoField()
    noun = peewee.CharField()
    term = peewee.CharField()

    class Meta:
        table_name = "search_word"


def remember(noun: str, record_id: int, owner_id: int | None, texts: Sequence[str | None]) -> None:
    """Store the words of a record, those that are not stored yet."""
    _add(noun, record_id, owner_id, stored_terms(texts))


def forget(noun: str, record_id: int, texts: Sequence[str | None]) -> None:
    """Remove the words that a record with these texts was stored under."""
    _drop(noun, record_id, stored_terms(texts))


def change_owner(noun: str, records: Any, owner_id: int | None) -> None:
    """Give the words of many records, whose ids a query finds, to another commercial."""
    words_of_them = (SearchTerm.noun == noun) & SearchTerm.record_id.in_(records)
    current().execute_sql(*SearchTerm.update(owner_id=owner_id).where(words_of_them).sql())


def drop_unused_words() -> None:
    """Remove the words that no record has any more; they would do no harm, but tell who was here."""
    used = "SELECT 1 FROM search_term t WHERE t.noun = search_word.noun AND t.term = search_word.term"
    current().execute_sql(marked(f"DELETE FROM search_word WHERE NOT EXISTS ({used})", "scan"))  # noqa: S608


def replace(
    noun: str, record_id: int, owner_id: int | None, before: Sequence[str | None], after: Sequence[str | None]
) -> None:
    """Write the difference between the words of these texts."""
    had, has = set(stored_terms(before)), set(stored_terms(after))
    _drop(noun, record_id, sorted(had - has))
    _add(noun, record_id, owner_id, sorted(has - had))


def nearest_words(noun: str, fragment: str) -> list[str]:
    """The stored words that a mistyped one was probably meant to be, the nearest first; few, or none."""
    from crmshell.models.vocabulary import nearest

    return nearest([noun], fragment)


def _add(noun: str, record_id: int, owner_id: int | None, terms: Sequence[str]) -> None:
    if not terms:
        return
    database = current()
    rows = [(noun, term, record_id, owner_id) for term in terms]
    database.run_later(database.many_sql("search_term", _TERM_COLUMNS, _ONCE), rows, in_any_order=True)
    seen = database.waiting.seen.setdefault(noun, set()) if database.waiting is not None else set()
    if len(seen) > _MOST_SEEN:
        seen.clear()
    words = [(noun, term) for term in terms if term not in seen and is_spelled(term)]
    seen.update(terms)
    database.run_later(database.new_ones_sql("search_word", _WORD_COLUMNS), words, in_any_order=True)


def _drop(noun: str, record_id: int, terms: Sequence[str]) -> None:
    database = current()
    database.run_many(_drop_sql(database.param), [(noun, term, record_id) for term in terms])


@cache
def _drop_sql(mark: str) -> str:
    return f"DELETE FROM search_term WHERE noun = {mark} AND term = {mark} AND record_id = {mark}"  # noqa: S608
