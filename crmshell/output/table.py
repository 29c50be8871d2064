"""Tables: drawn as the rows come, in columns as wide as the first page of rows needs.

A wider cell on a later page pushes the rest of its line to the right, so that a list of any length takes no memory.
A column that is aside is left out where the first page has no value for it. At a terminal texts and e-mail addresses
end in `…` where a line would not fit, and nothing else is ever cut. Where even that does not make the lines fit, or
leaves too little of a text, the table is folded: its heading and each of its rows stand on a few lines, each field
below its name; and where there is no room for that, each row becomes a card of a few lines that repeat the names. The
sums of amounts stand below them.
"""

from __future__ import annotations

from functools import cached_property, partial
from itertools import chain, combinations, compress, pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from crmshell.outcome import Kind
from crmshell.output.cells import label, pages, shown
from crmshell.output.tones import Tinted, tinted
from crmshell.text import are_narrow, plural, shorten, width, wrapped
from crmshell.values import format_amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmshell.outcome import Column, Rows, Value
    from crmshell.output.style import Style

    _Page = Sequence["_Cells"]
    _Pages = Iterator[_Page]

_GAP = "  "
_NARROWEST = 8
_NARROWEST_VALUE = 19  # a moment with its seconds: neither it nor an amount is ever cut
_LEGIBLE = 14  # columns for a text of a table that could be folded instead
_READABLE = 20  # columns for a text of a folded table, which has the room
_MOST_FOLDS = 3  # lines for a row
_NARROWEST_FOLD = 60  # columns; below, a name beside each value is easier to follow
_INDENT = "  "
_TOTAL = "total"
_RIGHT = frozenset({Kind.NUMBER, Kind.AMOUNT})
_ELASTIC = frozenset({Kind.TEXT, Kind.EMAIL, Kind.VALUE})
_WORDS = _ELASTIC | {Kind.NAME, Kind.STATE}  # the others are written in characters of one column each


class _Cells:
    """The texts of one column on one page; how wide each is is found out once, where it matters."""

    def __init__(self, kind: Kind, texts: list[str]) -> None:
        self.kind, self.texts = kind, texts

    @cached_property
    def are_plain(self) -> bool:
        """Whether each of them takes as many columns as it has characters."""
        return self.kind not in _WORDS or are_narrow(self.texts)

    @cached_property
    def widths(self) -> list[int]:
        """The number of terminal columns that each of them takes."""
        return [len(text) if text.isascii() else width(text) for text in self.texts]

    @property
    def widest(self) -> int:
        """The number that the widest of them takes."""
        return max(map(len, self.texts)) if self.are_plain else max(self.widths)


class _Lane(NamedTuple):
    """A column of the table, `width` terminal columns wide; one that `is_narrow` cuts its texts to keep it."""

    label: str
    kind: Kind
    width: int
    is_narrow: bool = False

    def narrowed(self, columns: int) -> _Lane:
        return self if columns >= self.width else _Lane(self.label, self.kind, columns, is_narrow=True)

    @property
    def padded_label(self) -> str:
        return self.pad(_Cells(self.kind, [self.label]))[0]

    def pad(self, cells: _Cells) -> list[str]:
        columns = self.width
        if self.kind in _RIGHT:
            return [text.rjust(columns) for text in cells.texts]
        if cells.are_plain:
            return [text.ljust(columns) for text in cells.texts]
        return [text.ljust(columns + len(text) - used) for text, used in zip(cells.texts, cells.widths, strict=True)]

    def fit(self, cells: _Cells) -> _Cells:
        if self.kind not in _ELASTIC or cells.widest <= self.width:
            return cells
        return _Cells(cells.kind, [shorten(text, self.width) for text in cells.texts])


