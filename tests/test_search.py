"""Everything is found by what people remember of it, in any order, spelling and notation, with the reason."""

from __future__ import annotations

import pytest

from crmshell.models.search import nearest_words
from tests.company import Company
from tests.process import Program
from tests.records import problems, sql

CUSTOMERS = (
    ("Éloïse d'Été", "L'Atelier Müller", "eloise@atelier.example", "06 12 34 56 78"),
    ("Zoltán Kővári", "Durant Pálinka", "zoltan@palinka.example", "+36 1 234 5678"),
    ("李 小龙", "Søren & Łukasz", "jean-luc@example.com", "+39 06 6982 1234"),
    ("Ελένη Παπαδοπούλου", "Straßenbau Dœuil", "eleni@example.org", "01 99 00 18 51"),
)


@pytest.fixture
def shelf(company: Company) -> Company:
    """Four customers of carla; the first has a signed contract with a payment and an event."""
    for fullname, firm, email, phone in CUSTOMERS:
        company.must(f'customer add "{fullname}" --company "{firm}" --email {email} --phone "{phone}"', by="carla")
    contract = company.signed(1)
    company.must(f"contract add-payment {contract} 100 --reference VIR-2026-00017")
    company.must(
        f'event add {contract} "Gala des lumières" --location "Château de Vannes" --note "le traiteur arrive à 17h"',
        by="carla",
    )
    return company


def found(company: Company, words: str) -> set[tuple[object, object]]:
    """Kind and id of every hit."""
    return {(row["record"], row["id"]) for row in company.must(f"search {words}", by="nils").rows}


def customers(company: Company, words: str) -> set[int]:
    """The customers among the hits."""
    return {int(str(row["id"])) for row in company.must(f"search {words} --in customer", by="nils").rows}


WORDS = {
    "eloise": {1},
    "ELOÏSE": {1},
    "muller ete": {1},
    "d'ete": {1},
    "dete": {1},
    "atelier": {1},
    "kov pal": {2},
    "小龙": {3},
    "lukasz soren": {3},
    "jean-luc@example.com": {3},
    "ελενη": {4},
    "strassenbau": {4},
    "doeuil": {4},
    "example": {1, 2, 3, 4},
    "eloise kovari": set(),
    "4": {4},
}


def test_customers_are_found_by_any_word_in_any_order(shelf: Company) -> None:
    assert {words: customers(shelf, words) for words in WORDS} == WORDS


@pytest.mark.parametrize(
    ("number", "notations"),
    [
        (1, ["0612345678", "06 12 34 56 78", "06.12.34.56.78", "+33 6 12 34", "+33612345678", "0033 6 12 34 56 78"]),
        (1, ["+33 (0)6 12 34 56 78", "5678", "45678", "56 78", "345678", "06 12", "612345678"]),
        (1, ['"06 12 34 56 78"', "'+33 6 12 34 56 78'"]),
        (2, ["+36 1 234 5678", "0036 1 234", "3612345678"]),
        (3, ["+39 06 6982 1234", "06 6982 1234", "69821234"]),
    ],
)
def test_a_phone_is_found_in_any_notation(shelf: Company, number: int, notations: list[str]) -> None:
    assert [notation for notation in notations if number not in customers(shelf, notation)] == []


def test_contracts_and_events_are_found_by_their_own_words_and_by_their_customer(shelf: Company) -> None:
    contract = str(shelf.must("contract list").rows[0]["id"])
    of_both = {("contract", contract), ("event", "1")}
    assert found(shelf, "eloise") == {("customer", "1"), *of_both}
    assert found(shelf, "VIR-2026-00017") == {("contract", contract)}
    assert found(shelf, "eloise vir-2026") == {("contract", contract)}
    assert found(shelf, contract[:8]) == {("contract", contract)}
    assert found(shelf, "lumieres eloise") == {("event", "1")}
    assert found(shelf, "traiteur vannes") == {("event", "1")}


def test_employees_are_found_by_username_and_name(shelf: Company) -> None:
    assert found(shelf, "ndiaye") == {("employee", "adam")}
    assert found(shelf, "sam lukasz") == {("employee", "sam")}


def test_a_word_with_a_minus_leaves_out_what_has_it(shelf: Company) -> None:
    assert customers(shelf, "example -atelier") == {2, 3, 4}
    assert customers(shelf, 'example -"jean luc"') == {1, 2, 4}
    assert shelf.run("search -atelier").code == 2


