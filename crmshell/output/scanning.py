"""How far a scan is: one line on a terminal's stderr that renews itself, and goes before the first row is shown."""

from __future__ import annotations

import time
from typing import TextIO

_PATIENCE = 1.0  # seconds
_BETWEEN = 0.2  # seconds


class ScanProgress:
    """Counts the records that were looked at; `is_drawn` is false where no line may renew itself."""

    def __init__(self, stream: TextIO, noun: str, *, is_drawn: bool) -> None:
        """Begin to wait: a short scan shows nothing."""
        self._stream, self._noun = stream, noun
        self._is_over, self._is_shown = not is_drawn, False
        self._due = time.monotonic() + _PATIENCE

    def tell(self, number: int) -> None:
        """Show how many there were, when it is time to."""
        if self._is_over or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _BETWEEN
        self._is_shown = True
        self._stream.write(f"\r\x1b[2K{number:,} {self._noun}s looked at; Ctrl-C stops".replace(",", " "))
        self._stream.flush()

    def end(self) -> None:
        """Take the line away, for good."""
        if self._is_shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
        self._is_over, self._is_shown = True, False
