"""The database itself."""

from __future__ import annotations

from crmshell.access import ADMINISTRATOR
from crmshell.commands.registry import reads
from crmshell.database import current
from crmshell.errors import StoreError
from crmshell.models import integrity, schema
from crmshell.outcome import Column, Kind, Rows
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
def check() -> Rows:
    """Verify the files, the derived amounts, the copies that indexes need, the search words and the journal.

    An empty result is a sound database; anything else ends with exit code 7.

    crm> database check
    """
    found = list(integrity.problems())
    hint = "keep a copy of the database before anything else is done to it"
    failure = StoreError(f"the database has {plural(len(found), 'problem')}", hint=hint) if found else None
    return Rows("problem", _PROBLEM, found, failure=failure)
