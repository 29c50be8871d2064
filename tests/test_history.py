"""What is on record can be read: every change of a record, every entry, by who did it, on what, since when."""

from __future__ import annotations

from typing import Any

import pytest

from crmshell.database import current
from crmshell.models import history
from crmshell.models.contract import Contract
from crmshell.outcome import Card, Kind, Typed
from crmshell.session import Session
from tests.company import START, Company
from tests.menus import offered
from tests.plans import recorded, scans


def _told(company: Company, line: str, by: str = "nils") -> list[tuple[Any, ...]]:
    """Record, field, before and after of each row, the values plain."""
    rows = company.must(line, by=by).rows
    return [(row["record"], row["field"], _plain(row["before"]), _plain(row["after"])) for row in rows]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Typed) else value


def test_every_change_of_a_customer_is_told_with_names(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    company.must(f"customer update {customer} --phone '06 12 34 56 78' --company 'Łódź & Søn'", by="carla")
    company.must(f"customer set-commercial {customer} colin")
    title = f"customer {customer}"
    assert _told(company, f"customer history {customer}") == [
        (title, "commercial", "carla", "colin"),
        (title, "company", None, "Łódź & Søn"),
        (title, "phone", None, "+33612345678"),
        (title, "fullname", None, "Éloïse d'Été"),
        (title, "commercial", None, "carla"),
    ]
    newest = company.must(f"customer history {customer}").rows[0]
    assert (newest["at"], newest["by"], newest["command"]) == (START, "alice", "customer set-commercial")


def test_the_payments_of_a_contract_are_in_its_history(company: Company) -> None:
    contract = company.signed(total="1000")
    company.must(f"contract add-payment {contract} '250,50' --method card", by="carla")
    short, payments = contract[:8], _told(company, f"contract history {contract}")
    assert (f"contract {short}", "total_paid", 0, 25050) in payments
    assert ("payment 1", "amount", None, 25050) in payments
    assert ("payment 1", "contract", None, short) in payments
    assert ("payment 1", "recorded_by", None, "carla") in payments
    kinds = {row["field"]: row["after"].kind for row in company.must(f"contract history {contract}").rows}
    assert (kinds["amount"], kinds["signed_at"], kinds["total_amount"]) == (Kind.AMOUNT, Kind.MOMENT, Kind.AMOUNT)


def test_the_history_of_events_and_employees(company: Company) -> None:
    event = company.event()
    company.must(f"event set-support {event} sam")
    assert _told(company, f"event history {event}")[0] == (f"event {event}", "support", None, "sam")
    company.must("employee deactivate nils")
    assert _told(company, "employee history nils", by="sam")[0] == ("employee nils", "active", True, False)


def test_entries_are_found_by_who_what_when_and_which(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    other = company.customer("王小明", by="colin")
    company.hands.move(1500)
    company.must(f"customer update {customer} --company 'Été SARL'", by="carla")
    mine = company.must("journal list --by carla", by="nils").rows
    assert [row["command"] for row in mine] == ["customer update", "customer add"]
    assert mine[0]["line"] == f"customer update {customer} --company 'Été SARL'"
    on = company.must(f"journal list --on 'customer {other}'").rows
    assert [(row["by"], row["command"]) for row in on] == [("colin", "customer add")]
    late = company.must("journal list --since 16:30 --command 'customer  Update'", by="nils").rows
    assert [row["id"] for row in late] == [mine[0]["id"]]
    assert company.must(f"journal list --after {mine[0]['id']} --by carla", by="sam").rows == mine[1:]
    assert len(company.must("journal list --limit 1").rows) == 1


def test_a_record_that_is_gone_is_still_told_of(company: Company) -> None:
    company.must("employee add 'Mistake' mistake")
    number = company.must("employee detail mistake").card["id"]
    company.must("employee delete mistake")
    entries = company.must(f"journal list --on 'employee {number}'").rows
    assert [row["command"] for row in entries] == ["employee delete", "employee add"]
    shown = company.must(f"journal show {entries[0]['id']}").outcome
    assert isinstance(shown, Card)
    changes = [tuple(map(_plain, row)) for row in shown.related[0].rows]
    assert (f"employee {number}", "username", "mistake", None) in changes


def test_refusals_and_logins_are_shown_to_administrators_and_to_whom_they_are_of(company: Company) -> None:
    company.run("customer add 'Nobody'", by="sam")
    for reader, seen in {"alice": True, "sam": True, "carla": False, "nils": False}.items():
        rows = company.must("journal list", by=reader).rows
        refused = [row for row in rows if row["result"] == "refused"]
        assert bool(refused) is seen, reader
        assert bool([row for row in rows if row["result"] == "login" and row["by"] == "sam"]) is seen, reader
    number = next(row["id"] for row in company.must("journal list").rows if row["result"] == "refused")
    assert company.must(f"journal show {number}", by="sam").card["message"].startswith("customer add is for")
    hidden = company.run(f"journal show {number}", by="carla")
    assert (hidden.code, hidden.message) == (5, f"there is no entry {number} that you may see")
    assert company.run("journal show 999").code == 5


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("journal list --on 'customer'", 1),
        ("journal list --on 'custommer 12'", 1),
        ("journal list --on 'customer 12'", 5),
        ("journal list --on 'contract 5611d818'", 5),
        ("journal list --on 'employee nobody'", 5),
        ("journal list --since someday", 1),
        ("journal list --limit many", 1),
        ("customer history 999", 5),
        ("database check --head 1", 1),
    ],
)
def test_what_is_not_there_is_refused(sqlite_company: Company, line: str, code: int) -> None:
    failure = sqlite_company.run(line).failure
    assert failure is not None
    assert (failure.code, bool(failure.hint)) == (code, True)


