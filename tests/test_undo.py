"""What was done is taken back field by field, refused with names where that is no longer right, and done again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crmshell.errors import Forbidden
from crmshell.models.employee import Employee
from crmshell.models.undoing import own_entries
from tests.company import START, Company
from tests.records import last_entry, problems, sql, tables

RECORDS = ("customer", "contract", "payment", "event", "search_term")


def _records() -> dict[str, list[str]]:
    """The records, a minute after START taken for START: an undo is a change too, and has its moment."""
    found = {name: rows for name, rows in tables().items() if name in RECORDS}
    return {name: [row.replace(str(START + 60), str(START)) for row in rows] for name, rows in found.items()}


def _last(command: str) -> int:
    return int(sql("SELECT max(id) FROM journal_entry WHERE command = ? AND result = 'done'", command)[0][0])


def test_the_last_change_is_taken_back_and_done_again(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    before = _records()
    company.must(f"customer update {customer} --company 'Łódź & Søn' --phone '06 12 34 56 78'", by="carla")
    after = _records()
    undone = company.must("undo", by="carla")
    assert undone.message == f"entry {_last('customer update')} (customer update) is undone"
    assert undone.changed == {"company", "phone"}
    assert _records() == before
    entry = last_entry()
    assert (entry.command, entry.changes["customer"]["company"]) == ("undo", ("Łódź & Søn", None))
    company.must("redo", by="carla")
    assert _records() == after
    assert company.run("redo", by="carla").message == "there is nothing of yours to redo"
    company.must("undo", by="carla")
    assert _records() == before
    assert problems() == []


def test_undo_goes_on_backwards_and_redo_forwards(company: Company) -> None:
    customer = company.customer("Anne")
    for name in ("Ann", "Annie", "Anna"):
        company.must(f"customer update {customer} --fullname {name}", by="carla")
    lines = ("undo", "undo", "redo", "redo", "undo", "undo", "undo")
    names = [company.must(line, by="carla").card["fullname"] for line in lines]
    assert names == ["Annie", "Ann", "Annie", "Anna", "Annie", "Ann", "Anne"]
    assert company.must("undo", by="carla").message.endswith("(customer add) is undone")
    assert sql("SELECT count(*) FROM customer") == [(0,)]
    assert company.run("undo", by="carla").message == "there is nothing of yours to undo"
    assert company.must("redo", by="carla").card["id"] == customer
    assert problems() == []


def test_what_can_be_undone_is_read_a_page_at_a_time(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = company.customer("Anne")
    for name in ("Ann", "Annie", "Anna", "Hanna"):
        company.must(f"customer update {customer} --fullname {name}", by="carla")
    company.must("undo", by="carla")
    carla = Employee.get(Employee.username == "carla")
    whole = [entry.id for entry in own_entries(carla, None)]
    monkeypatch.setattr("crmshell.models.undoing._PAGE", 2)
    assert [entry.id for entry in own_entries(carla, None)] == whole
    assert len(whole) == 4


def test_what_somebody_changed_since_is_named(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    company.must(f"customer update {customer} --company 'Été SARL' --phone 0612345678", by="carla")
    number = _last("customer update")
    company.must(f"customer set-commercial {customer} colin")
    company.must(f"customer update {customer} --phone 0698765432", by="colin")
    refused = company.run(f"undo {number}")
    assert refused.code == 6
    changed = f"phone by colin on 2026-09-21 16:13:20 (entry {_last('customer update')})"
    assert refused.message == f"customer {customer} was changed since: {changed}"
    assert company.run(f"undo {number}", by="carla").code == 4


def test_other_fields_than_those_of_the_entry_may_have_changed(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    company.must(f"customer update {customer} --company 'Été SARL'", by="carla")
    number = _last("customer update")
    company.must(f"customer update {customer} --phone 0612345678", by="carla")
    assert company.must(f"undo {number}", by="carla").card["company"] is None
    assert company.must(f"customer detail {customer}").card["phone"] == "+33612345678"


RULES: list[tuple[str, Callable[[Company, str], object], str]] = [
    (
        "a contract that was paid since stays signed",
        lambda company, contract: company.must(f"contract add-payment {contract} 10"),
        "paid and cannot be unsigned",
    ),
    (
        "a contract with an event stays signed",
        lambda company, contract: company.event(contract),
        "has event 1 (Soirée) and cannot be unsigned",
    ),
]


@pytest.mark.parametrize(("meant", "step", "expected"), RULES, ids=[rule[0] for rule in RULES])
def test_a_rule_of_today_forbids_it(
    company: Company, meant: str, step: Callable[[Company, str], object], expected: str
) -> None:
    contract = company.signed()
    number = _last("contract sign")
    step(company, contract)
    refused = company.run(f"undo {number}")
    assert refused.code == 1
    assert expected in refused.message


def test_a_taken_e_mail_does_not_come_back(company: Company) -> None:
    customer = company.must("customer add 'Anne' --email anne@atelier.example", by="carla").card["id"]
    company.must(f"customer update {customer} --email ''", by="carla")
    company.must("customer add 'Anne-Sophie' --email Anne@Atelier.example", by="colin")
    refused = company.run(f"undo {_last('customer update')}", by="carla")
    assert (refused.code, "is the e-mail of customer" in refused.message) == (6, True)


def test_a_busy_support_is_not_given_back(company: Company) -> None:
    contract = company.signed()
    dates = "--start 'tomorrow 9:00' --end 'tomorrow 18:00'"
    first, second = company.event(contract, dates), company.event(contract, dates)
    company.must(f"event set-support {first} sam")
    company.must(f"event set-support {first} ''")
    company.must(f"event set-support {second} sam")
    refused = company.run(f"undo {_last('event set-support') - 1}")
    assert f"sam is busy at event {second}" in refused.message
    company.must("employee set-role sue none")
    company.must(f"event set-support {second} ''")


def test_the_last_administrator_is_not_demoted_by_an_undo(company: Company) -> None:
    company.must("employee set-role nils administrator")
    number = _last("employee set-role")
    assert company.run(f"undo {number}", by="nils").message == "nobody changes their own role"
    company.must(f"undo {number}")
    assert company.must("employee detail nils").card["role"] == "none"


def test_the_right_may_be_gone(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    company.must(f"customer update {customer} --company 'Été SARL'", by="carla")
    number = _last("customer update")
    assert isinstance(company.run(f"undo {number}", by="colin").failure, Forbidden)
    company.must(f"customer set-commercial {customer} colin")
    refused = company.run(f"undo {number}", by="carla")
    assert (refused.code, refused.message) == (4, f"customer {customer} is a customer of colin, not yours")
    company.must("employee set-role carla none")
    assert "is no longer for you" in company.run(f"undo {number}", by="carla").message
    company.must(f"undo {number}", by="adam")


def test_payments_passwords_and_refusals_are_not_undone(company: Company) -> None:
    contract = company.signed()
    company.must(f"contract add-payment {contract} 10", by="carla")
    refused = company.run("undo", by="carla")
    assert refused.failure is not None
    assert refused.failure.hint == "contract reverse-payment takes it back, on record"
    company.must("employee set-password nils --password 'une lampe bleue'")
    assert "set a password" in company.run("undo").message
    company.run("customer add x", by="sam")
    number = sql("SELECT max(id) FROM journal_entry WHERE result = 'refused'")[0][0]
    assert company.run(f"undo {number}").message == f"entry {number} changed nothing"
    assert company.run("undo 999").code == 5


def test_an_entry_is_undone_once(company: Company) -> None:
    company.customer("Éloïse d'Été")
    number = _last("customer add")
    assert company.run(f"redo {number}", by="carla").message == f"entry {number} is not undone"
    company.must(f"undo {number}", by="carla")
    assert company.run(f"undo {number}", by="carla").message == f"entry {number} is undone already"
    undo = _last("undo")
    assert company.run(f"undo {undo}", by="carla").message == f"entry {undo} is an undo itself"
    company.must(f"redo {number}", by="carla")


def test_somebody_deleted_comes_back_without_a_password(company: Company) -> None:
    number = company.must("employee add 'Zoé Lefèvre' zoe --role support").card["id"]
    company.must("employee delete zoe")
    assert company.must("undo").card == {
        "id": number, "username": "zoe", "fullname": "Zoé Lefèvre", "role": "support", "active": True
    }  # fmt: skip
    assert company.run_in(company.visitor(), "auth login zoe --password 'first-password-once'").code == 3
    company.must("undo")  # the adding
    company.must("employee add 'Zoé Martin' zoe")
    assert company.run(f"redo {_last('employee add') - 1}").failure is not None
    assert problems() == []


def test_what_is_referred_to_is_not_removed(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    number = _last("customer add")
    company.contract(customer)
    refused = company.run(f"undo {number}", by="carla")
    assert refused.message == f"customer {customer} is named by 1 contract"
    company.must("undo")
    company.must(f"undo {number}", by="carla")
    assert problems() == []


def test_a_moved_customer_takes_its_contracts_back_along(company: Company) -> None:
    contract = company.signed()
    company.event(contract)
    before = _records()
    company.must("customer set-commercial 1 colin")
    company.must("undo")
    assert problems() == []
    assert _records() == before


def test_a_cancelled_contract_comes_back_with_its_events(company: Company) -> None:
    contract = company.signed()
    event = company.event(contract, "--start 'tomorrow 9:00' --end 'tomorrow 18:00'")
    company.must(f"contract cancel {contract} --reason 'salle perdue'")
    assert company.must(f"event detail {event}").card["cancelled_at"] is not None
    company.must("undo")
    assert company.must(f"event detail {event}").card["cancelled_at"] is None
    assert company.must(f"contract detail {contract}").card["cancelled_at"] is None
    company.must("redo")
    assert company.must(f"event detail {event}").card["cancelled_at"] is not None
    assert problems() == []


def test_a_series_is_taken_back_whole_or_not_at_all(company: Company) -> None:
    company.customer("Anne")
    before = _records()
    company.hands.move(60)
    customer = company.customer("Éloïse d'Été")
    company.must(f"customer update {customer} --company 'Été SARL'", by="carla")
    company.must("customer update 1 --fullname 'Anne-Sophie'", by="carla")
    after = _records()
    done = company.must("undo --since 16:14", by="carla")
    assert done.message == "3 changes undone"
    assert _records() == before
    assert company.must("redo --since 16:14", by="carla").message == "3 changes done again"
    assert _records() == after
    company.must(f"contract add {customer} 1000")
    refused = company.run("undo --since 16:14", by="carla")
    assert f"customer {customer} is named by 1 contract" in refused.message
    assert _records()["customer"] == after["customer"]
    company.hands.move(60)
    assert company.run("undo --since 16:15", by="carla").message == "nothing of yours was changed since"
    assert company.run("undo 1 --since 16:15", by="carla").code == 2
    assert problems() == []


def test_a_merger_is_taken_apart_again(company: Company) -> None:
    one, other = company.customer("Éloïse d'Été"), company.customer("Eloise Été", by="colin")
    contract = company.signed(one)
    company.must(f"customer update {one} --email eloise@atelier.example --phone 0612345678", by="carla")
    company.event(contract)
    before = _records()
    company.must(f"customer merge {one} {other} --keep commercial=from")
    after = _records()
    company.must("undo")
    assert _records() == before
    company.must("redo")
    assert _records() == after
    assert problems() == []


def test_a_handover_is_given_back(company: Company) -> None:
    event = company.event(options="--start tomorrow --end +2d")
    company.must(f"event set-support {event} sam")
    before = _records()
    company.must("employee handover carla colin --then-deactivate")
    company.must("undo")
    assert _records() == before
    company.must("redo")
    assert not company.must("employee detail carla").card["active"]
    assert problems() == []
