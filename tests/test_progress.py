"""A long script says how far it has come: a bar at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest

from crmshell import progress
from crmshell.output import Printer, Style
from crmshell.progress import Progress


class Stderr(io.StringIO):
    """What was written, as if at a terminal or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


class Watch:
    """A clock that goes on by so many seconds each time somebody looks."""

    def __init__(self, step: float) -> None:
        self.seconds, self._step = 0.0, step

    def monotonic(self) -> float:
        self.seconds += self._step
        return self.seconds


def told(lines: int, step: float, *, is_terminal: bool, is_on: bool = True) -> str:
    """What is said of so many lines of ten bytes, with so many seconds between two looks at the clock."""
    stderr = Stderr(is_terminal=is_terminal)
    style = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=None, height=0)
    printer = Printer(io.StringIO(), stderr, style)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "time", Watch(step))
        shown = Progress(total=lines * 10, is_on=is_on, stream=stderr, _begun=0.0, _told=0.0)
        for number in range(1, lines + 1):
            shown.tick(number * 10, printer)
        shown.end()
    return stderr.getvalue()


def test_a_terminal_has_a_bar_with_rate_and_time_left_that_goes_away() -> None:
    said = told(640, 1.0, is_terminal=True)
    assert "\r\x1b[2K 50% ██████████·········· 320 lines, 64 a second, 5 s left" in said
    assert said.endswith("\r\x1b[2K")
    assert "\n" not in said


def test_elsewhere_there_is_a_line_every_ten_seconds() -> None:
    said = told(6400, 1.0, is_terminal=False).splitlines()
    assert len(said) == 10
    assert said[4] == " 50% ██████████·········· 3 200 lines, 64 a second, 50 s left"


@pytest.mark.parametrize(("step", "is_on"), [(0.001, True), (1.0, False)])
def test_a_quick_script_and_a_quiet_one_say_nothing(step: float, is_on: bool) -> None:
    assert told(640, step, is_terminal=True, is_on=is_on) == ""
    assert told(640, step, is_terminal=False, is_on=is_on) == ""
