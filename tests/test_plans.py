"""No statement looks at a whole table that grows, unless it says so; a first page costs the same at any size."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.document import Document

from completers import LineCompleter
from crmshell.commands import GRAMMAR
from crmshell.database import current, open_database, transaction
from crmshell.errors import StoreError
from crmshell.models.conditions import own_fields
from crmshell.models.integrity import MODELS
from tests.company import Company
from tests.listed import fill, fill_evenly
from tests.plans import recorded, scans, steps_of, watched
from tests.test_permissions import EXPECTED, LINES, TRANSACTIONS, WITHOUT_SESSION, Stage

LISTS = {"employee": "employee list", "customer": "customer list", "contract": "contract list", "event": "event list"}
# These look at everything on purpose: they verify it, or count it.
WHOLE = {"database info", "database check"}
COMMANDS = [name for name in EXPECTED if name not in WITHOUT_SESSION | TRANSACTIONS | WHOLE]
VARIANTS = (
    "customer list --mine", "customer list --mine --where 'company ~ été'", "customer list --search éloïse",
    "contract list --mine", "contract list --not-signed-filter --mine", "contract list --not-paid-filter --mine",
    "contract list --no-event", "contract list --no-event --mine", "contract list --not-signed-filter --count",
    "contract list --total", "contract list --group-by commercial", "contract totals --by month",
    "contract totals --by commercial", "contract list --where 'total_due > 5'",
    "contract list --sort company --limit 2", "contract list --not-paid-filter --sort company --limit 2",
    "contract list --not-signed-filter --where 'created_at < today' --sort created_at",
    "contract list --search éloïse --sort company", "customer list --mine --sort created_at",
    "customer list --mine --sort id",
    "contract list --group-by company", "contract list --where 'company ~ été' --count",
    "event list --mine", "event list --upcoming", "event list --upcoming --mine", "event list --from today",
    "event list --from today --to +7d", "event list --no-support-assigned", "event list --assigned-to-me",
    "event list --where 'start >= today' --sort start",
)  # fmt: skip


def _orders() -> Iterator[str]:
    """Every list in every order that a field declares as indexed."""
    for noun, command in LISTS.items():
        for field in own_fields(MODELS[noun]):
            if field.order is not None:
                yield from (f"{command} --sort {field.name}", f"{command} --sort {field.name}-")


def _finds(company: Company) -> Iterator[str]:
    """Every list with each condition that a field declares as indexed, its value one that there is."""
    for noun, command in LISTS.items():
        names = ["id", *(field.name for field in own_fields(MODELS[noun]) if field.found_by is not None)]
        rows = company.must(f"{command} --columns {','.join(dict.fromkeys(names))}").rows
        for name in names:
            value = next(row[name] for row in rows if row[name] is not None)
            yield f"{command} --where '{name} = {value}'"


@pytest.fixture
def filled(company: Company) -> Company:
    """A company with enough random records for a second page."""
    fill(company, seed=7)
    return company


def test_no_command_looks_at_a_whole_table_unless_it_says_so(company: Company) -> None:
    stage = Stage(company)
    with recorded() as statements:
        for name in COMMANDS:
            for username in ("alice", "carla", "sam"):
                stage.rehearse(name, username)
        for line in VARIANTS:
            for username in ("alice", "carla", "sam"):
                company.must(line, by=username)
    assert len(statements.issued) > 60
    assert {name for name in LINES if name not in EXPECTED} == set()
    if current().engine == "sqlite":  # PostgreSQL plans by what is there: see `postgres` in conftest.py
        assert "\n".join(scans(statements)) == ""


def test_every_order_and_condition_that_is_declared_has_its_index(filled: Company) -> None:
    with recorded() as statements:
        for line in _orders():
            page = filled.must(f"{line} --limit 3").rows
            key = "username" if line.startswith("employee") else "id"
            filled.must(f"{line} --limit 3 --after {page[-1][key]}")
        for line in _finds(filled):
            filled.must(line)
    assert "\n".join(scans(statements)) == ""
    assert not any("/* scan */" in sql for sql in statements.issued)


def test_a_scan_is_seen_for_what_it_is(filled: Company) -> None:
    with recorded() as statements:
        filled.must("customer list --where 'company ~ été'")
        filled.must("contract list --sort company")
        filled.must("contract list --not-paid-filter --sort created_at")
        filled.must("customer list --mine --sort fullname", by="carla")
    marked = [sql for sql in statements.issued if "/* scan */" in sql]
    assert len(marked) == 4
    for sql in marked:
        statements.issued[sql.replace(" /* scan */", "")] = statements.issued.pop(sql)
    assert scans(statements)


FLAT = (
    "customer list", "customer list --mine", "customer list --where 'commercial = carla'", "contract list",
    "contract list --not-signed-filter", "contract list --not-paid-filter", "contract list --mine",
    "contract list --no-event", "contract list --no-event --mine", "event list", "event list --mine",
    "event list --upcoming", "event list --from today", "event list --to today", "event list --no-support-assigned",
    "contract totals", "contract totals --by commercial", "contract totals --by month", "contract list --total",
    "customer detail 5", "event detail 5", "contract payments {contract}", "contract detail {contract}",
)  # fmt: skip
WRITES = (
    "customer add 'Zoé Lefèvre' --email zoe@lefevre.example", "customer update 5 --company 'Été SARL'",
    "event add {contract} Gala",
)  # fmt: skip


def _measured(company: Company, size: int) -> dict[str, int]:
    """The steps of every line on a company with so many regular records."""
    fill_evenly(company, size)
    contract = f"{2:032x}"
    lines = [line.format(contract=contract) for line in (*FLAT, *_orders())]
    steps = {line: steps_of(company, line, by="carla") for line in lines}
    steps |= {f"{line} (sam)": steps_of(company, line, by="sam") for line in lines if line.endswith(" --mine")}
    deep = {f"{line} deep": steps_of(company, f"{line} --limit 2 --after {_deep(line, size)}") for line in _deepest()}
    writes = {line: steps_of(company, line.format(contract=contract), by="carla") for line in WRITES}
    return steps | deep | writes


def _deepest() -> list[str]:
    return ["customer list", "contract list", "event list", *(line for line in _orders() if "employee" not in line)]


def _deep(line: str, size: int) -> str:
    """A record at 99 % of the way."""
    is_descending = line.endswith("-") or "--sort" not in line
    size = size * 4 // 5 if line.startswith("event") else size
    place = size // 100 if is_descending else size - size // 100
    return f"{place:032x}" if line.startswith("contract") else f"{place}"


@pytest.fixture
def make_company(tmp_path: Path, sqlite_staffed: Path) -> Callable[[], Company]:
    """Companies of one's own on SQLite, one after the other."""
    numbers = itertools.count()

    def make() -> Company:
        path = shutil.copy(sqlite_staffed, tmp_path / f"{next(numbers)}.db")
        open_database(str(path), may_create=False)
        return Company(str(path))

    return make


