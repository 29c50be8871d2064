"""json and jsonl: the same values as in a table, for programs; no string in them can act on a terminal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from crmshell.outcome import Kind
from crmshell.output.cells import for_machines, pages, written
from crmshell.text import plural_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmshell.outcome import Card, Rows
    from crmshell.output.cells import Writer
    from crmshell.output.style import Style

_BARE = frozenset({Kind.NUMBER, Kind.AMOUNT, Kind.FLAG})
_ABSENT = "null"

# Beyond the controls below U+0020, which json escapes by itself: what text.safe shows instead of passing on.
_HARMFUL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False).encode


def array(rows: Rows, style: Style) -> Iterator[str]:
    """Yield one array, a record on each of its lines; `[]` where there are none."""
    opening, between = "[\n", ",\n"
    before = opening
    for objects in _objects(rows, style):
        yield before + between.join(objects)
        before = between
    yield "[]\n" if before == opening else "\n]\n"


def lines(rows: Rows, style: Style) -> Iterator[str]:
    """Yield a record a line; nothing where there are none."""
    for objects in _objects(rows, style):
        yield "\n".join(objects) + "\n"


def card(record: Card, style: Style) -> Iterator[str]:
    """Yield one object; secrets are further keys of it, and what belongs to the record an array, as `payments`."""
    writers = [_writer(column.kind, style) for column in record.columns]
    values = [cells[0] for cells in written([record.values], writers, _ABSENT)]
    members = dict(zip([column.name for column in record.columns], values, strict=True))
    members |= {name: quoted(secret) for name, secret in record.secrets.items()}
    members |= {plural_of(rows.noun).replace(" ", "_"): _inline_array(rows, style) for rows in record.related}
    yield _object(members) + "\n"


def text(words: str) -> str:
    """Write a text to read, such as a page of help, as the one member of an object."""
    return _object({"text": quoted(words)}) + "\n"


def error(members: Mapping[str, str | int | None]) -> str:
    """Write the members of a failure in the form of section 7."""
    values = {
        name: quoted(value) if isinstance(value, str) else _ABSENT if value is None else str(value)
        for name, value in members.items()
    }
    return _object({"error": _object(values)}) + "\n"


def quoted(words: str) -> str:
    """Write a json string that reads back the same and that no terminal acts on."""
    string = _encode(words)
    return string if string.isascii() and "\x7f" not in string else _HARMFUL.sub(_escape, string)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _objects(rows: Rows, style: Style) -> Iterator[list[str]]:
    """Yield the records a page at a time, each filled into one template."""
    template = _object({column.name.replace("%", "%%"): "%s" for column in rows.columns})
    writers = [_writer(column.kind, style) for column in rows.columns]
    for page in pages(rows.rows):
        yield [template % record for record in zip(*written(page, writers, _ABSENT), strict=True)]


def _inline_array(rows: Rows, style: Style) -> str:
    return "[" + ", ".join(record for page in _objects(rows, style) for record in page) + "]"


def _object(members: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(name)}: {value}" for name, value in members.items()) + "}"


def _writer(kind: Kind, style: Style) -> Writer:
    if kind is Kind.VALUE:
        return lambda typed: _writer(typed.kind, style)(typed.value)
    write = for_machines(kind, style)
    return write if kind in _BARE else lambda value: quoted(write(value))
