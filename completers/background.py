"""Completion beside the keys: in one thread of its own, with a connection of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from completers.line import WIDE, LineCompleter
from completers.menu import PAGE, Menu
from crmshell.database import current, proxy, sharing, store_errors
from crmshell.faults import as_failure

_LONGEST_WAIT = 0.0005
"""Seconds after which one thread lets the other go on: Python's own 5 ms are felt at a key."""

_AHEAD = 8
"""How many entries before the end of the first page the rest is made, so that nobody waits for it."""


class BackgroundCompleter(Completer):
    """Runs another completer in the background: no key ever waits for it."""

    def __init__(self, completer: LineCompleter) -> None:
        sys.setswitchinterval(_LONGEST_WAIT)
        self._completer = completer
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="completion")

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """All entries, looked up in the thread."""
        return self._thread.submit(self._entries, document, list).result()

    async def get_completions_async(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002
    ) -> AsyncGenerator[Completion, None]:
        """The first page, while keys go on."""
        for completion in await self._later(document, Menu.first_page):
            yield completion

    def follow(self, buffer: Buffer) -> None:
        """Let the menu of a buffer grow when somebody goes down to its end."""
        buffer.on_text_changed += self._moved

    def beside(self, question: Callable[[], bool]) -> Future[bool]:
        """Answer a question in the thread, on its connection."""
        return self._thread.submit(question)

    def close(self) -> None:
        """Let the thread and its connection go, without waiting for a database that does not answer."""
        self._thread.submit(_close_connection)
        self._thread.shutdown(wait=False)

    def _moved(self, buffer: Buffer) -> None:
        """Look where the menu stands once the change is done: a move in it changes the text first."""
        if get_app().is_running:
            asyncio.get_running_loop().call_soon(self._grow, buffer)

    def _grow(self, buffer: Buffer) -> None:
        state = buffer.complete_state
        if state is None or state.complete_index is None or len(state.completions) != PAGE:
            return
        if state.complete_index >= PAGE - _AHEAD:
            get_app().create_background_task(self._add_rest(buffer, state))

    async def _add_rest(self, buffer: Buffer, state: CompletionState) -> None:
        rest = await self._later(state.original_document, Menu.rest)
        if buffer.complete_state is state and len(state.completions) == PAGE:
            state.completions += rest
            buffer.on_completions_changed.fire()

    async def _later(self, document: Document, part: Callable[[Menu], list[Completion]]) -> list[Completion]:
        columns = get_app().output.get_size().columns
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._entries, document, part, columns)

    def _entries(
        self, document: Document, part: Callable[[Menu], list[Completion]], columns: int = WIDE
    ) -> list[Completion]:
        """Some of the entries; a bug goes into the log, for there is no place on the screen to complain."""
        try:
            if proxy.obj is None:
                return part(self._completer.menu(document, columns))
            current().forget_lost_connection()
            with store_errors(current()):
                current().expect_lookups()
            with sharing(current()) as may_read:
                return part(self._completer.menu(document, columns)) if may_read else []
        except Exception as error:  # noqa: BLE001  (a thread of its own: the shell's loop cannot catch it)
            as_failure(error)
            return []


def _close_connection() -> None:
    if proxy.obj is not None and not current().is_closed():
        current().close()
