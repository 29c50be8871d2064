"""The runs of scripts that can be resumed."""

from __future__ import annotations

from typing import Annotated

from crmshell.commands.registry import reads
from crmshell.commands.scopes import bound_to
from crmshell.database import current
from crmshell.errors import NotFound
from crmshell.language.declaration import Option
from crmshell.models.runs import LINE_COLUMNS, RUN_COLUMNS, BatchRun, lines_of, runs
from crmshell.outcome import Rows
from crmshell.parameters import Count
from crmshell.session import Session


@reads("batch list")
def list_runs(session: Session) -> Rows:
    """List the resumable runs of scripts, the newest first: your own, or all of them for an administrator.

    A run without an end was cut off, and goes on with `--resume`.

    crm> batch list
    """
    return Rows("run", RUN_COLUMNS, current().stream(runs(bound_to(session.user))))


@reads("batch show")
def show(session: Session, run: Annotated[int, Count(), Option("run"), "the number of the run"]) -> Rows:
    """Show what each line of a run did.

    crm> batch show 1
    """
    found = BatchRun.get_or_none(BatchRun.id == run)
    owner = bound_to(session.user)
    if found is None or (owner is not None and found.employee_id != owner):
        raise NotFound(f"there is no run {run} of yours", hint="batch list shows them")
    return Rows("line", LINE_COLUMNS, current().stream(lines_of(found)))
