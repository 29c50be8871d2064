"""Customers, their addresses, and the commercial they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, reduce
from operator import and_
from typing import Any, ClassVar, Self

import peewee

from crmshell.errors import Conflict, Refused
from crmshell.models import likeness, locks
from crmshell.models.base import Giving, Record, count_some
from crmshell.models.employee import Employee, RoleName, refuse_without_role
from crmshell.models.fields import DayField, EmailField, MomentField, NoteField, PhoneField, Shown
from crmshell.outcome import Kind, Sense
from crmshell.people import fold_email
from crmshell.text import words

_ALLOW = "add --allow-duplicate"
_OTHERWISE = "give that one another e-mail first"


class Customer(Record):
    """A person, of a company or not.

    `email_key` and `name_key` are the folded forms in which duplicates are sought. Whoever was merged into another
    customer is deleted too, and so is whoever was erased.
    """

    noun: ClassVar[str] = "customer"
    editable: ClassVar[Sequence[str]] = ("fullname", "company", "email", "phone")
    unjournalled: ClassVar[frozenset[str]] = frozenset({"email_key", "name_key"})
    growing: ClassVar[frozenset[str]] = frozenset({"last_contact"})

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
    last_contact = DayField(max_length=10, null=True, help_text="when somebody last spoke with them")
    note = NoteField(null=True, help_text="what was said")
    deleted_at = MomentField(null=True)
    merged_into = peewee.ForeignKeyField("self", backref="merged", null=True)
    merged_into_id: int | None
    erased_at = MomentField(null=True)
    name_key = peewee.CharField(null=True)
    alike: Sequence[likeness.Likeness] = ()
    """Who else had the same phone, e-mail or name, when that was last looked for."""

    @classmethod
    @cache
    def alive(cls) -> Any:
        """Customers that were not deleted."""
        return cls.deleted_at.is_null()

    @classmethod
    def restorable(cls) -> Any:
        """Customers that were deleted and may come back."""
        return cls.deleted_at.is_null(is_null=False) & cls.merged_into.is_null() & cls.erased_at.is_null()

    @classmethod
    def silent_since(cls, day: date, moment: int) -> Any:
        """Customers with whom nothing has happened since a day, which began at a moment."""
        from crmshell.models.contract import Contract
        from crmshell.models.event import Event
        from crmshell.models.payment import Payment

        one = peewee.SQL("1")
        agreed = (Contract.created_at >= moment) | (Contract.signed_at >= moment)
        planned = (Event.created_at >= moment) | (Event.end >= moment)
        payments = Payment.select(one).join(Contract).where(Contract.customer == cls.id, Payment.recorded_at >= moment)
        happened = (
            Contract.select(one).where((Contract.customer == cls.id) & agreed),
            Event.select(one).where((Event.customer == cls.id) & planned),
            payments,
        )
        quiet = (cls.created_at < moment) & (cls.last_contact.is_null() | (cls.last_contact < day.isoformat()))
        return reduce(and_, (~peewee.fn.EXISTS(query) for query in happened), quiet)

    @property
    def is_alive(self) -> bool:
        """Whether this customer was not deleted."""
        return self.deleted_at is None

    def successor(self) -> Customer | None:
        """The customer this one was merged into, at the end of however many mergers; None where it was not."""
        heir = self
        while heir.merged_into_id is not None:
            heir = heir.merged_into
        return heir if heir is not self else None

    def numbers(self) -> Sequence[int]:
        """Its own number, and those of all customers that were merged into it."""
        found, waiting = [self.id], [self.id]
        while waiting:
            query = Customer.select(Customer.id).where(Customer.merged_into.in_(waiting)).order_by(Customer.id)
            waiting = [merged.id for merged in query]
            found += waiting
        return found

    @classmethod
    def listed(cls) -> Any:
        """Every customer with the username of their commercial, deleted ones too."""
        return cls.select(*cls.shown_sources()).join(Employee)

    @classmethod
    def add(cls, fields: Mapping[str, Any], commercial: Employee, *, allow_duplicate: bool, now: int) -> Self:
        """Create a customer of this commercial; raises Conflict where the e-mail is known, unless allowed."""
        customer = cls.made({**fields, "commercial": commercial, "created_at": now, "updated_at": now})
        customer.fold()
        customer._look_for_others(likeness.COLUMNS, None if allow_duplicate else _ALLOW)  # noqa: SLF001  (its own)
        return super(Customer, customer).store()  # folded already

    def edit(self, fields: Mapping[str, Any], *, allow_duplicate: bool) -> None:
        """Change the fields given, and nothing else; raises Conflict as `add` does. Who was alike before is no news."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.fold()
        changed = self.changed()
        changed_columns = [c for c in likeness.COLUMNS if c in changed or (c == likeness.EMAIL and "email" in changed)]
        self._look_for_others(changed_columns, None if allow_duplicate else _ALLOW)
        super().store()  # folded already

    def store(self) -> Self:
        """Write it, and the folded forms of what it holds."""
        self.fold()
        return super().store()

    def fold(self) -> None:
        """Bring the keys by which duplicates are found in line."""
        self.email_key = fold_email(self.email) if self.email else None
        self.name_key = None if self.erased_at else name_key(self.fullname, self.company)

    def give_to(self, commercial: Employee) -> None:
        """Move the customer, its contracts and their events to another commercial at once."""
        from crmshell.models import bulk

        refuse_without_role(commercial, RoleName.COMMERCIAL)
        if self.commercial_id == commercial.id:
            return
        self.commercial = commercial
        self.store()
        bulk.repeat_commercial([self.id], commercial.id)

    def holdings(self, now: int) -> tuple[int, int, int]:
        """How many contracts they have, how many cents are due on them, and how many events are to come."""
        from crmshell.models.contract import Contract
        from crmshell.models.event import Event

        due = peewee.fn.SUM(Contract.total_amount - Contract.total_paid).filter(Contract.due())
        contracts, cents = (
            Contract.select(peewee.fn.COUNT(Contract.id), due).where(Contract.customer == self).scalar(as_tuple=True)
        )
        coming = Event.select().where((Event.customer == self) & Event.not_ended(now)).count()
        return contracts, int(cents or 0), coming

    def retire(self, now: int) -> None:
        """Take it out of lists, completion and search; its contracts, events and history stay."""
        self.deleted_at = now
        self.store()

    def restore(self) -> None:
        """Bring it back; refused where its commercial has gone, Conflict where its e-mail was taken meanwhile."""
        if self.erased_at is not None:
            message = f"customer {self.id} was erased"
            raise Refused(message, hint="nothing is left to bring back: customer add enters them anew")
        owner = self.owner
        if not owner.is_active or owner.role != RoleName.COMMERCIAL:
            message = f"{owner.username}, to whom customer {self.id} belongs, is no active commercial"
            raise Refused(message, hint=f"customer set-commercial {self.id} NAME gives it to another one first")
        self.deleted_at = None
        self._look_for_others(likeness.COLUMNS, _OTHERWISE)
        self.store()

    def note_contact(self, day: date, text: str | None, by: Employee) -> None:
        """Record that somebody spoke with them on this day, and what was said; the latest day stays the last one."""
        from crmshell.models.event import Event

        self.last_contact = max(day.isoformat(), self.last_contact or "")
        if text:
            self.note = Event.with_paragraph(text, f"{day.isoformat()} {by.username}", self.note)
        self.store()

    def likenesses(self) -> list[str]:
        """What is to be said about those who were found alike when this customer was last written, in one sentence."""
        return likeness.told(self.id, self.commercial_id, self.alike)

    def _look_for_others(self, columns: Iterable[str], otherwise: str | None) -> None:
        """Find who has the same in these columns; raises Conflict where it is the e-mail.

        `otherwise` says what else may be typed; with None any e-mail is taken.
        """
        values = {column: value for column in columns if (value := self.__data__[column]) is not None}
        if otherwise is not None and likeness.EMAIL in values:
            locks.hold_email(values[likeness.EMAIL])
        self.alike = likeness.find_alike(self.__data__.get("id") or 0, values)
        same = next((other for other in self.alike if other.shares_email), None)
        if same is not None and otherwise is not None:
            raise Conflict(
                f"{self.email} is the e-mail of customer {same.number} already ({same.fullname})",
                hint=f"look at it with `customer detail {same.number}`, or {otherwise}",
            )

    def give_back(self, before: Mapping[str, Any], giving: Giving) -> None:  # noqa: ARG002
        """Let fields hold what they held; the commercial must still be one, and the e-mail free."""
        from crmshell.models import bulk

        for name, value in before.items():
            setattr(self, name, value)
        if self.is_alive and {"commercial", "deleted_at"} & before.keys():
            refuse_without_role(self.commercial, RoleName.COMMERCIAL)
        if self.is_alive and {"email", "deleted_at"} & before.keys():
            self.fold()
            self._look_for_others([likeness.EMAIL], _OTHERWISE)
        self.store()
        if "commercial" in before:
            bulk.repeat_commercial([self.id], self.commercial_id)

    def come_back(self, giving: Giving) -> None:
        """Be there again; the commercial must still be one, and the e-mail free."""
        refuse_without_role(self.commercial, RoleName.COMMERCIAL)
        self.fold()
        self._look_for_others([likeness.EMAIL], _OTHERWISE)
        super().come_back(giving)

    def references(self) -> list[tuple[str, int]]:
        """Contracts, and customers that were merged into this one."""
        from crmshell.models.contract import Contract

        return [
            ("contract", count_some(Contract.select().where(Contract.customer == self))),
            ("merged customer", count_some(Customer.select().where(Customer.merged_into == self))),
        ]

    @property
    def owner(self) -> Employee:
        """The commercial who may change this record."""
        employee: Employee = self.commercial
        return employee

    def search_texts(self) -> Sequence[str | None]:
        """Name, company, e-mail, phone and note; nothing once deleted."""
        return () if self.deleted_at else (self.fullname, self.company, self.email, self.phone, self.note)

    def search_owner(self) -> int | None:
        """The commercial."""
        return int(self.__data__["commercial"])


def name_key(fullname: str, company: str | None) -> str:
    """Name and company as duplicates are compared: folded, the words of each in one order."""
    return " / ".join(" ".join(sorted(words(text or ""))) for text in (fullname, company))


Customer.related = {"commercial": Employee}
Customer.shown = (
    Shown("id", Customer.id, found_by=Customer.id, order=Customer.id),
    Shown("fullname", Customer.fullname),
    Shown("company", Customer.company),
    Shown("email", Customer.email, found_by=Customer.email_key),
    Shown("phone", Customer.phone, found_by=Customer.phone),
    Shown("commercial", Employee.username, found_by=Customer.commercial, sense=Sense.OWNER),
    Shown("created_at", Customer.created_at, order=Customer.created_at),
    Shown("updated_at", Customer.updated_at),
    Shown("last_contact", Customer.last_contact, is_aside=True),
    Shown("note", Customer.note, is_aside=True),
    Shown("deleted_at", Customer.deleted_at, is_aside=True, sense=Sense.ENDED),
    Shown("merged_into", Customer.merged_into, Kind.NUMBER, is_aside=True),
    Shown("erased_at", Customer.erased_at, is_aside=True),
)
