"""What goes wrong around a batch: it is committed whole or rolled back, and says what was kept and how to go on."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmshell.database import current, open_database
from tests.company import PASSWORD, Company
from tests.process import Program
from tests.records import problems

LINE = 'customer add "Élise O\'Brien {0}" --company "{1}" --email c{0}@example.com\n'
LONG = "Société des Ateliers réunis " * 8
KILOBYTE = 1024


@pytest.fixture
def start(company: Company, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the program on a script from stdin, as a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def begun(*flags: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "crmshell", "--database", company.url, "--user", "carla", *flags]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        environ = os.environ | {"CRM_PASSWORD": PASSWORD}
        started.append(subprocess.Popen(command, env=environ, text=True, **pipes))
        return started[-1]

    yield begun
    for process in started:
        process.kill()
        process.communicate()


def _count() -> int:
    return int(current().execute_sql("SELECT count(*) FROM customer").fetchone()[0])


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda sent: sent.name)
@pytest.mark.parametrize(("flags", "kept"), [((), 1), (("--atomic",), 0)], ids=["each", "atomic"])
def test_a_signal_ends_a_batch_and_says_what_was_kept(
    start: Callable[..., subprocess.Popen[str]], flags: tuple[str, ...], kept: int, sent: signal.Signals
) -> None:
    process = start(*flags)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LINE.format(1, ""))
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(sent)
    said = process.communicate()[1]
    assert process.returncode == 128 + sent
    assert ("1 command before it took effect" if kept else "nothing was changed") in said
    assert _count() == kept


@pytest.mark.slow
def test_a_reader_who_leaves_ends_a_batch_without_a_word(start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("--quiet", "--atomic")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    said = process.communicate(LINE.format(1, "") * 2)[1]
    assert (process.returncode, said, _count()) == (128 + signal.SIGPIPE, "", 0)


@pytest.mark.slow
def test_a_full_stdout_is_told_of(start: Callable[..., subprocess.Popen[str]]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = start("--atomic", stdout=full)
        said = process.communicate(LINE.format(1, ""))[1]
    assert process.returncode == 7
    assert "the answer cannot be written: No space left on device" in said
    assert _count() == 0


@pytest.mark.slow
def test_a_full_stdout_does_not_say_that_nothing_was_changed_by_what_took_effect(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        said = start(stdout=full).communicate(LINE.format(1, ""))[1]
    assert "the command itself took effect" in said
    assert "nothing was changed" not in said
    assert _count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_lead_nowhere(sqlite_company: Company, closed: str) -> None:
    program = f"{sys.executable} -m crmshell --database {sqlite_company.url} --user carla customer add Jean"
    environ = os.environ | {"CRM_PASSWORD": PASSWORD}
    ended = subprocess.run(["/bin/sh", "-c", f"{program} {closed}"], env=environ, capture_output=True, check=False)
    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert _count() == 1


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("flags", "kept"), [((), 2), (("--commit-every", "2"), 2), (("--atomic",), 0)])
def test_a_server_that_is_gone_loses_what_was_not_committed(
    program: Program, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], kept: int
) -> None:
    insert, seen = type(current()).insert, []

    def cut_off(database: Any, table: str, columns: tuple[str, ...], values: Any) -> int:
        seen.extend([table] if table == "customer" else [])
        if len(seen) == 4 and table == "customer":
            database.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return insert(database, table, columns, values)

    monkeypatch.setattr("crmshell.database.postgres.Postgres.insert", cut_off)
    ended = program.script("".join(LINE.format(number, "") for number in range(6)), *flags)
    monkeypatch.undo()
    open_database(program.company.url, may_create=False)
    assert ended.code == 7
    assert f"{_count()} commands before it took effect" in ended.err or "nothing was changed" in ended.err
    assert _count() == (3 if not flags else kept)


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("--commit-every", "20"), ("--atomic",)], ids=["each", "groups", "atomic"])
def test_a_small_file_system_keeps_whole_commands_and_takes_more_once_there_is_room(
    sqlite_company: Company, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    with small(tmp_path, sqlite_company.url) as (url, limit):
        script = "".join(LINE.format(number, LONG) for number in range(2000))
        command = [sys.executable, "-m", "crmshell", "--database", url, "--user", "carla", *flags]
        environ = os.environ | {"CRM_PASSWORD": PASSWORD}
        ended = subprocess.run(
            command, input=script, env=environ, capture_output=True, text=True, check=False, preexec_fn=limit
        )
        opened = open_database(url, may_create=False)
        found, broken = _count(), problems()
        opened.close()
    assert ended.returncode == 7, ended.stderr[-500:]
    told = f"{found} commands before it took effect" if found else "nothing was changed"
    assert told in ended.stderr
    assert (found == 0) is ("--atomic" in flags)
    assert broken == []


class small:  # noqa: N801  (reads as a statement)
    """The database on a file system of a few hundred kilobytes, or under a limit on the size of files without root."""

    def __init__(self, folder: Path, database: str) -> None:
        self._mount, self._database = folder / "small", Path(database)

    def __enter__(self) -> tuple[str, Callable[[], None] | None]:
        content = self._database.read_bytes()
        self._mount.mkdir()
        size = 2 * len(content) + 600 * KILOBYTE
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self._mount)]
        self._is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        path = self._mount / "crm.db"
        path.write_bytes(content)

        def limit() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(content) + 300 * KILOBYTE,) * 2)

        return str(path), None if self._is_mounted else limit

    def __exit__(self, *_: object) -> None:
        if self._is_mounted:
            subprocess.run(["umount", "-l", str(self._mount)], check=True)
