"""Several words for one record, typed without quotes around them: `contract sign martin dub`."""

from __future__ import annotations

from crmshell.language.grammar import Grammar
from crmshell.language.reading import read
from crmshell.language.slots import Place, Slot
from crmshell.language.tokens import Sort, Token
from crmshell.records import Pick


def find_words_of_record(before: str, grammar: Grammar) -> Slot | None:
    """The slot of a record whose words fill the end of the text before the cursor; None where they are none.

    A line that has no place for so many words is no line yet; the entry that is chosen takes the place of them all.
    """
    reading = read(before, grammar)
    if not reading.arguments:
        return None
    first = max(reading.arguments, key=lambda argument: argument.token.start)
    words = [token for token in reading.tokens if token.start >= first.token.start and not token.is_blank]
    if not isinstance(first.parameter.kind, Pick) or not all(map(_is_plain, words)) or words[-1].end < len(before):
        return None
    given = {each.parameter.name: each for each in reading.arguments if each is not first}
    start = first.token.start
    return Slot(Place.VALUE, before[start:], start, first.parameter, reading.command, given=given)


def _is_plain(token: Token) -> bool:
    return token.sort is Sort.WORD and not token.quote and token.at_name is None
