"""Random commands of random people: the database and a plain model of the company agree, and so does the journal.

After each command: the same refusals, the same records. At the end: the journal replayed from the start gives the
records there are, and undoing everything in reverse gives those of the beginning.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crmshell.database import open_database
from crmshell.models.integrity import MODELS
from tests.company import STAFF, Company, Result
from tests.records import problems, sql
from tests.world import ADMINISTRATOR, COMMERCIAL, ROLES, Commands, Deal, Person, Refusal, World

ACTORS = ("alice", "adam", "carla", "colin", "sam", "sue", "nils")
TARGETS = ("adam", "carla", "colin", "sam", "sue", "nils", "zoe", "jean-rené", "nobody")  # alice always stays in charge
NAMES = ("Éloïse d'Été", "王小明", "Søren Ångström", "Jean-François Zölle", "Ελένη Παπά")
EMAILS = (None, "eloise@atelier.example", "ming@shanghai.example", "soren@aarhus.example")
COMPANIES = (None, "L'Atelier", "Łódź & Søn", "Été SARL")
AMOUNTS = (0, 1, 250, 1000, 99_999)


CREDENTIALS = frozenset({"credential_version", "must_change_password"})  # which an undo leaves alone
Records = dict[tuple[str, int], dict[str, Any]]


class Step(NamedTuple):
    """What somebody does: a command by its place in the table, and what its values are chosen by."""

    actor: int
    command: int
    one: int
    two: int


class Line(NamedTuple):
    """A command as it is typed, what it does to the model, and who may well run it: a username or a role."""

    text: str
    apply: Callable[[Commands], None]
    fits: str = ""


def _chosen(known: Any, number: int, absent: Any) -> Any:
    """One of what there is, the latest more often than not; now and then what is not there."""
    found = [*known, absent]
    return found[-1 - number % len(found)] if number % 7 == 0 else found[-2 - number % max(len(known), 1)]


class Typist:
    """Chooses the values of commands and writes their lines."""

    def __init__(self, world: World) -> None:
        self.world = world

    def client(self, number: int) -> int:
        return int(_chosen(self.world.clients, number, 999_999) if self.world.clients else 999_999)

    def deal(self, number: int) -> str:
        return str(_chosen(self.world.deals, number, "f" * 32) if self.world.deals else "f" * 32)

    def gala(self, number: int) -> int:
        return int(_chosen(self.world.galas, number, 999_999) if self.world.galas else 999_999)

    def owner(self, number: int) -> str:
        """The commercial of a customer."""
        return self.world.clients[number].owner.username if number in self.world.clients else ""

    def seller(self, uuid: str) -> str:
        """The commercial of a contract's customer."""
        return self.world.deals[uuid].client.owner.username if uuid in self.world.deals else ""

    def support(self, number: int) -> str:
        """Who supports an event."""
        gala = self.world.galas.get(number)
        return gala.support.username if gala and gala.support else ""

    def line(self, step: Step) -> Line:
        """The line of a step."""
        return LINES[step.command % len(LINES)](self, step.one, step.two)


def _target(number: int) -> str:
    return TARGETS[number % len(TARGETS)]


