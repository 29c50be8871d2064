"""The whole workflow, once typed into a real terminal and once piped: each step, and its refusal to the wrong role."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.terminal import Terminal

ADMIN, CARLA, SAM = "trois petits chats bleus", "le chapeau de paille vert", "un parapluie dans le hall"


def _as(username: str, password: str) -> str:
    return f"auth login {username} --password '{password}'"


class Pipe:
    """The program, fed with scripts through a pipe."""

    def __init__(self, url: str, folder: Path) -> None:
        self._command = [sys.executable, "-m", "crmshell", "--database", url, "--format", "json", "--keep-going"]
        self._folder = folder
        self._environ = os.environ | {"PYTHONPATH": str(Path.cwd())}

    def create(self, username: str, password: str) -> None:
        """Set the empty database up."""
        flags = ["--create-admin", username, "--fullname", "Alice Martin"]
        environ = self._environ | {"CRM_PASSWORD": password}
        subprocess.run([*self._command, *flags], env=environ, cwd=self._folder, check=True)

    def run(self, *lines: str) -> tuple[list[dict[str, Any]], list[int]]:
        """Run a script to its end: what it showed, and the codes of its errors, the first being that of the process."""
        ended = subprocess.run(
            self._command,
            input="\n".join(lines),
            env=self._environ,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        errors = [json.loads(line)["error"] for line in ended.stderr.splitlines() if line.startswith("{")]
        codes = [error["code"] for error in errors]
        assert ended.returncode == (codes[0] if codes else 0), ended.stderr
        return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")], codes


def test_the_workflow_through_a_pipe(url: str, tmp_path: Path) -> None:
    pipe = Pipe(url, tmp_path)
    pipe.create("alice", ADMIN)
    hired = ['employee add "Carla d\'Été" carla --role commercial', "employee add Sam sam --role support"]
    (carla, sam), codes = pipe.run(_as("alice", ADMIN), *hired)
    assert codes == []
    shown, codes = pipe.run(
        _as("carla", carla["password"]),
        "customer list",
        f"auth set-password --current-password {carla['password']} --new-password '{CARLA}'",
        "employee add Zoé zoe",
        "customer add 'Éloïse Roy' --phone '06 12 34 56 78'",
        "contract add 1 1000",
        _as("sam", sam["password"]),
        "customer list",
        f"auth set-password --current-password {sam['password']} --new-password '{SAM}'",
        _as("alice", ADMIN),
        "customer add 'Nobody'",
        "contract add 1 '1 000,50 €'",
    )
    assert codes == [3, 4, 4, 3, 4]
    assert [shown[0]["phone"], shown[1]["total_due"]] == ["+33612345678", 1000.5]
    handle = shown[1]["id"][:8]
    event = f"event add {handle} 'Soirée' --start 2027-07-01T19:00 --end 2027-07-02T01:00"
    shown, codes = pipe.run(
        _as("sam", SAM),
        f"contract sign {handle}",
        f"contract add-payment {handle} 10",
        _as("carla", CARLA),
        f"contract add-payment {handle} 10",
        f"contract sign {handle}",
        f"contract add-payment {handle} 400,50",
        f"contract add-payment {handle} 600.01",
        _as("alice", ADMIN),
        f"contract add-payment {handle} 600 --method card",
        event,
        _as("carla", CARLA),
        event,
        "event set-support 1 sam",
        _as("sam", SAM),
        "event update 1 --attendees 80",
        _as("alice", ADMIN),
        "event set-support 1 sam",
        "event update 1 --attendees 80",
        "database check",
        _as("sam", SAM),
        "event update 1 --attendees 80",
    )
    assert codes == [4, 4, 1, 1, 4, 4, 4, 4]
    signed, paid, settled, planned, supported, updated = shown
    assert [signed["signed"], paid["total_due"], settled["total_due"]] == [True, 600, 0]
    assert planned["start"] == "2027-07-01T19:00:00+02:00"
    assert (supported["support"], updated["attendees"]) == ("sam", 80)


class Typist:
    """Works through the day at a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._answers: dict[str, int] = {}

    def says(self, line: str, answer: str) -> None:
        """Enter a line and wait for an answer that has not been seen before."""
        self._answers[answer] = self._terminal.text.count(answer) + 1
        self._terminal.wait_for_line(">")
        self._terminal.enter(line)
        self._terminal.wait_for(answer, times=self._answers[answer])

    def log_in(self, username: str, password: str) -> None:
        """Become somebody else."""
        self._terminal.wait_for_line(">")
        self._terminal.enter(f"auth login {username}")
        self._terminal.answer("password:", password)
        self._terminal.wait_for_line(">")


def test_the_workflow_typed_into_a_terminal(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        work = Typist(terminal)
        terminal.answer("username:", "alice")
        terminal.answer("full name:", "Alice Martin")
        terminal.answer("password (12 characters or more):", ADMIN)
        terminal.answer("the same again:", ADMIN)
        terminal.wait_for("Welcome, Alice Martin")
        work.says('employee add "Carla d\'Été" carla --role commercial', "carla is on the staff")
        work.says('employee add "Sam Roy" sam --role support', "sam is on the staff")
        terminal.wait_for_line("alice administrator>")
        given = re.findall(r"password +(\w{20})", terminal.text)
        for username, first, chosen in (("carla", given[0], CARLA), ("sam", given[1], SAM)):
            work.log_in(username, first)
            work.says("customer list", "the password you were given must be changed first")
            terminal.wait_for_line(">")
            terminal.enter("auth set-password")
            terminal.answer("current password:", first)
            terminal.answer("new password:", chosen)
            terminal.answer("the same again:", chosen)
            terminal.wait_for_line(">")
        work.says("customer add 'Nobody'", "customer add is for commercial, and sam has the role support")
        work.log_in("carla", CARLA)
        work.says("customer add 'Éloïse Roy' --company ACME", "customer 1 is added")
        work.says("contract add 1 1000", "contract add is for administrator, and carla has the role commercial")
        work.log_in("alice", ADMIN)
        work.says("contract add 1 1000 --as gala", "is drawn up")
        work.says("contract add-payment @gala 1", "is not signed")
        work.says("contract sign @gala", "is signed")
        work.says("contract add-payment @gala 400", "600.00 € due")
        work.says("contract add-payment @gala 601", "is more than the 600.00 € that remain")
        work.says("contract add-payment @gala 600", "0.00 € due")
        work.says("event add @gala Gala", "event add is for commercial, and alice has the role administrator")
        handle = re.findall(r"contract (\w{8}) is drawn up", terminal.text)[0]
        work.log_in("carla", CARLA)
        work.says(f"event add {handle} Gala --start '2027-07-01 19:00' --end '2027-07-02 01:00'", "event 1 is planned")
        work.says("event set-support 1 sam", "event set-support is for administrator, and carla has the role")
        work.log_in("alice", ADMIN)
        work.says("event set-support 1 sam", "event 1 is assigned to sam")
        work.says("event update 1 --attendees 80", "event update is for support, and alice has the role administrator")
        work.log_in("sam", SAM)
        work.says("event update 1 --attendees 80", "attendees    80")
        terminal.type("rubbish \x03")
        terminal.wait_for_line(">")
        work.says("rubbish", "there is no command `rubbish`")
        terminal.wait_for_line(">")
        terminal.type("\x04")
        assert terminal.ended() == 0
        assert not any(secret in terminal.text for secret in (ADMIN, CARLA, SAM))
    assert (tmp_path / "crm.db").stat().st_mode & 0o777 == 0o600
