"""Read the journal against its chain, and name what was changed, taken out, put in or exchanged behind its back.

Memory stays flat: a block is read at a time, and what is in no block is found by the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from crmshell.database import current, marked
from crmshell.models import chain, digests
from crmshell.models.chain import Head

ERASED_FROM = "journal"
"""The noun of a change that says what was erased from an entry; its record is that entry."""

_PAGE = 200
FACTS = "at, employee_id, username, command, result, undoes_id"


class _Fault(NamedTuple):
    """What is wrong with one entry: `kind` is a participle such as `altered`."""

    entry_id: int
    kind: str
    sentence: str


def problems(kept: Head | None) -> Iterator[str]:
    """What is wrong with the chain and with the entries in it, and where it differs from a head that was kept."""
    if kept is not None:
        yield from _cut_off(kept)
    yield from _broken_links()
    yield from _summary(_faults())


def _cut_off(kept: Head) -> Iterator[str]:
    """Compare the block that the head names with the one that is there now."""
    mark = current().param
    sql = f"SELECT total, hash FROM journal_block WHERE id = {mark}"  # noqa: S608
    row = current().execute_sql(sql, (kept.number,)).fetchone()
    last = chain.head()
    if kept.number and row is None:
        yield (
            f"the journal was cut off: it ends with block {last.number} and {last.total} entries, "
            f"and had {kept.total} at block {kept.number}"
        )
    elif kept.number and (row[0], row[1]) != (kept.total, kept.hash):
        yield f"block {kept.number} is not the one whose head was kept: the journal was written anew"


def _broken_links() -> Iterator[str]:
    """Follow the blocks from the first one on."""
    last = chain.BEFORE_ANY
    for number, previous, found, sealed_at, total, first, final in _blocks():
        if number != last.number + 1:
            yield f"{_missing_blocks(last.number + 1, number - 1)} missing"
        elif previous != last.hash:
            yield f"block {number} does not follow block {last.number}: the chain is broken there"
        members = [(entry_id, digest) for entry_id, digest in _members(number, first, final)]
        if total - last.total != len(members) and number == last.number + 1:
            yield f"block {number} holds {len(members)} entries, and was closed over {total - last.total}"
        elif digests.of_block(number, previous, sealed_at, total, members) != found:
            yield f"block {number} was altered"
        last = Head(number, total, sealed_at, found)


def _missing_blocks(first: int, last: int) -> str:
    return f"block {first} is" if first == last else f"blocks {first} to {last} are"


def _blocks() -> Iterator[tuple[Any, ...]]:
    columns = "id, previous, hash, sealed_at, total, first_entry, last_entry"
    sql = f"SELECT {columns} FROM journal_block WHERE id > {current().param} ORDER BY id LIMIT {_PAGE}"  # noqa: S608
    last = 0
    while page := current().execute_sql(sql, (last,)).fetchall():
        yield from page
        last = page[-1][0]


def _members(number: int, first: int, final: int) -> Sequence[tuple[int, str]]:
    mark = current().param
    sql = f"""SELECT entry_id, digest FROM journal_member
        WHERE block_id = {mark} AND entry_id BETWEEN {mark} AND {mark} ORDER BY entry_id"""  # noqa: S608
    rows: Sequence[tuple[int, str]] = current().execute_sql(sql, (number, first, final)).fetchall()
    return rows


def _summary(faults: Iterator[_Fault]) -> Iterator[str]:
    """Name the first fault of all, and count the others by what they are."""
    first = next(faults, None)
    if first is None:
        return
    counts = {first.kind: 1}
    named = first
    for fault in faults:
        counts[fault.kind] = counts.get(fault.kind, 0) + 1
        named = min(named, fault)
    counted = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    total = sum(counts.values())
    more = f"; it is the first of {total}: {counted}" if total > 1 else ""
    yield f"entry {named.entry_id} {named.sentence}{more}"


def _faults() -> Iterator[_Fault]:
    for page in _sealed_pages():
        yield from _of_page(page)
    yield from _inserted()


def _sealed_pages() -> Iterator[list[tuple[int, str | None, int]]]:
    """Entry, the digest it was sealed with (None where it still waits) and block (0), in the order of the entries."""
    mark = current().param
    sealed = f"""SELECT entry_id, digest, block_id FROM journal_member WHERE entry_id > {mark}
        ORDER BY entry_id LIMIT {_PAGE}"""  # noqa: S608
    waiting = f"""SELECT entry_id, NULL, 0 FROM journal_unsealed WHERE entry_id > {mark}
        ORDER BY entry_id LIMIT {_PAGE}"""  # noqa: S608
    for sql in (sealed, waiting):
        last = -1
        while page := current().execute_sql(sql, (last,)).fetchall():
            yield page
            last = page[-1][0]


def _of_page(page: Sequence[tuple[int, str | None, int]]) -> Iterator[_Fault]:
    entries = {row[0]: row for row in _rows("id", f"id, digest, salt, line, message, reason, {FACTS}", page)}
    changes = {
        entry_id: [row[1:] for row in rows]
        for entry_id, rows in groupby(
            _rows("entry_id", "entry_id, id, noun, record_id, operation, salt, fields", page), key=itemgetter(0)
        )
    }
    places = {digest: entry_id for entry_id, digest, _ in page if digest}
    for entry_id, sealed, block in page:
        if entry_id not in entries:
            where = f"it was in block {block}" if block else "it was waiting for its block"
            yield _Fault(entry_id, "missing", f"is missing: {where}")
            continue
        stored, made = _digests(entries[entry_id], changes.get(entry_id, []))
        if made == stored and sealed in {stored, None}:
            continue
        other = places.get(made)
        if other is not None and other != entry_id:
            yield _Fault(entry_id, "exchanged", f"holds what entry {other} was sealed with: they were exchanged")
        else:
            yield _Fault(entry_id, "altered", "was altered" + (f" after block {block} was closed" if block else ""))


def _rows(key: str, columns: str, page: Sequence[tuple[int, Any, Any]]) -> list[tuple[Any, ...]]:
    """Rows of the entries of a page, or of their changes, in order."""
    table = "journal_entry" if key == "id" else "journal_change"
    marks = ", ".join(current().param for _ in page)
    order = "id" if key == "id" else "entry_id, id"
    sql = f"SELECT {columns} FROM {table} WHERE {key} IN ({marks}) ORDER BY {order}"  # noqa: S608
    rows: list[tuple[Any, ...]] = current().execute_sql(sql, [row[0] for row in page]).fetchall()
    return rows


def _digests(entry: Sequence[Any], changes: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """The digest an entry has, and the one that what it holds makes."""
    entry_id, stored, salt, line, message, reason, *facts = entry
    is_erased = salt == digests.NO_SALT or any(change[4] == digests.NO_SALT for change in changes)
    before = _before_erasure(entry_id) if is_erased else {}
    texts = _original(digests.of_texts(salt, line, message, reason), "texts", before)
    told = [
        (noun, record_id, operation, _original(digests.of_fields(own, fields), f"change {change_id}", before))
        for change_id, noun, record_id, operation, own, fields in changes
    ]
    return stored, digests.of_entry(facts, texts, told)


def _original(digest: str, part: str, before: dict[tuple[str, str], str]) -> str:
    """The digest of a part as it was written first, followed back through every erasure that is on record."""
    while (part, digest) in before:
        digest = before.pop((part, digest))
    return digest


def _before_erasure(entry_id: int) -> dict[tuple[str, str], str]:
    """What the entries of erasures say of this one: part and digest after it -> digest before."""
    mark = current().param
    sql = f"SELECT fields FROM journal_change WHERE noun = {mark} AND record_id = {mark} ORDER BY id"  # noqa: S608
    found: dict[tuple[str, str], str] = {}
    for (text,) in current().execute_sql(sql, (ERASED_FROM, entry_id)).fetchall():
        told = find_fields(text) or {}
        found |= {(part, str(pair[1])): str(pair[0]) for part, pair in told.items() if pair is not None}
    return found


def find_fields(text: str) -> dict[str, list[Any] | None] | None:
    """What a change says of each field, None of one that was erased; None where the program cannot have written it."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict) or not all(_is_pair(pair) for pair in told.values()):
        return None
    return told


def _is_pair(told: Any) -> bool:
    return told is None or (isinstance(told, list) and len(told) == 2)  # noqa: PLR2004  (before, after)


def _inserted() -> Iterator[_Fault]:
    """Entries that neither a block knows nor the queue of those that wait for one."""
    sql = """SELECT e.id FROM journal_entry e WHERE NOT EXISTS
        (SELECT 1 FROM journal_member m WHERE m.entry_id = e.id) AND NOT EXISTS
        (SELECT 1 FROM journal_unsealed u WHERE u.entry_id = e.id) ORDER BY e.id"""
    for (entry_id,) in current().execute_sql(marked(sql, "scan")):
        yield _Fault(entry_id, "inserted", "was inserted: no block knows it")
