"""Which commands of a batch share a transaction, and when their answers are given: after the commit."""

from __future__ import annotations

from crmshell.database import Enclosing, current
from crmshell.errors import StoreError
from crmshell.outcome import Outcome, Rows
from crmshell.output import Printer
from crmshell.session import Session


class Grouping:
    """The transaction around some commands: `every` writes share one, or the whole script does.

    With `every` 1 there is none: each command has its own, unless `is_recorded`, where the record that it ran shares
    one with it. Answers of a group are held until its commit; those of a whole script are given at once, because they
    may be more than fits into memory.
    """

    def __init__(self, session: Session, printer: Printer, every: int, *, is_whole: bool) -> None:
        self._session = session
        self._printer = printer
        self._every = every
        self._is_whole = is_whole
        self.is_recorded = False
        self._enclosing: Enclosing | None = None
        self._names_mark = 0
        self._held: list[tuple[Outcome, str | None]] = []
        self._writes = 0
        self.lost = 0
        """How many commands were undone by a commit that failed, and are still to be told of."""

    def enclose(self, *, writes: bool) -> None:
        """Make sure the transaction is open that the next command belongs into."""
        if self._is_whole:
            self._open()
        elif self._every > 1 or self.is_recorded:
            if not writes or self._writes >= self._every:
                self.commit()
            if writes or self.is_recorded:
                self._open()
                self._writes += 1

    def end_line(self) -> None:
        """Commit a group that is full, so that it is answered now and not with the next line."""
        if not self._is_whole and self._writes >= self._every:
            self.commit()

    def show(self, outcome: Outcome, asked_format: str | None) -> None:
        """Give an answer, now or after the commit; rows stream out of the transaction and cannot wait for its end."""
        if self._enclosing is None or self._is_whole or isinstance(outcome, Rows):
            self._tell(outcome, asked_format)
        else:
            self._held.append((outcome, asked_format))

    def commit(self) -> None:
        """Make the group lasting and give its answers; raises StoreError, and then nothing of it is kept."""
        enclosing, self._enclosing, self._writes = self._enclosing, None, 0
        if enclosing is None:
            return
        try:
            enclosing.commit()
        except Exception:
            self.lost += len(self._held)
            self._forget()
            raise
        self._session.names.release(self._names_mark)
        self._answer()

    def roll_back(self) -> int:
        """Undo the group, and forget the names it gave; returns how many answers were still held."""
        enclosing, self._enclosing, self._writes = self._enclosing, None, 0
        undone = len(self._held)
        if enclosing is not None:
            enclosing.roll_back()
            self._forget()
        return undone

    def flush(self) -> None:
        """Before a failure is told: keep what worked before it, and give the answers to that."""
        if not self._is_whole:
            self.commit()

    def _open(self) -> None:
        if self._enclosing is None:
            enclosing = Enclosing(current(), defers=True)
            enclosing.begin()
            self._enclosing, self._names_mark = enclosing, self._session.names.mark()

    def _answer(self) -> None:
        held, self._held = self._held, []
        for outcome, asked_format in held:
            self._tell(outcome, asked_format)

    def _tell(self, outcome: Outcome, asked_format: str | None) -> None:
        """Write an answer; raises StoreError where stdout takes no more, such as a full disk."""
        try:
            self._printer.show(outcome, asked_format)
        except BrokenPipeError:
            raise
        except OSError as error:
            message = f"the answer cannot be written: {error.strerror or error}"
            hint = "the command itself took effect, unless it is part of a transaction"
            raise StoreError(message, hint=hint) from error

    def _forget(self) -> None:
        self._held.clear()
        self._session.names.go_back(self._names_mark)
