"""What two people do at the same moment, each in a process of their own: exactly one of them succeeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmshell.database import current, open_database
from crmshell.models import schema
from tests.company import PASSWORD, Company
from tests.empties import empty_database
from tests.racer import Finish, Race, race
from tests.records import journal, problems, sql

pytestmark = pytest.mark.slow_on_postgres

ROUNDS = 3
SOON = "?options=-c%20deadlock_timeout%3D20ms"  # two who hold each other up are told apart at once


@pytest.fixture(scope="module")
def two() -> Iterator[Race]:
    with race() as started:
        yield started


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "postgresql":
        request.getfixturevalue("postgres_url")
    return name


def _at_once(two: Race, company: Company, *lines: tuple[str, str]) -> list[Finish]:
    """Log two people in, each in their own process, and let them run a line each at the same moment."""
    url = company.url + (SOON if company.url.startswith("postgresql") else "")
    entered = two.run("log_in", *((url, username, PASSWORD) for username, _ in lines))
    assert [finish.code for finish in entered] == [0, 0], entered
    finishes = two.run("line", *((line,) for _, line in lines))
    assert not {"Bug", "StoreError"} & {finish.kind for finish in finishes}, finishes
    return finishes


def _codes(finishes: list[Finish]) -> list[int]:
    return sorted(finish.code for finish in finishes)


def test_a_remainder_is_paid_once(two: Race, company: Company) -> None:
    customer = company.customer(by="carla")
    for _ in range(ROUNDS):
        contract = company.signed(customer, total="100")
        line = f"contract add-payment {contract} 100"
        finishes = _at_once(two, company, ("alice", line), ("carla", line))
        assert _codes(finishes) == [0, 1]
        assert any("more than the 0.00 € that remain" in finish.message for finish in finishes)
        assert len(company.must(f"contract payments {contract}").rows) == 1
    assert problems() == []


def test_payments_that_fit_are_both_recorded(two: Race, company: Company) -> None:
    customer = company.customer(by="carla")
    for _ in range(ROUNDS):
        contract = company.signed(customer, total="100")
        line = f"contract add-payment {contract} 50"
        assert _codes(_at_once(two, company, ("alice", line), ("carla", line))) == [0, 0]
        assert company.must(f"contract detail {contract}").card["total_due"] == 0
    assert problems() == []


@pytest.mark.parametrize(("verb", "loses_with"), [("set-role {} none", 4), ("deactivate {}", 3)])
def test_two_administrators_leave_one(two: Race, company: Company, verb: str, loses_with: int) -> None:
    for _ in range(ROUNDS):
        lines = {name: f"employee {verb.format(other)}" for name, other in (("alice", "adam"), ("adam", "alice"))}
        finishes = _at_once(two, company, *lines.items())
        assert _codes(finishes) == [0, loses_with], finishes
        winner, loser = ("alice", "adam") if finishes[0].code == 0 else ("adam", "alice")
        company.sessions.clear()
        company.must(f"employee activate {loser}", by=winner)
        company.must(f"employee set-role {loser} administrator", by=winner)
    assert problems() == []


def test_nobody_is_assigned_to_two_places(two: Race, company: Company) -> None:
    contract = company.signed()
    for day in range(1, ROUNDS + 1):
        events = [company.event(contract, f"--start 0{day}/07/2027 --end 0{day + 1}/07/2027") for _ in range(2)]
        lines = [f"event set-support {event} sam" for event in events]
        finishes = _at_once(two, company, ("alice", lines[0]), ("adam", lines[1]))
        assert _codes(finishes) == [0, 1]
        assert any("sam is busy at event" in finish.message for finish in finishes)
    assert problems() == []


def test_an_event_moves_nowhere_its_support_is_being_sent(two: Race, company: Company) -> None:
    contract = company.signed()
    for day in range(1, ROUNDS + 1):
        span = f"--start 0{day}/07/2027 --end 0{day + 1}/07/2027"
        mine, other = company.event(contract), company.event(contract, span)
        company.must(f"event set-support {mine} sam")
        lines = ("sam", f"event update {mine} {span}"), ("alice", f"event set-support {other} sam")
        assert _codes(_at_once(two, company, *lines)) == [0, 1]
    assert problems() == []


def test_an_email_is_entered_once(two: Race, company: Company) -> None:
    for number in range(ROUNDS):
        lines = [f"customer add Anne --email {name}{number}@example.com" for name in ("anne", "ANNE")]
        finishes = _at_once(two, company, ("carla", lines[0]), ("colin", lines[1]))
        assert _codes(finishes) == [0, 6]
    assert problems() == []


def test_a_username_is_given_once(two: Race, company: Company) -> None:
    for number in range(ROUNDS):
        lines = [f"employee add Anne {name}{number}" for name in ("anne", "ANNE")]
        finishes = _at_once(two, company, ("alice", lines[0]), ("adam", lines[1]))
        assert _codes(finishes) == [0, 6]
    assert problems() == []


def test_a_contract_is_signed_once(two: Race, company: Company) -> None:
    customer = company.customer(by="carla")
    for _ in range(ROUNDS):
        line = f"contract sign {company.contract(customer)}"
        assert _codes(_at_once(two, company, ("alice", line), ("carla", line))) == [0, 0]
    assert sum(entry.command == "contract sign" for entry in journal()) == ROUNDS
    assert problems() == []


def test_a_payment_is_taken_back_once(two: Race, company: Company) -> None:
    contract = company.signed(company.customer())
    for number in range(1, 2 * ROUNDS, 2):
        company.must(f"contract add-payment {contract} 100")
        line = f"contract reverse-payment {contract} {number} 'Chèque sans provision'"
        finishes = _at_once(two, company, ("alice", line), ("adam", line))
        assert _codes(finishes) == [0, 1]
        assert any(f"payment {number} was taken back by" in finish.message for finish in finishes)
    assert company.must(f"contract detail {contract}").card["total_paid"] == 0
    assert problems() == []


def test_two_customers_become_one_while_a_contract_is_added(two: Race, company: Company) -> None:
    target = company.customer("Anne Lefèvre", by="carla")
    for _ in range(ROUNDS):
        source = company.customer("Anne Lefevre", by="carla")
        event_of = company.signed(source)
        lines = ("alice", f"customer merge {source} {target}"), ("adam", f"contract add {source} 100")
        assert _codes(_at_once(two, company, *lines)) == [0, 0]
        assert company.must(f"contract detail {event_of}").card["customer_id"] == target
    assert {row["customer_id"] for row in company.must("contract list").rows} == {target}
    assert len(company.must("contract list").rows) == 2 * ROUNDS
    assert problems() == []


def test_two_customers_become_one_while_an_event_is_planned(two: Race, company: Company) -> None:
    target = company.customer("Anne Lefèvre", by="carla")
    for _ in range(ROUNDS):
        source = company.customer("Anne Lefevre", by="carla")
        contract = company.signed(source)
        lines = ("alice", f"customer merge {source} {target}"), ("carla", f"event add {contract} Gala")
        assert _codes(_at_once(two, company, *lines)) == [0, 0]
    assert {row["customer_id"] for row in company.must("event list").rows} == {target}
    assert problems() == []


def test_two_customers_are_not_merged_into_each_other(two: Race, company: Company) -> None:
    for _ in range(ROUNDS):
        one, other = company.customer(by="carla"), company.customer(by="carla")
        lines = ("alice", f"customer merge {one} {other}"), ("adam", f"customer merge {other} {one}")
        assert _codes(_at_once(two, company, *lines)) == [0, 1]
    assert problems() == []


def test_a_customer_changes_hands_while_an_event_is_planned(two: Race, company: Company) -> None:
    customer = company.customer(by="carla")
    contract = company.signed(customer)
    for _ in range(ROUNDS):
        lines = ("alice", f"customer set-commercial {customer} colin"), ("carla", f"event add {contract} Gala")
        given, planned = _at_once(two, company, *lines)
        assert (given.code, planned.code) in {(0, 0), (0, 4)}
        assert problems() == []
        company.must(f"customer set-commercial {customer} carla")


def test_a_customer_changes_hands_while_a_contract_moves_to_it(two: Race, company: Company) -> None:
    source, target = company.customer(by="carla"), company.customer(by="carla")
    for _ in range(ROUNDS):
        contract = company.contract(source)
        lines = (f"customer set-commercial {target} colin", f"contract update {contract} --customer-id {target}")
        assert _codes(_at_once(two, company, ("alice", lines[0]), ("adam", lines[1]))) == [0, 0]
        assert problems() == []
        company.must(f"customer set-commercial {target} carla")


def test_nobody_deactivated_is_given_work(two: Race, company: Company) -> None:
    customer = company.customer(by="carla")
    for _ in range(ROUNDS):
        lines = ("alice", f"customer set-commercial {customer} colin"), ("adam", "employee deactivate colin")
        assert _codes(_at_once(two, company, *lines)) == [0, 1]
        company.must("employee activate colin")
        company.must(f"customer set-commercial {customer} carla")
    assert problems() == []


def test_nobody_takes_on_work_while_being_deactivated(two: Race, company: Company) -> None:
    for username in ("carla", "colin"):
        lines = (username, "customer add Anne"), ("alice", f"employee deactivate {username}")
        added, deactivated = _at_once(two, company, *lines)
        assert (added.code, deactivated.code) in {(0, 1), (3, 0)}
    assert problems() == []


def test_a_password_set_by_an_administrator_stands(two: Race, company: Company) -> None:
    own = f"auth set-password --current-password '{PASSWORD}' --new-password 'une lampe bleue'"
    for username in ("carla", "colin", "sam", "sue"):
        given = f"employee set-password {username} --password 'une lampe verte'"
        by_alice, by_themselves = _at_once(two, company, ("alice", given), (username, own))
        assert (by_alice.code, by_themselves.code) in {(0, 0), (0, 3)}
        company.visitor().log_in(username, "une lampe verte")
    assert problems() == []


def test_attempts_to_log_in_are_all_counted(two: Race, company: Company) -> None:
    for _ in range(2):
        wrong = [(company.url, "alice", "not the password")] * 2
        assert _codes(two.run("attempt", *wrong)) == [3, 3]
    assert sql("SELECT failures FROM login_throttle WHERE username_key = 'alice'") == [(4,)]


def test_an_empty_database_is_migrated_once(two: Race, engine: str, tmp_path: Path) -> None:
    for _ in range(8 if engine == "sqlite" else 2):
        with empty_database(engine, tmp_path) as url:
            finishes = two.run("start", (url,), (url,))
            assert _codes(finishes) == [0, 0], finishes
            open_database(url, may_create=False)
            assert [name for (name,) in sql("SELECT name FROM schema_migration ORDER BY name")] == schema.known()
            current().close()


def test_a_company_has_one_first_administrator(two: Race, engine: str, tmp_path: Path) -> None:
    for _ in range(3):
        with empty_database(engine, tmp_path) as url:
            two.run("start", (url,), (url,))
            open_database(url, may_create=False)
            finishes = two.run("found", (url, "anne", PASSWORD), (url, "bruno", PASSWORD))
            assert _codes(finishes) == [0, 1], finishes
            assert [finish.message for finish in finishes if finish.code] == ["the company has a staff already"]
            assert len(sql("SELECT id FROM employee")) == 1
            assert problems() == []
            current().close()
