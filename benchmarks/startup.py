"""How long the program takes to be there, as multiples of `python -c pass`: `python -m benchmarks.startup`.

Wall time of whole processes, the median of the runs, each case run in turn so that a busy machine slows all of them
alike. "First prompt" ends when a terminal shows the prompt and answers a key.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect

from benchmarks.measure import Times, in_turn, markdown, milliseconds

PASSWORD = "a quiet green lamp"
_BARE_PROMPT = "from prompt_toolkit import PromptSession; PromptSession().prompt('username: ')"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="that of a venv with litecli and ipython")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases = _cases(Path(folder)) | (_peers(arguments.peers, Path(folder)) if arguments.peers else {})
        times = in_turn(cases, arguments.runs)
    print(table(times))


def _cases(folder: Path) -> dict[str, Callable[[], None]]:
    database = str(folder / "crm.db")
    environ = os.environ | {"CRM_USER": "alice", "CRM_PASSWORD": PASSWORD}
    shell = [sys.executable, "-m", "crmshell", "--database", database]
    subprocess.run([*shell, "--create-admin", "alice", "--quiet"], env=environ, check=True)

    def process(*arguments: str) -> Callable[[], None]:
        return lambda: _run([sys.executable, *arguments], environ)

    given = {"CRM_USER": "alice", "CRM_PASSWORD": PASSWORD, "XDG_STATE_HOME": str(folder)}
    check = "from crmshell.passwords import hash_password; hash_password('x')"
    return {
        "python -c pass": process("-c", "pass"),
        "import peewee": process("-c", "import crmshell.database"),
        "crm-shell --version": process("-m", "crmshell", "--version"),
        "crm-shell -c help": process("-m", "crmshell", "-c", "help"),
        "one password hashed": process("-c", check),
        "one line, logged in": process("-m", "crmshell", "--database", database, "-c", "employee list"),
        "bare PromptSession, first prompt": lambda: _first_prompt([sys.executable, "-c", _BARE_PROMPT]),
        "crm-shell, first prompt": lambda: _first_prompt(shell),
        "crm-shell, password given, first prompt": lambda: _first_prompt(shell, "alice>", given),
        "the same, until the password is checked": lambda: _first_prompt(shell, "administrator", given),
    }


def _peers(python: Path, folder: Path) -> dict[str, Callable[[], None]]:
    """The first prompts of programs like this one, each with a home of its own."""
    database = str(folder / "peer.db")
    home = {"HOME": str(folder)}
    litecli = [str(python), "-m", "litecli.main", database]
    ipython = [str(python), "-m", "IPython"]
    return {
        "litecli, first prompt": lambda: _first_prompt(litecli, "peer.db>", home),
        "ipython, first prompt": lambda: _first_prompt(ipython, "In [", home),
    }


def _run(command: list[str], environ: dict[str, str]) -> None:
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _first_prompt(command: list[str], prompt: str = "username:", more: Mapping[str, str] = {}) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    child = pexpect.spawn(
        command[0],
        command[1:],
        env=environ | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **more},
        dimensions=(24, 80),
        timeout=30,
    )
    child.delaybeforesend = None  # pexpect would wait 50 ms before a key, and 100 as it closes
    child.ptyproc.delayafterclose = 0
    child.expect_exact(prompt)
    child.send("z")
    child.expect("z")
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()


def table(times: Mapping[str, Times]) -> str:
    """The figures, as multiples of the bare interpreter."""
    floor = times["python -c pass"]
    rows = [(name, milliseconds(found.median), f"{found.times(floor):.1f}") for name, found in times.items()]
    return markdown(("case", "ms", "× `python -c pass`"), rows)


if __name__ == "__main__":
    main()