def _span(number: int) -> tuple[int, int]:
    begin = 8 + number % 10
    return begin, begin + (number // 10) % 4


def _dates(span: tuple[int, int]) -> str:
    return f"--start '2027-07-14 {span[0]:02}:00' --end '2027-07-14 {span[1]:02}:00'"


def _add_client(typist: Typist, one: int, two: int) -> Line:
    name, email = NAMES[one % len(NAMES)], EMAILS[two % len(EMAILS)]
    option = f" --email {email}" if email else ""
    return Line(f'customer add "{name}"{option}', lambda run: run.add_client(name, email), COMMERCIAL)


def _rename_client(typist: Typist, one: int, two: int) -> Line:
    number, company = typist.client(one), COMPANIES[two % len(COMPANIES)]
    return Line(
        f'customer update {number} --company "{company or ""}"',
        lambda run: run.rename_client(number, company),
        typist.owner(number),
    )


def _address_client(typist: Typist, one: int, two: int) -> Line:
    number, email = typist.client(one), EMAILS[two % len(EMAILS)]
    return Line(
        f'customer update {number} --email "{email or ""}"',
        lambda run: run.address_client(number, email),
        typist.owner(number),
    )


def _give_client(typist: Typist, one: int, two: int) -> Line:
    number, name = typist.client(one), _target(two)
    return Line(f"customer set-commercial {number} {name}", lambda run: run.give_client(number, name), ADMINISTRATOR)


def _delete_client(typist: Typist, one: int, two: int) -> Line:
    number = typist.client(one)
    return Line(f"customer delete {number} --reason 'doublon'", lambda run: run.delete_client(number), ADMINISTRATOR)


def _restore_client(typist: Typist, one: int, two: int) -> Line:
    number = typist.client(one)
    return Line(f"customer restore {number}", lambda run: run.restore_client(number), ADMINISTRATOR)


def _merge_clients(typist: Typist, one: int, two: int) -> Line:
    number, other = typist.client(one), typist.client(two)
    return Line(f"customer merge {number} {other}", lambda run: run.merge_clients(number, other), ADMINISTRATOR)


def _add_deal(typist: Typist, one: int, two: int) -> Line:
    number, total = typist.client(one), (*AMOUNTS, -1)[two % (len(AMOUNTS) + 1)]
    return Line(f"contract add {number} --total-amount={total}", lambda run: run.add_deal(number, total), ADMINISTRATOR)


def _sign_deal(typist: Typist, one: int, two: int) -> Line:
    uuid = typist.deal(one)
    return Line(f"contract sign {uuid}", lambda run: run.sign_deal(uuid), typist.seller(uuid))


def _price_deal(typist: Typist, one: int, two: int) -> Line:
    uuid, total = typist.deal(one), AMOUNTS[two % len(AMOUNTS)]
    return Line(
        f"contract update {uuid} --total-amount {total}", lambda run: run.price_deal(uuid, total), typist.seller(uuid)
    )


def _move_deal(typist: Typist, one: int, two: int) -> Line:
    uuid, number = typist.deal(one), typist.client(two)
    return Line(
        f"contract update {uuid} --customer-id {number}", lambda run: run.move_deal(uuid, number), typist.seller(uuid)
    )


def _pay_deal(typist: Typist, one: int, two: int) -> Line:
    uuid, amount = typist.deal(one), AMOUNTS[two % len(AMOUNTS)]
    return Line(f"contract add-payment {uuid} {amount}", lambda run: run.pay_deal(uuid, amount), typist.seller(uuid))


def _reverse_payment(typist: Typist, one: int, two: int) -> Line:
    known = typist.world.payments()
    number = int(_chosen(known, two, 999_999) if known else 999_999)
    uuid = known[number][1].uuid if number in known and one % 3 else typist.deal(one)
    text = f"contract reverse-payment {uuid} {number} --reason 'sans provision'"
    return Line(text, lambda run: run.reverse_payment(uuid, number), ADMINISTRATOR)


def _cancel_deal(typist: Typist, one: int, two: int) -> Line:
    uuid = typist.deal(one)
    return Line(f"contract cancel {uuid} --reason 'renonce'", lambda run: run.cancel_deal(uuid), ADMINISTRATOR)


def _unsign_deal(typist: Typist, one: int, two: int) -> Line:
    uuid = typist.deal(one)
    return Line(f"contract unsign {uuid} --reason 'erreur'", lambda run: run.unsign_deal(uuid), ADMINISTRATOR)


def _add_gala(typist: Typist, one: int, two: int) -> Line:
    uuid, span = typist.deal(one), _span(two) if two % 3 else None
    name = f"Gala {two}"
    return Line(
        f"event add {uuid} '{name}' {_dates(span) if span else ''}",
        lambda run: run.add_gala(uuid, name, span),
        typist.seller(uuid),
    )


def _assign_gala(typist: Typist, one: int, two: int) -> Line:
    number, name = typist.gala(one), ("sam", "sue", "sam", "sue", None, _target(two))[two % 6]
    return Line(f'event set-support {number} "{name or ""}"', lambda run: run.assign_gala(number, name), ADMINISTRATOR)


def _count_gala(typist: Typist, one: int, two: int) -> Line:
    number = typist.gala(one)
    return Line(
        f"event update {number} --attendees {two}", lambda run: run.count_gala(number, two), typist.support(number)
    )


def _date_gala(typist: Typist, one: int, two: int) -> Line:
    number, span = typist.gala(one), _span(two)
    return Line(
        f"event update {number} {_dates(span)}", lambda run: run.date_gala(number, span), typist.support(number)
    )


def _cancel_gala(typist: Typist, one: int, two: int) -> Line:
    number = typist.gala(one)
    return Line(f"event cancel {number} --reason 'orage'", lambda run: run.cancel_gala(number), ADMINISTRATOR)


def _hire(typist: Typist, one: int, two: int) -> Line:
    name, role = _target(one), ROLES[two % len(ROLES)]
    return Line(f"employee add 'Zoé Lefèvre' {name} --role {role}", lambda run: run.hire(name, role), ADMINISTRATOR)


def _promote(typist: Typist, one: int, two: int) -> Line:
    name, role = _target(one), ROLES[two % len(ROLES)]
    return Line(f"employee set-role {name} {role}", lambda run: run.promote(name, role), ADMINISTRATOR)


def _deactivate(typist: Typist, one: int, two: int) -> Line:
    name = _target(one)
    return Line(f"employee deactivate {name}", lambda run: run.deactivate(name), ADMINISTRATOR)


def _activate(typist: Typist, one: int, two: int) -> Line:
    name = _target(one)
    return Line(f"employee activate {name}", lambda run: run.activate(name), ADMINISTRATOR)


def _dismiss(typist: Typist, one: int, two: int) -> Line:
    name = _target(one)
    return Line(f"employee delete {name}", lambda run: run.dismiss(name), ADMINISTRATOR)


OFTEN = [_add_client, _add_deal, _sign_deal, _pay_deal, _add_gala, _assign_gala]
LINES: list[Callable[[Typist, int, int], Line]] = [
    *OFTEN, *OFTEN, *OFTEN,
    _rename_client, _address_client, _give_client, _delete_client, _restore_client, _merge_clients,
    _price_deal, _move_deal, _reverse_payment, _cancel_deal, _unsign_deal, _count_gala, _date_gala, _cancel_gala,
    _hire, _promote, _deactivate, _activate, _dismiss, _count_gala, _date_gala,
]  # fmt: skip
WITHOUT_PAYMENTS = [place for place, make in enumerate(LINES) if make not in {_pay_deal, _reverse_payment}]


class Run:
    """A company in the database and the same in the model, walked step by step."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.world = World(people={name: Person(name, role) for name, (_, role) in STAFF.items()})
        self.typist = Typist(self.world)
        self.first = _last_entry()
        self.lines: list[str] = []
        self.counts = {"done": 0, "refused": 0}

    def step(self, step: Step) -> None:
        """Do it in both, and compare."""
        line, before = self.typist.line(step), _last_entry()
        me = self._actor(line, step.actor)
        if me is None or not me.active or me.is_new:
            return
        self.lines.append(f"{me.username}> {line.text}")
        self.company.hands.move(1)
        result = self.company.run(line.text, by=me.username)
        code = self._expected(line, me, result)
        assert result.code == code, f"{me.username}> {line.text}: {result.failure or 'done'}, expected {code}"
        me.has_acted = me.has_acted or (code == 0 and _last_entry() > before)
        self.counts["refused" if code else "done"] += 1
        assert _stored() == _modelled(self.world), f"{me.username}> {line.text}"

    def _actor(self, line: Line, number: int) -> Person | None:
        """Anybody, but most of the time somebody who fits."""
        people = self.world.people
        if number % 5 == 0 or not line.fits:
            return people.get(ACTORS[number % len(ACTORS)])
        if line.fits in people:
            return people[line.fits]
        fitting = [name for name in ACTORS if name in people and people[name].role == line.fits]
        return people[fitting[number % len(fitting)]] if fitting else None

    def _expected(self, line: Line, me: Person, result: Result) -> int:
        try:
            line.apply(Commands(self.world, me, lambda: _created(line.text, result)))
        except Refusal as refusal:
            return refusal.code
        return 0

    def undo_everything(self) -> None:
        """Take all back, the last one first, as an administrator may."""
        entries = sql("SELECT id FROM journal_entry WHERE id > ? AND result = 'done' ORDER BY id DESC", self.first)
        for (number,) in entries:
            self.company.must(f"undo {number}")


def _created(text: str, result: Result) -> Any:
    if result.failure is not None:
        return None  # the model did not refuse: the codes differ, which is told
    if "payment" in text.split()[1]:
        return sql("SELECT max(id) FROM payment")[0][0]
    return result.card["id"]


def _last_entry() -> int:
    return int(sql("SELECT max(id) FROM journal_entry WHERE result = 'done'")[0][0])


def _stored() -> dict[str, Any]:
    """What the tables hold, in the words of the model."""
    return {
        "people": dict(_pairs("SELECT username, role, is_active FROM employee")),
        "clients": dict(
            _pairs(
                "SELECT c.id, c.fullname, c.company, c.email, e.username, c.deleted_at IS NOT NULL, c.merged_into_id "
                "FROM customer c JOIN employee e ON e.id = c.commercial_id"
            )
        ),
        "deals": dict(
            _pairs(
                "SELECT uuid, customer_id, total_amount, total_paid, signed_at IS NOT NULL, cancelled_at IS NOT NULL "
                "FROM contract"
            )
        ),
        "payments": dict(_pairs("SELECT id, amount, reverses_id FROM payment")),
        "galas": dict(
            _pairs(
                "SELECT v.id, v.name, c.uuid, e.username, v.attendees, v.starts_at, v.ends_at, "
                "v.cancelled_at IS NOT NULL FROM event v JOIN contract c ON c.id = v.contract_id "
                "LEFT JOIN employee e ON e.id = v.support_id"
            )
        ),
    }


def _pairs(statement: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    return ((row[0], tuple(row[1:])) for row in sql(statement))


def _modelled(world: World) -> dict[str, Any]:
    return {
        "people": {person.username: (person.role, person.active) for person in world.people.values()},
        "clients": {
            client.number: (
                client.fullname,
                client.company,
                client.email,
                client.owner.username,
                client.deleted,
                client.merged_into.number if client.merged_into else None,
            )
            for client in world.clients.values()
        },
        "deals": {deal.uuid: _modelled_deal(deal) for deal in world.deals.values()},
        "payments": {
            payment.number: (payment.amount * 100, payment.reverses.number if payment.reverses else None)
            for payment, _ in world.payments().values()
        },
        "galas": {
            gala.number: (
                gala.name,
                gala.deal.uuid,
                gala.support.username if gala.support else None,
                gala.attendees,
                *(map(_moment, gala.span) if gala.span else (None, None)),
                gala.cancelled,
            )
            for gala in world.galas.values()
        },
    }


def _modelled_deal(deal: Deal) -> tuple[Any, ...]:
    return (deal.client.number, deal.total * 100, deal.paid * 100, deal.signed, deal.cancelled)


def _moment(hour: int) -> int:
    return 1_815_523_200 - 7200 + (hour - 0) * 3600  # 2027-07-14 00:00 in Paris, and the hours from then on


def _replayed() -> Records:
    """The records that the journal tells of, from its first entry on."""
    records: Records = {}
    for noun, number, operation, fields in sql(
        "SELECT noun, record_id, operation, fields FROM journal_change ORDER BY id"
    ):
        if operation == "delete":
            del records[noun, number]
        else:
            known = records.setdefault((noun, number), {})
            known |= {name: after for name, (_, after) in json.loads(fields).items()}
    return records


def _told() -> Records:
    """The records there are, without what the journal leaves out."""
    records: Records = {}
    for noun, model in MODELS.items():
        kept = [name for name in model._meta.fields if name not in {"id", "updated_at", *model.unjournalled}]
        for record in model.select():
            records[noun, record.id] = {name: record.__data__[name] for name in kept}
    return records


def _without(names: Collection[str], records: Records) -> Records:
    return {key: {name: v for name, v in held.items() if name not in names} for key, held in records.items()}


def _steps(seed: int, count: int, places: Sequence[int]) -> list[Step]:
    """So many steps, of the commands in these places."""
    chance = Random(seed)
    return [Step(chance.randrange(100), chance.choice(places), *chance.choices(range(500), k=2)) for _ in range(count)]


SEEDS = st.integers(0, 2**32)
EVERY = range(len(LINES))


def _examples(count: int) -> Callable[[Any], Any]:
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    generating = [Phase.generate]  # `_shortest` makes a failure smaller in less time
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=quiet,
        database=None,
        phases=generating,
    )


Fresh = Callable[[], Any]


@pytest.fixture
def fresh_sqlite(sqlite_staffed: Path, tmp_path: Path) -> Fresh:
    """A company as it was founded, each time."""

    @contextmanager
    def fresh() -> Iterator[Company]:
        path = shutil.copy(sqlite_staffed, tmp_path / "crm.db")
        for rest in ("-wal", "-shm"):
            (tmp_path / f"crm.db{rest}").unlink(missing_ok=True)
        opened = open_database(str(path), may_create=False)
        try:
            yield Company(str(path))
        finally:
            opened.close()

    return fresh


@pytest.fixture
def fresh_postgres(postgres: tuple[str, Any]) -> Fresh:
    """The same on the server."""

    @contextmanager
    def fresh() -> Iterator[Company]:
        server, keeper = postgres
        keeper.put_back("staffed")
        opened = open_database(server, may_create=False)
        try:
            yield Company(server)
        finally:
            opened.close()

    return fresh


Check = Callable[[Run, Records], None]


def _agrees(run: Run, _first: Records) -> None:
    """The journal replayed gives the records there are."""
    assert _without({"updated_at"}, _replayed()) == _told()
    assert problems() == []


def _goes_back(run: Run, first: Records) -> None:
    """Everything undone in reverse gives the records of the beginning."""
    run.undo_everything()
    assert _without(CREDENTIALS, _told()) == _without(CREDENTIALS, first)
    _agrees(run, first)


def _walk(fresh: Fresh, steps: list[Step], check: Check) -> None:
    """Take the steps in a new company; a failure is told by as few of them as lead to it."""
    try:
        _try(fresh, steps, check)
    except AssertionError as error:
        raise AssertionError(_shortest(fresh, steps, check)) from error


def _try(fresh: Fresh, steps: list[Step], check: Check) -> Run:
    with fresh() as company:
        run = Run(company)
        first = _told()
        for step in steps:
            run.step(step)
        check(run, first)
        return run


def _shortest(fresh: Fresh, steps: list[Step], check: Check) -> str:
    """The lines of a shorter walk that fails too, and how it fails."""
    told, size = "it does not fail twice", len(steps) // 2
    while size:
        for start in range(0, len(steps), size):
            fewer = steps[:start] + steps[start + size :]
            failure = _failure(fresh, fewer, check)
            if failure:
                steps, told = fewer, failure
                break
        else:
            size //= 2
    return told


def _failure(fresh: Fresh, steps: list[Step], check: Check) -> str:
    lines: list[str] = []
    with fresh() as company:
        run = Run(company)
        run.lines = lines
        first = _told()
        try:
            for step in steps:
                run.step(step)
            check(run, first)
        except AssertionError as error:
            return "\n".join([*lines, str(error)])
    return ""


@_examples(2)
@given(seed=SEEDS)
def test_database_and_model_agree(fresh_sqlite: Fresh, seed: int) -> None:
    _walk(fresh_sqlite, _steps(seed, 120, EVERY), _agrees)


@_examples(2)
@given(seed=SEEDS)
def test_everything_is_undone_in_reverse(fresh_sqlite: Fresh, seed: int) -> None:
    _walk(fresh_sqlite, _steps(seed, 60, WITHOUT_PAYMENTS), _goes_back)


@pytest.mark.slow
@_examples(20)
@given(seed=SEEDS)
def test_database_and_model_agree_for_long(fresh_sqlite: Fresh, seed: int) -> None:
    _walk(fresh_sqlite, _steps(seed, 300, EVERY), _agrees)


@pytest.mark.slow
@_examples(20)
@given(seed=SEEDS)
def test_everything_is_undone_in_reverse_for_long(fresh_sqlite: Fresh, seed: int) -> None:
    _walk(fresh_sqlite, _steps(seed, 150, WITHOUT_PAYMENTS), _goes_back)


@pytest.mark.slow
@pytest.mark.postgres
@_examples(10)
@given(seed=SEEDS)
def test_database_and_model_agree_on_the_server(fresh_postgres: Fresh, seed: int) -> None:
    _walk(fresh_postgres, _steps(seed, 300, EVERY), _agrees)


@pytest.mark.slow
@pytest.mark.postgres
@_examples(10)
@given(seed=SEEDS)
def test_everything_is_undone_in_reverse_on_the_server(fresh_postgres: Fresh, seed: int) -> None:
    _walk(fresh_postgres, _steps(seed, 150, WITHOUT_PAYMENTS), _goes_back)
