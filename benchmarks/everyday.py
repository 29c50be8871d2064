"""What people do all day, beside the bare SQL that returns or writes the same rows, at one size of one database.

A line takes the whole trip: it is read, authorised, run in a transaction of its own and drawn as a table into nothing.
What writes is measured inside one transaction that is rolled back, so that the data set stays what it is; a commit is
therefore in none of the figures.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from zoneinfo import ZoneInfo

from benchmarks.data import PASSWORD
from benchmarks.measure import Case, Times, in_turn
from crmshell.commands import GRAMMAR
from crmshell.database import Engine, current, open_database, proxy, transaction
from crmshell.dispatch import run_line
from crmshell.errors import Failure
from crmshell.language.binding import bind
from crmshell.language.reading import read
from crmshell.models import schema
from crmshell.output import Printer, Style
from crmshell.session import Session
from crmshell.settings import Settings

PAGE = 50
_SHARED = 10  # customers
_NEAR = 50  # customers whose numbers are looked at
_LINKED = ("contract", "event")
_TERM = "SELECT record_id FROM search_term WHERE noun = 'customer' AND term"
LISTED = (
    "SELECT c.id, c.fullname, c.company, c.email, c.phone, e.username, c.created_at, c.updated_at, c.last_contact, "
    "c.note, c.deleted_at, c.merged_into_id, c.erased_at FROM customer c JOIN employee e ON e.id = c.commercial_id"
)
_ALIVE = "c.deleted_at IS NULL"
_CONTRACTS = (
    "SELECT k.uuid, k.customer_id, c.fullname, c.company, e.username, k.total_amount, k.total_paid, CASE WHEN "
    "k.cancelled_at IS NULL THEN k.total_amount - k.total_paid ELSE 0 END, k.signed_at IS NOT NULL, k.signed_at, "
    "k.created_at, k.cancelled_at "
    "FROM contract k JOIN customer c ON c.id = k.customer_id JOIN employee e ON e.id = k.commercial_id"
)

_DUE = f"{_CONTRACTS} WHERE k.total_paid < k.total_amount AND k.cancelled_at IS NULL ORDER BY k.id DESC"
_CONTRACT = "uuid, customer_id, commercial_id, total_amount, total_paid, created_at, updated_at"
ANEW = "{anew}"  # 32 digits, other ones in each round


class Task(NamedTuple):
    """Something people do: its name, the line they type, and the bare statements that do the same."""

    name: str
    line: str
    bare: tuple[str, ...]
    writes: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it is a page of records."""
        return f"--limit {PAGE}" in self.line


class Measured(NamedTuple):
    """How long a line took, and the bare statements; `query` is the program's own way to the rows of a list.

    That is: its query made and sent, and its rows fetched, without reading the line before and drawing them after.
    """

    program: Times
    bare: Times
    query: Times | None = None


class Sample(NamedTuple):
    """What is looked at in a company, so that as much is shown of it at any size.

    A customer with two contracts and two events, the beginning of a phone number that ten customers have with ten
    contracts and events or nearly so, and how many customers there are.
    """

    customer: int
    phone: str
    customers: int


def sample_of(database: Engine, customers: int) -> Sample:
    """The first such customer in the middle of an open company, and the number of one near them."""
    links = (f"(SELECT COUNT(*) FROM {table} k WHERE k.customer_id = c.id) = 2" for table in _LINKED)
    fitting = f"SELECT c.id, c.phone FROM customer c WHERE c.id >= {customers // 2} AND {' AND '.join(links)}"
    found = database.execute_sql(f"{fitting} ORDER BY c.id LIMIT {_NEAR}").fetchall()
    numbers = [f"0{phone[3:]}" for _, phone in found if phone and phone.startswith("+33")]
    beginnings = [number[:length] for number in numbers for length in range(4, len(number) + 1, 2)]
    best = min(beginnings, key=lambda digits: _distance(database, digits), default="0123")
    pairs = " ".join(best[place : place + 2] for place in range(0, len(best), 2))
    return Sample(int(found[0][0]) if found else 1, pairs, customers)