def draw(rows: Rows, style: Style) -> Iterator[str]:
    """Yield the table a page at a time; nothing at all where there are no rows."""
    cells = _cells(rows, style)
    first = next(cells, None)
    if first is None:
        return
    kept = [not column.is_aside or any(cells.texts) for column, cells in zip(rows.columns, first, strict=True)]
    everything = (list(compress(page, kept)) for page in chain([first], cells))
    totals = (list(compress(page, kept)) for page in _totals(rows, style))
    columns, measured = list(compress(rows.columns, kept)), list(compress(first, kept))
    natural = _natural_lanes(columns, measured, list(compress(next(_totals(rows, style), ()), kept)))
    lanes = natural if style.width is None else _find_fitting(natural, style.width)
    folds = None if lanes and all(map(_is_legible, lanes)) else _find_folds(natural, style.width or 0)
    if folds is not None:
        yield from _folded(folds, everything, totals, style)
    elif lanes is not None:
        yield from _grid(lanes, everything, totals, style)
    else:
        yield from _blocks(natural, everything, totals, style)


def _cells(rows: Rows, style: Style) -> _Pages:
    """The cells of each page, column by column."""
    for page in pages(rows.rows):
        cells = shown(rows.columns, page, rows.shorten, style)
        yield _page(rows, tinted(rows.columns, page, cells, style.user) if style.colour else cells)


def _page(rows: Rows, columns: Sequence[list[str]]) -> _Page:
    return [_Cells(column.kind, texts) for column, texts in zip(rows.columns, columns, strict=True)]


def _totals(rows: Rows, style: Style) -> _Pages:
    """The sums of the amounts as one more row, once all the others were read; nothing where there is nothing to add."""
    values = rows.totals() if rows.totals else ()
    if any(value is not None for value in values):
        cells = shown(rows.columns, [values], None, style)
        yield _page(rows, [[_TOTAL], *cells[1:]])


def _natural_lanes(columns: Sequence[Column], first: _Page, sums: _Page) -> list[_Lane]:
    """Lanes as wide as the first page needs, and its sums, if there are any."""
    widths = [max(cells.widest, width(label(column))) for column, cells in zip(columns, first, strict=True)]
    widths = [max(pair) for pair in zip(widths, (cells.widest for cells in sums), strict=True)] if sums else widths
    return [_Lane(label(column), column.kind, wide) for column, wide in zip(columns, widths, strict=True)]


def _find_fitting(natural: list[_Lane], columns: int) -> list[_Lane] | None:
    """Narrow the widest elastic lanes until the table fits; None where it cannot."""
    room = columns - len(_GAP) * (len(natural) - 1)
    floors = list(map(_floor, natural))
    widths = [min(lane.width, max(floor, room)) for lane, floor in zip(natural, floors, strict=True)]
    spare = [wide if wide > floor else 0 for wide, floor in zip(widths, floors, strict=True)]
    for _ in range(sum(widths) - room):
        widest = spare.index(max(spare))
        if not spare[widest]:
            return None
        widths[widest] -= 1
        spare[widest] = widths[widest] if widths[widest] > floors[widest] else 0
    return [lane.narrowed(wide) for lane, wide in zip(natural, widths, strict=True)]


def _is_legible(lane: _Lane) -> bool:
    """Whether enough is left of the lane's texts to tell one from another."""
    return not lane.is_narrow or lane.width >= _LEGIBLE


def _floor(lane: _Lane) -> int:
    if lane.kind not in _ELASTIC:
        return lane.width
    return max(_NARROWEST_VALUE if lane.kind is Kind.VALUE else _NARROWEST, width(lane.label))


def _grid(lanes: list[_Lane], everything: _Pages, totals: _Pages, style: Style) -> Iterator[str]:
    yield _heading(lanes, style)
    for page in everything:
        yield "\n".join(map(str.rstrip, _lines(lanes, page, style))) + "\n"
    for page in totals:
        yield _rule(lanes, style) + "".join(f"{style.bold(line.rstrip())}\n" for line in _lines(lanes, page, style))


def _heading(lanes: list[_Lane], style: Style) -> str:
    labels = _GAP.join(lane.padded_label for lane in lanes)
    return f"{style.bold(labels.rstrip())}\n{_rule(lanes, style)}"


def _rule(lanes: list[_Lane], style: Style) -> str:
    return style.dim(_GAP.join("─" * lane.width for lane in lanes)) + "\n"


