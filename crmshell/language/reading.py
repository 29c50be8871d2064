"""`read` is the only parser: total and pure, it never raises, on any line, finished or not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from crmshell.errors import UsageError
from crmshell.language.declaration import Command, Parameter, Rest
from crmshell.language.expansion import PROGRAM, Expansion, Names, find_expansion
from crmshell.language.forms import Known, form_of
from crmshell.language.grammar import Grammar
from crmshell.language.redirection import Redirection, redirection
from crmshell.language.tokens import LONGEST_LINE, Sort, Token, is_too_long, tokenize
from crmshell.text import nearest, safe, shorten

HELP = "help"
NO_NAMES: Names = {}
_BLANK = frozenset({Sort.SPACE, Sort.COMMENT})


class Argument(NamedTuple):
    """A parameter and the token that holds its value; `raw` is set for one that takes the rest of the line."""

    parameter: Parameter
    token: Token
    raw: str | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Where the value stands in the line."""
        if self.raw is not None:
            return self.token.start, self.token.start + len(self.raw)
        return self.token.value_span if self.token.has_value else self.token.span


class Reading(NamedTuple):
    """All that a line says: its tokens, the command, the arguments, what is missing and what is wrong.

    `words` are the tokens that name the command. `open_option` is an option at the end of the line whose value
    is still to come. An empty line and a comment have no command and no fault. Where the first word stands for others,
    all this is about the line they make, and `expansion` knows what was typed.
    """

    line: str
    tokens: tuple[Token, ...]
    words: tuple[Token, ...] = ()
    command: Command | None = None
    arguments: tuple[Argument, ...] = ()
    missing: tuple[Parameter, ...] = ()
    faults: tuple[UsageError, ...] = ()
    wants_help: bool = False
    operator: Token | None = None
    open_option: Parameter | None = None
    redirection: Redirection | None = None
    expansion: Expansion | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to run."""
        return self.command is None and not self.faults and not self.wants_help

    @property
    def path(self) -> tuple[str, ...]:
        """The words that name the command, or as much of one as there is."""
        return tuple(token.text for token in self.words)

    def given(self, name: str) -> Argument | None:
        """The argument of a parameter, None where the line has none."""
        for argument in self.arguments:
            if argument.parameter.name == name:
                return argument
        return None


def read(line: str, grammar: Grammar, names: Names = NO_NAMES) -> Reading:
    """Read a line, whose first word may be one of `names`. What is wrong with it stands in `faults`, in its order."""
    expansion = find_expansion(line, names, grammar.nouns()) if names else None
    if expansion is not None:
        return read(expansion.line, grammar)._replace(expansion=expansion)
    tokens = tokenize(line)
    if is_too_long(line):
        return Reading(line, tokens, faults=(_too_long(line),))
    spoken = [token for token in tokens if token.sort not in _BLANK]
    form = form_of(spoken)
    known = grammar.forms.find(form)
    if known is not None:
        return _of_known_form(known, line, tokens, spoken)
    reading = _Reader(line, grammar, spoken).reading(tokens)
    if form is not None and reading.command is not None and _is_plain(reading):
        places = {token.start: place for place, token in enumerate(spoken)}
        words = tuple(places[word.start] for word in reading.words)
        arguments = tuple((argument.parameter, places[argument.token.start]) for argument in reading.arguments)
        grammar.forms.remember(form, Known(reading.command, words, arguments, reading.missing))
    return reading


def _of_known_form(known: Known, line: str, tokens: tuple[Token, ...], spoken: Sequence[Token]) -> Reading:
    """The same as the reader would find."""
    words = tuple([spoken[place] for place in known.words])
    arguments = tuple([Argument(parameter, spoken[place]) for parameter, place in known.arguments])
    return Reading(line, tokens, words, known.command, arguments, known.missing)


def _is_plain(reading: Reading) -> bool:
    """Whether every line of the same form reads the same way."""
    is_whole = not (reading.faults or reading.wants_help)
    return is_whole and all(argument.raw is None for argument in reading.arguments)


def missing_value(reading: Reading) -> UsageError | None:
    """The fault of a line that lacks a required value, for where nobody can be asked; None for a whole line."""
    if not reading.missing or reading.command is None:
        return None
    options = ", ".join(f"--{parameter.option}" for parameter in reading.missing)
    end = len(reading.line.rstrip())
    return UsageError(f"{reading.command.name} needs {options}", hint=f"usage: {reading.command.usage}").at((end, end))


class _Reader:
    """Walks once over the tokens that are neither blank nor comment."""

    def __init__(self, line: str, grammar: Grammar, tokens: list[Token]) -> None:
        self.line, self.grammar, self.tokens = line, grammar, tokens
        self.position = 0
        self.words: list[Token] = []
        self.command: Command | None = None
        self.by_name: dict[str, Argument] = {}
        self.arguments: list[Argument] = []
        self.loose: list[Token] = []
        self.faults: list[UsageError] = []
        self.wants_help = False
        self.operator: Token | None = None
        self.open_option: Parameter | None = None
        self.redirection: Redirection | None = None
        self.rest_of_line: Argument | None = None

    def reading(self, tokens: tuple[Token, ...]) -> Reading:
        self._skip_program_name()
        self._read_name()
        if self.command is not None:
            self._read_arguments(self.command)
            self._place_words(self.command)
            self._check(self.command)
        self._find_open_quote(tokens)
        self.faults.sort(key=lambda fault: fault.span or (0, 0))
        self.arguments.sort(key=_start)
        return Reading(
            self.line,
            tokens,
            tuple(self.words),
            self.command,
            tuple(self.arguments),
            self._missing(),
            tuple(self.faults),
            self.wants_help,
            self.operator,
            self.open_option,
            self.redirection,
        )

    def _next(self) -> Token | None:
        if self.position >= len(self.tokens):
            return None
        self.position += 1
        return self.tokens[self.position - 1]

    def _fault(self, span: tuple[int, int], message: str, hint: str = "") -> None:
        self.faults.append(UsageError(message, hint=hint).at(span))

    def _skip_program_name(self) -> None:
        if self.tokens and self.tokens[0].sort is Sort.WORD and self.tokens[0].raw == PROGRAM:
            self.position = 1

    def _read_name(self) -> None:
        noun = self._next()
        if noun is None:
            return
        if noun.sort is Sort.OPTION and noun.option == HELP and not noun.has_value:
            self.wants_help = True
            return
        if noun.sort is not Sort.WORD:
            self._fault(noun.span, f"a command begins with a word, not with {_shown(noun)}", self._nouns_hint())
            return
        self.words.append(noun)
        self.command = self.grammar.find(noun.text)
        if self.command is None or self._has_verb(noun):
            self._read_verb(noun)

    def _has_verb(self, noun: Token) -> bool:
        """Whether a noun that is a command by itself is followed by a word, which can only be one of its verbs."""
        following = self.tokens[self.position] if self.position < len(self.tokens) else None
        return following is not None and following.sort is Sort.WORD and bool(self.grammar.verbs(noun.text))

    def _read_verb(self, noun: Token) -> None:
        verb = self._next()
        if verb is not None and verb.sort is Sort.WORD:
            self._find_command(noun, verb)
            return
        verbs = self.grammar.verbs(noun.text)
        if not verbs:
            self._unknown_command((noun,))
        elif verb is not None and verb.sort is Sort.OPTION and verb.option == HELP and not verb.has_value:
            self.wants_help = True
        else:
            self._fault(noun.span, f"{noun.text} needs a verb", f"one of {', '.join(verbs)}")

    def _find_command(self, noun: Token, verb: Token) -> None:
        self.command = self.grammar.find(noun.text, verb.text)
        if self.command is None:
            self._unknown_command((noun, verb))
        else:
            self.words.append(verb)

    def _unknown_command(self, words: Sequence[Token]) -> None:
        verbs = self.grammar.verbs(words[0].text)
        known = self.grammar.nearest(*(word.text for word in words))
        if known is None and len(words) > 1 and not verbs:
            known = self.grammar.nearest(words[0].text)
        hint = f"did you mean `{known}`?" if known else self._nouns_hint()
        if verbs and not known:
            hint = f"{words[0].text} has the verbs {', '.join(verbs)}"
        at_fault = words if verbs else words[:1]
        if verbs and len(words) > 1:
            at_fault = words[1:]
        name = shorten(safe(" ".join(word.text for word in words)), 60)
        self._fault((at_fault[0].start, at_fault[-1].end), f"there is no command `{name}`", hint)

    def _nouns_hint(self) -> str:
        return "type help for the commands"

    def _read_arguments(self, command: Command) -> None:
        while (token := self._next()) is not None:
            taker = self._taker_of_next_word(command) if token.sort is Sort.WORD else None
            if taker is not None and taker.rest is Rest.WHOLE_LINE:
                self.rest_of_line = Argument(taker, token, self.line[token.start :].rstrip())
                return
            self._read_argument(command, token)

    def _taker_of_next_word(self, command: Command) -> Parameter | None:
        """The parameter that one more loose word would go to, if the line ended with it."""
        free = (parameter for parameter in command.positional if parameter.name not in self.by_name)
        return next(islice(free, len(self.loose), None), None)

    def _read_argument(self, command: Command, token: Token) -> None:
        if token.sort is Sort.WORD:
            self.loose.append(token)
        elif token.sort is Sort.OPTION:
            self._read_option(command, token)
        elif token.sort is Sort.OPERATOR:
            self._read_operator(command, token)
        elif token.sort is not Sort.END and token.sort is not Sort.RAW:
            self._fault(token.span, f"{_shown(token)} has no place here")

    def _read_operator(self, command: Command, token: Token) -> None:
        """Take the rest of the line for the place where the answer goes."""
        self.operator = token
        following, self.position = self.tokens[self.position :], len(self.tokens)
        if not command.shows:
            hint = f"write '{token.raw}' in quotes to mean the character"
            self._fault(token.span, f"{command.name} shows nothing that could go elsewhere", hint)
            return
        found = redirection(token, following)
        if isinstance(found, UsageError):
            self.faults.append(found)
        else:
            self.redirection = found

    def _read_option(self, command: Command, token: Token) -> None:
        if token.option == HELP and not token.has_value:
            self.wants_help = True
            return
        parameter = command.options.get(token.option)
        if parameter is None:
            self._unknown_option(command, token)
        elif parameter.is_switch:
            self._read_switch(parameter, token)
        else:
            self._read_value(parameter, token)

    def _unknown_option(self, command: Command, token: Token) -> None:
        known = nearest(token.option, list(command.options))
        hint = f"did you mean --{known}?" if known else f"usage: {command.usage}"
        span = (token.start, token.start + len(token.option) + 2)
        self._fault(span, f"{command.name} has no option --{shorten(safe(token.option), 40)}", hint)
        following = self.tokens[self.position] if self.position < len(self.tokens) else None
        if not token.has_value and following is not None and following.sort is Sort.WORD and not known:
            self.position += 1

    def _read_switch(self, parameter: Parameter, token: Token) -> None:
        if token.has_value:
            self._fault(token.value_span, f"--{parameter.option} takes no value", f"write --{parameter.option} alone")
        self._give(Argument(parameter, token))

    def _read_value(self, parameter: Parameter, token: Token) -> None:
        if token.has_value:
            self._give(Argument(parameter, token))
            return
        value = self.tokens[self.position] if self.position < len(self.tokens) else None
        if value is not None and value.sort is Sort.WORD:
            self.position += 1
            self._give(Argument(parameter, value))
            return
        if value is None:
            self.open_option = parameter
        usage = f"write {parameter.usage}"
        if value is not None and value.sort is Sort.OPTION:
            usage = f'{usage}, or --{parameter.option}="{_shown(value)}" if that is the value'
        self._fault(token.span, f"--{parameter.option} needs a value", usage)

    def _give(self, argument: Argument) -> None:
        name = argument.parameter.name
        if name in self.by_name and not argument.parameter.is_repeatable:
            self._fault(argument.token.span, f"--{argument.parameter.option} is given twice", "leave one of them out")
            return
        self.by_name[name] = argument
        self.arguments.append(argument)

    def _place_words(self, command: Command) -> None:
        free = [parameter for parameter in command.positional if parameter.name not in self.by_name]
        words = list(self.loose)
        for parameter in free:
            taken = words if parameter.rest is Rest.ALL_WORDS else words[:1]
            words = words[len(taken) :]
            for word in taken:
                self.by_name[parameter.name] = Argument(parameter, word)
                self.arguments.append(self.by_name[parameter.name])
        if words:
            self._too_many(command, words)
        if self.rest_of_line is not None:
            self.by_name[self.rest_of_line.parameter.name] = self.rest_of_line
            self.arguments.append(self.rest_of_line)

    def _too_many(self, command: Command, words: Sequence[Token]) -> None:
        names = {parameter.name for parameter in command.positional}
        last = [a for a in self.arguments if a.parameter.name in names and a.token.end < words[0].start]
        hint = f"usage: {command.usage}"
        if last and last[-1].token.sort is Sort.WORD and not last[-1].token.quote and not self._lacks_secret(command):
            together = self.line[last[-1].token.start : words[-1].end]
            hint = f'put a value with blanks in quotes: "{shorten(safe(together), 40)}"'
        self._fault((words[0].start, words[-1].end), f"{command.name} takes no more words", hint)

    def _lacks_secret(self, command: Command) -> bool:
        """Whether a word too many may be a password, which no message repeats."""
        return any(parameter.is_secret and parameter.name not in self.by_name for parameter in command.parameters)

    def _check(self, command: Command) -> None:
        for names in command.exclusive:
            both = [self.by_name[name] for name in names if name in self.by_name]
            both.sort(key=lambda argument: argument.token.start)
            if len(both) > 1:
                one, other = (f"--{argument.parameter.option}" for argument in both[:2])
                self._fault(both[1].token.span, f"{one} and {other} exclude each other", f"leave out {one} or {other}")
        if not self._missing() and not self.wants_help and not self.faults:
            self._check_needs_one(command)

    def _check_needs_one(self, command: Command) -> None:
        for group in command.groups_that_need_one:
            options = [parameter for parameter in command.parameters if _fills(parameter, group)]
            if not any(parameter.name in self.by_name for parameter in options):
                names = ", ".join(f"--{parameter.option}" for parameter in options)
                end = len(self.line.rstrip())
                self._fault((end, end), f"{command.name} changes nothing without a field", f"give one of {names}")

    def _missing(self) -> tuple[Parameter, ...]:
        if self.command is None or self.wants_help:
            return ()
        return tuple([p for p in self.command.required if p.name not in self.by_name])

    def _find_open_quote(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if not token.is_closed and not self._is_raw(token):
                span = (token.value_start, token.end)
                self._fault(span, f"the quote {token.quote} is never closed", f"end the value with {token.quote}")

    def _is_raw(self, token: Token) -> bool:
        return self.rest_of_line is not None and token.start >= self.rest_of_line.token.start


def _start(argument: Argument) -> int:
    return argument.token.start


def _fills(parameter: Parameter, group: str) -> bool:
    """Whether giving this option is giving the command something to change."""
    if parameter.group:
        return parameter.group == group
    return not (parameter.is_required or parameter.is_switch or parameter.is_common)


def _shown(token: Token) -> str:
    return shorten(safe(token.raw), 40)


def _too_long(line: str) -> UsageError:
    bytes_ = len(line.encode("utf-8", "surrogatepass"))
    message = f"the line is {bytes_} bytes long; the longest that is read is {LONGEST_LINE}"
    return UsageError(message, hint="break it into several commands").at((0, 0))
