"""Scripts and pipes: a line at a time, streamed, with one login, and nothing ever waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from crmshell.commands import GRAMMAR
from crmshell.dispatch import covered, run
from crmshell.errors import Failure, Interrupted, UsageError
from crmshell.faults import as_failure
from crmshell.language.declaration import Command
from crmshell.language.reading import Reading, read
from crmshell.language.tokens import LONGEST_LINE, continues
from crmshell.outcome import Farewell
from crmshell.output import Printer, Source
from crmshell.session import Session
from crmshell.text import plural


@dataclass(frozen=True)
class Line:
    """A logical line of a script; one that was continued begins at `number` and holds line feeds."""

    text: str
    file: str
    number: int
    fault: Failure | None = None


class Script(Protocol):
    """Where lines come from. `may_hold_secrets` is false for what the process list shows."""

    @property
    def may_hold_secrets(self) -> bool:
        """Whether only the caller can read them."""

    def lines(self) -> Iterator[Line]:
        """The logical lines, one after another, as they come."""


@dataclass(frozen=True)
class Words:
    """The lines of `-c`, or the words of the process as one line: other processes can read them."""

    texts: tuple[str, ...]
    may_hold_secrets: bool = False

    def lines(self) -> Iterator[Line]:
        """One line each."""
        for number, text in enumerate(self.texts, 1):
            yield Line(text, "-c" if len(self.texts) > 1 else "", number if len(self.texts) > 1 else 0)


@dataclass(frozen=True)
class Stream:
    """A script in bytes, read as it comes: UTF-8, with or without a byte order mark, CRLF or LF."""

    binary: BinaryIO
    name: str
    may_hold_secrets: bool = True

    def lines(self) -> Iterator[Line]:
        """Join the lines that a backslash continues."""
        pending, first = "", 0
        for number, raw in enumerate(_physical(self.binary), 1):
            text, fault = _decoded(raw, is_first=number == 1)
            first = first or number
            pending = f"{pending}\n{text}" if number > first else text
            if fault is None and continues(text) and len(pending) <= LONGEST_LINE:
                continue
            yield Line(pending, self.name, first, fault)
            pending, first = "", 0
        if first:
            yield Line(pending, self.name, first)


def _physical(binary: BinaryIO) -> Iterator[bytes]:
    """Lines of bytes; one that is too long to be read comes without its tail, so that memory stays flat."""
    limit = LONGEST_LINE + 8
    while raw := binary.readline(limit):
        yield raw
        while not raw.endswith(b"\n") and len(raw) == limit:
            raw = binary.readline(limit)


def _decoded(raw: bytes, *, is_first: bool) -> tuple[str, Failure | None]:
    encoding = "utf-8-sig" if is_first else "utf-8"
    line = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return line.decode(encoding), None
    except UnicodeDecodeError as error:
        text = line.decode(encoding, "replace")
        fault = UsageError(f"byte {error.start + 1} of the line is not UTF-8", hint="save the script as UTF-8")
        column = len(line[: error.start].decode(encoding, "replace"))
        return text, fault.at((column, column + 1))


@dataclass
class Tally:
    """How the lines of a script ended."""

    ok: int = 0
    failed: int = 0
    code: int = 0

    def fail(self, failure: Failure) -> None:
        """Count a failure; the exit code is that of the first."""
        self.failed += 1
        self.code = self.code or failure.code


@dataclass
class Batch:
    """One run of a script."""

    session: Session
    printer: Printer
    prepare: Callable[[Command | None], None]
    keep_going: bool = False
    may_confirm: bool = False

    def run(self, script: Script) -> int:
        """Run the lines until the first failure, or all of them, and return the exit code.

        Raises BrokenPipeError where nobody reads the answers any more.
        """
        tally = Tally()
        try:
            for line in script.lines():
                if not self._one(line, tally, may_hold_secrets=script.may_hold_secrets):
                    break
        except KeyboardInterrupt:
            self.printer.fail(Interrupted("interrupted", hint=self._kept(tally)))
            tally.code = Interrupted.code
        if self.keep_going and tally.ok + tally.failed > 1:
            self.printer.say(f"{tally.ok} ok, {tally.failed} failed")
        return tally.code

    def _one(self, line: Line, tally: Tally, *, may_hold_secrets: bool) -> bool:
        """Run one line; whether to go on with the next."""
        reading = read(line.text, GRAMMAR)
        try:
            self._check(line, reading, may_hold_secrets=may_hold_secrets)
            if not reading.wants_help:
                self.prepare(reading.command)
            outcome = run(reading, self.session, self.printer.show)
        except (BrokenPipeError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001  (one of the two places where errors end)
            failure = as_failure(error)
            self.printer.fail(failure, _source(line, reading))
            tally.fail(failure)
            return self.keep_going and not isinstance(failure, Interrupted)
        if outcome is not None:
            tally.ok += 1
        return not isinstance(outcome, Farewell)

    def _check(self, line: Line, reading: Reading, *, may_hold_secrets: bool) -> None:
        if line.fault is not None:
            raise line.fault
        if reading.faults:
            raise reading.faults[0]
        for argument in reading.arguments:
            if argument.parameter.is_secret and not may_hold_secrets:
                raise UsageError(
                    f"--{argument.parameter.option} would show in the list of processes",
                    hint="put the line into a script, or pipe it in; to log in use --password-file or CRM_PASSWORD",
                ).at(argument.span)
        command = reading.command
        if command and command.is_destructive and not self.may_confirm and not reading.wants_help:
            message = f"{command.name} asks before it does anything, and nobody can be asked here"
            raise UsageError(message, hint="start with --yes to confirm it").at(reading.words[0].span)

    @staticmethod
    def _kept(tally: Tally) -> str:
        return f"{plural(tally.ok, 'command')} before it took effect" if tally.ok else "nothing was changed"


def _source(line: Line, reading: Reading) -> Source:
    return Source(covered(reading), line.file, line.number)
