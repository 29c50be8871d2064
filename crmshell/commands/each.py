"""A command for each record of a view, in one transaction: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from crmshell.commands.registry import GRAMMAR
from crmshell.database import Enclosing, current
from crmshell.errors import Conflict, Failure, Forbidden, NotFound, Refused, UsageError
from crmshell.language.declaration import Mode
from crmshell.language.reading import Reading, missing_value, read
from crmshell.models.base import Record
from crmshell.outcome import Outcome, Said
from crmshell.session import Session
from crmshell.text import plural
from crmshell.views import IT, Opened

_MOST_TOLD = 10


class Left(NamedTuple):
    """A record that was left out, and why."""

    title: str
    failure: Failure

    @property
    def sentence(self) -> str:
        """Both."""
        return f"{self.title}: {self.failure.message}"


def run_for_each(opened: Opened, line: str, session: Session, *, keep_going: bool) -> Said:
    """Run a command for each record; raises the refusal of the first, with nothing done.

    With `keep_going` what is refused is left out, and the refusal raised at the end, with the rest done.
    """
    reading = _reading(line)
    with _together(session):
        model, left, done = opened.model, [], 0
        for record_id in opened.ids(session):
            failure = _find_failure(reading, session, model, record_id)
            if failure is None:
                done += 1
                continue
            left.append(Left(_title(model, record_id), failure))
            if not keep_going:
                raise _refusal(left[0].failure, f"{left[0].sentence}; nothing was changed", left[0].failure.hint)
    if left:
        told = "; ".join(each.sentence for each in left[:_MOST_TOLD])
        message = f"{plural(done, model.noun)} done, {len(left)} refused: {told}"
        raise _refusal(left[0].failure, message, "the others are done")
    return Said(f"{plural(done, model.noun)} done: {reading.line}")


def _reading(line: str) -> Reading:
    """The command of a line; raises UsageError for one that cannot be run for each."""
    reading = read(line, GRAMMAR)
    fault = reading.faults[0] if reading.faults else missing_value(reading)
    if fault is not None:
        raise UsageError(fault.message, hint=fault.hint)
    command = reading.command
    if command is None or command.mode is not Mode.WRITES or reading.wants_help:
        message = "what is done for each record is a command that changes it"
        raise UsageError(message, hint="such as contract update @it --total-amount 1200")
    if command.confirmed_by:
        raise UsageError(f"{command.name} wants to be confirmed for each record", hint="run it for one at a time")
    return reading


@contextmanager
def _together(session: Session) -> Iterator[None]:
    """One transaction around all; refusals stay on record whatever becomes of it, and names are what they were."""
    enclosing = Enclosing(current())
    enclosing.begin()
    names = session.names.mark()
    try:
        yield
    except BaseException:
        enclosing.roll_back()
        raise
    else:
        enclosing.commit()
    finally:
        session.names.go_back(names)


def _find_failure(reading: Reading, session: Session, model: type[Record], record_id: int) -> Failure | None:
    """Run the command for one record; what refused it, None where it is done."""
    from crmshell.dispatch import run

    session.names[IT] = (model, record_id)
    try:
        run(reading, session, _unseen)
    except (Refused, Forbidden, Conflict, NotFound) as failure:
        return failure
    return None


def _unseen(_outcome: Outcome, _format: str | None) -> None:
    """What each command answers is not shown: there may be thousands."""


def _title(model: type[Record], record_id: int) -> str:
    found = model.find(record_id)
    return found.title if found else f"{model.noun} {record_id}"


def _refusal(failure: Failure, message: str, hint: str) -> Failure:
    """A failure of the same kind that says more."""
    return type(failure)(message, hint=hint)
