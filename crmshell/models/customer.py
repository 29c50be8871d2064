"""Customers, their addresses, and the commercial they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import peewee

from crmshell.database import current
from crmshell.errors import Conflict
from crmshell.models import locks
from crmshell.models.base import Record
from crmshell.models.employee import Employee, RoleName, refuse_without_role
from crmshell.models.fields import EmailField, MomentField, PhoneField, Shown
from crmshell.models.journal import Work
from crmshell.values import fold_email


class Customer(Record):
    """A person, of a company or not. `email_key` is the folded form in which duplicates are sought."""

    noun: ClassVar[str] = "customer"
    editable: ClassVar[Sequence[str]] = ("fullname", "company", "email", "phone")
    unjournalled: ClassVar[frozenset[str]] = frozenset({"email_key"})

    id: peewee.AutoField[int] = peewee.AutoField()
    fullname = peewee.CharField(max_length=255, help_text="first and last name")
    company = peewee.CharField(max_length=255, null=True, help_text="the company they speak for")
    email = EmailField(max_length=320, null=True, help_text="e-mail address")
    email_key = peewee.CharField(null=True)
    phone = PhoneField(max_length=20, null=True, help_text="phone number, any notation")
    commercial = peewee.ForeignKeyField(Employee, backref="customers", help_text="who looks after them")
    commercial_id: int
    created_at = MomentField()
    updated_at = MomentField()

    @classmethod
    def listed(cls) -> Any:
        """Every customer with the username of their commercial."""
        return cls.select(*cls.shown_sources()).join(Employee)

    @classmethod
    def add(cls, fields: Mapping[str, Any], commercial: Employee, *, allow_duplicate: bool, now: int) -> Self:
        """Create a customer of this commercial; raises Conflict where the e-mail is known, unless allowed."""
        customer = cls(**fields, commercial=commercial, created_at=now, updated_at=now)
        customer._keep_email_key(allow_duplicate=allow_duplicate)
        return customer.store()

    def edit(self, fields: Mapping[str, Any], *, allow_duplicate: bool) -> None:
        """Change the fields given, and nothing else."""
        for name, value in fields.items():
            setattr(self, name, value)
        if "email" in self.changed():
            self._keep_email_key(allow_duplicate=allow_duplicate)
        self.store()

    def give_to(self, commercial: Employee) -> None:
        """Move the customer, its contracts and their events to another commercial at once."""
        refuse_without_role(commercial, RoleName.COMMERCIAL)
        if self.commercial_id == commercial.id:
            return
        self.commercial = commercial
        self.store()
        self._repeat_commercial(commercial.id)

    def _repeat_commercial(self, commercial_id: int) -> None:
        """Keep the copies that the indexes need; `database check` compares them."""
        from crmshell.models.contract import Contract
        from crmshell.models.event import Event

        Work.current()
        for model in (Contract, Event):
            copies = model.update(commercial=commercial_id).where(model.customer == self)
            current().execute_sql(*copies.sql())
        for event in Event.select().where(Event.customer == self):
            event.index_words_again()

    def _keep_email_key(self, *, allow_duplicate: bool) -> None:
        self.email_key = fold_email(self.email) if self.email else None
        if self.email_key is None or allow_duplicate:
            return
        locks.hold_email(self.email_key)
        other = self._find_same_email(self.email_key)
        if other is not None:
            number, fullname = other
            raise Conflict(
                f"{self.email} is the e-mail of customer {number} already ({fullname})",
                hint=f"look at it with `customer detail {number}`, or add --allow-duplicate",
            )

    def _find_same_email(self, key: str) -> tuple[int, str] | None:
        """Number and name of another customer with this address."""
        database = current()
        mark = database.param
        sql = f"SELECT id, fullname FROM customer WHERE email_key = {mark} AND id <> {mark} ORDER BY id LIMIT 1"  # noqa: S608
        found: tuple[int, str] | None = database.execute_sql(sql, (key, self._known_id())).fetchone()
        return found

    def _known_id(self) -> int:
        return int(self.__data__.get("id") or 0)

    @property
    def owner(self) -> Employee:
        """The commercial who may change this record."""
        employee: Employee = self.commercial
        return employee

    def search_texts(self) -> Sequence[str | None]:
        """Name, company and e-mail."""
        return self.fullname, self.company, self.email

    def search_owner(self) -> int | None:
        """The commercial."""
        return int(self.__data__["commercial"])


Customer.shown = (
    Shown("id", Customer.id),
    Shown("fullname", Customer.fullname),
    Shown("company", Customer.company),
    Shown("email", Customer.email),
    Shown("phone", Customer.phone),
    Shown("commercial", Employee.username),
    Shown("created_at", Customer.created_at),
    Shown("updated_at", Customer.updated_at),
)
