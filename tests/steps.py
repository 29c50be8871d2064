"""The cost of something in steps of SQLite's machine: the same every time, on any machine."""

from __future__ import annotations

from collections.abc import Callable

from crmshell.database import current


def steps_of(action: Callable[[], object]) -> int:
    """How many steps the open SQLite database takes for it."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    connection = current().connection()  # type: ignore[no-untyped-call]
    connection.set_progress_handler(count, 1)
    try:
        action()
    finally:
        connection.set_progress_handler(None, 1)
    return taken
