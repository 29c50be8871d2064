"""Taking back what was done, and doing it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from crmshell.access import EVERYONE, Role
from crmshell.commands.registry import GRAMMAR, Done, removes
from crmshell.errors import Failure, Forbidden, Refused
from crmshell.language.declaration import Command, Option, Positional
from crmshell.models import undoing
from crmshell.models.base import Giving, Record
from crmshell.models.journal import JournalEntry, Work, work
from crmshell.models.undoing import REDO, UNDO, Undone
from crmshell.onrecord import EntryToRedo, EntryToUndo, Since
from crmshell.outcome import Said
from crmshell.records import Pick
from crmshell.session import Session
from crmshell.text import plural, safe, shorten

ToUndo = Annotated[int | None, EntryToUndo(), Option("entry"), Positional(), "an entry of the journal"]
ToRedo = Annotated[int | None, EntryToRedo(), Option("entry"), Positional(), "an undo, or what it took back"]
_SHOWN = 5  # lines of a preview


def _foresee_undo(session: Session, since: int | None = None) -> str:
    return _counted(_since(session, None, since), "undone") if since is not None else ""


def _foresee_redo(session: Session, since: int | None = None) -> str:
    return _counted(_since(session, [UNDO], since), "done again") if since is not None else ""


@removes(UNDO, by=EVERYONE, preview=_foresee_undo, asked_with="since", exclusive=[["entry", "since"]])
def undo(
    session: Session,
    entry: ToUndo = None,
    since: Annotated[int | None, Since(), Option("since"), "all that you changed from this moment on"] = None,
) -> Done | Said:
    """Take back your last change, a given one, or all of yours since a moment, the newest first and all or nothing.

    Refused where somebody changed the same field since, where a rule forbids it now, or where you may no longer make
    the change; an administrator takes back anybody's. What was taken back already is skipped; redo does it again.
    Payments are reversed instead, erasures and passwords are for good.

    crm> undo
    crm> undo --since -5m
    """
    if since is not None:
        return _series(_since(session, None, since), session, "undone")
    chosen = undoing.find_done(entry) if entry is not None else _last(session, None, "undo")
    if chosen.command == UNDO:
        message = f"entry {chosen.id} is an undo itself"
        raise Refused(message, hint=f"redo {chosen.id}")
    return _one(chosen, session, "undone")


@removes(REDO, by=EVERYONE, preview=_foresee_redo, asked_with="since", exclusive=[["entry", "since"]])
def redo(
    session: Session,
    entry: ToRedo = None,
    since: Annotated[int | None, Since(), Option("since"), "all that you took back from this moment on"] = None,
) -> Done | Said:
    """Do again what was undone: your last undo, the one of a given entry, or all of yours since a moment.

    The same rules hold as for undo.

    crm> redo
    """
    if since is not None:
        return _series(_since(session, [UNDO], since), session, "done again")
    chosen = _undo_of(undoing.find_done(entry)) if entry is not None else _last(session, [UNDO], "redo")
    return _one(chosen, session, "done again")


def _undo_of(entry: JournalEntry) -> JournalEntry:
    """The undo that is meant: the entry itself, or the one that took it back."""
    if entry.command == UNDO:
        return entry
    found = undoing.find_undo_of(entry)
    if found is None:
        message = f"entry {entry.id} is not undone"
        raise Refused(message, hint=f"undo {entry.id} takes it back")
    return found


def _last(session: Session, commands: Sequence[str] | None, verb: str) -> JournalEntry:
    found = next(undoing.own_entries(session.user, commands), None)
    if found is None:
        message = f"there is nothing of yours to {verb}"
        raise Refused(message, hint=f"journal list --by {session.user.username}")
    return found


def _since(session: Session, commands: Sequence[str] | None, since: int) -> list[JournalEntry]:
    return list(undoing.own_entries(session.user, commands, since))


def _counted(entries: Sequence[JournalEntry], done: str) -> str:
    """What a series would touch, the first few lines of it."""
    lines = [f"  {entry.id}  {shorten(safe(entry.line), 70)}" for entry in entries[:_SHOWN]]
    more = [f"  and {len(entries) - _SHOWN} more"] if len(entries) > _SHOWN else []
    return "\n".join([f"{plural(len(entries), 'change')} would be {done}:", *lines, *more])


def _one(entry: JournalEntry, session: Session, done: str) -> Done:
    undone = _taken_back(entry, session)
    notes = [each.sentence for each in undone]
    return Done(undone[-1].record, f"entry {entry.id} ({_described(entry)}) is {done}", notes)


def _series(entries: Sequence[JournalEntry], session: Session, done: str) -> Said:
    """Take them all back, each with an entry of its own; what stands in the way of one of them stops all."""
    if not entries:
        message = "nothing of yours was changed since"
        raise Refused(message, hint=f"journal list --by {session.user.username}")
    outer, notes = Work.current(), list[str]()
    for entry in entries:
        with work(outer.at, outer.employee_id, outer.username, outer.command, outer.line):
            notes += [f"entry {entry.id} ({_described(entry)}): {each.sentence}" for each in _named(entry, session)]
    return Said(f"{plural(len(entries), 'change')} {done}", notes)


def _named(entry: JournalEntry, session: Session) -> list[Undone]:
    """The same as for one alone; a refusal names the entry of the series that it is about."""
    try:
        return _taken_back(entry, session)
    except Failure as failure:
        failure.message = f"entry {entry.id} ({_described(entry)}): {failure.message}"
        raise


def _taken_back(entry: JournalEntry, session: Session) -> list[Undone]:
    origin = undoing.origin_of(entry)
    _refuse_twice(entry)
    _check_author(entry, session)
    giving = Giving(session.user, session.now(), session.settings.zone_info, origin.command)
    return undoing.take_back(entry, giving, lambda record: _check_right(record, origin, session))


def _refuse_twice(entry: JournalEntry) -> None:
    if not undoing.is_in_force(entry):
        message = f"entry {entry.id} is undone already"
        raise Refused(message, hint=f"redo {entry.id} does it again")


def _check_author(entry: JournalEntry, session: Session) -> None:
    """One's own, and those of everybody for an administrator."""
    if entry.employee_id != session.user.id and Role.of(session.user) is not Role.ADMINISTRATOR:
        message = f"entry {entry.id} is by {entry.username}, not by you"
        raise Forbidden(message, hint=f"{entry.username} or an administrator can take it back")


def _check_right(record: Record, origin: JournalEntry, session: Session) -> None:
    """Whoever is no administrator must still be allowed what the command did, on the record as it is now."""
    if Role.of(session.user) is Role.ADMINISTRATOR:
        return
    command = GRAMMAR.find(*origin.command.split())
    if command is None or Role.of(session.user) not in Role(command.by or 0):
        message = f"{origin.command} is no longer for you"
        raise Forbidden(message, hint="an administrator can take it back")
    _check_rules(record, command, session)


def _check_rules(record: Record, command: Command, session: Session) -> None:
    """The rules of the command about the record itself, or about the one it belongs to."""
    for parameter in command.parameters:
        kind = parameter.kind
        if not isinstance(kind, Pick):
            continue
        subject = record if kind.model is type(record) else getattr(record, kind.model.noun, None)
        if isinstance(subject, kind.model):
            for rule in kind.rules:
                rule.check(subject, session.user)


def _described(entry: JournalEntry) -> str:
    origin = undoing.origin_of(entry)
    return origin.command if origin.id == entry.id else f"{entry.command} of {origin.command}"
