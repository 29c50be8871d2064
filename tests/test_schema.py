"""The migrated schema is that of the models, and each migration is applied once or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmshell.company import open_company
from crmshell.database import current, open_database, transaction
from crmshell.models import chain, evidence, recall, runs, schema
from crmshell.models.integrity import MODELS
from crmshell.models.journal import JournalChange, JournalEntry
from crmshell.models.search import SearchTerm, SearchWord
from crmshell.models.table import Table
from crmshell.models.throttle import LoginThrottle
from crmshell.models.totals import ContractTotal, Dimension, grand_total, problems, totals
from crmshell.session import Session
from crmshell.settings import Settings
from tests.company import Company
from tests.empties import empty_database
from tests.records import attack, sql

TABLES: list[type[Table]] = [
    *MODELS.values(),
    SearchTerm,
    SearchWord,
    ContractTotal,
    JournalEntry,
    JournalChange,
    chain.JournalBlock,
    chain.JournalMember,
    chain.JournalUnsealed,
    LoginThrottle,
    runs.BatchRun,
    runs.BatchLine,
]
EMPLOYEE = "4, 'carla', 'carla', 'Carla d''Été', 'commercial', ?, 'hash', 1, ?, 1, 1"
PAYMENT = "id, contract_id, amount, day, method, reference, recorded_by_id, recorded_at"
CONTRACT = "id, uuid, customer_id, commercial_id, total_amount, total_paid, signed_at, created_at, updated_at"
ENTRY = "id, at, employee_id, username, command, line, result, message"
CHANGE = "id, entry_id, noun, record_id, operation, fields"
HELD_BY_THE_SECOND = (
    """INSERT INTO customer (id, fullname, company, commercial_id, created_at, updated_at)
       VALUES (3, 'Éloïse d''Été', 'ZÖLLE', 4, 1, 1)""",
    f"INSERT INTO contract ({CONTRACT}) VALUES (5, '5611f000000040008000000000000000', 3, 4, 9999, 1250, 1, 1, 1)",
    f"INSERT INTO payment ({PAYMENT}) VALUES (7, 5, 1250, '2026-01-31', 'transfer', 'VIR 12', 4, 8)",
    """INSERT INTO event (id, name, contract_id, customer_id, commercial_id, created_at, updated_at)
       VALUES (6, 'Gala', 5, 3, 4, 1, 1)""",
)
SECOND = 'def up(migrator, db):\n    db.execute_sql("CREATE TABLE tag (name TEXT)")\n    db.execute_sql("{}")\n'


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table, of each engine in turn."""
    if request.param == "postgresql":
        request.getfixturevalue("postgres_url")
    with empty_database(request.param, tmp_path) as url:
        yield url
        if not current().is_closed():
            current().close()


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations that a test may add to."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.DIRECTORY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "DIRECTORY", folder)
    return folder


def _tables() -> set[str]:
    return set(current().get_tables()) - {"sqlite_sequence"}


@pytest.mark.parametrize("model", TABLES)
def test_the_tables_have_the_columns_of_the_models(company: Company, model: type[Table]) -> None:
    meta: Any = model._meta
    keys = {field.column_name for field in meta.get_primary_keys()}
    migrated = {column.name: column.null for column in current().get_columns(meta.table_name)}
    declared = {field.column_name: field.null for field in meta.sorted_fields}
    assert migrated.keys() == declared.keys()
    assert {name: migrated[name] for name in migrated.keys() - keys} == {
        name: declared[name] for name in declared.keys() - keys
    }


def test_there_are_no_other_tables(company: Company) -> None:
    names = {model._meta.table_name for model in TABLES}
    assert _tables() == names | {"company", "schema_migration"}


def test_migrations_are_applied_once(empty: str) -> None:
    assert open_company(Session(Settings(database=empty)), may_create=True) is False
    assert (schema.applied(), schema.state()) == (schema.known(), schema.State.CURRENT)
    assert schema.migrate() == []
    assert open_company(Session(Settings(database=empty)), may_create=False) is False
    assert len(sql("SELECT name FROM schema_migration")) == len(schema.known())


def test_a_database_that_is_behind_catches_up_when_it_is_opened(empty: str, migrations: Path) -> None:
    open_company(Session(Settings(database=empty)), may_create=True)
    (migrations / "9998_tags.py").write_text(SECOND.format("INSERT INTO tag VALUES ('vip')"))
    assert schema.state() is schema.State.BEHIND
    open_company(Session(Settings(database=empty)), may_create=False)
    assert (schema.state(), sql("SELECT name FROM tag")) == (schema.State.CURRENT, [("vip",)])


def test_a_migration_that_fails_leaves_nothing_behind(empty: str, migrations: Path) -> None:
    (migrations / "9998_tags.py").write_text(SECOND.format("INSERT INTO no_such_table VALUES (1)"))
    open_database(empty, may_create=True)
    with pytest.raises(Exception, match=r"crm-shell|cannot be read"):
        schema.migrate()
    assert _tables() == set()
    assert schema.state() is schema.State.EMPTY
    (migrations / "9998_tags.py").unlink()
    schema.migrate()
    assert schema.state() is schema.State.CURRENT


