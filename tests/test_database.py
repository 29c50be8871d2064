"""Opening SQLite and PostgreSQL, and what a person is told when that fails: never SQL, a driver's text, a password."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmshell.company import open_company
from crmshell.database import current, open_database, shown_url, sqlite, transaction
from crmshell.database.sqlite import is_wal_safe
from crmshell.errors import Refused, StoreError
from crmshell.models import schema
from crmshell.models.employee import any_employee
from crmshell.session import Session
from crmshell.settings import Settings
from tests.company import Company
from tests.empties import empty_database
from tests.records import problems, sql

SECRET = "hunter2"
NOT_FOR_PEOPLE = ("SELECT", "INSERT", "PRAGMA", "psycopg", "apsw", "sqlite3.", "Traceback", "FATAL", "errno", SECRET)


def _refusal(url: str, *, may_create: bool = False) -> StoreError:
    """How starting on this database fails."""
    with pytest.raises(StoreError) as caught:
        open_company(Session(Settings(database=url)), may_create=may_create)
    failure = caught.value
    assert failure.code == 7
    assert failure.hint
    for word in NOT_FOR_PEOPLE:
        assert word not in failure.message + failure.hint
    assert "\n" not in failure.message + failure.hint
    return failure


# SQLite


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_file_is_the_owners_alone(tmp_path: Path, umask: int) -> None:
    path, before = tmp_path / "crm.db", os.umask(umask)
    try:
        opened = open_database(str(path), may_create=True)
        schema.migrate()
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("crm.db*")}
    finally:
        os.umask(before)
    assert modes == {"crm.db": 0o600, "crm.db-wal": 0o600, "crm.db-shm": 0o600}
    opened.close()


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_file_is_named_by_path_or_url(sqlite_template: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / "crm d'été.db"
    shutil.copy(sqlite_template, path)
    opened = open_database(form.format(path), may_create=False)
    assert Path(str(opened.database)) == path
    opened.close()


def test_every_connection_has_the_settings_it_needs(sqlite_company: Company) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "cache_size": -32768, "temp_store": 2}
    expected["wal_autocheckpoint"] = 4000
    assert {name: sql(f"PRAGMA {name}")[0][0] for name in expected} == expected
    facts = {row["fact"]: row["value"] for row in sqlite_company.must("database info").rows}
    assert "apsw" in facts["engine"]
    assert facts["journal mode"] == "wal: readers and writers do not wait for each other"
    seen: list[object] = []
    other = threading.Thread(target=lambda: seen.extend(sql(f"PRAGMA {name}")[0][0] for name in expected))
    other.start()
    other.join()
    assert seen == list(expected.values())


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
        ((3, 54, 1, 0), True),
    ],
)
def test_wal_is_trusted_on_fixed_versions_alone(version: tuple[int, ...], is_safe: bool) -> None:
    assert is_wal_safe(version) is is_safe


@pytest.fixture
def without_apsw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crmshell.database.apsw_engine", None)


@pytest.mark.usefixtures("without_apsw")
@pytest.mark.parametrize(("is_safe", "mode"), [(False, "delete"), (True, "wal")])
def test_the_built_in_engine_does_the_same(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch, is_safe: bool, mode: str
) -> None:
    monkeypatch.setattr(sqlite, "is_wal_safe", lambda _version: is_safe)
    shutil.copy(sqlite_template, tmp_path / "crm.db")
    opened = open_database(str(tmp_path / "crm.db"), may_create=False)
    company = Company(str(tmp_path / "crm.db"))
    event = company.event()
    company.must(f"event set-support {event} sam")
    assert company.run("customer add Anne --email x", by="carla").code == 1
    assert [row["support"] for row in company.must("event list").rows] == ["sam"]
    facts = {row["fact"]: row["value"] for row in company.must("database info").rows}
    assert (facts["engine"], facts["journal mode"].split(":")[0]) == (
        f"SQLite {sqlite3.sqlite_version} (sqlite3)",
        mode,
    )
    assert [sql(f"PRAGMA {name}")[0][0] for name in ("synchronous", "foreign_keys", "cache_size")] == [2, 1, -32768]
    assert problems() == []
    opened.close()


@pytest.mark.usefixtures("without_apsw")
def test_the_built_in_engine_sets_up_a_company(tmp_path: Path) -> None:
    session = Session(Settings(database=str(tmp_path / "crm.db")))
    assert open_company(session, may_create=True) is False
    assert (tmp_path / "crm.db").stat().st_mode & 0o777 == 0o600
    current().close()


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path, sqlite_template: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("contract sign 5611d818\n" * 100)
    (tmp_path / "empty.db").touch()
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE bookmark (url TEXT)")
    content = bytearray(sqlite_template.read_bytes())
    (tmp_path / "short.db").write_bytes(content[:5000])
    content[4096:] = b"\xff" * (len(content) - 4096)
    (tmp_path / "damaged.db").write_bytes(content)
    expected = {
        "missing.db": "there is no database {}",
        "folder": "{} is a folder",
        "notes.txt": "{} is not a database",
        "empty.db": "the database {} is empty",
        "other.db": "{} is not a database of crm-shell",
        "short.db": "{} is damaged",
        "damaged.db": "{} is damaged",
        "notes.txt/crm.db": "there is no database {}",
        "x" * 300: "{} cannot be opened: File name too long",
    }
    for name, message in expected.items():
        path = str(tmp_path / name)
        assert _refusal(path).message == message.format(path)
    assert not (tmp_path / "missing.db").exists()
    assert (tmp_path / "notes.txt").read_text().startswith("contract")


def test_what_cannot_be_created_is_refused(tmp_path: Path) -> None:
    assert "cannot be created" in _refusal(str(tmp_path / "no" / "crm.db"), may_create=True).message
    assert _refusal(":memory:", may_create=True).message.startswith("a database in memory")
    assert "no file can have this name" in _refusal("a\x00b", may_create=True).message
    assert _refusal("~nobody-at-all/crm.db", may_create=True).hint


def test_a_database_of_a_newer_program_is_left_alone(company: Company) -> None:
    sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', 0)")
    try:
        failure = _refusal(company.url)
        assert failure.message == "the database is newer than this program: it has 9999_future"
    finally:
        sql("DELETE FROM schema_migration WHERE name = '9999_future'")


@contextlib.contextmanager
def _ordinary_user() -> Iterator[None]:
    """Give up the rights of root, which no permission of a file stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "reads", "message"),
    [
        (0o444, 0o777, True, "{} is read-only"),
        (0o444, 0o555, False, "{} is read-only"),
        (0o000, 0o555, False, "{} cannot be opened"),
        (0o666, 0o000, False, "{} cannot be opened: Permission denied"),
    ],
)
def test_permissions_are_told_of(
    sqlite_template: Path, file_mode: int, folder_mode: int, reads: bool, message: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        shutil.copy(sqlite_template, path)
        path.chmod(file_mode)
        Path(folder).chmod(folder_mode)
        staff: list[bool] = []
        with _ordinary_user(), pytest.raises(StoreError) as caught:
            _read_and_write(path, staff)
        Path(folder).chmod(0o700)
        assert (caught.value.message, staff) == (message.format(path), [False] if reads else [])


def _read_and_write(path: Path, staff: list[bool]) -> None:
    """Note whether there is a staff, then write something."""
    with contextlib.closing(open_database(str(path), may_create=False)) as opened:
        with transaction(opened, writes=False):
            staff.append(any_employee())
        sql("INSERT INTO company (name, value) VALUES ('a', 'b')")


def test_a_full_disk_changes_nothing(sqlite_company: Company) -> None:
    sqlite_company.session("carla")
    (pages,) = sql("PRAGMA page_count")[0]
    current().execute_sql(f"PRAGMA max_page_count = {pages}")
    failures = [sqlite_company.run(f"customer add {'é' * 255} --company {'é' * 255}", by="carla") for _ in range(40)]
    failure = failures[-1].failure
    assert failure is not None
    assert (failure.code, failure.message.split(":")[0]) == (7, "the disk is full")
    current().execute_sql("PRAGMA max_page_count = 100000")
    assert problems() == []
    sqlite_company.customer()


def test_a_database_that_stays_locked_is_told_of(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_company.session("carla")
    current().close()
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    open_database(sqlite_company.url, may_create=False)
    with contextlib.closing(apsw.Connection(sqlite_company.url)) as other:  # of the same library: locks are a process's
        other.execute("BEGIN IMMEDIATE")
        assert sqlite_company.must("customer list", by="carla").rows == []
        locked = sqlite_company.run("customer add Anne", by="carla")
        assert (locked.code, locked.message) == (7, f"another program holds {sqlite_company.url} locked")
        other.execute("ROLLBACK")
        sqlite_company.must("customer add Anne", by="carla")


def test_what_a_refusal_has_read_keeps_nobody_from_reading_and_writing_later(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    sqlite_company.event(contract)
    refused = sqlite_company.run(f"contract unsign {contract} --reason oops")
    assert refused.failure is not None  # its traceback holds the query that found the event
    with contextlib.closing(apsw.Connection(sqlite_company.url)) as other:
        other.execute("UPDATE customer SET company = 'Elsewhere'")
    assert sqlite_company.must("customer list").rows[0]["company"] == "Elsewhere"
    sqlite_company.must("customer add Anne", by="carla")


def test_ctrl_c_ends_the_wait_for_a_lock(sqlite_company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_company.session("carla")
    monkeypatch.setattr("time.sleep", lambda _seconds: signal.raise_signal(signal.SIGINT))
    with contextlib.closing(apsw.Connection(sqlite_company.url)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(KeyboardInterrupt):
            sqlite_company.run("customer add Anne", by="carla")
        other.execute("ROLLBACK")
    monkeypatch.undo()
    sqlite_company.must("customer add Anne", by="carla")


# PostgreSQL


@contextlib.contextmanager
def _server_that_refuses(state: str, message: str) -> Iterator[int]:
    """A server that answers everybody with an error, for what a real one cannot be made to say; its port."""
    fields = f"SFATAL\0VFATAL\0C{state}\0M{message}\0\0".encode()
    refusal = b"E" + struct.pack("!i", len(fields) + 4) + fields

    def answer(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listening.accept()[0]
                with client:
                    while (opening := client.recv(8)) and opening[4:] in {b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"}:
                        client.sendall(b"N")  # neither TLS nor Kerberos
                    client.sendall(refusal)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=answer, args=(listening,), daemon=True)
        serving.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()


@pytest.mark.parametrize(
    ("state", "said", "told"),
    [
        ("28P01", 'password authentication failed for user "anne"', "refuses this user or password"),
        ("28000", 'role "anne" does not exist', "refuses this user or password"),
        ("28000", 'no pg_hba.conf entry for host "::1", user "anne"', "refuses this user or password"),
        ("3D000", 'database "crm" does not exist', "there is no such database at"),
        ("53300", "sorry, too many clients already", "no more connections"),
        ("XX000", "something else", "does not answer"),
    ],
)
def test_a_server_that_refuses_is_told_of(state: str, said: str, told: str) -> None:
    pytest.importorskip("psycopg")
    with _server_that_refuses(state, said) as port:
        assert told in _refusal(f"postgresql://anne:{SECRET}@127.0.0.1:{port}/crm").message


@pytest.mark.postgres
def test_a_character_that_no_server_keeps_is_refused(postgres_url: str) -> None:
    open_database(postgres_url, may_create=False)
    with pytest.raises(Refused, match="does not keep"), transaction(current(), writes=False):
        current().execute_sql("SELECT %s::text", ("a\0b",))


def test_a_server_that_is_down_is_told_of() -> None:
    pytest.importorskip("psycopg")
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    url = f"postgresql://anne:{SECRET}@127.0.0.1:{port}/crm"
    assert _refusal(url).message == f"the database at postgresql://anne@127.0.0.1:{port}/crm does not answer"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://anne:{SECRET}@[::1/crm",
        f"postgresql://anne:{SECRET}@127.0.0.1",
        f"postgresql://anne:{SECRET}@127.0.0.1/crm?no_such_option=1",
        f"postgresql://anne:{SECRET}%zz@127.0.0.1/crm",
        f"PostgreSQL://anne:{SECRET}@127.0.0.1/crm",
        f"postgresql+x://anne:{SECRET}@127.0.0.1/crm",
        f"mysql://anne:{SECRET}@127.0.0.1/crm",
    ],
)
def test_what_is_no_url_of_ours_is_refused(url: str) -> None:
    pytest.importorskip("psycopg")
    assert "is no database" in _refusal(url).message or "names no database" in _refusal(url).message


def test_a_server_says_what_is_wrong_with_the_database(postgres_url: str, tmp_path: Path) -> None:
    assert "there is no such database" in _refusal(f"{postgres_url}_missing").message
    with empty_database("postgresql", tmp_path) as url:
        assert _refusal(url).message == f"the database {url} is empty"
        open_database(url, may_create=False)
        sql("CREATE TABLE bookmark (url TEXT)")
        assert _refusal(url).message == f"{url} is not a database of crm-shell"
        assert _refusal(url, may_create=True).message == f"{url} is not a database of crm-shell"
        current().close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("default_transaction_read_only=on", "is read-only"),
        ("role=pg_monitor", "this user may not read or write the tables at"),
    ],
)
def test_a_server_that_does_not_let_us_write_is_told_of(postgres_url: str, options: str, told: str) -> None:
    opened = open_database(f"{postgres_url}?options=-c%20{quote(options)}", may_create=False)
    with pytest.raises(StoreError, match=told):
        sql("INSERT INTO company (name, value) VALUES ('a', 'b')")
    opened.close()


# Passwords in URLs


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("crm.db", "crm.db"),
        ("a\x1b[31m.db", "a␛[31m.db"),
        ("postgresql://anne@host/crm", "postgresql://anne@host/crm"),
        ("postgresql://anne:hunter2@host/crm", "postgresql://anne@host/crm"),
        ("postgresql://:hunter2@host/crm", "postgresql://@host/crm"),
        ("postgres://anne:hun%40ter2@host:5432/crm", "postgres://anne@host:5432/crm"),
        ("postgresql://anne:hunter2@one:5432,two:5433/crm?x=1", "postgresql://anne@one:5432,two:5433/crm?x=1"),
        ("postgresql://one:5432,two:5433/crm", "postgresql://one:5432,two:5433/crm"),
        ("postgresql://anne:hun@ter2@host/crm", "postgresql://anne@host/crm"),
        ("postgresql://host/crm?user=anne&password=hunter2", "postgresql://host/crm?user=anne&password=…"),
        ("postgresql://host/crm?sslpassword=hunter2&x=1", "postgresql://host/crm?sslpassword=…&x=1"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), st.booleans())
@example(password="@", is_quoted=False)
@example(password="/:@", is_quoted=False)
@example(password="\n", is_quoted=False)
def test_no_password_survives(password: str, is_quoted: bool) -> None:
    typed = quote(password, safe="") if is_quoted else password
    marked = f"‹{typed}›"
    shown = shown_url(f"postgresql://anne:{marked}@one:1,two:2/crm?sslmode=require")
    assert shown == "postgresql://anne@one:1,two:2/crm?sslmode=require"


def test_the_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE thing (id INTEGER)")
    before = path.read_bytes()
    session = Session(Settings(database=str(path)))
    with pytest.raises(StoreError, match="is not a database of crm-shell"):
        open_company(session, may_create=True)
    current().close()
    assert path.read_bytes() == before
