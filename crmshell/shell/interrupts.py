"""Ctrl-C while the shell lives: it ends what is running, once, and does nothing between two prompts."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Decides what becomes of SIGINT. At a prompt prompt_toolkit takes it, in a transaction the database."""

    def __init__(self) -> None:
        self._may_stop = False

    @contextmanager
    def handled(self) -> Iterator[None]:
        """As long as this lasts, only what is `allowed` is stopped; a key held down ends no more than that."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let Ctrl-C raise KeyboardInterrupt in here, but not once more while that is dealt with."""
        self._may_stop = True
        try:
            yield
        finally:
            self._may_stop = False

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._may_stop:
            self._may_stop = False
            raise KeyboardInterrupt
