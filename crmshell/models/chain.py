"""The chain over the journal: entries are closed into blocks, each of which follows the one before by its hash.

Nobody waits for it. A writer's entry is put into `journal_unsealed` by the database itself; whoever happens to be the
SEAL_EVERYth closes a block over all that stands there, and leaves it alone where somebody else is at it. What is in a
block is told by rows of its own (`journal_member`), so that an entry that commits late goes into a later block, and
entries themselves are never updated.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import peewee

from crmshell.database import current
from crmshell.errors import Refused
from crmshell.models import digests
from crmshell.models.fields import MomentField
from crmshell.models.table import Table
from crmshell.text import are_digits, safe

SEAL_EVERY = 64
LARGEST_BLOCK = 1000
_LOCK = "journal chain"
_BLOCK_COLUMNS = ("id", "previous", "hash", "sealed_at", "total", "first_entry", "last_entry")
_MEMBER_COLUMNS = ("entry_id", "block_id", "digest")


class JournalBlock(Table):
    """A closed block: its number, the hash of the one before, its own, and how many entries there are up to it."""

    id: peewee.BigIntegerField = peewee.BigIntegerField(primary_key=True)
    previous = peewee.CharField(unique=True)
    hash = peewee.CharField()
    sealed_at = MomentField()
    total = peewee.BigIntegerField()
    first_entry = peewee.BigIntegerField()
    last_entry = peewee.BigIntegerField()

    class Meta:
        table_name = "journal_block"


class JournalMember(Table):
    """An entry of a block, and the digest it was sealed with."""

    entry_id = peewee.BigIntegerField(primary_key=True)
    block = peewee.ForeignKeyField(JournalBlock)
    digest = peewee.CharField()

    class Meta:
        table_name = "journal_member"


class JournalUnsealed(Table):
    """An entry that waits for its block."""

    entry_id = peewee.BigIntegerField(primary_key=True)

    class Meta:
        table_name = "journal_unsealed"


class Head(NamedTuple):
    """The last block: whoever keeps it elsewhere can prove later what came before."""

    number: int
    total: int
    sealed_at: int
    hash: str

    @property
    def text(self) -> str:
        """As it is printed, and taken again by `database check --head`."""
        return f"{self.number}-{self.total}-{self.hash}"


BEFORE_ANY = Head(0, 0, 0, digests.FIRST)


def head() -> Head:
    """The last block; number 0 where none was closed yet."""
    sql = "SELECT id, total, sealed_at, hash FROM journal_block ORDER BY id DESC LIMIT 1"
    row = current().execute_sql(sql).fetchone()
    return Head(*row) if row else BEFORE_ANY


def parse_head(text: str) -> Head:
    """The head that was printed once; raises Refused for anything else."""
    number, _, rest = text.strip().partition("-")
    total, _, digest = rest.partition("-")
    is_whole = are_digits(number) and are_digits(total)
    if not is_whole or len(digest) != len(digests.FIRST) or not (digest.isascii() and digest.isalnum()):
        raise Refused(f"{safe(text[:80])} is no head of the journal", hint="give it as `journal head` printed it")
    return Head(int(number), int(total), 0, digest.casefold())


def seal_now_and_then(entry_id: int) -> None:
    """Close one block where it is this writer's turn, and nobody is at it already.

    Where entries are written late, the blocks are as large as they may be: to close one, all entries are written first.
    """
    every = SEAL_EVERY if current().waiting is None else LARGEST_BLOCK
    if entry_id % every == 0 and current().try_lock(_LOCK):
        _close_block()


def seal() -> None:
    """Close blocks over everything that is in none yet, unless somebody is at it already; needs a transaction."""
    if current().try_lock(_LOCK):
        while _close_block():
            pass


_WAITING = f"""SELECT e.id, e.digest FROM journal_unsealed u JOIN journal_entry e ON e.id = u.entry_id
    ORDER BY u.entry_id LIMIT {LARGEST_BLOCK}"""  # noqa: S608


def _close_block() -> bool:
    """Close a block over the oldest entries that wait for one; whether there were any."""
    database, last = current(), head()
    members: list[tuple[int, str]] = [(row[0], row[1]) for row in database.execute_sql(_WAITING)]
    if not members:
        return False
    number, total, now = last.number + 1, last.total + len(members), int(time.time())
    digest = digests.of_block(number, last.hash, now, total, members)
    first, final = members[0][0], members[-1][0]
    database.insert("journal_block", _BLOCK_COLUMNS, [number, last.hash, digest, now, total, first, final])
    rows = [(entry_id, number, sealed) for entry_id, sealed in members]
    database.insert_many("journal_member", _MEMBER_COLUMNS, rows)
    mark = database.param
    database.execute_sql(
        f"""DELETE FROM journal_unsealed WHERE entry_id IN (SELECT entry_id FROM journal_member
            WHERE block_id = {mark} AND entry_id BETWEEN {mark} AND {mark})""",  # noqa: S608
        (number, first, final),
    )
    return True
