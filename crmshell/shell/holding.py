"""A transaction that is open at the prompt: others wait for it, so it is rolled back when its owner falls silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from prompt_toolkit.application import get_app, run_in_terminal

from crmshell.output import Printer
from crmshell.session import Session

LONGEST_SILENCE = 60.0  # seconds


class TransactionWatch:
    """Rolls back the session's transaction after a minute without a command, and says so above the prompt."""

    def __init__(self, session: Session, printer: Printer, longest_silence: float = LONGEST_SILENCE) -> None:
        self._session = session
        self._printer = printer
        self._longest_silence = longest_silence

    def watch_prompt(self) -> None:
        """Begin to watch, in the loop of the prompt that has just begun; it ends with the prompt."""
        self._watch(lambda: None)

    def watch_question(self) -> None:
        """The same for a question: its command, which belongs to the transaction, is abandoned with it."""
        self._watch(lambda: get_app().exit(exception=KeyboardInterrupt()))

    def _watch(self, afterwards: Callable[[], None]) -> None:
        if self._session.transaction is not None:
            deadline = time.monotonic() + self._longest_silence
            get_app().create_background_task(self._roll_back_later(deadline, afterwards))

    async def _roll_back_later(self, deadline: float, afterwards: Callable[[], None]) -> None:
        await asyncio.sleep(max(0.0, deadline - time.monotonic()))
        if self._session.abandon_transaction():
            await run_in_terminal(self._tell)
            afterwards()

    def _tell(self) -> None:
        self._printer.say(f"no command for {self._longest_silence:.0f} s: the transaction is rolled back")