@pytest.mark.parametrize("sizes", [(400, 1600), pytest.param((1000, 30_000), marks=pytest.mark.slow)])
def test_sqlite_takes_the_same_steps_at_any_size(sizes: tuple[int, int], make_company: Callable[[], Company]) -> None:
    small, large = (_measured(make_company(), size) for size in sizes)
    grown = {line: (small[line], large[line]) for line in small if large[line] > small[line] * 1.1 + 30}
    assert grown == {}


def test_what_the_program_asks_is_told_from_what_a_test_asks(sqlite_company: Company) -> None:
    """The suite explains every statement at its end: see `statements` in conftest.py."""
    with watched() as statements:
        sqlite_company.must("customer list --limit 3")
        current().execute_sql("SELECT COUNT(*) FROM customer")
        sqlite_company.must("customer list --where 'company ~ é'")
    issued = list(statements["sqlite"].issued)
    assert [sql.rpartition(" /* ")[2] for sql in issued if "customer" in sql] == ["list */", "scan */"]
    assert not any("COUNT(*)" in sql for sql in issued)


def test_a_customer_is_looked_up_for_what_may_be_offered_alone(sqlite_company: Company) -> None:
    with recorded() as statements:
        list(LineCompleter(GRAMMAR, sqlite_company.session("carla")).menu(Document("contract sign dub")))
    found = [(sql, values) for sql, values in statements.issued.items() if 'JOIN "customer" AS "t2"' in sql]
    assert found
    for sql, values in found:
        steps = [str(row[3]).split()[1] for row in current().execute_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
        assert steps.index("t1") < steps.index("t2")


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite always does
@pytest.mark.usefixtures("company")
def test_a_server_plans_once_as_long_as_something_is_looked_up() -> None:
    connection = current().connection()  # type: ignore[no-untyped-call]
    usual = connection.prepare_threshold
    with transaction(current(), writes=False):
        with current().looking_up():
            assert _planned() == "force_generic_plan"
        assert _planned() == "auto"
    with pytest.raises(StoreError), transaction(current(), writes=False), current().looking_up():
        current().execute_sql("SELECT nothing FROM nowhere")
    assert (_planned(), connection.prepare_threshold) == ("auto", usual)


def _planned() -> str:
    return str(current().execute_sql("SHOW plan_cache_mode").fetchone()[0])
