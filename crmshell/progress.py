"""How far a long batch has come: a line that renews itself at a terminal, one every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

from crmshell.output import Printer

_LINES_BETWEEN_LOOKS = 64
_SECONDS_AT_A_TERMINAL = 0.5
_SECONDS_ELSEWHERE = 10.0
_PATIENCE = 2.0


@dataclass
class Progress:
    """Counts lines; `total` is the script's size in bytes, 0 where it is not known; `is_on` is false with --quiet.

    `offset` is what was read before the script began, where it runs more than once.
    """

    total: int = 0
    is_on: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    lines: int = 0
    offset: int = 0
    _begun: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)
    _is_drawn: bool = False

    def tick(self, position: int, printer: Printer) -> None:
        """Count a line that ends at this byte, and tell of it when it is time to."""
        self.lines += 1
        if not self.is_on or self.lines % _LINES_BETWEEN_LOOKS:
            return
        now = time.monotonic()
        at_terminal = self.stream.isatty()
        wait = _SECONDS_AT_A_TERMINAL if at_terminal else _SECONDS_ELSEWHERE
        if now - self._told < wait or now - self._begun < _PATIENCE:
            return
        self._told = now
        if at_terminal:
            self.stream.write(f"\r\x1b[2K{self._sentence(position, now)}")
            self.stream.flush()
            self._is_drawn = True
        else:
            printer.say(self._sentence(position, now))

    def clear(self) -> None:
        """Take the line away before something else is written."""
        if self._is_drawn:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
            self._is_drawn = False

    end = clear

    def _sentence(self, position: int, now: float) -> str:
        seconds = now - self._begun
        rate = f"{_grouped(self.lines)} lines, {_grouped(self.lines / seconds)} a second"
        if not self.total:
            return rate
        share = min((self.offset + position) / self.total, 1.0)
        left = seconds / share - seconds if share else 0
        bar = "█" * round(share * 20)
        return f"{share:4.0%} {bar:·<20} {rate}, {left:.0f} s left"


def _grouped(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")
