"""How fast scripts run, beside what the same rows cost without the program: `python -m benchmarks.batch`.

The program runs as people run it, a process on a script, timed from the first answer on. The rows it has written, the
journal and the words included, are then written again into a copy of the database as it was before, by the bare driver
in one transaction (executemany, COPY), by the engine's own tool, and with a commit a command. `--base` begins with a
copy of that database, a file or one of the server. Lines a second are of wall time; beside it stands the time of the
processor, which a busy machine changes less, that of a server not included. Memory is what the process holds at line
1 000 and at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import PASSWORD, Town, fill
from benchmarks.floors import Cost, Floor, PostgresFloor, SqliteFloor, measured
from benchmarks.measure import SERVER, drop_on_server, markdown

_PROCESSES = 8
_POLL_SECONDS = 0.01
_EARLY_LINE = 1000


class Run(NamedTuple):
    """A run of a script: how many lines, what they cost, and what the process held in memory (KiB)."""

    lines: int
    cost: Cost
    early_memory: int = 0
    last_memory: int = 0


def main() -> None:
    """Measure one engine and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--base", default="", help="a company to begin with; a file, or a database of the server")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _bench(flags.engine, flags.base, Path(folder)) as bench:
        print(bench.table(flags.lines))


@contextlib.contextmanager
def _bench(engine: str, base: str, folder: Path) -> Iterator[Bench]:
    if engine == "sqlite":
        yield Bench(SqliteFloor(base or _made(str(folder / "base.db")), folder), folder)
        return
    name = base or f"crm_bench_base_{os.getpid()}"
    if not base:
        _made(f"{SERVER}/{name}")
    floor = PostgresFloor(name, folder)
    try:
        yield Bench(floor, folder)
    finally:
        floor.close()
        if not base:
            drop_on_server(name)


def _made(url: str) -> str:
    """A company with its staff and ten customers."""
    fill(url, 10)
    return url


