"""The runs of scripts: which lines have run, recorded in the transaction of each line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import peewee

from crmshell.database import current
from crmshell.models.fields import MomentField
from crmshell.models.table import Table
from crmshell.outcome import Column, Kind

_PAGE = 500
FAILED = ""
"""The digest of a line that was refused while the script went on: a resumed run tries it again."""
_COLUMNS = ("run_id", "ordinal", "place", "digest", "line", "did", "names", "at")


class BatchRun(Table):
    """One run of a script: `digest` is of its content, `variables` json; one without an end may be resumed."""

    id: peewee.AutoField[int] = peewee.AutoField()
    script = peewee.CharField()
    digest = peewee.CharField()
    variables = peewee.TextField()
    employee_id = peewee.BigIntegerField(null=True)
    username = peewee.CharField()
    started_at = MomentField()
    finished_at = MomentField(null=True)

    class Meta:
        table_name = "batch_run"

    @classmethod
    def find_latest(cls, script: str, variables: str) -> BatchRun | None:
        """The newest run of this script with these variables, whatever its content was."""
        same = (cls.script == script) & (cls.variables == variables)
        found: BatchRun | None = cls.select().where(same).order_by(cls.id.desc()).first()
        return found

    @classmethod
    def begin(cls, script: str, digest: str, variables: str, *, username: str, now: int) -> BatchRun:
        """Note that a run begins."""
        columns = ("script", "digest", "variables", "username", "started_at")
        values = [script, digest, variables, username, now]
        run_id = current().insert("batch_run", columns, values)
        run: BatchRun = cls.get_by_id(run_id)
        return run

    def own(self, employee_id: int) -> None:
        """Note who runs it, once that is known."""
        self.employee_id = employee_id
        BatchRun.update(employee_id=employee_id).where(BatchRun.id == self.id).execute()

    def finish(self, now: int) -> None:
        """Note that all lines have run."""
        BatchRun.update(finished_at=now).where(BatchRun.id == self.id).execute()

    def record(
        self, ordinal: int, place: str, digest: str, line: str, did: str, names: Mapping[str, Any], at: int
    ) -> None:
        """Note that a line has run, what it did and which names it gave; `line` without its secrets."""
        text = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
        values = [self.id, ordinal, place, digest, line, did, text, at]
        current().insert("batch_line", _COLUMNS, values)

    def forget(self, ordinal: int) -> None:
        """Take a line off the record, which is tried again."""
        BatchLine.delete().where((BatchLine.run == self) & (BatchLine.ordinal == ordinal)).execute()

    def lines(self) -> Iterator[tuple[int, str, str, str]]:
        """Ordinal, place, digest and names (json) of every line on record, in order, some hundred at a time."""
        database, last = current(), 0
        mark = database.param
        sql = (
            f"SELECT ordinal, place, digest, names FROM batch_line WHERE run_id = {mark} AND ordinal > {mark} "  # noqa: S608
            f"ORDER BY ordinal LIMIT {_PAGE}"
        )
        while page := database.execute_sql(sql, (self.id, last)).fetchall():
            yield from page
            last = page[-1][0]


class BatchLine(Table):
    """A line that has run."""

    id: peewee.AutoField[int] = peewee.AutoField()
    run = peewee.ForeignKeyField(BatchRun, backref="recorded")
    ordinal = peewee.IntegerField()
    place = peewee.CharField()
    digest = peewee.CharField()
    line = peewee.TextField()
    did = peewee.TextField()
    names = peewee.TextField()
    at = MomentField()

    class Meta:
        table_name = "batch_line"


RUN_COLUMNS = (
    Column("id", Kind.NUMBER),
    Column("script", Kind.TEXT),
    Column("username", Kind.NAME),
    Column("started_at", Kind.MOMENT),
    Column("finished_at", Kind.MOMENT),
    Column("lines", Kind.NUMBER),
)
LINE_COLUMNS = (
    Column("place", Kind.NAME),
    Column("at", Kind.MOMENT),
    Column("line", Kind.TEXT),
    Column("did", Kind.TEXT),
)


def runs(employee_id: int | None) -> Any:
    """A query of the runs, the newest first, with the number of lines that ran; of one employee, or of all."""
    counted = BatchLine.select(peewee.fn.COALESCE(peewee.fn.MAX(BatchLine.ordinal), 0)).where(
        BatchLine.run == BatchRun.id
    )
    query = BatchRun.select(
        BatchRun.id, BatchRun.script, BatchRun.username, BatchRun.started_at, BatchRun.finished_at, counted
    ).order_by(BatchRun.id.desc())
    return query if employee_id is None else query.where(BatchRun.employee_id == employee_id)


def lines_of(run: BatchRun) -> Any:
    """A query of what a run has done, in order."""
    query = BatchLine.select(BatchLine.place, BatchLine.at, BatchLine.line, BatchLine.did)
    return query.where(BatchLine.run == run).order_by(BatchLine.ordinal)
