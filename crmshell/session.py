"""Who is logged in: a token in memory, its deadlines, and what ends it on the very next command."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from crmshell import passwords
from crmshell.attempts import Attempt
from crmshell.bookmarks import Bookmarks
from crmshell.database import Enclosing, apart, current, transaction
from crmshell.errors import Failure, NotFound, NotLoggedIn, Refused, SessionEnded, StoreError, UsageError
from crmshell.models import locks
from crmshell.models.base import Record
from crmshell.models.employee import Employee
from crmshell.models.journal import Result, Work, record_result, work
from crmshell.models.sight import Sight
from crmshell.moments import iso_moment
from crmshell.outcome import Kind, Outcome
from crmshell.people import fold_username
from crmshell.settings import Settings
from crmshell.text import nearest, safe
from crmshell.tokens import Token, signed, verified
from crmshell.values import plain_amount

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 3600
RESERVED_NAMES = frozenset({"customer", "contract", "event", "employee", "payment", "me"})
_NAMES_TO_TELL = 20
_WRONG_LOGIN = ("wrong username or password", "check both, then log in again")
_WRONG_PASSWORD = ("wrong password", "check it, then type it again")


@dataclass
class Clock:
    """Where time, ids and randomness come from, so that a test can fix them."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    new_uuid: Callable[[], uuid.UUID] = uuid.uuid4
    new_password: Callable[[], str] = passwords.new_password
    hash_rounds: int = passwords.ROUNDS


