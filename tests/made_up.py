"""A made-up company of `benchmarks.data`, which differs in everything, for tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.data import fill
from crmshell.database import open_database, transaction


@contextmanager
def reading_made_up(url: str, customers: int) -> Iterator[None]:
    """Fill an empty database with so many customers, and read it in one transaction."""
    fill(url, customers, with_journal=False)
    opened = open_database(url, may_create=False)
    with transaction(opened, writes=False):
        yield
    opened.close()
