"""Whether a line may hold a secret: such a line is neither kept in the history nor in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crmshell.language.grammar import Grammar
from crmshell.language.reading import Reading, read
from crmshell.language.tokens import names_a_secret

_ABOUT_LOGINS = "auth"


def may_hold_secret(reading: Reading, grammar: Grammar) -> bool:
    """Whether a password is given in a line or in one inside it, or may be among the words that have no place there."""
    if any(names_a_secret(token.option) for token in reading.tokens):
        return True
    takes_secrets = reading.command is not None and reading.command.takes_secrets
    if reading.faults and (takes_secrets or reading.path[:1] == (_ABOUT_LOGINS,)):
        return True
    return any(may_hold_secret(read(line, grammar), grammar) for line in _lines_inside(reading))


def _lines_inside(reading: Reading) -> Iterator[str]:
    """What is watched or looked for, what an alias or a view stands for, what is done for each record: all shorter."""
    for argument in reading.arguments:
        if argument.raw is not None and argument.parameter.kind.is_line:
            yield argument.raw
            yield reading.line.partition("=")[2]
            yield from re.split(r"\sdo\s", reading.line, maxsplit=1)[1:]