def test_a_company_is_not_founded_by_opening_it(empty: str) -> None:
    opened = open_database(empty, may_create=True)
    with transaction(opened, writes=False):
        assert schema.state() is schema.State.EMPTY
    assert _tables() == set()


def _fill_the_second(empty: str) -> None:
    """A company in the schema of the second migration."""
    open_database(empty, may_create=True)
    _apply(2)
    _hire()
    for statement in HELD_BY_THE_SECOND:
        sql(statement)


def test_the_second_migration_keeps_what_the_first_one_holds(empty: str) -> None:
    open_database(empty, may_create=True)
    _apply(1)
    _hire()
    before = sql("SELECT username FROM employee ORDER BY id")
    assert schema.migrate() == schema.known()[1:]
    assert sql("SELECT username FROM employee ORDER BY id") == before
    assert sql("SELECT count(*) FROM batch_run") == [(0,)]


def test_the_third_migration_keeps_payments_and_folds_names(empty: str) -> None:
    _fill_the_second(empty)
    assert schema.migrate() == schema.known()[2:]
    assert sql("SELECT id, contract_id, amount, reference, reverses_id FROM payment") == [(7, 5, 1250, "VIR 12", None)]
    sql(f"INSERT INTO payment ({PAYMENT}, reverses_id) VALUES (8, 5, -1250, '2026-02-02', 'cash', NULL, 4, 9, 7)")
    assert sql("SELECT name_key, deleted_at, last_contact FROM customer") == [("d eloise ete / zolle", None, None)]
    assert sql("SELECT cancelled_at FROM contract") == sql("SELECT cancelled_at FROM event") == [(None,)]


def test_the_fourth_migration_chains_the_journal_that_is_there(empty: str) -> None:
    open_database(empty, may_create=True)
    _apply(3)
    for number in range(1, 1203):
        values = (number, 5, 4, "élodie", "customer add", f"customer add 'Client {number}'", "done", "")
        sql(f"INSERT INTO journal_entry ({ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)
    sql("INSERT INTO journal_entry (" + ENTRY + ") VALUES (1300, 6, NULL, 'x', 'auth login', '', 'login failed', '')")
    fields = '{"fullname":[null,"Éloïse d\'Été"]}'
    sql(f"INSERT INTO journal_change ({CHANGE}) VALUES (1, 1202, 'customer', 9, 'create', ?)", fields)
    before = sql(f"SELECT {ENTRY} FROM journal_entry ORDER BY id")
    assert schema.migrate() == schema.known()[3:]
    assert sql(f"SELECT {ENTRY} FROM journal_entry ORDER BY id") == before
    assert sql("SELECT total, last_entry FROM journal_block ORDER BY id") == [(1000, 1000), (1203, 1300)]
    with transaction(current(), writes=False):
        assert list(evidence.problems(None)) == []
    attack("UPDATE journal_change SET record_id = 8")
    with transaction(current(), writes=False):
        assert list(evidence.problems(None)) == ["entry 1202 was altered after block 2 was closed"]


def test_the_search_migration_writes_the_words_of_what_is_there(empty: str) -> None:
    open_database(empty, may_create=True)
    _apply(schema.known().index("0005_search"))
    _hire()
    for statement in HELD_BY_THE_SECOND:
        sql(statement)
    sql("UPDATE customer SET phone = '+33199001851' WHERE id = 3")
    sql("INSERT INTO search_term VALUES ('customer', 'stale', 3, 4)")
    schema.migrate()
    assert list(recall.wrong_words()) == []
    assert sql("SELECT record_id FROM search_term WHERE term = '0199001851' OR term = 'stale'") == [(3,)]
    assert sql("SELECT noun, record_id FROM search_term WHERE term = 'vir'") == [("contract", 5)]


def test_the_migration_of_lists_counts_what_is_there(empty: str) -> None:
    _fill_the_second(empty)
    schema.migrate()
    assert sql("SELECT event_count FROM contract") == [(1,)]
    assert [row[1:] for row in totals(Dimension.COMMERCIAL)] == [[1, 9999, 1250, 8749]]
    sql("UPDATE contract SET total_amount = 2000")
    assert grand_total() == [1, 2000, 1250, 750]
    assert list(problems()) == []


def _hire() -> None:
    """Put somebody on the staff, who is number 4, without the models: they have columns of later migrations."""
    active, must_change = True, False
    sql(f"INSERT INTO employee VALUES ({EMPLOYEE})", active, must_change)


def _apply(count: int) -> None:
    """Bring an empty database to where the first migrations leave it."""
    database = current()
    runner = schema.runner_for(database)
    with transaction(database, writes=True):
        runner.up(target=schema.known()[count - 1])
