"""Brings a database to the schema of this program, once, whoever starts first."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

import peewee

from crmshell.database import HISTORY_TABLE, current, shown_url, transaction
from crmshell.errors import StoreError

DIRECTORY = Path(__file__).parent / "migrations"


class State(Enum):
    """How a database stands to this program."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"


def known() -> list[str]:
    """The names of the migrations this program has, in order."""
    return sorted(path.stem for path in DIRECTORY.glob("[0-9]*.py"))


def applied() -> list[str]:
    """The names of those the database has seen; raises StoreError where it is no database of crm-shell."""
    database = current()
    tables = set(database.get_tables())
    if HISTORY_TABLE in tables:
        return [str(row[0]) for row in database.execute_sql(f"SELECT name FROM {HISTORY_TABLE} ORDER BY name")]  # noqa: S608
    if tables:
        where = shown_url(str(database.database))
        raise StoreError(f"{where} is not a database of crm-shell", hint="name another one with --database")
    return []


def state() -> State:
    """Compare the two; raises StoreError for a database that a newer program has written."""
    there, here = applied(), known()
    unknown = sorted(set(there) - set(here))
    if unknown:
        raise StoreError(
            f"the database is newer than this program: it has {', '.join(unknown)}", hint="pip install -U crm-shell"
        )
    if not there:
        return State.EMPTY
    return State.CURRENT if len(there) == len(here) else State.BEHIND


def migrate() -> list[str]:
    """Apply what is missing, in one transaction and under a lock; returns the names applied."""
    database = current()
    with transaction(database, writes=True):
        database.lock("migrations")
        if state() is State.CURRENT:
            return []
        runner = runner_for(database)
        names: list[str] = runner.up()
        return names


def runner_for(database: Any) -> Any:
    """The runner of peewee, with a history that both engines can hold."""
    from playhouse.migrations import Runner

    from crmshell.models.fields import MomentField

    runner = Runner(database, str(DIRECTORY), table_name=HISTORY_TABLE)

    class History(database.Model):  # type: ignore[misc]  # peewee makes the class at run time
        name = peewee.CharField(unique=True)
        applied = MomentField(default=_now)

        class Meta:
            legacy_table_names = False
            table_name = HISTORY_TABLE

    runner.History = History
    return runner


def _now() -> int:
    import time

    return int(time.time())
