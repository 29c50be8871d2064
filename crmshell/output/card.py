"""Cards: one record, a line a field, with a star at the fields a write has changed."""

from __future__ import annotations

from functools import lru_cache
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from crmshell.outcome import Kind
from crmshell.output.cells import dashed, label, writers_for_people
from crmshell.output.tones import tones_of
from crmshell.text import safe, safe_lines, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

    from crmshell.outcome import Card, Column, Value
    from crmshell.output.cells import Writer
    from crmshell.output.style import Style
    from crmshell.output.tones import Tone

_GAP = 2


class _Field(NamedTuple):
    """A field as it is shown; `text` may have several lines, and nothing in it acts on the terminal."""

    label: str
    text: str
    is_changed: bool = False
    tone: Tone | None = None


def draw(card: Card, style: Style) -> Iterator[str]:
    """Yield the card: by rich at a terminal, which folds long texts, and in plain lines elsewhere."""
    fields = _fields(card, style)
    if style.width is None:
        yield aligned([field.label for field in fields], [field.text for field in fields])
        return
    yield style.bold(safe(card.noun)) + "\n"
    yield _rendered(_grid(fields), style.width, style)


def aligned(labels: Sequence[str], texts: Sequence[str]) -> str:
    """Put each text beside its label, and the further lines of a text under its first one."""
    beside, under = _margin(tuple(labels))
    text = "\n".join([name + text.replace("\n", under) for name, text in zip(beside, texts, strict=True)])
    return "".join([f"{line.rstrip()}\n" for line in text.split("\n")])


@lru_cache(maxsize=256)
def _margin(labels: Sequence[str]) -> tuple[Sequence[str], str]:
    """The labels, all of one width, and what begins a line that has none."""
    edge = max(map(width, labels), default=0) + _GAP
    return [name + " " * (edge - width(name)) for name in labels], "\n" + " " * edge


def _fields(card: Card, style: Style) -> list[_Field]:
    star, blank = ("* ", "  ") if card.changed else ("", "")
    present = [
        (column, value)
        for column, value in zip(card.columns, card.values, strict=True)
        if value is not None or not column.is_aside or column.name in card.changed
    ]
    writers = _writers(card, style)
    tones = _tones(present, style) if style.colour else [None] * len(present)
    fields = [
        _Field(
            (star if column.name in card.changed else blank) + label(column),
            "" if value is None else writers.get(column.kind, safe_lines)(value),
            column.name in card.changed,
            tone,
        )
        for (column, value), tone in zip(present, tones, strict=True)
    ]
    return fields + [_Field(blank + safe(name), safe(secret)) for name, secret in card.secrets.items()]


def _writers(card: Card, style: Style) -> Mapping[Kind, Writer]:
    """How values are written; a text keeps its lines, and a UUID is as short as the card knows it to be unique."""
    shorten = card.shorten
    if shorten is None:
        return writers_for_people(style)
    return {**writers_for_people(style), Kind.UUID: lambda uuid: shorten([uuid]).get(uuid) or dashed(uuid)}


def _tones(present: Sequence[tuple[Column, Value]], style: Style) -> list[Tone | None]:
    columns, values = zip(*present, strict=True)
    return [column_tones[0] for column_tones in tones_of(columns, [values], style.user)]


def _grid(fields: Sequence[_Field]) -> Table:
    """Lay the fields out; built from Text, because rich would take `[/]` in a string for markup."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for field in fields:
        tone = field.tone.rich_style if field.tone else ""
        text = Text.assemble((field.text, "bold" if field.is_changed else tone))
        grid.add_row(Text.assemble((field.label, "dim")), text)
    return grid


def _rendered(grid: Table, columns: int, style: Style) -> str:
    from rich.console import Console

    console = Console(
        file=StringIO(),
        force_terminal=True,
        color_system="standard" if style.colour else None,  # None leaves out bold too, which no_color does not
        legacy_windows=False,
        width=columns,
        height=max(style.height, 1),
    )
    with console.capture() as capture:
        console.print(grid)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
