"""The sample company of `--demo`: the same for the same moment, lived through step by step by the models' own rules.

Docs and examples may count on these: contract 5611d818 waits for the signature of a customer of carla's; contract
c0ffee01, of customer 1, is signed with 4 500.00 € due; event 1 belongs to it, is to come, and is supported by sam, who
has nothing else within days of it; nobody is called zoe.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from itertools import count, cycle
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmshell import sample
from crmshell.database import current, transaction
from crmshell.errors import Refused
from crmshell.language.tokens import quoted
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee, RoleName, any_employee
from crmshell.models.event import Event
from crmshell.models.journal import Work, work
from crmshell.models.view import View
from crmshell.moments import format_moment
from crmshell.passwords import hash_password
from crmshell.session import Session
from crmshell.values import plain_amount

PASSWORD = "sample-company"  # noqa: S105  (printed at every start: there is nothing to protect)

_UNSIGNED = UUID("5611d818-3b0e-4f6a-9c55-7d1e2a90b4c3")
_PARTLY_PAID = UUID("c0ffee01-9a4d-4c1b-8e27-51f0d36ab892")
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
_SEED = 1851
_FOUNDED, _PETRA_LEAVES, _NILS_COMES = 420, 150, 40  # days ago
_CONTRACTS = (1, 3, 2, 1, 4, 0, 2, 3, 1, 3)  # of ten customers, in their order
_DATED, _UNDATED = 92, 4  # events, beside event 1 and those under way
_UNDER_WAY = ((-3 * HOUR, 5 * HOUR), (-HOUR, 3 * HOUR), (-DAY, DAY))  # start and end, from now
_MOST_EVENTS = 3  # of a contract
_APART = 10 * DAY  # what sam does besides event 1
_MOST_IN_CASH = 300_000  # cents
_TOTALS = (185_000, 240_000, 390_050, 620_000, 875_000, 1_234_567, 1_800_000, 2_999_990, 4_500_000, 8_450_000)  # cents
_REST = 0
_PAID: tuple[tuple[int, ...], ...] = ((), (35,), (30, 40), (_REST,), (50, _REST), (30, 40, _REST))  # per cent


def found(session: Session) -> None:
    """Fill the migrated, empty database; raises Refused where there is somebody on the staff already."""
    password_hash = hash_password(PASSWORD, session.clock.hash_rounds)
    database = current()
    with transaction(database, writes=True):
        database.lock("first administrator")
        if any_employee():
            message = "the company has a staff already"
            raise Refused(message, hint="name another database for the sample company: --database demo.db")
        database.execute_sql("INSERT INTO company (name, value) VALUES ('demo', '1')")
        _Life(session.now(), session.settings.zone_info, password_hash).live()


def is_demo() -> bool:
    """Whether the open database holds the sample company."""
    with transaction(current(), writes=False):
        row = current().execute_sql("SELECT value FROM company WHERE name = 'demo'").fetchone()
    return row is not None and row[0] == "1"


def logins() -> list[tuple[str, str]]:
    """The username and the role of everybody who may log in now, administrators first."""
    with transaction(current(), writes=False):
        staff = list(Employee.select().order_by(Employee.username_key))
    roles = list(RoleName)
    active = [(employee.username, employee.role) for employee in staff if employee.is_active]
    return sorted(active, key=lambda login: roles.index(RoleName(login[1])))


class _Life:
    """The days of the company up to `now`: each step is taken at its moment and plans what follows from it.

    What would come after yesterday's closing time has not happened yet.
    """

    def __init__(self, now: int, zone: ZoneInfo, password_hash: str) -> None:
        self.now, self.zone, self.password_hash = now, zone, password_hash
        self.random = Random(_SEED)  # noqa: S311  (a sample, not a secret)
        self.at = self._ago(_FOUNDED + 1)
        self.latest = self._local_hour(self._ago(1), 18)
        self.gala_start = self._local_hour(self._ago(-21), 19)
        self.order = count()
        self.plans: list[tuple[int, int, Callable[[], None]]] = []
        self.staff: dict[str, Employee] = {}
        self.customers: list[Customer] = []
        self.contracts: dict[int, Contract] = {}
        self.signed: list[int] = []
        self.events_of: Counter[int] = Counter()

    def live(self) -> None:
        """Take all the steps there are."""
        self._plan_staff()
        self._plan_customers()
        self._plan_events()
        while self.plans:
            self.at, _, step = heapq.heappop(self.plans)
            step()

    # When, and by whom

    def _plan(self, wanted: int, step: Callable[..., None], *values: Any) -> None:
        """Take a step in the office hours around the moment wanted, after the present step."""
        at = max(self._office_hour(wanted), self.at + self.random.randint(2, 15) * MINUTE)
        planned: Callable[[], None] = partial(step, *values)
        if at <= self.latest:
            heapq.heappush(self.plans, (at, next(self.order), planned))

    def _after(self, fewest: float, most: float) -> int:
        """A moment so many days after the present step."""
        return self.at + int(self.random.uniform(fewest, most) * DAY)

    def _ago(self, days: float) -> int:
        return self.now - int(days * DAY)

    def _office_hour(self, at: int) -> int:
        """A moment of the same day, or of the Friday before it."""
        days_of_weekend = max(0, datetime.fromtimestamp(at, self.zone).weekday() - 4)
        hour, minute = self.random.randint(9, 16), self.random.randrange(60)
        return self._local_hour(at - days_of_weekend * DAY, hour) + minute * MINUTE

    def _local_hour(self, at: int, hour: int) -> int:
        local = datetime.fromtimestamp(at, self.zone)
        return int(local.replace(hour=hour, minute=0, second=0, microsecond=0).timestamp())

    def _as(self, employee: Employee, command: str, words: str) -> AbstractContextManager[Work]:
        return work(self.at, employee.id, employee.username, command, f"{command} {words}")

    def _administrator(self) -> Employee:
        return self.staff[self.random.choice(("alice", "alice", "benoit"))]

    def _one_of_those_dealing_with(self, contract: Contract) -> Employee:
        return self.random.choice((contract.owner, contract.owner, self.staff["benoit"]))

    # Employees

    def _plan_staff(self) -> None:
        """All on the first day but nils, alice first: she adds the others."""
        lines = sample.STAFF.strip().splitlines()
        self._plan(self._ago(_FOUNDED), self._hire, lines[:-1])
        self._plan(self._ago(_NILS_COMES), self._hire, lines[-1:])
        self._plan(self._ago(_PETRA_LEAVES), self._let_petra_go)
        self._plan(self._ago(_NILS_COMES), self._share_views)

    def _hire(self, lines: list[str]) -> None:
        for username, role, fullname in map(_cells, lines):
            employee = Employee(fullname=fullname, role=role, password_hash=self.password_hash)
            employee.set_username(username)
            employee.created_at = employee.updated_at = self.at
            with self._hiring(username, role, fullname):
                self.staff[username] = employee.store()

    def _hiring(self, username: str, role: str, fullname: str) -> AbstractContextManager[Work]:
        if not self.staff:
            return work(self.at, None, username, "create-admin", f"--create-admin {username}")
        return self._as(self.staff["alice"], "employee add", f"{quoted(fullname)} {username} --role {role}")

    def _share_views(self) -> None:
        for name, line in sample.VIEWS:
            with self._as(self.staff["alice"], "view save", f"--shared {name} = {line}"):
                View.keep(name, line, None, self.at)

    def _let_petra_go(self) -> None:
        """Give her customers to the others, and deactivate her."""
        petra, alice = self.staff["petra"], self.staff["alice"]
        heirs = [self.staff[name] for name in ("carla", "colm", "lukasz", "ines")]
        for customer, heir in zip([hers for hers in self.customers if hers.owner.id == petra.id], cycle(heirs)):
            with self._as(alice, "customer set-commercial", f"{customer.id} {heir.username}"):
                customer.give_to(heir)
        with self._as(alice, "employee deactivate", "petra"):
            petra.deactivate(alice, self.at)
        self.contracts = {contract.id: contract for contract in Contract.select()}

    # Customers

    def _plan_customers(self) -> None:
        lines = sample.CUSTOMERS.strip().splitlines()
        for number, line in enumerate(lines):
            self._plan(self._ago(396 - number * 389 / len(lines)), self._add_customer, number, line)

    def _add_customer(self, number: int, line: str) -> None:
        fullname, company, email, phone = _cells(line)
        fields = {"company": company, "email": email, "phone": phone}
        given = {name: value for name, value in fields.items() if value}
        commercial = self._commercial_for(number)
        with self._as(commercial, "customer add", quoted(fullname) + _options(given)):
            customer = Customer.add({"fullname": fullname, **given}, commercial, allow_duplicate=False, now=self.at)
        self.customers.append(customer)
        self._plan_contracts(number, customer)

    def _commercial_for(self, number: int) -> Employee:
        """Carla for the first two, then everybody in turn, as long as they are there."""
        names = ("carla", "carla", "colm", "lukasz", "petra", "ines", "lukasz")
        chosen = self.staff[names[number % len(names)]]
        return chosen if chosen.is_active else self.staff["ines"]

    # Contracts

    def _plan_contracts(self, number: int, customer: Customer) -> None:
        """As many as fall to this customer, the documented ones among them, spread over the days that are left."""
        wanted = _CONTRACTS[number % len(_CONTRACTS)]
        if number == 0:
            self._plan(self._after(1, 1), self._draw_up, customer, _PARTLY_PAID, 900_000, (50,))
        if number == 1:
            self._plan(self._ago(4), self._draw_up, customer, _UNSIGNED, 1_245_000, None)
        for _ in range(wanted - (number in {0, 1})):
            at = self.at + DAY + int((self._ago(3) - self.at - DAY) * self.random.random() ** 1.5)
            identity = UUID(int=self.random.getrandbits(128), version=4)
            self._plan(at, self._draw_up, customer, identity, self._total(), self._paid())

    def _total(self) -> int:
        return self.random.choice(_TOTALS) + self.random.randrange(0, 900_000, 5_000)

    def _paid(self) -> tuple[int, ...] | None:
        """What is to be paid and when, None for one contract in seven, which is not signed."""
        return self.random.choice(_PAID) if self.random.randrange(7) else None

    def _draw_up(self, customer: Customer, identity: UUID, total: int, paid: tuple[int, ...] | None) -> None:
        with self._as(self._administrator(), "contract add", f"{customer.id} {plain_amount(total)}"):
            contract = Contract.add(customer, total, identity=identity, now=self.at)
        self.contracts[contract.id] = contract
        if paid is not None:
            self._plan(self._after(1, 18), self._sign, contract.id, paid)

    def _sign(self, contract_id: int, paid: tuple[int, ...]) -> None:
        contract = self.contracts[contract_id]
        with self._as(self._one_of_those_dealing_with(contract), "contract sign", contract.uuid[:8]):
            contract.sign(self.at)
        self.signed.append(contract_id)
        for month, share in enumerate(paid):
            self._plan(self._after(1 + 30 * month, 25 + 30 * month), self._pay, contract_id, share)
        if contract.uuid == _PARTLY_PAID.hex:
            self._plan(self._after(1, 3), self._add_first_event, contract_id)

    def _pay(self, contract_id: int, share: int) -> None:
        contract = self.contracts[contract_id]
        amount = contract.total_due if share == _REST else contract.total_amount * share // 100
        method = self.random.choice(sample.METHODS if amount <= _MOST_IN_CASH else sample.METHODS[:-1])
        reference = sample.REFERENCES.get(method, "").format(self.random.randint(1000, 99999)) or None
        options = _options({"method": method} | ({"reference": reference} if reference else {}))
        by, day = self._one_of_those_dealing_with(contract), datetime.fromtimestamp(self.at, self.zone).date()
        with self._as(by, "contract add-payment", f"{contract.uuid[:8]} {plain_amount(amount)}{options}"):
            contract.pay(amount, day, method, reference, by, self.at)

    # Events

    def _plan_events(self) -> None:
        """More of them of late than long ago."""
        for _ in range(_DATED):
            self._plan(self._ago(2 + 300 * self.random.random() ** 1.6), self._add_dated)
        for _ in range(_UNDATED):
            self._plan(self._ago(self.random.uniform(2, 60)), self._add_undated)
        for start, end in _UNDER_WAY:
            whole_hour = self.now - self.now % HOUR
            planned_at = self._ago(self.random.uniform(15, 40))
            self._plan(planned_at, self._add_under_way, whole_hour + start, whole_hour + end)

    def _add_first_event(self, contract_id: int) -> None:
        gala = next(occasion for occasion in sample.FOR_COMPANIES if occasion.name == "Gala")
        fields = {
            "start": self.gala_start,
            "end": self.gala_start + gala.lasts * HOUR,
            "location": sample.LOCATIONS[0],
            "attendees": 120,
            "note": sample.NOTES[0],
        }
        event = self._add_event(contract_id, gala, fields)
        self._plan(self._after(1, 4), self._assign, event, ["sam"])

    def _add_dated(self) -> None:
        contract_id, occasion = self._something_to_plan()
        start = self._local_hour(self._after(10, 130), occasion.begins)
        span = {"start": start, "end": start + occasion.lasts * HOUR}
        self._find_support(self._add_event(contract_id, occasion, span | self._details(occasion)))

    def _add_undated(self) -> None:
        contract_id, occasion = self._something_to_plan()
        self._find_support(self._add_event(contract_id, occasion, self._details(occasion)))

    def _add_under_way(self, start: int, end: int) -> None:
        contract_id, occasion = self._something_to_plan()
        span = {"start": start, "end": end}
        self._find_support(self._add_event(contract_id, occasion, span | self._details(occasion)))

    def _something_to_plan(self) -> tuple[int, sample.Occasion]:
        """A contract signed of late, and what suits its customer; one contract in five has no event."""
        open_ones = [found for found in self.signed if found % 5 and self.events_of[found] < _MOST_EVENTS]
        contract_id = self.random.choice((open_ones or self.signed)[-15:])
        company = self.contracts[contract_id].customer.company
        return contract_id, self.random.choice(sample.FOR_COMPANIES if company else sample.FOR_PEOPLE)

    def _details(self, occasion: sample.Occasion) -> dict[str, Any]:
        """Where, how many, and a note, each of them sometimes left out."""
        attendees = self.random.randint(occasion.fewest, occasion.most)
        fields = {
            "location": self.random.choice((*sample.LOCATIONS, None)),
            "attendees": self.random.choice((attendees,) * 6 + (None,)),
            "note": self.random.choice((*sample.NOTES, None, None, None)),
        }
        return {name: value for name, value in fields.items() if value is not None}

    def _add_event(self, contract_id: int, occasion: sample.Occasion, fields: dict[str, Any]) -> Event:
        contract = self.contracts[contract_id]
        name = f"{occasion.name} – {contract.customer.company or contract.customer.fullname}"
        typed = fields | {bound: self._shown(fields[bound]) for bound in ("start", "end") if bound in fields}
        self.events_of[contract_id] += 1
        with self._as(contract.owner, "event add", f"{contract.uuid[:8]} {quoted(name)}{_options(typed)}"):
            return Event.add(contract, {"name": name, **fields}, self.at)

    def _shown(self, at: int) -> str:
        return format_moment(at, self.zone)

    # Support

    def _find_support(self, event: Event) -> None:
        """Have it assigned within days; one in eight is forgotten."""
        if self.random.randrange(8):
            usernames = self.random.sample(["sam", "oyvind", "eleni", "mei"], k=4)
            self._plan(self._after(0.5, 4), self._assign, event, usernames)

    def _assign(self, event: Event, usernames: list[str]) -> None:
        """Name the first of these who is free, and nobody where all are busy."""
        chosen = next((name for name in usernames if self._is_free(name, event)), None)
        if chosen is None:
            return
        support = self.staff[chosen]
        with self._as(self._administrator(), "event set-support", f"{event.id} {chosen}"):
            event.assign(support, force=False)
        for number in range(self.random.choice((0, 0, 1, 2))):
            self._plan(self._after(1 + 9 * number, 7 + 9 * number), self._append_note, event, support)

    def _is_free(self, username: str, event: Event) -> bool:
        """Whether nothing clashes; sam is kept free for days around event 1."""
        is_near_gala = event.id != 1 and event.start is not None and abs(event.start - self.gala_start) < _APART
        return event.clash_of(self.staff[username]) is None and not (username == "sam" and is_near_gala)

    def _append_note(self, event: Event, support: Employee) -> None:
        text, stamp = self.random.choice(sample.PARAGRAPHS), f"{self._shown(self.at)} {support.username}"
        with self._as(support, "event update", f"{event.id} --append-note {quoted(text)}"):
            current_event = Event.get_by_id(event.id)  # its customer may have changed hands meanwhile
            note = event.with_paragraph(text, stamp, current_event.note)
            current_event.edit({"note": note}, force=False)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _options(given: dict[str, Any]) -> str:
    """The values as they would be typed; an `@` within an address needs no doubling."""
    return "".join(f" --{name} {quoted(str(value)).replace('@@', '@')}" for name, value in given.items())
