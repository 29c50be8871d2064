"""How far a scan is: one line on a terminal's stderr that renews itself, and goes before the first row is shown."""

from __future__ import annotations

import time
from typing import TextIO

from crmshell.text import plural_of

_PATIENCE = 1.0  # seconds
_BETWEEN = 0.2  # seconds


class ScanProgress:
    """Counts the records that were `done`; `is_drawn` is false where no line may renew itself."""

    def __init__(self, stream: TextIO, noun: str, *, is_drawn: bool, done: str = "looked at") -> None:
        """Begin to wait: what is soon done shows nothing."""
        self._stream, self._noun, self._done = stream, noun, done
        self._is_over, self._is_shown = not is_drawn, False
        self._due = time.monotonic() + _PATIENCE

    def tell(self, number: int) -> None:
        """Show how many there were, when it is time to."""
        if self._is_over or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _BETWEEN
        self._is_shown = True
        self._stream.write(f"\r\x1b[2K{number:,} {plural_of(self._noun)} {self._done}; Ctrl-C stops".replace(",", " "))
        self._stream.flush()

    def end(self) -> None:
        """Take the line away, for good."""
        if self._is_shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
        self._is_over, self._is_shown = True, False
