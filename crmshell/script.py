"""Where the lines of a batch come from: a pipe, a file, or the words of the process."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from crmshell.errors import Failure, UsageError
from crmshell.language.tokens import LONGEST_LINE, continues
from crmshell.text import plural, safe

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Line(NamedTuple):
    """A logical line of a script; one that was continued begins at `number` and holds line feeds.

    `position` is the number of bytes read up to its end, for the progress.
    """

    text: str
    file: str
    number: int
    fault: Failure | None = None
    position: int = 0


class Script(Protocol):
    """Where lines come from. `may_hold_secrets` is false for what the process list shows."""

    @property
    def may_hold_secrets(self) -> bool:
        """Whether only the caller can read them."""

    @property
    def folder(self) -> Path:
        """What the paths of `source` start from."""

    def lines(self) -> Iterator[Line]:
        """The logical lines, one after another, as they come."""


class Words(NamedTuple):
    """The lines of `-c`, or the words of the process as one line: other processes can read them."""

    texts: tuple[str, ...]
    may_hold_secrets: bool = False
    folder: Path = Path()

    def lines(self) -> Iterator[Line]:
        """One line each."""
        for number, text in enumerate(self.texts, 1):
            yield Line(text, "-c" if len(self.texts) > 1 else "", number if len(self.texts) > 1 else 0)


class Stream(NamedTuple):
    """A script in bytes, read as it comes: UTF-8, with or without a byte order mark, CRLF or LF.

    One that `is_own` was opened for its lines alone, and is closed behind them.
    """

    binary: BinaryIO
    name: str
    folder: Path = Path()
    may_hold_secrets: bool = True
    is_own: bool = False

    def lines(self) -> Iterator[Line]:
        """The lines, those joined that a backslash continues; they can be read once."""
        with self.binary if self.is_own else nullcontext():
            yield from self._joined()

    def _joined(self) -> Iterator[Line]:
        pending, first, position = "", 0, 0
        for number, raw in enumerate(_physical(self.binary), 1):
            position += len(raw)
            text, fault = _decoded(raw, is_first=number == 1)
            first = first or number
            pending = f"{pending}\n{text}" if number > first else text
            if fault is None and continues(text) and len(pending) <= LONGEST_LINE:
                continue
            yield Line(pending, self.name, first, fault, position)
            pending, first = "", 0
        if first:
            yield Line(pending, self.name, first, None, position)


def _physical(binary: BinaryIO) -> Iterator[bytes]:
    """Lines of bytes; one that is too long to be read comes without its tail, so that memory stays flat."""
    limit = LONGEST_LINE + 8
    while raw := binary.readline(limit):
        yield raw if raw.endswith(b"\n") or len(raw) < limit else _without_last_character(raw)
        while not raw.endswith(b"\n") and len(raw) == limit:
            raw = binary.readline(limit)


def _without_last_character(raw: bytes) -> bytes:
    """The bytes up to their last character, which may have been cut in two."""
    last = next((place for place in range(len(raw) - 1, -1, -1) if raw[place] & 0xC0 != 0x80), 0)  # noqa: PLR2004
    return raw[:last]


def _decoded(raw: bytes, *, is_first: bool) -> tuple[str, Failure | None]:
    encoding = "utf-8-sig" if is_first else "utf-8"
    line = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return line.decode(encoding), None
    except UnicodeDecodeError as error:
        text = line.decode(encoding, "replace")
        fault = UsageError(f"byte {error.start + 1} of the line is not UTF-8", hint="save the script as UTF-8")
        column = len(line[: error.start].decode(encoding, "replace"))
        return text, fault.at((column, column + 1))


def open_script(path: Path) -> Stream:
    """The script in a file; raises UsageError where it cannot be read."""
    try:
        return Stream(path.expanduser().open("rb"), safe(str(path)), path.parent, is_own=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no file can have this name"
        raise UsageError(f"{safe(str(path))} cannot be read: {reason}", hint="check the name") from error


class Kept(NamedTuple):
    """Lines that were read already, to be run more than once."""

    read: tuple[Line, ...]
    may_hold_secrets: bool
    folder: Path

    @property
    def size(self) -> int:
        """The number of bytes they were read from."""
        return self.read[-1].position if self.read else 0

    def lines(self) -> Iterator[Line]:
        """The same lines again."""
        return iter(self.read)


class RowFile:
    """The rows of a csv file with a header of `$NAMES`, read as they are needed; another file raises UsageError."""

    def __init__(self, path: Path) -> None:
        """Check the whole file before anything is run; what can be read only once is kept."""
        self._path = path
        self._kept = None if path.is_file() else list(_rows_of(path))
        self._count = len(self._kept) if self._kept is not None else sum(1 for _ in _rows_of(path))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, str]]:
        return iter(self._kept) if self._kept is not None else _rows_of(self._path)


def _rows_of(path: Path) -> Iterator[dict[str, str]]:
    name = safe(str(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines, strict=True)
            for column in table.fieldnames or ():
                if not _NAME.fullmatch(column):
                    hint = "separate the columns by commas" if ";" in column else "letters, digits and _"
                    raise UsageError(f"{safe(column)} in {name} is no name for a variable", hint=hint)
            if len(set(table.fieldnames or ())) < len(table.fieldnames or ()):
                raise UsageError(f"two columns of {name} have the same name", hint="give each variable one column")
            for row in table:
                if None in row or None in row.values():
                    columns = plural(len(table.fieldnames or ()), "column")
                    raise UsageError(f"line {table.line_num} of {name} has not {columns}", hint="mend the file")
                yield dict(row)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", hint="check the name after --vars") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name} is not a csv file in UTF-8", hint="save it as csv, UTF-8") from error
