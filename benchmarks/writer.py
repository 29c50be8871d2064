"""Writes to a database of benchmarks.data until it is killed, without changing it; for benchmarks/completion.py."""

from __future__ import annotations

import itertools
import sys

from crmshell.database import current, open_database, transaction


def main() -> None:
    """Set the moment of a hundred customers, in turn, to what it is."""
    open_database(sys.argv[1], may_create=False)
    mark = current().param
    for number in itertools.count(1):
        with transaction(current(), writes=True):
            current().execute_sql(f"UPDATE customer SET updated_at = updated_at WHERE id = {mark}", (number % 100 + 1,))
        if number == 1:
            print("writing", flush=True)


if __name__ == "__main__":
    main()