def test_names_stand_for_records_in_the_journal_too(sqlite_company: Company) -> None:
    sqlite_company.must("customer add 'Éloïse' --as eloise", by="carla")
    assert len(sqlite_company.must("journal list --on @eloise", by="carla").rows) == 1


def _numbers(session: Session, line: str) -> list[str]:
    return [text for text in offered(session, line) if text.isdigit()]


def test_completion_offers_what_can_be_undone_and_done_again(sqlite_company: Company) -> None:
    session = sqlite_company.session("carla")
    customer = sqlite_company.customer("Éloïse d'Été")
    sqlite_company.must(f"customer update {customer} --company 'Été SARL'", by="carla")
    numbers = [str(row["id"]) for row in sqlite_company.must("journal list --by carla").rows if row["result"] == "done"]
    assert _numbers(session, "undo ") == numbers
    sqlite_company.must("undo", by="carla")
    undo = str(sqlite_company.must("journal list --command undo").rows[0]["id"])
    assert (_numbers(session, "undo "), _numbers(session, "redo ")) == (numbers[1:], [undo])
    assert undo in _numbers(session, "journal show ")
    assert _numbers(sqlite_company.session("colin"), "undo ") == []


def test_an_entry_reads_well_in_every_format(sqlite_program: Any) -> None:
    company = sqlite_program.company
    contract = company.signed(total="1234.5")
    company.must(f"contract add-payment {contract} 100")
    done = sqlite_program.run("contract", "history", contract[:8], "--format", "json")
    assert '"field": "amount", "before": null, "after": 100.00' in done.out
    assert "1 234.50 €" in sqlite_program.run("contract", "history", contract[:8]).out
    assert ",total_amount,,1234.50" in sqlite_program.run("contract", "history", contract[:8], "--format", "csv").out


@pytest.mark.parametrize(
    "options",
    [
        *("--on 'customer 1'", "--command 'customer update'", "--since today", "--by carla", "--after 99"),
        *("--sort at", "--sort at-", "--sort id"),
        *("--where 'by = carla'", "--where 'command = customer add'", "--where 'id > 5'", "--where 'undoes = 7'"),
        *("--since today --group-by command", "--by carla --count", "--sort at --where 'at < today'"),
    ],
)
def test_every_filter_has_its_index(company: Company, options: str) -> None:
    company.customer("Éloïse d'Été")
    with recorded() as statements:
        company.must(f"journal list {options}", by="nils")
    assert not [sql for sql in statements.issued if "/* scan */" in sql]
    if current().engine == "sqlite":
        assert scans(statements) == []


def test_the_journal_has_the_language_of_lists(company: Company) -> None:
    customer = company.customer("Éloïse d'Été")
    for name in ("Ann", "Annie"):
        company.must(f"customer update {customer} --fullname {name}", by="carla")
    company.must("undo", by="carla")
    newest = company.must("journal list --where 'by = carla' --columns command,undoes").rows
    assert [row["command"] for row in newest if row["command"] != "auth login"][:2] == ["undo", "customer update"]
    assert [row["undoes"] for row in company.must("journal list --where 'undoes not empty' --columns undoes").rows]
    groups = company.must("journal list --where 'result = done' --by carla --group-by command --sort command").rows
    assert [(row["command"], row["count"]) for row in groups] == [
        ("customer add", 1), ("customer update", 2), ("undo", 1),
    ]  # fmt: skip
    assert company.must("journal list --where 'line ~ ANNIE' --count").rows[0]["count"] == 1
    first, *others = company.must("journal list --sort at --limit 3 --columns id").rows
    assert company.must(f"journal list --sort at --limit 2 --columns id --after {first['id']}").rows == others
    assert company.run("journal list --where 'result = won'").code == 1
    wordless = company.run("journal list --search anna").failure
    assert wordless is not None
    assert (wordless.message, wordless.hint) == ("entries have no words of their own", "--where 'line ~ WORD'")
    assert company.run("journal list --offset 5").code == 2


def test_no_condition_and_no_sum_tells_of_what_one_may_not_see(company: Company) -> None:
    company.run("customer add 'Nobody'", by="sam")
    for options in ("--where 'result = refused'", "--where 'line ~ nobody'", "--sort line", "--where 'id > 0'"):
        assert not [row for row in company.must(f"journal list {options}", by="carla").rows if row["by"] == "sam"]
    seen = {by: company.must("journal list --group-by result,by", by=by).rows for by in ("alice", "carla")}
    groups = {by: [(row["result"], row["by"]) for row in rows] for by, rows in seen.items()}
    assert [("refused", "sam") in found for found in groups.values()] == [True, False]


def test_the_history_of_one_record_is_flat(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    record = sqlite_company.must(f"contract detail {contract}")
    assert record.card["id"] == contract
    plans: list[str] = []
    query = history.history_query(Contract.get_by_id(1))
    sql, values = query.sql()
    plans = [row[3] for row in current().execute_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any("journal_change_record" in step for step in plans)
    assert not [step for step in plans if step.startswith("SCAN")], plans
