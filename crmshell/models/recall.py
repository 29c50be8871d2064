"""Compare the stored words with the records they stand for, some hundred records at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crmshell.database import current
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.payment import Payment
from crmshell.models.terms import is_spelled, stored_terms

_PAGE = 500
Words = set[tuple[str, int | None]]
"""The words of a record, each with the owner it is stored with."""


def wrong_words() -> Iterator[str]:
    """A sentence for each record that is not found by its words, and for words that lead to no record."""
    for model in (Employee, Customer, Contract, Event):
        known = _known_words(model.noun)
        last = 0
        for page in _pages(model):
            expected = _expected_of_contracts(page) if model is Contract else _expected(page)
            yield from _differences(model.noun, expected, _stored(model.noun, last, page[-1].id), known)
            last = page[-1].id
        yield from _differences(model.noun, {}, _stored(model.noun, last, None), known)


def _pages(model: type[Record]) -> Iterator[Sequence[Any]]:
    last = 0
    while page := list(model.select().where(model.id > last).order_by(model.id).limit(_PAGE)):
        yield page
        last = page[-1].id


def _expected(page: Iterable[Record]) -> dict[int, Words]:
    return {
        record.id: {(term, record.search_owner()) for term in stored_terms(record.search_texts())} for record in page
    }


def _expected_of_contracts(page: Sequence[Contract]) -> dict[int, Words]:
    """Contracts are found by the references of their payments."""
    first, last = page[0].id, page[-1].id
    references = Payment.select().where(
        Payment.contract.between(first, last) & Payment.reference.is_null(is_null=False)
    )
    found: dict[int, Words] = {contract.id: set() for contract in page}
    for payment in references:
        terms = {(term, payment.search_owner()) for term in stored_terms(payment.search_texts())}
        found.setdefault(payment.contract_id, set()).update(terms)
    return found


def _stored(noun: str, after: int, until: int | None) -> dict[int, Words]:
    database = current()
    mark = database.param
    bound, values = ("", []) if until is None else (f" AND record_id <= {mark}", [until])
    sql = f"SELECT record_id, term, owner_id FROM search_term WHERE record_id > {mark} AND noun = {mark}{bound}"  # noqa: S608
    found: dict[int, Words] = defaultdict(set)
    for record_id, term, owner_id in database.execute_sql(sql, [after, noun, *values]):
        found[record_id].add((term, owner_id))
    return found


def _known_words(noun: str) -> set[str]:
    database = current()
    sql = f"SELECT term FROM search_word WHERE noun = {database.param}"  # noqa: S608
    return {str(row[0]) for row in database.execute_sql(sql, (noun,))}


def _differences(noun: str, expected: dict[int, Words], stored: dict[int, Words], known: set[str]) -> Iterator[str]:
    for record_id, words in expected.items():
        if stored.pop(record_id, set()) != words:
            yield f"{noun} {record_id} is not found by its words"
        elif any(is_spelled(term) and term not in known for term, _ in words):
            yield f"{noun} {record_id} is not found by a mistyped word"
    yield from (f"words are kept of {noun} {record_id}, which is gone" for record_id in stored)
