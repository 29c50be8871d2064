"""Many customers at once, behind the program's back: alike at any size, so that only the size makes a difference.

Every fifth customer is carla's, the others are colin's; every second is called Dubois. Each has two contracts: one
unsigned, its id beginning with d, one signed, its id beginning with 1, and half of those paid. The latter has an event,
and sam supports every third of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmshell.database import current, transaction
from crmshell.models.terms import is_spelled
from crmshell.text import fold
from tests.company import START, Company

_FIRST_NAMES = ("Éloïse", "Zoltán", "Inès", "Jean-Luc", "Marguerite", "Łukasz", "小龙")
_SURNAMES = ("Martin", "Sørensen", "Żak")
_HOUR = 3600


def gather(company: Company, customers: int) -> None:
    """Fill an empty company with so many customers."""
    tables = {
        "customer": ("id", "fullname", "company", "commercial_id", "created_at", "updated_at"),
        "search_term": ("noun", "term", "record_id", "owner_id"),
        "contract": (
            "id",
            "uuid",
            "customer_id",
            "commercial_id",
            "total_amount",
            "total_paid",
            "signed_at",
            "created_at",
            "updated_at",
        ),
        "event": (
            "id",
            "name",
            "contract_id",
            "customer_id",
            "commercial_id",
            "support_id",
            "starts_at",
            "ends_at",
            "created_at",
            "updated_at",
        ),
    }
    made: dict[str, list[tuple[Any, ...]]] = {table: [] for table in tables}
    for number in range(1, customers + 1):
        for table, row in _customer(company, number):
            made[table].append(row)
    with transaction(current(), writes=True):
        for table, columns in tables.items():
            current().insert_many(table, columns, made[table])
        words = sorted({(noun, term) for noun, term, *_ in made["search_term"] if is_spelled(term)})
        current().insert_many("search_word", ("noun", "term"), words)


def hire(people: int) -> None:
    """Hire so many more people, all with the role none and called Zoé."""
    columns = ("username", "username_key", "fullname", "role", "is_active", "password_hash", "credential_version")
    more = ("must_change_password", "created_at", "updated_at")
    rows = [
        (f"zoe{number:03}", f"zoe{number:03}", f"Zoé Numéro{number}", "none", True, "-", 1, False, START, START)
        for number in range(people)
    ]
    with transaction(current(), writes=True):
        current().insert_many("employee", (*columns, *more), rows)
        ids = current().execute_sql("SELECT id, username FROM employee WHERE role = 'none'").fetchall()
        terms = [("employee", username, record_id, None) for record_id, username in ids if username.startswith("zoe")]
        current().insert_many("search_term", ("noun", "term", "record_id", "owner_id"), terms)


def _customer(company: Company, number: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """One customer and everything of theirs, as rows of the tables."""
    owner = company.ids["colin" if number % 5 else "carla"]
    surname = _SURNAMES[number % len(_SURNAMES)] if number % 2 else "Dubois"
    first_name, firm = _FIRST_NAMES[number % len(_FIRST_NAMES)], "L'Atelier"
    yield "customer", (number, f"{first_name} {surname}", firm, owner, START, START)
    for term in {*fold(first_name).split("-"), fold(surname), "atelier"}:
        yield "search_term", ("customer", term, number, owner)
    unsigned, signed = 2 * number - 1, 2 * number
    yield "contract", (unsigned, _uuid(unsigned), number, owner, 120_000, 0, None, START, START)
    paid = 120_000 if number % 2 else 20_000
    yield "contract", (signed, _uuid(signed), number, owner, 120_000, paid, START, START, START)
    support = None if number % 3 else company.ids["sam"]
    start = START + number * _HOUR
    yield "event", (number, f"Gala {number}", signed, number, owner, support, start, start + _HOUR, START, START)
    yield "search_term", ("event", "gala", number, owner)


def _uuid(number: int) -> str:
    return f"{'1d'[number % 2]}{number:031x}"
