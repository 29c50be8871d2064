"""Every example that a user is shown runs: those of the help and those of the README, on the sample company."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from crmshell import demo
from crmshell.access import Role
from crmshell.commands import GRAMMAR
from crmshell.database import current, open_database, transaction
from crmshell.dispatch import run_line
from crmshell.language.declaration import Command
from crmshell.language.reading import read
from crmshell.models.runs import BatchRun
from crmshell.outcome import Outcome, Rows
from crmshell.session import Clock, Session
from crmshell.settings import Settings
from tests.reference import README, renewed

_USERS = {Role.ADMINISTRATOR: "alice", Role.COMMERCIAL: "carla", Role.SUPPORT: "sam", Role.NONE: "nils"}
_SECRETS = {"password": demo.PASSWORD, "current-password": demo.PASSWORD, "new-password": "an umbrella in the hall"}
_BLOCK = re.compile(r"^```crm as=(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

EXAMPLES = [(command, line) for command in GRAMMAR.commands.values() for line in command.examples]
BLOCKS = _BLOCK.findall(README.read_text("utf-8"))


def _session(url: str) -> Session:
    return Session(Settings(database=url), Clock(hash_rounds=4))


@pytest.fixture
def sample(sample_company: Path, tmp_path: Path) -> str:
    """A sample company of one's own."""
    path = tmp_path / "demo.db"
    shutil.copy(sample_company, path)
    open_database(str(path), may_create=False)
    return str(path)


def _logged_in(url: str, username: str) -> Session:
    session = _session(url)
    session.log_in(username, demo.PASSWORD)
    return session


def _run(line: str, session: Session) -> Outcome | None:
    def show(outcome: Outcome, _format: str | None) -> None:
        if isinstance(outcome, Rows):
            list(outcome.rows)

    return run_line(_with_secrets(line), session, show)


def _with_secrets(line: str) -> str:
    """What the shell would ask for, answered."""
    missing = [parameter.option for parameter in read(line, GRAMMAR).missing]
    return line + "".join(f" --{option} '{_SECRETS[option]}'" for option in missing)


def _user_for(command: Command) -> str:
    roles = Role.ADMINISTRATOR if command.by is None else Role(command.by)
    return next(user for role, user in _USERS.items() if role in roles)


@pytest.mark.parametrize(("command", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_example_of_the_help_runs(command: Command, line: str, sample: str) -> None:
    session = _logged_in(sample, _user_for(command))
    if command.name in {"commit", "rollback"}:
        _run("begin", session)
    if command.name == "unalias":
        _run("alias unpaid = contract list --mine", session)
    if command.name == "batch show":
        with transaction(current(), writes=True):
            BatchRun.begin("month-end.crm", "", "{}", username="alice", now=0)
    if command.name in {"undo", "redo"}:
        _run("employee update nils --fullname 'Nils B.'", session)
    if command.name == "redo":
        _run("undo", session)
    assert _run(line, session) is not None
    session.abandon_transaction()


@pytest.mark.parametrize("command", GRAMMAR.commands.values(), ids=lambda command: command.name)
def test_every_command_has_an_example(command: Command) -> None:
    assert all(read(line, GRAMMAR).command is command for line in command.examples)
    assert command.examples


def test_the_readme_runs_from_top_to_bottom(sample: str) -> None:
    sessions: dict[str, Session] = {}
    assert BLOCKS
    for username, block in BLOCKS:
        session = sessions.setdefault(username, _logged_in(sample, username))
        for line in block.splitlines():
            assert _run(line, session) is not None, line


def test_the_reference_in_the_readme_is_what_the_declarations_say() -> None:
    text = README.read_text("utf-8")
    assert renewed(text) == text
