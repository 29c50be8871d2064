"""Customers who may be one and the same person: they share a phone, an e-mail, or name and company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from crmshell.database import current

PHONE, EMAIL, NAME = "phone", "email_key", "name_key"
COLUMNS = (PHONE, EMAIL, NAME)
"""The columns of a customer in which likenesses are sought, the one that says most first."""

_WORDS = {PHONE: "phone", EMAIL: "e-mail", NAME: "name"}
_AT_ONCE = 30
_TOLD = 3


class Likeness(NamedTuple):
    """Another customer, the place in COLUMNS of what is shared with them, and whose they are."""

    number: int
    fullname: str
    place: int
    commercial_id: int

    @property
    def shares_email(self) -> bool:
        """Whether it is the e-mail."""
        return COLUMNS[self.place] == EMAIL


def find_alike(record_id: int, values: Mapping[str, str]) -> list[Likeness]:
    """The customers that were not deleted, but for this one, with one of these values in its column, by number.

    However many there are, no more than some are looked at.
    """
    columns = tuple(values)
    given = [value for own in values.values() for value in (own, record_id)]
    found = current().execute_sql(_sql(columns, current().param), given).fetchall() if columns else []
    return sorted(Likeness(*row) for row in found)


def told(record_id: int, commercial_id: int, alike: Sequence[Likeness]) -> list[str]:
    """What is to be said about them to the commercial of a customer, in a sentence or two at most."""
    if not alike:
        return []
    first, numbers = alike[0], list(dict.fromkeys(str(each.number) for each in alike))[1:_TOLD]
    too = f" ({' and '.join(numbers)} too)" if numbers else ""
    shared = _WORDS[COLUMNS[first.place]]
    same = f"customer {first.number} ({first.fullname}) has the same {shared}{too}"
    merged = f"`customer merge {record_id} {first.number}`"
    how = merged if first.commercial_id == commercial_id else f"An administrator can {merged}"
    return [f"{same}: is it the same person? {how}"]


@cache
def _sql(columns: tuple[str, ...], mark: str) -> str:
    """The statement for a few customers that have the same in one of these columns, for its value and an id each."""
    others = f"id <> {mark} AND deleted_at IS NULL LIMIT {_AT_ONCE}"
    few = {
        column: f"SELECT id, fullname, {place}, commercial_id FROM customer WHERE {column} = {mark} AND {others}"  # noqa: S608
        for place, column in ((COLUMNS.index(each), each) for each in columns)
    }
    return " UNION ALL ".join(f"SELECT * FROM ({each}) AS by_{column}" for column, each in few.items())  # noqa: S608