def _find_folds(natural: list[_Lane], columns: int) -> list[list[_Lane]] | None:
    """The lanes on as few lines as they fit with readable texts, those lines as even as can be; None where none fit.

    Texts that are no more than legible are better than one more line.
    """
    most = _MOST_FOLDS if columns >= _NARROWEST_FOLD else 0
    for count, least in product(range(2, most + 1), (_READABLE, _LEGIBLE)):
        cuts = ((0, *places, len(natural)) for places in combinations(range(1, len(natural)), count - 1))
        folds = [[natural[begin:end] for begin, end in pairwise(cut)] for cut in cuts]
        rooms = _rooms(count, columns)
        fitting = [fold for fold in folds if all(map(partial(_fits, least=least), fold, rooms))]
        if fitting:
            best = min(fitting, key=lambda fold: max(map(_wanted, fold)))
            return [_find_fitting(line, room) or line for line, room in zip(best, rooms, strict=True)]
    return None


def _rooms(count: int, columns: int) -> list[int]:
    """How wide each of so many lines may be: those after the first are indented."""
    return [columns, *[columns - len(_INDENT)] * (count - 1)]


def _fits(line: list[_Lane], room: int, least: int) -> bool:
    """Whether a line fits with so many columns for each of its texts."""
    widths = (min(lane.width, max(least, _floor(lane))) if lane.kind in _ELASTIC else lane.width for lane in line)
    return _wanted([lane._replace(width=columns) for lane, columns in zip(line, widths, strict=True)]) <= room


def _wanted(line: list[_Lane]) -> int:
    return sum(lane.width for lane in line) + len(_GAP) * (len(line) - 1)


def _folded(folds: list[list[_Lane]], everything: _Pages, totals: _Pages, style: Style) -> Iterator[str]:
    """A table whose heading and rows stand on several lines each."""
    labels = [_GAP.join(lane.padded_label for lane in line) for line in folds]
    rule = style.dim("─" * max(map(_wanted, folds))) + "\n"
    yield "".join(f"{style.bold(label)}\n" for label in _indented(labels)) + rule
    for page in everything:
        yield "".join(f"{line}\n" for line in _folded_lines(folds, page, style))
    for page in totals:
        yield rule + "".join(f"{style.bold(line)}\n" for line in _folded_lines(folds, page, style) if line.strip())


def _folded_lines(folds: list[list[_Lane]], page: _Page, style: Style) -> Iterator[str]:
    waiting = iter(page)
    lines = [_lines(line, [next(waiting) for _ in line], style) for line in folds]
    return (line for row in zip(*lines, strict=True) for line in _indented(row))


def _indented(lines: Sequence[str]) -> list[str]:
    first, *others = (line.rstrip() for line in lines)
    return [first, *(_INDENT + line for line in others)]


def _lines(lanes: list[_Lane], page: _Page, style: Style) -> Iterator[str]:
    fitted = [lane.fit(cells) if lane.is_narrow else cells for lane, cells in zip(lanes, page, strict=True)]
    padded = [lane.pad(cells) for lane, cells in zip(lanes, fitted, strict=True)]
    if style.width is not None and any(cells.widest > lane.width for lane, cells in zip(lanes, fitted, strict=True)):
        padded = _cut(padded, lanes, fitted, style.width)
    return map(_GAP.join, zip(*_coloured(padded, page, style), strict=True))


def _coloured(padded: list[list[str]], page: _Page, style: Style) -> list[list[str]]:
    """The padded cells in the tones of what they were made of."""
    if not style.colour:
        return padded
    return [
        [style.tint(text, cell.tone) if isinstance(cell, Tinted) else text for text, cell in zip(*pair, strict=True)]
        for pair in zip(padded, _texts(page), strict=True)
    ]


def _cut(padded: list[list[str]], lanes: list[_Lane], page: _Page, limit: int) -> list[list[str]]:
    """Cut the texts of those lines that do not fit."""
    cut = [lane.pad(lane.fit(cells)) for lane, cells in zip(lanes, page, strict=True)]
    rows = zip(zip(*padded, strict=True), zip(*cut, strict=True), strict=True)
    lines = [line if width(_GAP.join(line)) <= limit else shorter for line, shorter in rows]
    return [list(column) for column in zip(*lines, strict=True)]


def _texts(page: _Page) -> list[list[str]]:
    return [cells.texts for cells in page]


