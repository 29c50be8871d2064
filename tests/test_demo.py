"""The sample company keeps every rule, looks alive at any moment, and holds what docs and examples count on."""

from __future__ import annotations

import re
import shutil
import unicodedata
import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crmshell import demo
from crmshell.commands import GRAMMAR
from crmshell.database import current, open_database
from crmshell.errors import Refused
from crmshell.language.reading import read
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.payment import Method, Payment
from crmshell.passwords import check_strength
from crmshell.people import parse_email, parse_phone, parse_username
from crmshell.session import Clock, Session
from crmshell.settings import Settings
from crmshell.values import parse_text
from tests.records import journal, problems, sql, tables

DAY = 86_400
SUNDAY, SPRING = 1_790_461_800, 1_774_746_000  # half past midnight in Paris, and the hour the clocks skip
MOMENTS = [SUNDAY, SPRING]


def _session(now: int, rounds: int = 4) -> Session:
    return Session(Settings(), Clock(now=lambda: now, hash_rounds=rounds))


def _founded(template: Path, path: Path, now: int) -> None:
    """Found the company in a new file, which is then the open database."""
    shutil.copy(template, path)
    open_database(str(path), may_create=False)
    demo.found(_session(now))


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[int, Path]:
    """The company as it is founded at each of the moments."""
    folder = tmp_path_factory.mktemp("demo")
    paths = {now: folder / f"{now}.db" for now in MOMENTS}
    for now, path in paths.items():
        _founded(sqlite_template, path, now)
        current().close()
    return paths


@pytest.fixture
def sample(templates: dict[int, Path], tmp_path: Path) -> Iterator[Path]:
    """The one of that Sunday, open."""
    path = tmp_path / "demo.db"
    shutil.copy(templates[SUNDAY], path)
    opened = open_database(str(path), may_create=False)
    yield path
    opened.close()


@pytest.fixture(params=MOMENTS)
def moment(request: pytest.FixtureRequest, templates: dict[int, Path], tmp_path: Path) -> Iterator[int]:
    """Each of the moments, with the company founded then open."""
    path = tmp_path / "demo.db"
    shutil.copy(templates[request.param], path)
    opened = open_database(str(path), may_create=False)
    yield int(request.param)
    opened.close()


def _events(condition: Any) -> int:
    return int(Event.select().where(condition).count())


# The rules


def test_everything_is_sound(moment: int) -> None:
    assert problems() == []


def test_a_support_is_never_in_two_places(moment: int) -> None:
    spans: dict[int, list[tuple[int, int]]] = {}
    for event in Event.select().where(Event.support.is_null(is_null=False) & Event.start.is_null(is_null=False)):
        assert event.support is not None
        spans.setdefault(event.support.id, []).append((event.start, event.end))
    assert len(spans) == 4
    assert all(first[1] <= then[0] for busy in spans.values() for first, then in pairwise(sorted(busy)))


def test_everything_was_done_in_its_order_and_before_now(moment: int) -> None:
    journalled = [at for (at,) in sql("SELECT at FROM journal_entry ORDER BY id")]
    assert journalled == sorted(journalled)
    assert moment - 430 * DAY < journalled[0] < journalled[-1] < moment
    for table, dated in [("customer", "created_at"), ("contract", "created_at"), ("event", "created_at")]:
        moments = [at for (at,) in sql(f"SELECT {dated} FROM {table} ORDER BY id")]
        assert moments == sorted(moments)


def test_what_depends_on_something_came_after_it(sample: Path) -> None:
    for contract in Contract.select():
        assert contract.created_at > contract.customer.created_at
        assert contract.signed_at is None or contract.signed_at > contract.created_at
    assert all(payment.recorded_at > payment.contract.signed_at for payment in Payment.select())
    for event in Event.select():
        assert event.created_at > event.contract.signed_at
        assert event.start is None or event.start > event.created_at


def test_every_value_reads_back_as_itself(sample: Path) -> None:
    for employee in Employee.select():
        assert parse_username(employee.username) == employee.username
        assert parse_text(employee.fullname, longest=255) == employee.fullname
    for customer in Customer.select():
        assert customer.email is None or parse_email(customer.email) == customer.email
        assert customer.phone is None or parse_phone(customer.phone, "FR") == customer.phone
        _reads_back(customer.fullname, customer.company)
    for event in Event.select():
        _reads_back(event.name, event.location)
        assert event.note is None or parse_text(event.note, longest=2000, lines=True) == event.note
    _reads_back(*(payment.reference for payment in Payment.select()))
    assert all(uuid.UUID(contract.uuid).version == 4 for contract in Contract.select())


def _reads_back(*texts: str | None) -> None:
    assert all(parse_text(text, longest=255) == text for text in texts if text is not None)


def test_two_foundings_at_the_same_moment_are_equal(sample: Path, sqlite_template: Path, tmp_path: Path) -> None:
    first = tables()
    _founded(sqlite_template, tmp_path / "again.db", SUNDAY)
    second = tables()
    assert _without_salts(first) == _without_salts(second)
    current().close()


