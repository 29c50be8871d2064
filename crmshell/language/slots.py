"""The slot under the cursor, found by the same reading that would run the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from crmshell.language.declaration import Command, Parameter, Rest
from crmshell.language.expansion import PROGRAM, Names, find_expansion
from crmshell.language.grammar import Grammar
from crmshell.language.reading import NO_NAMES, Argument, Reading, read
from crmshell.language.tokens import Sort, Token

LEADS = ("=", "do ")


class Place(Enum):
    """What stands, or could stand, under the cursor."""

    NOUN = "noun"
    VERB = "verb"
    OPTION = "option"
    VALUE = "value"
    FILE = "file"
    NOTHING = "nothing"


class Slot(NamedTuple):
    """The place under the cursor: what was typed of it so far and where that begins.

    `start` is the offset from which a choice replaces the line up to the cursor; `given` are the arguments of the
    whole line, those after the cursor included.
    """

    place: Place
    typed: str = ""
    start: int = 0
    parameter: Parameter | None = None
    command: Command | None = None
    noun: str = ""
    given: Mapping[str, Argument] = {}
    quote: str = ""


def slot_at(line: str, cursor: int, grammar: Grammar, names: Names = NO_NAMES) -> Slot:
    """Find the slot the cursor is in, from the same reading that would run the line."""
    expansion = find_expansion(line, names, grammar.nouns()) if names else None
    if expansion is not None and cursor > expansion.word.end:
        place = expansion.place(cursor)
        return _shifted(slot_at(expansion.line, place, grammar), cursor - place)
    slot = _plain_slot(line, cursor, grammar)
    if slot.parameter is not None and slot.parameter.kind.is_line:
        return _slot_inside(line, cursor, slot, grammar, names)
    return slot


def _slot_inside(line: str, cursor: int, outer: Slot, grammar: Grammar, names: Names) -> Slot:
    """The slot in the line that is the value of a parameter."""
    argument = outer.given.get(outer.parameter.name) if outer.parameter else None
    begin = argument.token.start if argument else cursor
    lead = next((lead for lead in LEADS if line.startswith(lead, begin)), "")
    begin = min(begin + len(lead), cursor)
    return _shifted(slot_at(line[begin:], cursor - begin, grammar, names), begin)


def _shifted(slot: Slot, columns: int) -> Slot:
    return slot._replace(start=slot.start + columns)


def _plain_slot(line: str, cursor: int, grammar: Grammar) -> Slot:
    before = read(line[:cursor], grammar)
    given = {argument.parameter.name: argument for argument in reversed(read(line, grammar).arguments)}
    return next(_slots(before, line[cursor:], given, grammar), Slot(Place.NOTHING))


def _slots(before: Reading, after: str, given: Mapping[str, Argument], grammar: Grammar) -> Iterator[Slot]:
    edited = _edited(before)
    if edited is not None and edited.sort in {Sort.COMMENT, Sort.RAW, Sort.OPERATOR}:
        return
    if before.operator is not None:
        yield from _file_slot(before, before.operator, edited)
        return
    if before.command is None or (edited is not None and edited in before.words):
        yield from _name_slot(before, edited, grammar)
        return
    if edited is None and len(before.words) == 1 and not before.arguments and grammar.verbs(before.words[0].text):
        yield from _name_slot(before, edited, grammar)
        return
    parameter = before.open_option if edited is None else None
    parameter = parameter or _taker(before, edited, after, grammar)
    if edited is None:
        yield from _blank_slot(before, parameter, given)
    else:
        yield from _argument_slot(before, edited, parameter, given)


def _edited(reading: Reading) -> Token | None:
    """The token the cursor touches at its end, None after a blank."""
    if not reading.tokens:
        return None
    last = reading.tokens[-1]
    return None if last.sort is Sort.SPACE else last


def _name_slot(before: Reading, edited: Token | None, grammar: Grammar) -> Iterator[Slot]:
    names = [token for token in before.tokens if not token.is_blank and token is not edited]
    if names and names[0].raw == PROGRAM:
        names = names[1:]
    typed, start = (edited.text, edited.start) if edited else ("", len(before.line))
    if edited is not None and edited.sort is not Sort.WORD:
        return
    if not names:
        yield Slot(Place.NOUN, typed, start)
    elif len(names) == 1 and grammar.verbs(names[0].text):
        yield Slot(Place.VERB, typed, start, noun=names[0].text)


def _file_slot(before: Reading, operator: Token, edited: Token | None) -> Iterator[Slot]:
    """The file that is written to: the one word behind the operator."""
    words = [token for token in before.tokens if token.start >= operator.end and not token.is_blank]
    if edited is None and not words:
        yield Slot(Place.FILE, "", len(before.line))
    elif edited is not None and words == [edited] and edited.sort is Sort.WORD:
        yield Slot(Place.FILE, edited.text, edited.start, quote=edited.quote)


def _taker(before: Reading, edited: Token | None, after: str, grammar: Grammar) -> Parameter | None:
    """The parameter that takes the word at the cursor, or one typed there; what stands after it counts as given."""
    if before.arguments and before.arguments[-1].raw is not None:
        return before.arguments[-1].parameter
    start = edited.start if edited else len(before.line)
    whole = read(f"{before.line}{after}" if edited else f"{before.line}_ {after}", grammar)
    return next((argument.parameter for argument in whole.arguments if argument.token.start == start), None)


def _blank_slot(before: Reading, parameter: Parameter | None, given: Mapping[str, Argument]) -> Iterator[Slot]:
    start = len(before.line)
    if parameter is not None:
        yield Slot(Place.VALUE, "", start, parameter, before.command, given=given)
    elif not any(token.sort is Sort.END for token in before.tokens):
        yield Slot(Place.OPTION, "", start, None, before.command, given=given)


def _argument_slot(
    before: Reading, edited: Token, parameter: Parameter | None, given: Mapping[str, Argument]
) -> Iterator[Slot]:
    is_option = edited.sort is Sort.END or (edited.sort is Sort.OPTION and not edited.has_value)
    if is_option and (parameter is None or parameter.rest is not Rest.WHOLE_LINE):
        yield Slot(Place.OPTION, edited.raw, edited.start, None, before.command, given=given)
    elif parameter is not None and not parameter.is_switch:
        start = edited.value_start if edited.has_value else edited.start
        typed = _typed(edited)
        yield Slot(Place.VALUE, typed, start, parameter, before.command, given=given, quote=edited.quote)


def _typed(token: Token) -> str:
    if not token.has_value:
        return token.raw
    return token.text if token.at_name is None else f"@{token.at_name}"
