"""Completion costs the same in a small company and in a large one, counted in steps of SQLite's machine: no clock."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from completers import LineCompleter
from crmshell.commands import GRAMMAR
from crmshell.database import current, open_database
from tests.company import Company
from tests.crowd import gather
from tests.records import sql

SLOTS = [
    ("alice", "customer detail"),
    ("carla", "customer update"),
    ("colin", "customer update"),
    ("alice", "contract detail"),
    ("alice", "contract sign"),
    ("carla", "contract sign"),
    ("carla", "contract add-payment"),
    ("carla", "event add"),
    ("alice", "event detail"),
    ("sam", "event update"),
    ("alice", "customer set-commercial 1"),
    ("alice", "event set-support 1"),
]
TYPED = ["", "d", "1", "g", "'dub atel", "zzqx"]


def _steps(company: Company, username: str, line: str) -> int:
    """How many steps SQLite's machine takes for a menu, once the statements are prepared."""
    taken = 0

    def count() -> bool:
        nonlocal taken
        taken += 1
        return False

    completer = LineCompleter(GRAMMAR, company.session(username))
    for handler in (None, count):
        current().connection().set_progress_handler(handler, 1)  # type: ignore[no-untyped-call]
        completer.forget()
        list(completer.get_completions(Document(line), CompleteEvent()))
        current().connection().set_progress_handler(None, 1)  # type: ignore[no-untyped-call]
    return taken


def _measured(
    template: Path, path: Path, customers: int, slots: Sequence[tuple[str, str]] = SLOTS, after: str = ""
) -> dict[str, int]:
    """The steps of each slot for all that is typed, in a company of so many customers, after a statement."""
    shutil.copy(template, path)
    opened = open_database(str(path), may_create=False)
    company = Company(str(path))
    gather(company, customers)
    if after:
        sql(after)
    lines = [(username, f"{words} {typed}") for username, words in slots for typed in TYPED]
    steps = {f"{username}> {line}": _steps(company, username, line) for username, line in lines}
    opened.close()
    return steps


def _compare(template: Path, folder: Path, small: int, large: int) -> None:
    few, many = (_measured(template, folder / f"{size}.db", size) for size in (small, large))
    assert min(few.values()) > 0
    assert many == few


def test_a_menu_takes_as_many_steps_in_a_company_twice_as_large(sqlite_template: Path, tmp_path: Path) -> None:
    _compare(sqlite_template, tmp_path, 2520, 5040)


@pytest.mark.parametrize(
    "after",
    [
        "UPDATE contract SET signed_at = NULL, total_paid = 0 WHERE id > 400",
        "UPDATE contract SET total_paid = total_amount WHERE id > 400 AND signed_at IS NOT NULL",
    ],
)
def test_the_newest_contracts_are_not_walked_through_where_none_of_them_will_do(
    sqlite_template: Path, tmp_path: Path, after: str
) -> None:
    slots = [("alice", "contract add-payment"), ("carla", "contract add-payment")]
    slots += [("carla", "event add")] if "signed_at = NULL" in after else []
    few, many = (_measured(sqlite_template, tmp_path / f"{size}.db", size, slots, after) for size in (630, 1260))
    empty = [f"{username}> {words} " for username, words in slots]
    assert {line: many[line] for line in empty} == {line: few[line] for line in empty}


@pytest.mark.slow
def test_a_menu_takes_as_many_steps_in_a_company_forty_times_as_large(sqlite_template: Path, tmp_path: Path) -> None:
    _compare(sqlite_template, tmp_path, 2520, 100_800)
