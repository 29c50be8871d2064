"""Contracts: their total, their signature, their payments, and the handles that name them."""

from __future__ import annotations

import uuid

import pytest

from crmshell.models.schema import known
from tests.company import START, Company
from tests.records import journal, last_entry, problems, tables

UUIDS = ("5611d818aaaa4000800000000000000a", "5611d818aaaa4000800000000000000b", "5611f000000040008000000000000000")


def _with_known_uuids(company: Company) -> None:
    """Give the next contracts the UUIDS."""
    coming = iter(UUIDS)
    company.clock.new_uuid = lambda: uuid.UUID(next(coming))


def test_a_contract_is_drawn_up_for_a_customer(company: Company) -> None:
    customer = company.customer("王小明", by="colin")
    added = company.must(f"contract add {customer} '1 234,56 €' --as gala")
    assert added.card == {
        "id": "9e3779b97f4a7c15f39cc0605cedc835",
        "customer_id": customer,
        "customer": "王小明",
        "company": None,
        "commercial": "colin",
        "total_amount": 123_456,
        "total_paid": 0,
        "total_due": 123_456,
        "signed": False,
        "signed_at": None,
        "created_at": START,
        "cancelled_at": None,
    }
    assert added.message == "contract 9e3779b9 is drawn up"
    entry = last_entry()
    assert (entry.username, entry.line) == ("alice", f"contract add {customer} '1 234,56 €' --as gala")
    assert entry.changes["contract"]["total_amount"] == (None, 123_456)
    assert company.must("contract detail @gala").card == added.card
    assert problems() == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("contract add {customer} -5", 1),
        ("contract add {customer} 1.234", 1),
        ("contract add {customer} 10.005", 1),
        ("contract add {customer} 1e3", 1),
        ("contract add {customer} 100000000", 1),
        ("contract add {customer}", 2),
        ("contract add 99 100", 5),
        ("contract add-payment {contract} 100", 1),  # not signed
        ("contract add-payment {signed} 0", 1),
        ("contract add-payment {signed} 1000.01", 1),
        ("contract add-payment {signed} 10 --date tomorrow", 1),
        ("contract add-payment {signed} 10 --date 32/01/2026", 1),
        ("contract add-payment {signed} 10 --method barter", 1),
        ("contract add-payment {signed} 10 --reference ''", 1),
        ("contract update {contract}", 2),
        ("contract update {contract} --total-amount ''", 1),
        ("contract update {contract} --customer-id 99", 5),
        ("contract update {signed} --customer-id {other}", 1),
        ("contract update {paid} --customer-id {other}", 1),
        ("contract update {paid} --total-amount 399.99", 1),
        ("contract sign 99999999", 5),
        ("contract sign xyz", 5),
    ],
)
def test_what_is_refused_changes_nothing(sqlite_company: Company, line: str, code: int) -> None:
    customer, other = sqlite_company.customer(), sqlite_company.customer()
    names = {
        "customer": customer,
        "other": other,
        "contract": sqlite_company.contract(customer),
        "signed": sqlite_company.signed(customer),
        "paid": sqlite_company.signed(customer),
    }
    sqlite_company.must(f"contract add-payment {names['paid']} 400")
    before = tables()
    failure = sqlite_company.run(line.format(**names)).failure
    assert failure is not None
    assert (failure.code, bool(failure.hint)) == (code, True)
    assert tables() == before


def test_a_contract_is_signed_once(company: Company) -> None:
    contract = company.contract()
    signed = company.must(f"contract sign {contract}", by="carla")
    assert (signed.changed, signed.card["signed_at"]) == ({"signed", "signed_at"}, START)
    assert last_entry().changes == {"contract": {"signed_at": (None, START)}}
    company.hands.move(24 * 60)
    before, entries = tables(), len(journal())
    again = company.must(f"contract sign {contract}", by="carla")
    assert again.message == "contract 9e3779b9 is already signed, on 2026-09-21 16:13:20"
    assert (again.changed, again.card["signed_at"]) == (set(), START)
    assert (tables(), len(journal())) == (before, entries)
    assert problems() == []


