"""Payments: entries of their own, written once and never changed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

import peewee

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
    amount = AmountField(help_text="what was received")
    day = DayField(max_length=10)
    method = StateField(default=Method.TRANSFER.value, choices=[(method.value, method.value) for method in Method])
    reference = peewee.CharField(max_length=255, null=True)
    recorded_by = peewee.ForeignKeyField(Employee, backref="payments")
    recorded_at = MomentField()
    reverses = peewee.ForeignKeyField("self", backref="reversals", null=True, unique=True)
    reverses_id: int | None

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
