"""Made-up companies of any size, the same for the same seed.

`python -m benchmarks.data --customers 1000 --database URL` fills an empty database: two contracts and one and a half
events a customer, payments, notes. One commercial, carla, has a fifth of all customers. Everybody on the staff logs in
with PASSWORD: alice administers, carla and colin sell, sam and sue support, nils may only look. Moments lie around NOW.
"""

from __future__ import annotations

import argparse
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, TypeVar

from benchmarks import names
from benchmarks.loading import Loading, opened_empty
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer, name_key
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.payment import Method, Payment
from crmshell.passwords import hash_password
from crmshell.people import fold_username
from crmshell.text import fold

PASSWORD = "a quiet green lamp"
NOW = 1_795_600_000  # 2026-11-25 11:46:40 in Paris
HOUR, DAY = 3600, 86_400  # seconds
CONTRACTS_EACH, EVENTS_EACH = 2, 1.5
LARGEST_MADE = 100_000  # customers; a larger company is one of these, several times under other keys
MOST_WITH_JOURNAL = 10_000  # customers; more would be written for nothing but its size
_FOUNDED = 3000  # days ago
_NAMED_STAFF = (
    ("alice", "Alice Martin", "administrator"),
    ("adam", "Adam N'Diaye", "administrator"),
    ("carla", "Carla d'Été", "commercial"),
    ("colin", "Colin O'Brien", "commercial"),
    ("sam", "Sam Łukasz", "support"),
    ("sue", "Sue Øyvind", "support"),
    ("nils", "Nils Bjørk", "none"),
)
_MORE_STAFF = 28  # of each role that works
_CARLA = 3  # her id
_METHODS = tuple(method.value for method in Method)


