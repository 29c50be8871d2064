"""The workflow as a script on stdin, the way a colleague would hand it over; and each refusal, with its exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ALICE, CARLA, SAM = "trois petits chats bleus", "le chapeau de paille vert", "un parapluie dans le hall"
PASSWORDS = {"alice": ALICE, "carla": CARLA, "sam": SAM}

HIRING = f"""\
# alice hires, at the start of the season
auth login alice --password '{ALICE}'
employee add "Carla d'Été" carla --role commercial --password 'first of the two'
employee add "Sam Łukasz" sam --role support --password 'second of the two'

auth login carla --password 'first of the two'
auth set-password --current-password 'first of the two' --new-password '{CARLA}'
auth login sam --password 'second of the two'
auth set-password --current-password 'second of the two' --new-password '{SAM}'
"""

SEASON = f"""\
auth login carla --password '{CARLA}'
customer add "Éloïse d'Aubigné" --company "L'Atelier" --email eloise@atelier.example --phone "06 12 34 56 78"
auth login alice --password '{ALICE}'
contract add 1 "1 000,50 €" --as gala
contract sign @gala
contract add-payment @gala 400,50 --method card \\
    --reference "TPE 4471"
contract add-payment @gala @contract.total_due
exit
this line is never read
"""

PLANNING = f"""\
auth login carla --password '{CARLA}'
event add HANDLE "Soirée d'été" --start "01/07/2027 19:00" --end "02/07/2027 01:00" --location Paris
auth login alice --password '{ALICE}'
event set-support 1 sam
auth login sam --password '{SAM}'
event update 1 --attendees 80 --append-note "Le traiteur arrive à 17h"
"""


Refusal = tuple[str, int, str]


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str


@dataclass
class Desk:
    """The program on one database, fed through stdin."""

    url: str
    folder: Path

    def run(self, script: str, *flags: str, **environ: str) -> Ended:
        """Run a script."""
        ended = subprocess.run(
            [sys.executable, "-m", "crmshell", "--database", self.url, *flags],
            input=script.encode(),
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environ},
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def must(self, script: str, *flags: str, **environ: str) -> Ended:
        """Run a script that has to succeed."""
        ended = self.run(script, *flags, **environ)
        assert ended.code == 0, ended.err
        return ended

    def as_(self, username: str, line: str, *flags: str) -> Ended:
        """Run one line as somebody."""
        return self.run(line, "--user", username, *flags, CRM_PASSWORD=PASSWORDS[username])

    def check_refusals(self, username: str, refusals: list[Refusal]) -> None:
        """Run lines as somebody to whom each is refused: the first gives the process its exit code."""
        ended = self.as_(username, "\n".join(line for line, _, _ in refusals), "--keep-going", "--format", "json")
        errors = [json.loads(line)["error"] for line in ended.err.splitlines() if line.startswith("{")]
        assert [(error["line"], error["code"]) for error in errors] == [
            (number, code) for number, (_, code, _) in enumerate(refusals, 1)
        ], ended.err
        for error, (line, _, message) in zip(errors, refusals, strict=True):
            assert message in error["message"], line
        assert (ended.code, ended.out) == (refusals[0][1], "")


@pytest.fixture
def desk(url: str, tmp_path: Path) -> Desk:
    desk = Desk(url, tmp_path)
    said = desk.must("", "--create-admin", "alice", "--fullname", "Alice Martin", CRM_PASSWORD=ALICE).err
    assert said == f"alice is the first administrator; log in with `crm-shell --database {url} --user alice`\n"
    return desk


def _handle(ended: Ended) -> str:
    return str(re.findall(r"contract (\w{8}) is drawn up", ended.err)[0])


def test_the_workflow_as_a_script_and_what_it_refuses(desk: Desk) -> None:
    hired = desk.must(HIRING)
    assert "carla is on the staff" in hired.err
    assert "the password you were given" not in hired.err
    assert not any(password in hired.out + hired.err for password in (*PASSWORDS.values(), "of the two"))

    handle = _handle(season := desk.must(SEASON))
    assert re.search(rf"^id +{handle}$", season.out, re.MULTILINE)
    assert re.findall(r"^\*? *total due +(\S.*)$", season.out, re.MULTILINE)[-1] == "0.00 €"
    assert "never read" not in season.err
    assert "customer 1 is added" not in season.out

    for username, refusals in _refusals(handle).items():
        desk.check_refusals(username, refusals)
    stopped = desk.as_("sam", f"\ncontract sign {handle}\nhelp exit\n")
    assert (stopped.code, stopped.out) == (4, "")
    assert stopped.err.startswith("2: contract sign is for administrator or commercial")

    planned = desk.must(PLANNING.replace("HANDLE", handle))
    assert "event 1 is planned" in planned.err
    assert "80" in planned.out

    (event,) = json.loads(desk.as_("sam", "event list --assigned-to-me --format json").out)
    assert (event["support"], event["attendees"], event["contract_id"][:8]) == ("sam", 80, handle)
    assert event["start"] == "2027-07-01T19:00:00+02:00"
    assert "sam] Le traiteur arrive à 17h" in event["note"]
    (contract,) = json.loads(desk.as_("carla", "contract list --mine", "--format", "json").out)
    assert (contract["total_amount"], contract["total_due"], contract["signed"]) == (1000.5, 0, True)
    assert desk.as_("alice", "database check").code == 0


def _refusals(handle: str) -> dict[str, list[Refusal]]:
    """What each of them may not do, with the exit code and the words of the refusal."""
    return {
        "carla": [
            ("employee add 'Zoé Roy' zoe", 4, "employee add is for administrator, and carla has the role commercial"),
            ("contract add 1 10", 4, "contract add is for administrator, and carla has the role commercial"),
            (f"contract add-payment {handle} 0.01", 1, "0.01 € is more than the 0.00 € that remain"),
            ("customer add Éloïse --email ELOISE@atelier.example", 6, "is the e-mail of customer 1 already"),
            ("event detail 1", 5, "there is no event 1"),
            ("customer add", 2, "customer add needs --fullname"),
            ("event set-support 1 sam", 4, "event set-support is for administrator, and carla has the role commercial"),
        ],
        "sam": [
            ("customer add 'Zoé Roy'", 4, "customer add is for commercial, and sam has the role support"),
            (f"contract sign {handle}", 4, "contract sign is for administrator or commercial, and sam has the role"),
            (f"contract add-payment {handle} 1", 4, "contract add-payment is for administrator or commercial"),
        ],
        "alice": [
            (f"event add {handle} Gala", 4, "event add is for commercial, and alice has the role administrator"),
            ("event update 1 --attendees 80", 4, "event update is for support, and alice has the role administrator"),
            ("employee delete sam", 2, "employee delete asks before it does anything"),
            ("contract detail 0000", 5, "there is no contract 0000"),
        ],
    }


def test_who_is_not_logged_in_gets_nowhere(desk: Desk) -> None:
    for script, message in (
        ("customer list\n", "nobody is logged in"),
        ("auth login alice --password 'not the password'\n", "wrong username or password"),
        ("auth login alice\n", "auth login needs --password"),
    ):
        ended = desk.run(script)
        assert (ended.code, ended.out) == (2 if "needs" in message else 3, "")
        assert message in ended.err
    ended = desk.run("customer list\n", "--user", "alice", CRM_PASSWORD="not the password")
    assert ended.code == 3


def test_a_password_that_was_given_opens_nothing_but_auth(desk: Desk) -> None:
    login = f"auth login alice --password '{ALICE}'\nemployee add Zoé zoe --role commercial"
    first = str(re.findall(r"^password +(\S{20})$", desk.must(login).out, re.MULTILINE)[0])
    ended = desk.run(f"auth login zoe --password {first}\ncustomer list\n")
    assert (ended.code, ended.out) == (3, "")
    assert "the password you were given must be changed first" in ended.err
    change = f"auth set-password --current-password {first} --new-password '{CARLA}'"
    assert desk.run(f"auth login zoe --password {first}\n{change}\ncustomer list\n").code == 0
