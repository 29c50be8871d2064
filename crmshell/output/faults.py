"""Errors: where they are, what is wrong, the words at fault and the next thing to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmshell.output import jsons
from crmshell.text import safe, shorten, shorten_front, width, wrapped

if TYPE_CHECKING:
    from crmshell.errors import Failure
    from crmshell.output.style import Style

_WIDTH = 120
_INDENT = "  "


class Source(NamedTuple):
    """The line a failure is about, as it was read; whoever makes it has masked the secrets in it.

    `number` is its line in the script, 0 at the prompt; `column` the offset of `line` in that line, so that the
    first character stands in column `column` + 1.
    """

    line: str
    file: str = ""
    number: int = 0
    column: int = 0


class _Fault(NamedTuple):
    """The words at fault and what stands around them, on the one line of the text where they begin."""

    before: str
    words: str
    after: str
    lines_above: int


class _Position(NamedTuple):
    """Where a failure is, as far as it is known; line and column start at 1."""

    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def prefix(self) -> str:
        """Begin a message: `script.crm:12:16: `, nothing at the prompt."""
        known = [safe(self.file), f"{self.line or ''}", f"{self.column or ''}" if self.line else ""]
        return "".join(f"{part}:" for part in known if part) + (" " if any(known) else "")


def as_text(failure: Failure, source: Source | None, style: Style) -> str:
    """Write the message, the line with the words at fault underlined, and the hint."""
    fault = _find_fault(failure, source)
    prefix = _position(source, fault).prefix
    first, *others = wrapped(prefix + safe(failure.message), style.error_width)
    lines = [prefix + style.alarm(first.removeprefix(prefix)), *map(style.alarm, others)]
    if fault:
        lines += _underlined(fault, max((style.error_width or _WIDTH) - len(_INDENT), 1))
    if failure.hint:
        lines += wrapped(f"hint: {safe(failure.hint)}", style.error_width)
    return "".join(f"{line}\n" for line in lines)


def as_json(failure: Failure, source: Source | None) -> str:
    """Write one object on one line, for the programs that read stderr."""
    position = _position(source, _find_fault(failure, source))
    return jsons.error(
        {
            "class": failure.kind,
            "message": failure.message,
            "hint": failure.hint or None,
            "code": failure.code,
            "file": position.file or None,
            "line": position.line or None,
            "column": position.column or None,
        }
    )


def _find_fault(failure: Failure, source: Source | None) -> _Fault | None:
    if source is None or failure.span is None:
        return None
    start, end = (min(max(offset, 0), len(source.line)) for offset in failure.span)
    before, rest = source.line[:start], source.line[start:]
    words = rest[: max(end - start, 0)].partition("\n")[0]
    after = rest[len(words) :].partition("\n")[0]
    return _Fault(before.rpartition("\n")[2], words, after, before.count("\n"))


def _position(source: Source | None, fault: _Fault | None) -> _Position:
    if source is None:
        return _Position()
    if fault is None:
        return _Position(source.file, source.number)
    line = source.number + fault.lines_above if source.number else 0
    offset = 0 if fault.lines_above else source.column
    return _Position(source.file, line, offset + len(fault.before) + 1)


def _underlined(fault: _Fault, room: int) -> list[str]:
    before, words, after = _clipped(safe(fault.before), safe(fault.words), safe(fault.after), room)
    caret = "^" + "~" * (width(words) - 1)
    return [f"{_INDENT}{before}{words}{after}".rstrip(), _INDENT + " " * width(before) + caret]


def _clipped(before: str, words: str, after: str, room: int) -> tuple[str, str, str]:
    """Keep the words at fault, and around them as much of the line as there is room for."""
    if width(before + words + after) <= room:
        return before, words, after
    words = shorten(words, room)
    around = room - max(width(words), 1)
    before = shorten_front(before, max(around // 2, around - width(after)))
    return before, words, shorten(after, around - width(before))
