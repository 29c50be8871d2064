"""Kill a real batch at random moments and resume it.

In full: `python -m tests.crash --kills 200`, `… --kills 500 --signal SIGINT`, and both with `--database URL`.

The final database equals that of an uninterrupted run, row for row, once ids, times and UUIDs are mapped.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crmshell.database import current, open_database
from crmshell.models import schema
from tests.company import PASSWORD, Company

LINES = 400


def script() -> str:
    """A script with names, groups, and lines that hang on each other."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# a month of work"
    for number in range(LINES // 4):
        yield f'customer add "Élise O\'Brien {number}" --email c{number}@example.com --as c{number}'
        if number % 10 == 3:
            yield "begin"
        yield f'customer update @c{number} --company "Société {number}"'
        if number % 10 == 3:
            yield f"customer update @c{max(0, number - 5)} --phone 0199001234"
            yield "commit"
        yield f"customer detail @c{number}"


def state() -> list[list[tuple[Any, ...]]]:
    """What the run has written, without what differs from one run to the next."""
    queries = (
        "SELECT fullname, company, email, phone FROM customer ORDER BY id",
        """SELECT c.fullname, s.term FROM search_term s JOIN customer c ON c.id = s.record_id AND s.noun = 'customer'
            ORDER BY c.id, s.term""",
        "SELECT command, line, result FROM journal_entry WHERE username = 'carla' AND result <> 'login' ORDER BY id",
        "SELECT ordinal, place, line FROM batch_line ORDER BY ordinal",
    )
    return [[tuple(row) for row in current().execute_sql(query)] for query in queries]


class Victim:
    """A batch in a process of its own."""

    def __init__(self, url: str, path: Path) -> None:
        self._command = [sys.executable, "-m", "crmshell", "--database", url, "--user", "carla", "--quiet"]
        self._command += ["-f", str(path), "--resume"]
        self._environ = os.environ | {"CRM_PASSWORD": PASSWORD}

    def run(self, seconds: float | None, sent: int = signal.SIGKILL) -> int:
        """Send the signal so long after the first answer; returns the exit code, negative for a signal.

        Not before: an attempt to log in that is cut off counts as one that failed, and five of them have to wait.
        """
        with subprocess.Popen(
            self._command, env=self._environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            if seconds is None:
                said = process.communicate()[1].decode()
                assert process.returncode == 0, said
                return 0
            process.stdout.read(1)
            timer = threading.Timer(seconds, process.send_signal, [sent])
            timer.start()
            process.communicate()
            timer.cancel()
            return process.returncode


def crash(url: str, kills: int, seed: int, sent: int = signal.SIGKILL) -> int:
    """Kill and resume up to `kills` times on a company's database, then run to the end; how often it was killed."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "month.crm"
        path.write_text(script(), "utf-8")
        victim = Victim(url, path)
        killed = 0
        for _ in range(kills):
            if victim.run(chance.uniform(0.0, 0.3), sent) == 0:
                break
            killed += 1
        victim.run(None)
    return killed


def main() -> None:
    """Crash until the kills are used up, on a fresh database each time the script has come to its end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--signal", default="SIGKILL")
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder when left out")
    flags = parser.parse_args()
    killed = rounds = 0
    while killed < flags.kills:
        expected = _fresh(flags.database, 0, rounds, flags.signal)[1]
        more, found = _fresh(flags.database, flags.kills - killed, rounds, flags.signal)
        assert found == expected
        killed, rounds = killed + more, rounds + 1
        print(f"{killed} kills, {rounds} scripts run to their end, every one as if it had not been disturbed")


def _fresh(url: str, kills: int, seed: int, sent: str) -> tuple[int, list[list[tuple[Any, ...]]]]:
    """Run the script on an emptied database."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = url or str(Path(folder) / "crm.db")
        database = open_database(chosen, may_create=True)
        if url:
            database.execute_sql("DROP SCHEMA public CASCADE")
            database.execute_sql("CREATE SCHEMA public")
        schema.migrate()
        Company(chosen)
        killed = crash(chosen, kills, seed, getattr(signal, sent))
        result = state()
        database.close()
    return killed, result


if __name__ == "__main__":
    main()