def _distance(database: Engine, digits: str) -> int:
    """How far a beginning is from ten customers with as many contracts and events, or more."""
    few = f"{_TERM} >= '{digits}' AND term < '{digits}~' LIMIT {2 * _SHARED}"
    customers = [int(row[0]) for row in database.execute_sql(few).fetchall()]
    keys = ", ".join(map(str, customers)) or "0"
    counts = ", ".join(f"(SELECT COUNT(*) FROM {table} WHERE customer_id IN ({keys}))" for table in _LINKED)
    linked = database.execute_sql(f"SELECT {counts}").fetchone()
    return abs(len(customers) - _SHARED) + sum(max(0, _SHARED - int(count)) for count in linked)


def tasks(sample: Sample) -> list[Task]:
    """The tasks for a company."""
    return [*_lists(sample), *_searches(sample), *_SUMS, *_writes(sample.customers)]


def _lists(sample: Sample) -> list[Task]:
    deep = max(sample.customers // 100, PAGE + 1)
    page = f"LIMIT {PAGE}"
    return [
        Task(
            "first page of customers",
            f"customer list --limit {PAGE}",
            (f"{LISTED} WHERE {_ALIVE} ORDER BY c.id DESC {page}",),
        ),
        Task("contracts that are due", f"contract list --not-paid-filter --limit {PAGE}", (f"{_DUE} {page}",)),
        Task(
            "customers by creation",
            f"customer list --sort created_at --limit {PAGE}",
            (f"{LISTED} WHERE {_ALIVE} ORDER BY c.created_at, c.id {page}",),
        ),
        Task(
            "a page at 99 % depth",
            f"customer list --after {deep} --limit {PAGE}",
            (f"{LISTED} WHERE {_ALIVE} AND c.id < {deep} ORDER BY c.id DESC {page}",),
        ),
        Task("one customer", f"customer detail {sample.customer}", (f"{LISTED} WHERE c.id = {sample.customer}",)),
    ]


def _range(*terms: str) -> tuple[str, ...]:
    """The bare look at the index for each word, with the rows it leads to."""
    return tuple(
        f"{LISTED} WHERE c.id IN ({_TERM} >= '{term}' AND term < '{term}\U0010ffff' LIMIT {PAGE})" for term in terms
    )


def _searches(sample: Sample) -> list[Task]:
    """Words that have as many hits to show in a company of a thousand, ten of each kind, as in one of a million."""
    return [
        Task("search, one word", "search sarl", _range("sarl")),
        Task("search, two words", "search ma sa", _range("ma", "sa")),
        Task("search, three words", "search fr sa le", _range("fr", "sa", "le")),
        Task("search, a beginning", "search ma", _range("ma")),
        Task("search, a phone", f"search {sample.phone}", _range(sample.phone.replace(" ", ""))),
        Task("search, a typo", "search bulangerie", _range("boulangerie")),
        Task("a list by words", f"customer list --search 'le sa' --limit {PAGE}", _range("le", "sa")),
    ]


_SUM = "SUM(records), SUM(total_amount), SUM(total_paid), SUM(total_due) FROM contract_total WHERE dimension ="
_SUMS = (
    Task("sums of all contracts", "contract list --total", (f"SELECT {_SUM} 'state'",)),
    Task(
        "sums by commercial",
        "contract list --group-by commercial",
        (f"SELECT value, {_SUM} 'commercial' GROUP BY value ORDER BY value",),
    ),
)


def _writes(last: int) -> list[Task]:
    return [
        Task(
            "add a customer",
            'customer add "Éloïse Durand" --company "Atelier Müller" --email e@durand.example --allow-duplicate',
            (_insert("customer", "fullname, commercial_id, created_at, updated_at", "'Éloïse Durand', 3, 1, 1"),),
            writes=True,
        ),
        Task(
            "change a customer",
            f"customer update {last} --company {ANEW}",
            (f"UPDATE customer SET company = '{ANEW}', updated_at = 1 WHERE id = {last}",),
            writes=True,
        ),
        Task(
            "add a contract",
            f"contract add {last} 1234,50",
            (_insert("contract", _CONTRACT, f"'{ANEW}', {last}, 3, 123450, 0, 1, 1"),),
            writes=True,
        ),
    ]


def _insert(table: str, columns: str, values: str) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES ({values})"


class Company(NamedTuple):
    """A company that is measured, on an open database of its own."""

    url: str
    database: Engine
    sample: Sample

    @classmethod
    def opened(cls, url: str, customers: int) -> Company:
        """The company at this URL, its schema brought up to date."""
        database = open_database(url, may_create=False)
        schema.migrate()
        return cls(url, database, sample_of(database, customers))

    def enter(self) -> None:
        """Let the program work here from now on."""
        proxy.obj = self.database

    def here(self, case: Case) -> Case:
        """The same case, run here."""

        def run() -> object:
            self.enter()
            return case()

        return run


def measure(urls: Mapping[int, str], rounds: int) -> Mapping[int, Mapping[str, Measured]]:
    """All tasks at all sizes, by the number of customers, each beside its bare statements.

    The sizes take turns, so that what else the machine does meanwhile tells on all of them.
    """
    companies = {customers: Company.opened(url, customers) for customers, url in urls.items()}
    every = [tasks(company.sample) for company in companies.values()]
    found: dict[int, dict[str, Measured]] = {customers: {} for customers in companies}
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        printer = printer_into(nowhere)
        for same in zip(*every, strict=True):
            measured = _measured(list(companies.values()), same, rounds, printer)
            for customers, task, times in zip(companies, same, measured, strict=True):
                found[customers][task.name] = times
    for company in companies.values():
        company.database.close()
    return found


def printer_into(nowhere: TextIO) -> Printer:
    """A printer that draws everything, for no terminal."""
    return Printer(nowhere, nowhere, Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=None, height=0))


