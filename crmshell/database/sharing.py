"""Reading in the transaction of another thread: only its connection sees what was written there and is not committed.

The connection is used in turns: a command holds it while it runs, the reader only while no command does, so that
neither waits for the other longer than one menu takes. An overlay of the changes in memory would not do: the rules that
say what is offered are SQL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from crmshell.database.common import Engine


@contextlib.contextmanager
def sharing(database: Engine) -> Iterator[bool]:
    """Read, in a thread of its own, what the open transaction of another thread sees; without one, what is committed.

    Yields False where a command holds the connection: there is nothing to read then. What fails here leaves the
    transaction as it is.
    """
    if database.enclosing is None:
        yield True
        return
    if not database.turn.acquire(blocking=False):
        yield False
        return
    try:
        with _borrowed(database):
            yield True
    finally:
        database.turn.release()


@contextlib.contextmanager
def _borrowed(database: Engine) -> Iterator[None]:
    """Let this thread speak through the connection of the transaction, unless that ended in the meantime."""
    enclosing = database.enclosing
    if enclosing is None or enclosing.connection is None:
        yield
        return
    state = database._state  # noqa: SLF001  (peewee's, one for each thread)
    own, was_closed = state.conn, state.closed
    state.conn, state.closed = enclosing.connection, False
    try:
        with database.reading_inside():
            yield
    finally:
        state.conn, state.closed = own, was_closed
