"""Hands a long result to the user's pager while it streams, and comes back whatever happens to it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

from crmshell.output import Pager

_SYNTAX = frozenset("=$`'\"\\(){};&|<>")  # of a word that only a shell can tell the program from


def pager_of(command: str, *, is_dumb: bool) -> Pager | None:
    """A pager that runs a command of the user's shell; None where there is none, nor one that can do its work."""
    program, *_ = command.split() or ["cat"]
    if program == "cat" or (program == "less" and is_dumb):  # which would ask for a key before everything
        return None
    return lambda: _open(command)


@contextlib.contextmanager
def _open(command: str) -> Iterator[TextIO]:
    """A stream to the pager; one who leaves early has seen enough, and Ctrl-C is the pager's own affair.

    Where there is no such program, the answer goes to the terminal as it is: it must not be lost.
    """
    import shutil
    import subprocess

    program = command.split(maxsplit=1)[0]
    if _SYNTAX.isdisjoint(program) and shutil.which(program) is None:
        yield sys.stdout
        return
    with interrupts_ignored():
        process = subprocess.Popen(  # noqa: S602  (the user's own PAGER, which is a shell command by custom)
            command, shell=True, stdin=subprocess.PIPE, env={"LESSCHARSET": "utf-8", **os.environ}
        )
        assert process.stdin is not None  # noqa: S101  (it was asked for)
        stream = io.TextIOWrapper(process.stdin, encoding="utf-8", errors="backslashreplace", newline="\n")
        try:
            with contextlib.suppress(BrokenPipeError):
                yield stream
        finally:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
            process.wait()


@contextlib.contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Leave Ctrl-C to the program at the other end of a pipe, which gets it too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
