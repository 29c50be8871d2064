"""The names of records in a session, and what it takes to have those back that a rollback undoes."""

from __future__ import annotations

from collections import UserDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmshell.models.base import Record


class Bookmarks(UserDict[str, "tuple[type[Record], int]"]):
    """What each `@name` stands for: the model and the id.

    From `mark` until `release` or `go_back` it is remembered what each name stood for, at a cost that grows with the
    names that are given in between, however often, and not with those that there are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[int, dict[str, tuple[type[Record], int] | None]] = {}
        self._marks = 0

    def __setitem__(self, name: str, named: tuple[type[Record], int]) -> None:
        self._note(name)
        super().__setitem__(name, named)

    def __delitem__(self, name: str) -> None:
        self._note(name)
        super().__delitem__(name)

    def _note(self, name: str) -> None:
        for before in self._before.values():
            if name not in before:
                before[name] = self.data.get(name)

    def standing(self) -> dict[str, tuple[type[Record], int]]:
        """What every name stands for now; another thread may ask while names are given."""
        return self.data.copy()

    def mark(self) -> int:
        """Begin to remember; returns the mark that `release`, `go_back` and `given_since` take."""
        self._marks += 1
        self._before[self._marks] = {}
        return self._marks

    def given_since(self, mark: int) -> dict[str, tuple[type[Record], int]]:
        """The names that stand for something else than at this mark."""
        before = self._before[mark]
        return {name: self.data[name] for name, named in before.items() if self.data.get(name, named) != named}

    def release(self, mark: int) -> None:
        """End what `mark` began; every name stands for what it stands for now."""
        del self._before[mark]

    def go_back(self, mark: int) -> None:
        """End what `mark` began; every name stands again for what it stood for then."""
        for name, named in self._before.pop(mark).items():
            if named is None:
                self.pop(name, None)
            else:
                self[name] = named
