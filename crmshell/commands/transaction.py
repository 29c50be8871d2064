"""Several commands in one transaction, and several lines from another file."""

from __future__ import annotations

from typing import Annotated

from crmshell.commands.registry import alone, free
from crmshell.language.declaration import Option
from crmshell.outcome import Include, Said
from crmshell.parameters import FilePath
from crmshell.session import Session


@alone("begin")
def begin(session: Session) -> Said:
    """Open a transaction: nothing of what follows is lasting before `commit`.

    In the shell it is rolled back after 60 seconds without a command: others wait for it.

    crm> begin
    """
    session.begin()
    return Said("a transaction is open; commit or rollback ends it")


@alone("commit")
def commit(session: Session) -> Said:
    """Make all commands since `begin` lasting, together.

    crm> commit
    """
    session.commit()
    return Said("committed")


@alone("rollback")
def rollback(session: Session) -> Said:
    """Undo all commands since `begin`.

    crm> rollback
    """
    session.roll_back()
    return Said("rolled back")


@free("source")
def source(path: Annotated[str, FilePath(), Option("file"), "a script; its lines run here"]) -> Include:
    """Run the lines of another script, as if they stood here.

    A path that is not absolute starts from the folder of the script that names it.

    crm> source month-end.crm
    """
    return Include(path)
