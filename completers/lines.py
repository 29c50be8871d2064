"""The lines of a text that holds several, such as a paste; a backslash at the end of one joins it to the next."""

from __future__ import annotations

from crmshell.language.tokens import continues


def logical_lines(text: str) -> list[str]:
    """The lines as they are run one by one; joined by line feeds they are the text again."""
    lines: list[str] = []
    for physical in text.split("\n"):
        if lines and continues(lines[-1]):
            lines[-1] += f"\n{physical}"
        else:
            lines.append(physical)
    return lines


def line_at(text: str, position: int) -> tuple[int, str]:
    """The logical line a position is in, after the offset at which it begins."""
    start = 0
    for line in logical_lines(text):
        if position <= start + len(line):
            return start, line
        start += len(line) + 1
    return len(text), ""
