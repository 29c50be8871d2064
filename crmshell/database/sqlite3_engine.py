"""SQLite through Python's own module, for where apsw has no wheel."""

from __future__ import annotations

from typing import Any

import peewee

from crmshell.database.sqlite import SqliteEngine


class BuiltIn(SqliteEngine, peewee.SqliteDatabase):
    """The engine Python was built with; its WAL mode is trusted only where its version is a fixed one."""

    def interrupt(self) -> None:
        """Stop the running statement."""
        if self._state.conn is not None:
            self._state.conn.interrupt()

    def is_transaction_lost(self) -> bool:
        """Whether SQLite has rolled back by itself."""
        return self._state.conn is None or not self._state.conn.in_transaction

    def last_insert_rowid(self) -> Any:
        """The id of the row this connection inserted last."""
        return self.execute_sql("SELECT last_insert_rowid()").fetchone()[0]
