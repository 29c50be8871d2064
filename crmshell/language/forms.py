"""The forms of the lines that were read: a script has few, and a line of a known one is not walked through again.

A form is all that reading looks at: the first words, which name the command, the options, and where there are values.
What a value says is no part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmshell.language.expansion import PROGRAM
from crmshell.language.tokens import Sort, Token

if TYPE_CHECKING:
    from crmshell.language.declaration import Command, Parameter

_MOST = 1000
_NAMING = 2  # words that may name a command
Form = tuple[object, ...]


class Known(NamedTuple):
    """What was read in the lines of a form: the command, and the places of its words and arguments among the tokens."""

    command: Command
    words: tuple[int, ...]
    arguments: tuple[tuple[Parameter, int], ...]
    missing: tuple[Parameter, ...]


class Forms:
    """The forms that were read lately."""

    def __init__(self) -> None:
        self._known: dict[Form, Known] = {}

    def find(self, form: Form | None) -> Known | None:
        """What is known of a form."""
        return self._known.get(form) if form is not None else None

    def remember(self, form: Form, known: Known) -> None:
        """Know it from now on."""
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[form] = known


def form_of(tokens: Sequence[Token]) -> Form | None:
    """The form of a line of these tokens, blanks left out.

    None where it has operators, `--name=value`, open quotes, or the name of the program before its command.
    """
    if tokens and tokens[0].raw == PROGRAM:
        return None
    form: list[object] = [token.text for token in tokens[:_NAMING]]
    for sort, _start, _raw, _parts, option, value_start, _quote, is_closed in tokens:
        if sort is Sort.WORD and is_closed:
            form.append(None)
        elif sort is Sort.OPTION and value_start < 0:
            form.append(option)
        else:
            return None
    return tuple(form)
