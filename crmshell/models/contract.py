"""Contracts: what was agreed, whether it was signed, and what is still due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

import peewee

from crmshell.database import current
from crmshell.errors import Refused
from crmshell.models import handles, locks, search
from crmshell.models.base import Giving, Record, count_some
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee, RoleName
from crmshell.models.fields import AmountField, MomentField, Shown, UuidField
from crmshell.outcome import Kind, Sense
from crmshell.values import format_amount

_MERGER = "customer merge"  # which moves contracts in whatever state they are


class Contract(Record):
    """An agreement with a customer. Amounts are in cents; `total_paid` repeats the sum of the payments.

    `event_count` is kept by the database itself: how many events it has that are not cancelled.

    People name a contract by its UUID; `id` is the key of the tables and shown to nobody.
    """

    noun: ClassVar[str] = "contract"
    editable: ClassVar[Sequence[str]] = ("total_amount", "customer")
    unjournalled: ClassVar[frozenset[str]] = frozenset({"commercial", "event_count"})
    growing: ClassVar[frozenset[str]] = frozenset({"total_paid"})

    id: peewee.AutoField[int] = peewee.AutoField()
    uuid = UuidField(max_length=32, unique=True)
    customer = peewee.ForeignKeyField(Customer, backref="contracts", help_text="the customer it is with")
    customer_id: int
    commercial_id: int
    commercial = peewee.ForeignKeyField(Employee, backref="contracts")
    total_amount = AmountField(help_text="the whole price")
    total_paid = AmountField(default=0)
    signed_at = MomentField(null=True)
    created_at = MomentField()
    updated_at = MomentField()
    event_count = peewee.IntegerField(default=0)
    cancelled_at = MomentField(null=True)

    @property
    def handle(self) -> str:
        """The shortest prefix of the UUID that names this contract alone, at least 8 characters."""
        return handles.shortest([self.uuid])[self.uuid]

    @property
    def total_due(self) -> int:
        """What remains to be paid, in cents; nothing once cancelled."""
        return 0 if self.cancelled_at else int(self.total_amount - self.total_paid)

    @property
    def is_signed(self) -> bool:
        """Whether the customer has signed."""
        return self.signed_at is not None

    @property
    def owner(self) -> Employee:
        """The commercial of its customer."""
        employee: Employee = self.commercial
        return employee

    @classmethod
    def listed(cls) -> Any:
        """Every contract with its customer and their commercial."""
        return cls.select(*cls.shown_sources()).join(Customer).switch(cls).join(Employee)

    @classmethod
    def unsigned(cls) -> Any:
        """Which contracts wait for a signature."""
        return cls.signed_at.is_null() & cls.cancelled_at.is_null()

    @classmethod
    def signed(cls) -> Any:
        """Which contracts are in force."""
        return cls.signed_at.is_null(is_null=False) & cls.cancelled_at.is_null()

    @classmethod
    def cancellable(cls) -> Any:
        """Which contracts nothing keeps from being cancelled."""
        return cls.cancelled_at.is_null() & (cls.total_paid == 0)

    @classmethod
    def due(cls) -> Any:
        """Which contracts have something due."""
        return (cls.total_paid < cls.total_amount) & cls.cancelled_at.is_null()

    @classmethod
    def without_event(cls) -> Any:
        """Which contracts have no event, or none that was not cancelled, in the words of their index."""
        return cls.event_count == peewee.SQL("0")

    @classmethod
    def add(cls, customer: Customer, total_amount: int, *, identity: UUID, now: int) -> Self:
        """Draw up a contract with a customer."""
        contract = cls(
            uuid=identity.hex,
            customer=customer,
            commercial=customer.commercial_id,
            total_amount=total_amount,
            created_at=now,
            updated_at=now,
        )
        return contract.store()

    def sign(self, when: int) -> None:
        """Record the signature at `when` (UTC seconds); a second one changes nothing, a cancelled one takes none."""
        self.refuse_cancelled()
        if self.signed_at is None:
            self.signed_at = when
            self.store()

    def pay(self, amount: int, day: date, method: str, reference: str | None, by: Employee, now: int) -> Any:
        """Record a payment in cents; refused before the signature and above what remains."""
        from crmshell.models.payment import Payment

        self.refuse_cancelled()
        if not self.is_signed:
            raise Refused(f"contract {self.handle} is not signed", hint=f"contract sign {self.handle}")
        if amount > self.total_due:
            raise Refused(
                f"{format_amount(amount)} is more than the {format_amount(self.total_due)} that remain "
                f"on contract {self.handle}",
                hint=f"contract payments {self.handle}",
            )
        self.total_paid += amount
        self.store()
        payment = Payment(
            contract=self,
            amount=amount,
            day=day.isoformat(),
            method=method,
            reference=reference,
            recorded_by=by,
            recorded_at=now,
        )
        return payment.store()

    def refuse_cancelled(self) -> None:
        """Refuse what is done to contracts in force alone."""
        if self.cancelled_at is not None:
            message = f"contract {self.handle} was cancelled"
            raise Refused(message, hint=f"contract add {self.customer_id} draws up a new one")

    def cancel(self, now: int) -> int:
        """Cancel it and its events that have not ended, returns how many; refused while anything is paid."""
        self.refuse_cancelling()
        self.cancelled_at = now
        self.store()
        events = list(locks.hold(self.coming_events(now)))
        for event in events:
            event.cancel(now)
        return len(events)

    def refuse_cancelling(self) -> None:
        """Raise what keeps it from being cancelled."""
        self._refuse_paid("cancelled")

    def coming_events(self, now: int) -> Any:
        """Its events that are still to come or running."""
        from crmshell.models.event import Event

        return Event.select().where((Event.contract == self.id) & Event.not_ended(now)).order_by(Event.id)

    def unsign(self) -> None:
        """Take the signature back; refused while anything is paid, or an event is planned or was held."""
        from crmshell.models.event import Event

        self.refuse_cancelled()
        self._refuse_paid("unsigned")
        live = Event.select().where((Event.contract == self.id) & Event.cancelled_at.is_null()).order_by(Event.id)
        event = live.first()
        if event is not None:
            message = f"contract {self.handle} has event {event.id} ({event.name}) and cannot be unsigned"
            raise Refused(message, hint=f"event cancel {event.id}, unless it has been held")
        self.signed_at = None
        self.store()

    def _refuse_paid(self, done: str) -> None:
        if self.total_paid:
            paid = format_amount(self.total_paid)
            message = f"contract {self.handle} has {paid} paid and cannot be {done}"
            raise Refused(message, hint=f"contract reverse-payment {self.handle} takes a payment back")

    def take_back(self, payment: Any, day: date, by: Employee, now: int) -> Any:
        """Reverse a payment by a linked negative one; refused where it is not of this contract, or was reversed."""
        payment.refuse_reversal(self)
        self.total_paid -= payment.amount
        self.store()
        return payment.reversal(day, by, now).store()

    def edit(self, fields: Mapping[str, Any], by: Employee) -> None:
        """Change the total, the customer, or both."""
        self.refuse_cancelled()
        if "customer" in fields:
            self.set_customer(fields["customer"])
        if "total_amount" in fields:
            self.set_total(fields["total_amount"], by)
        self.store()

    def set_total(self, total_amount: int, by: Employee) -> None:
        """Change the price: until the signature, afterwards for an administrator, never below what is paid."""
        if total_amount == self.total_amount:
            return
        if self.is_signed and by.role != RoleName.ADMINISTRATOR:
            message = f"contract {self.handle} is signed: only an administrator may change its total now"
            raise Refused(message, hint="ask an administrator")
        if total_amount < self.total_paid:
            paid = format_amount(self.total_paid)
            raise Refused(
                f"{format_amount(total_amount)} is less than the {paid} already paid", hint=f"at least {paid}"
            )
        self.total_amount = total_amount

    def give_back(self, before: Mapping[str, Any], giving: Giving) -> None:
        """Let fields hold what they held, by the same rules as when they are changed by hand."""
        if "cancelled_at" not in before and giving.command != _MERGER:
            self.refuse_cancelled()
        elif before.get("cancelled_at") is not None:
            self._refuse_paid("cancelled")
        if "customer" in before:
            self._return_to(before["customer"], giving)
        if "total_amount" in before:
            self.set_total(before["total_amount"], giving.by)
        if "signed_at" in before and before["signed_at"] is None:
            self.unsign()
        for name in {"signed_at", "cancelled_at"} & before.keys():
            setattr(self, name, before[name])
        self.store()

    def _return_to(self, customer_id: int, giving: Giving) -> None:
        """Go back to the customer it was with; after a merger whatever has become of it since."""
        customer = Customer.find(customer_id)
        if customer is None:
            message = f"customer {customer_id} is gone"
            raise Refused(message, hint=f"journal list --on 'customer {customer_id}' says why")
        if giving.command != _MERGER:
            self.set_customer(customer)
            return
        self.customer, self.commercial = customer, customer.commercial
        self._repeat_customer(customer)

    def _repeat_customer(self, customer: Customer) -> None:
        """Keep the copies that its events have."""
        from crmshell.models.event import Event

        mine = Event.contract == self
        copies = Event.update(customer=customer.id, commercial=customer.commercial_id).where(mine)
        current().execute_sql(*copies.sql())
        search.change_owner(Event.noun, Event.select(Event.id).where(mine), customer.commercial_id)

    def copy_from_others(self) -> None:
        """The commercial of its customer."""
        self.commercial = self.customer.commercial

    def references(self) -> list[tuple[str, int]]:
        """Payments and events."""
        from crmshell.models.event import Event
        from crmshell.models.payment import Payment

        return [
            ("payment", count_some(Payment.select().where(Payment.contract == self))),
            ("event", count_some(Event.select().where(Event.contract == self))),
        ]

    def set_customer(self, customer: Customer) -> None:
        """Move the contract to another customer; only while unsigned, unpaid and without events."""
        from crmshell.models.event import Event

        if customer.id == self.customer_id:
            return
        if self.is_signed or self.total_paid:
            state = "signed" if self.is_signed else "partly paid"
            message = f"contract {self.handle} is {state}: its customer cannot change"
            raise Refused(message, hint=f"contract add {customer.id} draws up a new one")
        if Event.select().where(Event.contract == self).exists():
            message = f"contract {self.handle} has events: its customer cannot change"
            raise Refused(message, hint=f"contract add {customer.id} draws up a new one")
        self.customer = customer
        self.commercial = customer.commercial


_DUE = peewee.Case(
    None, [(Contract.cancelled_at.is_null(), Contract.total_amount - Contract.total_paid)], peewee.SQL("0")
)

Contract.related = {"customer": Customer, "commercial": Employee}
Contract.shown = (
    Shown("id", Contract.uuid, changes_with="uuid", found_by=Contract.uuid, order=Contract.uuid),
    Shown("customer_id", Contract.customer, Kind.NUMBER, changes_with="customer", found_by=Contract.customer),
    Shown("customer", Customer.fullname, changes_with="customer"),
    Shown("company", Customer.company, changes_with="customer"),
    Shown("commercial", Employee.username, found_by=Contract.commercial, sense=Sense.OWNER),
    Shown("total_amount", Contract.total_amount, order=Contract.total_amount),
    Shown("total_paid", Contract.total_paid),
    Shown("total_due", _DUE, Kind.AMOUNT, "total_amount total_paid cancelled_at", order=_DUE, sense=Sense.DUE),
    Shown("signed", Contract.signed_at.is_null(is_null=False), Kind.FLAG, changes_with="signed_at", sense=Sense.DONE),
    Shown("signed_at", Contract.signed_at, order=Contract.signed_at),
    Shown("created_at", Contract.created_at, order=Contract.created_at),
    Shown("cancelled_at", Contract.cancelled_at, is_aside=True, sense=Sense.ENDED),
)
