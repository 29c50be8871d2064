"""What becomes of customers: deleted ones leave lists and completion, merged ones stand for another."""

from __future__ import annotations

from typing import Any

import pytest

from crmshell.commands import GRAMMAR
from crmshell.database import current
from crmshell.dispatch import rehearse
from crmshell.language.reading import read
from crmshell.models import likeness
from crmshell.models.customer import Customer
from tests.company import START, Company
from tests.menus import offered, records
from tests.records import last_entry, problems, refused, sql, tables
from tests.steps import steps_of

pytestmark = pytest.mark.slow_on_postgres

SPAN = "--start 2027-07-01T19:00 --end 2027-07-02T01:00"


def _card(company: Company, customer: int) -> dict[str, Any]:
    return company.must(f"customer detail {customer}").card


def test_a_deleted_customer_leaves_lists_and_completion(company: Company) -> None:
    gone, kept = company.customer("Zoé Ångström"), company.customer("Zoé Öztürk")
    contract = company.signed(gone)
    deleted = company.must(f"customer delete {gone} --reason 'Saisi deux fois'")
    assert deleted.message == f"customer {gone} is deleted; customer restore {gone} brings it back"
    assert sql("SELECT reason FROM journal_entry ORDER BY id DESC LIMIT 1") == [("Saisi deux fois",)]
    assert [row["id"] for row in company.must("customer list").rows] == [kept]
    assert [row["id"] for row in company.must("customer list --mine", by="carla").rows] == [kept]
    for typed in ("", "zoe", str(gone)):
        assert str(gone) not in records(company.session("alice"), f"customer detail {typed}")
    assert _card(company, gone)["deleted_at"] == START
    assert [row["id"] for row in company.must("contract list").rows] == [contract]
    assert records(company.session("alice"), "customer restore ") == {str(gone)}
    assert problems() == []


def test_a_deleted_customer_is_not_changed(company: Company) -> None:
    gone = company.customer()
    company.must(f"customer delete {gone}")
    again = (f"customer delete {gone}", "alice"), (f"customer contacted {gone}", "carla")
    for line, by in (*again, (f"customer update {gone} --company X", "carla"), (f"contract add {gone} 100", "alice")):
        failure = refused(company, line, by=by)
        assert (failure.code, failure.message) == (1, f"customer {gone} was deleted")
        assert failure.hint.endswith(f"customer restore {gone}")


def test_the_number_of_a_merged_customer_stands_for_the_other_one(company: Company) -> None:
    first, second, last = (company.customer(name) for name in ("Anne Lefèvre", "Anne Lefevre", "Annie Lefèvre"))
    sql("UPDATE customer SET deleted_at = 5, merged_into_id = ? WHERE id = ?", second, first)
    sql("UPDATE customer SET deleted_at = 6, merged_into_id = ? WHERE id = ?", last, second)
    shown = company.must(f"customer detail {first}")
    assert (shown.card["id"], shown.notes) == (last, f"customer {first} was merged into customer {last}")
    assert company.must(f"contract add {first} 100").card["customer_id"] == last
    company.session("carla").names["anne"] = company.session("carla").names["customer"][0], second
    assert company.must("customer update @anne --company Été", by="carla").card["id"] == last


def test_a_customer_comes_back_with_its_words(company: Company) -> None:
    customer = company.customer("Zoé Ångström")
    assert company.must(f"customer restore {customer}").message == f"customer {customer} is not deleted"
    company.must(f"customer delete {customer}")
    back = company.must(f"customer restore {customer}")
    assert (back.card["deleted_at"], back.changed) == (None, {"deleted_at", "updated_at"} & back.changed)
    assert records(company.session("carla"), "customer update angs") == {str(customer)}
    assert problems() == []


def test_a_customer_does_not_come_back_over_a_taken_email(company: Company) -> None:
    company.must("customer add Anne --email anne@atelier.example", by="carla")
    company.must("customer delete 1")
    company.must("customer add 'Anne Lefèvre' --email ANNE@atelier.example", by="colin")
    failure = refused(company, "customer restore 1")
    assert (failure.code, failure.message) == (
        6,
        "anne@atelier.example is the e-mail of customer 2 already (Anne Lefèvre)",
    )
    company.must("customer update 2 --email ''", by="colin")
    company.must("customer restore 1")
    assert problems() == []


def test_a_customer_comes_back_to_an_active_commercial(company: Company) -> None:
    customer = company.customer(by="carla")
    company.must(f"customer delete {customer}")
    company.must("employee deactivate carla")
    failure = refused(company, f"customer restore {customer}")
    assert failure.message == f"carla, to whom customer {customer} belongs, is no active commercial"
    company.must(f"customer set-commercial {customer} colin")
    assert company.must(f"customer restore {customer}").card["commercial"] == "colin"
    assert problems() == []


