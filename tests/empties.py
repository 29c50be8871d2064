"""Databases that nobody has used yet, of either engine."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import SERVER

_numbers = itertools.count(1)


@contextlib.contextmanager
def empty_database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a database without a table; of a file that is not there yet on SQLite."""
    if engine == "sqlite":
        yield str(folder / f"empty{next(_numbers)}.db")
        return
    import psycopg

    name = f"crm_test_empty_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
