"""Asks for what a command lacks, one question a value, with the kind's own validation and completion."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer
from prompt_toolkit.formatted_text import FormattedText

from completers.line import BackgroundCompleter, ValueCompleter
from crmshell.commands import GRAMMAR
from crmshell.database import current, proxy, transaction
from crmshell.errors import Failure, Refused
from crmshell.language.declaration import AtName, Command, Parameter
from crmshell.language.reading import Reading
from crmshell.language.slots import Place, Slot
from crmshell.language.tokens import Sort, quoted
from crmshell.parameters import Secret
from crmshell.session import Session
from crmshell.shell.highlight import STYLE
from crmshell.text import safe

Say = Callable[[Failure], None]


class Asker:
    """Asks at the terminal. Ctrl-C and Ctrl-D raise KeyboardInterrupt and EOFError: the caller abandons the command."""

    def __init__(self, session: Session, complain: Say) -> None:
        self._session = session
        self._complain = complain
        self._prompts: PromptSession[str] = PromptSession(style=STYLE, complete_in_thread=False)
        self._hidden: PromptSession[str] | None = None

    def text(self, question: str, *, completer: Completer | None = None, default: str = "") -> str:
        """One line of text."""
        answer: str = self._prompts.prompt(
            FormattedText([("class:question", f"{safe(question)}: ")]),
            completer=completer,
            complete_while_typing=completer is not None,
            default=default,
            enable_history_search=False,
        )
        self._prompts.history.get_strings().clear()
        return answer

    def secret(self, question: str) -> str:
        """One line without an echo, on a prompt that has no history; a dumb terminal would echo prompt_toolkit's."""
        if os.environ.get("TERM") == "dumb":
            return getpass.getpass(f"{question}: ")
        if self._hidden is None:
            self._hidden = PromptSession(style=STYLE, is_password=True, enable_history_search=False)
        answer: str = self._hidden.prompt(FormattedText([("class:question", f"{question}: ")]), is_password=True)
        self._hidden = None
        return answer

    def new_secret(self, question: str) -> str:
        """A password that is being set, typed twice until both agree."""
        while True:
            first = self.secret(question)
            if first == self.secret("the same again"):
                return first
            self._complain(Refused("the two differ", hint="type both again"))

    def confirms(self, question: str) -> bool:
        """Whether the answer is yes; anything else is no."""
        return self.text(f"{question} [y/N]").strip().casefold() in {"y", "yes"}

    def complete(self, reading: Reading, command: Command) -> str:
        """The line with every value it lacks written into it, right after the words of the command."""
        place = reading.words[-1].end
        added = "".join(f" {option}" for option in self._answers(reading, command))
        return reading.line[:place] + added + reading.line[place:]

    def _answers(self, reading: Reading, command: Command) -> Iterator[str]:
        given = dict.fromkeys(argument.parameter.name for argument in reading.arguments)
        for parameter in command.parameters:
            if parameter.name in given or not (parameter.is_required or parameter.is_asked):
                continue
            value = self._value(parameter, command, reading)
            if value is not None:
                yield f"--{parameter.option} {value}"

    def _value(self, parameter: Parameter, command: Command, reading: Reading) -> str | None:
        """The answer as it is written in a line; None for an optional one that is left out."""
        while True:
            answer = self._ask(parameter, command, reading)
            if not answer.strip() and not parameter.is_required:
                return None
            try:
                self._check(parameter, answer)
            except Failure as failure:
                self._complain(failure)
                continue
            return answer if _is_name(parameter, answer) else quoted(answer)

    def _ask(self, parameter: Parameter, command: Command, reading: Reading) -> str:
        if isinstance(parameter.kind, Secret):
            question = parameter.option.replace("-", " ")
            return self.new_secret(question) if parameter.kind.is_new else self.secret(question)
        given = {argument.parameter.name: argument for argument in reading.arguments}
        slot = Slot(Place.VALUE, parameter=parameter, command=command, given=given)
        completer = BackgroundCompleter(ValueCompleter(GRAMMAR, self._session, slot))
        try:
            return self.text(_question(parameter), completer=completer)
        finally:
            completer.close()

    def _check(self, parameter: Parameter, answer: str) -> None:
        """Take the value as the command will, to complain now and not at the end."""
        text = AtName(answer[1:]) if _is_name(parameter, answer) else answer
        if proxy.obj is None or parameter.kind.is_secret:
            return
        with transaction(current(), writes=False):
            parameter.kind.take(text, self._session)


def _is_name(parameter: Parameter, answer: str) -> bool:
    return parameter.kind.takes_names and answer.startswith("@")


def _question(parameter: Parameter) -> str:
    name = parameter.option.replace("-", " ")
    if parameter.is_required:
        return f"{name} ({parameter.help})" if parameter.help else name
    default = f"default {parameter.default}" if parameter.default is not None else "Enter to leave it out"
    return f"{name} ({default})"


def has_place(reading: Reading) -> bool:
    """Whether a reading has words after which answers can be written."""
    return bool(reading.words) and reading.words[-1].sort is Sort.WORD
