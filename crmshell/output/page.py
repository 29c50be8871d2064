"""Pages to read, such as help: wrapped for the eye, plain but for bold headings."""

from __future__ import annotations

import re
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING

from crmshell.outcome import Definitions, Example, Heading, Matrix, Paragraph
from crmshell.text import safe, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmshell.outcome import Page
    from crmshell.output.style import Style

    Part = Heading | Paragraph | Definitions | Example | Matrix

_DEFAULT_WIDTH, _WIDEST = 80, 100
_LONGEST_TERM = 28
_INDENT = "  "
_HANGING = "    "
_WHOLE = re.compile(r"\[[^\]]*\]|`[^`]*`")  # an option of a usage, a command to be copied
_HELD = "\ue000"  # a blank at which no line is folded
_GAP = "  "


def draw(page: Page, style: Style) -> Iterator[str]:
    """Yield the parts, set apart by blank lines."""
    columns = min(style.width or _DEFAULT_WIDTH, _WIDEST)
    yield from (_drawn(part, columns, style) for part in page.parts[:1])
    for above, part in pairwise(page.parts):
        yield ("" if _belong_together(above, part) else "\n") + _drawn(part, columns, style)


def _belong_together(above: Part, part: Part) -> bool:
    return isinstance(above, Heading) or (isinstance(above, Example) and isinstance(part, Example))


def _drawn(part: Part, columns: int, style: Style) -> str:
    return "".join(f"{line.rstrip()}\n" for line in _lines(part, columns, style))


def _lines(part: Part, columns: int, style: Style) -> Iterator[str]:
    match part:
        case Heading():
            yield from map(style.bold, _wrapped(part.text, columns, hanging=_HANGING))
        case Paragraph():
            yield from _wrapped(part.text, columns)
        case Example():
            yield _INDENT + safe(part.line)  # whole, to be copied
        case Definitions():
            yield from _definitions(part.items, columns)
        case Matrix():
            yield from _matrix(part, style)


def _wrapped(text: str, columns: int, hanging: str = "") -> list[str]:
    """The lines of a text, folded at blanks, none in brackets or backticks; a word longer than a line is cut in two."""
    held = _WHOLE.sub(lambda found: found[0].replace(" ", _HELD), safe(text))
    lines = wrap(held, max(columns, 1), break_on_hyphens=False, subsequent_indent=hanging)
    return [line.replace(_HELD, " ") for line in lines] or [""]


def _definitions(items: Sequence[tuple[str, str]], columns: int) -> Iterator[str]:
    """Align the meanings; a term too long for its column stands on a line of its own."""
    terms = [safe(term) for term, _ in items]
    fitting = [width(term) for term in terms if width(term) <= _LONGEST_TERM]
    edge = max(fitting, default=0) + len(_INDENT + _GAP)
    for term, (_, meaning) in zip(terms, items, strict=True):
        first, *others = _wrapped(meaning, columns - edge)
        yield from _beside(_INDENT + term, first, edge)
        yield from (" " * edge + line for line in others)


def _beside(term: str, meaning: str, edge: int) -> Iterator[str]:
    blank = edge - width(term)
    if blank < len(_GAP) and meaning:
        yield term
        yield " " * edge + meaning
    else:
        yield term + " " * blank + meaning


def _matrix(matrix: Matrix, style: Style) -> Iterator[str]:
    lines = [[safe(cell) for cell in line] for line in (matrix.headings, *matrix.lines)]
    edges = [max(map(width, column)) for column in zip(*lines, strict=True)]
    heading, *others = [
        _GAP.join(cell + " " * (edge - width(cell)) for cell, edge in zip(line, edges, strict=True)).rstrip()
        for line in lines
    ]
    yield style.bold(heading)
    yield from others
