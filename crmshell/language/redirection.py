"""Where a line sends what it shows: into a file, or into a command of the user's own shell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmshell.errors import UsageError
from crmshell.language.tokens import PIPE, Sort, Token

OVERWRITE = ">!"


class Redirection(NamedTuple):
    """An operator and what follows it: the word that names a file, or the raw text of a command."""

    operator: Token
    target: Token

    @property
    def is_pipe(self) -> bool:
        """Whether it leads into a command."""
        return self.operator.raw == PIPE

    @property
    def overwrites(self) -> bool:
        """Whether the file may be there already."""
        return self.operator.raw == OVERWRITE

    @property
    def span(self) -> tuple[int, int]:
        """The operator and its target."""
        return self.operator.start, self.target.end


def redirection(operator: Token, following: Sequence[Token]) -> Redirection | UsageError:
    """What an operator and the tokens behind it say, blanks and comments left out; or what is wrong with them."""
    fault = next(_faults(operator, following), None)
    return fault or Redirection(operator, following[0])


def _faults(operator: Token, following: Sequence[Token]) -> Iterator[UsageError]:
    if not following or not following[0].raw.strip():
        yield _lacks_target(operator)
        return
    first, *others = following
    if operator.raw != PIPE and first.sort is not Sort.WORD:
        yield UsageError(f"{first.raw} is no name of a file", hint=_FILE_HINT).at(first.span)
    elif others:
        yield _too_much(others)


_FILE_HINT = "put the name in quotes to mean it"


def _lacks_target(operator: Token) -> UsageError:
    if operator.raw == PIPE:
        return UsageError("`|` needs a command", hint="such as: | grep -i acme").at(operator.span)
    return UsageError(f"`{operator.raw}` needs the name of a file", hint=f"such as: {operator.raw} unpaid.csv").at(
        operator.span
    )


def _too_much(others: Sequence[Token]) -> UsageError:
    span = others[0].start, others[-1].end
    if others[0].sort is Sort.OPERATOR:
        return UsageError("what is shown goes to one place", hint="leave one of the operators out").at(span)
    message = "the name of the file ends the line"
    return UsageError(message, hint="options stand before the `>`, a name with blanks in quotes").at(span)
