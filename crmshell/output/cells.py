"""One value as text: for people in tables and cards, for machines in json, csv and tsv."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from crmshell.moments import format_moment, format_moments, iso_moment, iso_moments
from crmshell.outcome import Column, Kind, Value
from crmshell.phones import find_written
from crmshell.text import safe
from crmshell.values import format_amount, format_phone, plain_amount

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from crmshell.output.style import Style

Writer = Callable[[Any], str]
"""Writes a value that is present; which type it has is settled by the kind of its column."""

Shorten = Callable[[Sequence[str]], Mapping[str, str]]
Page = Sequence[Sequence[Value]]

PAGE_LENGTH = 200
_WHOLE_UUID = 32  # digits


def pages(rows: Iterable[Sequence[Value]]) -> Iterator[Page]:
    """Cut rows into lists of at most PAGE_LENGTH, without reading ahead."""
    waiting = iter(rows)
    while page := list(islice(waiting, PAGE_LENGTH)):
        yield page


def written(page: Page, writers: Sequence[Writer], absent: str = "") -> list[list[str]]:
    """Write a page column by column, which spares a million rows most of the cost of a cell."""
    columns = zip(*page, strict=True)
    return [_written(column, write, absent) for write, column in zip(writers, columns, strict=True)]


def _written(column: Sequence[Value], write: Writer, absent: str) -> list[str]:
    if isinstance(write, Words | Moments):
        return write.column(column, absent)
    if None not in column:
        return list(map(write, column))
    return [absent if value is None else write(value) for value in column]


class Words:
    """Writes texts; where `is_plain` says of all texts of a column together that none has to change, none is looked at.

    What is absent is never one that has to.
    """

    def __init__(self, write: Writer, is_plain: Callable[[Sequence[str]], bool]) -> None:
        self.write, self.is_plain = write, is_plain

    def __call__(self, text: str) -> str:
        """Write one text."""
        return self.write(text)

    def column(self, values: Sequence[Value], absent: str) -> list[str]:
        """Write those of a column."""
        texts = [absent if value is None else str(value) for value in values] if None in values else [*map(str, values)]
        return texts if self.is_plain(texts) else [self.write(text) if text else text for text in texts]


class Moments:
    """Writes moments; a column of them at once in a quarter of the time."""

    def __init__(
        self,
        zone: ZoneInfo,
        write: Callable[[int, ZoneInfo], str],
        write_all: Callable[[Sequence[Any], str, ZoneInfo], list[str]],
    ) -> None:
        self.zone, self.write, self.write_all = zone, write, write_all

    def __call__(self, seconds: int) -> str:
        """Write one."""
        return self.write(seconds, self.zone)

    def column(self, values: Sequence[Value], absent: str) -> list[str]:
        """Write those of a column."""
        return self.write_all(values, absent, self.zone)


def _is_harmless(texts: Sequence[str]) -> bool:
    joined = "".join(texts)
    return safe(joined) == joined


SAFE = Words(safe, _is_harmless)


def shown(
    columns: Sequence[Column], page: Page, shorten: Shorten | None, style: Style, write_text: Writer = safe
) -> list[list[str]]:
    """Write a page for people, column by column; its UUIDs as short as `shorten` knows them to be unique."""
    special = {Kind.UUID: _uuid_writer(columns, page, shorten), Kind.TEXT: SAFE if write_text is safe else write_text}
    return written(page, [special.get(column.kind) or for_people(column.kind, style) for column in columns])


def _uuid_writer(columns: Sequence[Column], page: Page, shorten: Shorten | None) -> Writer:
    places = [place for place, column in enumerate(columns) if column.kind is Kind.UUID]
    if shorten is None or not places:
        return dashed
    present = {str(row[place]) for row in page for place in places if row[place] is not None}
    prefixes = shorten(sorted(present))
    return lambda uuid: prefixes.get(uuid) or dashed(uuid)


def for_people(kind: Kind, style: Style) -> Writer:
    """Choose how values of a kind are shown on one line of a table or card."""
    return _for_people(style.zone, style.region).get(kind, SAFE)


@cache
def _for_people(zone: ZoneInfo, region: str) -> Mapping[Kind, Writer]:
    writers: dict[Kind, Writer] = {
        Kind.NUMBER: str,
        Kind.AMOUNT: format_amount,
        Kind.MOMENT: Moments(zone, format_moment, format_moments),
        Kind.FLAG: _yes_or_no,
        Kind.UUID: dashed,
        Kind.PHONE: lambda e164: find_written(e164, region) or safe(format_phone(e164, region)),
        Kind.VALUE: lambda typed: writers.get(typed.kind, safe)(typed.value),
    }
    return writers


def for_machines(kind: Kind, style: Style) -> Writer:
    """Choose how values of a kind are written for a program, before json or csv quotes them."""
    writers: dict[Kind, Writer] = {
        Kind.AMOUNT: plain_amount,
        Kind.MOMENT: Moments(style.zone, iso_moment, iso_moments),
        Kind.FLAG: _true_or_false,
        Kind.UUID: dashed,
    }
    return writers.get(kind, str)


def label(column: Column) -> str:
    """Name a column for people: `total due`."""
    return _label(column.name)


@cache
def _label(name: str) -> str:
    return safe(name.replace("_", " "))


def dashed(uuid: str) -> str:
    """Write the 32 digits of a UUID the way the world does; other handles stay as they are."""
    if len(uuid) != _WHOLE_UUID:
        return uuid
    return f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"


def _yes_or_no(flag: object) -> str:
    return "yes" if flag else "no"


def _true_or_false(flag: object) -> str:
    return "true" if flag else "false"
