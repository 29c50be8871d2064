"""Asks for what a command lacks, one question a value, with the kind's own validation and completion."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import DummyHistory

from completers.background import BackgroundCompleter
from completers.line import ValueCompleter
from crmshell.commands import GRAMMAR
from crmshell.database import current, proxy, transaction
from crmshell.errors import Failure, Interrupted, Refused, StoreError
from crmshell.language.binding import text_of
from crmshell.language.declaration import AtName, Command, Parameter
from crmshell.language.reading import Reading, read
from crmshell.language.slots import Place, Slot
from crmshell.language.tokens import quoted
from crmshell.models.base import Record
from crmshell.parameters import Secret
from crmshell.passwords import check_strength
from crmshell.session import Session
from crmshell.shell.answers import find_fault, find_slow_fault
from crmshell.shell.dumb import ask_without_echo, is_dumb, plain_where_dumb
from crmshell.shell.guidance import FAULT, FaultOf
from crmshell.shell.highlight import STYLE
from crmshell.shell.keys import answer_bindings
from crmshell.shell.look import Look
from crmshell.shell.unforeseen import tell_unforeseen
from crmshell.text import safe, shorten

Say = Callable[[Failure], None]
Check = Callable[[str], object]


class Asker:
    """Asks at the terminal. Ctrl-C and Ctrl-D raise KeyboardInterrupt and EOFError: the caller abandons the command.

    `watch` is called as each question begins.
    """

    def __init__(self, session: Session, complain: Say, watch: Callable[[], None], look: Look) -> None:
        self._session = session
        self._complain = complain
        self._watch = watch
        self._look = look

    def text(
        self,
        question: str,
        *,
        completer: Completer | None = None,
        find_fault: FaultOf | None = None,
        to_correct: str = "",
    ) -> str:
        """One line of text; what `find_fault` says of it is named below it while it is typed.

        What was answered before and is `to_correct` stands there already, but on a terminal that cannot edit it.
        """
        default = "" if is_dumb() else to_correct
        return self._prompt(question, completer=completer, is_password=False, find_fault=find_fault, default=default)

    def secret(self, question: str) -> str:
        """One line that is not shown."""
        if is_dumb():
            return ask_without_echo(question)
        return self._prompt(question, completer=None, is_password=True)

    def _prompt(
        self,
        question: str,
        *,
        completer: Completer | None,
        is_password: bool,
        find_fault: FaultOf | None = None,
        default: str = "",
    ) -> str:
        """Ask on a prompt of its own: nothing of an answer is left in the history of another."""
        with plain_where_dumb():
            prompts: PromptSession[str] = PromptSession(
                style=STYLE,
                color_depth=self._look.colour_depth,
                history=DummyHistory(),
                key_bindings=answer_bindings(),
                is_password=is_password,
            )
        if isinstance(completer, BackgroundCompleter):
            completer.follow(prompts.default_buffer)
        return prompts.prompt(
            FormattedText([("class:question", f"{safe(question)}: ")]),
            default=default,
            completer=completer,
            complete_while_typing=completer is not None,
            pre_run=self._begin if completer is None else self._open_menu,
            set_exception_handler=False,
            bottom_toolbar=partial(self._toolbar, find_fault, prompts.default_buffer) if find_fault else None,
        )

    def _toolbar(self, find_fault: FaultOf, buffer: Buffer) -> FormattedText:
        """What is wrong with the answer so far; nothing where it may become right."""
        fault = find_fault(buffer.text)
        text = safe(f" {fault.message}{f' – {fault.hint}' if fault.hint else ''}") if fault else ""
        return FormattedText([(FAULT, shorten(text, get_app().output.get_size().columns))])

    def _begin(self) -> None:
        tell_unforeseen(self._complain)
        self._watch()

    def _open_menu(self) -> None:
        """Show what may be answered before a key is pressed."""
        self._begin()
        get_app().current_buffer.start_completion()

    def valid(self, question: str, check: Check) -> str:
        """One line of text, asked for again until `check` raises no Failure."""
        return self._until_valid(lambda answer: self.text(question, to_correct=answer), check)

    def new_secret(self, question: str, check: Check) -> str:
        """A password that is being set: a good one, typed twice until both agree."""
        while True:
            first = self._until_valid(lambda _answer: self.secret(question), check)
            if first == self.secret("the same again"):
                return first
            self._complain(Refused("the two differ", hint="type both again"))

    def _until_valid(self, ask: Callable[[str], str], check: Check) -> str:
        """The first answer that raises no Failure; `ask` is given the one before, to be corrected."""
        answer = ""
        while True:
            answer = ask(answer)
            try:
                check(answer)
            except (StoreError, Interrupted):  # no other answer would help
                raise
            except Failure as failure:
                self._complain(failure)
            else:
                return answer

    def confirms(self, question: str) -> bool:
        """Whether the answer is yes; anything else is no."""
        return self.text(f"{question} [y/N]").strip().casefold() in {"y", "yes"}

    def complete(self, reading: Reading, command: Command, *, but: str = "") -> Reading:
        """The same line with every value it lacks written into it, right after the words of the command.

        The parameter named by `but` is not asked for yet.
        """
        place = reading.words[-1].end
        for parameter in command.parameters:
            is_wanted = (parameter.is_required or parameter.is_asked) and parameter.name != but
            if reading.given(parameter.name) or not is_wanted:
                continue
            value = self._value(parameter, command, reading)
            if value is not None:
                option = f" --{parameter.option} {value}"
                reading = read(reading.line[:place] + option + reading.line[place:], GRAMMAR)
                place += len(option)
        return reading

    def _value(self, parameter: Parameter, command: Command, reading: Reading) -> str | None:
        """The answer as it is written in a line; None for an optional one that is left out."""
        if isinstance(parameter.kind, Secret):
            return quoted(self._secret_value(parameter.option.replace("-", " "), parameter.kind))
        answer = self._until_valid(
            lambda before: self._completed(parameter, command, reading, before),
            lambda answer: self._check(parameter, answer),
        )
        if _is_left_out(parameter, answer):
            return None
        return answer if _is_name(parameter, answer) else quoted(answer)

    def _secret_value(self, question: str, kind: Secret) -> str:
        if not kind.is_new:
            return self.secret(question)
        return self.new_secret(question, lambda password: check_strength(password, "", ""))

    def _completed(self, parameter: Parameter, command: Command, reading: Reading, to_correct: str) -> str:
        given = {argument.parameter.name: argument for argument in reading.arguments}
        slot, kind = Slot(Place.VALUE, parameter=parameter, command=command, given=given), parameter.kind
        values = ValueCompleter(GRAMMAR, self._session, slot, partial(find_slow_fault, session=self._session))
        completer = BackgroundCompleter(values)

        def fault_of(typed: str) -> Failure | None:
            return find_fault(kind, typed, self._session) or values.fault_of(typed)

        try:
            question = _question(parameter)
            return self.text(question, completer=completer, find_fault=fault_of, to_correct=to_correct)
        finally:
            completer.close()

    def _check(self, parameter: Parameter, answer: str) -> None:
        """Take the value as the command will, to complain now and not at the end."""
        if proxy.obj is None or _is_left_out(parameter, answer):
            return
        text = AtName(answer[1:]) if _is_name(parameter, answer) else answer
        with transaction(current(), writes=False):
            parameter.kind.take(text, self._session)


def confirmation(reading: Reading, command: Command, session: Session) -> str:
    """The question whether to go on, with the records themselves whatever they were called in the line, if any."""
    given = (reading.given(parameter.name) for parameter in command.parameters if parameter.is_required)
    required = [argument for argument in given if argument is not None]
    with transaction(current(), writes=False):
        taken = [each.parameter.kind.take(text_of(each, session), session) for each in required]
        titles = [value.title for value in taken if isinstance(value, Record)]
    return f"{command.path[-1]} {', '.join(titles)}?" if titles else "go on?"


def _is_name(parameter: Parameter, answer: str) -> bool:
    return parameter.kind.takes_names and answer.startswith("@")


def _is_left_out(parameter: Parameter, answer: str) -> bool:
    return not (parameter.is_required or answer.strip())


def _question(parameter: Parameter) -> str:
    name = parameter.option.replace("-", " ")
    if parameter.is_required:
        return f"{name} ({parameter.help})" if parameter.help else name
    default = f"default {parameter.default}" if parameter.default is not None else "Enter to leave it out"
    return f"{name} ({default})"
