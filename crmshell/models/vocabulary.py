"""The distinct words of each kind of record, kept in memory, and the ones that a mistyped word is near to.

What is kept is brought up to date at each look by the words that were added since, at a cost that does not grow with
the table; now and then it is read anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from crmshell.database import current
from crmshell.models.terms import is_spelled
from crmshell.text import fold

SHORTEST = 4  # letters: in a shorter word a mistake can be any other word
MOST = 5  # words
_OVERLAP = 200  # ids: a transaction that got its numbers early may commit late
_FRESH_SECONDS = 600


class Vocabulary:
    """The words of one noun in one database."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.words: set[str] = set()
        self.letters: set[str] = set()
        self.last_id = 0
        self.read_at = float("-inf")
        self._beginnings: dict[int, set[str]] = {}

    def refresh(self, newest: int) -> None:
        """Read what was added, up to the newest word of all: those of other nouns are not passed by again and again."""
        now = time.monotonic()
        if now - self.read_at > _FRESH_SECONDS or newest < self.last_id:  # as in a database that was restored
            self.words, self.letters, self.last_id, self.read_at = set(), set(), 0, now
            self._beginnings.clear()
        database = current()
        mark = database.param
        sql = f"SELECT id, term FROM search_word WHERE noun = {mark} AND id > {mark} ORDER BY id"  # noqa: S608
        for number, term in database.execute_sql(sql, (self.noun, self.last_id - _OVERLAP)).fetchall():
            self._add(term)
            newest = max(newest, number)
        self.last_id = newest

    def _add(self, term: str) -> None:
        if term in self.words:
            return
        self.words.add(term)
        self.letters.update(term)
        for length, beginnings in self._beginnings.items():
            if len(term) > length:
                beginnings.add(term[:length])

    def near(self, fragment: str) -> set[str]:
        """The words that are one mistake away."""
        return self.words.intersection(self._mistaken(fragment))

    def beginning_near(self, fragment: str) -> set[str]:
        """The beginnings of words that are one mistake away, for a word that is not typed to its end."""
        size, mistaken = len(fragment), set(self._mistaken(fragment))
        return set[str]().union(*(mistaken & self._cut(length) for length in (size - 1, size, size + 1)))

    def _mistaken(self, fragment: str) -> Iterator[str]:
        """All that one letter more, less or other, or two swapped ones make of a fragment, at a cost of its own."""
        for place in range(len(fragment) + 1):
            before, after = fragment[:place], fragment[place:]
            yield from (before + letter + after for letter in self.letters)
            if after:
                yield before + after[1:]
                yield from (before + letter + after[1:] for letter in self.letters if letter != after[0])
            if len(after) > 1 and after[0] != after[1]:
                yield before + after[1] + after[0] + after[2:]

    def _cut(self, length: int) -> set[str]:
        if length not in self._beginnings:
            self._beginnings[length] = {word[:length] for word in self.words if len(word) > length}
        return self._beginnings[length]


_vocabularies: dict[tuple[str, str], Vocabulary] = {}
_turn = threading.Lock()  # completion looks words up in a thread of its own


def forget() -> None:
    """Keep no word any longer: some of them were erased."""
    with _turn:
        _vocabularies.clear()


def nearest(nouns: Sequence[str], fragment: str) -> list[str]:
    """The stored words of some nouns that are one letter more, less, other or swapped away from what was typed.

    Where no whole word is, the beginnings of words.
    """
    folded = fold(fragment)
    if len(folded) < SHORTEST or not is_spelled(folded):
        return []
    with _turn:
        known = [_vocabularies.setdefault((noun, str(current().database)), Vocabulary(noun)) for noun in nouns]
        newest = int(current().execute_sql("SELECT MAX(id) FROM search_word").fetchone()[0] or 0)
        for vocabulary in known:
            vocabulary.refresh(newest)
        whole = set[str]().union(*(vocabulary.near(folded) for vocabulary in known))
        found = whole or set[str]().union(*(vocabulary.beginning_near(folded) for vocabulary in known))
    return sorted(found, key=lambda word: (word[0] != folded[0], abs(len(word) - len(folded)), word))[:MOST]
