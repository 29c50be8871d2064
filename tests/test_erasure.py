"""What is erased of a person is nowhere in the journal any more, and the chain over it holds."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest

from crmshell.database import current, transaction
from crmshell.models.customer import Customer
from crmshell.models.erasure import _Wanted
from crmshell.models.journal import Work, erase_fields, work
from tests.company import START, Company
from tests.records import attack, problems, seal, sql

NAMES = ("fullname", "email", "phone")
TABLES = ("journal_entry", "journal_change", "batch_line")


def _erasing() -> AbstractContextManager[Work]:
    return work(START, 1, "alice", "customer erase", "customer erase 1")


def _erase(customer: int) -> None:
    """What `customer erase` does to the record, and to the journal."""
    with transaction(current(), writes=True), _erasing():
        record = Customer.get_by_id(customer)
        record.fullname, record.email, record.email_key, record.phone = f"customer {customer}", None, None, None
        record.store()
        erase_fields("customer", customer, NAMES)


def _everything() -> str:
    return repr([sql(f"SELECT * FROM {table}") for table in TABLES])


@pytest.fixture
def known(company: Company) -> int:
    """A customer whose name, e-mail and phone stand in changes, lines, refusals and a recorded script."""
    customer = company.customer("Éloïse d'Été")
    company.must(f"customer update {customer} --email eloise@atelier.example --phone '06 12 34 56 78'", by="carla")
    company.run("customer add 'Éloïse D\\'ÉTÉ' --email Eloise@Atelier.example", by="colin")
    company.run("customer list --where 0612345678", by="colin")
    company.run(f"customer update {customer} --phone 06.12.34.56.78", by="colin")
    company.customer("王小明")
    sql("INSERT INTO batch_run (script, digest, variables, username, started_at) VALUES ('x', 'x', '{}', 'carla', 0)")
    columns, line = "run_id, ordinal, place, digest, line, did, names, at", "customer add 'éloïse d\\'été'"
    sql(f"INSERT INTO batch_line ({columns}) VALUES (1, 1, 'x', 'x', ?, '', '', 0)", line.replace("\\", ""))
    seal()
    return customer


def test_what_is_erased_stands_nowhere_any_more(company: Company, known: int) -> None:
    assert "loïse" in _everything()
    _erase(known)
    left = _everything().casefold()
    for gone in ("loïse", "atelier.example", "612345678", "06.12", "06 12"):
        assert gone not in left
    assert "王小明" in left
    assert problems() == []
    seal()
    assert problems() == []


@pytest.mark.parametrize("phone", ["+2471234", "+33612345678"])  # the first one is of Ascension Island
def test_a_phone_of_any_length_is_found_in_what_was_typed(phone: str) -> None:
    wanted = _Wanted({phone})
    assert wanted.is_in(f"customer update 1 --phone 00{phone[1:4]} {phone[4:]}")
    assert not wanted.is_in("customer list --where 'total_due > 1000'", None)


def test_the_erasure_names_what_it_took_from_which_entry(company: Company, known: int) -> None:
    _erase(known)
    entry = company.must("journal list --command 'customer erase'").rows[0]["id"]
    noted = sql("SELECT record_id, fields FROM journal_change WHERE noun = 'journal' AND entry_id = ?", entry)
    erased = [row[0] for row in sql("SELECT id FROM journal_entry WHERE salt = '' ORDER BY id")]
    assert sorted(row[0] for row in noted) == erased
    assert company.must(f"customer history {known}").rows[0]["command"] == "customer erase"
    told = {row["field"]: row["after"] for row in company.must(f"customer history {known}").rows if row["after"]}
    assert (told["fullname"].value, told["commercial"].value) == ("erased", "carla")


def test_it_is_erased_twice_without_harm(company: Company, known: int) -> None:
    _erase(known)
    _erase(known)
    assert problems() == []


def test_what_is_left_of_an_erased_entry_cannot_be_changed_unseen(company: Company, known: int) -> None:
    _erase(known)
    first = sql("SELECT min(entry_id) FROM journal_change WHERE noun = 'customer'")[0][0]
    attack(f"UPDATE journal_change SET fields = replace(fields, 'null', '[null,\"x\"]') WHERE entry_id = {first}")
    assert f"entry {first} was altered after block 1 was closed" in dict(problems()).values()


def test_only_an_erasure_that_is_on_record_is_let_through(company: Company, known: int) -> None:
    statements: list[Any] = [
        "UPDATE journal_change SET fields = '{}', salt = '' WHERE noun = 'customer'",
        "UPDATE journal_entry SET line = 'x', salt = '' WHERE command = 'customer add'",
    ]
    for statement in statements:
        with pytest.raises(Exception, match=r"refused|meanwhile"):
            sql(statement)
    _erase(known)
    with pytest.raises(Exception, match=r"refused|meanwhile"):
        sql("UPDATE journal_entry SET username = 'mallory', salt = '' WHERE command = 'customer add'")
    assert problems() == []


def test_the_command_leaves_a_journal_that_holds(company: Company, known: int) -> None:
    company.must("customer list")
    company.must(f"customer erase {known} --confirm {known}")
    left = _everything().casefold()
    for gone in ("loïse", "atelier.example", "612345678", "06.12", "06 12"):
        assert gone not in left
    assert problems() == []
    refused = company.run("undo")
    assert refused.failure is not None
    assert "erased" in refused.message


def test_a_note_that_others_have_too_is_looked_for_nowhere_else(company: Company, known: int) -> None:
    company.must(f"customer contacted {known} --note 'a rappelé'", by="carla")
    company.must("customer contacted 2 --note 'a rappelé'", by="carla")
    company.must(f"customer erase {known} --confirm {known}")
    lines = [row["line"] for row in company.must("journal list --command 'customer contacted'").rows]
    assert lines == ["customer contacted 2 --note 'a rappelé'", "customer contacted (erased)"]