class Bench:
    """The program and its floors on copies of one database."""

    def __init__(self, floor: Floor, folder: Path) -> None:
        self._floor, self._folder = floor, folder
        self._environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._environ |= {"CRM_PASSWORD": PASSWORD, "CRM_USER": "carla"}

    def table(self, lines: int) -> str:
        """All cases, each beside its floor."""
        rows = [*self._in_one_transaction(lines), *self._lasting(lines)]
        for name, script in (("mixed lines, --atomic", _mixed(lines)), ("reads: `customer detail`", _reads(lines))):
            rows.append(_Row(name, self._run(script, "--atomic")))
        alone = self._one_process_a_command()
        rows.append(_Row("one process a command", alone))
        floors = ("of its floor", "of its CPU")
        headings = (
            "case",
            "lines",
            "lines/s",
            "CPU µs a line",
            *floors,
            "× one process",
            "MiB at line 1 000",
            "at the end",
        )
        return markdown(headings, [row.cells(alone.cost.wall / alone.lines) for row in rows])

    def _in_one_transaction(self, lines: int) -> Iterator[_Row]:
        whole = self._run(_additions(lines), "--atomic")
        floor = Run(lines, self._floor.whole())
        yield _Row("the same rows, executemany or COPY", floor)
        yield _Row("the same rows, the engine's own tool", Run(lines, self._floor.tool()))
        yield _Row("`customer add`, --atomic", whole, floor)

    def _lasting(self, lines: int) -> Iterator[_Row]:
        few = max(lines // 10, 100)
        single = self._run(_additions(few))
        floor = Run(few, self._floor.each())
        yield _Row("the same rows, a commit a command", floor)
        yield _Row("`customer add`, each durable", single, floor)
        yield _Row("`customer add`, --commit-every 100", self._run(_additions(lines), "--commit-every", "100"), floor)

    def _run(self, script: Sequence[str], *flags: str) -> Run:
        path = self._folder / "script.crm"
        path.write_text("".join(f"{line}\n" for line in ("customer detail 1", *script)), "utf-8")
        url = self._floor.copy()
        command = [sys.executable, "-m", "crmshell", "--database", url, "--quiet", *flags, "-f", str(path)]
        early = len("".join(path.read_text("utf-8").splitlines(keepends=True)[:_EARLY_LINE]).encode())
        with subprocess.Popen(command, env=self._environ, stdout=subprocess.PIPE) as process:
            memory = _Memory(process.pid, path, early)
            memory.start()
            assert process.stdout is not None
            process.stdout.read(1)  # logged in: the first line is answered
            begun, cpu = time.perf_counter(), _cpu_of(process.pid)
            while process.stdout.read(1 << 20):
                pass
            wall = time.perf_counter() - begun
            memory.join()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            message = f"the script ended with {process.returncode}"
            raise SystemExit(message)
        return Run(len(script), Cost(wall, used.ru_utime + used.ru_stime - cpu), memory.early, memory.last)

    def _one_process_a_command(self) -> Run:
        url = self._floor.copy()
        commands = [
            [sys.executable, "-m", "crmshell", "--database", url, "--quiet", "-c", line]
            for line in _additions(_PROCESSES)
        ]

        def run_all() -> None:
            for command in commands:
                subprocess.run(command, env=self._environ, stdout=subprocess.DEVNULL, check=True)

        return Run(_PROCESSES, measured(run_all))


class _Row(NamedTuple):
    name: str
    run: Run
    floor: Run | None = None

    def cells(self, alone: float) -> Sequence[str]:
        """As they stand in the table; `alone` are the seconds of a command in a process of its own."""
        lines, cost = self.run.lines, self.run.cost
        shares = ("", "")
        if self.floor is not None:
            wall, cpu = self.floor.cost.wall / self.floor.lines, self.floor.cost.cpu / self.floor.lines
            shares = (f"{wall * lines / cost.wall:.0%}", f"{cpu * lines / cost.cpu:.0%}")
        memory = (f"{kib / 1024:.0f}" if kib else "" for kib in (self.run.early_memory, self.run.last_memory))
        figures = (lines, lines / cost.wall, cost.cpu / lines * 1e6)
        spaced = (f"{figure:,.0f}".replace(",", " ") for figure in figures)
        return self.name, *spaced, *shares, f"{alone * lines / cost.wall:,.0f}".replace(",", " "), *memory


def _cpu_of(pid: int) -> float:
    """The seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Memory(threading.Thread):
    """Looks at what a process holds once it has read so far into its script, and until it ends."""

    def __init__(self, pid: int, script: Path, early: int) -> None:
        super().__init__()
        self._process, self._script, self._early_offset = Path(f"/proc/{pid}"), script, early
        self.early = self.last = 0

    def run(self) -> None:
        """Poll."""
        with contextlib.suppress(OSError, StopIteration):
            while True:
                resident = self._resident()
                if not self.early and self._offset() >= self._early_offset:
                    self.early = resident
                self.last = resident
                time.sleep(_POLL_SECONDS)

    def _resident(self) -> int:
        status = (self._process / "status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def _offset(self) -> int:
        """How far the script has been read, in bytes."""
        for link in (self._process / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if link.readlink() == self._script:
                    told = (self._process / "fdinfo" / link.name).read_text("utf-8")
                    return int(told.split()[1])
        return 0


def _additions(count: int) -> list[str]:
    town = Town(seed=6)
    return [_addition(town, number) for number in range(count)]


def _addition(town: Town, number: int) -> str:
    phone = f"0{1 + number % 5} {42 + number % 50} {10 + number // 7 % 90} {10 + number // 11 % 90} {10 + number % 90}"
    email = f"anne.lefevre{number}@atelier-du-nord.example"
    return f'customer add "{town.fullname()}" --company "Ateliers {number}" --email {email} --phone "{_valid(phone)}"'


def _valid(phone: str) -> str:
    """A number that is in use where this one may not be."""
    import phonenumbers

    return phone if phonenumbers.is_valid_number(phonenumbers.parse(phone, "FR")) else "06 12 34 56 78"


def _mixed(count: int) -> list[str]:
    """Of four lines one adds, one changes, and two look."""
    town = Town(seed=7)
    made: dict[int, Callable[[int], str]] = {
        0: lambda number: f"{_addition(town, number)} --as c",
        1: lambda number: f'customer update @c --company "Société {number}"',
        2: lambda _number: "customer detail @c",
        3: lambda _number: "customer detail 1 --format json",
    }
    return [made[number % 4](number) for number in range(count)]


def _reads(count: int) -> list[str]:
    return [f"customer detail {1 + number % 10}" for number in range(count)]


if __name__ == "__main__":
    if shutil.which("nice"):
        os.nice(5)
    main()
