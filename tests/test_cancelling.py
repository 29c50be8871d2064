"""Contracts that are cancelled or no longer signed, payments that are taken back, events that do not take place."""

from __future__ import annotations

import pytest

from tests.company import START, Company
from tests.menus import records
from tests.records import journal, last_entry, problems, refused, sql

pytestmark = pytest.mark.slow_on_postgres

SPAN = "--start 2027-07-01T19:00 --end 2027-07-02T01:00"
PAST = "--start 2026-01-01T19:00 --end 2026-01-02T01:00"
WHY = "--reason 'Le client renonce'"


def _refused(company: Company, line: str, by: str = "alice") -> tuple[str, str]:
    failure = refused(company, line, by)
    assert failure.code == 1, failure
    return failure.message, failure.hint


def test_a_cancelled_contract_takes_its_coming_events_with_it(company: Company) -> None:
    contract = company.signed(total="1000")
    coming, undated, past = (company.event(contract, span) for span in (SPAN, "", PAST))
    cancelled = company.must(f"contract cancel {contract} {WHY}")
    assert cancelled.message == f"contract {contract[:8]} is cancelled, with 2 events"
    assert cancelled.changed == {"cancelled_at", "total_due"}
    assert (cancelled.card["cancelled_at"], cancelled.card["total_due"]) == (START, 0)
    states = [company.must(f"event detail {event}").card["cancelled_at"] for event in (coming, undated, past)]
    assert states == [START, START, None]
    assert sql("SELECT reason FROM journal_entry ORDER BY id DESC LIMIT 1") == [("Le client renonce",)]
    assert set(last_entry().changes) == {"contract", "event"}
    assert company.must(f"contract cancel {contract} {WHY}").message.endswith("is cancelled already")
    assert problems() == []


def test_a_cancelled_contract_is_neither_unsigned_nor_due(company: Company) -> None:
    unsigned, due = company.contract(), company.signed()
    for contract in (unsigned, due):
        company.must(f"contract cancel {contract} {WHY}")
    for listing in ("--not-signed-filter", "--not-paid-filter"):
        assert company.must(f"contract list {listing}").rows == []
    assert len(company.must("contract list").rows) == 2
    for line in ("contract sign ", "contract add-payment ", "contract cancel ", "contract unsign "):
        assert records(company.session("alice"), line) == set()
    assert records(company.session("carla"), "event add ") == set()


def test_nothing_more_is_done_to_a_cancelled_contract(company: Company) -> None:
    unsigned, signed = company.contract(), company.signed()
    for contract in (unsigned, signed):
        company.must(f"contract cancel {contract} {WHY}")
    for line in ("sign {}", "add-payment {} 10", "update {} --total-amount 5", "unsign {} why"):
        message, hint = _refused(company, f"contract {line.format(signed)}")
        assert message == f"contract {signed[:8]} was cancelled"
        assert hint.startswith("contract add ")
    assert _refused(company, f"event add {signed} Gala", by="carla")[0] == f"contract {signed[:8]} was cancelled"


def test_what_is_paid_is_taken_back_before_a_contract_is_cancelled(company: Company) -> None:
    contract = company.signed()
    company.must(f"contract add-payment {contract} 400")
    message, hint = _refused(company, f"contract cancel {contract} {WHY}")
    assert message == f"contract {contract[:8]} has 400.00 € paid and cannot be cancelled"
    assert "contract reverse-payment" in hint
    assert records(company.session("alice"), "contract cancel ") == set()
    company.must(f"contract reverse-payment {contract} 1 {WHY}")
    company.must(f"contract cancel {contract} {WHY}")
    assert problems() == []


def test_a_payment_is_taken_back_once_by_a_linked_one(company: Company) -> None:
    contract = company.signed()
    company.must(f"contract add-payment {contract} 400 --method cheque --reference 'CHQ 12'")
    taken = company.must(f"contract reverse-payment {contract} --payment-id 1 --reason 'Chèque sans provision'")
    assert (taken.card["total_paid"], taken.card["total_due"]) == (0, 100_000)
    assert taken.message == f"400.00 € taken back, 1 000.00 € due on contract {contract[:8]}"
    newest = company.must(f"contract payments {contract}").rows[0]
    assert (newest["amount"], newest["reverses"], newest["method"]) == (-40_000, 1, "cheque")
    assert _refused(company, f"contract reverse-payment {contract} 1 why")[0] == (
        "payment 1 was taken back by payment 2 already"
    )
    assert _refused(company, f"contract reverse-payment {contract} 2 why")[0] == "payment 2 takes back payment 1 itself"
    company.must(f"contract add-payment {contract} 1000")
    assert problems() == []


