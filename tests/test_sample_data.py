"""The made-up companies of the benchmarks are sound, the same every time, and shaped like real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.data import PASSWORD, Sample, fill
from crmshell.database import current, open_database
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.event import Event
from crmshell.session import Session
from crmshell.settings import Settings
from tests.company import Company


def _values(record: Record) -> dict[str, object]:
    return {name: value for name, value in record.__data__.items() if name != "password_hash"}


def test_the_same_seed_makes_the_same_records() -> None:
    first, second = (list(map(_values, Sample(40).records())) for _ in range(2))
    assert first == second
    assert first != list(map(_values, Sample(40, seed=2).records()))


def test_the_figures_are_those_of_a_company() -> None:
    records = list(Sample(500).records())
    customers = [record for record in records if isinstance(record, Customer)]
    assert len(customers) == 500
    assert sum(isinstance(record, Contract) for record in records) == 1000
    assert sum(isinstance(record, Event) for record in records) == 750
    carlas = sum(customer.commercial_id == 3 for customer in customers)
    assert 80 <= carlas <= 120, "a fifth belongs to one commercial"
    assert any(not customer.fullname.isascii() for customer in customers)


@pytest.fixture
def filled(url: str) -> Company:
    """A made-up company in a database of each engine, through the eyes of the tests' company."""
    fill(url, 30)
    open_database(url, may_create=False)
    company = Company.__new__(Company)
    company.url, company.sessions = url, {}
    session = company.sessions["alice"] = Session(Settings(database=url))
    session.log_in("alice", PASSWORD)
    return company


def test_what_is_loaded_is_sound_and_the_next_record_finds_its_number(filled: Company) -> None:
    try:
        assert filled.must("database check").rows == []
        assert filled.must("customer list --format json").rows[0]["id"] == 30
        assert len(str(filled.must("contract add 30 100").card["id"])) == 32
        assert filled.must("database check").rows == []
    finally:
        current().close()


def test_a_database_with_records_is_left_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "crm.db")
    fill(path, 5)
    with pytest.raises(SystemExit, match="records already"):
        fill(path, 5)
    current().close()
