"""Sums of a list: how many records there are and what their amounts add up to, for each group or in all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import peewee

from crmshell.database import current
from crmshell.models.base import Record
from crmshell.models.conditions import Field, own_fields
from crmshell.models.listings import Selection, all_rows, measure_of
from crmshell.outcome import Column, Kind

PARTS = {"year": 4, "month": 7, "day": 10}
"""What a moment may be grouped by, and how many characters of YYYY-MM-DD that is."""

_QUARTER = 900  # seconds; no zone changes its day within a quarter of an hour


class GroupKey(NamedTuple):
    """A field to group by, or a part of it."""

    field: Field
    part: str

    @property
    def column(self) -> Column:
        """The column of the result."""
        return Column(f"{self.field.name}.{self.part}", Kind.DAY) if self.part else self.field.column


class Grouping:
    """The columns of a result, and how its lines are made and sorted."""

    def __init__(self, model: type[Record], keys: Sequence[GroupKey], *, with_amounts: bool) -> None:
        self.model, self.keys = model, keys
        own = own_fields(model) if with_amounts else []
        self.amounts = [found for found in own if found.kind is Kind.AMOUNT]

    @property
    def columns(self) -> list[Column]:
        """The fields grouped by, the count, and the amounts."""
        keys = [key.column for key in self.keys]
        return [*keys, Column("count", Kind.NUMBER), *(amount.column for amount in self.amounts)]

    @property
    def sources(self) -> list[Any]:
        """What has to be read of each record."""
        return [*(key.field.source for key in self.keys), *(amount.source for amount in self.amounts)]

    def sorted(self, groups: list[list[Any]], order: Sequence[tuple[int, bool]]) -> list[list[Any]]:
        """The groups by their fields, or by the columns asked for."""
        measures = [measure_of(column.kind) for column in self.columns]
        by_key = [(place, False) for place in range(len(self.keys))]
        for place, is_descending in reversed([*order, *by_key]):
            groups.sort(key=lambda group: _comparable(group[place], measures[place]), reverse=is_descending)
        return groups


def _comparable(value: Any, measure: Callable[[Any], Any]) -> tuple[bool, Any]:
    return (False, None) if value is None else (True, measure(value))


def summed(grouping: Grouping, selection: Selection, zone: ZoneInfo) -> list[list[Any]]:
    """One line for each group; without fields to group by there is one, of everything."""
    if selection.looks or selection.ids is not None or any(key.part for key in grouping.keys):
        return _summed_here(grouping, selection, zone)
    return _summed_there(grouping, selection)


def _summed_there(grouping: Grouping, selection: Selection) -> list[list[Any]]:
    """The groups as the database makes them."""
    keys = [key.field.source for key in grouping.keys]
    sums = [peewee.fn.SUM(amount.source) for amount in grouping.amounts]
    query = selection.query([*keys, peewee.fn.COUNT(peewee.SQL("*")), *sums])
    if keys:
        query = query.group_by(*(peewee.SQL(str(place)) for place in range(1, len(keys) + 1)))
    parts = [_part(key, ZoneInfo("UTC")) for key in grouping.keys]
    return [_line(row, parts) for row in current().stream(query, selection.mark)]


def _line(row: Sequence[Any], parts: Sequence[Callable[[Any], Any]]) -> list[Any]:
    """One group; PostgreSQL adds whole numbers up to decimal ones, and nothing up to null."""
    keys = [part(value) for part, value in zip(parts, row, strict=False)]
    return [*keys, *(int(number or 0) for number in row[len(parts) :])]


def _summed_here(grouping: Grouping, selection: Selection, zone: ZoneInfo) -> list[list[Any]]:
    """The same for what only shows by looking at each row."""
    parts = [_part(key, zone) for key in grouping.keys]
    length, width = len(parts), len(grouping.amounts)
    groups: dict[tuple[Any, ...], list[int]] = {} if parts else {(): [0] * (width + 1)}
    for row in all_rows(selection, [*grouping.sources, selection.model.id]):
        key = tuple(part(value) for part, value in zip(parts, row, strict=False))
        group = groups.get(key)
        if group is None:
            group = groups[key] = [0] * (width + 1)
        group[0] += 1
        for place, amount in enumerate(row[length:-1], 1):
            group[place] += amount  # type: ignore[operator]  # an amount is a number
    return [[*key, *group] for key, group in groups.items()]


def _part(key: GroupKey, zone: ZoneInfo) -> Callable[[Any], Any]:
    """What of a value makes its group."""
    if not key.part:
        return bool if key.field.kind is Kind.FLAG else lambda value: value
    length = PARTS[key.part]
    if key.field.kind is Kind.DAY:
        return lambda day: day and day[:length]

    @lru_cache(maxsize=100_000)
    def of_quarter(quarter: int) -> str:
        return datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone(zone).date().isoformat()[:length]

    return lambda seconds: None if seconds is None else of_quarter(seconds // _QUARTER)
