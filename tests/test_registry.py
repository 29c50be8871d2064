"""Where the commands are declared: each noun in its home, loaded when it is first named."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

from crmshell import commands
from crmshell.commands import GRAMMAR
from crmshell.language.tokens import names_a_secret

MODULES = {module.name for module in pkgutil.iter_modules(commands.__path__)} - {"registry", "scopes", "each"}


def test_every_command_is_at_home_where_its_noun_says() -> None:
    homes = {module for modules in GRAMMAR.homes.values() for module in modules}
    assert homes == MODULES
    for command in GRAMMAR.commands.values():
        home = command.function.__module__.rpartition(".")[2]
        assert home in GRAMMAR.homes[command.path[0]], command.name


def test_nothing_is_declared_that_no_home_leads_to() -> None:
    assert set(GRAMMAR.commands) == set(GRAMMAR._declared)


def test_a_line_loads_the_home_of_its_noun_alone() -> None:
    code = "from crmshell.batch import GRAMMAR, read; read('event list', GRAMMAR); import sys; print(*sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in done.stdout.split() if name.startswith("crmshell.commands.")}
    assert loaded & MODULES == {"event", "journal"}


def test_the_verbs_of_a_noun_stand_in_the_order_of_its_homes_whatever_was_loaded_first() -> None:
    code = "from crmshell.commands import GRAMMAR; GRAMMAR.find('journal', 'list'); print(*GRAMMAR.verbs('customer'))"
    environ = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.split() == GRAMMAR.verbs("customer")
    assert done.stdout.split()[0] == "list"


def test_every_option_that_takes_a_secret_says_so_by_its_name() -> None:
    parameters = [parameter for command in GRAMMAR.commands.values() for parameter in command.parameters]
    assert {p.option for p in parameters if p.is_secret} == {p.option for p in parameters if names_a_secret(p.option)}
