"""The shell at a keyboard that a test types on and a screen it reads, without a terminal between them."""

from __future__ import annotations

import ctypes
import io
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import Self
from zoneinfo import ZoneInfo

from prompt_toolkit.application import create_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import fragment_list_to_text
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.utils import get_cwidth

from crmshell.database import current
from crmshell.entrance import Entrance
from crmshell.output import Printer, Style
from crmshell.session import Session
from crmshell.shell import Shell
from tests.company import Company
from tests.keys import CTRL_C, CTRL_D, ENTER

PATIENCE = 20.0  # seconds


class _Screen(DummyOutput):
    """What prompt_toolkit draws, as text alone: after each drawing the lines that it changed, whole.

    It draws no cell that stands there already, so that what was written says little of what is on the screen.
    """

    def __init__(self, paper: io.StringIO) -> None:
        self._paper = paper
        self._rows: defaultdict[int, dict[int, str]] = defaultdict(dict)  # by line, the cells that are not empty
        self._changed: set[int] = set()
        self._column = self._row = 0

    def write(self, data: str) -> None:
        """Put characters where the cursor is; one that joins the one before it adds to that cell."""
        for char in data:
            if char == "\r":
                self._column = 0
            elif char == "\n":
                self._row += 1
            else:
                self._put(char, get_cwidth(char))

    def _put(self, char: str, width: int) -> None:
        cells = self._rows[self._row]
        if width == 0:
            char, self._column, width = cells.get(self._column - 1, "") + char, self._column - 1, 1
        cells[self._column] = char
        cells.update({self._column + more: "" for more in range(1, width)})
        self._changed.add(self._row)
        self._column += width

    def write_raw(self, data: str) -> None:
        """Leave out what acts on the terminal alone."""

    def cursor_forward(self, amount: int) -> None:
        """Move to the right."""
        self._column += amount

    def cursor_backward(self, amount: int) -> None:
        """Move to the left."""
        self._column -= amount

    def cursor_up(self, amount: int) -> None:
        """Move to a line above."""
        self._row -= amount

    def erase_end_of_line(self) -> None:
        """Empty the cells from the cursor on."""
        cells = self._rows[self._row]
        self._rows[self._row] = {column: char for column, char in cells.items() if column < self._column}
        self._changed.add(self._row)

    def erase_down(self) -> None:
        """Empty the cells from the cursor on, and all lines below."""
        self.erase_end_of_line()
        for row in [row for row in self._rows if row > self._row]:
            del self._rows[row]

    def flush(self) -> None:
        """Put down what has changed."""
        for row in sorted(self._changed):
            self._paper.write(f"{self._text(self._rows[row])}\n")
        self._changed.clear()

    def _text(self, cells: Mapping[int, str]) -> str:
        return "".join(cells.get(column, " ") for column in range(max(cells, default=-1) + 1))


class Keyboard:
    """A shell that runs in a thread while the test types.

    `expect` waits for a text behind the last one that was expected, so that a test reads like a session.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shell: Shell
        self._paper = io.StringIO()
        self._read = 0
        self._stack = ExitStack()
        self._ready = threading.Event()
        self._thread = ThreadPoolExecutor(1, "shell")

    @classmethod
    def of(cls, company: Company, username: str = "carla") -> Self:
        """The shell of somebody of a company who is logged in already."""
        return cls(company.session(username))

    def __enter__(self) -> Self:
        self._pipe = self._stack.enter_context(create_pipe_input())
        self._running = self._thread.submit(self._run)
        self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._running.done() and time.monotonic() < deadline:
            self._pipe.send_text(f"{CTRL_C}{CTRL_D}y{ENTER}")
            wait([self._running], 0.1)
        self._stack.close()
        self._thread.shutdown(wait=False)
        self._running.result(0)

    def _run(self) -> int:
        style = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=None, height=24)
        try:
            with create_app_session(input=self._pipe, output=_Screen(self._paper)) as self._terminal:
                printer = Printer(self._paper, self._paper, style)
                self.shell = Shell(self.session, Entrance(self.session, environ={}), printer)
                self._ready.set()
                return self.shell.run()
        finally:
            self._ready.set()
            if not current().is_closed():
                current().close()

    # The hands

    def type(self, keys: str) -> Self:
        """Press keys."""
        self._pipe.send_text(keys)
        return self

    def enter(self, line: str) -> Self:
        """Type a line and press Enter."""
        return self.type(line + ENTER)

    def interrupt(self) -> Self:
        """Press Ctrl-C while something runs: the thread of the shell is stopped as a signal would stop it."""
        for thread in threading.enumerate():
            if thread.name.startswith("shell") and thread.ident:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt)
                )
        return self

    def paste(self, text: str) -> Self:
        """Paste a text, as terminals with bracketed paste hand it over."""
        return self.type(f"\x1b[200~{text}\x1b[201~")

    def answer(self, question: str, answer: str) -> Self:
        """Answer a question once it is asked."""
        return self.expect(question).enter(answer)

    # The eyes

    def expect(self, text: str) -> Self:
        """Wait until the text comes, after what was expected before."""
        self.wait(lambda: text in self.unread, f"{text!r}")
        self._read = self.screen.index(text, self._read) + len(text)
        return self

    def wait(self, is_so: Callable[[], bool], what: str) -> Self:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, f"{what} did not come:\n{self.screen}"
            assert not self._running.done() or is_so(), f"the shell ended before {what}:\n{self.screen}"
            wait([self._running], 0.005)
        return self

    def wait_for_line(self, line: str) -> Self:
        """Wait until this is what stands at the prompt."""
        return self.wait(lambda: self.line == line, f"the line {line!r}")

    def complete(self, typed: str, says: str = "") -> Self:
        """Type, and wait until the menu for all of it has an entry that says so, however little of it is drawn anew."""
        self.type(typed)
        return self.wait(
            lambda: self.line.endswith(typed) and self._offers(says), f"a menu for {typed!r} with {says!r}"
        )

    def wait_for_menu(self, says: str = "") -> Self:
        """Wait until the menu has an entry that says so."""
        return self.wait(lambda: self._offers(says), f"a menu with {says!r}")

    def wait_for_no_menu(self) -> Self:
        """Wait until there is no menu."""
        return self.wait(lambda: not self.menu, "the end of the menu")

    @property
    def line(self) -> str:
        """What stands at the prompt, or of the answer to a question."""
        return self._buffer.text

    @property
    def menu(self) -> Sequence[str]:
        """What the menu shows of each entry, and what it says of it; empty where there is none."""
        state = self._buffer.complete_state
        return [f"{each.display_text} {each.display_meta_text}" for each in state.completions] if state else []

    def _offers(self, says: str) -> bool:
        return any(says in entry for entry in self.menu)

    @property
    def _buffer(self) -> Buffer:
        app = self._terminal.app
        return app.current_buffer if app is not None else self.shell._prompts.default_buffer

    @property
    def toolbar(self) -> str:
        """What stands below the prompt."""
        return fragment_list_to_text(self.shell._toolbar())

    def wait_for_toolbar(self, text: str) -> Self:
        """Wait until the toolbar says something."""
        return self.wait(lambda: text in self.toolbar, f"the toolbar {text!r}")

    @property
    def screen(self) -> str:
        """All that was ever shown."""
        return re.sub(r"\n\s*\n", "\n", self._paper.getvalue().replace("\r", ""))

    @property
    def unread(self) -> str:
        """What was shown after the last text that was expected."""
        return self.screen[self._read :]

    def ended(self) -> int:
        """Wait for the end of the shell and return its exit code."""
        return self._running.result(PATIENCE)
