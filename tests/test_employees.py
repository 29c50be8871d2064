"""The staff: names, roles, passwords given, and when somebody may go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crmshell.database import current, transaction
from crmshell.errors import Refused
from crmshell.models.employee import Employee, RoleName
from crmshell.models.journal import work
from tests.company import PASSWORD, START, Company
from tests.records import journal, last_entry, problems, tables

NEW = "une lampe bleue"


def test_the_staff_is_listed_by_username(company: Company) -> None:
    listed = company.must("employee list", by="nils").rows
    assert [row["username"] for row in listed] == ["adam", "alice", "carla", "colin", "nils", "sam", "sue"]
    assert list(listed[0]) == ["id", "username", "fullname", "role", "active"]
    supports = company.must("employee list --role-filter SUPPORT", by="nils").rows
    assert [row["fullname"] for row in supports] == ["Sam Łukasz", "Sue Øyvind"]
    assert company.must("employee list --role-filter none").rows[0]["username"] == "nils"
    refused = company.run("employee list --role-filter suport")
    assert refused.failure is not None
    assert (refused.code, refused.failure.hint) == (1, "did you mean support?")


@pytest.mark.parametrize("typed", ["alice", "ALICE", "Ａｌｉｃｅ", "@employee", "--username alice"])
def test_an_employee_is_named_by_username_in_any_case(sqlite_company: Company, typed: str) -> None:
    sqlite_company.must("employee detail Alice", by="nils")
    assert sqlite_company.must(f"employee detail {typed}", by="nils").card["fullname"] == "Alice Martin"


@pytest.mark.parametrize("typed", ["alicia", "1", "ali", "''", "'a b'", "al%", "x" * 500])
def test_nobody_else_answers_to_a_name(sqlite_company: Company, typed: str) -> None:
    assert sqlite_company.run(f"employee detail {typed}").code == 5


def test_somebody_new_gets_a_password_that_is_shown_once(company: Company) -> None:
    added = company.must('employee add "Zoé Lefèvre" Zoé.L --role Support --as new')
    assert added.card == {
        "id": company.ids["nils"] + 1,
        "username": "Zoé.L",
        "fullname": "Zoé Lefèvre",
        "role": "support",
        "active": True,
    }
    assert added.secrets == {"password": "first-password-once"}
    assert company.must("employee detail @new").secrets == {}
    assert company.must("employee detail zoé.l").card["username"] == "Zoé.L"
    entry = last_entry()
    assert (entry.username, entry.command, entry.result) == ("alice", "employee add", "done")
    assert entry.changes["employee"]["username"] == (None, "Zoé.L")
    assert "password_hash" not in entry.changes["employee"]
    assert problems() == []


def test_a_password_given_is_neither_shown_nor_journalled(company: Company) -> None:
    added = company.must(f"employee add --fullname 'Bo Lin' --username bo.lin --password='{NEW}'")
    assert (added.secrets, added.card["role"]) == ({}, "none")
    assert last_entry().line == "employee add --fullname 'Bo Lin' --username bo.lin --password=***"
    assert NEW not in repr(journal())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("employee add 'Al' al", 1),  # too short
        ("employee add 'Al' 'al ice'", 1),
        ("employee add 'Al' al/ice", 1),
        (f"employee add 'Al' {'a' * 31}", 1),
        ("employee add '' alan", 1),
        (f"employee add '{'é' * 256}' alan", 1),
        ("employee add 'Al' alan --role boss", 1),
        ("employee add 'Al' alan --password court", 1),
        ("employee add 'Al' alan --password 'password1234'", 1),
        ("employee add 'Al Capone Sr.' alan --password alcaponesr. ", 1),
        ("employee add 'Al' alan.the.great --password alan.the.great", 1),
        ("employee add 'Al' ALICE", 6),
        ("employee add 'Al' Ａｌｉｃｅ", 6),
        ("employee add alan", 2),
        ("employee add 'Al' alan support", 2),
        ("employee add 'Al' alan --as employee", 2),
        ("employee update nils --username Alice", 6),
        ("employee update nils --username x", 1),
        ("employee update nils --fullname ''", 1),
        ("employee update nils", 2),
        ("employee update 999 --fullname Nobody", 5),
        ("employee set-role nils boss", 1),
        ("employee set-password nils --password court", 1),
        ("employee set-password nils --password nils.bjork...", 1),
        (f"employee set-password alice --password '{NEW}'", 1),
        ("employee set-role alice none", 1),
        ("employee deactivate alice", 1),
        ("employee delete alice", 1),
    ],
)
def test_what_is_refused_changes_nothing(sqlite_company: Company, line: str, code: int) -> None:
    before = tables()
    failure = sqlite_company.run(line).failure
    assert failure is not None
    assert (failure.code, bool(failure.hint)) == (code, True)
    assert tables() == before


def test_usernames_are_unique_after_folding(company: Company) -> None:
    company.must("employee add 'Karl Strauß' straße")
    taken = company.run("employee add 'Another' STRASSE")
    assert (taken.code, taken.message) == (6, "the username STRASSE is taken by Karl Strauß")
    company.must("employee update straße --username Straße")
    assert company.must("employee detail strasse").card["username"] == "Straße"


def test_a_name_is_corrected_by_username_or_number(company: Company) -> None:
    renamed = company.must(f"employee update --employee-id {company.ids['sam']} --username sam.l")
    assert (renamed.changed, renamed.card["username"]) == ({"username"}, "sam.l")
    assert last_entry().changes == {"employee": {"username": ("sam", "sam.l")}}
    assert company.must("employee update SAM.L --fullname 'Sam Łukasz-Ek'").changed == {"fullname"}
    same = company.must("employee update sam.l --fullname 'Sam Łukasz-Ek'")
    assert (same.changed, same.message) == (set(), "nothing to change")
    assert company.run("employee detail sam").code == 5
    assert problems() == []


def test_a_role_changes_when_no_work_is_open(company: Company) -> None:
    assert company.must("employee set-role nils COMMERCIAL").changed == {"role"}
    assert last_entry().changes == {"employee": {"role": ("none", "commercial")}}
    entries = len(journal())
    assert company.must("employee set-role nils commercial").message == "nils has the role commercial already"
    assert len(journal()) == entries


def test_a_commercial_with_customers_stays_one(company: Company) -> None:
    customer = company.customer(by="carla")
    for line in ("employee set-role carla support", "employee deactivate carla"):
        refused = company.run(line)
        assert (refused.code, "they have 1 customer" in refused.message) == (1, True)
        assert last_entry().result == "refused"
    company.must(f"customer set-commercial {customer} colin")
    company.must("employee deactivate carla")
    assert problems() == []


def test_a_support_stays_one_until_the_event_has_ended(company: Company) -> None:
    dated = company.event(options="--start tomorrow --end +2d")
    company.must(f"event set-support {dated} sam")
    for line in ("employee set-role sam none", "employee deactivate sam"):
        refused = company.run(line)
        assert (refused.code, "they support 1 event" in refused.message) == (1, True)
    company.hands.move(3 * 24 * 3600)
    company.sessions.clear()
    company.must("employee set-role sam none")
    assert problems() == []


def test_an_event_without_a_date_has_not_ended(sqlite_company: Company) -> None:
    undated = sqlite_company.event()
    sqlite_company.must(f"event set-support {undated} sam")
    sqlite_company.hands.move(10 * 365 * 24 * 3600)
    sqlite_company.sessions.clear()
    assert sqlite_company.run("employee deactivate sam").code == 1


def test_whoever_is_deactivated_gets_no_work(company: Company) -> None:
    customer, event = company.customer(), company.event()
    company.must("employee deactivate sam")
    assert last_entry().changes == {"employee": {"is_active": (True, False)}}
    company.must("employee deactivate colin")
    entries = len(journal())
    assert company.must("employee deactivate colin").message == "colin is deactivated already"
    assert len(journal()) == entries
    assert company.run(f"event set-support {event} sam").message == "sam is deactivated"
    assert company.run(f"customer set-commercial {customer} colin").message == "colin is deactivated"
    assert company.run_in(company.visitor(), f"auth login colin --password '{PASSWORD}'").code == 3
    company.must("employee activate colin")
    assert company.must("employee activate colin").message == "colin is active already"
    company.must(f"customer set-commercial {customer} colin")
    assert problems() == []


def test_the_last_administrator_stays(company: Company) -> None:
    alice, adam = (Employee.find_named(name) for name in ("alice", "adam"))
    assert alice is not None
    assert adam is not None
    company.must("employee deactivate adam")
    before = tables()
    attempts: list[Callable[[], object]] = [
        lambda: alice.set_role(RoleName.NONE, adam, START),
        lambda: alice.deactivate(adam, START),
        lambda: alice.delete_unused(adam),
    ]
    for attempt in attempts:
        with (
            pytest.raises(Refused, match="the last administrator"),
            transaction(current(), writes=True),
            work(START, adam.id, "adam", "tests", "tests"),
        ):
            attempt()
    assert tables() == before
    company.must("employee set-role adam none")  # who cannot log in is not an administrator that counts
    company.must("employee set-role nils administrator")
    company.must("employee set-role alice commercial", by="nils")


def test_somebody_to_whom_nothing_refers_is_deleted(company: Company) -> None:
    company.must("employee add 'Mistake' mistake --as oops")
    number = company.must("employee detail @oops").card["id"]
    deleted = company.must("employee delete @oops")
    assert deleted.message == "mistake is deleted"
    assert last_entry().changes["employee"]["username"] == ("mistake", None)
    assert company.run("employee detail mistake").code == 5
    gone = company.run("employee detail @oops")
    assert gone.failure is not None
    assert gone.message == "@oops is gone: the employee was deleted"
    again = company.must("employee add 'No Mistake' mistake")
    assert again.card["id"] > number
    assert problems() == []


def test_somebody_to_whom_something_refers_is_not_deleted(company: Company) -> None:
    contract = company.signed(company.customer(by="carla"))
    event = company.event(contract)
    company.must(f"event set-support {event} sam")
    company.must(f"contract add-payment {contract} 10", by="adam")
    expected = {
        "carla": "1 customer, 2 recorded changes",
        "sam": "1 event",
        "adam": "1 payment, 1 recorded change",
    }
    for username, references in expected.items():
        refused = company.run(f"employee delete {username}")
        assert refused.failure is not None
        assert refused.message == f"{username} cannot be deleted: they are named by {references}"
        assert refused.failure.hint == f"employee deactivate {username}"
    company.hands.move(1)
    company.must("employee delete nils")
    assert problems() == []


def test_a_password_set_for_somebody_must_be_changed(company: Company) -> None:
    company.must(f"employee set-password nils --password '{NEW}'")
    entry = last_entry()
    assert entry.line == "employee set-password nils --password ***"
    assert entry.changes["employee"] == {"must_change_password": (False, True), "credential_version": (1, 2)}
    nils = company.visitor()
    company.run_in(nils, f"auth login nils --password '{NEW}'")
    waiting = company.run_in(nils, "customer list")
    assert waiting.failure is not None
    assert (waiting.code, waiting.failure.hint) == (3, "auth set-password")


def test_a_password_that_is_refused_is_masked_too(sqlite_company: Company) -> None:
    sqlite_company.run("employee set-password nils --password 'court mais secret' --password 'deux fois'")
    sqlite_company.run("employee set-password alice --password 'la mienne en secret'")
    assert last_entry().line == "employee set-password alice --password ***"
    assert "secret" not in repr(journal())
