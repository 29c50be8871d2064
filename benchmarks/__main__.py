"""Everything a person waits for, at several sizes on both databases: `python -m benchmarks --write`.

Lists, search, detail, writes and sums; whole lists to csv and to a table; start-up; completion. `--parts` takes some of
them. Data sets are made where they are missing: files c1000.db … in `--folder`, databases crm_bench_1000 … on a server.
Batches have a command of their own, `python -m benchmarks.batch`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import charts, exports
from benchmarks.data import fill
from benchmarks.everyday import Measured, is_there, measure
from benchmarks.exports import FORMATS, Exported
from benchmarks.measure import ENGINES, README, SERVER, markdown, milliseconds, write_between_markers

Found = Mapping[int, Mapping[str, Measured]]
_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_PARTS = ("lists", "exports", "startup", "completion")


def main() -> None:
    """Measure, print and, if asked, put tables and charts into the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[1000, 10_000], metavar="NUMBER")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=list(_PARTS))
    parser.add_argument("--folder", type=Path, help="where the data sets stand; a temporary one if nothing is said")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="put the results into benchmarks/README.md")
    asked = parser.parse_args()
    if "startup" in asked.parts:
        _run("startup")
    if set(asked.parts) != {"startup"}:
        with tempfile.TemporaryDirectory() as folder:
            _measure_data(asked, asked.folder or Path(folder))


def _measure_data(asked: argparse.Namespace, folder: Path) -> None:
    """The parts that need companies."""
    every = {
        engine: {size: _data(engine, size, folder) for size in sorted(asked.customers)} for engine in asked.engines
    }
    for engine, urls in every.items():
        if "lists" in asked.parts:
            _lists(engine, urls, asked.rounds, is_kept=asked.write)
        if "exports" in asked.parts:
            _exports(engine, urls, is_kept=asked.write)
    if "completion" in asked.parts:
        kept = ["--write"] if asked.write else []
        _run("completion", *(url for urls in every.values() for url in urls.values()), *kept)


def _run(part: str, *arguments: str) -> None:
    """The benchmark of a part that is one for itself."""
    subprocess.run([sys.executable, "-m", f"benchmarks.{part}", *arguments], check=True)


def _data(engine: str, customers: int, folder: Path) -> str:
    """The URL of a company of so many customers, made if it is not there."""
    url = str(folder / f"c{customers}.db") if engine == "sqlite" else f"{SERVER}/crm_bench_{customers}"
    if not is_there(url):
        fill(url, customers)
    return url


def _lists(engine: str, urls: Mapping[int, str], rounds: int, *, is_kept: bool) -> None:
    found = measure(urls, rounds)
    print(f"\n{_TITLES[engine]}\n{_table(found)}")
    if is_kept:
        _write(engine, found)


def _table(found: Found) -> str:
    """Medians and 99th percentiles, as multiples of the bare statements at the same size, and of the smallest size."""
    sizes = list(found)
    headings = ["", *(f"{_thousands(size)}: ms, p99, × bare" for size in sizes), "growth"]
    return markdown(headings, [_line(name, [found[size][name] for size in sizes]) for name in found[sizes[0]]])


def _line(name: str, measured: Sequence[Measured]) -> list[str]:
    growth = measured[-1].program.times(measured[0].program)
    return [name, *map(_cell, measured), f"{growth:.2f}"]


def _cell(measured: Measured) -> str:
    program, bare, query = measured
    times = f"{program.times(bare):.1f}" if query is None else f"{program.times(bare):.1f} ({query.times(bare):.1f})"
    return f"{milliseconds(program.median)}, {milliseconds(program.p99)}, {times}"


def _thousands(size: int) -> str:
    return f"{size:,}".replace(",", " ")


def _write(engine: str, found: Found) -> None:
    sizes = list(found)
    values = {name: [found[size][name].program.median * 1000 for size in sizes] for name in found[sizes[0]]}
    series = [f"{_thousands(size)} customers" for size in sizes]
    path = README.parent / "charts" / f"{engine}.svg"
    path.parent.mkdir(exist_ok=True)
    title = f"{_TITLES[engine]}: median of a whole line, by the size of the company"
    path.write_text(charts.bars(title, series, values, "ms"), "utf-8")
    write_between_markers(engine, f"![{title}](charts/{engine}.svg)\n\n{_table(found)}")


def _exports(engine: str, urls: Mapping[int, str], *, is_kept: bool) -> None:
    measured = {size: exports.measure(url, rounds=3) for size, url in urls.items() if size > exports.FEW}
    if not measured:
        return
    text = markdown(_EXPORTS, [line for size, found in measured.items() for line in _export_lines(size, found)])
    print(f"\n{_TITLES[engine]}, whole lists\n{text}")
    if is_kept:
        write_between_markers(f"exports-{engine}", text)


_EXPORTS = ("rows", "s", "× bare", f"MiB for {_thousands(exports.FEW)} rows", "for all", "×")


def _export_lines(size: int, found: Exported) -> list[list[str]]:
    bare = found.times["bare"]
    lines = [[f"{_thousands(size)}, iterated", f"{bare.median:.2f}", "1.00", "", "", ""]]
    for name in FORMATS:
        times, few, whole = found.times[name], found.few[name], found.whole[name]
        memory = [f"{few:.0f}", f"{whole:.0f}", f"{whole / few:.2f}"]
        lines.append([f"to {name}", f"{times.median:.2f}", f"{times.times(bare):.2f}", *memory])
    return lines


if __name__ == "__main__":
    main()
