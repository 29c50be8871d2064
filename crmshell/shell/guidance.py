"""What the toolbar says of the line that is being typed: what is wrong with it, or what is being filled in."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from prompt_toolkit.document import Document

from completers.lines import line_at
from crmshell.language.declaration import Grammar, Parameter
from crmshell.language.expansion import Names
from crmshell.language.reading import read
from crmshell.language.slots import Place, Slot, slot_at
from crmshell.session import Session
from crmshell.shell.validation import Validation

FAULT, HELP = "class:bottom-toolbar.fault", "class:bottom-toolbar.help"


class Guidance:
    """Explains the place the cursor is in; from the language alone, so that no key waits for it."""

    def __init__(self, grammar: Grammar, session: Session, names: Callable[[], Names]) -> None:
        self._grammar = grammar
        self._names = names
        self._validation = Validation(grammar, session)
        self._explained = lru_cache(maxsize=8)(self._explain)

    def of(self, document: Document) -> tuple[str, str] | None:
        """The style and the text for the toolbar; None where there is nothing to say."""
        begin, line = line_at(document.text, document.cursor_position)
        return self._explained(line, document.cursor_position - begin) if line.strip() else None

    def _explain(self, line: str, cursor: int) -> tuple[str, str] | None:
        names = self._names()
        faults = self._validation.faults(read(line, self._grammar, names), names)
        if faults:
            hint = f" – {faults[0].hint}" if faults[0].hint else ""
            return FAULT, faults[0].message + hint
        text = _help(slot_at(line, cursor, self._grammar, names))
        return (HELP, text) if text else None


def _help(slot: Slot) -> str:
    if slot.place is Place.FILE:
        return "the file to write: .csv .tsv .json .jsonl or .txt"
    if slot.parameter is not None:
        return _of_parameter(slot.parameter)
    return slot.command.summary if slot.command is not None else ""


def _of_parameter(parameter: Parameter) -> str:
    name = parameter.kind.word_name() or parameter.option
    return f"{name.lower().replace('-', ' ')}: {parameter.help}"
