"""Exactly once: which lines of a script have run before, and what they named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from crmshell.database import current, transaction
from crmshell.dispatch import masked
from crmshell.errors import Conflict, Failure
from crmshell.language.reading import Reading
from crmshell.models.base import Record
from crmshell.models.integrity import MODELS
from crmshell.models.runs import FAILED, BatchRun
from crmshell.outcome import Card, Outcome
from crmshell.script import Line
from crmshell.session import Session
from crmshell.text import safe, safe_lines


class _Begun(NamedTuple):
    """A line that was begun, by its place among all that have a command."""

    ordinal: int
    line: Line
    reading: Reading


@dataclass
class Recorder:
    """Records what runs of a script, and knows what ran of it before; `path` is absolute, `digest` of the content.

    `rows` is the file of --vars.

    `ordinal` counts the lines that have a command, over all rows and sourced scripts; `done` is the last of those that
    ran before, `failed` those up to there that were refused while the script went on.
    """

    session: Session
    path: Path
    digest: str
    variables: str
    resumes: bool
    rows: Path | None = None
    ordinal: int = 0
    done: int = 0
    is_finished: bool = False
    failed: set[int] = field(default_factory=set)
    _run: BatchRun | None = None
    _names_mark: int | None = None
    _begun: list[_Begun] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the run is on record."""
        return self._run is not None

    def open(self) -> None:
        """Begin a run, or find the one to go on with; raises Conflict where the script is another one by now."""
        with transaction(current(), writes=True):
            latest = BatchRun.find_latest(str(self.path), self.variables) if self.resumes else None
            if latest is not None and latest.finished_at is None:
                self._go_on_with(latest)
            elif latest is not None and latest.digest == self.digest:
                self.is_finished = True
                self._run = latest
            else:
                self._begin()

    def _begin(self) -> None:
        username = self.session.settings.user
        now = self.session.now()
        self._run = BatchRun.begin(str(self.path), self.digest, self.variables, username=username, now=now)

    def _go_on_with(self, run: BatchRun) -> None:
        if run.digest != self.digest:
            raise Conflict(self._what_changed(run), hint="start without --resume")
        self._run = run
        for ordinal, _place, digest, names in run.lines():
            self.done = ordinal
            self._restore(json.loads(names))
            if digest == FAILED:
                self.failed.add(ordinal)

    def _restore(self, names: Mapping[str, tuple[str, int]]) -> None:
        for name, (noun, record_id) in names.items():
            self.session.names[name] = (MODELS[noun], record_id)

    def _what_changed(self, run: BatchRun) -> str:
        if self.rows is not None and run.digest.partition(":")[0] == self.digest.partition(":")[0]:
            return f"{safe(self.rows.name)} was changed since the run was cut off"
        return f"{safe(self.path.name)} was changed since it was cut off: {self._first_difference(run)}"

    def _first_difference(self, run: BatchRun) -> str:
        """Where the lines that ran and those that stand there now part ways."""
        texts = self.path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
        for _ordinal, place, digest, _names in run.lines():
            number = int(place.rpartition(":")[2])
            now = texts[number - 1] if 0 < number <= len(texts) else ""
            if (
                digest not in {FAILED, digest_of(now)}
                and place.startswith(f"{self.path.name}:")
                and not now.endswith("\\")
            ):
                return f"line {number} is not what ran"
        return "after the last line that ran"

    def has_run(self) -> bool:
        """Count the next line; whether it ran before. A login is not skipped: nobody is logged in yet."""
        self.ordinal += 1
        return not self.is_new and self.ordinal not in self.failed

    @property
    def is_new(self) -> bool:
        """Whether the line of now was not reached before."""
        return self.ordinal > self.done

    def before(self, line: Line, reading: Reading) -> None:
        """Remember which names there are, to know what the line gives, and which lines of its row were begun."""
        self._names_given()  # of a line that failed
        self._names_mark = self.session.names.mark()
        if self.rows is not None:
            self._begun.append(_Begun(self.ordinal, line, reading))

    def _names_given(self) -> Mapping[str, tuple[type[Record], int]]:
        """The names that the line has given, told once."""
        mark, self._names_mark = self._names_mark, None
        if mark is None:
            return {}
        given = self.session.names.given_since(mark)
        self.session.names.release(mark)
        return given

    def record(self, line: Line, reading: Reading, outcome: Outcome | None) -> None:
        """Note, in the transaction of the line, that it ran; the first time also who runs the script."""
        assert self._run is not None  # noqa: S101  (open() came first)
        if self._run.employee_id is None and self.session.employee is not None:
            self._run.own(self.session.employee.id)
        given = self._names_given()
        names = {name: (model.noun, record_id) for name, (model, record_id) in given.items()}
        did = outcome.message if isinstance(outcome, Card) else ""
        self._write(_Begun(self.ordinal, line, reading), digest_of(line.text), did, names)

    def record_failure(self, line: Line, reading: Reading, failure: Failure) -> None:
        """Note that a line was refused and the script goes on, so that a resumed run tries it again."""
        if self._names_mark is not None:
            self._names_given()
            self._write_failed(_Begun(self.ordinal, line, reading), failure.message)

    def end_row(self, *, is_tried_again: bool) -> None:
        """Forget the lines of a row; those of one that was rolled back may be noted, to be tried again."""
        begun, self._begun = self._begun, []
        if is_tried_again:
            with transaction(current(), writes=True):
                for line in begun:
                    self._write_failed(line, "rolled back with its row")

    def _write_failed(self, begun: _Begun, why: str) -> None:
        self._write(begun, FAILED, f"failed: {why}", {})

    def _write(self, begun: _Begun, digest: str, did: str, names: Mapping[str, Any]) -> None:
        assert self._run is not None  # noqa: S101  (open() came first)
        ordinal, line, reading = begun
        if ordinal <= self.done:
            self._run.forget(ordinal)
        place = f"{Path(line.file).name}:{line.number}"
        typed = safe_lines(masked(reading))  # a line may hold what no database keeps
        self._run.record(ordinal, place, digest, typed, did, names, self.session.now())

    def finish(self) -> None:
        """Note that the script is done."""
        if self._run is not None and not self.is_finished:
            with transaction(current(), writes=True):
                self._run.finish(self.session.now())

    @property
    def finished_at(self) -> int:
        """When the run that is asked for ended (UTC seconds)."""
        return int(self._run.finished_at or 0) if self._run else 0


def digest_of(text: str) -> str:
    """A short fingerprint of a line."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def digest_of_files(script: Path, rows: Path | None) -> str:
    """The fingerprint of a script's content, and after a colon that of the rows it runs for."""
    return ":".join(_digest_of_file(path) for path in (script, rows) if path is not None)


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
