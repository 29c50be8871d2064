"""The whole workflow piped: each step, and its refusal to the wrong role; test_terminal types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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


@pytest.mark.slow
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