# Contacts


def test_a_contact_leaves_a_day_and_a_note(company: Company) -> None:
    customer = company.customer()
    first = company.must(f"customer contacted {customer} --note 'Rappeler en mars' --date 2026-09-01", by="carla")
    assert (first.card["last_contact"], first.card["note"]) == ("2026-09-01", "[2026-09-01 carla] Rappeler en mars")
    assert company.must(f"customer contacted {customer}", by="carla").card["last_contact"] == "2026-09-21"
    earlier = company.must(f"customer contacted {customer} --date 2026-01-31 --note 'Salon'", by="carla")
    assert earlier.card["last_contact"] == "2026-09-21"
    assert earlier.card["note"] == "[2026-09-01 carla] Rappeler en mars\n\n[2026-01-31 carla] Salon"
    assert refused(company, f"customer contacted {customer} --date 2026-09-22", by="carla").code == 1
    assert problems() == []


def test_support_contacts_the_customers_of_its_events(company: Company) -> None:
    event = company.event()
    failure = refused(company, "customer contacted 1", by="sam")
    assert (failure.code, failure.message) == (4, "customer 1 has no event that is assigned to you")
    company.must(f"event set-support {event} sam")
    company.must("customer contacted 1 --note 'Plan de salle reçu'", by="sam")
    assert records(company.session("sam"), "customer contacted ") == {"1"}
    assert records(company.session("sue"), "customer contacted ") == set()
    assert (
        refused(company, "customer contacted 1", by="colin").message == "customer 1 is a customer of carla, not yours"
    )


# Duplicates


def test_who_comes_to_look_like_somebody_known_is_remarked_once(company: Company) -> None:
    company.must("customer add 'Éloïse d’Été' --email elo@atelier.example --phone '06 12 34 56 78'", by="carla")
    company.must("customer add 'Colette Roux'", by="carla")
    for option, what in (
        ("--phone '+33 6 12 34 56 78'", "phone"),
        ("--email ELO@atelier.example --allow-duplicate", "e-mail"),
        ('--fullname "D\'ETE Éloïse"', "name"),
    ):
        company.must("customer update 2 --fullname 'Colette Roux' --email '' --phone ''", by="carla")
        said = f"customer 1 (Éloïse d’Été) has the same {what}: is it the same person? `customer merge 2 1`"
        assert company.must(f"customer update 2 {option}", by="carla").notes == said
        assert company.must("customer update 2 --company ''", by="carla").notes == ""


def test_who_looks_like_somebody_known_is_remarked(company: Company) -> None:
    company.must("customer add 'Éloïse d’Été' --company \"L'Atelier\" --phone '06 12 34 56 78'", by="carla")
    same_phone = company.must("customer add 'Colette Roux' --phone '+33 6 12 34 56 78'", by="colin")
    assert same_phone.notes == (
        "customer 1 (Éloïse d’Été) has the same phone: is it the same person? An administrator can `customer merge 2 1`"
    )
    same_name = company.must("customer add \"D'ETE Eloise\" --company 'ATELIER L’'", by="colin")
    assert same_name.notes.startswith("customer 1 (Éloïse d’Été) has the same name: ")
    for line in ("'Éloïse d’Été'", "'Éloïse Été' --company \"L'Atelier\""):
        assert company.must(f"customer add {line}", by="colin").notes == ""
    third = company.must("customer add 'Éloïse d’Été' --company \"L'Atelier\"", by="colin")
    assert third.notes == (
        "customer 1 (Éloïse d’Été) has the same name (3 too): is it the same person? "
        "An administrator can `customer merge 6 1`"
    )
    company.must("customer delete 1")
    assert company.must("customer add Anne --phone '06 12 34 56 78'", by="colin").notes.startswith("customer 2 ")


# Merging


def test_what_belongs_to_one_customer_goes_to_the_other(company: Company) -> None:
    company.must("customer add 'Anne Lefevre' --phone '06 12 34 56 78' --email a@b.example", by="colin")
    company.must("customer add 'Anne Lefèvre' --email anne@atelier.example", by="carla")
    company.must("customer contacted 1 --date 2026-09-01 --note 'Salon'", by="colin")
    company.must("customer contacted 2 --date 2026-08-01 --note 'Devis'", by="carla")
    contract = company.signed(1)
    event = company.event(contract, SPAN, by="colin")
    merged = company.must("customer merge --from 1 --into 2")
    assert merged.message == "customer 1 is merged into customer 2, with 1 contract and 1 event"
    card = merged.card
    assert (card["fullname"], card["email"], card["phone"]) == ("Anne Lefèvre", "anne@atelier.example", "+33612345678")
    assert (card["last_contact"], card["commercial"]) == ("2026-09-01", "carla")
    assert card["note"] == "[2026-08-01 carla] Devis\n\n[2026-09-01 colin] Salon"
    moved = company.must(f"contract detail {contract}").card
    assert (moved["customer_id"], moved["commercial"]) == (2, "carla")
    assert company.must(f"event detail {event}").card["commercial"] == "carla"
    assert records(company.session("carla"), "event cancel soiree") == {str(event)}
    assert set(last_entry().changes) == {"customer", "contract"}
    assert [row["id"] for row in company.must("customer list").rows] == [2]
    assert problems() == []


