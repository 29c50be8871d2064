"""The staff: who they are, what they may be, and when one of them may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

import peewee

from crmshell.database import current
from crmshell.errors import Conflict, Refused
from crmshell.models import locks
from crmshell.models.base import Giving, Record, count_some
from crmshell.models.fields import MomentField, NameField, Order, Shown, StateField
from crmshell.models.journal import JournalEntry, Result
from crmshell.outcome import Sense
from crmshell.people import fold_username
from crmshell.text import plural, safe

_NOBODY_KNOWS = "-"  # the hash of no password


class RoleName(StrEnum):
    """What an employee does; `none` may only look."""

    ADMINISTRATOR = "administrator"
    COMMERCIAL = "commercial"
    SUPPORT = "support"
    NONE = "none"


class Employee(Record):
    """A member of the staff. `username_key` is the folded form under which names are unique."""

    noun: ClassVar[str] = "employee"
    editable: ClassVar[Sequence[str]] = ("fullname", "username")
    unjournalled: ClassVar[frozenset[str]] = frozenset({"password_hash", "username_key"})

    id: peewee.AutoField[int] = peewee.AutoField()
    username = NameField(max_length=30, help_text="the name to log in with")
    username_key = peewee.CharField(unique=True)
    fullname = peewee.CharField(max_length=255, help_text="first and last name")
    role = StateField(default=RoleName.NONE.value, choices=[(role.value, role.value) for role in RoleName])
    is_active = peewee.BooleanField(default=True)
    password_hash = peewee.CharField()
    credential_version = peewee.IntegerField(default=1)
    must_change_password = peewee.BooleanField(default=False)
    created_at = MomentField()
    updated_at = MomentField()

    @property
    def handle(self) -> str:
        """The username."""
        return str(self.username)

    def search_texts(self) -> Sequence[str | None]:
        """Username and full name."""
        return self.username, self.fullname

    @property
    def is_administrator(self) -> bool:
        """Whether this is an administrator who may log in."""
        return self.role == RoleName.ADMINISTRATOR and self.is_active

    @classmethod
    def listed(cls) -> Any:
        """Every employee; see `shown`."""
        return cls.select(*cls.shown_sources())

    @classmethod
    def default_order(cls) -> Order:
        """By username."""
        return Order(cls.username_key, is_descending=False)

    @classmethod
    def find_named(cls, username: str) -> Employee | None:
        """The employee of this username, in any case; None where there is none."""
        found: Employee | None = cls.get_or_none(cls.username_key == safe(fold_username(username)))
        return found

    def set_username(self, username: str) -> None:
        """Take another name; raises Conflict where somebody has it."""
        holder = Employee.find_named(username)
        if holder is not None and holder.id != self.__data__.get("id"):
            raise Conflict(f"the username {username} is taken by {holder.fullname}", hint="choose another username")
        self.username = username
        self.username_key = fold_username(username)

    def edit(self, fields: Mapping[str, Any]) -> None:
        """Change the names given."""
        if "username" in fields:
            self.set_username(fields["username"])
        if "fullname" in fields:
            self.fullname = fields["fullname"]
        self.store()

    def set_password_hash(self, password_hash: str, *, must_change: bool) -> None:
        """Keep another password; every session that was opened with the old one ends."""
        self.password_hash = password_hash
        self.credential_version += 1
        self.must_change_password = must_change
        self.store()

    def set_role(self, role: RoleName, by: Employee, now: int) -> None:
        """Give another role; refused for oneself, for the last administrator, and while work is open."""
        if self.role == role:
            return
        if self.id == by.id:
            message = "nobody changes their own role"
            raise Refused(message, hint="another administrator can do it")
        self._keep_an_administrator("demoted")
        self._refuse_open_work(now, f"the role of {self.username} cannot change")
        self.role = role.value
        self.store()

    def deactivate(self, by: Employee, now: int) -> None:
        """Take the right to log in and to be assigned; refused for oneself, the last administrator, open work."""
        if not self.is_active:
            return
        self._keep_an_administrator("deactivated")
        self.refuse_deactivation(by, now)
        self.is_active = False
        self.store()

    def refuse_deactivation(self, by: Employee, now: int) -> None:
        """Raise what keeps them from being deactivated, but for being the last administrator."""
        if self.id == by.id:
            message = "nobody deactivates themselves"
            raise Refused(message, hint="another administrator can do it")
        self._refuse_open_work(now, f"{self.username} cannot be deactivated")

    def activate(self) -> None:
        """Give the right to log in back."""
        self.is_active = True
        self.store()

    def delete_unused(self, by: Employee) -> None:
        """Delete an employee to whom nothing refers; otherwise refused with what does."""
        self._keep_an_administrator("deleted")
        self.refuse_deletion(by)
        self.remove()

    def refuse_deletion(self, by: Employee) -> None:
        """Raise what keeps them from being deleted, but for being the last administrator."""
        if self.id == by.id:
            message = "nobody deletes themselves"
            raise Refused(message, hint="another administrator can do it")
        references = [plural(count, noun) for noun, count in self.references() if count]
        if references:
            raise Refused(
                f"{self.username} cannot be deleted: they are named by {', '.join(references)}",
                hint=f"employee deactivate {self.username}",
            )

    def give_back(self, before: Mapping[str, Any], giving: Giving) -> None:
        """Let fields hold what they held, by the same rules as when they are changed by hand."""
        self.edit(before)
        if "role" in before:
            self.set_role(RoleName(before["role"]), giving.by, giving.now)
        if before.get("is_active") is True:
            self.activate()
        elif before.get("is_active") is False:
            self.deactivate(giving.by, giving.now)

    def remove_created(self, giving: Giving) -> None:
        """As any deletion."""
        self.delete_unused(giving.by)

    def come_back(self, giving: Giving) -> None:
        """Be there again, without a password: an administrator sets one."""
        self.set_username(self.username)
        self.password_hash, self.must_change_password = _NOBODY_KNOWS, True
        super().come_back(giving)

    def references(self) -> list[tuple[str, int]]:
        """How many records of each kind name this employee, counted up to 1000."""
        from crmshell.models.customer import Customer
        from crmshell.models.event import Event
        from crmshell.models.payment import Payment

        done = (JournalEntry.employee_id == self.id) & (JournalEntry.result == Result.DONE.value)
        return [
            ("customer", count_some(Customer.select().where(Customer.commercial == self))),
            ("event", count_some(Event.select().where(Event.support == self))),
            ("payment", count_some(Payment.select().where(Payment.recorded_by == self))),
            ("recorded change", count_some(JournalEntry.select().where(done))),
        ]

    def _keep_an_administrator(self, done: str) -> None:
        if not self.is_administrator:
            return
        others = [found for found in locks.hold_administrators() if found != self.id]
        if not others:
            message = f"{self.username} is the last administrator and cannot be {done}"
            raise Refused(message, hint="make somebody else an administrator first")

    def _refuse_open_work(self, now: int, refusal: str) -> None:
        from crmshell.models.customer import Customer
        from crmshell.models.event import Event

        customers = count_some(Customer.select().where((Customer.commercial == self) & Customer.alive()))
        if customers:
            raise Refused(
                f"{refusal}: they have {plural(customers, 'customer')}",
                hint=f"give them to another commercial first: employee handover {self.username} NAME",
            )
        events = count_some(Event.select().where((Event.support == self) & Event.not_ended(now)))
        if events:
            raise Refused(
                f"{refusal}: they support {plural(events, 'event')} that have not ended",
                hint=f"give them to somebody else first: employee handover {self.username} NAME",
            )


def active_with_role(role: RoleName) -> Any:
    """Which employees may be given work of this role."""
    return (Employee.role == role.value) & (Employee.is_active == True)  # noqa: E712  (an SQL expression)


def refuse_without_role(employee: Employee, role: RoleName) -> None:
    """Refuse to give work to somebody inactive or of another role."""
    if employee.role != role.value:
        raise Refused(
            f"{employee.username} is not a {role.value} but has the role {employee.role}",
            hint=f"employee list --role-filter {role.value}",
        )
    if not employee.is_active:
        raise Refused(f"{employee.username} is deactivated", hint=f"employee activate {employee.username}")


def any_employee() -> bool:
    """Whether the company has been set up."""
    return current().execute_sql("SELECT id FROM employee LIMIT 1").fetchone() is not None


Employee.shown = (
    Shown("id", Employee.id, found_by=Employee.id, order=Employee.id),
    Shown("username", Employee.username, found_by=Employee.username_key, order=Employee.username_key),
    Shown("fullname", Employee.fullname),
    Shown("role", Employee.role, found_by=Employee.role),
    Shown("active", Employee.is_active, changes_with="is_active", sense=Sense.IN_USE),
)
