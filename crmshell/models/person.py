"""Everything held on a person: what of it is exported, and how what is personal goes for good.

Gone are name, e-mail, phone and notes of the customer and of all that were merged into it, its search words, the notes
of its events, the names of events, companies and places that name the person, and all of it in the journal. Contracts,
payments and amounts stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from crmshell.database import current
from crmshell.models import erasure, history, journal, search, vocabulary
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.event import Event
from crmshell.models.journal import Erasure
from crmshell.models.payment import Payment
from crmshell.outcome import Rows, Value
from crmshell.text import words

ERASED = "(erased)"
_PERSONAL = ("fullname", "email", "phone", "note")
_SHORTEST_NAME = 3
_PARTICLES = frozenset({"des", "les", "von", "van", "den", "der", "del", "dos"})
_PAGE = 500


def holdings_of(customer: Customer) -> list[Rows]:
    """What is held beside the record: merged customers, contracts, payments, events, and what the journal says."""
    numbers, events = customer.numbers(), list(Event.select().where(Event.customer == customer))
    merged = Customer.rows(Customer.listed().where(Customer.id.in_(list(numbers[1:]))).order_by(Customer.id))
    contracts = Contract.rows(Contract.listed().where(Contract.customer == customer).order_by(Contract.id))
    payments = Payment.rows(Payment.listed().where(Contract.customer == customer).order_by(Contract.id, Payment.id))
    planned = Event.rows(Event.listed().where(Event.customer == customer).order_by(Event.id))
    changes = history.history_of(customer)
    told = chain(changes.rows, *(history.history_of(event).rows for event in events))
    return [
        _listing_like("merged customer", merged, merged.rows),
        contracts,
        payments,
        planned,
        _listing_like("change", changes, told),
        Rows("entry", history.Entry.columns(), _entries(customer)),
    ]


def _listing_like(noun: str, like: Rows, rows: Iterable[Sequence[Value]]) -> Rows:
    """Other rows with the columns of a listing, under another noun."""
    return Rows(noun, like.columns, rows, like.shorten)


def _entries(customer: Customer) -> Iterator[Sequence[Value]]:
    """The entries of the journal whose texts name the person, the oldest first: those that an erasure would blank."""
    found = sorted({blank.entry_id for blank in erasure.plan(erasures_of(customer))})
    for first in range(0, len(found), _PAGE):
        query = history.entries(None).where(history.Entry.id.in_(found[first : first + _PAGE]))
        yield from sorted(current().execute_sql(*query.sql()).fetchall())


def erasures_of(customer: Customer) -> list[Erasure]:
    """The fields that an erasure takes, of the customer, of those that were merged into it, and of its events."""
    names = _names_of(customer)
    events = Event.select().where(Event.customer == customer).order_by(Event.id)
    return [
        *(_erasure(one, *_PERSONAL, *_fields_naming(one, names, "company")) for one in _all(customer)),
        *(_erasure(event, "note", *_fields_naming(event, names, "name", "location")) for event in events),
    ]


def _erasure(record: Customer | Event, *names: str) -> Erasure:
    return Erasure(record.noun, record.id, frozenset(names))


def erase(customer: Customer, now: int) -> int:
    """Blank all of it, and in the journal; returns how many events lost something. It cannot be undone."""
    current().overwrite_deleted()
    erasures = erasures_of(customer)
    people = {one.id: one for one in _all(customer)}
    for noun, record_id, names in erasures:
        if noun == Customer.noun:
            _erase_customer(people[record_id], names, now)
        journal.erase_fields(noun, record_id, names)
    events = sum(_erase_event(each) for each in erasures if each.noun == Event.noun)
    search.drop_unused_words()
    vocabulary.forget()
    return events


def _erase_customer(customer: Customer, names: frozenset[str], now: int) -> None:
    for name in names:
        setattr(customer, name, ERASED if name == "fullname" else None)
    customer.deleted_at = customer.deleted_at or now
    customer.erased_at = now
    customer.store()


def _erase_event(erased: Erasure) -> bool:
    event = Event.find(erased.record_id)
    assert event is not None  # noqa: S101  (it was found in this transaction)
    for name in erased.names:
        setattr(event, name, ERASED if name == "name" else None)
    has_changed = bool(event.changed())
    event.store()
    return has_changed


def _all(customer: Customer) -> list[Customer]:
    """The customer, and all that were merged into it."""
    return list(Customer.select().where(Customer.id.in_(list(customer.numbers()))).order_by(Customer.id))


def _names_of(customer: Customer) -> frozenset[str]:
    """The words of all the names the person has here, without those that many names share."""
    found = frozenset(word for one in _all(customer) for word in words(one.fullname))
    return frozenset(word for word in found - _PARTICLES if len(word) >= _SHORTEST_NAME or not word.isascii())


def _fields_naming(record: Customer | Event, names: frozenset[str], *fields: str) -> list[str]:
    """Those of some fields that name the person."""
    return [field for field in fields if words(getattr(record, field) or "") & names]
