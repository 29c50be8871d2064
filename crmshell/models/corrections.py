"""What was probably meant, where nothing begins with what was typed: one mistake in a word is forgiven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from crmshell.models import search
from crmshell.models.base import Record
from crmshell.models.compiled import statement
from crmshell.models.ways import ByWords, nouns, owner_of
from crmshell.text import words

_MOST = 6
_NEAREST = 3


def corrections(model: type[Record], typed: str, owner_id: int | None) -> Iterator[str]:
    """Other words for those typed that begin no word of the records, the nearest first; few, or none."""
    fragments = list(words(typed))
    for noun, _link in nouns(model):
        meant = [_meant(noun, fragment, owner_id) for fragment in fragments]
        for chosen in islice(product(*meant), _MOST):
            if list(chosen) != fragments:
                yield " ".join(chosen)


def _meant(noun: str, fragment: str, owner_id: int | None) -> Sequence[str]:
    """The fragment itself where a word begins so, otherwise the words it is near to."""
    way = ByWords.of(noun, "id", [fragment], owner_of(noun, owner_id))
    if statement(ByWords.begun, way).rows(way.values):
        return [fragment]
    return search.nearest_words(noun, fragment)[:_NEAREST]
