"""The order of what is offered: used recently in this session, then prefix, then start of a word, then the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crmshell.text import fold

NEVER = 1_000_000  # the recency of what was not used in this session


@dataclass(frozen=True)
class Choice:
    """One entry of the menu: the value it stands for, what is shown of it, and what helps to choose.

    `is_literal` marks what is already written as the line wants it, such as an option or `@name`.
    """

    value: str
    meta: str = ""
    display: str = ""
    is_literal: bool = False
    recency: int = NEVER

    @property
    def shown(self) -> str:
        """What the menu shows."""
        return self.display or self.value


def ranked(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """The choices in order; those of one rank keep the order they came in."""
    wanted = fold(typed)
    return sorted(choices, key=lambda choice: (choice.recency, _rank(choice, wanted)))


def _rank(choice: Choice, wanted: str) -> int:
    """0 where the value or what is said of it begins so, 1 where a word in it does, 2 for the rest."""
    meta = fold(choice.meta)
    if meta.startswith(wanted) or fold(choice.shown).startswith(wanted):
        return 0
    return 1 if _begins_a_word(meta, wanted) else 2


def _begins_a_word(text: str, wanted: str) -> bool:
    place = text.find(wanted)
    while place > 0 and text[place - 1].isalnum():
        place = text.find(wanted, place + 1)
    return place >= 0


def starting(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Those of a short list that fit what was typed: by their beginning, or by the beginning of one of their parts."""
    wanted = fold(typed)
    return ranked((choice for choice in choices if _fits(choice.value, wanted)), typed)


def _fits(value: str, wanted: str) -> bool:
    folded = fold(value)
    parts = folded.lstrip("-").replace("-", " ").split()
    return folded.startswith(wanted) or any(part.startswith(wanted.lstrip("-")) for part in parts if wanted.strip("-"))