def session_of(url: str, username: str = "alice") -> Session:
    """A session of somebody of the staff."""
    session = Session(Settings(database=url))
    session.log_in(username, PASSWORD)
    return session


def _query(line: str, session: Session) -> Case:
    """The program's own way to the rows of a list."""
    reading = read(line, GRAMMAR)
    command = reading.command
    assert command is not None
    with transaction(current(), writes=False):
        values = bind(reading, command, session)
    given: dict[str, Any] = {name: value for name, value in values.items() if name not in {"format_", "as_"}}

    def fetched() -> None:
        given["listing"].filters.clear()
        deque(command.function(**given, session=session).rows, maxlen=0)

    return fetched


def _measured(companies: Sequence[Company], same: Sequence[Task], rounds: int, printer: Printer) -> Iterator[Measured]:
    """One task in all companies in turn."""
    cases: dict[str, Case] = {}
    with ExitStack() as around:
        for number, (company, task) in enumerate(zip(companies, same, strict=True)):
            company.enter()
            session = _logged_in(company.url, task, company.database)
            around.enter_context(_around(company, session, task))
            own = _cases(company.database, session, task, printer)
            cases |= {f"{name} {number}": company.here(case) for name, case in own.items()}
        times = in_turn(cases, rounds, warm=3)
    for number in range(len(companies)):
        yield Measured(times[f"program {number}"], times[f"bare {number}"], times.get(f"query {number}"))


def _cases(database: Engine, session: Session, task: Task, printer: Printer) -> Mapping[str, Case]:
    rounds_begun = iter(range(1 << 40))

    def anew() -> str:
        return f"{next(rounds_begun) + (1 << 120):032x}"

    def bare() -> None:
        for statement in task.bare:
            found = database.execute_sql(statement.replace(ANEW, anew()))
            if not task.writes:
                found.fetchall()

    def program() -> None:
        run_line(task.line.replace(ANEW, anew()), session, printer.show)

    cases: dict[str, Case] = {"program": program, "bare": bare}
    return cases | ({"query": _query(task.line, session)} if task.is_list else {})


def _logged_in(url: str, task: Task, database: Engine) -> Session:
    """A session of somebody who may do it: what changes a customer, that customer's commercial does."""
    username = "carla" if task.line.startswith("customer add") else "alice"
    if task.line.startswith("customer update"):
        owner = "SELECT e.username FROM customer c JOIN employee e ON e.id = c.commercial_id WHERE c.id ="
        username = str(database.execute_sql(f"{owner} {task.line.split()[2]}").fetchone()[0])
    return session_of(url, username)


@contextmanager
def _around(company: Company, session: Session, task: Task) -> Iterator[None]:
    """One transaction around all rounds of what writes, undone at the end."""
    if not task.writes:
        yield
        return
    session.begin()
    try:
        yield
    finally:
        company.enter()
        session.roll_back()


def is_there(url: str) -> bool:
    """Whether a database can be opened there."""
    try:
        open_database(url, may_create=False)
    except Failure:
        return False
    current().close()
    return True
