"""Random companies for the tests of lists, and a plain Python model of what a list has to say about them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from crmshell.database import current, transaction
from crmshell.moments import format_moment
from crmshell.text import fold
from crmshell.values import format_amount
from tests.company import START, Company

NAMES = ["Éloïse d'Été", "Jean-François Zölle", "王小明", "Søren Ångström", "Ana O'Brien", "ana obrien", "Łucja Œrsted"]
COMPANIES = [None, "L'Atelier", "l'atelier", "Été & Fils, SARL", "株式会社", "Zölle GmbH", "Øst-Vest"]
DAY = 86_400
ZONE_NAME = "Europe/Paris"


def fill(company: Company, seed: int, customers: int = 25, contracts: int = 45, events: int = 35) -> None:
    """Write random records behind the program's back."""
    dice = random.Random(seed)
    people = [_customer(dice, company) for _ in range(customers)]
    _insert("customer", ("fullname", "company", "email", "email_key", "phone", "commercial_id"), people)
    agreed = [_contract(dice, people) for _ in range(contracts)]
    columns = ("uuid", "customer_id", "commercial_id", "total_amount", "total_paid", "signed_at")
    _insert("contract", columns, agreed)
    planned = [_event(dice, company, agreed) for _ in range(events)]
    links = ("name", "contract_id", "customer_id", "commercial_id", "support_id", "starts_at", "ends_at")
    _insert("event", (*links, "attendees", "location"), planned)


def _customer(dice: random.Random, company: Company) -> list[Any]:
    email = dice.choice([None, f"Éva{dice.randrange(20)}@Example.org"])
    phone = dice.choice([None, "+33612345678", "+33199001234", "+442079460018"])
    commercial = company.ids[dice.choice(["carla", "colin"])]
    return [dice.choice(NAMES), dice.choice(COMPANIES), email, email and email.casefold(), phone, commercial]


