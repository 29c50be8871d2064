"""The distinct words of each kind of record, kept in memory, and the ones that a mistyped word is near to.

What is kept is brought up to date at each look by the words that were added since, at a cost that does not grow with
the table; now and then it is read anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from crmshell.database import current
from crmshell.models.terms import is_spelled
from crmshell.text import fold

SHORTEST = 4  # letters: in a shorter word a mistake can be any other word
MOST = 5  # words
_OVERLAP = 1000  # ids: a transaction that got its numbers early may commit late
_FRESH_SECONDS = 600


class Vocabulary:
    """The words of one noun in one database."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.words: dict[str, None] = {}
        self.last_id = 0
        self.read_at = float("-inf")

    def refresh(self) -> None:
        """Read what was added."""
        now = time.monotonic()
        if now - self.read_at > _FRESH_SECONDS:
            self.words, self.last_id, self.read_at = {}, 0, now
        database = current()
        mark = database.param
        sql = f"SELECT id, term FROM search_word WHERE noun = {mark} AND id > {mark} ORDER BY id"  # noqa: S608
        for number, term in database.execute_sql(sql, (self.noun, self.last_id - _OVERLAP)).fetchall():
            self.words[term] = None
            self.last_id = number

    def nearest(self, fragment: str) -> list[str]:
        """The words, or where there are none the beginnings of words, that are one mistake away."""
        return _near(fragment, self.words, self.words) or self._beginning_near(fragment)

    def _beginning_near(self, fragment: str) -> list[str]:
        """The beginnings that the fragment may be of, for a word that is not typed to its end."""
        size = len(fragment)
        cut = {word[:length]: None for word in self.words if len(word) > size for length in (size - 1, size, size + 1)}
        return _near(fragment, cut, self.words)


_vocabularies: dict[tuple[str, str], Vocabulary] = {}


def nearest(noun: str, fragment: str) -> list[str]:
    """The stored words of a noun that are one letter more, less, other or swapped away from a folded fragment."""
    folded = fold(fragment)
    if len(folded) < SHORTEST or not is_spelled(folded):
        return []
    vocabulary = _vocabularies.setdefault((noun, str(current().database)), Vocabulary(noun))
    vocabulary.refresh()
    return vocabulary.nearest(folded)


def _near(fragment: str, candidates: dict[str, None], known: dict[str, None]) -> list[str]:
    """Those at a distance of one, whole words and those that begin alike first."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    distance: Callable[..., Any] = OSA.distance
    found = process.extract(fragment, candidates.keys(), scorer=distance, score_cutoff=1, limit=MOST * 4)
    words = [str(word) for word, score, _ in found if score]
    return sorted(words, key=lambda word: (word not in known, word[0] != fragment[0], word))[:MOST]
