"""A module imports from floors below its own, and a batch starts without what only a terminal or a server needs."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crmshell", "completers")
# The floors of design.md; a package stands on one floor, and the modules in it may import each other.
FLOORS: dict[str, float] = {
    "crmshell": 0,  # the package itself: its version
    "crmshell.errors": 0,
    "crmshell.typeahead": 0,  # the first question, before anything else is loaded
    "crmshell.text": 0,
    "crmshell.emails": 0.5,  # what is known at a glance, and what takes the library to know
    "crmshell.phones": 0.5,
    "crmshell.moments": 0.5,
    "crmshell.outcome": 1,
    "crmshell.passwords": 1,
    "crmshell.tokens": 1,
    "crmshell.settings": 1,
    "crmshell.aliases": 1,
    "crmshell.values": 1,
    "crmshell.people": 1.2,  # how they are reached and named
    "crmshell.overview": 1.5,
    "crmshell.database": 2,
    "crmshell.faults": 2.5,  # turns what the engines raise into a failure
    "crmshell.models": 3,
    "crmshell.access": 4,
    "crmshell.bookmarks": 3.5,
    "crmshell.attempts": 3.5,  # what a password that is tried costs
    "crmshell.session": 4,
    "crmshell.company": 4.5,  # the first administrator
    "crmshell.language": 5,
    "crmshell.sample": 5.4,  # the words of the sample company
    "crmshell.demo": 5.5,  # the sample company
    "crmshell.parameters": 6,
    "crmshell.records": 6.1,  # the kinds that stand for a record or its fields
    "crmshell.typed": 6,  # the values of the list language
    "crmshell.views": 6.4,  # what a saved view may be
    "crmshell.listing": 6.2,  # the options of every list
    "crmshell.onrecord": 6.2,  # the kinds that look back on the journal
    "crmshell.topics": 6.4,  # the pages of the help that belong to no command
    "crmshell.manual": 6.5,  # help is made from the declarations, and shown by a command
    "crmshell.commands": 7,
    "crmshell.dispatch": 8,
    "crmshell.entrance": 8,  # what comes before the first command: a database, somebody logged in
    "crmshell.output": 9,
    "crmshell.pager": 9.2,
    "crmshell.glance": 9.5,  # what is answered before anything else is loaded
    "completers": 10,
    "crmshell.script": 10,  # where the lines of a batch come from
    "crmshell.grouping": 10,  # which of its commands share a transaction
    "crmshell.progress": 10,
    "crmshell.redirecting": 10,  # where the answer of a line goes
    "crmshell.restrictions": 10.5,  # what a line may not be in a batch
    "crmshell.resuming": 10.5,  # which lines of a script have run
    "crmshell.batch": 11,
    "crmshell.checking": 11.5,  # the faults of a batch that show without running it
    "crmshell.shell": 11.5,  # runs a batch for `source`
    "crmshell.start": 12,
    "crmshell.__main__": 13,
}
# Imports inside functions that point upwards on purpose: (module, imported).
LATE: set[tuple[str, str]] = {
    ("crmshell.commands", "crmshell.dispatch"),  # `for` runs a command for each record
}
TERMINAL = {"prompt_toolkit", "rich"}
HEAVY = {*TERMINAL, "asyncio", "psycopg"}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}


@cache
def _imports(module: str) -> frozenset[tuple[str, bool]]:
    """Every name a module imports, also for type checking alone, and whether it does so inside a function."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = {node for function in functions for node in ast.walk(function)}
    return frozenset((name, node in late) for node in ast.walk(tree) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports are not used here"
        names = (f"{node.module}.{alias.name}" for alias in node.names)
        yield from (name if name in MODULES else f"{node.module}" for name in names)


def _stands_on(module: str) -> str:
    """The entry of the table for a module: its own, or that of the package it is in."""
    return module if module in FLOORS or not module else _stands_on(module.rpartition(".")[0])


def test_every_module_has_a_floor_and_every_entry_of_the_table_a_module() -> None:
    strangers = {module for module in MODULES if _stands_on(module) == "crmshell"} - {"crmshell"}
    assert strangers == set(), "give them a floor in FLOORS"
    assert set(FLOORS) - set(MODULES) == set()


def test_a_module_imports_from_the_floors_below() -> None:
    assert [f"{module} imports {name}" for module in MODULES for name in _above(module)] == []


def _above(module: str) -> Iterator[str]:
    home = _stands_on(module)
    for imported, is_late in _imports(module):
        floor = _stands_on(imported) if imported.split(".")[0] in PACKAGES else home
        if floor != home and FLOORS[floor] >= FLOORS[home] and not (is_late and (home, imported) in LATE):
            yield imported


def test_every_late_import_that_is_excused_is_there() -> None:
    late = {(_stands_on(module), name) for module in MODULES for name, is_late in _imports(module) if is_late}
    assert LATE - late == set()


def test_the_language_knows_no_database_no_terminal_and_nothing_from_outside() -> None:
    language = [module for module in MODULES if module.startswith("crmshell.language")]
    imported = {name for module in language for name, _ in _imports(module)}
    strangers = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
    assert {_stands_on(name) for name in strangers} <= {"crmshell.errors", "crmshell.text", "crmshell.language"}


def test_what_draws_on_a_terminal_is_imported_on_the_floors_9_to_11_alone() -> None:
    drawing = {module for module in MODULES for name, _ in _imports(module) if name.split(".")[0] in TERMINAL}
    assert {module for module in drawing if not 9 <= FLOORS[_stands_on(module)] < 12} == set()


AT_EXIT = (
    "import atexit, sys; atexit.register(lambda: sys.stderr.write(' '.join(filter(sys.modules.get, sys.modules))))\n"
)
HELP = "import runpy; sys.argv[1:] = ['-c', 'help{}']; runpy.run_module('crmshell', run_name='__main__')"


@pytest.mark.parametrize("code", ["import crmshell.batch", HELP.format(" contract")], ids=["import", "help"])
def test_a_batch_loads_nothing_that_only_a_terminal_or_a_server_needs(code: str, tmp_path: Path) -> None:
    assert all(importlib.util.find_spec(name) for name in HEAVY)
    loaded = _loaded_by(code, tmp_path)
    assert "crmshell.batch" in loaded
    assert loaded & HEAVY == set()
    assert list(tmp_path.glob("*.db")) == []


def test_the_overview_of_the_help_loads_no_database(tmp_path: Path) -> None:
    assert _loaded_by(HELP.format(""), tmp_path) & {*HEAVY, "peewee", "crmshell.batch", "crmshell.models"} == set()


def _loaded_by(code: str, tmp_path: Path) -> set[str]:
    """The modules that a process has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", AT_EXIT + code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return set(done.stderr.split())
