"""A whole list to csv and to a table, beside the bare iteration of its rows; and the memory that its writing takes.

`python -m benchmarks.exports URL FORMAT [ROWS]` writes a list into nothing and prints its peak of memory in MiB.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.everyday import LISTED, printer_into, session_of
from benchmarks.measure import Case, Times, in_turn
from crmshell.database import Engine, open_database, transaction
from crmshell.dispatch import run_line
from crmshell.output import Printer

FORMATS = ("csv", "table")
FEW = 10_000  # rows
_EVERYTHING = f"{LISTED} WHERE c.deleted_at IS NULL ORDER BY c.id DESC"


class Exported(NamedTuple):
    """How long the bare rows and each format took, and the peak of memory in MiB for FEW rows and for all."""

    times: Mapping[str, Times]
    few: Mapping[str, float]
    whole: Mapping[str, float]


class _Bare(NamedTuple):
    """The query without the program, as a driver streams it."""

    text: str

    def sql(self) -> tuple[str, tuple[()]]:
        """The SQL and its values."""
        return self.text, ()


def measure(url: str, rounds: int) -> Exported:
    """Time all formats in turn with the bare rows, and measure the memory of each in a process of its own."""
    with _opened(url) as (database, printer):
        session = session_of(url)

        def bare() -> None:
            with transaction(database, writes=False):
                for _ in database.stream(_Bare(_EVERYTHING), "list"):
                    pass

        cases: dict[str, Case] = {"bare": bare}
        for name in FORMATS:
            line = f"customer list --format {name}"
            cases[name] = lambda line=line: run_line(line, session, printer.show)  # type: ignore[misc]  # bound at once
        times = in_turn(cases, rounds, warm=0)
    few = {name: _peak(url, name, FEW) for name in FORMATS}
    return Exported(times, few, {name: _peak(url, name, None) for name in FORMATS})


@contextmanager
def _opened(url: str) -> Iterator[tuple[Engine, Printer]]:
    database = open_database(url, may_create=False)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        yield database, printer_into(nowhere)
    database.close()


def _peak(url: str, name: str, rows: int | None) -> float:
    asked = [sys.executable, "-m", "benchmarks.exports", url, name, *([] if rows is None else [str(rows)])]
    return float(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Write one list and print the peak of memory."""
    url, name, *rows = sys.argv[1:]
    limit = f" --limit {rows[0]}" if rows else ""
    with _opened(url) as (_, printer):
        run_line(f"customer list --format {name}{limit}", session_of(url), printer.show)
    print(_high_water() / 1024)


def _high_water() -> int:
    """The most this process has held in memory (KiB); what getrusage tells begins with what its parent held."""
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
