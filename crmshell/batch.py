"""Scripts and pipes: a line at a time, streamed, with one login, and nothing ever waits for an answer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crmshell.commands import GRAMMAR
from crmshell.database import Stopped, current, signals_held, transaction
from crmshell.dispatch import Show, covered, run
from crmshell.errors import Failure, Interrupted, Refused, StoreError, UsageError
from crmshell.faults import as_failure
from crmshell.grouping import Grouping
from crmshell.language.declaration import Command, Mode
from crmshell.language.reading import Reading, read
from crmshell.moments import format_moment
from crmshell.outcome import Farewell, Include, Outcome
from crmshell.output import Printer, Source
from crmshell.progress import Progress
from crmshell.redirecting import redirected
from crmshell.restrictions import static_fault
from crmshell.script import Kept, Line, RowFile, Script, open_script
from crmshell.session import Session
from crmshell.text import plural, safe

if TYPE_CHECKING:
    from crmshell.resuming import Recorder

DEEPEST_SOURCE = 16


@dataclass
class Tally:
    """How the lines of a run ended; `code` is that of the first failure."""

    ok: int = 0
    failed: int = 0
    skipped: int = 0
    rows: int = 0
    code: int = 0

    @property
    def total(self) -> int:
        """How many lines there were to run."""
        return self.ok + self.failed + self.skipped

    def fail(self, failure: Failure) -> None:
        """Count a failure."""
        self.failed += 1
        self.code = self.code or failure.code


class Choices(NamedTuple):
    """What the flags ask of a batch."""

    keep_going: bool = False
    may_confirm: bool = False
    atomic: bool = False
    dry_run: bool = False
    commit_every: int = 1
    allow_shell: bool = False


class _Ended(Exception):
    """The script is over: a failure, or `exit`."""


@dataclass
class Batch:
    """One run: of a script, or of a script once for each row of variables."""

    session: Session
    printer: Printer
    prepare: Callable[[Command | None], None]
    choices: Choices = field(default_factory=Choices)
    progress: Progress = field(default_factory=Progress)
    tally: Tally = field(default_factory=Tally)
    recorder: Recorder | None = None
    _depth: int = 0
    _has_rows: bool = False
    _is_counted: bool = False
    _begun: float = field(default_factory=time.monotonic)

    def run(self, script: Script) -> int:
        """Run the lines until the first failure, or all of them, and return the exit code.

        Raises BrokenPipeError where nobody reads the answers any more, after what was open has been rolled back.
        """
        self._grouping = Grouping(self.session, self.printer, self.choices.commit_every, is_whole=self._is_whole)
        self._grouping.is_recorded = self.recorder is not None
        return self._run_guarded(lambda: self._lines(script))

    def run_rows(self, script: Kept, rows: RowFile) -> int:
        """Run the script once for each row of variables, each row its own transaction unless all are one."""
        self._grouping = Grouping(self.session, self.printer, 0, is_whole=True)
        self._has_rows = True
        self.progress.total = script.size * len(rows)
        return self._run_guarded(lambda: self._rows(script, rows))

    @property
    def _is_whole(self) -> bool:
        return self.choices.atomic or self.choices.dry_run

    def _rows(self, script: Kept, rows: RowFile) -> None:
        given = self.session.variables
        if not len(rows):
            self.printer.say("there are no rows: nothing ran")
        for number, row in enumerate(rows, 1):
            failures = self.tally.failed
            self.session.variables = {**given, **row}
            with contextlib.suppress(_Ended):
                self._lines(script)
            self.progress.offset += script.size
            if self.recorder is not None and self.recorder.is_finished:
                raise _Ended
            has_failed = self.tally.failed > failures
            if not self._is_whole:
                self._end_row(has_failed=has_failed)
            if has_failed:
                self.printer.say(f"row {number} of {len(rows)} failed")
                if not self.choices.keep_going:
                    raise _Ended

    def _end_row(self, *, has_failed: bool) -> None:
        if has_failed:
            self._grouping.roll_back()
        else:
            self._grouping.commit()
            self.tally.rows += 1
        if self.recorder is not None:
            self.recorder.end_row(is_tried_again=has_failed and self.choices.keep_going)

    def _run_guarded(self, action: Callable[[], None]) -> int:
        """Run, turn whatever ends the run into an exit code, and leave no transaction open that was not before."""
        was_open = self.session.transaction is not None
        with signals_held(), contextlib.ExitStack() as closing:
            closing.callback(self._grouping.roll_back)
            if not was_open:
                closing.callback(self.session.abandon_transaction)
            try:
                action()
            except _Ended:
                pass
            except KeyboardInterrupt as stop:
                self.tally.ok -= self._grouping.roll_back()
                self._end_with(Interrupted("interrupted", signal=stop.number if isinstance(stop, Stopped) else 2))
            self._finish(may_stay_open=was_open)
        return self.tally.code

    def _end_with(self, failure: Failure) -> None:
        self.tally.code = failure.code
        failure.hint = self._kept()
        self.printer.fail(failure)

    def _finish(self, *, may_stay_open: bool) -> None:
        """Commit or roll back what is still open, and sum up."""
        self.progress.end()
        if self.session.transaction is not None and not may_stay_open:
            self._refuse_open_transaction()
        try:
            self._settle()
            if self.recorder is not None and self.recorder.is_open and not self.tally.code:
                self.recorder.finish()
        except Failure as failure:
            self._forget_lost()
            failure.hint = f"{failure.hint}; {self._kept()}"
            self.tally.code = failure.code
            self.printer.fail(failure)
        self._sum_up()

    def _refuse_open_transaction(self) -> None:
        self.session.roll_back()
        message = "the transaction that was begun was never committed, and is rolled back"
        self.tally.code = self.tally.code or Refused.code
        self.printer.fail(Refused(message, hint="end the script with commit"))

    def _settle(self) -> None:
        if self.choices.dry_run or (self._is_whole and self.tally.code):
            self._grouping.roll_back()
        else:
            self._grouping.commit()

    def _sum_up(self) -> None:
        if self.choices.atomic and self.tally.code and not self.choices.dry_run:
            self.printer.say("nothing was changed: the script is rolled back as a whole")
        elif self.tally.total > 1:
            self.printer.say(f"{self._counts()} in {time.monotonic() - self._begun:.1f} s")
        if self.choices.dry_run:
            self.printer.say("dry run: everything is rolled back")

    def _counts(self) -> str:
        skipped = f", {self.tally.skipped} skipped" if self.tally.skipped else ""
        return f"{self.tally.ok} ok, {self.tally.failed} failed{skipped}"

    def _kept(self) -> str:
        """What stands in the database after a run that was cut off, and how to go on."""
        count = self.tally.rows if self._has_rows else self.tally.ok
        if self._is_whole or not count:
            return "nothing was changed"
        how = "; --resume goes on there" if self.recorder is not None else ""
        return f"{plural(count, 'row' if self._has_rows else 'command')} before it took effect{how}"

    # One line

    def _lines(self, script: Script) -> None:
        for line in script.lines():
            self._one(line, script)
            self.progress.tick(line.position, self.printer)

    def _one(self, line: Line, script: Script) -> None:
        reading = read(line.text, GRAMMAR)
        self._is_counted = False
        try:
            outcome = self._outcome(line, reading, script)
        except (BrokenPipeError, KeyboardInterrupt, _Ended):
            raise
        except Exception as error:  # noqa: BLE001  (one of the two places where errors end)
            self._fail(as_failure(error), line, reading)
            return
        if isinstance(outcome, Include):
            self.tally.ok -= self._is_counted
            self._include(outcome, line, reading, script)
        if isinstance(outcome, Farewell):
            raise _Ended

    def _fail(self, failure: Failure, line: Line, reading: Reading) -> None:
        self.tally.ok -= self._is_counted
        self.tally.fail(failure)
        self._keep_group()
        if self.choices.keep_going and self.recorder is not None and not self._has_rows:
            self._record_failure(line, reading, failure, self.recorder)
        is_all_kept = self._is_counted and not (self._is_whole or self._has_rows or self.tally.ok)
        if isinstance(failure, StoreError) and not (self.choices.keep_going or is_all_kept):
            failure.hint = f"{failure.hint}; {self._kept()}"
        self.progress.clear()
        self.printer.fail(failure, Source(covered(reading), line.file, line.number))
        if isinstance(failure, Interrupted):
            self.tally.code = failure.code
            raise _Ended
        if not self.choices.keep_going:
            raise _Ended

    def _keep_group(self) -> None:
        """Commit what worked before a failure; where that fails too, as on a lost connection, it counts for nothing."""
        with contextlib.suppress(StoreError):
            self._grouping.flush()
        self._forget_lost()

    def _forget_lost(self) -> None:
        self.tally.ok -= self._grouping.lost
        self._grouping.lost = 0

    def _counting(self, show: Show) -> Show:
        """Count a command that is done before it is told: a signal may come in between."""

        def counted(outcome: Outcome, asked_format: str | None) -> None:
            self.tally.ok += 1
            self._is_counted = True
            show(outcome, asked_format)

        return counted

    def _outcome(self, line: Line, reading: Reading, script: Script) -> Outcome | None:
        if line.fault is not None:
            raise line.fault
        fault = static_fault(
            reading,
            may_hold_secrets=script.may_hold_secrets,
            may_confirm=self.choices.may_confirm,
            may_redirect=self.choices.allow_shell,
        )
        if fault is not None:
            raise fault
        command = reading.command
        if command is None or reading.wants_help or command.mode is Mode.NONE:
            return self._run(reading)
        self.prepare(command)
        if self.recorder is not None:
            return self._recorded(line, reading, command, self.recorder)
        self._enclose(command)
        return self._run(reading)

    def _run(self, reading: Reading) -> Outcome | None:
        """Run a line, its answer going where the line says; a dry run writes no files and starts no commands."""
        if reading.redirection is None:
            return run(reading, self.session, self._counting(self._grouping.show))
        if self.choices.dry_run:
            return run(reading, self.session, self._counting(lambda _outcome, _format: None))
        with redirected(reading, self.printer, self.session) as printer:
            outcome = run(reading, self.session, self._counting(printer.show))
            if self.recorder is None:  # else the line is recorded first
                self._grouping.flush()  # the file stays, so what it tells must stay too
            return outcome

    def _recorded(self, line: Line, reading: Reading, command: Command, recorder: Recorder) -> Outcome | None:
        """Run a line and record it in the same transaction, unless it ran before."""
        self._open_record(recorder)
        if recorder.has_run() and command.name not in {"auth login", "auth logout"}:
            self.tally.skipped += 1
            return None
        self._enclose(command)
        recorder.before(line, reading)
        if command.name == "commit":  # its record belongs into the transaction that it ends
            self._record(line, reading, None, recorder)
            return self._run(reading)
        outcome = self._run(reading)
        if recorder.is_new or recorder.ordinal in recorder.failed:
            self._record(line, reading, outcome, recorder)
        self._grouping.end_line()
        return outcome

    def _record(self, line: Line, reading: Reading, outcome: Outcome | None, recorder: Recorder) -> None:
        try:
            with transaction(current(), writes=True):
                recorder.record(line, reading, outcome)
        except BaseException:  # a line that is not on record must not be kept
            self._grouping.roll_back()
            raise

    def _record_failure(self, line: Line, reading: Reading, failure: Failure, recorder: Recorder) -> None:
        """Note it where that is possible: a store that failed may do so again, and the line is then tried again too."""
        with contextlib.suppress(StoreError), transaction(current(), writes=True):
            recorder.record_failure(line, reading, failure)

    def _open_record(self, recorder: Recorder) -> None:
        if recorder.is_open:
            return
        recorder.open()
        if recorder.is_finished:
            ended = format_moment(recorder.finished_at, self.session.settings.zone_info)
            self.printer.say(f"this script has run to its end, on {ended}; without --resume it runs again")
            raise _Ended
        if recorder.done:
            self.printer.say(f"going on after {plural(recorder.done, 'command')} that ran before")

    def _enclose(self, command: Command) -> None:
        """Open the transaction a command belongs into, before it runs."""
        if command.path[0] in {"begin", "commit", "rollback"}:
            self._refuse_nesting(command)
            if self._is_whole:
                self._grouping.enclose(writes=True)
            else:
                self._grouping.commit()
        elif self.session.transaction is None:
            self._grouping.enclose(writes=command.mode is Mode.WRITES)

    def _refuse_nesting(self, command: Command) -> None:
        if self.choices.atomic:
            message = f"{command.name} has no place in a script that is one transaction"
            raise UsageError(message, hint="leave it out, or start without --atomic")
        if self._has_rows:
            message = f"{command.name} has no place in a script of --vars: each row is one transaction"
            raise UsageError(message, hint="leave it out")

    def _include(self, included: Include, line: Line, reading: Reading, script: Script) -> None:
        """Run another script in the place of the line that names it."""
        try:
            if self._depth == DEEPEST_SOURCE:
                raise UsageError(
                    f"{safe(included.path)} is the {DEEPEST_SOURCE}th script inside another", hint="a loop?"
                )
            other = open_script(script.folder / included.path)
        except Failure as failure:
            self._fail(failure, line, reading)
            return
        self._depth += 1
        try:
            self._lines(other)
        finally:
            self._depth -= 1
