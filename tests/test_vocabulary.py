"""A mistyped word leads to all words that are one mistake away, and to no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmshell.models.vocabulary import Vocabulary, nearest
from tests.company import Company
from tests.records import sql

WORDS = st.text("abcé", min_size=3, max_size=7)


def is_one_mistake(typed: str, word: str) -> bool:
    """Whether one letter more, less, other, or two swapped neighbours make one of the other."""
    if typed == word:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    ends = {
        (typed[start + 1 :], word[start:]),
        (typed[start:], word[start + 1 :]),
        (typed[start + 1 :], word[start + 1 :]),
    }
    swapped = typed[:start] + typed[start : start + 2][::-1] + typed[start + 2 :]
    return any(left == right for left, right in ends) or swapped == word


def known(words: set[str]) -> Vocabulary:
    """A vocabulary of these words."""
    vocabulary = Vocabulary("customer")
    for word in sorted(words):
        vocabulary._add(word)
    return vocabulary


@given(st.sets(WORDS, max_size=40), WORDS)
def test_words_one_mistake_away_are_near(words: set[str], typed: str) -> None:
    """Exactly those, whatever there is beside them."""
    assert known(words).near(typed) == {word for word in words if is_one_mistake(typed, word)}


@given(st.sets(WORDS, max_size=20), WORDS, WORDS)
def test_beginnings_one_mistake_away_are_near(words: set[str], typed: str, added: str) -> None:
    """Of longer words alone, those that were added since the first look too."""
    vocabulary = known(words)
    vocabulary.beginning_near(typed)
    vocabulary._add(added)
    begun = {word[:size] for word in {*words, added} for size in range(1, len(word))}
    assert vocabulary.beginning_near(typed) == {word for word in begun if is_one_mistake(typed, word)}


def test_words_are_near_from_when_they_are_stored(company: Company) -> None:
    """Whatever words other kinds of records got before, and in a database that has fewer of them than before."""
    add = "INSERT INTO search_word (id, noun, term) VALUES "
    assert nearest(["customer"], "durnat") == []
    sql(f"{add} (1001, 'customer', 'durand'), (2000, 'event', 'gala')")
    assert nearest(["customer"], "durnad") == ["durand"]
    sql(f"{add} (2001, 'customer', 'durant')")
    assert nearest(["customer"], "durnat") == ["durant"]
    sql("DELETE FROM search_word")
    sql(f"{add} (3, 'customer', 'martin')")
    assert nearest(["customer"], "matrin") == ["martin"]
    assert nearest(["customer"], "durnat") == []
