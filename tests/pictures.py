"""The pictures of the README, drawn from real sessions on the sample company: `python -m tests.pictures`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import pyte
from pyte.screens import Char

from crmshell.demo import PASSWORD
from crmshell.text import width
from tests.keys import DOWN, ENTER
from tests.terminal import Size, Terminal

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SIZE = Size(92, 26)

_CELL_WIDTH, _CELL_HEIGHT, _FONT_SIZE = 8.4, 18, 14
_MARGIN, _BAR = 14, 30
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_DOTS = ("#ff5f57", "#febc2e", "#28c840")
_GROUND, _INK = "#16181d", "#d8dee9"
_COLOURS = {
    "black": "#2e3440",
    "red": "#ff7a85",
    "green": "#8fd18a",
    "brown": "#e5c07b",
    "blue": "#7aa2f7",
    "magenta": "#c594e6",
    "cyan": "#6fd3e0",
    "white": "#d8dee9",
    "brightblack": "#8b93a5",
    "brightred": "#ff9aa2",
    "brightgreen": "#b4e6ae",
    "brightbrown": "#f2d79b",
    "brightblue": "#a7c1fa",
    "brightmagenta": "#dcb8f2",
    "brightcyan": "#a3e5ee",
    "brightwhite": "#ffffff",
}


@dataclass(frozen=True)
class _Look:
    """How some cells beside each other are drawn."""

    ink: str
    ground: str
    is_bold: bool
    is_underlined: bool

    @classmethod
    def of(cls, cell: Char) -> _Look:
        ink, ground = _colour(cell.fg, _INK), _colour(cell.bg, _GROUND)
        if cell.reverse:
            ink, ground = ground, ink
        return cls(ink, ground, cell.bold, cell.underscore)


def _colour(name: str, default: str) -> str:
    """A colour of the terminal, by its name or as the six digits of 256 and more."""
    return default if name == "default" else _COLOURS.get(name, f"#{name}")


def svg(screen: pyte.Screen, title: str) -> str:
    """The screen as a picture; lines that are empty at its end are left out."""
    lines = _used_lines(screen)
    wide = screen.columns * _CELL_WIDTH + 2 * _MARGIN
    high = len(lines) * _CELL_HEIGHT + 2 * _MARGIN + _BAR
    size = f'viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
            f'<rect width="100%" height="100%" rx="9" fill="{_GROUND}"/>',
            *(f'<circle cx="{_MARGIN + 6 + 18 * at}" cy="16" r="5" fill="{dot}"/>' for at, dot in enumerate(_DOTS)),
            f'<g font-family="{escape(_FONT)}" font-size="{_FONT_SIZE}" xml:space="preserve">',
            *(piece for row, line in enumerate(lines) for piece in _drawn(line, row)),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _used_lines(screen: pyte.Screen) -> list[list[Char]]:
    lines = [[screen.buffer[line][column] for column in range(screen.columns)] for line in range(screen.lines)]
    while lines and not any(cell.data.strip() or cell.reverse for cell in lines[-1]):
        lines.pop()
    return lines


def _drawn(line: list[Char], row: int) -> Iterator[str]:
    """The runs of one look in a line; a character of two columns has an empty cell behind it."""
    top = _MARGIN + _BAR + row * _CELL_HEIGHT
    for look, cells in groupby(enumerate(line), key=lambda place: _Look.of(place[1])):
        run = list(cells)
        text = "".join(cell.data for _, cell in run)
        left = _MARGIN + run[0][0] * _CELL_WIDTH
        if look.ground != _GROUND:
            yield (
                f'<rect x="{left:.1f}" y="{top}" width="{len(run) * _CELL_WIDTH:.1f}" height="{_CELL_HEIGHT}" '
                f'fill="{look.ground}"/>'
            )
        yield from _words(text, look, left, top + _CELL_HEIGHT - 5)


def _words(text: str, look: _Look, left: float, base: int) -> Iterator[str]:
    """One text element a run, stretched to the columns it takes, so that every font keeps the columns."""
    shown = text.rstrip()
    if not shown:
        return
    begin = len(shown) - len(shown.lstrip())
    shown = shown.strip()
    style = (' font-weight="bold"' if look.is_bold else "") + (
        ' text-decoration="underline"' if look.is_underlined else ""
    )
    yield (
        f'<text x="{left + begin * _CELL_WIDTH:.1f}" y="{base}" fill="{look.ink}"{style} '
        f'textLength="{width(shown) * _CELL_WIDTH:.1f}" lengthAdjust="spacingAndGlyphs">{escape(shown)}</text>'
    )


# The sessions


def _menu(terminal: Terminal) -> None:
    """Which contracts may carla sign?"""
    terminal.type("contract sign ")
    terminal.wait_for("not signed")
    terminal.type(DOWN)


def _words_in_any_order(terminal: Terminal) -> None:
    """A customer by two fragments of the name and the company, without accents."""
    terminal.type("customer detail 'lum elo")
    terminal.wait_for("L'Atelier des Lumières")


def _card(terminal: Terminal) -> None:
    """A payment, and the card with what it changed."""
    terminal.enter("contract add-payment c0ffee01 1200 --method card")
    terminal.wait_for("1 200.00 € received")
    terminal.wait_for_line(">")


def _list(terminal: Terminal) -> None:
    """What is unpaid."""
    terminal.enter("contract list --not-paid-filter --mine")
    terminal.wait_for("€ due")
    terminal.wait_for_line(">")


def _mistake(terminal: Terminal) -> None:
    """A mistake, its place and the next thing to type."""
    terminal.enter("contract sing 5611d818")
    terminal.wait_for("did you mean")
    terminal.wait_for_line(">")
    terminal.enter("contract add-payment c0ffee01 99 000")
    terminal.wait_for("hint:", times=2)
    terminal.wait_for_line(">")
    terminal.enter("contract add-payment c0ffee01 '99 000'")
    terminal.wait_for("hint:", times=3)
    terminal.wait_for_line(">")


SESSIONS: dict[str, Callable[[Terminal], None]] = {
    "menu": _menu,
    "words": _words_in_any_order,
    "card": _card,
    "list": _list,
    "mistake": _mistake,
}


def picture(name: str, folder: Path) -> str:
    """The picture of one session, on a sample company in this folder."""
    session = SESSIONS[name]
    flags = ("--demo", "--database", "crm.db", "--user", "carla")
    with Terminal(folder, *flags, size=SIZE, environ={"CRM_PASSWORD": PASSWORD}) as terminal:
        terminal.wait_for("Welcome")
        terminal.wait_for_line(">")
        terminal.type("clear" + ENTER)
        terminal.wait_until_gone("Welcome")
        session(terminal)
        terminal.settle()
        return svg(terminal.screen, str(session.__doc__))


def main() -> None:
    """Draw all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in SESSIONS:
        with tempfile.TemporaryDirectory() as folder:
            (FOLDER / f"{name}.svg").write_text(picture(name, Path(folder)), "utf-8")


if __name__ == "__main__":
    main()
