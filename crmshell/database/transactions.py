"""One transaction for each command, or one around several; Ctrl-C waits for its end."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import FrameType, TracebackType
from typing import Any

import peewee

from crmshell.database.common import Engine, Transaction, current, proxy
from crmshell.database.deferred import Mark
from crmshell.errors import Conflict, Failure, Interrupted


def store_errors(database: Engine | None = None) -> AbstractContextManager[None]:
    """Turn what the driver or peewee raises into a failure the user understands."""
    return _StoreErrors(database)


class _StoreErrors:
    __slots__ = ("_database",)

    def __init__(self, database: Engine | None) -> None:
        self._database = database

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if error is not None and _is_of_a_driver(error):
            raise _explained(self._database or current(), error) from error


def _explained(database: Engine, error: BaseException) -> Failure:
    if database.is_duplicate(error):
        return Conflict("another record has this value already", hint="choose another value")
    if isinstance(error, peewee.IntegrityError):
        message = "a record this depends on was changed by somebody else meanwhile"
        return Conflict(message, hint="look at it again, then try again")
    return database.explain(error)


def _is_of_a_driver(error: BaseException) -> bool:
    return isinstance(error, peewee.PeeweeException) or type(error).__module__.split(".")[0] in {
        "apsw",
        "psycopg",
        "sqlite3",
    }


def transaction(database: Engine, *, writes: bool) -> AbstractContextManager[Transaction]:
    """One transaction, or a savepoint inside one: committed whole, or rolled back.

    Ctrl-C stops the running statement, rolls back, and is raised as Interrupted only after that. Errors of the
    store come out as StoreError or Conflict.
    """
    return _Savepoint(database) if database.in_transaction() else _outermost(database, writes=writes)


@contextlib.contextmanager
def _outermost(database: Engine, *, writes: bool) -> Iterator[Transaction]:
    database.forget_lost_connection()
    state = Transaction()
    with _interrupts_held():
        try:
            with store_errors(database):
                yield from _begun(database, state, writes=writes)
        except Failure as error:
            if state.is_interrupted:
                raise _interrupted(state) from error
            raise
    if state.is_interrupted:
        raise Stopped(state.signal)


def _begun(database: Engine, state: Transaction, *, writes: bool) -> Iterator[Transaction]:
    begin = ("DEFERRED",) if database.engine == "sqlite" and not writes else ()
    try:
        with database.atomic(*begin), _watched(database, state):
            try:
                yield state
            finally:
                state.close_cursors()
    finally:
        if not database.in_transaction():
            database.forget_lost_connection()


class _Savepoint:
    """A transaction inside another one, by hand: peewee's own costs ten times as much, and batches have many."""

    __slots__ = ("_database", "_held", "_mark", "_outer", "_state")

    def __init__(self, database: Engine) -> None:
        self._database, self._state = database, Transaction()
        self._held = contextlib.ExitStack() if _are_interrupts_free() else None

    def __enter__(self) -> Transaction:
        if self._held is not None:
            self._held.enter_context(_interrupts_held())
        self._database.turn.acquire()
        try:
            with store_errors(self._database):
                self._database.check_transaction()
                self._mark = _marked(self._database)
                self._database.execute_sql("SAVEPOINT command")
        except BaseException:
            self._let_go()
            raise
        self._outer, self._database.current = self._database.current, self._state
        return self._state

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._database.current = self._outer
        self._state.close_cursors()
        try:
            if error is None and not self._state.is_interrupted:
                self._release()
            else:
                self._undo(error or _interrupted(self._state))
        finally:
            self._let_go()
        if self._state.is_interrupted and error is None:
            raise Stopped(self._state.signal)

    def _release(self) -> None:
        is_released = False
        try:
            with store_errors(self._database):
                self._database.execute_sql("RELEASE SAVEPOINT command")
            is_released = True
        finally:
            _leave(self._database, self._mark, undone=not is_released)

    def _undo(self, error: BaseException) -> None:
        self._database.undo_to_savepoint()
        _leave(self._database, self._mark, undone=True)
        try:
            with store_errors(self._database):
                raise error
        except Failure as failure:
            if self._state.is_interrupted:
                raise _interrupted(self._state) from failure
            raise

    def _let_go(self) -> None:
        self._database.turn.release()
        if self._held is not None:
            self._held.close()


def _marked(database: Engine) -> Mark | None:
    """How far the deferred rows go, where rows are deferred."""
    return database.waiting.enter() if database.waiting is not None else None


def _leave(database: Engine, mark: Mark | None, *, undone: bool) -> None:
    if mark is not None and database.waiting is not None:
        database.waiting.leave(mark, undone=undone)


@contextlib.contextmanager
def _watched(database: Engine, state: Transaction) -> Iterator[None]:
    """Let statements notice Ctrl-C, and make sure that it is not forgotten at the end."""
    outer, database.current = database.current, state
    try:
        yield
        if state.is_interrupted:
            raise _interrupted(state)
    finally:
        database.current = outer