def test_payments_come_off_what_is_due(company: Company) -> None:
    contract = company.signed(total="1000")
    paid = company.must(f"contract add-payment {contract} '400,10' --reference 'VIR 4471'", by="carla")
    assert (paid.card["total_paid"], paid.card["total_due"]) == (40_010, 59_990)
    assert "total_paid" in paid.changed
    assert paid.message == "400.10 € received, 599.90 € due on contract 9e3779b9"
    entry = last_entry()
    assert entry.changes["contract"] == {"total_paid": (0, 40_010)}
    assert entry.changes["payment"]["amount"] == (None, 40_010)
    too_much = company.run(f"contract add-payment {contract} 599.91")
    assert too_much.message == "599.91 € is more than the 599.90 € that remain on contract 9e3779b9"
    company.must(f"contract add-payment {contract} 599.90 --date 01/09/2026 --method CARD")
    assert company.run(f"contract add-payment {contract} 0.01").code == 1
    newest, oldest = company.must(f"contract payments {contract}", by="nils").rows
    assert (newest["amount"], newest["date"], newest["method"]) == (59_990, "2026-09-01", "card")
    assert oldest == {
        "id": oldest["id"],
        "contract_id": contract,
        "amount": 40_010,
        "date": "2026-09-21",
        "method": "transfer",
        "reference": "VIR 4471",
        "recorded_by": "carla",
        "recorded_at": START,
        "reverses": None,
    }
    assert problems() == []


