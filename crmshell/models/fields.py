"""The kinds of column: what is stored is what both engines hold natively, integers and text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import peewee

from crmshell.outcome import Column, Kind, Sense


class AmountField(peewee.BigIntegerField):
    """Money in integer cents."""


class MomentField(peewee.BigIntegerField):
    """Seconds since 1970, UTC."""


class DayField(peewee.CharField):
    """A calendar day as YYYY-MM-DD."""


class UuidField(peewee.CharField):
    """A UUID as 32 lower-case hexadecimal digits, which sort and range the same on both engines."""


class EmailField(peewee.CharField):
    """A normalised e-mail address."""


class PhoneField(peewee.CharField):
    """A phone number in E.164."""


class NameField(peewee.CharField):
    """A handle that people type, such as a username."""


class StateField(peewee.CharField):
    """One of a few words, named by `choices`."""


class NoteField(peewee.TextField):
    """A text of several lines."""


_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (AmountField, Kind.AMOUNT),
    (MomentField, Kind.MOMENT),
    (DayField, Kind.DAY),
    (UuidField, Kind.UUID),
    (EmailField, Kind.EMAIL),
    (PhoneField, Kind.PHONE),
    (NameField, Kind.NAME),
    (StateField, Kind.STATE),
    (peewee.BooleanField, Kind.FLAG),
    (peewee.IntegerField, Kind.NUMBER),
)


def kind_of(field: Any) -> Kind:
    """How the values of a field are shown."""
    return next((kind for cls, kind in _KINDS if isinstance(field, cls)), Kind.TEXT)


class Order(NamedTuple):
    """A column to sort by, and which end comes first; records of the same value follow each other by their id."""

    column: Any
    is_descending: bool
    is_nullable: bool = False


@dataclass(frozen=True)
class Shown:
    """A field as lists, cards, json and csv show it: its name, where its value comes from, and its kind.

    `changes_with` names the stored fields whose change marks it, apart by blanks, where the names differ. What is
    `is_aside` has no column in a table, where nearly every row would leave it empty. `found_by` is the column whose
    index answers `=`, for a flag the conditions that it is on and off; `order` the indexed column by which lists are
    sorted. Both are held against the indexes there are by tests/test_plans.py.
    """

    name: str
    source: Any
    kind: Kind | None = None
    changes_with: str = ""
    is_aside: bool = False
    found_by: Any = None
    order: Any = None
    sense: Sense | None = None

    @cached_property
    def column(self) -> Column:
        """The column of a listing."""
        source = getattr(self.source, "field", self.source)  # a field of an aliased model
        return Column(self.name, self.kind or kind_of(source), self.is_aside, self.sense)

    @cached_property
    def stored(self) -> frozenset[str]:
        """The names of the model's fields that it is made of."""
        return frozenset((self.changes_with or self.name).split())