def _blocks(lanes: list[_Lane], everything: _Pages, totals: _Pages, style: Style) -> Iterator[str]:
    """Each row on some lines, as few as the terminal's width allows; the same field in the same place in each."""
    layout = _layout(lanes, style.width or 0)
    for page in everything:
        for cells in zip(*_texts(page), strict=True):
            yield "".join(f"{line}\n" for line in _block(layout, lanes, cells, style))
    for page in totals:
        sums = [(lane, cells[0]) for lane, cells in zip(lanes[1:], _texts(page[1:]), strict=True) if cells[0]]
        yield style.bold(_TOTAL) + "\n" + "".join(f"{_INDENT}{style.dim(lane.label)} {cell}\n" for lane, cell in sums)


def _layout(lanes: list[_Lane], columns: int) -> list[list[int]]:
    """The lanes of each line: one after another while they fit, those after the first line indented."""
    lines: list[list[int]] = [[]]
    used = 0
    for place, lane in enumerate(lanes):
        wide = width(lane.label) + 1 + lane.width + len(_GAP)
        if lines[-1] and used + wide > columns:
            lines.append([])
            used = len(_GAP)
        lines[-1].append(place)
        used += wide
    return lines


def _block(layout: list[list[int]], lanes: list[_Lane], cells: Sequence[str], style: Style) -> Iterator[str]:
    for number, places in enumerate(layout):
        indent = _INDENT if number else ""
        if len(places) == 1:
            yield from _alone(lanes[places[0]], cells[places[0]], style, indent, is_first=places[0] == 0)
            continue
        fields = [_field(lanes[place], cells[place], style, is_first=place == 0) for place in places]
        line = _GAP.join(f"{text}{' ' * blanks}" for text, blanks in fields)
        yield f"{indent}{line}".rstrip()


def _alone(lane: _Lane, cell: str, style: Style, indent: str, *, is_first: bool) -> Iterator[str]:
    """A field that has its line for itself, and further ones where it is longer than the terminal is wide."""
    room = (style.width or 0) - len(indent)
    text, _ = _field(lane, cell, style, is_first=is_first)
    if style.width is None or width(f"{lane.label} {cell}") <= room:
        yield f"{indent}{text}".rstrip()
        return
    first, *others = wrapped(f"{lane.label} {cell}", room - len(_INDENT))
    yield indent + style.dim(lane.label) + first.removeprefix(lane.label)
    yield from (f"{indent}{_INDENT}{line}" for line in others)


def _field(lane: _Lane, cell: str, style: Style, *, is_first: bool) -> tuple[str, int]:
    """A value with its name, and the blanks that fill its place."""
    value = style.bold(cell) if is_first else cell or "–"
    if isinstance(cell, Tinted):
        value = style.tint(cell, cell.tone)
    return f"{style.dim(lane.label)} {value}", max(0, lane.width - width(cell or "–"))


class Tally:
    """Counts the rows of a listing on their way out, and adds up its amounts."""

    def __init__(self, rows: Rows) -> None:
        """Stand between the rows and the one who draws them."""
        self._source = rows
        self._sums = {place: 0 for place, column in enumerate(rows.columns) if column.kind is Kind.AMOUNT}
        self._count = 0
        self.rows = rows._replace(rows=self._counted(), totals=self._totals)

    @property
    def summary(self) -> str:
        """Say what was listed: `2 contracts, 12 340.00 € due`; nothing of what has no noun."""
        if not self._source.noun:
            return ""
        counted = plural(self._count, self._source.noun)
        due = next((total for place, total in self._sums.items() if self._is_due(place)), None)
        return counted if due is None or not self._count else f"{counted}, {format_amount(due)} due"

    def _is_due(self, place: int) -> bool:
        return self._source.columns[place].name == "total_due"

    def _totals(self) -> Sequence[Value]:
        """One value for each column, the sum of an amount; none where a single row says it all."""
        has_sums = self._count > 1
        return [self._sums.get(place) if has_sums else None for place in range(len(self._source.columns))]

    def _counted(self) -> Iterator[Sequence[Value]]:
        for page in pages(self._source.rows):
            self._count += len(page)
            for place in self._sums:
                self._sums[place] += sum([cents for row in page if isinstance(cents := row[place], int)])
            yield from page
