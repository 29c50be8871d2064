"""What the benchmarks share: cases timed in turn, percentiles, tables in Markdown, databases that are thrown away.

A figure is told as a ratio to a floor measured in the same run. The cases take turns, so that a busy machine slows all
of them alike, and a first round that nobody counts warms them up.
"""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.loading import create_on_server

Case = Callable[[], object]
SERVER = os.environ.get("CRM_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
ENGINES = ("sqlite", "postgresql")
README = Path(__file__).parent / "README.md"


class Times(list[float]):
    """The seconds that the runs of one case took."""

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self)

    @property
    def p99(self) -> float:
        """What ninety-nine of a hundred stay below."""
        return percentile(self, 0.99)

    def times(self, floor: Times) -> float:
        """The median as a multiple of a floor's."""
        return self.median / floor.median


def timed(case: Case) -> float:
    """The seconds that one run takes."""
    start = time.perf_counter()
    case()
    return time.perf_counter() - start


def in_turn(cases: Mapping[str, Case], rounds: int, *, warm: int = 1) -> dict[str, Times]:
    """Run all cases in turn, so many rounds; the first `warm` ones are not counted."""
    found = {name: Times() for name in cases}
    order = deque(cases)
    for turn in range(-warm, rounds):
        gc.collect()
        order.rotate()  # whoever comes first finds the caches of the processor empty
        for name in order:
            seconds = timed(cases[name])
            if turn >= 0:
                found[name].append(seconds)
    return found


def percentile(seconds: Sequence[float], part: float) -> float:
    """The value that this part of all stays at or below."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def milliseconds(seconds: float) -> str:
    """A time to read: three digits that say something."""
    ms = seconds * 1000
    return f"{ms:.0f}" if ms >= 100 else f"{ms:.1f}" if ms >= 10 else f"{ms:.2f}"


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table for a README: the first column is words, the others are figures."""
    rows = [headings, ["---", *("--:" for _ in headings[1:])], *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_between_markers(name: str, text: str, path: Path = README) -> None:
    """Replace what stands between `<!-- NAME -->` and `<!-- /NAME -->`; raises ValueError where they are not there."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = path.read_text("utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        message = f"{path.name} has no place for {name}"
        raise ValueError(message)
    path.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", "utf-8")


@contextlib.contextmanager
def fresh_database(engine: str) -> Iterator[str]:
    """The URL of an empty database of this engine, gone afterwards."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield str(Path(folder) / "crm.db")
        return
    name = f"crm_bench_{os.getpid()}"
    url = f"{SERVER}/{name}"
    create_on_server(url)
    try:
        yield url
    finally:
        drop_on_server(name)


def drop_on_server(name: str) -> None:
    """Drop a database, whoever is connected to it."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
