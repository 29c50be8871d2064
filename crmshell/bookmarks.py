"""The names of records in a session, and what it takes to have those back that a rollback undoes."""

from __future__ import annotations

from collections import UserDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmshell.models.base import Record


class Bookmarks(UserDict[str, "tuple[type[Record], int]"]):
    """What each `@name` stands for: the model and the id.

    Between `mark` and `release` every change is remembered, at a cost that does not grow with the number of names.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changes: list[tuple[str, tuple[type[Record], int] | None]] = []
        self._marks = 0

    def __setitem__(self, name: str, named: tuple[type[Record], int]) -> None:
        self._note(name)
        super().__setitem__(name, named)

    def __delitem__(self, name: str) -> None:
        self._note(name)
        super().__delitem__(name)

    def _note(self, name: str) -> None:
        if self._marks:
            self._changes.append((name, self.data.get(name)))

    def mark(self) -> int:
        """Begin to remember; returns the place that `release` and `given_since` take."""
        self._marks += 1
        return len(self._changes)

    def given_since(self, mark: int) -> dict[str, tuple[type[Record], int]]:
        """The names that stand for something else than at this mark."""
        before: dict[str, tuple[type[Record], int] | None] = {}
        for name, named in self._changes[mark:]:
            before.setdefault(name, named)
        return {name: self.data[name] for name, named in before.items() if self.data.get(name, named) != named}

    def release(self, mark: int, *, undo: bool = False) -> None:
        """End what `mark` began; with `undo` every name stands again for what it stood for then."""
        if undo:
            for name, named in reversed(self._changes[mark:]):
                if named is None:
                    self.data.pop(name, None)
                else:
                    self.data[name] = named
        self._marks -= 1
        if not self._marks:
            self._changes.clear()