class Enclosing:
    """A transaction around several commands, each of which is a savepoint in it; `connection` is the driver's.

    What has to outlive a rollback, such as the record of a refusal, is done once more after it: see `apart`. With
    `defers`, rows that nobody looks at meanwhile are written late: only for a thread that shares it with no other.
    """

    def __init__(self, database: Engine, *, defers: bool = False) -> None:
        self._database = database
        self._defers = defers and database.waiting is None
        self._mark: Mark | None = None
        self.connection: Any = None
        self._transaction: Any = None
        self._outer: Enclosing | None = None
        self._lasting: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Open it; raises StoreError."""
        database = self._database
        database.forget_lost_connection()
        try:
            with self._held(), store_errors(database):
                self._mark = _marked(database)
                self._transaction = database.atomic()
                self._transaction.__enter__()
                if self._defers:
                    database.begin_deferring()
        except BaseException as error:  # a signal too, which is raised once it has begun
            with contextlib.suppress(Exception):
                self._transaction.__exit__(type(error), error, None)
            self._leave()
            raise
        self.connection = database.connection()  # type: ignore[no-untyped-call]
        self._outer, database.enclosing = database.enclosing, self

    def commit(self) -> None:
        """Make everything in it lasting; raises StoreError, and then nothing of it is."""
        database, self._database.enclosing = self._database, self._outer
        try:
            with self._held(), store_errors(database):
                database.check_transaction()
                self._write_what_waits()
                self._transaction.__exit__(None, None, None)
                self._stop_deferring(undone=False)  # before a signal is raised that came meanwhile
        except Failure:
            self._leave()
            self._replay()
            raise
        if self._outer is not None:
            self._outer.add_lasting(self._replay)

    def _write_what_waits(self) -> None:
        """Write the deferred rows; where that fails, nothing is committed."""
        if not self._defers or self._database.waiting is None:
            return
        try:
            self._database.waiting.write()
        except BaseException as error:
            with contextlib.suppress(Exception):
                self._transaction.__exit__(type(error), error, None)
            raise

    def roll_back(self) -> None:
        """Undo everything in it but what was done apart."""
        self._database.enclosing = self._outer
        undoing = RuntimeError("rolled back")
        try:
            with self._held(), contextlib.suppress(Exception):
                self._transaction.__exit__(type(undoing), undoing, None)
        finally:
            self._leave()
            self._replay()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Let a signal wait for the statement that begins or ends the transaction."""
        state = Transaction()
        with _interrupts_held(), self._database.turn:
            outer, self._database.current = self._database.current, state
            try:
                yield
            finally:
                self._database.current = outer
        if state.is_interrupted:
            raise Stopped(state.signal)

    def add_lasting(self, action: Callable[[], None]) -> None:
        """Do this again should the transaction be rolled back."""
        self._lasting.append(action)

    def _stop_deferring(self, *, undone: bool) -> None:
        if self._defers:
            self._database.waiting = None
        else:
            _leave(self._database, self._mark, undone=undone)

    def _leave(self) -> None:
        """Forget what waited, and the transaction where its connection went away with it."""
        self._stop_deferring(undone=True)
        if self._outer is None:
            while self._database.in_transaction():
                self._database.pop_transaction()  # type: ignore[no-untyped-call]
        self._database.forget_lost_connection()

    def _replay(self) -> None:
        actions, self._lasting = self._lasting, []
        for action in actions:
            apart(action)


def apart(action: Callable[[], None]) -> None:
    """Write something that stays, whatever becomes of the transaction around it."""
    database = current()
    with transaction(database, writes=True):
        action()
    if database.enclosing is not None:
        database.enclosing.add_lasting(action)


def _interrupted(state: Transaction) -> Interrupted:
    return Interrupted("interrupted", hint="this command changed nothing", signal=state.signal)


class Stopped(KeyboardInterrupt):
    """A signal that ends the run: what was under way has been rolled back or committed whole."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


_STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Signals:
    """Whether the handlers of this module are in place: to ask the signal module takes longer than a savepoint."""

    are_held = False


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP wait for the end of a transaction, for as long as this lasts.

    Outside of one they raise Stopped at once. Cheaper than holding them anew for each transaction.
    """
    with _handling(_STOPPING):
        yield


@contextlib.contextmanager
def _handling(numbers: Sequence[int]) -> Iterator[None]:
    before = {number: signal.signal(number, _note_signal) for number in numbers}
    were_held, _Signals.are_held = _Signals.are_held, True
    try:
        yield
    finally:
        _Signals.are_held = were_held
        for number, handler in before.items():
            signal.signal(number, handler)


def _note_signal(number: int, _frame: FrameType | None) -> None:
    database: Engine | None = proxy.obj
    if database is None or database.current is None:
        raise Stopped(number)
    database.current.is_interrupted = True
    database.current.signal = number
    with contextlib.suppress(Exception):
        database.interrupt()


def _are_interrupts_free() -> bool:
    """Whether Ctrl-C would be raised at once, because nobody holds the signals."""
    return not _Signals.are_held and threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait, where nobody holds the signals already."""
    if not _are_interrupts_free():
        yield
        return
    with _handling((signal.SIGINT,)):
        yield
