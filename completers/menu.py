"""The entries of one menu: the first page is made at once, the rest when somebody goes down to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from prompt_toolkit.completion import Completion

PAGE = 20


class Menu:
    """The entries for one place in a line. To make one costs more than to find it, and most are never looked at."""

    def __init__(self, entries: Iterator[Completion]) -> None:
        self._made: list[Completion] = []
        self._rest = entries

    def __iter__(self) -> Iterator[Completion]:
        """All of them."""
        self._made += self._rest
        return iter(self._made)

    def first_page(self) -> list[Completion]:
        """Those that are shown at once."""
        self._made += islice(self._rest, max(0, PAGE - len(self._made)))
        return self._made[:PAGE]

    def rest(self) -> list[Completion]:
        """Those that come after the first page."""
        return list(self)[PAGE:]
