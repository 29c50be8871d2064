"""The keys of a keyboard, as a terminal hands them over."""

from __future__ import annotations

ENTER, TAB = "\r", "\t"
UP, DOWN = "\x1b[A", "\x1b[B"
CTRL_A, CTRL_C, CTRL_D, CTRL_U, CTRL_Z = "\x01", "\x03", "\x04", "\x15", "\x1a"