def test_words_in_quotes_stand_together(shelf: Company) -> None:
    shelf.must('customer add "Müller Camille" --company "Atelier du Lac"', by="carla")
    assert customers(shelf, "muller atelier") == {1, 5}
    assert customers(shelf, '"atelier muller"') == {1}
    assert customers(shelf, "'atelier mul'") == {1}


@pytest.mark.parametrize("typed", ["durnat", "durantt", "durat", "furant", "udrant"])
def test_one_mistyped_letter_is_forgiven_and_said_so(shelf: Company, typed: str) -> None:
    result = shelf.must(f"search {typed}")
    assert [row["id"] for row in result.rows] == ["2"]
    assert result.remarks[0] == f"nothing has {typed}; shown are durant"


def test_what_is_near_nothing_or_too_short_finds_nothing(shelf: Company) -> None:
    assert shelf.must("search xylophone").rows == []
    assert shelf.must("search zzz").rows == []
    assert nearest_words("customer", "dur") == []


def test_the_best_come_first_with_the_field_that_fits(shelf: Company) -> None:
    shelf.must('customer add "Anne Durant" --company "Vignobles"', by="carla")
    shelf.must('customer add "Durantine Roche"', by="carla")
    rows = shelf.must("search durant --in customer").rows
    assert [(row["id"], row["found"]) for row in rows] == [
        ("5", "fullname: Anne Durant"),
        ("2", "company: Durant Pálinka"),
        ("6", "fullname: Durantine Roche"),
    ]
    (event,) = shelf.must("search traiteur").rows
    assert event["found"] == "note: le traiteur arrive à 17h"
    (phone,) = shelf.must("search +33612345678 --in customer").rows
    assert phone["found"] == "phone: 06 12 34 56 78"
    (both,) = shelf.must("search eloise muller --in customer").rows
    assert both["found"] == "fullname: Éloïse d'Été; company: L'Atelier Müller"


def test_the_groups_are_counted_and_cut(shelf: Company) -> None:
    shelf.must('customer add "Anne Durant"', by="carla")
    result = shelf.must("search durant --limit 1")
    assert [row["id"] for row in result.rows] == ["5"]
    assert result.remarks == ["1 of 2 customers"]
    assert shelf.must("search durant").remarks == ["2 customers"]


def test_writes_keep_the_words(shelf: Company) -> None:
    shelf.must('customer update 1 --fullname "Rosalie Brun" --phone "07 56 12 34 55"', by="carla")
    assert customers(shelf, "eloise") == {1}, "by her e-mail still"
    assert customers(shelf, "dete") == set()
    assert customers(shelf, "rosalie") == customers(shelf, "075612") == {1}
    shelf.must("customer set-commercial 1 colin")
    assert problems() == []
    kept = sql("SELECT DISTINCT owner_id FROM search_term WHERE noun IN ('customer', 'event') AND record_id = 1")
    assert kept == [(shelf.ids["colin"],)]


def test_a_long_note_has_bounded_words(shelf: Company) -> None:
    note = " ".join(f"mot{number:05}" for number in range(2000))
    shelf.must("event set-support 1 sam")
    shelf.must(f'event update 1 --note "{note}"', by="sam")
    ((count,),) = sql("SELECT count(*) FROM search_term WHERE noun = 'event'")
    assert 300 < int(count) <= 400
    assert found(shelf, "mot00007") == {("event", "1")}
    assert problems() == []


def test_lists_are_narrowed_by_words(shelf: Company) -> None:
    def ids(line: str) -> list[object]:
        return [row["id"] for row in shelf.must(line).rows]

    assert ids("customer list --search 'example -atelier'") == [4, 3, 2]
    assert ids("customer list --search durnat") == [2]
    assert ids("event list --search 'gala eloise'") == [1]
    assert len(ids("contract list --search 'vir-2026'")) == 1
    assert ids("employee list --search oyvind") == ["sue"] or ids("employee list --search oyvind") == [shelf.ids["sue"]]
    assert ids("""customer list --search '"atelier muller"'""") == [1]
    assert ids("customer list --search nothinglikeit") == []
    assert shelf.run("customer list --search -atelier").code == 2


def test_the_command_speaks_every_format(program: Program) -> None:
    program.company.must('customer add "Éloïse Durant"', by="carla")
    done = program.run("-c", "search durant --format json")
    assert '"record": "customer", "id": "1", "name": "Éloïse Durant", "found": "fullname: Éloïse Durant"' in done.out