def test_a_payment_is_taken_back_on_its_own_contract(company: Company) -> None:
    one, other = company.signed(), company.signed()
    company.must(f"contract add-payment {one} 400")
    message, hint = _refused(company, f"contract reverse-payment {other} 1 why")
    assert message == f"payment 1 is not one of contract {other[:8]}"
    assert hint == f"contract payments {other[:8]}"
    assert company.run(f"contract reverse-payment {other} 99 why").code == 5


def test_the_payments_that_can_be_taken_back_are_offered(company: Company) -> None:
    one, other = company.signed(), company.signed()
    for contract, amount in ((one, 400), (one, 300), (other, 5)):
        company.must(f"contract add-payment {contract} {amount}")
    company.must(f"contract reverse-payment {one} 1 why")
    alice = company.session("alice")
    assert records(alice, f"contract reverse-payment {one} --payment-id ") == {"2"}
    assert records(alice, "contract reverse-payment ") == {one[:8], other[:8]}


@pytest.mark.parametrize("span", [SPAN, PAST])
def test_a_signature_is_taken_back_while_nothing_follows_from_it(company: Company, span: str) -> None:
    contract = company.signed()
    event = company.event(contract, span)
    message, hint = _refused(company, f"contract unsign {contract} {WHY}")
    assert message == f"contract {contract[:8]} has event {event} (Soirée) and cannot be unsigned"
    assert hint.startswith(f"event cancel {event}")
    if span == PAST:
        return
    company.must(f"event cancel {event}")
    unsigned = company.must(f"contract unsign {contract} {WHY}")
    assert (unsigned.card["signed"], unsigned.message) == (False, f"contract {contract[:8]} is not signed any more")
    assert company.must(f"contract unsign {contract} {WHY}").message == f"contract {contract[:8]} is not signed"
    company.must(f"contract sign {contract}", by="carla")
    company.must(f"contract add-payment {contract} 10")
    assert "10.00 € paid and cannot be unsigned" in _refused(company, f"contract unsign {contract} {WHY}")[0]


def test_a_reason_is_required_and_kept(company: Company) -> None:
    contract = company.contract()
    for verb in ("cancel", "unsign"):
        missing = company.run(f"contract {verb} {contract}")
        assert (missing.code, missing.message) == (2, f"contract {verb} needs --reason")
    assert company.run(f"contract cancel {contract} ''").code == 1
    company.must(f"contract cancel {contract} 'Le client renonce'")
    assert sql("SELECT reason FROM journal_entry WHERE command = 'contract cancel' AND result = 'done'") == [
        ("Le client renonce",)
    ]


def test_whoever_supported_a_cancelled_event_is_free(company: Company) -> None:
    contract = company.signed()
    first, second = company.event(contract, SPAN), company.event(contract, SPAN)
    company.must(f"event set-support {first} sam")
    cancelled = company.must(f"event cancel {first} --reason 'Orage annoncé'", by="carla")
    assert (cancelled.changed, cancelled.card["cancelled_at"]) == ({"cancelled_at"}, START)
    company.must(f"event set-support {second} sam")
    company.must(f"event cancel {second}")
    assert company.must("event list --upcoming").rows == []
    company.must("employee deactivate sam")
    assert company.must(f"event cancel {second}").message == f"event {second} is cancelled already"


def test_a_cancelled_event_is_left_alone(company: Company) -> None:
    event = company.event(options=SPAN)
    company.must(f"event set-support {event} sam")
    assert records(company.session("carla"), "event cancel ") == {str(event)}
    company.must(f"event cancel {event}", by="carla")
    for line, by in ((f"event set-support {event} sue", "alice"), (f"event update {event} --attendees 3", "sam")):
        assert _refused(company, line, by=by)[0] == f"event {event} was cancelled"
    assert records(company.session("carla"), "event cancel ") == set()
    assert company.must("event list --no-support-assigned").rows == []


def test_an_event_that_has_ended_is_not_cancelled(company: Company) -> None:
    event = company.event(options=PAST)
    assert _refused(company, f"event cancel {event}")[0] == f"event {event} has ended and cannot be cancelled"


def test_a_commercial_cancels_the_events_of_their_own_customers(company: Company) -> None:
    event = company.event()
    refused = company.run(f"event cancel {event}", by="colin")
    assert (refused.code, refused.message) == (4, f"event {event} belongs to a customer of carla, not yours")
    assert journal()[-1].result == "refused"
