"""Payments: entries of their own, written once and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

import peewee

from crmshell.errors import Refused
from crmshell.models import search
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.employee import Employee
from crmshell.models.fields import AmountField, DayField, MomentField, Shown, StateField
from crmshell.outcome import Kind


class Method(StrEnum):
    """How it was paid."""

    TRANSFER = "transfer"
    CARD = "card"
    CHEQUE = "cheque"
    CASH = "cash"
    DEBIT = "debit"
    OTHER = "other"


class Payment(Record):
    """Money received for a contract, in cents; negative exactly where it takes back another payment, once."""

    noun: ClassVar[str] = "payment"

    id: peewee.AutoField[int] = peewee.AutoField()
    contract = peewee.ForeignKeyField(Contract, backref="payments")
    contract_id: int
    amount = AmountField(help_text="what was received")
    day = DayField(max_length=10)
    method = StateField(default=Method.TRANSFER.value, choices=[(method.value, method.value) for method in Method])
    reference = peewee.CharField(max_length=255, null=True)
    recorded_by = peewee.ForeignKeyField(Employee, backref="payments")
    recorded_at = MomentField()
    reverses = peewee.ForeignKeyField("self", backref="reversals", null=True, unique=True)
    reverses_id: int | None

    def search_texts(self) -> Sequence[str | None]:
        """The reference."""
        return (self.reference,)

    def search_home(self) -> tuple[str, int]:
        """The contract is what is found."""
        return Contract.noun, int(self.__data__["contract"])

    def _replace_words(self) -> None:
        super()._replace_words()
        self._remember_others()

    def remove(self) -> None:
        """Delete the payment and note it for the journal."""
        super().remove()
        self._remember_others()

    def _remember_others(self) -> None:
        """Leave the contract the words that other payments of it have too."""
        for other in Payment.select().where((Payment.contract == self.contract_id) & (Payment.id != self.id)):
            search.remember(*other.search_home(), other.search_owner(), other.search_texts())

    @classmethod
    def reversible(cls) -> Any:
        """Which payments may be taken back: those that do not take one back, and were not."""
        other = cls.alias()
        reversals = other.select(peewee.SQL("1")).where(other.reverses == cls.id)
        return (cls.amount > 0) & ~peewee.fn.EXISTS(reversals)

    def refuse_reversal(self, contract: Contract) -> None:
        """Raise what keeps this payment from being reversed on a contract."""
        hint = f"contract payments {contract.handle}"
        if self.contract_id != contract.id:
            raise Refused(f"payment {self.id} is not one of contract {contract.handle}", hint=hint)
        if self.reverses_id is not None:
            raise Refused(f"payment {self.id} takes back payment {self.reverses_id} itself", hint=hint)
        reversal = Payment.get_or_none(Payment.reverses == self.id)
        if reversal is not None:
            raise Refused(f"payment {self.id} was taken back by payment {reversal.id} already", hint=hint)

    def reversal(self, day: date, by: Employee, now: int) -> Payment:
        """The negative entry that takes this payment back, not stored yet."""
        return Payment(
            contract=self.contract_id,
            amount=-self.amount,
            day=day.isoformat(),
            method=self.method,
            reference=self.reference,
            recorded_by=by,
            recorded_at=now,
            reverses=self.id,
        )

    @classmethod
    def listed(cls) -> Any:
        """Every payment with its contract and who recorded it."""
        return cls.select(*cls.shown_sources()).join(Contract).switch(cls).join(Employee)


Payment.related = {"contract": Contract, "recorded_by": Employee}
Payment.shown = (
    Shown("id", Payment.id, found_by=Payment.id, order=Payment.id),
    Shown("contract_id", Contract.uuid, found_by=Contract.uuid),
    Shown("amount", Payment.amount),
    Shown("date", Payment.day, changes_with="day"),
    Shown("method", Payment.method),
    Shown("reference", Payment.reference),
    Shown("recorded_by", Employee.username, found_by=Payment.recorded_by),
    Shown("recorded_at", Payment.recorded_at),
    Shown("reverses", Payment.reverses, Kind.NUMBER, is_aside=True),
)
