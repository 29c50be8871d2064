"""All that one employee looks after goes to another, in one transaction, and is on record for each of the records."""

from __future__ import annotations

import pytest

from crmshell.commands import GRAMMAR
from crmshell.dispatch import rehearse
from crmshell.errors import Failure
from crmshell.language.reading import read
from tests.company import Company
from tests.menus import records
from tests.records import last_entry, problems, refused, sql

SPAN = "--start 2027-07-01T19:00 --end 2027-07-02T01:00"
PAST = "--start 2026-01-01T19:00 --end 2026-01-02T01:00"


def _foreseen(company: Company, line: str) -> str:
    return rehearse(read(line, GRAMMAR), company.session("alice"))


def test_customers_go_with_all_that_is_theirs(company: Company) -> None:
    customers = [company.customer(name, by="carla") for name in ("Anne Lefèvre", "Zoltán Kővári", "王小明")]
    kept = company.customer(by="colin")
    event = company.event(company.signed(customers[0]), SPAN)
    company.must(f"customer delete {customers[2]}")
    line = "employee handover --from carla --to colin"
    moving = "3 customers with 1 contract and 1 event"
    assert _foreseen(company, line) == f"{moving} will go from carla to colin"
    assert company.must(line).message == f"{moving} went from carla to colin"
    owners = {row["id"]: row["commercial"] for row in company.must("customer list").rows}
    assert owners == dict.fromkeys([*customers[:2], kept], "colin")
    assert company.must(f"event detail {event}").card["commercial"] == "colin"
    assert records(company.session("colin"), "event cancel soiree") == {str(event)}
    assert records(company.session("colin"), "customer update kovari") == {str(customers[1])}
    assert records(company.session("carla"), "customer update ") == set()
    changed = sql("SELECT noun, record_id FROM journal_change WHERE entry_id = (SELECT max(id) FROM journal_entry)")
    assert sorted(changed) == [("customer", customer) for customer in customers]
    assert last_entry().changes["customer"] == {"commercial": (company.ids["carla"], company.ids["colin"])}
    assert problems() == []


def test_events_to_come_go_to_another_support(company: Company) -> None:
    contract = company.signed()
    coming, undated, past, cancelled = (company.event(contract, span) for span in (SPAN, "", PAST, ""))
    for event in (coming, undated, past, cancelled):
        company.must(f"event set-support {event} sam")
    company.must(f"event cancel {cancelled}")
    line = "employee handover sam sue --then-deactivate"
    assert _foreseen(company, line) == "2 events to support will go from sam to sue, and sam will be deactivated"
    moved = company.must(line)
    assert moved.message == "2 events to support went from sam to sue; sam is deactivated"
    assert (moved.card["username"], moved.card["active"]) == ("sam", False)
    supports = [company.must(f"event detail {event}").card["support"] for event in (coming, undated, past, cancelled)]
    assert supports == ["sue", "sue", "sam", "sam"]
    assert problems() == []


def test_nobody_takes_over_what_they_may_not_have(company: Company) -> None:
    company.customer(by="carla")
    company.must(f"event set-support {company.event(by='carla')} sam")
    assert refused(company, "employee handover carla sue").message == (
        "sue is not a commercial but has the role support"
    )
    assert refused(company, "employee handover sam colin").message == (
        "colin is not a support but has the role commercial"
    )
    assert refused(company, "employee handover carla carla").message == "carla cannot take over from themselves"
    company.must("employee deactivate colin")
    assert refused(company, "employee handover carla colin").message == "colin is deactivated"


def test_nobody_takes_over_while_they_are_busy(company: Company) -> None:
    contract = company.signed()
    his, hers = company.event(contract, SPAN), company.event(contract, SPAN)
    company.must(f"event set-support {his} sam")
    company.must(f"event set-support {hers} sue")
    failure = refused(company, "employee handover sam sue")
    assert failure.message == f"sue is busy at event {hers} during event {his}"
    assert failure.hint.endswith(f"event set-support {his} NAME")
    with pytest.raises(Failure, match="sue is busy"):
        _foreseen(company, "employee handover sam sue")
    company.must(f"event cancel {hers}")
    company.must("employee handover sam sue")


def test_a_handover_that_cannot_end_moves_nothing(company: Company) -> None:
    company.must("employee set-role nils commercial")
    failure = refused(company, "employee handover alice nils --then-deactivate")
    assert failure.message == "nobody deactivates themselves"
    assert company.must("employee handover nils carla").message == "nothing went from nils to carla"


def test_whoever_has_work_hands_over_to_the_same_role(company: Company) -> None:
    company.customer(by="carla")
    alice = company.session("alice")
    assert records(alice, "employee handover ") == {"carla"}
    assert records(alice, "employee handover carla --to ") == {"colin"}


def test_open_work_points_to_the_handover(company: Company) -> None:
    company.customer(by="carla")
    assert refused(company, "employee deactivate carla").hint.endswith("employee handover carla NAME")