def test_today_is_the_day_of_the_zone(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    sqlite_company.hands.move(9 * 3600)  # 22:33 UTC, half past midnight in Paris
    sqlite_company.sessions.clear()
    sqlite_company.must(f"contract add-payment {contract} 1")
    assert sqlite_company.must(f"contract payments {contract}").rows[0]["date"] == "2026-09-22"


def test_an_unsigned_contract_takes_no_payment(company: Company) -> None:
    contract = company.contract()
    refused = company.run(f"contract add-payment {contract} 10", by="carla")
    assert refused.failure is not None
    assert (refused.message, refused.failure.hint) == (
        "contract 9e3779b9 is not signed",
        "contract sign 9e3779b9",
    )
    assert company.must(f"contract payments {contract}").rows == []


def test_the_total_is_free_until_the_signature(company: Company) -> None:
    contract = company.contract()
    changed = company.must(f"contract update {contract} --total-amount 800", by="carla")
    assert changed.changed == {"total_amount", "total_due"}
    assert last_entry().changes == {"contract": {"total_amount": (100_000, 80_000)}}
    company.must(f"contract sign {contract}", by="carla")
    company.must(f"contract add-payment {contract} 300", by="carla")
    refused = company.run(f"contract update {contract} --total-amount 700", by="carla")
    assert refused.message == "contract 9e3779b9 is signed: only an administrator may change its total now"
    below = company.run(f"contract update {contract} --total-amount 299.99")
    assert below.message == "299.99 € is less than the 300.00 € already paid"
    settled = company.must(f"contract update {contract} --total-amount 300")
    assert settled.card["total_due"] == 0
    same = company.must(f"contract update {contract} --total-amount 300", by="carla")
    assert same.message == "nothing to change"
    assert problems() == []


def test_a_contract_moves_while_nothing_holds_it(company: Company) -> None:
    first, second = company.customer("Anne", by="carla"), company.customer("Bo", by="carla")
    elsewhere = company.customer("Chloé", by="colin")
    contract = company.contract(first)
    moved = company.must(f"contract update {contract} --customer-id {second} --total-amount 5", by="carla")
    assert moved.changed == {"customer_id", "customer", "company", "total_amount", "total_due"}
    assert company.run(f"contract update {contract} --customer-id {elsewhere}", by="carla").code == 4
    company.must(f"contract update {contract} --customer-id {elsewhere}")
    assert company.must(f"contract detail {contract}").card["commercial"] == "colin"
    assert company.run(f"contract sign {contract}", by="carla").code == 4
    company.must(f"contract sign {contract}", by="colin")
    refused = company.run(f"contract update {contract} --customer-id {first}")
    assert refused.message == "contract 9e3779b9 is signed: its customer cannot change"
    assert problems() == []


def test_the_filters_of_the_list_narrow_each_other(company: Company) -> None:
    hers, his = company.customer(by="carla"), company.customer(by="colin")
    unsigned, signed = company.contract(hers), company.signed(hers)
    settled, free = company.signed(his), company.contract(his, total="0")
    company.must(f"contract add-payment {settled} 1000")
    event = company.event(settled, by="colin")
    company.must(f"event set-support {event} sam")

    def listed(options: str, by: str = "nils") -> list[str]:
        return [row["id"] for row in company.must(f"contract list {options}", by=by).rows]

    assert listed("") == [free, settled, signed, unsigned]
    assert listed("--not-signed-filter") == [free, unsigned]
    assert listed("--not-paid-filter") == [signed, unsigned]
    assert listed("--not-signed-filter --not-paid-filter") == [unsigned]
    assert listed("--no-event") == [free, signed, unsigned]
    assert listed("--mine", by="carla") == [signed, unsigned]
    assert listed("--mine --no-event", by="colin") == [free]
    assert listed("--mine", by="sam") == [settled]
    assert listed("--mine", by="sue") == listed("--mine", by="alice") == listed("--mine") == []
    assert listed("--mine --no-event", by="sam") == []
    company.must(f"event cancel {event}", by="colin")
    assert listed("--mine --no-event", by="sam") == [settled]
    company.event(settled, by="colin")
    assert listed("--mine --no-event", by="sam") == []
    assert listed("--mine", by="sam") == [settled]


@pytest.mark.parametrize(
    "typed",
    ["5611f", "5611F0", "5611f000-0000", "5611F000-0000-4000-8000-000000000000", "5-6-1-1-f", UUIDS[2], "@contract"],
)
def test_a_contract_is_named_by_a_prefix(company: Company, typed: str) -> None:
    _with_known_uuids(company)
    customer = company.customer()
    for _ in UUIDS:
        company.contract(customer)
    assert company.must(f"contract detail {typed}").card["id"] == UUIDS[2]


def test_a_prefix_of_several_contracts_names_none(company: Company) -> None:
    _with_known_uuids(company)
    customer = company.customer()
    for _ in UUIDS:
        company.contract(customer)
    several = company.run("contract detail 5611")
    assert several.failure is not None
    assert (several.code, several.message) == (5, "5611 begins 3 contracts")
    assert several.failure.hint == f"type {UUIDS[0]}, {UUIDS[1]} or 5611f000"
    assert company.run("contract sign 5611D818").failure is not None
    assert company.run("contract detail 5611d818aaaa4000800000000000000").code == 5
    for typed in ("561", "5611e", "5611g", "''", "5611 ", UUIDS[0] + "0", "%", "5611_", "-", "@@contract"):
        assert company.run(f"contract detail {typed}").code == 5, typed


def test_a_prefix_counts_contracts_that_are_not_ones_own(company: Company) -> None:
    _with_known_uuids(company)
    hers, his = company.customer(by="carla"), company.customer(by="colin")
    company.contract(hers)
    company.contract(his)
    assert company.run("contract sign 5611d818", by="carla").code == 5
    company.must(f"contract sign {UUIDS[0]}", by="carla")


def test_many_candidates_are_cut(sqlite_company: Company) -> None:
    coming = iter(range(1, 20))
    sqlite_company.clock.new_uuid = lambda: uuid.UUID(f"5611d818{next(coming):024x}")
    customer = sqlite_company.customer()
    for _ in range(7):
        sqlite_company.contract(customer)
    several = sqlite_company.run("contract detail 5611")
    assert several.failure is not None
    assert several.message == "5611 begins more than 5 contracts"
    assert several.failure.hint.endswith(", …")


def test_the_database_says_what_it_is(company: Company) -> None:
    company.signed()
    facts = {row["fact"]: row["value"] for row in company.must("database info").rows}
    assert facts["engine"].startswith(("SQLite", "PostgreSQL"))
    assert (facts["schema"], facts["contracts"], facts["employees"]) == (", ".join(known()), "1", "7")