def _without_salts(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The salt of a password and that of an entry are random and have to be."""
    salted = re.compile(r"\$2b\$04\$[^']+|(?<=')[0-9a-f]{32}(?='\)$)")
    return {name: [salted.sub("…", row) for row in rows] for name, rows in found.items()}


def test_a_second_founding_is_refused(sample: Path) -> None:
    before = tables()
    with pytest.raises(Refused):
        demo.found(_session(SUNDAY))
    assert tables() == before


# Who is there


def test_the_sample_company_knows_that_it_is_one(sample: Path, sqlite_template: Path, tmp_path: Path) -> None:
    assert demo.is_demo()
    shutil.copy(sqlite_template, tmp_path / "real.db")
    opened = open_database(str(tmp_path / "real.db"), may_create=False)
    assert not demo.is_demo()
    assert demo.logins() == []
    opened.close()


def test_the_logins_are_those_of_the_active_staff(sample: Path) -> None:
    logins = demo.logins()
    assert [role for _, role in logins] == ["administrator"] * 2 + ["commercial"] * 4 + ["support"] * 4 + ["none"]
    expected = {"alice": "administrator", "carla": "commercial", "sam": "support", "nils": "none"}
    assert expected.items() <= dict(logins).items()
    assert "zoe" not in dict(logins)
    assert [employee.username for employee in Employee.select() if not employee.is_active] == ["petra"]


def test_everybody_logs_in_with_the_one_password_and_keeps_it(sample: Path) -> None:
    session = _session(SUNDAY)
    for username, _role in demo.logins()[::4]:
        assert not session.log_in(username, demo.PASSWORD).must_change_password
    for employee in Employee.select():
        check_strength(demo.PASSWORD, employee.username, employee.fullname)
    assert len({employee.password_hash for employee in Employee.select()}) == 1


def test_the_hash_costs_what_the_clock_says(sample: Path) -> None:
    assert {employee.password_hash[:7] for employee in Employee.select()} == {"$2b$04$"}


# What there is


def test_there_is_as_much_as_was_promised(moment: int) -> None:
    models = (Employee, Customer, Contract, Event)
    assert [model.select().count() for model in models] == [12, 60, 120, 100]
    assert Payment.select().count() > 80


def test_contracts_are_in_every_state(moment: int) -> None:
    events_of = {event.contract.id for event in Event.select()}
    states = [_state(contract, has_events=contract.id in events_of) for contract in Contract.select()]
    for state in ("unsigned", "unpaid", "partly paid", "paid"):
        assert sum(word == state for word, _ in states) >= 10, state
    assert sum(has_events for _, has_events in states) >= 35
    assert sum(not has_events and word != "unsigned" for word, has_events in states) >= 15


def _state(contract: Contract, *, has_events: bool) -> tuple[str, bool]:
    if not contract.is_signed:
        return "unsigned", has_events
    if contract.total_due == 0:
        return "paid", has_events
    return ("partly paid" if contract.total_paid else "unpaid"), has_events


def test_the_calendar_is_alive(moment: int) -> None:
    assert _events(Event.end <= moment) >= 50
    assert _events((Event.start <= moment) & (Event.end > moment)) >= 3
    assert _events(Event.start > moment) >= 15
    assert _events(Event.start.is_null()) == 4
    assert 3 <= _events(Event.support.is_null()) <= 25
    assert _events((Event.start > moment) & Event.support.is_null()) >= 1
    assert _events(Event.note.contains("\n\n[")) >= 5


def test_payments_come_in_every_way(sample: Path) -> None:
    payments = list(Payment.select())
    assert {payment.method for payment in payments} == {method.value for method in Method}
    assert {bool(payment.reference) for payment in payments} == {True, False}
    assert len({payment.recorded_by.username for payment in payments}) >= 4


def test_names_are_of_many_alphabets(sample: Path) -> None:
    letters = {char for customer in Customer.select() for char in customer.fullname if char.isalpha()}
    alphabets = {unicodedata.name(letter).split()[0] for letter in letters}
    assert {"LATIN", "GREEK", "CJK", "HANGUL"} <= alphabets
    assert Customer.select().where(Customer.company.is_null()).count() >= 5
    assert Customer.select().where(Customer.phone.is_null()).count() >= 1


def test_the_journal_tells_it_in_lines_that_could_be_typed(sample: Path) -> None:
    entries = journal()
    assert (entries[0].username, entries[0].line) == ("alice", "--create-admin alice")
    for entry in entries[1:]:
        reading = read(entry.line, GRAMMAR)
        assert not reading.faults, entry.line
        assert reading.command is not None
        assert reading.command.name == entry.command
        assert len(entry.changes) >= 1


# What docs and examples count on


def test_the_documented_records_are_there(moment: int) -> None:
    unsigned, partly_paid = (_contract(prefix) for prefix in ("5611d818", "c0ffee01"))
    assert (unsigned.is_signed, unsigned.owner.username, unsigned.total_amount) == (False, "carla", 1_245_000)
    assert (partly_paid.is_signed, partly_paid.owner.username, partly_paid.total_due) == (True, "carla", 450_000)
    customer = partly_paid.customer
    assert (customer.id, customer.fullname, customer.commercial.username) == (1, "Éloïse d'Été", "carla")


def _contract(prefix: str) -> Contract:
    """The one contract that begins so, for which four characters must do."""
    (contract,) = Contract.select().where(Contract.uuid.startswith(prefix[:4]))
    assert contract.uuid.startswith(prefix)
    return contract


def test_sam_has_all_the_room_around_event_1(moment: int) -> None:
    event = Event.get_by_id(1)
    assert event.support is not None
    assert event.support.username == "sam"
    assert event.start is not None
    assert event.start > moment
    others = Event.select().where((Event.support == event.support) & (Event.id != 1))
    assert others.count() >= 5
    assert not others.where(Event.overlapping(event.start - 7 * DAY, event.end + 7 * DAY)).exists()


def test_nothing_refers_to_nils(sample: Path) -> None:
    nils = Employee.find_named("nils")
    assert nils is not None
    assert not any(found for _noun, found in nils.references())
