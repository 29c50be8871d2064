"""Take a person out of the journal, the one way in which entries ever change: the chain holds, and tells of it.

The entry of the erasing command holds, for each part of an older entry that it blanks, the digest before and after.
Written once that entry stands: the triggers of the journal's tables let nothing through before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from crmshell.database import current
from crmshell.models import digests
from crmshell.models.evidence import ERASED_FROM
from crmshell.models.journal import Change, Erasure, JournalEntry, Operation
from crmshell.models.runs import BatchLine

ERASED = "(erased)"
_SAID_OF_MANY = frozenset({"note"})  # goes where it was written, and tells nobody from anybody elsewhere
_SHORTEST = 3  # characters of a value that is worth looking for in what people typed
_PHONE_DIGITS = 9  # those that every notation of a number shares


class Blank(NamedTuple):
    """A part of an entry that is to be blanked: where it stands, what it holds from then on, its digests."""

    entry_id: int
    part: str
    table: str
    row_id: int
    columns: tuple[str, ...]
    values: Sequence[Any]
    before: str
    after: str


def plan(erasures: Sequence[Erasure]) -> list[Blank]:
    """What has to be blanked for these fields to be nowhere in the journal any more."""
    held: set[str] = set()
    changes = [blank for erasure in erasures for blank in _changes(erasure, held)]
    touched = {blank.entry_id for blank in changes}
    return [*changes, *_texts(touched, _Wanted(held))]


def notes_of(blanks: Sequence[Blank]) -> list[Change]:
    """What the erasing entry says of them: a change for each entry that loses something."""
    parts: dict[int, dict[str, tuple[str, str]]] = {}
    for blank in blanks:
        parts.setdefault(blank.entry_id, {})[blank.part] = (blank.before, blank.after)
    return [Change(ERASED_FROM, entry_id, Operation.UPDATE, told) for entry_id, told in parts.items()]


def without(change: Change, erasures: Sequence[Erasure]) -> Change:
    """A change that is being written itself, without what is erased."""
    for erasure in erasures:
        if (change.noun, change.record_id) == (erasure.noun, erasure.record_id):
            kept = {name: None if name in erasure.names else pair for name, pair in change.fields.items()}
            return Change(change.noun, change.record_id, change.operation, kept)
    return change


def carry_out(blanks: Sequence[Blank]) -> None:
    """Blank them."""
    for blank in blanks:
        current().update(blank.table, (*blank.columns, "salt"), [*blank.values, digests.NO_SALT], blank.row_id)


def forget_lines(erasures: Sequence[Erasure]) -> None:
    """Blank what scripts that can be resumed have recorded of lines which name what the fields of these held."""
    held: set[str] = set()
    for erasure in erasures:
        list(_changes(erasure, held))
    wanted, line = _Wanted(held), BatchLine
    rows = current().stream(line.select(line.id, line.line, line.did).order_by(line.id), "scan")
    for row_id in [row_id for row_id, typed, did in rows if wanted.is_in(typed, did)]:
        current().update("batch_line", ("line", "did"), [ERASED, ERASED], row_id)


def _changes(erasure: Erasure, held: set[str]) -> Iterator[Blank]:
    """The changes of a record that tell of erased fields; adds what those held."""
    mark = current().param
    sql = f"""SELECT id, entry_id, fields, salt FROM journal_change
        WHERE noun = {mark} AND record_id = {mark} ORDER BY id"""  # noqa: S608
    for row_id, entry_id, fields, salt in current().execute_sql(sql, (erasure.noun, erasure.record_id)).fetchall():
        told = json.loads(fields)
        lost = {name: pair for name, pair in told.items() if name in erasure.names and pair is not None}
        names_people = [pair for name, pair in lost.items() if name not in _SAID_OF_MANY]
        held |= {value for pair in names_people for value in pair if isinstance(value, str)}
        if lost:
            left = digests.encode({name: None if name in lost else pair for name, pair in told.items()})
            before, after = digests.of_fields(salt, fields), digests.of_fields(digests.NO_SALT, left)
            yield Blank(entry_id, f"change {row_id}", "journal_change", row_id, ("fields",), [left], before, after)


class _Wanted:
    """The values that are looked for in what people typed, in any case and any notation of a phone number."""

    def __init__(self, held: set[str]) -> None:
        self._words = [value.casefold() for value in held if len(value) >= _SHORTEST]
        self._phones = [value[1:][-_PHONE_DIGITS:] for value in held if value.startswith("+")]

    def is_in(self, *texts: str | None) -> bool:
        """Whether one of them stands there."""
        text = "\n".join(filter(None, texts)).casefold()
        if any(word in text for word in self._words):
            return True
        digits = "".join(filter(str.isdigit, text))
        return any(phone in digits for phone in self._phones)


def _texts(touched: set[int], wanted: _Wanted) -> Iterator[Blank]:
    """The entries whose texts go: those that changed such a field, and whatever names what it held."""
    entry = JournalEntry
    query = entry.select(entry.id, entry.command, entry.line, entry.message, entry.reason, entry.salt)
    for row_id, command, line, message, reason, salt in current().stream(query.order_by(entry.id), "scan"):
        if row_id not in touched and not wanted.is_in(line, message, reason):
            continue
        left = [f"{command} {ERASED}", message and ERASED, reason and ERASED]
        before, after = digests.of_texts(salt, line, message, reason), digests.of_texts(digests.NO_SALT, *left)
        yield Blank(row_id, "texts", "journal_entry", row_id, ("line", "message", "reason"), left, before, after)
