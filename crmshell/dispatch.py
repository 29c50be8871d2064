"""The trip of a command: read, authorise, begin, bind, act, journal, commit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from crmshell import manual
from crmshell.access import Role
from crmshell.commands import GRAMMAR
from crmshell.commands.registry import Done
from crmshell.database import MAX_ATTEMPTS, apart, causes, current, transaction
from crmshell.errors import Conflict, Failure, Forbidden, NotLoggedIn, Refused
from crmshell.language.binding import bind, text_of
from crmshell.language.declaration import Command, Mode
from crmshell.language.expansion import PROGRAM
from crmshell.language.reading import Reading, missing_value, read
from crmshell.language.tokens import Sort, Token, names_a_secret
from crmshell.models import handles
from crmshell.models.base import Record
from crmshell.models.employee import Employee
from crmshell.models.journal import Result, Work, record_result, work
from crmshell.models.related import related
from crmshell.outcome import Card, Outcome, Rows, Said
from crmshell.session import Session

MASK = "***"
_UNSEEN = frozenset({"format_", "as_", "reason_", "force_"})
Show = Callable[[Outcome, str | None], None]


def run(reading: Reading, session: Session, show: Show) -> Outcome | None:
    """Run a line that was read and hand what it answers to `show`, together with the format the line asks for.

    What is read is shown while its transaction is open, so that it can stream; what was written only after the
    commit. Raises the Failure that ends the command, which then has changed no record. An empty line is None.
    """
    if reading.faults:
        raise reading.faults[0]
    if reading.is_empty:
        return None
    if reading.wants_help:
        return _shown(manual.page(GRAMMAR, reading.path), None, show)
    missing = missing_value(reading)
    if missing is not None:
        raise missing
    command = reading.command
    assert command is not None  # noqa: S101  (a reading without a command is empty, faulty or a request for help)
    session.remarks.clear()
    return _trip(reading, command, session, show)


def run_line(line: str, session: Session, show: Show) -> Outcome | None:
    """Read and run a line."""
    return run(read(line, GRAMMAR), session, show)


def rehearse(reading: Reading, session: Session) -> str:
    """Raise what would refuse a command before it acts: the role, a record that is not there, a rule it breaks.

    Returns what would be affected, in a sentence, where the declaration can tell.
    """
    command = reading.command
    assert command is not None  # noqa: S101  (only a command is rehearsed)
    session.check_alive()
    session.changes_records = command.mode is Mode.WRITES
    try:
        with transaction(current(), writes=False):
            _authorise(command, session)
            return _foresee(command, bind(reading, command, session), session)
    except (Refused, Forbidden, Conflict) as failure:
        _record_refusal(reading, command, session, failure)
        raise


def _foresee(command: Command, values: Mapping[str, Any], session: Session) -> str:
    """What would be affected, by the values its preview takes; nothing where one of them is still to be asked for."""
    if command.preview is None:
        return ""
    wanted = inspect.signature(command.preview).parameters
    taken = {name: session if name == "session" else values[name] for name in wanted}
    is_whole = all(taken[name] is not None for name, parameter in wanted.items() if parameter.default is not None)
    return command.preview(**taken) if is_whole else ""


def _trip(reading: Reading, command: Command, session: Session, show: Show) -> Outcome:
    if command.mode is Mode.NONE or command.by is None:
        return _shown(_call(reading, command, session), None, show)
    session.check_alive()
    session.changes_records = command.mode is Mode.WRITES
    try:
        outcome = _RUNS[command.mode](reading, command, session, show)
    except (Refused, Forbidden, Conflict) as failure:
        _record_refusal(reading, command, session, failure)
        raise
    session.succeed()
    return outcome


def _shown(outcome: Outcome, asked_format: str | None, show: Show) -> Outcome:
    show(outcome, asked_format)
    return outcome


def _call(reading: Reading, command: Command, session: Session) -> Any:
    values = bind(reading, command, session)
    if command.takes_session:
        values["session"] = session
    return command.function(**{name: value for name, value in values.items() if name not in _UNSEEN})


def _run_alone(reading: Reading, command: Command, session: Session, show: Show) -> Outcome:
    with transaction(current(), writes=False):
        _authorise(command, session)
    return _shown(_call(reading, command, session), None, show)


def _run_reading(reading: Reading, command: Command, session: Session, show: Show) -> Outcome:
    session.is_writing = False
    with transaction(current(), writes=False):
        _authorise(command, session)
        answer = _call(reading, command, session)
        outcome = session.watched(_with_related(answer, _outcome(answer, None, session), reading, session))
        _shown(outcome, _format(reading, session), show)
    if isinstance(outcome, Rows) and outcome.failure is not None:
        raise outcome.failure
    return outcome


def _run_writing(reading: Reading, command: Command, session: Session, show: Show) -> Outcome:
    try:
        outcome, record = _write_again(reading, command, session)
    finally:
        session.is_writing = False
    _remember(reading, command, session, record)
    return _shown(session.watched(outcome), _format(reading, session), show)


def _write_again(reading: Reading, command: Command, session: Session) -> tuple[Outcome, Record | None]:
    """Run the transaction anew where it lost against another one: nothing of it is left to undo."""
    attempt = 1
    while True:
        session.remarks.clear()
        try:
            return _write(reading, command, session)
        except Failure as failure:
            if attempt == MAX_ATTEMPTS or not _may_try_again(failure):
                raise
        attempt += 1


def _write(reading: Reading, command: Command, session: Session) -> tuple[Outcome, Record | None]:
    session.is_writing = True
    with transaction(current(), writes=True):
        employee = _authorise(command, session)
        line = masked(reading)
        with work(session.now(), employee.id, employee.username, command.name, line) as begun:
            _set_guard(begun, reading, session)
            answer = _call(reading, command, session)
            begun.reason = begun.reason or _reason(reading, session)
            record = answer.record if isinstance(answer, Done) else answer
            return _outcome(answer, begun, session), record if isinstance(record, Record) else None


def _set_guard(begun: Work, reading: Reading, session: Session) -> None:
    """In the shell, hold every update against what was shown; `--force` writes all the same, and is remarked."""
    if session.sight is None:
        return

    def override(sentence: str) -> None:
        session.remark(sentence)
        begun.reason = sentence

    is_forced = any(reading.given(name) is not None for name in ("force", "force_"))
    begun.guard = session.sight.guard(begun, override if is_forced else None)


_RUNS = {Mode.ALONE: _run_alone, Mode.READS: _run_reading, Mode.WRITES: _run_writing}


def _may_try_again(failure: Failure) -> bool:
    """Whether the transaction lost against another one, and is not a part of a larger one that is lost with it."""
    database = current()
    return not database.in_transaction() and any(database.is_transient(cause) for cause in causes(failure))


def _authorise(command: Command, session: Session) -> Any:
    employee = session.reload()
    if employee.must_change_password and command.path[0] != "auth":
        message = "the password you were given must be changed first"
        raise NotLoggedIn(message, hint="auth set-password")
    forbidden = find_forbidden(command, employee)
    if forbidden is not None:
        raise forbidden
    return employee


def find_forbidden(command: Command, employee: Employee) -> Forbidden | None:
    """Why somebody with this role may not run a command."""
    roles = Role(command.by or 0)
    if command.by is None or Role.of(employee) in roles:
        return None
    message = f"{command.name} is for {roles.names}, and {employee.username} has the role {employee.role}"
    return Forbidden(message, hint="help permissions says who may do what")


def _with_related(answer: Any, outcome: Outcome, reading: Reading, session: Session) -> Outcome:
    """A card together with what belongs to the record, where a person looks at it."""
    is_for_people = (_format(reading, session) or session.settings.format) == "table"
    if isinstance(answer, Record) and isinstance(outcome, Card) and is_for_people:
        return outcome._replace(related=related(answer))
    return outcome


def _outcome(answer: Any, begun: Work | None, session: Session) -> Outcome:
    """What a command returned, as something to show."""
    if isinstance(answer, Record):
        answer = Done(answer)
    if isinstance(answer, Done):
        return _card(answer, begun, session)
    outcome: Outcome = answer
    if isinstance(outcome, Said | Card | Rows) and session.remarks:
        return outcome._replace(notes=(*outcome.notes, *session.remarks))
    return outcome


def _card(done: Done, begun: Work | None, session: Session) -> Outcome:
    record = done.record
    notes = (*done.notes, *session.remarks)
    changed = begun.changed_fields(record.noun, record.id) if begun else frozenset()
    is_new = "created_at" in changed
    values = record.find_shown_values(is_new=is_new)
    if values is None:
        return Said(done.message, notes)
    if begun is None:
        session.touch(record)
    marked = () if is_new or not changed else (shown.name for shown in record.shown if shown.stored & changed)
    message = done.message or ("nothing to change" if begun and not changed else "")
    return Card(
        record.noun,
        type(record).columns(),
        values,
        frozenset(marked),
        message,
        notes,
        done.secrets,
        shorten=handles.shortest,
    )


def _remember(reading: Reading, command: Command, session: Session, record: Record | None) -> None:
    """Give the record its names, once the commit has made it real."""
    if record is None or record.id is None:
        return
    session.touch(record)
    argument = reading.given("as_")
    if command.creates and argument is not None:
        session.name(argument.token.expanded(session.variables), record)


def _reason(reading: Reading, session: Session) -> str | None:
    """Why it was done, where the command asks for a reason."""
    argument = reading.given("reason_")
    return str(argument.parameter.kind.take(text_of(argument, session), session)) if argument else None


def _format(reading: Reading, session: Session) -> str | None:
    argument = reading.given("format_")
    return argument.token.expanded(session.variables).strip().casefold() if argument else None


def _record_refusal(reading: Reading, command: Command, session: Session, failure: Failure) -> None:
    """Put a refusal on record, to stay there whatever becomes of the transaction around it."""
    employee = session.employee
    if employee is None:
        return
    done = Work(session.now(), employee.id, employee.username, command.name, masked(reading))
    apart(lambda: record_result(done, Result.REFUSED, failure.message))


def masked(reading: Reading) -> str:
    """The line with every secret value replaced, even where the line makes no sense; for the journal."""
    return _hidden(reading, lambda _value: MASK)


def covered(reading: Reading) -> str:
    """The same, every character of a secret replaced, so that columns stay what they are; for the terminal."""
    return _hidden(reading, lambda value: "*" * len(value))


def _hidden(reading: Reading, hide: Callable[[str], str]) -> str:
    if reading.command is not None and not _may_hold_secrets(reading, reading.command):
        return reading.line
    pieces: list[str] = []
    hide_next = False
    strays = _stray_words(reading)
    for token in reading.tokens:
        raw = token.raw
        if token.sort is Sort.OPTION:
            is_secret = names_a_secret(token.option)
            if is_secret and token.has_value:
                begin = token.value_start - token.start
                raw = raw[:begin] + hide(raw[begin:])
            hide_next = is_secret and not token.has_value
        elif token.sort is Sort.WORD:
            raw = hide(raw) if hide_next or token in strays else raw
            hide_next = False
        pieces.append(raw)
    return "".join(pieces)


def _may_hold_secrets(reading: Reading, command: Command) -> bool:
    """Whether any of the words may be a secret: of this command, or of an option that has no place in it."""
    if command.takes_secrets:
        return True
    return names_a_secret(reading.line) and any(names_a_secret(token.option) for token in reading.tokens)


def _stray_words(reading: Reading) -> set[Token]:
    """The words a command that takes a secret has no place for: one of them may be the secret, typed by position."""
    command = reading.command
    if command is None or not command.takes_secrets:
        return set()
    placed = {*reading.words, *(argument.token for argument in reading.arguments)}
    words = [token for token in reading.tokens if token.sort is Sort.WORD]
    return {token for token in words if token not in placed and token.raw != PROGRAM}
