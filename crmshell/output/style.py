"""How output is to look: decided once, from the streams and the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, Self, TextIO

from crmshell.settings import NEVER
from crmshell.text import are_digits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from crmshell.output.tones import Tone
    from crmshell.settings import Settings

Pager = Callable[[], AbstractContextManager[TextIO]]
"""Opens a stream to a reader, and waits for the reader when it is left.

It may swallow the BrokenPipeError of a reader who leaves early; the rest of the result is then dropped.
"""

_BOLD, _DIM, _RED = 1, 2, 31


class Style(NamedTuple):
    """The place output goes to, and what the user asked of it.

    `width` and `height` are stdout's in columns and lines, `width` None where it is no terminal; `error_width` and
    `error_colour` are stderr's, which may be a terminal where stdout is none. `dumb` forbids every escape sequence.
    `user` is who looks, whose own records stand out.
    """

    zone: ZoneInfo
    region: str
    colour: bool
    width: int | None
    height: int
    format: str = "table"
    quiet: bool = False
    pager: Pager | None = None
    error_colour: bool = False
    error_width: int | None = None
    dumb: bool = False
    user: str = ""

    @classmethod
    def detect(
        cls,
        out: TextIO,
        err: TextIO,
        environ: Mapping[str, str],
        zone: ZoneInfo,
        region: str,
        format: str = "table",  # noqa: A002 -- the name of the flag
        *,
        colour: bool | None = None,
        quiet: bool = False,
        pager: Pager | None = None,
    ) -> Self:
        """Look at the streams and at COLUMNS, LINES, TERM and NO_COLOR; `colour` overrules the latter two."""
        wants_colour = _allows_colour(environ) if colour is None else colour
        width, height = _size(out, environ)
        return cls(
            zone=zone,
            region=region,
            colour=wants_colour and width is not None,
            width=width,
            height=height,
            format=format,
            quiet=quiet,
            pager=pager,
            error_colour=wants_colour and err.isatty(),
            error_width=_size(err, environ)[0],
            dumb=_is_dumb(environ),
        )

    @classmethod
    def of_process(cls, settings: Settings, *, may_colour: bool, quiet: bool) -> Self:
        """That of the streams of this process, as they are now: a terminal may have been resized."""
        colour = None if may_colour and settings.colour != NEVER else False
        zone, region = settings.zone_info, settings.region
        return cls.detect(sys.stdout, sys.stderr, os.environ, zone, region, settings.format, colour=colour, quiet=quiet)

    def bold(self, text: str) -> str:
        """Make a text on stdout stand out."""
        return _rendered(text, _BOLD) if self.colour else text

    def dim(self, text: str) -> str:
        """Make a text on stdout step back."""
        return _rendered(text, _DIM) if self.colour else text

    def tint(self, text: str, tone: Tone) -> str:
        """Let a text on stdout say by its colour what it means."""
        return _rendered(text, tone.rendition) if self.colour else text

    def alarm(self, text: str) -> str:
        """Make a text on stderr red."""
        return _rendered(text, _RED) if self.error_colour else text


def _rendered(text: str, rendition: int) -> str:
    return f"\x1b[{rendition}m{text}\x1b[0m"


def _allows_colour(environ: Mapping[str, str]) -> bool:
    """Follow no-color.org: any text in NO_COLOR but the empty one forbids it."""
    return not environ.get("NO_COLOR") and not _is_dumb(environ)


def _is_dumb(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM") == "dumb"


def _size(stream: TextIO, environ: Mapping[str, str]) -> tuple[int | None, int]:
    if not stream.isatty():
        return None, 0
    columns, lines = _reported_size(stream)
    return _positive(environ, "COLUMNS") or columns or 80, _positive(environ, "LINES") or lines or 24


def _reported_size(stream: TextIO) -> tuple[int, int]:
    try:
        return os.get_terminal_size(stream.fileno())
    except OSError:
        return 0, 0


def _positive(environ: Mapping[str, str], name: str) -> int:
    """Read a size the user exported; 0 where it is none."""
    digits = environ.get(name, "")
    return int(digits) if are_digits(digits) else 0
