"""The first question stands on the screen at once, and what is typed before the shell is there is not lost."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pytest

from crmshell.typeahead import Asked, find_first_question
from tests.company import PASSWORD, Company
from tests.keys import CTRL_C, CTRL_D, ENTER
from tests.terminal import PATIENCE, Terminal


def _flags(user: str | None = None, password_file: str | None = None) -> Namespace:
    return Namespace(user=user, password_file=password_file)


@pytest.mark.parametrize(
    ("flags", "environ", "asked", "text"),
    [
        (_flags(), {}, Asked.USERNAME, "username: "),
        (_flags(user="carla"), {}, Asked.PASSWORD, "password: "),
        (_flags(), {"CRM_USER": "carla"}, Asked.PASSWORD, "password: "),
        (_flags(user="carla"), {"CRM_PASSWORD": "x"}, Asked.LINE, "carla> "),
        (_flags(user="carla", password_file="secret"), {}, Asked.LINE, "carla> "),
    ],
)
def test_the_first_question_is_told_from_the_flags(
    flags: Namespace, environ: Mapping[str, str], asked: Asked, text: str, tmp_path: Path
) -> None:
    question = find_first_question(flags, {"XDG_CONFIG_HOME": str(tmp_path), **environ})
    assert question == (asked, text)


def test_what_only_a_settings_file_knows_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "crm-shell").mkdir()
    (tmp_path / "crm-shell" / "config.toml").write_text("# mine\nuser = 'carla'\n", "utf-8")
    assert find_first_question(_flags(), {"XDG_CONFIG_HOME": str(tmp_path)}) is None
    assert find_first_question(_flags(user="a\x1b[2Jb"), {"CRM_PASSWORD": "x"}) is None


def test_keys_that_come_too_early_are_kept_in_order(sqlite_company: Company, tmp_path: Path) -> None:
    with Terminal(tmp_path, "--database", sqlite_company.url) as terminal:
        terminal.wait_for("username:")
        terminal.type(f"carlo\x7fa{ENTER}{PASSWORD}{ENTER}employee detail sam{ENTER}")
        terminal.wait_for("Sam Łukasz")
        terminal.wait_for_line(">")
        assert terminal.text.count("carla commercial>") == 2
        assert terminal.text.count("username:") == 1
        assert PASSWORD not in terminal.text


def test_a_line_is_typed_while_the_password_is_checked(sqlite_company: Company, tmp_path: Path) -> None:
    flags = ("--database", sqlite_company.url, "--user", "carla")
    with Terminal(tmp_path, *flags, environ={"CRM_PASSWORD": PASSWORD}) as terminal:
        terminal.wait_for("carla>")
        terminal.type("employee det")
        terminal.wait_for_line("carla commercial> employee det")
        terminal.type(f"ail sam{ENTER}")
        terminal.wait_for("Sam Łukasz")


def test_what_answers_another_question_is_dropped(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--database", "new.db", "--user", "alice") as terminal:
        terminal.wait_for("password:")
        terminal.type(f"{PASSWORD}{ENTER}")
        terminal.wait_for_line("username:")
        assert "This database is empty" in terminal.text
        assert PASSWORD not in terminal.text


@pytest.mark.parametrize("keys", [CTRL_C, f"carla{CTRL_C}", CTRL_D])
def test_the_terminal_is_left_as_it_was(keys: str, sqlite_company: Company, tmp_path: Path) -> None:
    run = f"trap : INT; {sys.executable} -m crmshell --database {sqlite_company.url}; stty -a; exit"
    environ = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TERM": "xterm"}
    child = pexpect.spawn("/bin/sh", ["-c", run], cwd=str(tmp_path), env=environ, timeout=PATIENCE)
    child.expect("username:")
    child.send(keys)
    child.expect("speed")
    child.expect(pexpect.EOF)
    modes = set(child.before.decode().replace(";", " ").split())
    assert {"echo", "icanon", "isig", "icrnl"} <= modes
