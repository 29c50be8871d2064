"""Every change is on record: `work()` is the only way to write, and writes its journal entry in the same commit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NamedTuple

import peewee

from crmshell.database import current
from crmshell.models import chain, digests
from crmshell.models.fields import MomentField
from crmshell.models.table import Table
from crmshell.text import safe_lines

_work: ContextVar[Work | None] = ContextVar("work", default=None)


class Operation(Enum):
    """What happened to a record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Result(Enum):
    """How the command of an entry ended."""

    DONE = "done"
    REFUSED = "refused"
    LOGIN = "login"
    LOGIN_FAILED = "login failed"
    LOGOUT = "logout"


class Change(NamedTuple):
    """One record that was written, and each of its fields before and after; None is what was erased."""

    noun: str
    record_id: int
    operation: Operation
    fields: Mapping[str, tuple[Any, Any] | None]

    @property
    def named(self) -> tuple[str, int, str]:
        """Which record, and what happened to it, as the journal has it."""
        return self.noun, self.record_id, self.operation.value


class Erasure(NamedTuple):
    """Fields of a record that are to be nowhere in the journal any more."""

    noun: str
    record_id: int
    names: frozenset[str]


@dataclass
class Work:
    """What one command does to the database: who does it, when (UTC seconds), with which words, and why."""

    at: int
    employee_id: int | None
    username: str
    command: str
    line: str
    reason: str | None = None
    undoes_id: int | None = None
    guard: Callable[[Any, Mapping[str, Any]], None] | None = None
    changes: list[Change] = field(default_factory=list)
    erasures: list[Erasure] = field(default_factory=list)

    @classmethod
    def current(cls) -> Work:
        """The work under way; writing outside of one is a mistake of the program."""
        work = _work.get()
        if work is None:
            message = "records are written inside work() alone"
            raise RuntimeError(message)
        return work

    def note(self, change: Change) -> None:
        """Add a change to the entry of this work."""
        self.changes.append(change)

    def changed_fields(self, noun: str, record_id: int) -> frozenset[str]:
        """The stored fields of a record that this work has changed; all of them for a new one."""
        same = [change for change in self.changes if change.record_id == record_id and change.noun == noun]
        return frozenset().union(*[change.fields for change in same])


class JournalEntry(Table):
    """One command that changed something, was refused, or was a login."""

    id: peewee.AutoField[int] = peewee.AutoField()
    at = MomentField()
    employee_id = peewee.BigIntegerField(null=True)
    username = peewee.CharField()
    command = peewee.CharField()
    line = peewee.TextField()
    result = peewee.CharField()
    message = peewee.TextField()
    reason = peewee.TextField(null=True)
    undoes = peewee.ForeignKeyField("self", backref="undone_by", null=True)
    salt = peewee.CharField(default="")
    digest = peewee.CharField(default="")


class JournalChange(Table):
    """One record an entry changed; `fields` is json: name -> [before, after]."""

    id: peewee.AutoField[int] = peewee.AutoField()
    entry = peewee.ForeignKeyField(JournalEntry, backref="changes")
    noun = peewee.CharField()
    record_id = peewee.BigIntegerField()
    operation = peewee.CharField()
    fields = peewee.TextField()
    salt = peewee.CharField(default="")


@contextlib.contextmanager
def work(at: int, employee_id: int | None, username: str, command: str, line: str) -> Iterator[Work]:
    """Allow writing, and put what was written into the journal before the transaction of the caller commits.

    `line` must have its secrets masked already. Work that changes nothing leaves no entry.
    """
    begun = Work(at, employee_id, username, command, line)
    token = _work.set(begun)
    try:
        yield begun
        if begun.changes:
            _write(begun)
    finally:
        _work.reset(token)


def record_result(work_done: Work, result: Result, message: str) -> None:
    """Put a refusal or a login on record; to be called in a transaction of its own."""
    _insert_entry(work_done, result, message)
    if result is Result.LOGOUT:
        chain.seal()


def erase_fields(noun: str, record_id: int, names: Iterable[str]) -> None:
    """Blank these fields of a record in every entry, with what was typed about them, as the work under way ends.

    The digests of what goes stay, and the entry of this work tells what it blanked: the chain holds.
    """
    Work.current().erasures.append(Erasure(noun, record_id, frozenset(names)))


def _write(done: Work) -> None:
    if done.erasures:
        _write_erasing(done)
    else:
        _insert_entry(done, Result.DONE, "")


def _write_erasing(done: Work) -> None:
    from crmshell.models import erasure

    erasure.forget_lines(done.erasures)
    blanks = erasure.plan(done.erasures)
    told = [erasure.without(change, done.erasures) for change in done.changes]
    _insert_entry(replace(done, changes=told + erasure.notes_of(blanks)), Result.DONE, "")
    erasure.carry_out(blanks)


_ENTRY_COLUMNS = (
    *("at", "employee_id", "username", "command", "result", "undoes_id"),
    *("line", "message", "reason", "salt", "digest"),
)
_CHANGE_COLUMNS = ("entry_id", "noun", "record_id", "operation", "fields", "salt")


def _insert_entry(done: Work, result: Result, message: str) -> int:
    """Write the entry and what it changed, digested; now and then close a block of the chain."""
    database = current()
    own, *others = digests.salts(1 + len(done.changes))
    changed = [(change, digests.encode(change.fields), salt) for change, salt in zip(done.changes, others, strict=True)]
    facts = [done.at, done.employee_id, done.username, done.command, result.value, done.undoes_id]
    line = safe_lines(done.line)  # a refused line may hold what no database takes
    told = [(*change.named, digests.of_fields(salt, fields)) for change, fields, salt in changed]
    digest = digests.of_entry(facts, digests.of_texts(own, line, message, done.reason), told)
    values = [*facts, line, message, done.reason, own, digest]
    entry_id = database.insert_later("journal_entry", _ENTRY_COLUMNS, values)
    rows = [(entry_id, *change.named, fields, salt) for change, fields, salt in changed]
    database.run_later(database.many_sql("journal_change", _CHANGE_COLUMNS), rows)
    chain.seal_now_and_then(entry_id)
    return entry_id
