"""What signals do to the shell but Ctrl-C: it is suspended and drawn anew, or ends with nothing left half done."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from prompt_toolkit.application import get_app, run_in_terminal

_SUSPEND = getattr(signal, "SIGTSTP", None)
_ENDING = tuple(getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name))


@contextmanager
def signals_handled() -> Iterator[None]:
    """As long as this lasts, SIGTSTP suspends, and SIGHUP and SIGTERM end the shell the way Ctrl-D does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _end) for number in _ENDING}
    if _SUSPEND is not None:
        before[_SUSPEND] = signal.signal(_SUSPEND, _suspended)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def never_suspended() -> Iterator[None]:
    """As long as this lasts, neither Ctrl-Z nor SIGTSTP gives the terminal to whoever sits at it."""
    if _SUSPEND is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(_SUSPEND, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(_SUSPEND, before)


def suspend() -> None:
    """Stop until SIGCONT; a prompt is taken off the screen before, and drawn again after."""
    application = get_app()
    if application.is_running and application.loop is not None:
        application.loop.call_soon_threadsafe(run_in_terminal, _stop)
    else:
        _stop()


def _stop() -> None:
    if _SUSPEND is None or threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(_SUSPEND) == signal.SIG_IGN:
        return
    before = signal.signal(_SUSPEND, signal.SIG_DFL)
    os.kill(os.getpid(), _SUSPEND)
    signal.signal(_SUSPEND, before)  # reached after SIGCONT


def _suspended(_number: int, _frame: FrameType | None) -> None:
    suspend()


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
