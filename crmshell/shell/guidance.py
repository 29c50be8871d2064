"""What the toolbar says of the line that is being typed: what is wrong with it, or what is being filled in."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from prompt_toolkit.document import Document

from completers.lines import line_at
from crmshell.dispatch import find_forbidden
from crmshell.errors import Failure, Forbidden
from crmshell.language.declaration import Parameter
from crmshell.language.expansion import Names
from crmshell.language.grammar import Grammar
from crmshell.language.reading import Reading, read
from crmshell.language.slots import Place, Slot, slot_at
from crmshell.session import Session
from crmshell.shell.validation import Validation

FAULT, HELP = "class:bottom-toolbar.fault", "class:bottom-toolbar.help"


FaultOf = Callable[[str], Failure | None]


def _none(_text: str) -> None:
    return None


class Guidance:
    """Explains the place the cursor is in, from the language alone, so that no key waits for it.

    `find_judged` knows what completion found wrong beside the keys with the value at the end of a text.
    """

    def __init__(
        self, grammar: Grammar, session: Session, names: Callable[[], Names], find_judged: FaultOf = _none
    ) -> None:
        self._grammar = grammar
        self._session = session
        self._names = names
        self._validation = Validation(grammar, session)
        self._find_judged = find_judged
        self._explained = lru_cache(maxsize=8)(self._explain)

    def of(self, document: Document) -> tuple[str, str] | None:
        """The style and the text for the toolbar; None where there is nothing to say."""
        begin, line = line_at(document.text, document.cursor_position)
        role = self._session.employee.role if self._session.employee else ""
        if not line.strip():
            return None
        said = self._explained(line, document.cursor_position - begin, role)
        fault = self._find_judged(document.text) if document.is_cursor_at_the_end else None
        return said if fault is None or (said and said[0] == FAULT) else (FAULT, _told(fault))

    def _explain(self, line: str, cursor: int, _role: str) -> tuple[str, str] | None:
        names = self._names()
        reading = read(line, self._grammar, names)
        forbidden = self._find_forbidden(reading)
        if forbidden is not None:
            return FAULT, forbidden.message
        faults = self._validation.faults(reading, names)
        if faults:
            return FAULT, _told(faults[0])
        text = _help(slot_at(line, cursor, self._grammar, names))
        return (HELP, text) if text else None

    def _find_forbidden(self, reading: Reading) -> Forbidden | None:
        """Why the command that was typed, the blank behind it included, would be refused whatever follows."""
        command, employee = reading.command, self._session.employee
        is_typed = bool(reading.words) and reading.words[-1].end < len(reading.line)
        return find_forbidden(command, employee) if command and employee and is_typed else None


def _told(fault: Failure) -> str:
    return fault.message + (f" – {fault.hint}" if fault.hint else "")


def _help(slot: Slot) -> str:
    if slot.place is Place.FILE:
        return "the file to write: .csv .tsv .json .jsonl or .txt"
    if slot.place is Place.OPTION and slot.command is not None:
        begun = [known for known in slot.command.parameters if f"--{known.option}".startswith(slot.typed)]
        if slot.typed and len(begun) == 1:
            return f"{begun[0].option.replace('-', ' ')}: {begun[0].help}"
    if slot.parameter is not None:
        return _of_parameter(slot.parameter)
    return slot.command.summary if slot.command is not None else ""


def _of_parameter(parameter: Parameter) -> str:
    name = parameter.kind.word_name() or parameter.option
    return f"{name.lower().replace('-', ' ')}: {parameter.help}"
