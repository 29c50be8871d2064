"""Every record of a made-up company is found by all one could remember of it, and the cost of it does not grow."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data import fill
from crmshell.database import open_database, transaction
from crmshell.listing import Listing
from crmshell.models import finding, hits
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.finding import TARGETS
from crmshell.models.narrowing import narrowed
from crmshell.models.payment import Payment
from crmshell.models.terms import stored_terms, terms_of, wanted
from crmshell.people import format_phone
from crmshell.session import Session
from crmshell.text import fold
from tests.made_up import reading_made_up
from tests.steps import steps_of

SMALL, LARGE, HUGE = 200, 1200, 20_000


@pytest.fixture
def filled(url: str) -> Iterator[str]:
    """A made-up company in a database of each engine."""
    with reading_made_up(url, 20):
        yield url


def _found(model: type[Record], text: str) -> set[int]:
    """The keys that a list of this kind shows for a text."""
    query: Any = model.select(model.id).where(narrowed(model, text).condition).tuples()
    return {int(row[0]) for row in query}


def _remembered(record: Any) -> Iterator[str]:
    """What one may remember of a record."""
    for text in filter(None, record.search_texts()):
        for term in terms_of(text):
            if term.isalnum():
                yield from (term, term[:3])
    if isinstance(record, Customer):
        yield from (part for part in (record.email, str(record.id)) if part)
        if record.phone:
            yield from _notations(record.phone)
    if isinstance(record, Event):
        yield str(record.id)
    if isinstance(record, Contract | Event):
        yield from terms_of(record.customer.fullname)
    if isinstance(record, Contract):
        yield from (record.uuid, record.uuid[:8], f"{record.uuid[:8]}-{record.uuid[8:12]}")


def _notations(phone: str) -> Iterator[str]:
    yield from (phone, f"00{phone[1:]}", format_phone(phone, "FR"), format_phone(phone, "US"), phone[-4:])


@pytest.mark.slow_on_postgres
@pytest.mark.parametrize("model", [Customer, Contract, Event, Employee])
def test_every_record_is_found_by_all_that_one_remembers_of_it(filled: str, model: type[Record]) -> None:
    known: dict[str, set[int]] = {}
    for record in model.select():
        for text in set(_remembered(record)):
            known.setdefault(text, set()).add(record.id)
    missed = {text: keys - _found(model, text) for text, keys in known.items()}
    assert {text: keys for text, keys in missed.items() if keys} == {}


def test_contracts_are_found_by_the_references_of_their_payments(filled: str) -> None:
    payments = [payment for payment in Payment.select() if payment.reference]
    assert payments
    for payment in payments:
        assert payment.contract_id in _found(Contract, str(payment.reference))


def test_nothing_appears_that_is_excluded(filled: str) -> None:
    words = {term for customer in Customer.select() for term in terms_of(customer.fullname)}
    for word in sorted(words)[:20]:
        kept = _found(Customer, f"example -{word}")
        for customer in Customer.select().where(Customer.id.in_(kept)):
            assert not any(term.startswith(word) for term in stored_terms(customer.search_texts())), word


def test_words_that_many_have_are_looked_for_in_turn(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {text: _found(Event, text) for text in ("example", "example -carla", "sa", "gala")}
    monkeypatch.setattr("crmshell.models.narrowing.FAR", 0)
    assert {text: _found(Event, text) for text in whole} == whole
    assert narrowed(Customer, '"example com" saint').remarks


def test_a_list_that_asks_each_record_for_its_words_says_so(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listing: list[Listing[Any]] = [Listing(Customer, search="example") for _ in range(2)]
    assert listing[0].rows(Session()).scan is None
    monkeypatch.setattr("crmshell.models.narrowing.FAR", 0)
    assert listing[1].rows(Session()).scan is not None


LETTERS = {"Łódź": "lodz", "Søren": "soren", "Øyvind": "oyvind", "Ελένη": "ελενη", "Straße": "strasse", "Œuf": "oeuf"}


@pytest.mark.parametrize(("typed", "folded"), [*LETTERS.items(), ("ﬁn", "fin"), ("山田", "山田"), ("Ａｂ", "ab")])
def test_letters_are_folded_as_people_type_them(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text(st.characters(categories=("L", "M", "N")), min_size=1, max_size=30))
def test_a_text_is_found_by_its_own_words_in_any_form(text: str) -> None:
    stored = stored_terms([text])
    for form in ("NFC", "NFD", "NFKC"):
        same = unicodedata.normalize(form, text)
        assert all(fragment.is_in(stored) for fragment in wanted(same).fragments), form
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_whatever_is_typed_can_be_read(text: str) -> None:
    asked = wanted(text)
    assert all(fragment.beginnings for fragment in asked.fragments)
    assert all(part for fragment in asked.fragments for part in fragment.beginnings)


# The cost, without a clock

TYPED = ("example", "saint", "a", "06", "sa", "example com", "de example", "sa example org", "zzzz")


@pytest.fixture(scope="module", params=[LARGE, pytest.param(HUGE, marks=pytest.mark.slow)])
def sizes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Two companies that differ in their size."""
    folder = tmp_path_factory.mktemp("sizes")
    paths = {customers: folder / f"{customers}.db" for customers in (SMALL, request.param)}
    for customers, path in paths.items():
        fill(str(path), customers, with_journal=False)
    return paths


@pytest.mark.parametrize("typed", TYPED)
def test_a_search_takes_no_more_steps_in_a_larger_company(
    sizes: dict[int, Path], typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "NEAR", 10)  # reached in the small company already
    monkeypatch.setattr(finding, "MOST", 5)
    asked = wanted(typed)
    steps = {}
    for customers, path in sizes.items():
        opened = open_database(str(path), may_create=False)
        with transaction(opened, writes=False):
            hits.search(asked, list(TARGETS.values()), 10)
            steps[customers] = steps_of(lambda: hits.search(asked, list(TARGETS.values()), 10))
        opened.close()
    assert max(steps.values()) < 1.5 * steps[SMALL] + 2000, steps


@pytest.mark.parametrize("typed", ["example", "sa example", "example com"])
@pytest.mark.parametrize("model", [Customer, Contract])
def test_a_list_by_frequent_words_takes_no_more_steps_in_a_larger_company(
    sizes: dict[int, Path], typed: str, model: type[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmshell.models.narrowing.FAR", 10)
    steps = {}
    for customers, path in sizes.items():
        opened = open_database(str(path), may_create=False)
        with transaction(opened, writes=False):
            steps[customers] = steps_of(lambda: _first_page(model, typed))
        opened.close()
    assert max(steps.values()) < 1.5 * steps[SMALL] + 200, steps


def _first_page(model: type[Record], typed: str) -> None:
    listing: Listing[Any] = Listing(model, search=typed, limit=20)
    assert len(list(listing.rows(Session()).rows)) == 20
