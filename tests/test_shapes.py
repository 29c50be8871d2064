"""Queries of one shape share their SQL, and it is what peewee would write for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import peewee
import pytest

from crmshell.models import listings, shapes
from crmshell.models.conditions import lasting
from crmshell.models.customer import Customer
from crmshell.models.shapes import Opened, Unknown
from tests.company import Company
from tests.listed import fill
from tests.test_plans import VARIANTS, _finds, _orders

MORE = (
    "customer list --where 'commercial in carla, colin' --where 'created_at < today'", "customer list --limit 2",
    "customer list --where 'deleted_at empty' --limit 3", "customer list --where 'id > 3' --where 'id != 7'",
    "contract list --where 'signed = yes' --where 'customer.company empty'", "employee list --where 'active = yes'",
    "contract list --where 'total_amount != 12' --sort id",
)  # fmt: skip


@pytest.fixture
def filled(company: Company) -> Company:
    """A company with enough random records for a second page."""
    fill(company, seed=7)
    return company


def _lines(company: Company) -> Iterator[str]:
    for line in (*VARIANTS, *MORE, *_orders(), *_finds(company)):
        yield line
        if not {"--limit", "--count", "--total", "--group-by", "totals"} & set(line.split()):
            last = company.must(f"{line} --limit 2").rows[-1:]
            yield from (f"{line} --limit 3 --after {row['username' if 'username' in row else 'id']}" for row in last)


def _checked(selection: Any, sources: Sequence[Any], order: Any, limit: int | None) -> Sequence[Any]:
    """The statements of a list, compared with those that peewee writes for it alone."""
    found = _original(selection, sources, order, limit)
    place = None if selection.after is None else listings._place(selection.after, order)
    alone = [query.sql() for query in listings._parts(selection, sources, order, place, limit)]
    assert [(sql, list(values)) for sql, values in (each.sql() for each in found)] == [(s, list(v)) for s, v in alone]
    return found


_original = listings._statements


def test_the_sql_of_every_list_is_what_peewee_writes(filled: Company) -> None:
    lines = list(_lines(filled))
    with mock.patch.object(listings, "_statements", _checked):
        for line in lines:
            for username in ("alice", "carla"):
                filled.must(line, by=username)


def test_other_values_need_no_other_sql(filled: Company) -> None:
    filled.must("customer list --where 'commercial = carla' --where 'id > 3' --limit 5 --after 9")
    with mock.patch("crmshell.models.shapes.Statement.of", side_effect=AssertionError):
        filled.must("customer list --where 'commercial = colin' --where 'id > 1' --limit 3 --after 7")
        with pytest.raises(AssertionError):
            filled.must("customer list --where 'commercial = colin' --where 'id < 1' --limit 3 --after 7")


def test_what_holds_a_query_of_its_own_has_no_shape() -> None:
    opened = Opened(lasting(Customer))
    for condition in (Customer.id.in_(Customer.select(Customer.id)), peewee.fn.LOWER(Customer.email) == "a"):
        with pytest.raises(Unknown):
            opened.take([condition])


def test_the_statements_that_are_kept_are_not_ever_more(filled: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_MOST_KNOWN", 2)
    monkeypatch.setattr(shapes, "_known", {})
    for line in ("customer list", "contract list", "event list", "customer list --sort id"):
        filled.must(line)
        assert len(shapes._known) <= 2
