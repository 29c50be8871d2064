"""The order of what is offered: used recently in this session, then prefix, then start of a word, then the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crmshell.text import fold


@dataclass(frozen=True)
class Choice:
    """One entry of the menu: the value it stands for, what is shown of it, and what helps to choose.

    `is_literal` marks what is already written as the line wants it, such as an option or `@name`.
    """

    value: str
    meta: str = ""
    display: str = ""
    is_literal: bool = False
    recency: int = 1_000_000

    @property
    def shown(self) -> str:
        """What the menu shows."""
        return self.display or self.value


def ranked(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """The choices in order; those of one rank keep the order they came in."""
    wanted = fold(typed)
    return sorted(choices, key=lambda choice: (choice.recency, _rank(choice, wanted)))


def _rank(choice: Choice, wanted: str) -> int:
    if fold(choice.value).startswith(wanted):
        return 0
    words = fold(f"{choice.shown} {choice.meta}").split()
    return 1 if any(word.startswith(wanted) for word in words) else 2


def starting(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Those of a short list that fit what was typed: by their beginning, or by the beginning of one of their parts."""
    wanted = fold(typed)
    return ranked((choice for choice in choices if _fits(choice.value, wanted)), typed)


def _fits(value: str, wanted: str) -> bool:
    folded = fold(value)
    parts = folded.lstrip("-").replace("-", " ").split()
    return folded.startswith(wanted) or any(part.startswith(wanted.lstrip("-")) for part in parts if wanted.strip("-"))
