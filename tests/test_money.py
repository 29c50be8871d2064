"""Money is exact: every amount reads back as it was typed, and payments add up to the cent."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmshell.database import current, transaction
from crmshell.models.contract import Contract
from crmshell.values import MAX_AMOUNT, format_amount, parse_amount, plain_amount
from tests.company import START, Company
from tests.records import problems, tables

FEW = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVERY = range(100_001)
CONTRACT = (
    "uuid",
    "customer_id",
    "commercial_id",
    "total_amount",
    "total_paid",
    "signed_at",
    "created_at",
    "updated_at",
)
NOT_AMOUNTS = (
    *("", "-5", "+5", "1e3", "nan", "inf", "1.234", "1,234", "10.005", "5.", ".5", "1 23", "0x10", "٣", "douze", "½"),
    *("5 $", "(5)", "1'234.56", "1_000", "5\u200b", "100000000", "99999999.995", "9" * 400),
)


@pytest.mark.slow
def test_every_amount_reads_back_as_it_was_typed(company: Company) -> None:
    customer, carla = company.customer(), company.ids["carla"]
    typed = [plain_amount(cents) for cents in EVERY]
    rows = [
        (f"{number:032x}", customer, carla, parse_amount(text), 0, None, START, START)
        for number, text in enumerate(typed)
    ]
    with transaction(current(), writes=True):
        current().insert_many("contract", CONTRACT, rows)
        read = list(current().stream(Contract.select(Contract.total_amount).order_by(Contract.uuid), "scan"))
    assert [amount for (amount,) in read] == list(EVERY)
    assert [plain_amount(amount) for (amount,) in read] == typed


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("0", 0),
        ("0.01", 1),
        ("0,1", 10),
        ("1234.56", 123_456),
        ("1234,56", 123_456),
        ("1 234,56", 123_456),
        ("1\u00a0234,56", 123_456),
        ("1\u202f234,56 €", 123_456),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("12 500,00 €", 1_250_000),
        ("€1234.5", 123_450),
        ("99 999 999.99", MAX_AMOUNT),
    ],
)
def test_a_total_is_taken_in_every_notation(sqlite_company: Company, typed: str, cents: int) -> None:
    customer = sqlite_company.customer()
    added = sqlite_company.must(f'contract add {customer} "{typed}"').card
    assert (added["total_amount"], added["total_due"]) == (cents, cents)
    assert sqlite_company.must("contract detail @contract").card["total_amount"] == cents


@pytest.mark.parametrize(
    "typed",
    NOT_AMOUNTS,
)
def test_what_is_no_amount_is_refused_wherever_one_is_typed(sqlite_company: Company, typed: str) -> None:
    contract = sqlite_company.signed()
    before = tables()
    for line in (
        f'contract add 1 "{typed}"',
        f'contract update {contract} --total-amount "{typed}"',
        f'contract add-payment {contract} "{typed}"',
    ):
        refused = sqlite_company.run(line)
        assert refused.failure is not None
        assert (refused.code, bool(refused.failure.hint), "\n" in refused.message) == (1, True, False)
    assert tables() == before


def test_the_largest_contract_is_paid_in_full(company: Company) -> None:
    contract = company.signed(total="99999999.99")
    assert company.must(f"contract add-payment {contract} 0.01").card["total_due"] == MAX_AMOUNT - 1
    assert company.must(f"contract add-payment {contract} 99999999.98").card["total_due"] == 0
    over = company.run(f"contract add-payment {contract} 0.01")
    assert "0.01 € is more than the 0.00 € that remain" in over.message
    assert company.must("contract list --not-paid-filter").rows == []
    assert problems() == []


def test_a_contract_over_nothing_owes_nothing(company: Company) -> None:
    contract = company.signed(total="0")
    assert company.must(f"contract detail {contract}").card["total_due"] == 0
    assert company.run(f"contract add-payment {contract} 0").code == 1
    assert company.run(f"contract add-payment {contract} 0.01").code == 1
    assert company.must("contract list --not-paid-filter").rows == []


@FEW
@given(parts=st.lists(st.integers(1, MAX_AMOUNT // 8), min_size=1, max_size=5), rest=st.integers(0, 99))
def test_payments_add_up(company: Company, parts: list[int], rest: int) -> None:
    due = sum(parts) + rest
    contract = company.signed(total=plain_amount(due))
    for part in parts:
        too_much = company.run(f"contract add-payment {contract} {plain_amount(due + 1)}")
        assert f"more than the {format_amount(due)} that remain" in too_much.message
        due -= part
        card = company.must(f'contract add-payment {contract} "{format_amount(part)}"').card
        assert (card["total_due"], card["total_amount"] - card["total_paid"]) == (due, due)
    paid = [row["amount"] for row in company.must(f"contract payments {contract}").rows]
    assert (paid[::-1], due) == (parts, rest)
    assert problems() == []


def test_an_amount_of_a_named_record_is_written_as_it_would_be_typed(company: Company) -> None:
    company.customer()
    for line in ("contract add 1 1000.50 --as gala", "contract sign @gala", "contract add-payment @gala 400,25"):
        company.must(line)
    assert company.must("contract add-payment @gala @gala.total_due").card["total_due"] == 0
