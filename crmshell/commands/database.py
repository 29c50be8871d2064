"""The database itself."""

from __future__ import annotations

from typing import Annotated

from crmshell.access import ADMINISTRATOR
from crmshell.commands.registry import reads
from crmshell.database import current
from crmshell.errors import StoreError
from crmshell.models import integrity, schema
from crmshell.models.chain import parse_head
from crmshell.outcome import Column, Kind, Rows
from crmshell.parameters import Text
from crmshell.text import plural

_FACT = (Column("fact", Kind.NAME), Column("value", Kind.NAME))
_PROBLEM = (Column("check", Kind.NAME), Column("problem", Kind.TEXT))


@reads("database info", by=ADMINISTRATOR)
def info() -> Rows:
    """Say where the records are kept, by which engine, and in which state.

    crm> database info
    """
    facts = [*current().describe(), ("schema", ", ".join(schema.applied())), *integrity.counts()]
    return Rows("fact", _FACT, facts)


@reads("database check", by=ADMINISTRATOR)
def check(head: Annotated[str | None, Text(200), "a head that `journal head` once printed"] = None) -> Rows:
    """Verify the files, the derived amounts, the copies that indexes need, the search words and the journal.

    An empty result is a sound database; anything else ends with exit code 7. With a head that was kept elsewhere it
    shows too what was cut off the journal, or written anew, since then.

    crm> database check
    """
    kept = parse_head(head) if head is not None else None
    found = list(integrity.problems(kept))
    hint = "keep a copy of the database before anything else is done to it"
    failure = StoreError(f"the database has {plural(len(found), 'problem')}", hint=hint) if found else None
    return Rows("problem", _PROBLEM, found, failure=failure)
