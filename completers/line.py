"""The completer of the prompt: reads the line, finds the slot the cursor is in, and offers what fits it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from completers import values, words
from completers.lines import line_at
from completers.ranking import Choice, starting
from crmshell.database import current, proxy, store_errors
from crmshell.errors import Failure
from crmshell.faults import as_failure
from crmshell.language.declaration import Grammar
from crmshell.language.expansion import Names
from crmshell.language.slots import Place, Slot, slot_at
from crmshell.language.tokens import quoted
from crmshell.models.offers import MOST
from crmshell.session import Session
from crmshell.text import find_control, safe, shorten

_WIDEST_META = 90


class LineCompleter(Completer):
    """Completes a command line for the employee of a session; a database that is lost offers nothing."""

    def __init__(self, grammar: Grammar, session: Session, names: Callable[[], Names] = dict) -> None:
        self._grammar = grammar
        self._session = session
        self._names = names
        self._cache: dict[tuple[str, int], list[Completion]] = {}

    def forget(self) -> None:
        """Drop what was looked up: something was committed, or a new line begins."""
        self._cache.clear()

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """The entries for the word before the cursor."""
        key = (document.text, document.cursor_position)
        if key not in self._cache:
            self._cache[key] = self._looked_up(document)
        return self._cache[key]

    def _looked_up(self, document: Document) -> list[Completion]:
        begin, line = line_at(document.text, document.cursor_position)
        cursor = document.cursor_position - begin
        slot = slot_at(line, cursor, self._grammar, self._names())
        try:
            return [_completion(choice, slot, cursor) for choice in self._choices(slot)]
        except Failure:
            return []

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
            yield from islice(values.choices(slot, self._session), MOST)


class ValueCompleter(LineCompleter):
    """Completes the answer to a question: the value of one parameter."""

    def __init__(self, grammar: Grammar, session: Session, slot: Slot) -> None:
        super().__init__(grammar, session)
        self._slot = slot

    def _looked_up(self, document: Document) -> list[Completion]:
        typed = document.text_before_cursor
        slot = Slot(Place.VALUE, typed, 0, self._slot.parameter, self._slot.command, given=self._slot.given)
        try:
            return [_as_entry(choice, choice.value, -len(typed)) for choice in self._values(slot)]
        except Failure:
            return []


class BackgroundCompleter(Completer):
    """Runs another completer in one thread of its own, with a connection of its own: no key ever waits for it."""

    def __init__(self, completer: LineCompleter) -> None:
        self._completer = completer
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="completion")

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The entries, looked up in the thread."""
        return self._thread.submit(self._list, document, complete_event).result()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """The same, while keys go on."""
        loop = asyncio.get_running_loop()
        for completion in await loop.run_in_executor(self._thread, self._list, document, complete_event):
            yield completion

    def close(self) -> None:
        """Let the thread and its connection go, without waiting for a database that does not answer."""
        self._thread.submit(_close_connection)
        self._thread.shutdown(wait=False)

    def _list(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:
        """The entries; a bug goes into the log, for there is no place on the screen to complain."""
        try:
            if proxy.obj is not None:
                current().forget_lost_connection()
            return list(self._completer.get_completions(document, complete_event))
        except Exception as error:  # noqa: BLE001  (a thread of its own: the shell's loop cannot catch it)
            as_failure(error)
            return []


def _close_connection() -> None:
    if proxy.obj is not None and not current().is_closed():
        current().close()


def _completion(choice: Choice, slot: Slot, cursor: int) -> Completion:
    return _as_entry(choice, _written(choice, slot), slot.start - cursor)


def _as_entry(choice: Choice, text: str, start: int) -> Completion:
    meta = shorten(safe(choice.meta), _WIDEST_META)
    return Completion(text, start_position=start, display=safe(choice.shown), display_meta=meta)


def _written(choice: Choice, slot: Slot) -> str:
    """The value as the line wants it: in quotes where it must be."""
    is_value = slot.place in {Place.VALUE, Place.FILE} and not choice.is_literal
    return quoted(choice.value) if is_value else choice.value
