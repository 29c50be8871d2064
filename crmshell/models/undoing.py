"""Take back what an entry of the journal did, field by field, as far as the rules of the present allow it.

A field that no longer holds what the entry left in it was changed by somebody since, who is named; everything else is
up to the models: they give a value back only where they would take it now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from crmshell.errors import Conflict, NotFound, Refused
from crmshell.models import locks
from crmshell.models.base import Giving, Record
from crmshell.models.employee import Employee
from crmshell.models.evidence import ERASED_FROM
from crmshell.models.integrity import MODELS
from crmshell.models.journal import JournalChange, JournalEntry, Operation, Result, Work

UNDO, REDO = "undo", "redo"
_CREDENTIALS = frozenset({"credential_version", "must_change_password"})
_UNTOLD = frozenset({"id", "updated_at"})
_PAGE = 20  # entries


class Undone(NamedTuple):
    """A record that was given back what it held; `sentence` says what happened to it."""

    record: Record
    sentence: str


def find_done(number: int) -> JournalEntry:
    """An entry that changed something; raises NotFound or Refused."""
    entry: JournalEntry | None = JournalEntry.get_or_none(JournalEntry.id == number)
    if entry is None:
        message = f"there is no entry {number}"
        raise NotFound(message, hint="journal list shows them")
    if entry.result != Result.DONE.value:
        message = f"entry {number} changed nothing"
        raise Refused(message, hint=f"journal show {number} says what it was")
    return entry


def is_in_force(entry: JournalEntry) -> bool:
    """Whether nobody has taken the entry back, or that was taken back itself."""
    undone_by = JournalEntry.select().where(JournalEntry.undoes == entry.id)
    return not any(is_in_force(undoing) for undoing in undone_by)


def find_undo_of(entry: JournalEntry) -> JournalEntry | None:
    """The undo of an entry that is in force, None where there is none."""
    undone_by = JournalEntry.select().where((JournalEntry.undoes == entry.id) & (JournalEntry.command == UNDO))
    return next((found for found in undone_by if is_in_force(found)), None)


def origin_of(entry: JournalEntry) -> JournalEntry:
    """The entry whose doing this one takes back or does again: itself, unless it is an undo or a redo."""
    while entry.undoes is not None:
        entry = entry.undoes
    return entry


def own_entries(employee: Employee, commands: Sequence[str] | None, since: int | None = None) -> Iterator[JournalEntry]:
    """Entries of an employee that are in force, the newest first: of these commands, or all but undo and redo."""
    entry = JournalEntry
    query = entry.select().where((entry.employee_id == employee.id) & (entry.result == Result.DONE.value))
    kept = entry.command.not_in([UNDO, REDO]) if commands is None else entry.command.in_(commands)
    if since is not None:
        query = query.where(entry.at >= since)
    query = query.where(kept).order_by(entry.id.desc()).limit(_PAGE)
    page = list(query)
    while page:
        yield from filter(is_in_force, page)
        page = list(query.where(entry.id < page[-1].id))


def take_back(entry: JournalEntry, giving: Giving, check: Callable[[Record], None]) -> list[Undone]:
    """Reverse every change of an entry, the last one first; `check` raises where a record is not this person's.

    Raises Refused or Conflict that names everything in the way.
    """
    Work.current().undoes_id = entry.id
    changes = list(JournalChange.select().where(JournalChange.entry == entry).order_by(JournalChange.id.desc()))
    _refuse_irreversible(entry, changes)
    changes.sort(key=_undoing_order if entry.undoes is None else _redoing_order)
    done = []
    for change in changes:
        is_deletion = change.operation == Operation.DELETE.value
        record = _as_it_was(change) if is_deletion else _present(change)
        check(record)
        if not is_deletion:
            _refuse_changed(record, change, giving)
        done.append(_REVERSALS[Operation(change.operation)](record, change, giving))
    return done


def _undoing_order(change: JournalChange) -> tuple[int, int]:
    """How changes are taken back: what was made goes first, and what refers to a record before that record.

    The rest is given back behind it, records before what refers to them.
    """
    rank = _RANKS.get(change.noun, 0)
    return (0, -rank) if change.operation == Operation.CREATE.value else (1, rank)


def _redoing_order(change: JournalChange) -> tuple[int, int]:
    """How those of an undo are: what it deleted comes back first, records before what refers to them.

    The rest is given back behind it, what refers to a record before that record.
    """
    rank = _RANKS.get(change.noun, 0)
    return (0, rank) if change.operation == Operation.DELETE.value else (1, -rank)


_RANKS = {noun: rank for rank, noun in enumerate(MODELS)}  # a record refers to those of lower ranks alone


def _refuse_irreversible(entry: JournalEntry, changes: Sequence[JournalChange]) -> None:
    """Refuse an entry that no undo takes back: payments are reversed instead, erasures and passwords are for good."""
    if any(change.noun == "payment" for change in changes):
        message = f"entry {entry.id} is of a payment, which is not undone"
        raise Refused(message, hint="contract reverse-payment takes it back, on record")
    told = [(change, json.loads(change.fields)) for change in changes]
    if any(change.noun == ERASED_FROM for change in changes) or any(None in fields.values() for _, fields in told):
        message = f"what entry {entry.id} tells of was erased, and cannot come back"
        raise Refused(message, hint=f"journal show {entry.id} shows what is left of it")
    if any(_CREDENTIALS & set(fields) for change, fields in told if change.operation == Operation.UPDATE.value):
        message = f"entry {entry.id} set a password, which is not undone"
        raise Refused(message, hint="employee set-password sets another one")


def _undo_creation(record: Record, _change: JournalChange, giving: Giving) -> Undone:
    title = record.title
    record.remove_created(giving)
    return Undone(record, f"{title} is removed")


def _undo_update(record: Record, change: JournalChange, giving: Giving) -> Undone:
    before = {name: pair[0] for name, pair in json.loads(change.fields).items() if name not in _UNTOLD}
    record.give_back(before, giving)
    fields = ", ".join(before).replace("_", " ")
    return Undone(record, f"{record.title}: {fields} as before")


def _undo_deletion(record: Record, _change: JournalChange, giving: Giving) -> Undone:
    record.come_back(giving)
    return Undone(record, f"{record.title} is there again")


_REVERSALS: Mapping[Operation, Callable[[Record, JournalChange, Giving], Undone]] = {
    Operation.CREATE: _undo_creation,
    Operation.UPDATE: _undo_update,
    Operation.DELETE: _undo_deletion,
}


def _as_it_was(change: JournalChange) -> Record:
    """A record that was deleted; raises Refused where it is there, or something it refers to is not."""
    model = MODELS[change.noun]
    if model.find(change.record_id) is not None:
        message = f"{change.noun} {change.record_id} is there again already"
        raise Refused(message, hint=f"journal list --on '{change.noun} {change.record_id}'")
    fields = {name: pair[0] for name, pair in json.loads(change.fields).items() if name != "id"}
    record = model(id=change.record_id, **fields)
    record.refuse_loose_ends()
    record.copy_from_others()
    return record


def _present(change: JournalChange) -> Record:
    """The record as it is now, held against others; raises Refused where it is gone."""
    record = MODELS[change.noun].find(change.record_id, locks.UPDATE)
    if record is None:
        message = f"{change.noun} {change.record_id} is gone"
        raise Refused(message, hint=f"journal list --on '{change.noun} {change.record_id}' says who deleted it")
    return record


def _refuse_changed(record: Record, change: JournalChange, giving: Giving) -> None:
    """Raise Conflict with every field that no longer holds what the change left in it, and who changed it."""
    told = {name: pair[1] for name, pair in json.loads(change.fields).items() if name not in _UNTOLD}
    changed = [name for name, after in told.items() if record.__data__.get(name) != after]
    if changed:
        sentences = ", ".join(_who_changed(record, name, change, giving) for name in changed)
        raise Conflict(
            f"{record.title} was changed since: {sentences}", hint=f"{record.noun} history {record.handle} shows all"
        )


def _who_changed(record: Record, name: str, change: JournalChange, giving: Giving) -> str:
    """`phone by colin on 2026-03-01 14:00 (entry 45)`."""
    same = (JournalChange.noun == record.noun) & (JournalChange.record_id == record.id)
    later = JournalChange.select().where(same & (JournalChange.id > change.id)).order_by(JournalChange.id)
    for other in later:
        if name in json.loads(other.fields):
            entry = other.entry
            return f"{name} by {entry.username} on {giving.written(entry.at)} (entry {entry.id})"
    return f"{name} behind the journal's back"


def is_undoable(entry: JournalEntry) -> bool:
    """Whether it is of a kind that can be taken back at all, whatever stands in its way now."""
    changes = list(JournalChange.select().where(JournalChange.entry == entry))
    try:
        _refuse_irreversible(entry, changes)
    except Refused:
        return False
    return bool(changes)
