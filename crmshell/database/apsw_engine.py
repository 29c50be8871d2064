"""SQLite through apsw, which brings an engine of its own, newer than the one Python was built with."""

from __future__ import annotations

import time
from typing import Any

import apsw
from playhouse.apsw_ext import APSWDatabase

from crmshell.database.common import peewee_errors
from crmshell.database.sqlite import SqliteEngine

_LONGEST_PAUSE = 20  # milliseconds


class Apsw(SqliteEngine, APSWDatabase):  # type: ignore[misc]  # playhouse has no types
    """The engine of choice."""

    driver = f"apsw {apsw.apsw_version()}"

    def _connect(self) -> Any:
        """Let no plan depend on a value: with statistics SQLite would make it anew each time, which costs more."""
        connection = super()._connect()
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        connection.set_busy_handler(self._wait)
        return connection

    def _wait(self, tries: int) -> bool:
        """Wait a little for whoever holds the lock; False after the timeout, or at Ctrl-C.

        SQLite's own waiting does not notice Ctrl-C, and looks so rarely that it loses against writers in a hurry.
        """
        now = time.monotonic()
        if not tries:
            self._state.waits_until = now + self._timeout
        if now > self._state.waits_until or (self.current is not None and self.current.is_interrupted):
            return False
        time.sleep(min(tries + 1, _LONGEST_PAUSE) / 1000)
        return True

    def _execute_cursor(self, sql: str, params: Any, **_options: Any) -> Any:
        """Run a statement as peewee does, but for its logs and hooks, for which every statement would pay."""
        with peewee_errors():
            return self.cursor().execute(sql, params or ())

    def interrupt(self) -> None:
        """Stop the running statement."""
        if self._state.conn is not None:
            self._state.conn.interrupt()

    def is_transaction_lost(self) -> bool:
        """Whether SQLite has rolled back by itself."""
        return self._state.conn is None or bool(self._state.conn.getautocommit())

    def last_insert_rowid(self) -> Any:
        """The id of the row this connection inserted last."""
        return self._state.conn.last_insert_rowid()
