"""Opens SQLite or PostgreSQL, and is the only place that knows which one it is and what its errors mean."""

from __future__ import annotations

from crmshell.database.common import (
    HISTORY_TABLE,
    MAX_ATTEMPTS,
    Engine,
    causes,
    current,
    is_postgres,
    log_path,
    marked,
    proxy,
    shown_url,
)
from crmshell.database.sharing import sharing
from crmshell.database.transactions import Enclosing, Stopped, apart, signals_held, store_errors, transaction

__all__ = [
    "HISTORY_TABLE",
    "MAX_ATTEMPTS",
    "Enclosing",
    "Engine",
    "Stopped",
    "apart",
    "causes",
    "current",
    "log_path",
    "marked",
    "open_database",
    "proxy",
    "sharing",
    "shown_url",
    "signals_held",
    "store_errors",
    "transaction",
]


def open_database(url: str, *, may_create: bool) -> Engine:
    """Bind the models to the database of this URL or path and try the connection.

    Raises StoreError where it cannot be reached, or is not there and may not be created.
    """
    database = _opened(url, may_create=may_create)
    proxy.initialize(database)
    with store_errors(database):
        database.connect(reuse_if_open=True)
        database.settle()
    return database


def _opened(url: str, *, may_create: bool) -> Engine:
    """The engine of a URL, not connected yet; the module of the other one is not loaded."""
    if is_postgres(url):
        from crmshell.database.postgres import open_postgres

        return open_postgres(url)
    from crmshell.database.sqlite import open_sqlite

    return open_sqlite(url, may_create=may_create)
