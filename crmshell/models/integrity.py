"""Compare everything that is kept twice, and the journal with the records it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import peewee

from crmshell.database import current, marked
from crmshell.models import evidence, recall, totals
from crmshell.models.base import Record
from crmshell.models.chain import Head
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.journal import JournalChange
from crmshell.models.payment import Payment
from crmshell.models.view import View

MODELS: dict[str, type[Record]] = {model.noun: model for model in (Employee, Customer, Contract, Payment, Event, View)}

_ERASED = object()  # what a field held that the journal tells no more
_TOLD_OF_WHOLE_RECORDS = frozenset({"id", "updated_at"})  # which a change of other fields does not tell
_COMPARISONS = (
    (
        "amounts",
        "contract {} has {} cents paid, and payments of {}",
        """SELECT c.uuid, c.total_paid, COALESCE(SUM(p.amount), 0) FROM contract c LEFT JOIN payment p
           ON p.contract_id = c.id GROUP BY c.id, c.uuid, c.total_paid
           HAVING c.total_paid <> COALESCE(SUM(p.amount), 0)""",
    ),
    (
        "copies",
        "contract {} repeats commercial {}, its customer has {}",
        """SELECT c.uuid, c.commercial_id, u.commercial_id FROM contract c JOIN customer u ON u.id = c.customer_id
           WHERE c.commercial_id <> u.commercial_id""",
    ),
    (
        "copies",
        "contract {} has {} events by its count, and {} of them",
        """SELECT c.uuid, c.event_count, COUNT(e.id) FROM contract c LEFT JOIN event e ON e.contract_id = c.id
           AND e.cancelled_at IS NULL
           GROUP BY c.id, c.uuid, c.event_count HAVING c.event_count <> COUNT(e.id)""",
    ),
    (
        "amounts",
        "payment {} of {} cents takes back payment {} of {}",
        """SELECT p.id, p.amount, o.id, o.amount FROM payment p JOIN payment o ON o.id = p.reverses_id
           WHERE p.amount <> -o.amount OR p.contract_id <> o.contract_id""",
    ),
    (
        "copies",
        "contract {} is still with customer {}, who was merged into {}",
        """SELECT c.uuid, u.id, u.merged_into_id FROM contract c JOIN customer u ON u.id = c.customer_id
           WHERE u.merged_into_id IS NOT NULL""",
    ),
    (
        "copies",
        "event {} repeats customer {}, its contract has {}",
        """SELECT e.id, e.customer_id, c.customer_id FROM event e JOIN contract c ON c.id = e.contract_id
           WHERE e.customer_id <> c.customer_id""",
    ),
    (
        "copies",
        "event {} repeats commercial {}, its customer has {}",
        """SELECT e.id, e.commercial_id, u.commercial_id FROM event e JOIN customer u ON u.id = e.customer_id
           WHERE e.commercial_id <> u.commercial_id""",
    ),
)


def counts() -> list[tuple[str, str]]:
    """How many records of each kind there are."""
    return [(f"{noun}s", str(_count(model))) for noun, model in MODELS.items()]


def _count(model: type[Record]) -> int:
    return next(int(number) for (number,) in current().stream(model.select(peewee.fn.COUNT(model.id)), "scan"))


def problems(kept: Head | None = None) -> Iterator[tuple[str, str]]:
    """Which check found what; nothing for a sound database. `kept` is a head of the journal that must still hold."""
    database = current()
    yield from (("integrity", found) for found in database.problems())
    for check, sentence, sql in _COMPARISONS:
        yield from ((check, sentence.format(*row)) for row in database.execute_sql(marked(sql, "scan")))
    yield from (("copies", sentence) for sentence in _wrong_keys())
    yield from (("totals", sentence) for sentence in totals.problems())
    yield from (("search words", sentence) for sentence in recall.wrong_words())
    yield from (("chain", sentence) for sentence in evidence.problems(kept))
    yield from (("journal", sentence) for sentence in _journal_problems())


def _journal_problems() -> Iterator[str]:
    """Replay what the journal says of each record and compare it with the record."""
    for (noun, record_id), rows in groupby(_changes(), key=itemgetter(0, 1)):
        if noun != evidence.ERASED_FROM:
            yield from _replay(noun, record_id, rows)
    for noun, model in MODELS.items():
        told = JournalChange.select(peewee.SQL("1")).where(
            (JournalChange.noun == noun) & (JournalChange.record_id == model.id)
        )
        untold = model.select(model.id).where(~peewee.fn.EXISTS(told)).order_by(model.id)
        yield from (f"{noun} {number} is not in the journal" for (number,) in current().stream(untold, "scan"))


def _wrong_keys() -> Iterator[str]:
    """Customers whose folded forms are not those of what they hold: duplicates of them are not found."""
    names = Customer._meta.sorted_field_names  # noqa: SLF001  (peewee's public name for it)
    for row in current().stream(Customer.select(), "scan"):
        customer = Customer(**dict(zip(names, row, strict=True)))
        held = customer.email_key, customer.name_key
        customer.fold()
        if held != (customer.email_key, customer.name_key):
            yield f"duplicates of customer {customer.id} are sought by another name or e-mail"


def _changes() -> Iterator[tuple[Any, ...]]:
    """All changes by record, in the order in which they were made, streamed."""
    told = JournalChange
    query = told.select(told.noun, told.record_id, told.operation, told.fields)
    return current().stream(query.order_by(told.noun, told.record_id, told.id), "scan")


def _replay(noun: str, record_id: int, rows: Any) -> Iterator[str]:
    state: dict[str, Any] = {}
    is_deleted = is_known = False
    for _, _, operation, text in rows:
        fields = _find_fields(text)
        if fields is None:
            yield f"an entry on {noun} {record_id} cannot be read"
            return
        if operation != "create" and not is_known:
            yield f"the entries on {noun} {record_id} do not begin with its creation"
        is_known = True
        for name in _TOLD_OF_WHOLE_RECORDS:
            fields.pop(name, None)
        for name, (before, _after) in fields.items():
            known = state.get(name, before)
            if _ERASED not in (before, known) and known != before:  # forged ones may be no keys of a set
                yield f"the entries on {noun} {record_id} do not follow each other: {name}"
        state |= {name: after for name, (_before, after) in fields.items()}
        is_deleted = operation == "delete"
    yield from _compare(noun, record_id, state, is_deleted=is_deleted)


def _find_fields(text: str) -> dict[str, tuple[Any, Any]] | None:
    """What an entry says of each field, None where the program cannot have written it."""
    told = evidence.find_fields(text)
    if told is None:
        return None
    return {name: (_ERASED, _ERASED) if pair is None else (pair[0], pair[1]) for name, pair in told.items()}


def _compare(noun: str, record_id: int, state: dict[str, Any], *, is_deleted: bool) -> Iterator[str]:
    model = MODELS.get(noun)
    record = model.get_or_none(model.id == record_id) if model else None
    if record is None:
        if not is_deleted:
            yield f"{noun} {record_id} is in the journal, and gone"
        return
    for name, field in record._meta.fields.items():  # noqa: SLF001  (peewee's public name for it)
        told = state.get(name, field.default)
        is_told = name not in _TOLD_OF_WHOLE_RECORDS and name not in record.unjournalled and told is not _ERASED
        if is_told and record.__data__[name] != told:
            yield f"{noun} {record_id} differs from the journal: {name}"
