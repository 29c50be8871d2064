"""A small company to test in: staff of every role, and sessions that run lines and hand back what they answer."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from crmshell.database import current, transaction
from crmshell.dispatch import run_line
from crmshell.errors import Failure
from crmshell.models.employee import Employee
from crmshell.models.journal import work
from crmshell.outcome import Card, Outcome, Page, Rows, Said
from crmshell.passwords import hash_password
from crmshell.session import Clock, Session
from crmshell.settings import Settings

PASSWORD = "a quiet green lamp"
STAFF = {
    "alice": ("Alice Martin", "administrator"),
    "adam": ("Adam N'Diaye", "administrator"),
    "carla": ("Carla d'Été", "commercial"),
    "colin": ("Colin O'Brien", "commercial"),
    "sam": ("Sam Łukasz", "support"),
    "sue": ("Sue Øyvind", "support"),
    "nils": ("Nils Bjørk", "none"),
}
START = 1_790_000_000  # 2026-09-21 16:13:20 in Paris


@cache
def cheap_hash() -> str:
    """The hash of PASSWORD at the lowest cost, made once."""
    return hash_password(PASSWORD, rounds=4)


@dataclass
class Hands:
    """A clock that stands still until it is moved."""

    seconds: float = START

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class Result:
    """What a line answered: its outcome with the rows read, or the failure that ended it."""

    outcome: Outcome | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    failure: Failure | None = None
    format: str | None = None

    @property
    def code(self) -> int:
        """The exit code."""
        return self.failure.code if self.failure else 0

    @property
    def card(self) -> dict[str, Any]:
        """The record shown, by field."""
        assert isinstance(self.outcome, Card), self.failure or self.outcome
        names = [column.name for column in self.outcome.columns]
        return dict(zip(names, self.outcome.values, strict=True))

    @property
    def related(self) -> dict[str, list[Any]]:
        """The rows of what belongs to the record, by the noun of each listing."""
        assert isinstance(self.outcome, Card), self.failure or self.outcome
        return {rows.noun: list(rows.rows) for rows in self.outcome.related}

    @property
    def changed(self) -> set[str]:
        """The fields marked as changed."""
        assert isinstance(self.outcome, Card), self.failure or self.outcome
        return set(self.outcome.changed)

    @property
    def message(self) -> str:
        """What was said: by the failure, or beside the record."""
        if self.failure:
            return self.failure.message
        assert isinstance(self.outcome, Card | Said)
        return self.outcome.message

    @property
    def remarks(self) -> list[str]:
        """What was said beside a listing."""
        assert isinstance(self.outcome, Rows), self.failure
        return list(self.outcome.notes)

    @property
    def notes(self) -> str:
        """The remarks, in one text."""
        assert isinstance(self.outcome, Card | Said), self.failure
        return " ".join(self.outcome.notes)

    @property
    def secrets(self) -> dict[str, str]:
        """What was shown once."""
        assert isinstance(self.outcome, Card), self.failure
        return dict(self.outcome.secrets)

    @property
    def page(self) -> Page:
        """The page of a help command."""
        assert isinstance(self.outcome, Page), self.failure
        return self.outcome


class Company:
    """The staff of STAFF, hired unless they are there, all with the password PASSWORD, and a clock for everybody.

    `run(line, by=username)` runs a line in that person's session, logging in where there is none.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.hands = Hands()
        counter = itertools.count(1)
        self.clock = Clock(
            now=lambda: self.hands.seconds,
            monotonic=lambda: self.hands.seconds,
            new_uuid=lambda: uuid.UUID(int=(next(counter) * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 128)),
            new_password=lambda: "first-password-once",
            hash_rounds=4,
        )
        self.sessions: dict[str, Session] = {}
        self.ids = _staff() or self._hire()

    def _hire(self) -> dict[str, int]:
        now = int(self.hands.seconds)
        with transaction(current(), writes=True), work(now, None, "tests", "employee add", "tests"):
            return {name: _employee(name, *person, now).id for name, person in STAFF.items()}

    def session(self, username: str) -> Session:
        """The session of this person, logged in on first use."""
        if username not in self.sessions:
            self.sessions[username] = self.visitor()
            self.sessions[username].log_in(username, PASSWORD)
        return self.sessions[username]

    def visitor(self) -> Session:
        """A session in which nobody is logged in."""
        return Session(Settings(database=self.url), self.clock)

    def run(self, line: str, by: str = "alice") -> Result:
        """Run a line and return its result, failures included."""
        return self.run_in(self.session(by), line)

    def run_in(self, session: Session, line: str) -> Result:
        """Run a line in a session."""
        result = Result()

        def show(outcome: Outcome, asked_format: str | None) -> None:
            result.outcome, result.format = outcome, asked_format
            if isinstance(outcome, Card):
                read = [each._replace(rows=list(each.rows)) for each in outcome.related]
                result.outcome = outcome._replace(related=read)
            if isinstance(outcome, Rows):
                names = [column.name for column in outcome.columns]
                result.rows = [dict(zip(names, row, strict=True)) for row in outcome.rows]

        try:
            run_line(line, session, show)
        except Failure as failure:
            result.failure = failure
        return result

    def must(self, line: str, by: str = "alice") -> Result:
        """Run a line that has to succeed."""
        result = self.run(line, by)
        assert result.failure is None, f"{line}: {result.failure}"
        return result

    # The steps of the workflow

    def customer(self, fullname: str = "Éloïse d'Été", by: str = "carla") -> int:
        """A customer of this commercial; returns the number."""
        return int(self.must(f'customer add "{fullname}"', by=by).card["id"])

    def contract(self, customer: int | None = None, total: str = "1000") -> str:
        """A contract, with a new customer of carla's where none is given; returns the UUID."""
        return str(self.must(f"contract add {customer or self.customer()} {total}").card["id"])

    def signed(self, customer: int | None = None, total: str = "1000") -> str:
        """The same, signed."""
        contract = self.contract(customer, total)
        self.must(f"contract sign {contract}")
        return contract

    def event(self, contract: str | None = None, options: str = "", by: str = "carla") -> int:
        """An event of a signed contract; returns the number."""
        return int(self.must(f'event add {contract or self.signed()} "Soirée" {options}', by=by).card["id"])


def _staff() -> dict[str, int]:
    return {str(name): int(number) for number, name in current().execute_sql("SELECT id, username FROM employee")}


def _employee(username: str, fullname: str, role: str, now: int) -> Employee:
    employee = Employee(fullname=fullname, role=role, password_hash=cheap_hash(), created_at=now, updated_at=now)
    employee.set_username(username)
    return employee.store()
