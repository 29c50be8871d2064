"""A prompt in a pty, and how long after a key the screen answers."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pexpect
import pyte

COLUMNS, LINES = 120, 40
_QUIET = 0.25  # seconds without output after which a screen counts as drawn
_LONGEST = 10.0
_CTRL_U = "\x15"


class Keystrokes:
    """One process at a terminal, typed at a key at a time. Times are in seconds."""

    def __init__(self, kind: str, url: str, user: str, environ: Mapping[str, str]) -> None:
        arguments = ["-m", "benchmarks.prompt", kind, "--database", url, "--user", user]
        terminal = {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", "PYTHONPATH": str(Path.cwd())}
        self._child = pexpect.spawn(
            sys.executable,
            arguments,
            env={**os.environ, **terminal, **environ},
            dimensions=(LINES, COLUMNS),
            timeout=60,
        )
        self._child.delaybeforesend = None
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        self._child.expect_exact("Welcome")
        while not self._screen.display[self._screen.cursor.y].rstrip().endswith(">"):
            self._has_output(_LONGEST)
            self._take()
        self.settle()
        self._home = self._column = self._screen.cursor.x
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._screen.display)

    def settle(self) -> float:
        """Wait until nothing more is drawn; the moment at which the last of it came."""
        last = time.perf_counter()
        deadline = last + _LONGEST
        while time.perf_counter() < deadline and self._has_output(_QUIET):
            self._take()
            last = time.perf_counter()
        return last

    def press(self, key: str) -> float:
        """Press a key and wait for all it leads to: how long until the last of it was drawn."""
        start = time.perf_counter()
        self.echo(key)
        shown = time.perf_counter()
        return max(shown, self.settle()) - start

    def echo(self, key: str) -> float:
        """Press a key in the middle of typing, without waiting for a menu: how long until the cursor is behind it."""
        self._column += len(key)
        return self._send(key)

    def clear(self) -> None:
        """Empty the line."""
        self._column = self._home
        self._send(_CTRL_U)
        self.settle()

    def _send(self, key: str) -> float:
        start = time.perf_counter()
        self._child.send(key)
        while self._has_output(_LONGEST):
            shown = time.perf_counter() - start
            self._take()
            if self._screen.cursor.x == self._column:
                return shown
        message = f"the key {key!r} never showed:\n{self.text}"
        raise RuntimeError(message)

    def _has_output(self, seconds: float) -> bool:
        return bool(select.select([self._child.child_fd], [], [], seconds)[0])

    def _take(self) -> bytes:
        output = os.read(self._child.child_fd, 65536)
        self._stream.feed(output)
        return output