def test_what_a_merger_loses_is_said_before_it(sqlite_company: Company) -> None:
    company = sqlite_company
    company.must("customer add 'Anne Lefèvre' --phone 0612345678", by="carla")
    company.must("customer add 'Anne Lefèvre' --phone 0699999999", by="colin")
    told = rehearse(read("customer merge 1 2", GRAMMAR), company.session("alice"))
    assert told.endswith("lost unless kept: phone 06 12 34 56 78, commercial carla")
    told = rehearse(read("customer merge 1 2 --keep commercial=from", GRAMMAR), company.session("alice"))
    assert told.endswith("lost unless kept: phone 06 12 34 56 78")


def test_the_fields_that_are_kept_are_chosen(company: Company) -> None:
    company.must("customer add 'Anne Lefèvre' --company Été --email a@b.example", by="carla")
    company.must("customer add 'A. Lefevre' --company 'Été SARL' --email b@b.example", by="colin")
    kept = "--keep fullname=from --keep email=from --keep commercial=from"
    card = company.must(f"customer merge 1 2 {kept}").card
    assert (card["fullname"], card["company"], card["email"], card["commercial"]) == (
        "Anne Lefèvre",
        "Été SARL",
        "a@b.example",
        "carla",
    )
    assert problems() == []


def test_an_unknown_field_is_not_kept(company: Company) -> None:
    one, other = company.customer(), company.customer()
    failure = refused(company, f"customer merge {one} {other} --keep mail=from")
    assert (failure.code, failure.hint) == (1, "did you mean email=from?")
    assert offered(company.session("alice"), f"customer merge {one} {other} --keep ph") == ["phone=from"]


def test_the_number_that_was_merged_stands_for_the_other_one(company: Company) -> None:
    one, other = company.customer(), company.customer()
    company.must(f"customer merge {one} {other}", by="carla")
    changed = company.must(f"customer update {one} --company Été", by="carla")
    assert (changed.card["id"], changed.notes) == (other, f"customer {one} was merged into customer {other}")
    assert refused(company, f"customer merge {one} {other}").message == f"customer {other} is that customer already"
    assert company.must(f"customer restore {one}").message == f"customer {other} is not deleted"
    assert records(company.session("alice"), "customer restore ") == set()


def test_a_commercial_merges_their_own_customers(company: Company) -> None:
    mine, theirs = company.customer(by="carla"), company.customer(by="colin")
    for pair in (f"{mine} {theirs}", f"{theirs} {mine}"):
        failure = refused(company, f"customer merge {pair}", by="carla")
        assert (failure.code, failure.message) == (4, f"customer {theirs} is a customer of colin, not yours")
    twin = company.customer(by="carla")
    assert records(company.session("carla"), f"customer merge {mine} --into ") == {str(twin)}
    company.must(f"customer merge {twin} {mine}", by="carla")


def test_the_history_of_both_is_that_of_the_one_that_stays(company: Company) -> None:
    one, other = company.customer(), company.customer()
    company.must(f"customer update {one} --company Été", by="carla")
    company.must(f"customer merge {one} {other}", by="carla")
    told = company.must(f"customer history {other}").rows
    assert {row["record"] for row in told} == {f"customer {one}", f"customer {other}"}


def test_a_merger_is_all_or_nothing_with_what_is_around_it(company: Company) -> None:
    one, other = company.customer(), company.customer()
    company.signed(one)
    before = tables()
    alice = company.session("alice")
    company.must("begin")
    company.must(f"customer merge {one} {other}")
    company.must(f"customer delete {other}")
    alice.roll_back()
    assert tables() == before
    assert problems() == []


def test_however_many_share_a_phone_it_takes_as_long_to_see_that(sqlite_company: Company) -> None:
    sqlite_company.must("customer add A --phone '06 12 34 56 78'", by="carla")
    first, taken = Customer.get(), []
    for count in (60, 600):
        copies = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        columns = "fullname, phone, commercial_id, created_at, updated_at"
        shared = f"SELECT {columns} FROM customer, n WHERE id = {first.id}"
        current().execute_sql(f"INSERT INTO customer ({columns}) {copies} {shared}")
        likeness.find_alike(first.id, {likeness.PHONE: first.phone})
        taken.append(steps_of(lambda: likeness.find_alike(first.id, {likeness.PHONE: first.phone})))
    assert taken[0] == taken[1]
