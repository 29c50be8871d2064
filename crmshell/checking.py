"""`--check`: reads a whole script, without a database, and reports every fault it can have by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crmshell.commands import GRAMMAR
from crmshell.dispatch import covered
from crmshell.errors import Failure, UsageError
from crmshell.language.binding import text_of
from crmshell.language.declaration import Mode
from crmshell.language.reading import Argument, Reading, missing_value, read
from crmshell.output import Printer, Source
from crmshell.parameters import NewName
from crmshell.records import Pick
from crmshell.restrictions import static_fault
from crmshell.script import Line, Script, open_script
from crmshell.session import RESERVED_NAMES, Session
from crmshell.text import plural, safe


def check(
    script: Script, printer: Printer, *, may_confirm: bool, may_redirect: bool, variables: Mapping[str, str]
) -> int:
    """Report the faults of all lines and return the exit code: 0 where there are none."""
    checker = _Checker(variables, may_confirm, may_redirect)
    for line, reading, fault in checker.faults(script):
        printer.fail(fault, Source(covered(reading), line.file, line.number))
    printer.say(f"{plural(checker.lines, 'command')}, {plural(checker.found, 'fault')}")
    return UsageError.code if checker.found else 0


@dataclass
class _Checker:
    """What is known so far: the names that lines above have given, by the kind of record."""

    variables: Mapping[str, str]
    may_confirm: bool
    may_redirect: bool
    names: dict[str, str] = field(default_factory=dict)
    lines: int = 0
    found: int = 0

    def faults(self, script: Script, depth: int = 0) -> Iterator[tuple[Line, Reading, Failure]]:
        """Every fault with its line, in order; scripts that are named by `source` are read too."""
        for line in script.lines():
            reading = read(line.text, GRAMMAR)
            self.lines += not reading.is_empty
            for fault in self._of_line(line, reading, script):
                self.found += 1
                yield line, reading, fault
            if reading.path == ("source",) and not reading.faults and not reading.missing:
                yield from self._sourced(line, reading, script, depth)
            self._learn(reading)

    def _of_line(self, line: Line, reading: Reading, script: Script) -> Iterator[Failure]:
        if line.fault is not None:
            yield line.fault
            return
        if reading.faults:
            yield from reading.faults
            return
        fault = static_fault(
            reading,
            may_hold_secrets=script.may_hold_secrets,
            may_confirm=self.may_confirm,
            may_redirect=self.may_redirect,
        )
        missing = missing_value(reading)
        yield from (found for found in (fault, missing) if found is not None)
        for argument in reading.arguments:
            yield from self._of_argument(argument)

    def _of_argument(self, argument: Argument) -> Iterator[Failure]:
        name = argument.token.at_name if argument.token.has_value and argument.raw is None else None
        try:
            if name is not None:
                self._check_name(name, argument)
            elif argument.token.has_value:
                _check_text(text_of(argument, _Variables(self.variables)), argument)
        except Failure as failure:
            yield failure.at(argument.span)

    def _check_name(self, name: str, argument: Argument) -> None:
        base = name.partition(".")[0]
        if base not in self.names:
            raise UsageError(f"@{safe(base)} is not defined here", hint="give it with --as on a line above")
        kind = argument.parameter.kind
        if isinstance(kind, Pick) and "." not in name and self.names[base] != kind.model.noun:
            raise UsageError(f"@{base} is of the kind {self.names[base]}, not {kind.model.noun}", hint="name another")

    def _sourced(
        self, line: Line, reading: Reading, script: Script, depth: int
    ) -> Iterator[tuple[Line, Reading, Failure]]:
        argument = reading.arguments[0]
        try:
            if depth == _DEEPEST:
                message = f"{safe(argument.token.text)} is sourced in a loop"
                raise UsageError(message, hint="take one of the source lines out")
            other = open_script(script.folder / text_of(argument, _Variables(self.variables)))
        except Failure as failure:
            self.found += 1
            yield line, reading, failure.at(argument.span)
            return
        yield from self.faults(other, depth + 1)

    def _learn(self, reading: Reading) -> None:
        """Take note of the names that a line gives when it works."""
        command = reading.command
        if command is None or command.mode not in {Mode.READS, Mode.WRITES}:
            return
        if command.path[0] in RESERVED_NAMES:
            self.names[command.path[0]] = command.path[0]
        argument = reading.given("as_")
        if command.creates and argument is not None:
            self.names[argument.token.text] = command.path[0]


_DEEPEST = 16


@dataclass(frozen=True)
class _Variables:
    """The only scope there is without a database."""

    variables: Mapping[str, str]

    def text_of(self, name: str) -> str:
        """Never asked: names are checked before."""
        raise UsageError(f"@{safe(name)} is not defined here", hint="give it with --as on a line above")


def _check_text(text: str, argument: Argument) -> None:
    """Read a value that means the same without a database, such as a name or one of a few words."""
    if isinstance(argument.parameter.kind, NewName):
        argument.parameter.kind.take(text, Session())
