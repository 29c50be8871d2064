"""What is wrong with a line while it is typed: only what typing on cannot mend."""

from __future__ import annotations

from collections.abc import Iterator

from crmshell.errors import Failure
from crmshell.language.expansion import Names
from crmshell.language.grammar import Grammar
from crmshell.language.reading import Argument, Reading
from crmshell.language.slots import Place, Slot, slot_at
from crmshell.parameters import Amount, Clearable, Count, Day, Moment, OneOf, Text, Username
from crmshell.redirecting import find_ending_fault
from crmshell.session import Session
from crmshell.shell.clauses import faults_of_clause

READ_AT_ONCE = (Amount, Count, Day, Moment, OneOf, Text, Username)
"""Kinds that need neither a database nor a slow import."""


class Validation:
    """Finds the faults of a line that is being typed, without a look at the database."""

    def __init__(self, grammar: Grammar, session: Session) -> None:
        self._grammar = grammar
        self._session = session

    def faults(self, reading: Reading, names: Names) -> list[Failure]:
        """Those that stay whatever is typed behind them, the syntax first."""
        lasting: list[Failure] = [fault for fault in reading.faults if not self._may_pass(fault, reading, names)]
        return lasting or list(self._of_values(reading)) or _of_ending(reading)

    def _may_pass(self, fault: Failure, reading: Reading, names: Names) -> bool:
        """Whether the fault is at the end of the line, where what is to come may mend it."""
        line, (start, end) = reading.line, fault.span or (0, 0)
        if end < len(line.rstrip()):
            return False
        slot = slot_at(line, len(line), self._grammar, names)
        if slot.place in {Place.NOUN, Place.VERB}:
            known = self._grammar.verbs(slot.noun) if slot.noun else (*self._grammar.nouns(), *names)
            return any(word.startswith(slot.typed) for word in known)
        if slot.place is Place.OPTION and _begins_an_option(slot):
            return True
        is_open = any(not token.is_closed for token in reading.tokens)
        return start == end or is_open or reading.open_option is not None or slot.place is Place.FILE

    def _of_values(self, reading: Reading) -> Iterator[Failure]:
        """The values that were finished and cannot be taken, and the beginnings of conditions that cannot be ended."""
        for argument in reading.arguments:
            if _is_literal(argument):
                yield from faults_of_clause(argument, reading, self._scope())
            if argument.token.end < len(reading.line) and _is_plain(argument):
                try:
                    argument.parameter.kind.take(argument.token.text, self._scope())
                except Failure as failure:
                    yield failure.at(argument.span)

    def _scope(self) -> Session:
        """A session to read values with, in which remarks are lost."""
        return Session(self._session.settings, self._session.clock)


def _of_ending(reading: Reading) -> list[Failure]:
    """The name of a file, once it is finished, that says no format."""
    fault = find_ending_fault(reading)
    is_finished = fault is not None and (fault.span or (0, 0))[1] < len(reading.line)
    return [fault] if fault is not None and is_finished else []


def _begins_an_option(slot: Slot) -> bool:
    """Whether there is a longer option than what was typed of one."""
    known = slot.command.options if slot.command is not None and slot.typed else ()
    return any(f"--{option}".startswith(slot.typed) for option in known if f"--{option}" != slot.typed)


def _is_plain(argument: Argument) -> bool:
    """Whether the value means the same before the line is run: no variable, no name, no record."""
    kind = argument.parameter.kind
    if isinstance(kind, Clearable):
        kind = kind.kind
    return isinstance(kind, READ_AT_ONCE) and _is_literal(argument)


def _is_literal(argument: Argument) -> bool:
    parts = argument.token.parts
    is_one = argument.raw is None and len(parts) == 1 and isinstance(parts[0], str)
    return is_one and argument.token.at_name is None