def _contract(dice: random.Random, people: list[list[Any]]) -> list[Any]:
    customer = dice.randrange(len(people))
    total = dice.choice([0, 100_000, 100_050, dice.randrange(1_000_000)])
    signed = dice.choice([None, START + dice.randrange(-40, 5) * DAY // 2])
    paid = 0 if signed is None else dice.choice([0, total, total // 3])
    return [f"{dice.getrandbits(128):032x}", customer + 1, people[customer][-1], total, paid, signed]


def _event(dice: random.Random, company: Company, agreed: list[list[Any]]) -> list[Any]:
    contract = dice.randrange(len(agreed))
    start = dice.choice([None, START + dice.randrange(-20, 20) * DAY // 2])
    end = start and start + dice.choice([3600, DAY, 9 * DAY])
    support = dice.choice([None, company.ids["sam"], company.ids["sue"]])
    links = [contract + 1, *agreed[contract][1:3], support]
    where = dice.choice([None, "Salle d'Été", "Zénith"])
    return [dice.choice(["Gala", "Noël", "gala"]), *links, start, end, dice.choice([None, 0, 12, 120]), where]


def _insert(table: str, columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    """Each row made and changed at a moment of its own, some at the same one."""
    times = [START - 400 * DAY + number // 2 * 7 * DAY for number in range(len(rows))]
    full = [[*row, at, at] for row, at in zip(rows, times, strict=True)]
    with transaction(current(), writes=True):
        current().insert_many(table, (*columns, "created_at", "updated_at"), full)


@dataclass(frozen=True)
class Asked:
    """A condition as typed, and as a claim about a value."""

    text: str
    field: str
    holds: Callable[[Any], bool]


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda x, v: bool(x == v),
    "!=": lambda x, v: bool(x != v),
    "<": lambda x, v: bool(x < v),
    "<=": lambda x, v: bool(x <= v),
    ">": lambda x, v: bool(x > v),
    ">=": lambda x, v: bool(x >= v),
}


def conditions(fields: dict[str, str], rows: Sequence[dict[str, Any]], zone: Any) -> st.SearchStrategy[Asked]:
    """Any condition on one of these fields (name -> kind), its values mostly those there are."""
    return st.sampled_from(sorted(fields)).flatmap(lambda name: _on(name, fields[name], rows, zone))


def _on(name: str, kind: str, rows: Sequence[dict[str, Any]], zone: Any) -> st.SearchStrategy[Asked]:
    values = sorted({row[name] for row in rows if row[name] is not None}, key=str) or [0 if kind != "text" else "Zoé"]
    write, measure = _written(kind, zone), _measured(kind, zone)
    compared = st.builds(
        lambda sign, value: Asked(f"{name} {sign} {write(value)}", name, _compares(sign, measure(value), measure)),
        st.sampled_from(sorted(_SIGNS)),
        st.sampled_from(values),
    )
    listed = st.lists(st.sampled_from(values), min_size=1, max_size=3).map(
        lambda some: Asked(
            f"{name} in ({', '.join(quoted(write(value)) for value in some)})",
            name,
            lambda x: x is not None and measure(x) in [measure(value) for value in some],
        )
    )
    contained = st.sampled_from(values).map(
        lambda value: Asked(f"{name} ~ {write(value)[:3]}", name, _contains(fold(write(value)[:3].strip()), kind, zone))
    )
    empty = st.sampled_from(
        [Asked(f"{name} empty", name, lambda x: x is None), Asked(f"{name} not empty", name, lambda x: x is not None)]
    )
    return st.one_of(compared, listed, empty, *([contained] if kind == "text" else []))


def quoted(text: str) -> str:
    """A value as it stands in a list of values."""
    return f'"{text}"'


def _compares(sign: str, value: Any, measure: Callable[[Any], Any]) -> Callable[[Any], bool]:
    return lambda x: sign == "!=" if x is None else _SIGNS[sign](measure(x), value)


def _contains(part: str, kind: str, zone: Any) -> Callable[[Any], bool]:
    return lambda x: x is not None and part in fold(_written(kind, zone)(x))


def _written(kind: str, zone: Any) -> Callable[[Any], str]:
    """How a person types a value of a kind."""
    writers: dict[str, Callable[[Any], str]] = {
        "text": str,
        "number": str,
        "amount": lambda cents: format_amount(cents).replace(".", ","),
        "day": lambda seconds: format_moment(seconds, zone)[:10],
        "flag": lambda flag: "yes" if flag else "no",
    }
    return writers[kind]


def _measured(kind: str, zone: Any) -> Callable[[Any], Any]:
    """What a value of a kind is compared by."""
    if kind == "day":
        return lambda seconds: datetime.fromtimestamp(seconds, UTC).astimezone(zone).date()
    return fold if kind == "text" else bool if kind == "flag" else lambda value: value


def sort_key(kind: str) -> Callable[[Any], Any]:
    """What a value is sorted by: nothing comes before everything, and case and accents do not count."""
    measure = _measured("number" if kind == "day" else kind, None)
    return lambda value: (value is not None, None if value is None else measure(value))


def fill_evenly(company: Company, size: int) -> None:
    """Write so many customers, contracts and events, whose first and last ones look the same at every size."""
    carla, colin, sam, sue = (company.ids[name] for name in ("carla", "colin", "sam", "sue"))
    people = [
        [f"Ana {n % 7}", None, f"a{n}@b.example", f"a{n}@b.example", None, (carla, colin)[n % 2]] for n in range(size)
    ]
    _insert_evenly("customer", ("fullname", "company", "email", "email_key", "phone", "commercial_id"), people)
    agreed = [
        [f"{n:032x}", n + 1, (carla, colin)[n % 2], n * 100, 0, START + n if n % 3 else None] for n in range(size)
    ]
    columns = ("uuid", "customer_id", "commercial_id", "total_amount", "total_paid", "signed_at")
    _insert_evenly("contract", columns, agreed)
    numbers = [n for n in range(size) if n % 5]
    planned = [
        ["Gala", n + 1, n + 1, (carla, colin)[n % 2], (None, sam, sue)[n % 3], *_evenly_dated(n, size), n, None]
        for n in numbers
    ]
    links = ("name", "contract_id", "customer_id", "commercial_id", "support_id", "starts_at", "ends_at")
    _insert_evenly("event", (*links, "attendees", "location"), planned)


def _evenly_dated(number: int, size: int) -> tuple[int | None, int | None]:
    """A day of its own for each event, half of them to come, and none for every seventh."""
    if number % 7 == 0:
        return None, None
    start = START + (number - size // 2) * 3600
    return start, start + 5400


def _insert_evenly(table: str, columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    full = [[*row, START - 10 * len(rows) + n, START] for n, row in enumerate(rows)]
    with transaction(current(), writes=True):
        current().insert_many(table, (*columns, "created_at", "updated_at"), full)
