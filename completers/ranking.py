"""What a menu offers, and the order of short lists: what begins so, then what has a part that does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crmshell.text import fold


@dataclass(frozen=True)
class Choice:
    """One entry of the menu: the value it stands for, what is shown of it, and what helps to choose.

    `keeps` is the part of `meta` that is never cut: on a narrow screen what stands before it gives way. `is_literal`
    marks what is already written as the line wants it, such as an option or `@name`; `is_remark` what only says
    something and inserts nothing.
    """

    value: str
    meta: str = ""
    display: str = ""
    keeps: str = ""
    is_literal: bool = False
    is_remark: bool = False

    @property
    def shown(self) -> str:
        """What the menu shows."""
        return self.display or self.value


def starting(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Those of a short list that fit what was typed: by their beginning, or by the beginning of one of their parts."""
    wanted = fold(typed)
    fitting = [choice for choice in choices if _fits(choice.value, wanted)]
    return sorted(fitting, key=lambda choice: not fold(choice.value).startswith(wanted))


def _fits(value: str, wanted: str) -> bool:
    folded = fold(value)
    parts = folded.lstrip("-").replace("-", " ").split()
    return folded.startswith(wanted) or any(part.startswith(wanted.lstrip("-")) for part in parts if wanted.strip("-"))
