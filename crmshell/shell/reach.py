"""Whether the database answers: asked beside the prompt, so that no key waits, and told in the toolbar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from prompt_toolkit.application import get_app

from crmshell.database import current, proxy, store_errors
from crmshell.errors import Failure

PERIOD = 5.0  # seconds


class Reach:
    """What is known of the database; `ask` runs a question in a thread with a connection of its own."""

    def __init__(self, ask: Callable[[Callable[[], bool]], Future[bool]], period: float = PERIOD) -> None:
        self._ask = ask
        self._period = period
        self.is_lost = False
        self._is_doubtful = False

    def watch_prompt(self) -> None:
        """Ask now and then, for as long as the prompt that has just begun."""
        get_app().create_background_task(self._ask_on())

    def doubt(self) -> None:
        """Ask at once when the next prompt begins: a command could not use the database."""
        self._is_doubtful = True

    async def _ask_on(self) -> None:
        while True:
            if not self._is_doubtful:
                await asyncio.sleep(self._period)
            self._is_doubtful = False
            was_lost, self.is_lost = self.is_lost, not await asyncio.wrap_future(self._ask(answers))
            if was_lost is not self.is_lost:
                get_app().invalidate()


def answers() -> bool:
    """Whether the database can be asked something, on a new connection where the old one is lost."""
    if proxy.obj is None:
        return True
    database = current()
    try:
        with store_errors(database):
            database.forget_lost_connection()
            database.connect(reuse_if_open=True)
            database.execute_sql("SELECT 1").fetchone()
    except Failure:
        return False
    return True
