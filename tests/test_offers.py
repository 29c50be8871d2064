"""The records that completion offers: those the rules keep, found by handle or by words, and what is said of each."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from completers import LineCompleter
from completers.menu import PAGE
from crmshell.commands import GRAMMAR
from crmshell.models.offers import MOST
from crmshell.models.ways import NEAR
from crmshell.session import Session
from tests.company import Company
from tests.crowd import gather
from tests.menus import entries, offered, records, taken


@dataclass
class Books:
    """Contracts of two commercials, signed or not, paid or not; by the handle that is shown."""

    mine_unsigned: str
    mine_due: str
    mine_paid: str
    theirs_unsigned: str
    theirs_due: str

    @property
    def all(self) -> set[str]:
        """Every contract there is."""
        return {self.mine_unsigned, self.mine_due, self.mine_paid, self.theirs_unsigned, self.theirs_due}


@pytest.fixture
def books(company: Company) -> Books:
    mine, theirs = company.customer("Éloïse d'Été"), company.customer("Zoltán Kővári", by="colin")
    paid = company.signed(mine)
    company.must(f"contract add-payment {paid} 1000")
    return Books(
        company.contract(mine)[:8],
        company.signed(mine)[:8],
        paid[:8],
        company.contract(theirs)[:8],
        company.signed(theirs)[:8],
    )


# Which records


def test_one_signs_what_is_ones_own_and_unsigned(company: Company, books: Books) -> None:
    assert records(company.session("carla"), "contract sign ") == {books.mine_unsigned}
    assert records(company.session("alice"), "contract sign ") == {books.mine_unsigned, books.theirs_unsigned}
    assert records(company.session("sam"), "contract sign ") == set()


def test_one_pays_what_is_signed_and_due(company: Company, books: Books) -> None:
    assert records(company.session("carla"), "contract add-payment ") == {books.mine_due}
    assert records(company.session("alice"), "contract add-payment --contract-uuid=") == {
        books.mine_due,
        books.theirs_due,
    }


def test_an_event_is_planned_for_a_signed_contract_of_ones_own(company: Company, books: Books) -> None:
    assert records(company.session("carla"), "event add ") == {books.mine_due, books.mine_paid}


def test_anybody_looks_at_anything(company: Company, books: Books) -> None:
    for username in ("alice", "carla", "sam", "nils"):
        assert records(company.session(username), "contract detail ") == books.all


def test_one_updates_ones_own_customers_and_moves_contracts_among_them(company: Company, books: Books) -> None:
    carla = company.session("carla")
    assert records(carla, "customer update ") == {"1"}
    assert records(carla, f"contract update {books.mine_unsigned} --customer-id ") == set()
    another = company.customer("Ana Peña")
    assert records(carla, f"contract update {books.mine_unsigned} --customer-id ") == {str(another)}
    assert records(carla, "customer detail ") == {"1", "2", str(another)}


def test_support_is_chosen_among_those_who_are_active(company: Company) -> None:
    event = company.event()
    alice = company.session("alice")
    assert records(alice, f"event set-support {event} ") == {"sam", "sue"}
    company.must("employee deactivate sue")
    assert records(alice, f"event set-support {event} ") == {"sam"}


def test_commercials_are_chosen_among_those_who_are_active(company: Company) -> None:
    customer = company.customer()
    alice = company.session("alice")
    company.must("employee deactivate colin")
    assert records(alice, "customer set-commercial --commercial-username ") == {"carla"}
    assert records(alice, f"customer set-commercial {customer} ") == set()


def test_a_customer_is_given_to_another_than_the_present_commercial(company: Company) -> None:
    hers, his = company.customer(), company.customer(by="colin")
    alice = company.session("alice")
    assert records(alice, f"customer set-commercial {hers} ") == {"colin"}
    assert records(alice, f"customer set-commercial {his} c") == {"carla"}
    assert records(alice, f"customer set-commercial {hers} --commercial-username=") == {"colin"}
    assert records(alice, "customer set-commercial 99 ") == {"carla", "colin"}
    assert records(alice, "customer set-commercial --commercial-username ") == {"carla", "colin"}
    company.must(f"customer set-commercial {hers} colin")
    assert records(alice, f"customer set-commercial {hers} ") == {"carla"}


def test_a_role_is_another_than_the_present_one(company: Company) -> None:
    alice = company.session("alice")
    assert offered(alice, "employee set-role sam ") == ["administrator", "commercial", "none"]
    assert offered(alice, "employee set-role nils ") == ["administrator", "commercial", "support"]
    assert offered(alice, "employee set-role nobody ") == ["administrator", "commercial", "support", "none"]


def test_support_that_is_busy_meanwhile_is_marked_and_comes_last(company: Company) -> None:
    gala = company.event(options="--start 2027-07-01T19:00 --end 2027-07-01T23:00")
    company.must(f"event set-support {gala} sam")
    during = company.event(options="--start 2027-07-01T22:00 --end 2027-07-02T01:00")
    after = company.event(options="--start 2027-07-01T23:00 --end 2027-07-02T01:00")
    alice = company.session("alice")
    free, busy = entries(alice, f"event set-support {during} ")
    assert (free.text, free.display_meta_text) == ("sue", "Sue Øyvind · support")
    assert (busy.text, busy.display_meta_text) == ("sam", "busy: Soirée, until 23:00 · Sam Łukasz · support")
    assert offered(alice, f"event set-support {after} ") == ["sam", "sue"]
    assert offered(alice, f"event set-support {gala} ") == ["sam", "sue"]
    undated = company.event()
    assert offered(alice, f"event set-support {undated} ") == ["sam", "sue"]
    company.must(f"event set-support {during} sue")
    marks = [entry.display_meta_text for entry in entries(alice, f"event set-support {gala} s")]
    assert marks == ["Sam Łukasz · support", "busy: Soirée, until 2027-07-02 01:00 · Sue Øyvind · support"]


def test_an_event_is_updated_by_its_support(company: Company) -> None:
    hers, his = company.event(), company.event()
    company.must(f"event set-support {hers} sue")
    company.must(f"event set-support {his} sam")
    assert records(company.session("sam"), "event update ") == {str(his)}
    assert records(company.session("carla"), "event update ") == set()


def test_nobody_is_offered_themselves_for_what_is_done_to_others(company: Company) -> None:
    alice = company.session("alice")
    assert "alice" not in records(alice, "employee set-role ")
    company.must("employee deactivate nils")
    assert records(alice, "employee activate ") == {"nils"}
    assert not records(alice, "employee deactivate ") & {"nils", "alice"}


def test_a_customer_that_changed_hands_is_offered_to_the_new_ones(company: Company, books: Books) -> None:
    company.must("customer set-commercial 1 colin")
    assert records(company.session("carla"), "contract sign ") == set()
    assert books.mine_unsigned in records(company.session("colin"), "contract sign ")


# How they are found


def test_what_begins_so_comes_before_a_word_that_does_and_names_before_companies(company: Company) -> None:
    named = [("Paul Martin", None), ("Zoé Roy", "Marbrerie Roy"), ("Marie Petit", None), ("Li Na", "Au Marché")]
    for fullname, firm in named:
        company.must(f"customer add '{fullname}' --company '{firm or ''}'", by="carla")
    company.must("customer add 'Ana Peña' --email martin@example.com", by="carla")
    assert offered(company.session("alice"), "customer detail mar") == ["3", "2", "4", "1", "5"]


def test_a_frequent_word_leaves_room_for_others_that_begin_alike(sqlite_company: Company) -> None:
    for number in range(NEAR + 1):
        sqlite_company.must(f"customer add 'Ana Peña {number}' --company Marbrerie", by="carla")
    martin, mari = sqlite_company.customer("Paul Martin"), sqlite_company.customer("Mari Roy")
    found = offered(sqlite_company.session("carla"), "customer detail mar")
    assert len(found) == MOST + 1
    assert found[0] == str(mari)
    assert str(martin) in found


def test_a_contract_is_found_by_the_reference_of_a_payment(company: Company, books: Books) -> None:
    company.must(f"contract add-payment {books.mine_due} 100 --reference 'VIR 2027-0815'")
    for username in ("alice", "carla"):
        session = company.session(username)
        assert records(session, "contract detail 0815") == {books.mine_due}
        assert records(session, "contract add-payment 'vir 08'") == {books.mine_due}
    assert records(company.session("colin"), "contract add-payment 0815") == set()


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_what_is_due_is_never_cut_from_an_entry_and_a_long_name_gives_way(
    sqlite_company: Company, columns: int
) -> None:
    customer = sqlite_company.customer("Marguerite " * 20)
    sqlite_company.signed(customer, "99999999.99")
    completer = LineCompleter(GRAMMAR, sqlite_company.session("carla"))
    (entry,) = completer.menu(Document("contract add-payment marg"), columns)
    assert entry.display_meta_text.startswith("Ma")
    assert "… · 99 999 999.99 € due" in entry.display_meta_text
    assert len(entry.display_text) + len(entry.display_meta_text) + 4 <= columns


def test_ids_and_names_that_begin_alike_share_the_menu(sqlite_company: Company) -> None:
    gather(sqlite_company, 120)
    sqlite_company.contract(sqlite_company.customer("Denis Roy"))
    first_page = entries(sqlite_company.session("alice"), "contract detail d")[:PAGE]
    assert any("Denis Roy" in entry.display_meta_text for entry in first_page)
    assert sum(entry.text.startswith("d") for entry in first_page) > PAGE // 2


def test_numbers_are_found_by_their_beginning(company: Company) -> None:
    for _ in range(13):
        company.customer()
    alice = company.session("alice")
    assert offered(alice, "customer detail 1") == ["1", "10", "11", "12", "13"]
    assert offered(alice, "customer detail 13") == ["13"]
    assert offered(alice, "customer detail 14") == []


def test_a_contract_is_found_by_the_beginning_of_its_uuid_in_any_case(company: Company, books: Books) -> None:
    alice = company.session("alice")
    whole = str(company.must(f"contract detail {books.mine_due}").card["id"])
    dashed = f"{whole[:8]}-{whole[8:12]}-{whole[12:14]}"
    for typed in (whole[:4], whole[:6].upper(), dashed, dashed.upper()):
        assert records(alice, f"contract detail {typed}") == {books.mine_due}, typed


CUSTOMERS = [
    ("Éloïse d'Été", "L'Atelier Müller", "eloise@atelier.example"),
    ("Zoltán Kővári", "Kővári Pálinka", "zoltan@palinka.example"),
    ("李 小龙", "Søren & Łukasz", "jean-luc@example.com"),
]


@pytest.fixture
def shelf(company: Company) -> Session:
    """Three customers of carla, numbered 1 to 3."""
    for fullname, firm, email in CUSTOMERS:
        company.must(f'customer add "{fullname}" --company "{firm}" --email {email}', by="carla")
    return company.session("carla")


FOUND = {
    "eloise": {"1"},
    "ELOÏSE": {"1"},
    "'ete elo": {"1"},
    "'muller d ete": {"1"},
    "d'ete": {"1"},
    "dete": {"1"},
    "kov": {"2"},
    "'palinka zol": {"2"},
    '"kovari zoltan': {"2"},
    "soren": {"3"},
    "lukasz": {"3"},
    "李": {"3"},
    "小龙": {"3"},
    "jean-luc@exa": {"3"},
    "zoltan@palinka.example": {"2"},
    "example": {"1", "2", "3"},
    "'elo kov": set(),
    "oise": set(),
}


def test_a_customer_is_found_by_words_in_any_order_and_without_accents(shelf: Session) -> None:
    assert {typed: records(shelf, f"customer detail {typed}") for typed in FOUND} == FOUND


def test_one_mistake_is_forgiven_where_nothing_matches_and_said_so(company: Company, shelf: Session) -> None:
    contract = company.signed(2)
    for typed in ("zolatn", "zoltn", "zolttan", "zoltam", "'kovari zoltn"):
        (entry,) = entries(shelf, f"customer detail {typed}")
        assert (entry.text, entry.display_meta_text) == ("2", entry.display_meta_text)
        assert entry.display_meta_text.startswith("≈ "), typed
        assert "zoltan" in entry.display_meta_text.split(" · ")[0]
    assert records(shelf, "event add zoltn") == {contract[:8]}
    assert records(shelf, "customer detail zolta") == {"2"}
    assert "≈" not in entries(shelf, "customer detail zolta")[0].display_meta_text
    assert records(company.session("colin"), "customer update zoltn") == set()
    assert records(shelf, "customer detail zlotna") == set()
    assert records(company.session("alice"), "employee detail colni") == {"colin"}


def test_contracts_and_events_are_found_by_the_words_of_their_customer(company: Company, shelf: Session) -> None:
    contract = company.signed(2)
    company.signed(1)
    event = company.event(contract)
    assert records(shelf, "event add kova") == {contract[:8]}
    assert records(shelf, "event detail zoltan") == {str(event)}
    assert records(shelf, "event detail soiree") == {str(event)}


def test_an_employee_is_found_by_username_and_by_name(company: Company) -> None:
    alice = company.session("alice")
    assert records(alice, "employee detail sa") == {"sam"}
    assert records(alice, "employee detail ndiaye") == {"adam"}
    assert records(alice, "employee detail 'oyvind sue") == {"sue"}
    assert records(alice, "employee detail SUE") == {"sue"}


def test_a_word_typed_in_quotes_is_replaced_with_them(shelf: Session) -> None:
    assert taken(shelf, "customer detail 'kov zol") == "customer detail 2"
    assert taken(shelf, 'customer detail --customer-id="kov') == "customer detail --customer-id=2"


# What is said of each


def test_a_customer_is_described_by_name_company_and_commercial(shelf: Session) -> None:
    (entry,) = entries(shelf, "customer detail elo")
    assert entry.display_meta_text == "Éloïse d'Été · L'Atelier Müller · carla"


def test_a_contract_is_described_by_what_one_does_with_it(company: Company, shelf: Session) -> None:
    contract = company.contract(1, "1234,50")
    (unsigned,) = entries(shelf, f"contract detail {contract[:6]}")
    assert unsigned.display_meta_text == "Éloïse d'Été · 1 234.50 €, not signed · L'Atelier Müller · 2026-09-21"
    company.must(f"contract sign {contract}")
    assert "1 234.50 € due" in entries(shelf, f"contract detail {contract[:6]}")[0].display_meta_text
    company.must(f"contract add-payment {contract} 1234,50")
    assert "paid" in entries(shelf, f"contract detail {contract[:6]}")[0].display_meta_text


def test_an_event_is_described_by_name_customer_start_and_support(company: Company, shelf: Session) -> None:
    event = company.event(company.signed(2), "--start 2027-07-01T19:00 --end 2027-07-02T01:00")
    company.must(f"event set-support {event} sam")
    (entry,) = entries(shelf, f"event detail {event}")
    assert entry.display_meta_text == "Soirée · Zoltán Kővári · 2027-07-01 19:00 · sam"


def test_an_employee_is_described_by_name_role_and_state(company: Company) -> None:
    company.must("employee deactivate nils")
    (entry,) = entries(company.session("alice"), "employee detail nils")
    assert entry.display_meta_text == "Nils Bjørk · none · deactivated"


def test_a_long_description_is_cut(company: Company) -> None:
    carla = company.session("carla")
    company.must(f'customer add "Jean" --company "{"Compagnie des transports " * 8}"', by="carla")
    (entry,) = entries(carla, "customer detail jean")
    assert entry.display_meta_text.endswith("…")


# Names


def test_named_records_of_the_kind_come_first_and_say_which_they_are(company: Company, shelf: Session) -> None:
    company.must('customer add "Ana Peña" --as gala', by="carla")
    found = entries(shelf, "customer detail ")
    assert [entry.text for entry in found[:2]] == ["@customer", "@gala"]
    assert found[1].display_meta_text == "4 · Ana Peña · carla"
    assert offered(shelf, "customer detail @g") == ["@gala"]
    assert offered(shelf, "customer detail @nobody") == []
    assert offered(shelf, "event detail @") == []


def test_a_name_is_offered_where_its_record_is(company: Company, books: Books) -> None:
    carla = company.session("carla")
    company.must(f"contract detail {books.theirs_unsigned}", by="carla")
    assert "@contract" in offered(carla, "contract detail ")
    assert "@contract" not in offered(carla, "contract sign ")
    company.must(f"contract detail {books.mine_unsigned}", by="carla")
    assert offered(carla, "contract sign ") == ["@contract", books.mine_unsigned]


def test_the_record_used_last_comes_first(company: Company, shelf: Session) -> None:
    assert offered(shelf, "customer update ")[1:] == ["3", "2", "1"]
    company.must("customer detail 1", by="carla")
    assert offered(shelf, "customer update ")[1:] == ["1", "3", "2"]
    company.must("customer detail 2", by="carla")
    assert offered(shelf, "customer update ")[1:] == ["2", "1", "3"]
    assert offered(shelf, "customer update exam") == ["2", "1", "3"]


def test_recency_counts_for_contracts_events_and_employees_too(company: Company) -> None:
    contracts = [company.signed(total=f"{total}") for total in (100, 200, 300)]
    events = [company.event(contract) for contract in contracts]
    nils = company.session("nils")
    company.must(f"contract detail {contracts[0]}", by="nils")
    company.must(f"event detail {events[1]}", by="nils")
    company.must("employee detail sue", by="nils")
    assert offered(nils, "contract detail ")[:3] == ["@contract", contracts[0][:8], contracts[2][:8]]
    assert offered(nils, "contract detail elo")[0] == contracts[0][:8]
    assert offered(nils, "event detail ")[:2] == ["@event", str(events[1])]
    assert offered(nils, "employee detail s") == ["sue", "sam"]


def test_what_begins_so_comes_before_what_has_a_word_that_does(company: Company) -> None:
    company.must('customer add "Ana Martin" --company "Béton Martinique"', by="carla")
    company.must('customer add "Martine Peña"', by="carla")
    company.must('customer add "Zoé Martin"', by="carla")
    assert offered(company.session("alice"), "customer detail mart") == ["2", "3", "1"]
    assert offered(company.session("alice"), "employee detail a") == ["adam", "alice"]


# At once


def test_what_one_has_committed_is_offered_at_once(company: Company) -> None:
    carla = company.session("carla")
    for number in range(1, 4):
        company.customer(f"Zoé Numéro{number}")
        assert str(number) in records(carla, "customer update zoe")
        assert str(number) in records(carla, "customer update ")
    company.must('customer update 2 --fullname "Ana Peña"', by="carla")
    assert records(carla, "customer update zoe") == {"1", "3"}
    assert records(carla, "customer update pena") == {"2"}


def test_the_menu_of_one_prompt_is_looked_up_once(company: Company) -> None:
    completer = LineCompleter(GRAMMAR, company.session("carla"))
    first = completer.menu(Document("customer detail "))
    assert list(first) == []
    company.customer()
    assert completer.menu(Document("customer detail ")) is first
    assert list(first) == []
    completer.forget()
    assert [entry.text for entry in completer.get_completions(Document("customer detail "), CompleteEvent())]
