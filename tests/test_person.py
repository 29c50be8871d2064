"""Personal data: everything held on a person is handed over, and goes for good, wherever it stood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crmshell.database import current
from crmshell.models.vocabulary import nearest
from tests.company import START, Company
from tests.keyboard import Keyboard
from tests.menus import records
from tests.process import Program
from tests.records import problems, refused, sql

TRACES = ("éloïse", "lefèvre", "eloise", "lefevre", "612345678", "6 12 34 56 78", "rappeler", "apéro")
ELOISE = "--email eloise@lefevre.example --phone '06 12 34 56 78' --company 'Atelier d’Été'"


@pytest.fixture
def held(company: Company) -> Company:
    """Customer 2 of carla's, whose name stands in many places, with customer 1 merged into it."""
    company.must("customer add 'E. Lefèvre' --phone '06 12 34 56 78'", by="carla")
    company.must(f"customer add 'Éloïse Lefèvre' {ELOISE}", by="carla")
    company.run("customer add 'Éloïse Lefèvre' --email ELOISE@lefevre.example", by="colin")
    company.must("customer contacted 2 --note 'Rappeler Éloïse en mars'", by="carla")
    contract = company.signed(2)
    company.must(f"contract add-payment {contract} 100")
    company.must(f"event add {contract} 'Mariage Lefèvre' --note Apéro --location 'Château d’Ô'", by="carla")
    company.must(f"event add {contract} Gala --note Apéro", by="carla")
    company.must("customer merge 1 2", by="carla")
    return company


def _traces() -> list[tuple[str, str]]:
    """Where the person is still named: the table, and the row."""
    names = [name for name in current().get_tables() if not name.startswith("sqlite_")]
    rows = [(name, repr(row).casefold()) for name in names for row in sql(f"SELECT * FROM {name}")]
    return [(name, row) for name, row in rows if any(trace in row for trace in TRACES)]


def test_an_erased_person_is_nowhere_any_more(held: Company) -> None:
    assert {name for name, _ in _traces()} >= {"customer", "event", "journal_entry", "journal_change", "search_term"}
    erased = held.must("customer erase 2 --confirm 2")
    assert erased.message == "customer 2 is erased, with what 2 events said of them"
    assert _traces() == []
    card = erased.card
    assert (card["fullname"], card["email"], card["phone"], card["note"]) == ("(erased)", None, None, None)
    assert (card["company"], card["erased_at"], card["deleted_at"]) == ("Atelier d’Été", START, START)
    assert [row["name"] for row in held.must("event list").rows] == ["Gala", "(erased)"]
    assert held.must("contract list").rows[0]["total_paid"] == 10_000
    assert problems() == []


def test_a_mistyped_name_is_near_to_none_that_was_erased(company: Company) -> None:
    number = company.customer("Ana Dupontel")
    company.customer("Zoé Lefèvre")
    assert nearest(["customer"], "dupontle") == ["dupontel"]
    company.must(f"customer erase {number} --confirm {number}")
    assert nearest(["customer"], "dupontle") == []


def test_whoever_was_erased_does_not_come_back(held: Company) -> None:
    held.must("customer erase 1 --confirm 2")
    assert refused(held, "customer restore 2").message == "customer 2 was erased"
    assert refused(held, "customer contacted 2").code == 4
    assert held.must("customer erase 2 --confirm 2").message == "customer 2 is erased already"
    assert held.must("customer list").rows == []
    for line in ("customer erase ", "customer restore ", "customer detail "):
        assert records(held.session("alice"), line) == set()


def test_the_number_is_typed_to_confirm(held: Company) -> None:
    failure = refused(held, "customer erase 2 --confirm 1")
    assert (failure.code, failure.message) == (1, "1 is not the number of customer 2: nothing was erased")
    missing = held.run("customer erase 2")
    assert (missing.code, missing.message) == (2, "customer erase needs --confirm")


def test_the_shell_asks_for_the_number(sqlite_company: Company) -> None:
    company = sqlite_company
    contract = company.signed()
    company.event(contract)
    with Keyboard.of(company, "alice") as keys:
        keys.enter("customer erase 1").expect("1 contract with 1 000.00 € due and 1 event to come stay")
        keys.answer("confirm", "2").expect("nothing was erased")
        keys.enter("customer erase 1").answer("confirm", "1").expect("customer 1 is erased")


def test_a_batch_confirms_with_the_number(program: Program) -> None:
    customer = program.company.customer()
    assert program.script(f"customer erase {customer} --confirm {customer}\n", "--atomic", user="alice").code == 0
    assert sql("SELECT fullname FROM customer") == [("(erased)",)]


def test_nothing_of_an_erased_person_is_left_in_the_file(sqlite_company: Company) -> None:
    company = sqlite_company
    company.must(f"customer add 'Éloïse Lefèvre' {ELOISE}", by="carla")
    company.must("customer erase 1 --confirm 1")
    current().close()
    kept = Path(company.url).read_bytes().decode("utf-8", "replace").casefold()
    assert [trace for trace in TRACES if trace in kept] == []


def test_everything_held_is_handed_over(held: Company) -> None:
    held_there = held.must("customer export-data 2").related
    assert {noun: len(rows) for noun, rows in held_there.items() if noun not in {"change", "entry"}} == {
        "merged customer": 1,
        "contract": 1,
        "payment": 1,
        "event": 2,
    }
    assert "Rappeler" in repr(held_there["change"])
    assert any("ELOISE@lefevre.example" in repr(row) for row in held_there["entry"])
    assert held.must("customer export-data 1").notes == "customer 1 was merged into customer 2"


def test_the_export_is_one_object(program: Program) -> None:
    program.company.customer("Éloïse Lefèvre")
    told = json.loads(program.run("-c", "customer export-data 1 --format json", user="alice").out)
    assert told["fullname"] == "Éloïse Lefèvre"
    assert {"merged_customers", "contracts", "payments", "events", "changes", "entries"} <= set(told)


@pytest.mark.parametrize("format_", ["csv", "tsv"])
def test_a_format_without_room_for_all_that_is_held_says_so(program: Program, format_: str) -> None:
    program.company.customer("Éloïse Lefèvre")
    program.company.contract(1)
    said = program.run("-c", f"customer export-data 1 --format {format_}", user="alice").err
    assert said == f"{format_} holds the customer alone; --format json holds what belongs to it too\n"


# Silence


def test_who_has_been_silent_for_years_is_told(company: Company) -> None:
    years_ago = START - 4 * 366 * 86400
    names = ("silent", "contacted", "new contract", "paid", "coming event", "deleted")
    numbers = {name: company.customer(name) for name in names}
    contract = company.signed(numbers["paid"])
    company.contract(numbers["new contract"])
    event = company.event(company.signed(numbers["coming event"]), "--start 2026-07-01T19:00 --end 2026-07-02T01:00")
    company.must(f"contract add-payment {contract} 10")
    company.must(f"customer contacted {numbers['contacted']}", by="carla")
    company.must(f"customer delete {numbers['deleted']}")
    sql("UPDATE customer SET created_at = ?", years_ago)
    old = f"created_at = {years_ago}, signed_at = {years_ago}"
    sql(f"UPDATE contract SET {old} WHERE customer_id <> ?", numbers["new contract"])
    sql("UPDATE event SET created_at = ? WHERE id = ?", years_ago, event)
    assert [row["fullname"] for row in company.must("customer silent", by="sam").rows] == ["silent"]
    assert company.must("customer silent --years 5").rows == []
    company.customer("new")
    assert company.must("customer silent --count").rows[0]["count"] == 1
