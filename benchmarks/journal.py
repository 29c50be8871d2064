"""What the journal adds to a write: the same commands with and without its entries, in turn, in one transaction.

`python -m benchmarks.journal` prints the table; the salts, digests and blocks of the chain are part of "with".
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.data import PASSWORD, Town
from benchmarks.measure import ENGINES, fresh_database, markdown
from crmshell.company import create_first_administrator, open_company
from crmshell.database import Enclosing, current
from crmshell.dispatch import run_line
from crmshell.models import journal
from crmshell.session import Clock, Session
from crmshell.settings import Settings

_ROUNDS = 20
_LINES = 20  # in each


def main() -> None:
    """Print what one `customer add` takes with and without the journal, on both engines."""
    lines = [_row(engine, *_measured(engine)) for engine in ENGINES]
    print(markdown(["`customer add`, one transaction", "µs without", "µs with", "more"], lines))


def _row(engine: str, plain: float, told: float) -> list[str]:
    return [engine, f"{plain:.0f}", f"{told:.0f}", f"+{(told / plain - 1) * 100:.0f} %"]


def _measured(engine: str) -> tuple[float, float]:
    """The medians of all rounds, in microseconds: of the processor on SQLite, of the wall where a server works too."""
    clock = time.process_time if engine == "sqlite" else time.perf_counter
    with fresh_database(engine) as url, _commercial(url) as session:
        enclosing = Enclosing(current())
        enclosing.begin()
        add = _adding(session)
        plain, told = [], []
        for _ in range(_ROUNDS):
            told.append(_microseconds(add, clock))
            with _without_journal():
                plain.append(_microseconds(add, clock))
        enclosing.roll_back()
    return statistics.median(plain), statistics.median(told)


@contextlib.contextmanager
def _commercial(url: str) -> Iterator[Session]:
    """A company of two, and the session of its commercial."""
    session = Session(Settings(database=url), Clock(hash_rounds=4))
    open_company(session, may_create=True)
    create_first_administrator(session, "alice", "Alice Martin", PASSWORD)
    session.log_in("alice", PASSWORD)
    run_line(f"employee add 'Carla Rossi' carla --role commercial --password '{PASSWORD}'", session, lambda *_: None)
    session.log_in("carla", PASSWORD)
    session.set_own_password(PASSWORD, f"{PASSWORD} at home")
    yield session
    current().close()


def _adding(session: Session) -> Callable[[], None]:
    """Adds some customers more, each time others."""
    town, count = Town(1851), iter(range(10**9))

    def add() -> None:
        for number in (next(count) for _ in range(_LINES)):
            name, company = town.fullname().replace('"', ""), town.company().replace('"', "")
            reached = f"--email c{number}@example.com --phone 06{number + 10_000_000}"
            run_line(f'customer add "{name}" --company "{company}" {reached}', session, lambda *_: None)

    return add


def _microseconds(add: Callable[[], None], clock: Callable[[], float]) -> float:
    start = clock()
    add()
    return (clock() - start) / _LINES * 1e6


@contextlib.contextmanager
def _without_journal() -> Iterator[None]:
    """Let work end without its entry."""

    def write_nothing(done: journal.Work) -> None:
        del done

    write = journal._write  # noqa: SLF001  (what is measured is its absence)
    journal._write = write_nothing  # noqa: SLF001
    try:
        yield
    finally:
        journal._write = write  # noqa: SLF001


if __name__ == "__main__":
    main()