@dataclass
class Session:
    """One run of the program and the employee it works for; also the scope in which values are read.

    `names` are the records named by `--as` and the last of each kind touched, `recent` all that were touched, the
    latest first; `remarks` what the values of the current command have to say; `is_writing` whether records are to be
    held against others while they are bound, `changes_records` whether the command does something to them; `sight` is
    what was shown in the shell, None in a batch.
    """

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    variables: Mapping[str, str] = field(default_factory=dict)
    employee: Employee | None = None
    token: Token | None = None
    names: Bookmarks = field(default_factory=Bookmarks)
    remarks: list[str] = field(default_factory=list)
    recent: deque[tuple[type[Record], int]] = field(default_factory=lambda: deque(maxlen=50))
    is_writing: bool = False
    changes_records: bool = False
    transaction: Enclosing | None = None
    sight: Sight | None = None
    last_username: str = ""
    _names_mark: int = 0
    _seen_before: Mapping[Any, Any] = field(default_factory=dict)
    _key: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    _logged_in_at: float = 0.0
    _logged_in_monotonic: float = 0.0
    _succeeded_at: float = 0.0
    _succeeded_monotonic: float = 0.0

    def now(self) -> int:
        """The present moment, UTC seconds."""
        return int(self.clock.now())

    def today(self) -> date:
        """The present day in the zone of the settings."""
        return datetime.fromtimestamp(self.now(), self.settings.zone_info).date()

    @property
    def user(self) -> Employee:
        """The employee who is logged in; raises NotLoggedIn where nobody is."""
        if self.employee is None:
            raise _nobody()
        return self.employee

    def remark(self, sentence: str) -> None:
        """Say something beside the outcome of the current command."""
        if sentence:
            self.remarks.append(sentence)

    def watched(self, outcome: Outcome) -> Outcome:
        """The outcome as it is to be shown, so that an update can be held against it."""
        return self.sight.watch(outcome) if self.sight is not None else outcome

    # Logging in and out

    def log_in(self, username: str, password: str) -> Employee:
        """Start a session; raises NotLoggedIn, in the same words and time, whatever of the two is wrong."""
        return self._admit(username, password, _WRONG_LOGIN)

    def log_in_again(self, password: str) -> Employee:
        """Start a session for whoever had the last one; raises NotLoggedIn, which counts as well."""
        return self._admit(self.last_username, password, _WRONG_PASSWORD)

    def _admit(self, username: str, password: str, wrong: tuple[str, str]) -> Employee:
        self._refuse_open_transaction()
        key = safe(fold_username(username))[:100]
        named = safe(username)[:100]
        login = Work(self.now(), None, named, "auth login", f"auth login {named}")
        attempt = Attempt(key, login, Result.LOGIN_FAILED, "too many failed logins", self.now)
        attempt.begin()
        with transaction(current(), writes=False):
            employee = Employee.find_named(username)
        right = passwords.is_right(password, employee.password_hash if employee else None)
        if employee is None or not right:
            attempt.fails()
            message, hint = wrong
            raise NotLoggedIn(message, hint=hint)
        attempt.passes(employee.id, Result.LOGIN if employee.is_active else Result.LOGIN_FAILED)
        if not employee.is_active:
            raise NotLoggedIn(f"{employee.username} is deactivated", hint="ask an administrator")
        self._begin(employee)
        return employee

    def _begin(self, employee: Employee) -> None:
        if self.sight is not None:
            self.sight.go_back({})
        self.names.clear()
        self.recent.clear()
        self._logged_in_at = self._succeeded_at = self.clock.now()
        self._logged_in_monotonic = self._succeeded_monotonic = self.clock.monotonic()
        self.employee = employee
        self.last_username = employee.username
        self.issue_token()

    def log_out(self) -> None:
        """End the session; the names of records go with it."""
        self.employee = self.token = None
        self.names.clear()
        self.recent.clear()

    def leave(self) -> None:
        """Log out, and put it on record."""
        self._refuse_open_transaction()
        employee = self.user
        left = Work(self.now(), employee.id, employee.username, "auth logout", "auth logout")
        apart(lambda: record_result(left, Result.LOGOUT, ""))
        self.log_out()

    def set_own_password(self, old: str, new: str) -> None:
        """Change one's own password; a wrong old one counts like a failed login. Other sessions end."""
        employee = self.user
        passwords.check_strength(new, employee.username, employee.fullname)
        self._confirm(employee, old)
        hashed = passwords.hash_password(new, self.clock.hash_rounds)
        line = "auth set-password"
        with transaction(current(), writes=True), work(self.now(), employee.id, employee.username, line, line):
            locks.hold_employee(employee.id)
            self.reload().set_password_hash(hashed, must_change=False)
        self.issue_token()

    def _confirm(self, employee: Employee, password: str) -> None:
        change = Work(self.now(), employee.id, employee.username, "auth set-password", "auth set-password")
        attempt = Attempt(employee.username_key, change, Result.REFUSED, "too many wrong passwords", self.now)
        attempt.begin()
        if not passwords.is_right(password, employee.password_hash):
            message = "the current password is wrong"
            attempt.fails(message)
            raise NotLoggedIn(message, hint="type auth set-password again")
        attempt.passes(employee.id, None)

    # A transaction over several commands

    def begin(self) -> None:
        """Open a transaction that holds the commands to come; refused inside one."""
        if self.transaction is not None:
            message = "a transaction is open already"
            raise Refused(message, hint="commit or rollback ends it")
        enclosing = Enclosing(current())
        enclosing.begin()
        self.transaction, self._names_mark = enclosing, self.names.mark()
        self._seen_before = self.sight.copy() if self.sight else {}

    def commit(self) -> None:
        """Make its commands lasting; raises StoreError, and then none of them is."""
        enclosing, self.transaction = self._open_transaction(), None
        try:
            enclosing.commit()
        except Failure:
            self.names.go_back(self._names_mark)
            raise
        self.names.release(self._names_mark)

    def roll_back(self) -> None:
        """Undo its commands, and forget the names they gave."""
        enclosing, self.transaction = self._open_transaction(), None
        try:
            enclosing.roll_back()
        finally:
            self.names.go_back(self._names_mark)
            if self.sight is not None:
                self.sight.go_back(self._seen_before)
        self._take_back_credentials()

    def _take_back_credentials(self) -> None:
        """Go on with a token for the password that is in force again, where a change of one's own was undone."""
        if self.token is None:
            return
        with transaction(current(), writes=False):
            found = Employee.find(self.token.employee_id)
        if found is not None and found.credential_version < self.token.credential_version:
            self.employee = found
            self.issue_token()

    def abandon_transaction(self) -> bool:
        """Roll back a transaction that is open, even where the database is away; whether there was one."""
        if self.transaction is None:
            return False
        with contextlib.suppress(StoreError):  # it ended with its connection
            self.roll_back()
        return True

    def abandon_lost_transaction(self) -> bool:
        """Go on without a transaction that the database has ended by itself; whether there was one."""
        return self.transaction is not None and current().is_transaction_lost() and self.abandon_transaction()

    def _refuse_open_transaction(self) -> None:
        """Keep the work of one employee from being committed by the next."""
        if self.transaction is not None:
            message = "a transaction is open"
            raise Refused(message, hint="commit or rollback ends it")

    def _open_transaction(self) -> Enclosing:
        if self.transaction is None:
            message = "no transaction is open"
            raise Refused(message, hint="begin opens one")
        return self.transaction

    # The token

    def issue_token(self) -> None:
        """Make and verify a token for the employee as they are now, good until the session's deadline."""
        employee = self.user
        encoded = signed(
            self._key,
            employee_id=employee.id,
            credential_version=employee.credential_version,
            issued_at=self.clock.now(),
            seconds=max(self.seconds_left(), 2),  # not gone before it is verified
        )
        self.token = self._verified(encoded)

    def _verified(self, encoded: str) -> Token:
        return verified(encoded, self._key, now=self.clock.now(), monotonic=self.clock.monotonic())

    def seconds_left(self) -> float:
        """How long the session still lives: 30 minutes from the last success, 12 hours at most, by either clock."""
        now, monotonic = self.clock.now(), self.clock.monotonic()
        return min(
            self._succeeded_at + IDLE_SECONDS - now,
            self._succeeded_monotonic + IDLE_SECONDS - monotonic,
            self._logged_in_at + LONGEST_SECONDS - now,
            self._logged_in_monotonic + LONGEST_SECONDS - monotonic,
        )

    @property
    def is_alive(self) -> bool:
        """Whether somebody is logged in and the deadlines have not passed."""
        return self.token is not None and self.seconds_left() > 0

    def check_alive(self) -> Token:
        """The token, renewed where it has run out before the session; raises NotLoggedIn or SessionEnded."""
        if self.token is None:
            raise _nobody()
        if self.seconds_left() <= 0:
            self._end("the session has expired")
        if self.clock.now() >= self.token.expires_at:
            self.issue_token()
        return self.token

    def succeed(self) -> None:
        """Let the session live on from a command that succeeded."""
        self._succeeded_at, self._succeeded_monotonic = self.clock.now(), self.clock.monotonic()

    @contextmanager
    def unattended(self) -> Iterator[None]:
        """Let what succeeds in here not prolong the session: nobody need be at the keyboard."""
        before = self._succeeded_at, self._succeeded_monotonic
        try:
            yield
        finally:
            self._succeeded_at, self._succeeded_monotonic = before

    def unlock(self, password: str) -> None:
        """Log the same employee in again and keep the names of records; raises NotLoggedIn, which counts."""
        names, recent = dict(self.names), list(self.recent)
        self.log_in_again(password)
        self.names.update(names)
        self.recent.extend(recent)

    def reload(self) -> Employee:
        """The employee as they are in this transaction; raises SessionEnded where an administrator ended it."""
        token = self.check_alive()
        found = Employee.find(token.employee_id, locks.SHARE if self.is_writing else "")
        if found is None:
            self._end("your account was deleted")
        elif not found.is_active:
            self._end("your account was deactivated")
        elif found.credential_version != token.credential_version:
            self._end("your password was changed")
        self.employee, self.last_username = found, found.username
        return self.user

    def _end(self, reason: str) -> NoReturn:
        username = self.last_username
        self.employee = self.token = None
        raise SessionEnded(reason, hint=f"auth login {username}")

    # Names of records

    def name(self, name: str, record: Record) -> None:
        """Let `@name` stand for a record for the rest of the session."""
        self.names[name] = (type(record), record.id)

    def touch(self, record: Record) -> None:
        """Let `@contract` (and so on) stand for the record last created, changed or shown in detail."""
        self.names[record.noun] = (type(record), record.id)
        self.recent.appendleft((type(record), record.id))

    def named(self, name: str) -> tuple[type[Record], int]:
        """The model and id behind `@name`; raises UsageError for a name nobody has given."""
        if name not in self.names:
            raise UsageError(f"@{safe(name)} is not defined", hint=self._hint_at_names(name))
        return self.names[name]

    def _hint_at_names(self, name: str) -> str:
        if not self.names:
            return "give one with --as NAME when you create a record"
        if len(self.names) <= _NAMES_TO_TELL:
            return f"defined are {', '.join(f'@{known}' for known in sorted(self.names))}"
        known = nearest(name, list(islice(reversed(self.names.data), 1000)))
        return f"did you mean @{known}?" if known else f"{len(self.names)} others are"

    def text_of(self, name: str) -> str:
        """The value that `@name.field` stands for, as a person would type it."""
        record_name, _, field_name = name.partition(".")
        model, record_id = self.named(record_name)
        columns = {shown.name: (position, shown.column.kind) for position, shown in enumerate(model.shown)}
        if field_name not in columns:
            hint = f"@{record_name}.FIELD with one of {', '.join(columns)}; @@ is the plain character"
            raise UsageError(f"@{safe(name)} is no value", hint=hint)
        record = model.get_or_none(model.id == record_id)
        values = record.find_shown_values() if record else None
        if values is None:
            raise NotFound(f"@{record_name} is gone: the {model.noun} was deleted", hint=f"{model.noun} list")
        position, kind = columns[field_name]
        return _typed(values[position], kind, self.settings.zone_info)


def _typed(value: Any, kind: Kind, zone: ZoneInfo) -> str:
    """A stored value as it could be typed: an amount is kept in cents, a moment in seconds."""
    if value is None:
        return ""
    if kind is Kind.AMOUNT:
        return plain_amount(value)
    return iso_moment(value, zone) if kind is Kind.MOMENT else str(value)


def _nobody() -> NotLoggedIn:
    return NotLoggedIn("nobody is logged in", hint="auth login NAME")
