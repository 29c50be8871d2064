"""A real terminal: the program under pexpect, its screen drawn by pyte, and no waiting but for what is on it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import pexpect
import pyte

from tests.company import PASSWORD, Company
from tests.keys import ENTER

PATIENCE = 30.0  # seconds
PROGRAM = (sys.executable, "-m", "crmshell")


class Size(NamedTuple):
    """How large a terminal is, in columns and lines."""

    columns: int
    lines: int


USUAL = Size(80, 24)
SIZES = (USUAL, Size(120, 40), Size(40, 20))
"""Those on which every screen has to hold: see the fixture `size`."""


def program_that_idles(seconds: int) -> Sequence[str]:
    """The program, with sessions that end after so many seconds without a command."""
    change = f"from crmshell import session; session.IDLE_SECONDS = {seconds}"
    return sys.executable, "-c", f"{change}; from crmshell.__main__ import console; console()"


class Terminal:
    """The shell in a terminal of a size."""

    def __init__(
        self,
        folder: Path,
        *flags: str,
        size: Size = USUAL,
        environ: Mapping[str, str] = {},
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._screen = pyte.HistoryScreen(size.columns, size.lines, history=5000)
        self._stream = pyte.ByteStream(self._screen)
        left_out = {"NO_COLOR", "COLUMNS", "LINES"}  # the last two would go before the size of the terminal
        kept = {name: v for name, v in os.environ.items() if not name.startswith("CRM_") and name not in left_out}
        terminal = {
            "TERM": "xterm-256color",
            "PAGER": "cat",
            "PYTHONPATH": str(Path.cwd()),
        }
        self._child = pexpect.spawn(
            program[0],
            [*program[1:], *flags],
            cwd=str(folder),
            env={**kept, **terminal, **environ},
            dimensions=(size.lines, size.columns),
            timeout=PATIENCE,
        )
        self._sent = self._child.logfile_read = io.BytesIO()
        self._child.delaybeforesend = None
        answer = self._child.send
        self._screen.write_process_input = answer  # type: ignore[method-assign]  # where the cursor is

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    @property
    def pid(self) -> int:
        """The process in it."""
        return int(self._child.pid)

    @property
    def sent(self) -> bytes:
        """Every byte that was sent to it."""
        return self._sent.getvalue()

    @property
    def text(self) -> str:
        """All that was ever on the screen, the lines that scrolled away first."""
        above = ["".join(line[column].data for column in sorted(line)) for line in self._screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self._screen.display])

    @property
    def line(self) -> str:
        """The line the cursor is in."""
        return str(self._screen.display[self._screen.cursor.y]).rstrip()

    @property
    def bar(self) -> str:
        """What stands in the last line of the screen, where the toolbar is."""
        return str(self._screen.display[-1]).rstrip()

    @property
    def screen(self) -> pyte.Screen:
        """The screen with its colours, and the title of the window."""
        return self._screen

    def resize(self, size: Size) -> None:
        """Pull at the corner of the window."""
        self._screen.resize(size.lines, size.columns)
        self._child.setwinsize(size.lines, size.columns)

    def wait_until_gone(self, text: str) -> None:
        """Read until the text is no longer on the screen."""
        self._wait(lambda: not any(text in line for line in self._screen.display), f"the end of {text}")

    def wait_until_shown(self, text: str) -> None:
        """Read until the text is on the screen, which may have had it before."""
        self._wait(lambda: any(text in line for line in self._screen.display), text)

    def wait_for_bar(self, text: str) -> None:
        """Read until the toolbar says so."""
        self._wait(lambda: text in self.bar, f"a toolbar with {text!r}")

    def settle(self) -> None:
        """Read until the program says nothing more for a moment."""
        with contextlib.suppress(pexpect.TIMEOUT):
            while True:
                self._stream.feed(self._child.read_nonblocking(4096, timeout=0.4))

    def wait_for(self, text: str, *, times: int = 1) -> None:
        """Read until the text has been seen so often."""
        self._wait(lambda: self.text.count(text) >= times, text)

    def wait_for_line(self, end: str) -> None:
        """Read until the cursor's line ends so: a prompt or a question that takes keys."""
        self._wait(lambda: self.line.endswith(end), end)

    def _wait(self, is_there: Callable[[], bool], wanted: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_there():
            assert time.monotonic() < deadline, f"{wanted!r} did not come:\n{self.text}"
            try:
                self._stream.feed(self._child.read_nonblocking(4096, timeout=0.05))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                assert is_there(), f"the program ended before {wanted!r} came:\n{self.text}"

    def type(self, keys: str | bytes) -> None:
        """Press keys."""
        self._child.send(keys)

    def press(self, keys: str, answer: str) -> None:
        """Press keys that end a line, and wait for one more of an answer and the next prompt."""
        times = self.text.count(answer) + 1
        self.type(keys + ENTER)
        self.wait_for(answer, times=times)
        self.wait_for_line(">")

    def say(self, line: str, answer: str) -> None:
        """Enter a line at the prompt, and wait for one more of its answer and the next prompt."""
        self.wait_for_line(">")
        self.press(line, answer)

    def enter(self, line: str) -> None:
        """Type a line, wait until it is on the screen, and press Enter."""
        self.type(line)
        self.wait_for(line[-12:])
        self.type("\r")

    def answer(self, question: str, answer: str) -> None:
        """Answer a question once it is asked."""
        self.wait_for_line(question)
        self.type(f"{answer}\r")

    def hung_up(self) -> int:
        """Close the window, wait for the end of the program and return the exit code."""
        self._child.ptyproc.fileobj.close()
        self._child.ptyproc.closed = True
        return int(self._child.wait())

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        self._child.expect(pexpect.EOF)
        self._child.close()
        return int(self._child.exitstatus or 0)


@contextlib.contextmanager
def at_work(
    company: Company,
    folder: Path,
    username: str = "carla",
    *flags: str,
    size: Size = USUAL,
    environ: Mapping[str, str] = {},
    program: Sequence[str] = PROGRAM,
) -> Iterator[Terminal]:
    """The terminal of somebody of a company who is logged in already, at the first prompt."""
    login = ("--database", company.url, "--user", username)
    environ = {"CRM_PASSWORD": PASSWORD, **environ}
    with Terminal(folder, *login, *flags, size=size, environ=environ, program=program) as terminal:
        terminal.wait_for("Welcome")
        terminal.wait_for_line(">")
        yield terminal
