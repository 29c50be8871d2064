"""Totals of contracts that the database keeps while it is written to: reading them costs the same at any size."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import peewee

from crmshell.database import current, marked
from crmshell.models.contract import Contract
from crmshell.models.employee import Employee
from crmshell.models.table import Table


class Dimension(StrEnum):
    """What contracts are added up by."""

    STATE = "state"
    COMMERCIAL = "commercial"
    MONTH = "month"


class ContractTotal(Table):
    """A part of a total: the shards of one value are added up."""

    dimension = peewee.CharField()
    value = peewee.CharField()
    shard = peewee.IntegerField()
    records = peewee.BigIntegerField()
    total_amount = peewee.BigIntegerField()
    total_paid = peewee.BigIntegerField()
    total_due = peewee.BigIntegerField()

    class Meta:
        table_name = "contract_total"
        primary_key = peewee.CompositeKey("dimension", "value", "shard")


def totals(dimension: Dimension) -> list[list[Any]]:
    """Each value with its contracts and their amounts, in order; a commercial by username."""
    lines = {value: numbers for value, *numbers in _kept(dimension) if numbers[0]}
    if dimension is Dimension.COMMERCIAL:
        names = {str(number): name for number, name in _usernames()}
        lines = {names[value]: numbers for value, numbers in lines.items()}
    return [[value, *lines[value]] for value in sorted(lines)]


def grand_total() -> list[int]:
    """How many contracts there are, and their amounts."""
    columns = list(zip(*(numbers for _, *numbers in _kept(Dimension.STATE)), strict=True))
    return [sum(column) for column in columns] or [0, 0, 0, 0]


def problems() -> Iterator[str]:
    """Where a total is not what the contracts add up to."""
    for dimension in Dimension:
        kept = {value: numbers for value, *numbers in _kept(dimension) if any(numbers)}
        counted = {value: numbers for value, *numbers in _counted(dimension)}
        for value in sorted(kept.keys() | counted.keys()):
            if kept.get(value) != counted.get(value):
                yield f"the totals by {dimension} are wrong for {value}"


def _kept(dimension: Dimension) -> list[list[Any]]:
    total = ContractTotal
    sums = [peewee.fn.SUM(field) for field in (total.records, total.total_amount, total.total_paid, total.total_due)]
    query = total.select(total.value, *sums).where(total.dimension == dimension.value).group_by(total.value)
    return [_whole(row) for row in current().execute_sql(*query.sql())]


def _counted(dimension: Dimension) -> list[list[Any]]:
    """The same, counted anew."""
    due = next(shown.source for shown in Contract.shown if shown.name == "total_due")
    sums = [peewee.fn.SUM(source) for source in (Contract.total_amount, Contract.total_paid, due)]
    query = Contract.select(_value(dimension), peewee.fn.COUNT(peewee.SQL("*")), *sums).group_by(peewee.SQL("1"))
    sql, params = query.sql()
    return [_whole(row) for row in current().execute_sql(marked(sql, "scan"), params)]


def _value(dimension: Dimension) -> Any:
    if dimension is Dimension.COMMERCIAL:
        return Contract.commercial.cast("TEXT")
    if dimension is Dimension.MONTH:
        month = peewee.fn.strftime("%Y-%m", Contract.created_at, "unixepoch")
        zoned = peewee.fn.timezone("UTC", peewee.fn.to_timestamp(Contract.created_at))
        return month if current().engine == "sqlite" else peewee.fn.to_char(zoned, "YYYY-MM")
    states = [
        (Contract.cancelled_at.is_null(is_null=False), "cancelled"),
        (Contract.signed_at.is_null(), "not signed"),
        (Contract.total_paid < Contract.total_amount, "due"),
    ]
    return peewee.Case(None, states, "paid")


def _whole(row: Any) -> list[Any]:
    """PostgreSQL adds whole numbers up to decimal ones."""
    return [row[0], *map(int, row[1:])]


def _usernames() -> list[tuple[int, str]]:
    return [(employee.id, str(employee.username)) for employee in Employee.select(Employee.id, Employee.username)]
