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

    _Sensed = Sequence[tuple[Sense | None, Sequence[Value]]]


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
    return [
        [Tinted.of(cell, tone) if tone and cell else cell for cell, tone in zip(texts, tones, strict=True)]
        if any(tones)
        else texts
        for texts, tones in zip(cells, tones_of(columns, page, user), strict=True)
    ]


def tones_of(columns: Sequence[Column], page: Page, user: str) -> list[list[Tone | None]]:
    """The tone of each value, column by column."""
    sensed = [(column.sense, values) for column, values in zip(columns, zip(*page, strict=True), strict=True)]
    waits, past = _waiting(sensed, len(page)), _past(sensed, len(page))
    tones = [_column_tones(sense, values, user, waits) for sense, values in sensed]
    if not any(past):
        return tones
    return [[Tone.PAST if is_past else tone for tone, is_past in zip(each, past, strict=True)] for each in tones]


def _waiting(sensed: _Sensed, count: int) -> list[bool]:
    """Which of the rows wait for something to be done."""
    waits = [False] * count
    for sense, values in sensed:
        if sense is Sense.DONE:
            waits = [waiting or not value for waiting, value in zip(waits, values, strict=True)]
    return waits


def _past(sensed: _Sensed, count: int) -> list[bool]:
    """Which of the rows are of records that came out of use."""
    past = [False] * count
    for sense, values in sensed:
        if sense is Sense.ENDED:
            past = [is_past or value is not None for is_past, value in zip(past, values, strict=True)]
        elif sense is Sense.IN_USE:
            past = [is_past or not value for is_past, value in zip(past, values, strict=True)]
    return past


def _column_tones(sense: Sense | None, values: Sequence[Value], user: str, waits: Sequence[bool]) -> list[Tone | None]:
    if sense is Sense.OWNER:
        return [Tone.OWN if value == user else None for value in values]
    if sense is Sense.DUE:
        return [None if waiting else _due(value) for value, waiting in zip(values, waits, strict=True)]
    if sense is Sense.DONE:
        return [Tone.DONE if value else Tone.WAITS for value in values]
    return [None] * len(values)


def _due(value: Value) -> Tone | None:
    if not isinstance(value, int):
        return None
    return Tone.DUE if value > 0 else Tone.DONE
