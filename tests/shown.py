"""What commands answer with, as a printer shows it: a listing and a card to show, and what stands on both streams."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from crmshell.errors import Failure
from crmshell.outcome import (
    Card,
    Column,
    Kind,
    Rows,
)
from crmshell.output import Printer, Source, Style
from crmshell.text import safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmshell.outcome import Outcome, Value

PARIS = ZoneInfo("Europe/Paris")
PIPE = Style(PARIS, "FR", colour=False, width=None, height=0)
TERMINAL = PIPE._replace(width=200, height=24)
COLOURED = TERMINAL._replace(colour=True, error_colour=True)

FIRST = "5611d818c3a04f6b9a3c0d5e8f7a6b01"
SECOND = "5611d81977aa4c108e2f1b3d5c7e9f02"
DUPRE = "Hélène Dupré-Lacroix"
MOET = "Société d'Événementiel du Grand Ouest, Moët & Fils"
SIGNED_AT = 1_772_370_000
KEY = "=Kz7-Qw9"
HOSTILE = "[/] [bold]\x1b[31mrouge\x1b]0;titre\x07 \u202edroite\u2066 \x9b2J\x7f\nfin"

CONTRACT = (
    Column("id", Kind.UUID),
    Column("customer", Kind.TEXT),
    Column("company", Kind.TEXT),
    Column("commercial", Kind.NAME),
    Column("total_due", Kind.AMOUNT),
    Column("signed", Kind.FLAG),
    Column("signed_at", Kind.MOMENT),
)
CUSTOMER = (Column("id", Kind.NUMBER), Column("fullname", Kind.TEXT), Column("email", Kind.EMAIL))
LINES: Sequence[Sequence[Value]] = (
    (FIRST, DUPRE, MOET, "claire.martin", 1_234_000, True, SIGNED_AT),
    (SECOND, "山田 花子", None, "li_wei", 123, False, None),
)


class Seen(NamedTuple):
    """What stands on stdout and on stderr after a command."""

    out: str
    err: str


class Terminal(StringIO):
    """A stream that says it is a terminal, of a size nobody knows."""

    def isatty(self) -> bool:
        return True


def shorten(uuids: Sequence[str]) -> Mapping[str, str]:
    """Give the prefixes that tell the two contracts apart."""
    return {uuid: uuid[:8] for uuid in uuids}


def contracts(lines: Sequence[Sequence[Value]] = LINES) -> Rows:
    """Two contracts, unless others are given, whose rows can be read once."""
    return Rows("contract", CONTRACT, iter(lines), shorten)


def customers(*names: str | None) -> Rows:
    """Customers of these names, numbered from 1."""
    return Rows("customer", CUSTOMER, [(number, name, None) for number, name in enumerate(names, 1)])


def signed(**more: object) -> Card:
    """The first contract after it was signed; `more` replaces parts of the card."""
    card = Card("contract", CONTRACT, LINES[0], frozenset({"signed", "signed_at"}), "contract 5611d818 is signed")
    return card._replace(shorten=shorten, **more)  # type: ignore[arg-type]


def show(outcome: Outcome, format: str = "table", style: Style = PIPE) -> Seen:  # noqa: A002
    """Show an outcome in a format."""
    out, err = StringIO(), StringIO()
    Printer(out, err, style).show(outcome, format)
    return Seen(out.getvalue(), err.getvalue())


def fail(failure: Failure, source: Source | None = None, style: Style = PIPE) -> str:
    """What stderr says of a failure; nothing of it may reach stdout."""
    out, err = StringIO(), StringIO()
    Printer(out, err, style).fail(failure, source)
    assert not out.getvalue()
    return err.getvalue()


def without_colour(text: str) -> str:
    """A text without its renditions."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def harmful(text: str) -> str:
    """Name what is left in a text that a terminal could act on, line feeds apart."""
    return "".join(char for char in text if char != "\n" and safe(char) != char)
