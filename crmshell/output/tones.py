"""Colour with a meaning, read off what a field means: waiting, due, done, one's own, no longer in use.

Every meaning is in the words too: nothing is lost without colours. The tones are those that can be read on a dark and
on a light ground, which yellow and blue cannot.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from crmshell.outcome import Sense

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmshell.outcome import Column, Value
    from crmshell.output.cells import Page


class Tone(Enum):
    """How a value stands out: its rendition in a terminal, and rich's name of it."""

    WAITS = 35, "magenta"
    DUE = 31, "red"
    DONE = 32, "green"
    OWN = 1, "bold"
    PAST = 2, "dim"

    @property
    def rendition(self) -> int:
        """The number in an escape sequence."""
        return self.value[0]

    @property
    def rich_style(self) -> str:
        """The same for rich."""
        return self.value[1]


class Tinted(str):
    """A cell that stands out."""

    __slots__ = ("tone",)
    tone: Tone

    @classmethod
    def of(cls, text: str, tone: Tone) -> Tinted:
        """The text in a tone."""
        tinted = cls(text)
        tinted.tone = tone
        return tinted


def tinted(columns: Sequence[Column], page: Page, cells: list[list[str]], user: str) -> list[list[str]]:
    """The cells of a page, column by column, those that mean something in their tone."""
    tones = tones_of(columns, page, user)
    return [
        [Tinted.of(cell, tone) if tone and cell else cell for cell, tone in zip(column, column_tones, strict=True)]
        for column, column_tones in zip(cells, tones, strict=True)
    ]


def tones_of(columns: Sequence[Column], page: Page, user: str) -> list[list[Tone | None]]:
    """The tone of each value, column by column."""
    rows = [_row_tones(columns, row, user) for row in page]
    return [list(column) for column in zip(*rows, strict=True)]


def _row_tones(columns: Sequence[Column], row: Sequence[Value], user: str) -> list[Tone | None]:
    senses = [column.sense for column in columns]
    if any(_is_past(sense, value) for sense, value in zip(senses, row, strict=True)):
        return [Tone.PAST] * len(row)
    waits = any(sense is Sense.DONE and not value for sense, value in zip(senses, row, strict=True))
    return [_tone(sense, value, user, waits=waits) for sense, value in zip(senses, row, strict=True)]


def _is_past(sense: Sense | None, value: Value) -> bool:
    return (sense is Sense.ENDED and value is not None) or (sense is Sense.IN_USE and not value)


def _tone(sense: Sense | None, value: Value, user: str, *, waits: bool) -> Tone | None:
    if sense is Sense.OWNER and value == user:
        return Tone.OWN
    if sense is Sense.DUE and not waits and isinstance(value, int):
        return Tone.DUE if value > 0 else Tone.DONE
    if sense is Sense.DONE:
        return Tone.DONE if value else Tone.WAITS
    return None
