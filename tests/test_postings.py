"""Frequent words are asked of each record in turn, or met as sets: both find what a plain look at all words does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest

from crmshell.database import current, transaction
from crmshell.listing import Listing
from crmshell.models import finding, narrowing, postings
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.finding import TARGETS, find, rarity
from crmshell.models.narrowing import Narrowed, narrowed, narrowed_whole
from crmshell.models.payment import Payment
from crmshell.models.terms import stored_terms, wanted
from crmshell.session import Session
from tests.company import Company
from tests.listed import fill_evenly
from tests.made_up import reading_made_up
from tests.steps import steps_of

MODELS = [Customer, Contract, Event, Employee]
ROUNDS, CUSTOMERS = 60, 600


@pytest.fixture
def filled(url: str) -> Iterator[str]:
    """A made-up company in a database of each engine."""
    with reading_made_up(url, 60):
        yield url


def _found(model: type[Record], found: Narrowed) -> set[int]:
    query: Any = model.select(model.id).where(found.condition).tuples()
    return {int(row[0]) for row in query}


def _words(model: type[Record]) -> Mapping[int, Sequence[str]]:
    """The words of every record, those of its customer and of its payments among them."""
    references: dict[int, list[str | None]] = {}
    for payment in Payment.select():
        references.setdefault(payment.contract_id, []).append(payment.reference)
    return {record.id: _words_of(record, references) for record in model.select()}


def _words_of(record: Any, references: Mapping[int, Sequence[str | None]]) -> Sequence[str]:
    texts = list(record.search_texts())
    if isinstance(record, Contract | Event):
        texts += record.customer.search_texts()
    if isinstance(record, Contract):
        texts += references.get(record.id, [])
    return [term for text in texts for term in stored_terms([text])]


def _asked(chance: Random, words: Mapping[int, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Beginnings of words that one record has, one of another, and at times one that is excluded."""
    own, other = (sorted({word for word in words[key] if word.isalpha()}) for key in chance.choices(list(words), k=2))
    fragments = [chance.choice(own)[: chance.randint(1, 4)] for _ in range(chance.randint(1, 2))]
    fragments += [chance.choice(other)[:2]] if chance.random() < 0.5 else []
    return fragments, [chance.choice(other)[:3]] if chance.random() < 0.3 else []


@pytest.mark.parametrize("model", MODELS)
def test_every_way_finds_what_a_look_at_all_words_finds(
    filled: str, model: type[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, words = Random(1851), _words(model)
    for _ in range(ROUNDS):
        fragments, excluded = _asked(chance, words)
        text = " ".join([*fragments, *(f"-{word}" for word in excluded)])
        expected = {
            key
            for key, terms in words.items()
            if all(any(term.startswith(each) for term in terms) for each in fragments)
            and not any(term.startswith(each) for each in excluded for term in terms)
        }
        for far, enough in ((2000, 10), (0, 0), (0, 10**6)):
            monkeypatch.setattr(narrowing, "FAR", far)
            monkeypatch.setattr(postings, "ENOUGH", enough)
            assert _found(model, narrowed(model, text)) == expected, (text, far, enough)
        assert _found(model, narrowed_whole(model, text)) == expected, text


def test_words_with_too_many_ways_to_meet_are_asked_in_turn(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "FAR", 0)
    expected = _found(Event, narrowed_whole(Event, "sa le"))
    assert expected
    monkeypatch.setattr(postings, "_MOST_MEETINGS", 1)
    asked = wanted("sa le")
    assert not postings.may_meet(TARGETS["event"], asked, rarity(asked, ["event", "customer"], 10))
    for narrow in (narrowed, narrowed_whole):
        assert _found(Event, narrow(Event, "sa le")) == expected


def test_what_is_met_is_a_scan_too(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "FAR", 0)
    monkeypatch.setattr(postings, "ENOUGH", 10**6)
    for given in ({}, {"count": True}, {"limit": 3}):
        listing: Listing[Any] = Listing(Customer, search="example", **given)
        assert listing.rows(Session()).scan is not None


@pytest.fixture
def thin(sqlite_company: Company) -> Company:
    """A company in which every customer has one of two words, and one of them both."""
    fill_evenly(sqlite_company, CUSTOMERS)
    words = [("customer", "alpha" if key % 2 else "beta", key, None) for key in range(1, CUSTOMERS + 1)]
    with transaction(current(), writes=True):
        columns = ("noun", "term", "record_id", "owner_id")
        current().insert_many("search_term", columns, [*words, ("customer", "beta", 7, None)])
    return sqlite_company


@pytest.mark.usefixtures("thin")
@pytest.mark.parametrize("model", [Customer, Contract])
def test_words_that_seldom_meet_cost_less_than_a_look_at_every_record(
    model: type[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "FAR", 10)
    monkeypatch.setattr(postings, "NEWEST", 10)
    met = steps_of(lambda: _page(model))
    monkeypatch.setattr(postings, "_MOST_MEETINGS", 0)
    assert met * 3 < 2 * steps_of(lambda: _page(model))


def _page(model: type[Record]) -> None:
    listing: Listing[Any] = Listing(model, search="alpha beta", limit=20)
    assert len(list(listing.rows(Session()).rows)) == 1


def test_what_was_cut_off_is_not_taken_for_the_whole(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """One customer whom three words lead to, with four contracts, before another one with one."""
    company.must("customer add 'Xab Xac Xad'", by="carla")
    company.must("customer add Xaz", by="carla")
    for customer in (1, 1, 1, 1, 2):
        company.must(f"contract add {customer} 10")
    asked = wanted("xa")
    rare = rarity(asked, ["contract", "customer"], 100)
    assert find(TARGETS["contract"], asked, rare, 3) == ([1, 2, 3], False)
    assert find(TARGETS["contract"], asked, rare, 5) == ([1, 2, 3, 4, 5], False)
    assert find(TARGETS["contract"], asked, rare, 6) == ([1, 2, 3, 4, 5], True)
    monkeypatch.setattr(finding, "_AGAIN", 2)
    assert find(TARGETS["contract"], asked, rare, 6) == ([1, 2, 3, 4], False)