class Town:
    """Where the made-up people come from: names, addresses, places, each drawn from one stream of chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def fullname(self) -> str:
        """A first and a last name."""
        return f"{self.chance.choice(names.FIRST_NAMES)} {self.surname()}"

    def surname(self) -> str:
        """A last name; some are far more frequent than others."""
        stem = names.SURNAME_STEMS[self._skewed(len(names.SURNAME_STEMS))]
        ending = names.SURNAME_ENDINGS[self._skewed(len(names.SURNAME_ENDINGS))]
        particles = names.PARTICLES_BEFORE_VOWELS if fold(stem[0]) in "aeiouy" else names.PARTICLES
        return f"{self.chance.choice(particles)}{stem}{ending}"

    def company(self) -> str:
        """A company."""
        choice = self.chance.choice
        parts = (choice(names.TRADES), choice(names.OWNERS).format(self.surname()), choice(names.COMPANY_FORMS))
        return " ".join(part for part in parts if part)

    def email(self, fullname: str, company: str | None, number: int) -> str:
        """An address that only the customer of this number has."""
        local = _slug(fullname).replace("-", ".", 1) or "contact"
        if company and self.chance.random() < 0.6:
            return f"{local}{number}@{_slug(company)[:40].strip('-') or 'company'}.example"
        return f"{local}{number}@example.{self.chance.choice(('com', 'org', 'net'))}"

    def phone(self) -> str:
        """A number of a shape that is used, French nine times in ten."""
        if self.chance.random() < 0.9:
            return f"+33{self.chance.choice('1234567')}{self.chance.randrange(10**8):08}"
        return f"+{self.chance.choice(('3225', '4930', '4420', '3531'))}{self.chance.randrange(10**7):07}"

    def occasion(self) -> str:
        """The name of an event."""
        return f"{self.chance.choice(names.OCCASIONS)} {self.chance.choice(names.SEASONS)}".strip()

    def place(self) -> str:
        """Where an event takes place."""
        return f"{self.chance.choice(names.VENUES)} {self.surname()}, {self.chance.choice(names.TOWNS)}"

    def note(self) -> str:
        """What one has to know of an event: a few words, sometimes many."""
        return " ".join(self.chance.choices(names.NOTE_WORDS, k=self.chance.choice((4, 8, 12, 40)))).capitalize()

    def _skewed(self, count: int) -> int:
        return int(count * self.chance.random() ** 2)


M = TypeVar("M", bound=Record)


def _made(model: type[M], **values: Any) -> M:
    """A record as it would be read; made through its constructor it would note every value as a change."""
    record = model(__no_default__=1)
    record.__data__ = {**_defaults(model), **values}
    return record


@cache
def _defaults(model: type[Record]) -> dict[str, Any]:
    return {name: field.default for name, field in model._meta.fields.items()}  # noqa: SLF001  (peewee's public name)


def _slug(text: str) -> str:
    return "-".join("".join(char if char.isascii() and char.isalnum() else " " for char in fold(text)).split())


class Sample:
    """A company of so many customers, as records in the order in which they refer to each other."""

    def __init__(self, customers: int, seed: int = 1851) -> None:
        self.customers = customers
        self.town = Town(seed)
        self.chance = self.town.chance
        self.hashed = hash_password(PASSWORD, rounds=4)
        self.commercials: list[int] = []
        self.supports: list[int] = []
        self.owners = array("q")  # of customers, by number
        self.signed = array("q")  # contracts
        self.signers = array("q")  # their customers
        self.paid = array("q")  # contract, cents and moment of each payment, one after the other

    def records(self) -> Iterator[Record]:
        """Everything, one kind after another."""
        yield from self._staff()
        yield from (self._customer(number) for number in range(1, self.customers + 1))
        yield from (self._contract(key) for key in range(1, CONTRACTS_EACH * self.customers + 1))
        yield from (self._payment(number) for number in range(1, len(self.paid) // 3 + 1))
        yield from (self._event(number) for number in range(1, int(EVENTS_EACH * self.customers) + 1))

    def _staff(self) -> Iterator[Employee]:
        more = ((role, index) for role in ("commercial", "support") for index in range(_MORE_STAFF))
        made = [(f"{role[:3]}{index:02}", self.town.fullname(), role) for role, index in more]
        for number, (username, fullname, role) in enumerate((*_NAMED_STAFF, *made), 1):
            if role == "commercial" and number != _CARLA:
                self.commercials.append(number)
            elif role == "support":
                self.supports.append(number)
            yield _made(
                Employee,
                id=number,
                username=username,
                username_key=fold_username(username),
                fullname=fullname,
                role=role,
                password_hash=self.hashed,
                created_at=NOW - _FOUNDED * DAY,
                updated_at=NOW - _FOUNDED * DAY,
            )

    def _customer(self, number: int) -> Customer:
        chance, town = self.chance, self.town
        owner = _CARLA if chance.random() < 0.2 else chance.choice(self.commercials)
        self.owners.append(owner)
        fullname = town.fullname()
        company = town.company() if chance.random() < 0.8 else None
        email = town.email(fullname, company, number) if chance.random() < 0.95 else None
        created = self._moment(number / self.customers)
        return _made(
            Customer,
            id=number,
            fullname=fullname,
            company=company,
            email=email,
            email_key=email,
            name_key=name_key(fullname, company),
            phone=town.phone() if chance.random() < 0.9 else None,
            commercial=owner,
            created_at=created,
            updated_at=created,
        )

    def _contract(self, key: int) -> Contract:
        """A contract, and in `paid` what was paid for it; who came early has drawn up more."""
        chance = self.chance
        customer = chance.randrange(max(1, key // CONTRACTS_EACH)) + 1
        total = chance.randrange(20_000, 3_000_000)
        created = self._moment(key / (CONTRACTS_EACH * self.customers))
        is_signed = chance.random() < 0.75
        paid = self._pay(key, total, created) if is_signed else 0
        if is_signed:
            self.signed.append(key)
            self.signers.append(customer)
        return _made(
            Contract,
            id=key,
            uuid=f"{chance.getrandbits(128):032x}",
            customer=customer,
            commercial=self.owners[customer - 1],
            total_amount=total,
            total_paid=paid,
            signed_at=created + DAY if is_signed else None,
            created_at=created,
            updated_at=created,
        )

    def _pay(self, contract: int, total: int, created: int) -> int:
        """Note the payments of a contract and return their sum in cents."""
        parts = self.chance.choice(((), (100,), (30,), (30, 70), (50, 25)))
        amounts = [total * part // 100 for part in parts]
        for place, amount in enumerate(amounts, 2):
            self.paid.extend((contract, amount, created + place * DAY))
        return sum(amounts)

    def _payment(self, number: int) -> Payment:
        contract, amount, at = self.paid[3 * number - 3 : 3 * number]
        return _made(
            Payment,
            id=number,
            contract=contract,
            amount=amount,
            day=datetime.fromtimestamp(at, UTC).date().isoformat(),
            method=self.chance.choice(_METHODS),
            reference=f"VIR-{number:07}" if self.chance.random() < 0.6 else None,
            recorded_by=1,
            recorded_at=at,
        )

    def _event(self, number: int) -> Event:
        chance, town = self.chance, self.town
        drawn = chance.randrange(len(self.signed))
        contract, customer = self.signed[drawn], self.signers[drawn]
        created = self._moment(number / (EVENTS_EACH * self.customers))
        start = created + chance.randrange(10, 300) * DAY + chance.randrange(24) * HOUR
        is_dated = chance.random() < 0.96
        return _made(
            Event,
            id=number,
            name=town.occasion(),
            contract=contract,
            customer=customer,
            commercial=self.owners[customer - 1],
            support=chance.choice(self.supports) if chance.random() < 0.85 else None,
            start=start if is_dated else None,
            end=start + chance.randrange(2, 30) * HOUR if is_dated else None,
            location=town.place() if chance.random() < 0.9 else None,
            attendees=chance.randrange(10, 900) if chance.random() < 0.8 else None,
            note=town.note() if chance.random() < 0.3 else None,
            created_at=created,
            updated_at=created,
        )

    def _moment(self, part: float) -> int:
        """The moment at which so much of the company's life has passed."""
        return NOW - int(_FOUNDED * DAY * (1 - part))


def fill(url: str, customers: int, *, seed: int = 1851, with_journal: bool | None = None) -> None:
    """Put a company of so many customers into an empty database; a small one has a journal if nothing else is said."""
    is_told = customers <= MOST_WITH_JOURNAL if with_journal is None else with_journal
    database = opened_empty(url)
    try:
        times = max(1, -(-customers // LARGEST_MADE))
        Loading(database, at=NOW, with_journal=is_told).load(Sample(customers // times, seed).records(), times=times)
    finally:
        database.close()


def main() -> None:
    """Fill the database of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--database", required=True, help="a path, or postgresql://…; created where it is not there")
    parser.add_argument("--seed", type=int, default=1851)
    parser.add_argument("--journal", action=argparse.BooleanOptionalAction, help="up to 10 000 customers by default")
    asked = parser.parse_args()
    fill(asked.database, asked.customers, seed=asked.seed, with_journal=asked.journal)


if __name__ == "__main__":
    main()
