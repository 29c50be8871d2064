"""Short ids: how a contract is named by a prefix of its UUID, and how short a prefix may be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crmshell.database import current

SHORTEST_TYPED = 4
SHORTEST_SHOWN = 8
WHOLE = 32
_CHUNK = 200
_HEX = re.compile(r"[0-9a-f]{4,32}")


def find_prefix(typed: str) -> str | None:
    """What was typed as hexadecimal digits alone, None where it cannot be a prefix of a UUID."""
    digits = typed.casefold().replace("-", "")
    return digits if _HEX.fullmatch(digits) else None


def bounds(prefix: str) -> tuple[str, str]:
    """The first and the last UUID that begin so; a range both engines find in the index."""
    return prefix.ljust(WHOLE, "0"), prefix.ljust(WHOLE, "f")


def shortest(uuids: Sequence[str]) -> dict[str, str]:
    """The shortest prefix, of at least 8 characters, that names each of these contracts among all there are."""
    shown: dict[str, str] = {}
    for first in range(0, len(uuids), _CHUNK):
        chunk = list(dict.fromkeys(uuids[first : first + _CHUNK]))
        shown |= {found: _shorten(found, neighbours) for found, neighbours in _with_neighbours(chunk)}
    return shown


def _with_neighbours(uuids: list[str]) -> list[tuple[str, tuple[str | None, ...]]]:
    database = current()
    marks = ", ".join(database.param for _ in uuids)
    before = "SELECT b.uuid FROM contract b WHERE b.uuid < c.uuid ORDER BY b.uuid DESC LIMIT 1"
    after = "SELECT a.uuid FROM contract a WHERE a.uuid > c.uuid ORDER BY a.uuid LIMIT 1"
    sql = f"SELECT c.uuid, ({before}), ({after}) FROM contract c WHERE c.uuid IN ({marks})"  # noqa: S608
    return [(row[0], tuple(row[1:])) for row in database.execute_sql(sql, uuids)]


def _shorten(found: str, neighbours: tuple[str | None, ...]) -> str:
    shortest = found[:SHORTEST_SHOWN]
    alike = [other for other in neighbours if other is not None and other.startswith(shortest)]
    return found[: max(_shared(found, other) for other in alike) + 1] if alike else shortest


def _shared(one: str, other: str) -> int:
    return next((index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), WHOLE)
