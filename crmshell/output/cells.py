"""One value as text: for people in tables and cards, for machines in json, csv and tsv."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from crmshell.moments import format_moment, format_moments, iso_moment, iso_moments
from crmshell.outcome import Column, Kind, Value
from crmshell.people import format_phone
from crmshell.phones import find_written
from crmshell.text import safe
from crmshell.values import format_amount, format_amounts, plain_amount

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
    present = column if None not in column else [value for value in column if value is not None]
    if not present:
        return [absent] * len(column)
    texts = write.write_all(present) if isinstance(write, AtOnce) else list(map(write, present))
    if present is not column:
        for place in [place for place, value in enumerate(column) if value is None]:
            texts.insert(place, absent)
    return texts


class AtOnce:
    """Writes one value, or all of a column at once in a fraction of the time; none of them is absent."""

    def __init__(self, write: Writer, write_all: Callable[[Sequence[Any]], list[str]]) -> None:
        self.write, self.write_all = write, write_all

    def __call__(self, value: Any) -> str:
        """Write one."""
        return self.write(value)


def words(write: Writer, is_plain: Callable[[Sequence[str]], bool]) -> AtOnce:
    """Write texts; where `is_plain` says of some of them together that none has to change, none is looked at."""

    def write_all(values: Sequence[Value]) -> list[str]:
        texts = [*map(str, values)]
        return texts if is_plain(texts) else [*map(write, texts)]

    return AtOnce(write, write_all)


def _is_harmless(texts: Sequence[str]) -> bool:
    joined = "".join(texts)
    return safe(joined) == joined


SAFE = words(safe, _is_harmless)


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
    return writers_for_people(style).get(kind, SAFE)


def writers_for_people(style: Style) -> Mapping[Kind, Writer]:
    """How values of each kind are shown; those that are missing are texts."""
    return _for_people(style.zone, style.region)


@cache
def _for_people(zone: ZoneInfo, region: str) -> Mapping[Kind, Writer]:
    writers: dict[Kind, Writer] = {
        Kind.NUMBER: str,
        Kind.AMOUNT: AtOnce(format_amount, format_amounts),
        Kind.MOMENT: AtOnce(partial(format_moment, zone=zone), partial(format_moments, zone=zone)),
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
        Kind.MOMENT: AtOnce(partial(iso_moment, zone=style.zone), partial(iso_moments, zone=style.zone)),
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
