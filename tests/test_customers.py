"""Customers: what is kept of them, who looks after them, and how they are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.company import START, Company
from tests.records import journal, last_entry, problems, sql, tables

ELOISE = (
    'customer add "Éloïse d\'Été" --company "L\'Atelier" --email Eloise@ATELIER.example '
    '--phone "06 12 34 56 78" --as el'
)


def test_a_customer_belongs_to_whoever_added_it(company: Company) -> None:
    added = company.must(ELOISE, by="carla")
    assert added.card == {
        "id": 1,
        "fullname": "Éloïse d'Été",
        "company": "L'Atelier",
        "email": "Eloise@atelier.example",
        "phone": "+33612345678",
        "commercial": "carla",
        "created_at": START,
        "updated_at": START,
        "last_contact": None,
        "note": None,
        "deleted_at": None,
        "merged_into": None,
        "erased_at": None,
    }
    assert (added.message, added.changed) == ("customer 1 is added", set())
    entry = last_entry()
    assert (entry.username, entry.command, entry.line) == ("carla", "customer add", ELOISE)
    assert entry.changes["customer"]["phone"] == (None, "+33612345678")
    assert company.must("customer detail 1", by="nils").card == added.card
    assert problems() == []


def test_a_name_is_enough(sqlite_company: Company) -> None:
    card = sqlite_company.must("customer add --fullname '  王小明  '", by="colin").card
    assert (card["fullname"], card["company"], card["email"], card["phone"]) == ("王小明", None, None, None)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("customer add ''", 1),
        ("customer add '  '", 1),
        (f"customer add {'é' * 256}", 1),
        ('customer add "a\x07b"', 1),
        ("customer add", 2),
        ("customer add Anne Lefèvre", 2),
        ("customer add Anne --email anne", 1),
        ("customer add Anne --email anne@", 1),
        ("customer add Anne --email 'anne lefevre@example.com'", 1),
        ("customer add Anne --phone 12", 1),
        ("customer add Anne --phone '+33 6 12'", 1),
        (f"customer add Anne --company {'x' * 256}", 1),
        ("customer add Anne --as customer", 2),
        ("customer add Anne --as 9", 2),
        ("customer add Anne --email eloise@atelier.example", 6),
        ("customer update 1", 2),
        ("customer update 1 --allow-duplicate", 2),
        ("customer update 1 --fullname ''", 1),
        ("customer update 1 --email x", 1),
        ("customer update 1 --phone 0600", 1),
        ("customer update 1 --company Ça --phone 0600", 1),
        ("customer update 2 --fullname Anne", 5),
        ("customer update @nobody --fullname Anne", 2),
    ],
)
def test_what_is_refused_changes_nothing(sqlite_company: Company, line: str, code: int) -> None:
    sqlite_company.must(ELOISE, by="carla")
    before = tables()
    failure = sqlite_company.run(line, by="carla").failure
    assert failure is not None
    assert (failure.code, bool(failure.hint)) == (code, True)
    assert tables() == before


def test_the_longest_values_fit(company: Company) -> None:
    card = company.must(f"customer add {'é' * 255} --company {'王' * 255}", by="carla").card
    assert (len(card["fullname"]), len(card["company"])) == (255, 255)
    assert problems() == []


def test_an_email_is_entered_once(company: Company) -> None:
    company.must(ELOISE, by="carla")
    taken = company.run("customer add Anne --email ELOISE@atelier.example", by="colin")
    assert (taken.code, taken.message) == (
        6,
        "ELOISE@atelier.example is the e-mail of customer 1 already (Éloïse d'Été)",
    )
    assert last_entry().result == "refused"
    anne = company.customer("Anne", by="colin")
    assert company.run(f"customer update {anne} --email eloise@ATELIER.example", by="colin").code == 6
    company.must(f"customer update {anne} --email eloise@atelier.example --allow-duplicate", by="colin")
    company.must(f"customer update {anne} --company Été", by="colin")  # the e-mail that was allowed stays so
    same = company.must("customer update 1 --email eloise@atelier.example --allow-duplicate", by="carla")
    assert same.card["email"] == "eloise@atelier.example"
    assert problems() == []


def test_an_email_given_up_is_free_again(company: Company) -> None:
    company.must(ELOISE, by="carla")
    cleared = company.must('customer update 1 --email ""', by="carla")
    assert (cleared.card["email"], cleared.changed) == (None, {"email"})
    company.must("customer add Anne --email eloise@atelier.example", by="colin")
    assert company.run("customer update 1 --email eloise@atelier.example", by="carla").code == 6


def test_an_update_changes_what_is_given_and_nothing_else(company: Company) -> None:
    before = company.must(ELOISE, by="carla").card
    company.hands.move(60)
    updated = company.must("customer update @el --company '' --phone '+33 1 99 00 12 34'", by="carla")
    assert updated.changed == {"company", "phone"}
    assert updated.card == before | {"company": None, "phone": "+33199001234", "updated_at": START + 60}
    assert last_entry().changes == {
        "customer": {"company": ("L'Atelier", None), "phone": ("+33612345678", "+33199001234")}
    }
    assert problems() == []


def test_the_same_value_again_is_no_change(company: Company) -> None:
    company.must(ELOISE, by="carla")
    company.hands.move(60)
    before, entries = tables(), len(journal())
    same = company.must("customer update @customer --phone 06.12.34.56.78", by="carla")
    assert (same.message, same.changed) == ("nothing to change", set())
    assert (tables(), len(journal())) == (before, entries)


def test_a_phone_without_a_country_is_one_of_the_home_region(sqlite_company: Company) -> None:
    session = sqlite_company.session("carla")
    session.settings = replace(session.settings, region="GB")
    assert sqlite_company.must("customer add Ann --phone '020 7946 0018'", by="carla").card["phone"] == "+442079460018"
    assert sqlite_company.run("customer add Bo --phone '06 12 34 56 78'", by="carla").code == 1


def test_lists_come_newest_first_and_narrow_to_ones_own(company: Company) -> None:
    first, second = company.customer("Première", by="carla"), company.customer("Deuxième", by="colin")
    third = company.customer("Troisième", by="carla")
    event = company.event(company.signed(second), by="colin")
    company.must(f"event set-support {event} sue")

    def listed(line: str, by: str) -> list[int]:
        return [row["id"] for row in company.must(line, by=by).rows]

    assert listed("customer list", by="nils") == [third, second, first]
    assert listed("customer list --mine", by="carla") == [third, first]
    assert listed("customer list --mine", by="sue") == [second]
    for username in ("sam", "alice", "nils"):
        assert listed("customer list --mine", by=username) == []


def test_a_customer_given_away_takes_everything_along_at_once(company: Company) -> None:
    customer = company.customer(by="carla")
    contract = company.contract(customer)
    event = company.event(company.signed(customer))
    given = company.must(f"customer set-commercial {customer} COLIN")
    assert (given.card["commercial"], given.changed) == ("colin", {"commercial"})
    assert last_entry().changes == {"customer": {"commercial": (company.ids["carla"], company.ids["colin"])}}
    assert company.run(f"contract sign {contract}", by="carla").code == 4
    company.must(f"contract sign {contract}", by="colin")
    company.must(f"event add {contract} 'Gala'", by="colin")
    for line in (f"contract detail {contract}", f"event detail {event}", f"customer detail {customer}"):
        assert company.must(line).card["commercial"] == "colin"
    for line in ("contract list --mine", "event list --mine", "customer list --mine"):
        assert (bool(company.must(line, by="colin").rows), company.must(line, by="carla").rows) == (True, [])
    assert problems() == []


def test_a_customer_goes_to_commercials_alone(company: Company) -> None:
    customer = company.customer(by="carla")
    before, entries = tables(), len(journal())
    refused = company.run(f"customer set-commercial {customer} sam")
    assert (refused.code, refused.message) == (1, "sam is not a commercial but has the role support")
    assert company.run(f"customer set-commercial {customer} zoe").code == 5
    assert company.must(f"customer set-commercial {customer} carla").changed == set()
    assert tables() == before
    assert [entry.result for entry in journal()[entries:]] == ["login", "refused"]


@pytest.mark.parametrize("typed", ["1", "01", " 1", "@el", "@customer", "--customer-id=1", "'1'"])
def test_a_customer_is_named_by_number_or_name(sqlite_company: Company, typed: str) -> None:
    sqlite_company.must(ELOISE, by="carla")
    assert sqlite_company.must(f"customer detail {typed}", by="carla").card["id"] == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2", 5),
        ("0", 5),
        ("-1", 5),
        ("1.0", 5),
        ("１", 5),
        ("''", 5),
        ("9" * 18, 5),
        ("9" * 40, 5),
        ("'@el'", 5),
        ('"@el"', 5),
        ("@@el", 5),
        ("@El", 2),
        ("@", 2),
        ("@contract", 2),
        ("@carla", 2),
    ],
)
def test_other_names_find_nothing(sqlite_company: Company, typed: str, code: int) -> None:
    sqlite_company.must(ELOISE, by="carla")
    assert sqlite_company.run(f"customer detail {typed}", by="carla").code == code


def test_names_stand_for_their_own_kind_and_session(company: Company) -> None:
    company.must(ELOISE, by="carla")
    wrong_kind = company.run("contract detail @el", by="carla")
    assert (wrong_kind.code, "is not of the kind contract but customer" in wrong_kind.message) == (2, True)
    assert company.run("customer detail @el", by="alice").code == 2
    second = company.customer("Anne", by="carla")
    assert company.must("customer detail @customer", by="carla").card["id"] == second
    assert company.must("customer detail @el", by="carla").card["id"] == 1
    assert company.must("customer detail @customer", by="carla").card["id"] == 1
    company.run("customer add '' --as lost", by="carla")
    assert company.run("customer detail @lost", by="carla").code == 2


def test_text_is_kept_as_typed_and_found_by_its_words(company: Company) -> None:
    company.must("customer add '[bold]Łódź\u202e Ørsted-O’Brien[/]'", by="carla")
    terms = {term for (term,) in sql("SELECT term FROM search_term WHERE noun = 'customer'")}
    assert terms == {"bold", "lodz", "orsted", "o", "brien", "orstedobrien"}
    assert company.must("customer detail 1").card["fullname"] == "[bold]Łódź\u202e Ørsted-O’Brien[/]"
    company.must("customer update 1 --fullname 'Ørsted'", by="carla")
    assert sql("SELECT term, owner_id FROM search_term WHERE noun = 'customer'") == [("orsted", company.ids["carla"])]
    assert problems() == []


@pytest.mark.parametrize("line", ["customer add 'a\x00b'", "customer detail 'a\x00b'", "customer add 'a\udcffb'"])
def test_bytes_that_no_database_takes_are_refused_like_any_other_value(company: Company, line: str) -> None:
    assert company.run(line, by="carla").code in {1, 5}
    assert company.run(line.replace("customer detail", "employee detail"), by="carla").code in {1, 5}
