"""Lists, search, detail, writes and sums at several sizes on both databases: `python -m benchmarks --write`.

Data sets are made where they are missing: files c1000.db … in `--folder`, databases crm_bench_1000 … on the server.
Start-up, completion at the keys and batches have commands of their own, which this one names at the end.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import charts
from benchmarks.data import fill
from benchmarks.everyday import Measured, is_there, measure
from benchmarks.measure import ENGINES, README, SERVER, markdown, milliseconds, write_between_markers

Found = Mapping[int, Mapping[str, Measured]]
_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_OTHERS = ("startup", "completion", "batch")


def main() -> None:
    """Measure, print and, if asked, put tables and charts into the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[1000, 10_000], metavar="NUMBER")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--folder", type=Path, help="where the data sets stand; a temporary one if nothing is said")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="put the results into benchmarks/README.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for engine in asked.engines:
            found = _at_all_sizes(engine, asked.customers, asked.folder or Path(folder), asked.rounds)
            print(f"\n{_TITLES[engine]}\n{_table(found)}")
            if asked.write:
                _write(engine, found)
    print("\nBeside this:", ", ".join(f"python -m benchmarks.{name}" for name in _OTHERS))


def _at_all_sizes(engine: str, sizes: Sequence[int], folder: Path, rounds: int) -> Found:
    return {customers: measure(_data(engine, customers, folder), customers, rounds) for customers in sorted(sizes)}


def _data(engine: str, customers: int, folder: Path) -> str:
    """The URL of a company of so many customers, made if it is not there."""
    url = str(folder / f"c{customers}.db") if engine == "sqlite" else f"{SERVER}/crm_bench_{customers}"
    if not is_there(url):
        fill(url, customers)
    return url


def _table(found: Found) -> str:
    """Medians and 99th percentiles, as multiples of the bare statements at the same size, and of the smallest size."""
    sizes = list(found)
    headings = ["", *(f"{_thousands(size)}: ms, p99, × bare" for size in sizes), "growth"]
    return markdown(headings, [_line(name, [found[size].get(name) for size in sizes]) for name in found[sizes[0]]])


def _line(name: str, measured: Sequence[Measured | None]) -> list[str]:
    cells = [_cell(each) for each in measured]
    first, last = measured[0], measured[-1]
    growth = f"{last.program.times(first.program):.2f}" if first and last else "-"
    return [name, *cells, growth]


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return "-"
    program, bare = measured
    return f"{milliseconds(program.median)}, {milliseconds(program.p99)}, {program.times(bare):.1f}"


def _thousands(size: int) -> str:
    return f"{size:,}".replace(",", " ")


def _write(engine: str, found: Found) -> None:
    sizes = list(found)
    names = [name for name in found[sizes[0]] if all(name in found[size] for size in sizes)]
    values = {name: [found[size][name].program.median * 1000 for size in sizes] for name in names}
    series = [f"{_thousands(size)} customers" for size in sizes]
    path = README.parent / "charts" / f"{engine}.svg"
    path.parent.mkdir(exist_ok=True)
    title = f"{_TITLES[engine]}: median of a whole line, by the size of the company"
    path.write_text(charts.bars(title, series, values, "ms"), "utf-8")
    write_between_markers(engine, f"![{title}](charts/{engine}.svg)\n\n{_table(found)}")


if __name__ == "__main__":
    main()
