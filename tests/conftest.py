"""What the tests share: a database of each engine, and a small company to work in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from benchmarks.data import fill
from crmshell import database, demo
from crmshell.database import open_database
from crmshell.models import schema
from crmshell.session import Clock, Session
from crmshell.settings import Settings
from tests.company import Company
from tests.kept import Keeper
from tests.plans import Statements, scans, watched
from tests.process import Program
from tests.terminal import SIZES, Size

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs that tests start would compile everything each time

SERVER = os.environ.get("CRM_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


# What is run on PostgreSQL in the first run too: the rules of each record, money, and what a transaction promises.
CORE = {"test_contracts", "test_customers", "test_events", "test_employees", "test_money", "test_transactions"}
# Real terminals, whole sessions at the keyboard, several processes at once, made-up companies, thousands of examples.
LATER = {
    *("test_terminal", "test_menu_terminal", "test_typeahead", "test_in_sight", "test_keyboard_sessions"),
    *("test_races", "test_demo", "test_sample_data", "test_recall", "test_steps", "test_glances", "test_plans"),
    *("test_keyboard_logins", "test_keyboard_typing", "test_keyboard_comfort"),
    *("test_toolbar_terminal", "test_pager_terminal", "test_day_terminal"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what takes long to the second run, and all of PostgreSQL but its core."""
    for item in items:
        module = item.path.stem
        is_on_server = "postgresql" in item.name
        is_core = module in CORE and not item.get_closest_marker("slow_on_postgres")
        if module in LATER or (is_on_server and not is_core):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[Mapping[str, Statements]]:
    """What the program asks of its databases in all these tests, by engine."""
    with watched() as statements:
        yield statements


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, statements: Mapping[str, Statements]) -> Iterator[Path]:
    """A migrated SQLite file, to be copied for each test.

    At the end every statement is explained on it: no scan of a table that grows but the marked ones.
    """
    path = tmp_path_factory.mktemp("template") / "crm.db"
    opened = open_database(str(path), may_create=True)
    schema.migrate()
    opened.close()
    yield path
    _explain(str(path), statements["sqlite"])


def _explain(url: str, issued: Statements) -> None:
    """Fail where a statement looks at a whole table that grows, and is not marked to."""
    opened = open_database(url, may_create=False)
    found = scans(issued)
    opened.close()
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture(scope="session")
def sqlite_staffed(sqlite_template: Path) -> Path:
    """The same with the staff in it, whom it takes longer to hire than to copy."""
    path = sqlite_template.with_name("staffed.db")
    shutil.copy(sqlite_template, path)
    opened = open_database(str(path), may_create=False)
    Company(str(path))
    opened.close()
    return path


@pytest.fixture(scope="session")
def sample_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company in a SQLite file, with passwords that are quick to check; whoever writes to it copies it."""
    path = tmp_path_factory.mktemp("sample") / "demo.db"
    opened = open_database(str(path), may_create=True)
    schema.migrate()
    demo.found(Session(Settings(database=str(path)), Clock(hash_rounds=4)))
    opened.close()
    return path


@pytest.fixture(scope="session")
def postgres(statements: Mapping[str, Statements]) -> Iterator[tuple[str, Keeper]]:
    """A migrated database on the server, one for each worker, dropped at the end; it keeps `empty` and `staffed`.

    At the end every statement is explained on it, too. The server plans by what is in the tables, so they are filled.
    """
    psycopg = pytest.importorskip("psycopg")
    name = f"crm_test_{os.getpid()}"
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL server: {error}")
    with server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
        server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        opened = open_database(f"{SERVER}/{name}", may_create=True)
        schema.migrate()
        with psycopg.connect(f"{SERVER}/{name}", autocommit=True) as connection:
            keeper = Keeper(connection)
            keeper.keep("empty")
            Company(f"{SERVER}/{name}")
            keeper.keep("staffed")
            opened.close()
            yield f"{SERVER}/{name}", keeper
            if statements["postgresql"].issued:
                keeper.put_back("empty")
                fill(f"{SERVER}/{name}", 300)
                keeper.exaggerate()
                _explain(f"{SERVER}/{name}", statements["postgresql"])
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_url(postgres: tuple[str, Keeper]) -> str:
    """That database, whatever is in it."""
    return postgres[0]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each engine in turn, that other processes can open too; empty but for a `company`."""
    state = "staffed" if "company" in request.fixturenames else "empty"
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_staffed" if state == "staffed" else "sqlite_template")
        return str(shutil.copy(template, tmp_path / "crm.db"))
    server, keeper = request.getfixturevalue("postgres")
    keeper.put_back(state)
    return str(server)


@pytest.fixture
def company(url: str) -> Iterator[Company]:
    """A company with a staff of every role on an open database of each engine."""
    opened = open_database(url, may_create=False)
    yield Company(url)
    if not opened.is_closed():
        opened.close()


@pytest.fixture
def sqlite_company(tmp_path: Path, sqlite_staffed: Path) -> Iterator[Company]:
    """The same on SQLite alone, for what does not touch the database's own ways."""
    path = tmp_path / "crm.db"
    shutil.copy(sqlite_staffed, path)
    opened = open_database(str(path), may_create=False)
    yield Company(str(path))
    if not opened.is_closed():
        opened.close()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the user's own files and settings."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.casefold()))
    for name in [name for name in os.environ if name.startswith("CRM_") and name != "CRM_TEST_POSTGRES"]:
        monkeypatch.delenv(name)
    assert database.proxy is not None


@pytest.fixture(params=SIZES, ids=lambda size: f"{size.columns}x{size.lines}")
def size(request: pytest.FixtureRequest) -> Size:
    """The size of a terminal: each of those on which a screen has to hold."""
    found: Size = request.param
    return found


@pytest.fixture
def program(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    """The program as a batch on each engine."""
    return Program(company, tmp_path, monkeypatch, capsys)


@pytest.fixture
def sqlite_program(
    sqlite_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    """The same on SQLite alone."""
    return Program(sqlite_company, tmp_path, monkeypatch, capsys)
