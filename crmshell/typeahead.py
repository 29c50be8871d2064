"""Takes keys from the very start: shows the first question at once, and keeps what is typed while the rest is loaded.

Nothing heavy is imported here. Until the shell takes over, a thread of its own reads the keys and shows them, dots for
those of a password; between prompts the terminal then echoes nothing, so that what is typed early stands on the screen
once, at the prompt it belongs to.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple, Self

try:
    import termios
except ImportError:  # no terminal of this kind, as on Windows: the shell asks when it is there
    termios = None  # type: ignore[assignment]

_CHUNK = 1024  # bytes
_LONGEST_SHOWN = 30  # characters; what is longer shows when the shell is there
_ERASE = {"\x7f", "\b"}
_LOCAL_SETTINGS = "crmshell.toml"


class Asked(Enum):
    """What the first keys answer."""

    USERNAME = "username"
    PASSWORD = "password"  # noqa: S105  (the name of a question)
    LINE = "line"


class Question(NamedTuple):
    """The first question: what it asks for, and the words it is asked in."""

    asked: Asked
    text: str


def find_first_question(flags: Namespace, environ: Mapping[str, str]) -> Question | None:
    """What the shell will ask first, as far as that can be told without a database; None where it cannot."""
    user = flags.user or environ.get("CRM_USER")
    if user and (flags.password_file or "CRM_PASSWORD" in environ):
        return Question(Asked.LINE, f"{user}> ") if user.isprintable() else None
    if user:
        return Question(Asked.PASSWORD, "password: ")
    return None if _may_settings_name_a_user(environ) else Question(Asked.USERNAME, "username: ")


def _may_settings_name_a_user(environ: Mapping[str, str]) -> bool:
    """Whether a settings file says who logs in; a look at its lines, not a reading."""
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", ""), ".config")  # noqa: PTH118  (pathlib costs)
    for path in (_LOCAL_SETTINGS, os.path.join(home, "crm-shell", "config.toml")):  # noqa: PTH118
        with contextlib.suppress(OSError), open(path, "rb") as lines:  # noqa: PTH123
            if any(line.lstrip().startswith(b"user") for line in lines):
                return True
    return False


class TypeAhead:
    """The terminal of an interactive run, from the first question to the end of the program."""

    def __init__(self, question: Question | None) -> None:
        self._question = question
        self._thread: threading.Thread | None = None
        self._typed = b""
        self._shown = ""
        self._is_showing = True
        self._before: list[Any] | None = None
        self._handler: Any = None
        self._is_interrupted = False

    @classmethod
    def for_run(cls, flags: Namespace, environ: Mapping[str, str]) -> TypeAhead:
        """That of a run with these flags; it does nothing where the run is no shell or the terminal is dumb."""
        is_batch = flags.words or flags.lines or flags.file or flags.create_admin
        is_shell = not is_batch and sys.stdin.isatty() and sys.stdout.isatty()
        may_begin = is_shell and termios is not None and environ.get("TERM") != "dumb"
        return cls(find_first_question(flags, environ)) if may_begin else _NoTypeAhead(None)

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(sys.stdin)
        self._keep_keys()
        if self._question is not None:
            self._handler = signal.signal(signal.SIGINT, self._interrupt)
            self._write(self._question.text)
            self._wake, self._end = os.pipe()
            self._thread = threading.Thread(target=self._read, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        if self._before is not None:
            with contextlib.suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def hand_over(self, asked: Asked) -> str:
        """Leave the terminal to the shell, whose next question is this one; what was typed in answer to it."""
        self._stop()
        self.check()
        is_answer = self._question is not None and self._question.asked is asked
        typed, self._typed = self._typed, b""
        return typed.decode("utf-8", "surrogateescape") if is_answer else ""

    def check(self) -> None:
        """Raise the KeyboardInterrupt that got lost: what is raised while modules are loaded may be ignored there."""
        if self._is_interrupted:
            raise KeyboardInterrupt

    def _interrupt(self, *_: object) -> None:
        self._is_interrupted = True
        raise KeyboardInterrupt

    def _stop(self) -> None:
        """Let the thread end, and take away what it has shown."""
        if self._thread is None:
            return
        signal.signal(signal.SIGINT, self._handler)
        os.write(self._end, b".")
        self._thread.join()
        self._thread = None
        os.close(self._end)
        os.close(self._wake)
        self._write("\r\x1b[K\x1b[J")  # the line first: some terminals keep what is cleared as a whole screen

    def _keep_keys(self) -> None:
        """Let the terminal keep each key as it is pressed, Enter and Ctrl-D too, and echo none; Ctrl-C interrupts."""
        assert self._before is not None  # noqa: S101  (the terminal was entered)
        attributes: list[Any] = [part.copy() if isinstance(part, list) else part for part in self._before]
        attributes[0] &= ~termios.ICRNL
        attributes[3] &= ~(termios.ECHO | termios.ICANON)
        attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 1, 0
        termios.tcsetattr(sys.stdin, termios.TCSANOW, attributes)

    def _read(self) -> None:
        """Keep every byte, and show those that are text, up to the first one that is not."""
        fd = sys.stdin.fileno()
        while True:
            ready, _, _ = select.select([fd, self._wake], [], [])
            if self._wake in ready:
                return
            chunk = os.read(fd, _CHUNK)
            if not chunk:
                return
            self._typed += chunk
            if self._is_showing:
                self._show(chunk.decode("utf-8", "ignore"))

    def _show(self, text: str) -> None:
        for char in text:
            if char in _ERASE:
                self._write("\b \b" if self._shown else "")
                self._shown = self._shown[:-1]
            elif char.isprintable() and len(self._shown) < _LONGEST_SHOWN:
                self._shown += char
                self._write("*" if self._is_secret else char)
            else:
                self._is_showing = False
                return

    @property
    def _is_secret(self) -> bool:
        return self._question is not None and self._question.asked is Asked.PASSWORD

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


class _NoTypeAhead(TypeAhead):
    """Where there is no shell, or no terminal that can do it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was begun."""

    def hand_over(self, asked: Asked) -> str:  # noqa: ARG002
        """Nothing was typed."""
        return ""
