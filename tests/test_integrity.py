"""`database check` finds what was changed behind the program's back, and nothing in what was not."""

from __future__ import annotations

import pytest

from crmshell.database import current, transaction
from crmshell.errors import Conflict, StoreError
from crmshell.text import plural
from tests.company import Company
from tests.records import Undone, attack, problems, sql

TAMPERINGS = [
    ("UPDATE contract SET total_paid = 1", "amounts"),
    ("UPDATE payment SET amount = amount + 1", "amounts"),
    ("DELETE FROM payment", "amounts"),
    ("UPDATE contract SET commercial_id = {colin}", "copies"),
    ("UPDATE event SET commercial_id = {colin}", "copies"),
    ("UPDATE event SET customer_id = 2", "copies"),
    ("UPDATE customer SET commercial_id = {colin} WHERE id = 1", "copies"),
    ("DELETE FROM search_term WHERE term = 'eloise'", "search words"),
    ("UPDATE search_term SET owner_id = {colin} WHERE noun = 'customer'", "search words"),
    ("INSERT INTO search_term VALUES ('customer', 'gala', 1, {carla})", "search words"),
    ("INSERT INTO search_term VALUES ('event', 'gala', 99, {carla})", "search words"),
    ("UPDATE customer SET fullname = 'Mallory' WHERE id = 1", "search words"),
    ("UPDATE customer SET name_key = 'x' WHERE id = 1", "copies"),
    ("UPDATE customer SET deleted_at = 1, merged_into_id = 2 WHERE id = 1", "copies"),
    ("UPDATE payment SET reverses_id = 1, amount = -1", "amounts"),
    ("UPDATE customer SET phone = '+33612345678'", "journal"),
    ("UPDATE employee SET role = 'administrator' WHERE username = 'nils'", "journal"),
    ("UPDATE employee SET is_active = {no} WHERE username = 'nils'", "journal"),
    ("UPDATE contract SET total_amount = total_amount + 1", "journal"),
    ("UPDATE contract SET signed_at = signed_at - 1", "journal"),
    ("UPDATE payment SET day = '2020-01-01'", "journal"),
    ("UPDATE event SET note = 'x'", "journal"),
    ("DELETE FROM event", "journal"),
    ("DELETE FROM journal_change WHERE noun = 'payment'", "journal"),
    ("DELETE FROM journal_change WHERE noun = 'contract' AND operation = 'create'", "journal"),
    ("UPDATE journal_change SET fields = '{{}}' WHERE noun = 'customer'", "journal"),
    ("UPDATE journal_change SET fields = 'x' WHERE noun = 'customer'", "journal"),
    ("UPDATE journal_change SET fields = '[]' WHERE noun = 'customer'", "journal"),
    ("UPDATE journal_change SET noun = 'employer' WHERE noun = 'payment'", "journal"),
]
FORBIDDEN = [
    "UPDATE contract SET total_paid = total_amount + 1",
    "UPDATE contract SET total_paid = -1",
    "UPDATE contract SET signed_at = NULL",
    "UPDATE contract SET total_amount = 10000000000",
    "UPDATE contract SET customer_id = 99",
    "UPDATE payment SET amount = 0",
    "UPDATE payment SET amount = -amount",
    "UPDATE payment SET reverses_id = 1",
    "UPDATE contract SET cancelled_at = 1",
    "UPDATE customer SET merged_into_id = 2, deleted_at = NULL WHERE id = 1",
    "UPDATE customer SET merged_into_id = id, deleted_at = 1",
    "UPDATE customer SET erased_at = 1",
    "UPDATE payment SET method = 'barter'",
    "UPDATE event SET attendees = -1",
    "UPDATE event SET starts_at = 5",
    "UPDATE event SET starts_at = 5, ends_at = 5",
    "UPDATE event SET support_id = 99",
    "UPDATE employee SET role = 'boss'",
    "UPDATE employee SET username_key = 'alice'",
    "UPDATE customer SET fullname = ''",
    "UPDATE customer SET email = 'a@b.example'",
    "DELETE FROM customer",
    "DELETE FROM employee",
    """INSERT INTO contract (id, uuid, customer_id, commercial_id, total_amount, total_paid, created_at, updated_at)
       SELECT 99, uuid, customer_id, commercial_id, 1, 0, 0, 0 FROM contract""",
]


@pytest.fixture
def busy(company: Company) -> Company:
    """A company with a record of each kind, and a second customer."""
    customer = company.customer("Éloïse d'Été")
    company.customer("Anne")
    contract = company.signed(customer)
    company.must(f"contract add-payment {contract} 100")
    company.event(contract)
    return company


def test_a_company_at_work_is_sound(busy: Company) -> None:
    assert busy.must("database check").rows == []


def test_a_record_that_was_changed_later_and_then_undone_is_sound(company: Company) -> None:
    company.customer()
    for line in ("customer update 1 --company Atelier", "undo", "undo", "redo"):
        company.hands.move(1)
        company.must(line, by="carla")
    assert problems() == []


def test_tampering_is_found(busy: Company) -> None:
    no = "FALSE" if busy.url.startswith("postgresql") else "0"
    busy.session("alice")
    for statement, check in TAMPERINGS:
        with pytest.raises(Undone), transaction(current(), writes=True):  # noqa: PT012  (what is undone is seen inside)
            attack(statement.format(no=no, **busy.ids))
            found = busy.run("database check")
            assert isinstance(found.failure, StoreError), statement
            assert check in {row["check"] for row in found.rows}, statement
            assert found.message == f"the database has {plural(len(found.rows), 'problem')}"
            raise Undone
    assert problems() == []


def test_what_is_wrong_is_named(busy: Company) -> None:
    sql("UPDATE contract SET total_paid = total_paid + 1")
    sql("UPDATE customer SET commercial_id = ? WHERE id = 1", busy.ids["colin"])
    contract = busy.run("contract list").rows[0]["id"]
    told = dict.fromkeys(sentence for _, sentence in problems())
    carla, colin = busy.ids["carla"], busy.ids["colin"]
    assert f"contract {contract} has 10001 cents paid, and payments of 10000" in told
    assert f"contract {contract} repeats commercial {carla}, its customer has {colin}" in told
    assert f"event 1 repeats commercial {carla}, its customer has {colin}" in told
    assert "customer 1 differs from the journal: commercial" in told
    assert "contract 1 differs from the journal: total_paid" in told


def test_rules_on_one_row_hold_in_the_database_itself(busy: Company) -> None:
    for statement in FORBIDDEN:
        with pytest.raises(Conflict):
            sql(statement)
    assert problems() == []
