"""The completer of the prompt: reads the line, finds the slot the cursor is in, and offers what fits it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from completers import values, words
from completers.descriptions import SEPARATOR
from completers.lines import line_at
from completers.menu import PAGE, Menu
from completers.phrases import find_words_of_record
from completers.ranking import Choice, starting
from crmshell.database import current, proxy, store_errors
from crmshell.errors import Failure
from crmshell.language.declaration import ParameterKind
from crmshell.language.expansion import Names
from crmshell.language.grammar import Grammar
from crmshell.language.slots import Place, Slot, slot_at
from crmshell.language.tokens import quoted
from crmshell.session import Session
from crmshell.text import find_control, safe, shorten, width

WIDE = 120  # columns of a screen on which nothing has to give way
_WIDEST_META = 90
_NARROWEST_META = 10
_NARROWEST_ENTRY = 5  # to prompt_toolkit
_BORDERS = 5  # the blanks around an entry and what is said of it, and the bar
_JOINERS = dict.fromkeys((0x200D, 0xFE0E, 0xFE0F))  # the joiner of emoji, and the selectors of their form
_MOST_MENUS = 50  # kept while one line is typed


Judge = Callable[[ParameterKind, str], Failure | None]


def _no_fault(_kind: ParameterKind, _typed: str) -> None:
    return None


class LineCompleter(Completer):
    """Completes a command line for the employee of a session; a database that is lost offers nothing.

    A value with an empty menu is judged by `find_fault`, in the same thread; see `fault_of`.
    """

    def __init__(
        self, grammar: Grammar, session: Session, names: Callable[[], Names] = dict, find_fault: Judge = _no_fault
    ) -> None:
        self._grammar = grammar
        self._session = session
        self._names = names
        self._find_fault = find_fault
        self._menus: dict[tuple[str, int, int], Menu] = {}
        self._faults: dict[str, Failure | None] = {}

    def forget(self) -> None:
        """Drop what was looked up: something was committed, or a new line begins."""
        self._menus, self._faults = {}, {}

    def fault_of(self, typed: str) -> Failure | None:
        """What is wrong with the value at the end of a text, if it was judged already; a key never waits for that."""
        return self._faults.get(typed)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """The entries for the word before the cursor."""
        return iter(self.menu(document))

    def menu(self, document: Document, columns: int = WIDE) -> Menu:
        """The same, not all of them made yet, for a screen of so many columns."""
        menus, key = self._menus, (document.text, document.cursor_position, columns)
        if key not in menus:
            if len(menus) >= _MOST_MENUS:
                menus.pop(next(iter(menus)))
            menus[key] = Menu(self._without_failure(self._entries(document, columns)))
        return menus[key]

    def _without_failure(self, entries: Iterator[Completion]) -> Iterator[Completion]:
        with contextlib.suppress(Failure):
            yield from entries

    def _entries(self, document: Document, columns: int) -> Iterator[Completion]:
        begin, line = line_at(document.text, document.cursor_position)
        cursor = document.cursor_position - begin
        slot = slot_at(line, cursor, self._grammar, self._names())
        if slot.place is Place.NOTHING:
            slot = find_words_of_record(line[:cursor], self._grammar) or slot
        entries = _completions(self._choices(slot), slot, cursor, columns)
        yield from self._judged(entries, slot, document) if self._is_judged(slot, document) else entries

    def _is_judged(self, slot: Slot, document: Document) -> bool:
        """Whether it may be said what is wrong with a value: one that is being typed, of a command that may run."""
        may_run = slot.command is not None and words.may_run(slot.command, self._session)
        return may_run and slot.place is Place.VALUE and document.is_cursor_at_the_end

    def _judged(self, entries: Iterable[Completion], slot: Slot, document: Document) -> Iterator[Completion]:
        """The entries; where there are none, what is wrong with the value is noted."""
        is_empty = True
        for completion in entries:
            is_empty = False
            yield completion
        if is_empty and slot.parameter is not None:
            self._faults[document.text] = self._find_fault(slot.parameter.kind, slot.typed)

    def _choices(self, slot: Slot) -> Iterable[Choice]:
        if slot.place is Place.NOUN:
            known = [*words.nouns(self._grammar, self._session), *words.aliases(self._names())]
            return starting(known, slot.typed)
        if slot.place is Place.VERB:
            return starting(words.verbs(self._grammar, slot.noun, self._session), slot.typed)
        if slot.command is not None and not words.may_run(slot.command, self._session):
            return ()
        if slot.place is Place.OPTION:
            return starting(words.options(slot), slot.typed)
        if slot.place is Place.FILE:
            return values.files(slot)
        return self._values(slot) if slot.place is Place.VALUE else ()

    def _values(self, slot: Slot) -> Iterator[Choice]:
        if proxy.obj is None or find_control(slot.typed):
            return
        with store_errors(current()):
            yield from values.choices(slot, self._session)


class ValueCompleter(LineCompleter):
    """Completes the answer to a question: the value of one parameter."""

    def __init__(self, grammar: Grammar, session: Session, slot: Slot, find_fault: Judge = _no_fault) -> None:
        super().__init__(grammar, session, find_fault=find_fault)
        self._slot = slot

    def _entries(self, document: Document, columns: int) -> Iterator[Completion]:
        typed = document.text_before_cursor
        slot = Slot(Place.VALUE, typed, 0, self._slot.parameter, self._slot.command, given=self._slot.given)
        as_typed = (replace(choice, is_literal=True) for choice in self._values(slot))
        yield from self._judged(_completions(as_typed, slot, len(typed), columns), slot, document)


def _completions(choices: Iterable[Choice], slot: Slot, cursor: int, columns: int) -> Iterator[Completion]:
    """The entries that replace what was typed of the slot, page by page; a remark replaces nothing.

    What is said of them is cut to the room beside the widest entry so far, and an entry where it leaves none.
    """
    rest, widest = iter(choices), _NARROWEST_ENTRY
    most = max(columns - _NARROWEST_META - _BORDERS, _NARROWEST_ENTRY)
    while page := list(islice(rest, PAGE)):
        shown = [shorten(_steady(choice.shown), most) for choice in page]
        widest = max(widest, *map(width, shown))
        room = min(max(columns - widest - _BORDERS, _NARROWEST_META), _WIDEST_META)
        for choice, display in zip(page, shown, strict=True):
            text, start = ("", 0) if choice.is_remark else (_written(choice, slot), slot.start - cursor)
            meta = _fitted(_steady(choice.meta), _steady(choice.keeps), room)
            yield Completion(text, start_position=start, display=display, display_meta=meta)


def _fitted(meta: str, keeps: str, room: int) -> str:
    """The text in so much room: cut at its end, unless that took away what it keeps."""
    before, kept, _ = meta.partition(keeps) if keeps else ("", "", "")
    if not kept or width(before + kept) < room:
        return shorten(meta, room)
    name = shorten(before.removesuffix(SEPARATOR), room - width(SEPARATOR + kept))
    return f"{name}{SEPARATOR}{kept}" if name else kept


def _steady(text: str) -> str:
    """A text that acts on no terminal and is as wide on all of them: they disagree about characters that are joined."""
    return safe(text).translate(_JOINERS)


def _written(choice: Choice, slot: Slot) -> str:
    """The value as the line wants it: in quotes where it must be."""
    is_value = slot.place in {Place.VALUE, Place.FILE} and not choice.is_literal
    return quoted(choice.value) if is_value else choice.value
