"""What a saved view may be, and how it becomes the list it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from crmshell.access import EVERYONE, Role
from crmshell.errors import Failure, Refused, UsageError
from crmshell.language.binding import bind
from crmshell.language.declaration import Command, Mode
from crmshell.language.grammar import Grammar
from crmshell.language.reading import Reading, read
from crmshell.language.tokens import Sort, Variable, tokenize
from crmshell.listing import Listing, ListingOptions
from crmshell.models.base import Record
from crmshell.models.conditions import Field
from crmshell.models.view import View
from crmshell.outcome import Kind, Rows
from crmshell.parameters import Anything
from crmshell.session import Session
from crmshell.text import find_control, safe, shorten

IT = "it"
"""Stands for each record of a view: `@it`, `@it.field`."""

_DO = "do"
_GIVEN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


class ViewName(Anything):
    """The name of a view, one that is there or one that is being given."""

    metavar = "VIEW"

    def word_name(self) -> str | None:
        """Its own name."""
        return self.metavar


class Given(Anything):
    """A parameter of a view: `since=-30d`."""

    metavar = "NAME=VALUE"

    def word_name(self) -> str | None:
        """Its own name."""
        return self.metavar

    def take(self, text: str, scope: Session) -> tuple[str, str]:  # type: ignore[override]  # noqa: ARG002
        """Name and value."""
        match = _GIVEN.fullmatch(text)
        if match is None:
            message = f"{shorten(safe(text), 40)} gives no parameter a value"
            raise UsageError(message, hint="NAME=VALUE, such as since=-30d")
        return match[1], match[2]


def check_line(line: str, grammar: Grammar) -> None:
    """Refuse a line that is no list, could not run, or holds what no database keeps."""
    control = find_control(line.replace("\t", " "))
    if control is not None:
        raise Refused(f"the line has a control character in it, {safe(control)}", hint="type it without that character")
    reading = read(line, grammar)
    if reading.faults:
        raise type(reading.faults[0])(reading.faults[0].message, hint=reading.faults[0].hint)
    command = reading.command
    if command is None or _group_of(command) is None or command.by != EVERYONE or reading.wants_help:
        message = "a view stands for a list"
        raise UsageError(message, hint="view save NAME = contract list …, customer list …, event list …")
    if reading.missing:
        raise UsageError(f"{command.name} needs --{reading.missing[0].option}", hint=f"usage: {command.usage}")
    if reading.redirection is not None or reading.given("format_") is not None:
        message = "a view says what is listed, not where to or in which format"
        raise UsageError(message, hint="add that when it is run")


def parameters_of(line: str, grammar: Grammar) -> list[str]:
    """The names of the parameters of a view, in their order."""
    parts = [part for argument in read(line, grammar).arguments for part in argument.token.parts]
    return list(dict.fromkeys(part.name for part in parts if isinstance(part, Variable)))


class Opened(NamedTuple):
    """A view that is about to be run: its command and the values that it takes."""

    view: View
    command: Command
    values: dict[str, Any]

    @classmethod
    def of(cls, view: View, given: Mapping[str, str], session: Session, grammar: Grammar) -> Opened:
        """Read the line of a view with these parameters; raises the Failure of what is wrong with it today."""
        reading = read(str(view.line), grammar)
        if reading.faults or reading.command is None:
            why = reading.faults[0].message if reading.faults else "there is no such command"
            message = f"{view.title} can no longer be read: {why}"
            raise Refused(message, hint=f"save it again: view save {view.name} = …")
        _check_given(view, given, session, grammar)
        with _variables(session, given):
            return cls(view, reading.command, _bound(reading, reading.command, session, view))

    @property
    def listing(self) -> Listing[Any]:
        """What its line asks for."""
        group = _group_of(self.command)
        listing: Listing[Any] = self.values[str(group)]
        return listing

    @property
    def model(self) -> type[Record]:
        """The kind of record it lists."""
        return self.listing.model

    def rows(self, session: Session) -> Rows:
        """The list."""
        values = {name: value for name, value in self.values.items() if name != "format_"}
        if self.command.takes_session:
            values["session"] = session
        rows: Rows = self.command.function(**values)
        return rows

    def ids(self, session: Session) -> list[int]:
        """The keys of its records, in its order."""
        listing = self.listing
        if listing.count or listing.total or listing.group_by:
            message = f"{self.view.title} shows sums, not records"
            raise Refused(message, hint="save one without --count, --total and --group-by")
        listing.columns = (Field("id", self.model.id, Kind.NUMBER),)
        return [int(str(row[0])) for row in self.rows(session).rows]


def split_doing(line: str, session: Session) -> tuple[dict[str, str], str]:
    """What follows the view of a `for`: values for its parameters, then `do` and the command, which is returned.

    Raises UsageError for anything else.
    """
    given: list[tuple[str, str]] = []
    for token in tokenize(line):
        if token.raw == _DO and line[token.end :].strip():
            return dict(given), line[token.end :].strip()
        if token.sort is not Sort.SPACE:
            if token.sort is not Sort.WORD or not _GIVEN.fullmatch(token.text):
                break
            given.append(Given().take(token.expanded(session.variables), session))
    message = "the view is followed by do and a command"
    raise UsageError(message, hint="for VIEW do contract update @it --total-amount 1200")


def _check_given(view: View, given: Mapping[str, str], session: Session, grammar: Grammar) -> None:
    """Refuse parameters that are missing or strange."""
    wanted = parameters_of(str(view.line), grammar)
    missing = [name for name in wanted if name not in given and name not in session.variables]
    if missing:
        example = " ".join(f"{name}=…" for name in missing)
        raise UsageError(f"{view.title} needs {', '.join(missing)}", hint=f"view run {view.name} {example}")
    strange = [name for name in given if name not in wanted]
    if strange:
        hint = f"it has {', '.join(wanted)}" if wanted else "it has none"
        if f"${strange[0]}" in str(view.line):
            hint = f"between single quotes ${strange[0]} is plain text: save the view with double quotes"
        raise UsageError(f"{view.title} has no parameter {strange[0]}", hint=hint)


def _bound(reading: Reading, command: Command, session: Session, view: View) -> dict[str, Any]:
    try:
        return bind(reading, command, session)
    except Failure as failure:
        said = type(failure)(f"{view.title}: {failure.message}", hint=failure.hint)
        raise said from failure


@contextmanager
def _variables(session: Session, given: Mapping[str, str]) -> Iterator[None]:
    """Let the parameters be variables for a moment."""
    before = session.variables
    session.variables = {**before, **given}
    try:
        yield
    finally:
        session.variables = before


def _group_of(command: Command) -> str | None:
    """The parameter of a list command that says what is listed; None for any other command."""
    if command.mode is not Mode.READS:
        return None
    return next((name for name, fields in command.groups.items() if isinstance(fields, ListingOptions)), None)


def may_share(session: Session) -> bool:
    """Whether views of this employee may be for everybody."""
    return Role.of(session.user) is Role.ADMINISTRATOR
