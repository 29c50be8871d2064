"""Two processes of their own that do something at the same moment, for the rules that hold by locks."""

from __future__ import annotations

import contextlib
import multiprocessing
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from crmshell.company import create_first_administrator, open_company
from crmshell.database import current, open_database, proxy
from crmshell.dispatch import run_line
from crmshell.errors import Failure
from crmshell.outcome import Outcome
from crmshell.session import Clock, Session
from crmshell.settings import Settings

PATIENCE = 60  # seconds, far more than anything here takes


@dataclass(frozen=True)
class Finish:
    """How one of the two ended: an exit code, the failure's class and message, or the traceback of a bug."""

    code: int
    kind: str = ""
    message: str = ""


class Race:
    """Two processes that wait for each other before they run what they are told."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._barrier = context.Barrier(2)  # kept, or it is gone before the two have opened it
        pipes = [context.Pipe() for _ in range(2)]
        self._lanes = [here for here, _ in pipes]
        self._runners = [context.Process(target=serve, args=(there, self._barrier)) for _, there in pipes]
        for runner in self._runners:
            runner.start()

    def run(self, step: str, *both: tuple[Any, ...]) -> list[Finish]:
        """Let each of the two take the step with its own arguments."""
        for lane, arguments in zip(self._lanes, both, strict=True):
            lane.send((step, arguments))
        return [self._finish(lane) for lane in self._lanes]

    def end(self) -> None:
        """Send both home."""
        for lane, runner in zip(self._lanes, self._runners, strict=True):
            lane.send(("end", ()))
            runner.join(PATIENCE)
            lane.close()

    @staticmethod
    def _finish(lane: Connection) -> Finish:
        assert lane.poll(PATIENCE), "no answer: the two wait for each other"
        finish: Finish = lane.recv()
        return finish


@dataclass
class Runner:
    """One of the two: what it can be told to do."""

    barrier: Barrier
    session: Session | None = None

    def log_in(self, url: str, username: str, password: str) -> None:
        """Open the database and log in; nobody waits for the other."""
        self._open(url)
        assert self.session is not None
        self.session.log_in(username, password)

    def attempt(self, url: str, username: str, password: str) -> None:
        """Log in at the same moment."""
        self._open(url)
        assert self.session is not None
        self._wait()
        self.session.log_in(username, password)

    def line(self, text: str) -> None:
        """Run a line in the session."""
        assert self.session is not None
        self._wait()
        run_line(text, self.session, _exhaust)

    def start(self, url: str) -> None:
        """Open the company's database as the program does when it starts."""
        self._close()
        session = _session(url)
        self._wait()
        open_company(session, may_create=True)

    def found(self, url: str, username: str, password: str) -> None:
        """Create the first administrator."""
        self._open(url)
        assert self.session is not None
        self._wait()
        create_first_administrator(self.session, username, username.title(), password)

    def _open(self, url: str) -> None:
        self._close()
        open_database(url, may_create=False)
        self.session = _session(url)

    def _close(self) -> None:
        if proxy.obj is not None and not current().is_closed():
            current().close()

    def _wait(self) -> None:
        self.barrier.wait(PATIENCE)


def serve(lane: Connection, barrier: Barrier) -> None:
    """Do what is told until the end."""
    runner = Runner(barrier)
    while True:
        step, arguments = lane.recv()
        if step == "end":
            return
        lane.send(_finished(getattr(runner, step), arguments))


def _finished(step: Callable[..., None], arguments: tuple[Any, ...]) -> Finish:
    try:
        step(*arguments)
    except Failure as failure:
        return Finish(failure.code, failure.kind, failure.message)
    except BaseException:  # noqa: BLE001  (a bug is what these tests look for)
        return Finish(70, "Bug", traceback.format_exc())
    return Finish(0)


def _session(url: str) -> Session:
    return Session(Settings(database=url), Clock(hash_rounds=4))


def _exhaust(outcome: Outcome, _format: str | None) -> None:
    for _ in getattr(outcome, "rows", ()):
        pass


@contextlib.contextmanager
def race() -> Iterator[Race]:
    """Two processes for as long as they are needed."""
    started = Race()
    try:
        yield started
    finally:
        started.end()
