"""Lists say of random records what a plain Python model says of them, on both engines."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmshell.language.tokens import quoted
from tests.company import START, Company
from tests.listed import DAY, Asked, conditions, fill, sort_key
from tests.process import Program
from tests.records import problems, sql

SOME = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FIELDS = {
    "customer list": {
        "id": "number", "fullname": "text", "company": "text", "email": "text", "commercial": "text",
        "created_at": "day",
    },
    "contract list": {
        "customer_id": "number", "customer": "text", "company": "text", "commercial": "text", "total_amount": "amount",
        "total_paid": "amount", "total_due": "amount", "signed": "flag", "signed_at": "day", "created_at": "day",
        "customer.company": "text", "customer.created_at": "day", "commercial.fullname": "text",
    },
    "event list": {
        "id": "number", "name": "text", "customer": "text", "support": "text", "start": "day", "end": "day",
        "attendees": "number", "location": "text", "contract.total_due": "amount", "support.fullname": "text",
    },
}  # fmt: skip
LISTS = sorted(FIELDS)


@pytest.fixture
def filled(company: Company) -> Company:
    """A company with random records."""
    fill(company, seed=2026)
    return company


def everything(company: Company, command: str) -> list[dict[str, Any]]:
    """Every record with every field that is compared."""
    return company.must(f"{command} --columns id,{','.join(name for name in FIELDS[command] if name != 'id')}").rows


def options(asked: list[Asked]) -> str:
    return "".join(f" --where {quoted(one.text)}" for one in asked)


def kept(rows: list[dict[str, Any]], asked: list[Asked]) -> list[Any]:
    """The ids of the rows that the model keeps."""
    return [row["id"] for row in rows if all(one.holds(row[one.field]) for one in asked)]


@pytest.mark.slow_on_postgres
@pytest.mark.parametrize("command", LISTS)
def test_where_keeps_what_the_model_keeps(filled: Company, command: str) -> None:
    rows = everything(filled, command)
    zone = filled.session("alice").settings.zone_info

    @SOME
    @given(st.lists(conditions(FIELDS[command], rows, zone), min_size=1, max_size=3))
    def check(asked: list[Asked]) -> None:
        found = filled.must(f"{command} --columns id{options(asked)}").rows
        assert [row["id"] for row in found] == kept(rows, asked)
        assert filled.must(f"{command} --count{options(asked)}").rows == [{"count": len(found)}]

    check()


@pytest.mark.slow_on_postgres
@pytest.mark.parametrize("command", LISTS)
def test_sort_and_after_give_the_pages_of_the_model(filled: Company, command: str) -> None:
    rows = everything(filled, command)
    keys = {row["id"]: row for row in rows}
    numbers = {row["id"]: place for place, row in enumerate(_by_number(filled, command))}
    fields = st.tuples(st.sampled_from(sorted(FIELDS[command])), st.booleans())

    @SOME
    @given(st.lists(fields, min_size=1, max_size=2, unique_by=lambda pair: pair[0]), st.integers(0, 60), st.booleans())
    def check(order: list[tuple[str, bool]], place: int, is_limited: bool) -> None:
        expected = sorted(keys, key=numbers.__getitem__, reverse=order[0][1])
        for name, is_descending in reversed(order):
            key = sort_key(FIELDS[command][name])
            expected.sort(key=lambda found: key(keys[found][name]), reverse=is_descending)
        line = f"{command} --columns id --sort " + ",".join(name + "-" * down for name, down in order)
        after = expected[min(place, len(expected) - 1)]
        limit = " --limit 7" if is_limited else ""
        assert [row["id"] for row in filled.must(line).rows] == expected
        page = [row["id"] for row in filled.must(f"{line} --after {after}{limit}").rows]
        assert page == expected[expected.index(after) + 1 :][: 7 if is_limited else None]
        assert [row["id"] for row in filled.must(f"{line} --limit 7").rows] == expected[:7]

    check()


def _by_number(company: Company, command: str) -> list[dict[str, Any]]:
    """The records in the order they were entered."""
    listed = company.must(f"{command} --columns id" + (" --sort id" if command != "contract list" else "")).rows
    return listed[::-1] if command == "contract list" else listed


@pytest.mark.parametrize("command", LISTS)
def test_pages_of_the_default_order_are_the_whole(filled: Company, command: str) -> None:
    whole = [row["id"] for row in filled.must(command).rows]
    pages, after = [], ""
    while page := [row["id"] for row in filled.must(f"{command} --limit 4{after}").rows]:
        pages.append(page)
        after = f" --after {page[-1]}"
    assert [found for page in pages for found in page] == whole
    assert {len(page) for page in pages[:-1]} == {4}


@pytest.mark.slow_on_postgres
@pytest.mark.parametrize(
    ("command", "amounts"), [("contract list", ["total_amount", "total_paid", "total_due"]), ("event list", [])]
)
def test_groups_are_those_of_the_model(filled: Company, command: str, amounts: list[str]) -> None:
    rows = everything(filled, command)
    names = sorted(name for name in FIELDS[command] if FIELDS[command][name] != "day")

    @SOME
    @given(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    def check(fields: list[str]) -> None:
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * (1 + len(amounts)))
        for row in rows:
            group = groups[tuple(row[name] for name in fields)]
            for place, amount in enumerate([1, *(row[name] for name in amounts)]):
                group[place] += amount
        found = filled.must(f"{command} --group-by {','.join(fields)}").rows
        columns = ["count", *amounts]
        assert [list(row)[: len(fields)] for row in found[:1]] == [fields]
        if not set(fields) & set(columns):
            assert {tuple(row[name] for name in fields): [row[name] for name in columns] for row in found} == groups

    check()


def test_groups_by_month_are_those_of_the_users_zone(filled: Company) -> None:
    zone = filled.session("alice").settings.zone_info
    counts: dict[str, int] = defaultdict(int)
    for row in everything(filled, "contract list"):
        counts[datetime.fromtimestamp(row["created_at"], zone).strftime("%Y-%m")] += 1
    found = filled.must("contract list --group-by created_at.month").rows
    assert [(row["created_at.month"], row["count"]) for row in found] == sorted(counts.items())


def test_total_adds_up_what_is_listed(filled: Company) -> None:
    rows = filled.must("contract list --where 'total_due > 100'").rows
    assert filled.must("contract list --where 'total_due > 100' --total").rows == [
        {
            "count": len(rows),
            **{name: sum(row[name] for row in rows) for name in ("total_amount", "total_paid", "total_due")},
        }
    ]


def test_the_filters_of_the_reference_combine_with_it(filled: Company) -> None:
    unsigned = filled.must("contract list --not-signed-filter --mine", by="carla").rows
    few = filled.must(
        "contract list --not-signed-filter --mine --where 'total_amount > 500' --sort total_amount", by="carla"
    )
    expected = [row for row in unsigned if row["total_amount"] > 50_000]
    assert few.rows == sorted(expected[::-1], key=lambda row: row["total_amount"])  # noqa: C415  (ties: the oldest first)
    supported = filled.must("contract list --mine --where 'signed = yes' --limit 3", by="sam").rows
    whole = filled.must("contract list --mine", by="sam").rows
    assert supported == [row for row in whole if row["signed"]][:3]
    assert filled.must("customer list --mine --count", by="nils").rows == [{"count": 0}]


@pytest.mark.parametrize("after", [False, True])
def test_upcoming_and_undated_events_keep_their_order_and_pages(filled: Company, after: bool) -> None:
    rows = filled.must("event list").rows
    expected = [row["id"] for row in rows if row["end"] is None or row["end"] > START]
    page = f" --after {expected[3]}" if after else ""
    assert [row["id"] for row in filled.must(f"event list --upcoming{page}").rows] == expected[4 if after else 0 :]
    by_name = filled.must("event list --upcoming --sort name").rows
    assert {row["id"] for row in by_name} == set(expected)


@pytest.mark.parametrize(
    ("condition", "span", "code", "message", "hint"),
    [
        ("total_duo > 1", "total_duo", 2, "contracts have no field total_duo", "did you mean total_due?"),
        ("zzz = 1", "zzz", 2, "contracts have no field zzz", "one of id, customer_id"),
        ("total_due > 1.234", "1.234", 1, "1.234 reads as thousands", "type 1234.00"),
        ("signed = maybe", "maybe", 1, "maybe is neither yes nor no", "yes or no"),
        ("commercial = karla", "karla", 5, "there is no employee karla", "did you mean carla?"),
        ("id = zz", "zz", 1, "zz is not the beginning of an id", "its first 4"),
        ("created_at > soon", "soon", 1, "soon is not a moment", "type a moment"),
    ],
)
def test_a_fault_points_into_the_condition(
    sqlite_company: Company, condition: str, span: str, code: int, message: str, hint: str
) -> None:
    line = f"contract list --where '{condition}'"
    failure = sqlite_company.run(line).failure
    assert failure is not None
    assert failure.span is not None
    assert line[slice(*failure.span)] == span
    assert (failure.code, failure.message[: len(message)], failure.hint[: len(hint)]) == (code, message, hint)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("contract list --offset 20", "a list is not read from an offset"),
        ("contract list --count --columns id", "sums have neither --columns nor --after"),
        ("contract list --sort nothing", "contracts have no field nothing"),
        ("contract list --columns id,", "a field is missing"),
        ("contract list --group-by commercial --sort signed_at", "contracts have no field signed_at"),
        ("customer list --where 'phone ~ \"+abc\"'", "+abc has no digit, and phones are compared by theirs"),
        ("employee list --where 'role = supprt'", "supprt is none of administrator, commercial, support, none"),
    ],
)
def test_what_cannot_be_asked_is_refused(sqlite_company: Company, line: str, message: str) -> None:
    failed = sqlite_company.run(line)
    assert (failed.message, bool(failed.failure and failed.failure.hint)) == (message, True)


def test_a_day_is_all_of_it_in_the_zone_of_the_user(company: Company) -> None:
    contract = company.contract()
    company.hands.move(-((START + 2 * 3600) % DAY) - 1)  # a second before midnight in Paris
    before = company.contract()
    rows = company.must("contract list --where 'created_at = today'").rows
    assert [row["id"] for row in rows] == [before]
    company.hands.move(1)
    assert [row["id"] for row in company.must("contract list --where 'created_at = today'").rows] == [contract]


@pytest.mark.parametrize(("part", "found"), [("01 234", 1), ("+353 1", 1), ("0312345", 0), ("5678", 1)])
def test_a_phone_has_its_digits_as_they_are_dialled_abroad_and_at_home(
    sqlite_company: Company, part: str, found: int
) -> None:
    sqlite_company.must("customer add 'Siobhán O\"Brien' --phone '+353 1 234 5678'", by="carla")
    assert len(sqlite_company.must(f"customer list --where 'phone ~ \"{part}\"'").rows) == found


@pytest.mark.parametrize(
    "line",
    [
        "customer list --where 'email = \0@b.fr'",
        "employee list --where 'username = a\0'",
        "journal list --command 'a\0'",
    ],
)
def test_what_no_database_keeps_is_looked_for_in_vain(company: Company, line: str) -> None:
    assert company.must(line).rows == []


def test_an_unindexed_order_or_condition_is_marked_as_a_scan(sqlite_company: Company) -> None:
    def scanned(line: str) -> bool:
        outcome: Any = sqlite_company.must(line).outcome
        return outcome.scan is not None

    assert scanned("customer list --where 'company ~ été'")
    assert scanned("customer list --sort fullname")
    assert scanned("contract list --where 'total_due > 5'")
    assert not scanned("customer list")
    assert not scanned("customer list --sort id --limit 3")
    assert not scanned("customer list --where 'commercial = carla' --where 'company ~ été'")
    assert not scanned("event list --where 'start >= today'")


def test_a_count_is_an_answer_and_not_a_list_of_one(program: Program) -> None:
    program.run("-c", "customer add Zoé")
    counted, grouped = (program.run("-c", f"customer list {each}") for each in ("--count", "--group-by commercial"))
    assert (counted.out.split()[-1], counted.err) == ("1", "")
    assert grouped.err == "1 group\n"


def test_groups_and_counts_go_into_every_format(program: Program) -> None:
    program.run("-c", "customer add 'Ana O’Brien' --company Zénith", "-c", "customer add Éva")
    csv = program.run("-c", "customer list --group-by company --format csv")
    assert csv.out.splitlines() == ["company,count", ",1", "Zénith,1"]
    assert program.run("-c", "customer list --count --format json").out == '[\n{"count": 2}\n]\n'
    table = program.run("-c", "customer list --where 'company empty' --columns fullname,commercial.fullname")
    assert "commercial.fullname" in table.out.splitlines()[0]
    assert "Carla d'Été" in table.out


def test_deleted_customers_are_listed_to_whoever_asks_when_they_were(company: Company) -> None:
    kept, gone = company.customer("Ana O'Brien"), company.customer("王小明")
    sql("UPDATE customer SET deleted_at = ? WHERE id = ?", START, gone)
    assert [row["id"] for row in company.must("customer list").rows] == [kept]
    assert company.must("customer list --count").rows == [{"count": 1}]
    assert [row["id"] for row in company.must("customer list --where 'deleted_at not empty'").rows] == [gone]


def test_the_kept_totals_are_what_the_contracts_add_up_to(filled: Company) -> None:
    customer = filled.must("customer list --where 'commercial = carla' --limit 1").rows[0]["id"]
    contract = filled.signed(customer, "1000")
    filled.must(f"contract add-payment {contract} 400")
    filled.must(f"contract update {contract} --total-amount 900")
    sql("UPDATE contract SET cancelled_at = ? WHERE uuid = ?", START, filled.contract(customer))
    filled.must(f"customer set-commercial {customer} colin")
    names = ("count", "total_amount", "total_paid", "total_due")
    by_commercial = filled.must("contract list --where 'total_amount >= 0' --group-by commercial").rows
    assert filled.must("contract totals --by commercial").rows == by_commercial
    assert filled.must("contract list --group-by commercial").rows == by_commercial
    everything = filled.must("contract list --where 'total_amount >= 0' --total").rows
    assert filled.must("contract list --total").rows == everything
    states = filled.must("contract totals").rows
    assert [{name: sum(row[name] for row in states) for name in names}] == everything
    assert {row["state"] for row in states} == {"cancelled", "due", "not signed", "paid"}
    months = filled.must("contract totals --by month").rows
    assert [{name: sum(row[name] for row in months) for name in names}] == everything
    assert [check for check, _ in problems() if check == "totals"] == []


def test_a_wrong_total_and_a_wrong_count_of_events_are_found(company: Company) -> None:
    contract = company.signed()
    sql("UPDATE contract_total SET total_due = total_due + 1 WHERE dimension = 'month'")
    sql("UPDATE contract SET event_count = 3")
    assert problems() == [
        ("copies", f"contract {contract} has 3 events by its count, and 0 of them"),
        ("totals", "the totals by month are wrong for 2026-09"),
    ]


def test_the_count_of_events_is_kept(company: Company) -> None:
    contract = company.signed()
    assert [row["id"] for row in company.must("contract list --no-event").rows] == [contract]
    event = company.event(contract)
    assert company.must("contract list --no-event").rows == []
    sql("DELETE FROM event WHERE id = ?", event)
    assert [row["id"] for row in company.must("contract list --no-event").rows] == [contract]
