"""Events: when and where, and who supports them without being in two places at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

import peewee

from crmshell.database import current
from crmshell.errors import Refused
from crmshell.models import locks
from crmshell.models.base import Giving, Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee, RoleName, refuse_without_role
from crmshell.models.fields import MomentField, NoteField, Order, Shown
from crmshell.outcome import Kind, Sense

Commercial = Employee.alias("commercial")
Support = Employee.alias("support")


class Event(Record):
    """An event of a signed contract; times are UTC seconds. `customer` and `commercial` repeat the contract's."""

    noun: ClassVar[str] = "event"
    editable: ClassVar[Sequence[str]] = ("name", "start", "end", "location", "attendees", "note")
    unjournalled: ClassVar[frozenset[str]] = frozenset({"customer", "commercial"})

    id: peewee.AutoField[int] = peewee.AutoField()
    name = peewee.CharField(max_length=255, help_text="what it is called")
    contract = peewee.ForeignKeyField(Contract, backref="events", help_text="the signed contract it belongs to")
    customer = peewee.ForeignKeyField(Customer, backref="events")
    commercial = peewee.ForeignKeyField(Employee, backref="sold_events")
    support = peewee.ForeignKeyField(Employee, backref="events", null=True)
    start = MomentField(column_name="starts_at", null=True, help_text="when it begins")
    end = MomentField(column_name="ends_at", null=True, help_text="when it ends")
    location = peewee.CharField(max_length=255, null=True, help_text="where it takes place")
    attendees = peewee.IntegerField(null=True, help_text="how many people are expected")
    note = NoteField(null=True, help_text="anything worth knowing")
    created_at = MomentField()
    updated_at = MomentField()
    cancelled_at = MomentField(null=True)

    @property
    def owner(self) -> Employee:
        """The commercial of its customer."""
        employee: Employee = self.commercial
        return employee

    @classmethod
    def listed(cls) -> Any:
        """Every event with its contract, customer, commercial and support."""
        return (
            cls.select(*cls.shown_sources())
            .join(Contract)
            .switch(cls)
            .join(Customer)
            .switch(cls)
            .join(Commercial, on=(cls.commercial == Commercial.id))
            .switch(cls)
            .join(Support, peewee.JOIN.LEFT_OUTER, on=(cls.support == Support.id))
        )

    @classmethod
    def default_order(cls) -> Order:
        """By start, the latest first, those without a date last."""
        return Order(cls.start, is_descending=True, is_nullable=True)

    @classmethod
    def not_ended(cls, now: int) -> Any:
        """Which events are still to come or running; one without dates has not ended, a cancelled one has."""
        return cls.cancelled_at.is_null() & (cls.end.is_null() | (cls.end > now))

    @classmethod
    def to_come(cls, now: int) -> tuple[list[Any], list[Any]]:
        """The same for those with dates and for those without, as the index of the starts has them apart."""
        in_force = cls.cancelled_at.is_null()
        return [in_force, *cls.ending_after(now)], [in_force, cls.start.is_null()]

    @classmethod
    def ending_after(cls, moment: int) -> list[Any]:
        """Which events reach beyond a moment: none that began so long before it that no event lasts till then."""
        length = peewee.fn.MAX(cls.end - cls.start)
        longest = current().execute_sql(*cls.select(length).sql()).fetchone()[0] or 0
        return [cls.end > moment, cls.start > moment - longest]

    @classmethod
    def unassigned(cls) -> Any:
        """Which events want somebody to support them."""
        return cls.support.is_null() & cls.cancelled_at.is_null()

    @classmethod
    def overlapping(cls, start: int, end: int) -> Any:
        """Which events share a moment with this span; touching it is not sharing, and what is cancelled takes none."""
        return (cls.start < end) & (cls.end > start) & cls.cancelled_at.is_null()

    @classmethod
    def add(cls, contract: Contract, fields: Mapping[str, Any], now: int) -> Self:
        """Plan an event of a signed contract."""
        contract.refuse_cancelled()
        if not contract.is_signed:
            raise Refused(f"contract {contract.handle} is not signed", hint=f"contract sign {contract.handle}")
        event = cls(
            **fields,
            contract=contract,
            customer=contract.customer_id,
            commercial=contract.commercial_id,
            created_at=now,
            updated_at=now,
        )
        event._check_span()
        return event.store()

    def edit(self, fields: Mapping[str, Any], *, force: bool) -> list[str]:
        """Change the fields given; returns what was overridden by force. Refused where the support is busy."""
        self._refuse_cancelled()
        for name, value in fields.items():
            setattr(self, name, value)
        self._check_span()
        moved = {"start", "end"} & set(self.changed())
        support = self.support if moved else None
        overridden = self._check_clash(support, force=force) if support else []
        self.store()
        return overridden

    @staticmethod
    def with_paragraph(text: str, stamp: str, note: str | None) -> str:
        """A note with one more paragraph, stamped with when and by whom."""
        paragraph = f"[{stamp}] {text}"
        return f"{note}\n\n{paragraph}" if note else paragraph

    def assign(self, support: Employee | None, *, force: bool) -> list[str]:
        """Name the support contact, or nobody; returns what was overridden by force."""
        self._refuse_cancelled()
        overridden: list[str] = []
        if support is not None:
            refuse_without_role(support, RoleName.SUPPORT)
            overridden = self._check_clash(support, force=force)
        self.support = support
        self.store()
        return overridden

    def cancel(self, now: int) -> None:
        """Cancel it: its support is free again. Refused once it has ended."""
        self.refuse_cancelling(now)
        self.cancelled_at = now
        self.store()

    def refuse_cancelling(self, now: int) -> None:
        """Raise what keeps it from being cancelled."""
        if self.end is not None and self.end <= now:
            message = f"event {self.id} has ended and cannot be cancelled"
            raise Refused(message, hint=f"event detail {self.id} says when")

    def _refuse_cancelled(self) -> None:
        if self.cancelled_at is not None:
            message = f"event {self.id} was cancelled"
            raise Refused(message, hint="event add plans another one")

    def clash_of(self, support: Employee) -> Event | None:
        """Another event that keeps this employee busy meanwhile, None where they are free."""
        if self.start is None or self.end is None:
            return None
        others = Event.select().where((Event.support == support) & Event.overlapping(self.start, self.end))
        clash: Event | None = others.where(Event.id != self.id).order_by(Event.start).first()
        return clash

    def give_back(self, before: Mapping[str, Any], giving: Giving) -> None:  # noqa: ARG002
        """Let fields hold what they held; the support must still be one, and free."""
        if "cancelled_at" not in before:
            self._refuse_cancelled()
        for name, value in before.items():
            setattr(self, name, value)
        if "cancelled_at" in before and self.cancelled_at is None:
            self.contract.refuse_cancelled()
        self._check_span()
        self._check_support_again(before.keys())
        self.store()

    def _check_support_again(self, names: Collection[str]) -> None:
        """What `assign` and `edit` ask of the support, where one of these fields has changed."""
        if self.support is None or self.cancelled_at is not None:
            return
        if "support" in names:
            refuse_without_role(self.support, RoleName.SUPPORT)
        if {"support", "start", "end", "cancelled_at"} & set(names):
            self._check_clash(self.support, force=False)

    def come_back(self, giving: Giving) -> None:
        """Be there again; the contract must still be signed and in force, the support free."""
        self.contract.refuse_cancelled()
        if not self.contract.is_signed:
            message = f"contract {self.contract.handle} is not signed"
            raise Refused(message, hint=f"contract sign {self.contract.handle}")
        self._check_support_again(["support"])
        super().come_back(giving)

    def copy_from_others(self) -> None:
        """Customer and commercial of its contract."""
        self.customer, self.commercial = self.contract.customer, self.contract.commercial

    def _check_span(self) -> None:
        if (self.start is None) != (self.end is None):
            missing, given = ("--end", "--start") if self.end is None else ("--start", "--end")
            message = "an event has a start and an end, or neither"
            raise Refused(message, hint=f"give {missing} too, or leave {given} empty")
        if self.start is not None and self.end is not None and self.end <= self.start:
            message = "the end of an event comes after its start"
            raise Refused(message, hint="check --start and --end")

    def _check_clash(self, support: Employee, *, force: bool) -> list[str]:
        locks.hold_employee(support.id)
        clash = self.clash_of(support)
        if clash is None:
            return []
        sentence = f"{support.username} is busy at event {clash.id} ({clash.name}) meanwhile"
        if not force:
            raise Refused(sentence, hint=f"see `event detail {clash.id}`, or override with --force")
        return [f"overridden: {sentence}"]

    def search_texts(self) -> Sequence[str | None]:
        """Name, place and note."""
        return self.name, self.location, self.note

    def search_owner(self) -> int | None:
        """The commercial of the customer."""
        return int(self.__data__["commercial"])


Event.related = {"contract": Contract, "customer": Customer, "commercial": Commercial, "support": Support}
Event.shown = (
    Shown("id", Event.id, found_by=Event.id, order=Event.id),
    Shown("name", Event.name),
    Shown("contract_id", Contract.uuid, changes_with="contract", found_by=Contract.uuid),
    Shown("customer_id", Event.customer, Kind.NUMBER, changes_with="contract", found_by=Event.customer),
    Shown("customer", Customer.fullname, changes_with="contract"),
    Shown("commercial", Commercial.username, changes_with="contract", found_by=Event.commercial, sense=Sense.OWNER),
    Shown("support", Support.username, found_by=Event.support, sense=Sense.OWNER),
    Shown("start", Event.start, order=Event.start),
    Shown("end", Event.end, order=Event.end),
    Shown("attendees", Event.attendees),
    Shown("location", Event.location),
    Shown("note", Event.note),
    Shown("cancelled_at", Event.cancelled_at, is_aside=True, sense=Sense.ENDED),
)
