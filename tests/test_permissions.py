"""Every command is allowed or refused to every role as section 3 of the specification says."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest

from crmshell import manual
from crmshell.commands import GRAMMAR
from crmshell.database import current, transaction
from crmshell.session import Session
from tests.company import PASSWORD, Company, Result
from tests.records import Undone, last_entry, problems, tables

WHO = {
    "administrator": "alice",
    "owner": "carla",
    "other commercial": "colin",
    "assigned": "sam",
    "other support": "sue",
    "none": "nils",
}
EVERYONE = frozenset(WHO)
ADM = frozenset({"administrator"})
COM = frozenset({"owner", "other commercial"})
OWN = frozenset({"owner"})
SUP_ASSIGNED = frozenset({"assigned"})

# The table of section 3, written down a second time and without a look at the declarations.
EXPECTED: Mapping[str, frozenset[str]] = {
    "auth login": EVERYONE,
    "auth logout": EVERYONE,
    "auth whoami": EVERYONE,
    "auth set-password": EVERYONE,
    "employee list": EVERYONE,
    "employee detail": EVERYONE,
    "employee add": ADM,
    "employee set-role": ADM,
    "employee set-password": ADM,
    "employee update": ADM,
    "employee delete": ADM,
    "employee deactivate": ADM,
    "employee activate": ADM,
    "employee handover": ADM,
    "customer list": EVERYONE,
    "customer detail": EVERYONE,
    "customer add": COM,
    "customer update": OWN,
    "customer set-commercial": ADM,
    "customer contacted": OWN | SUP_ASSIGNED,
    "customer delete": ADM,
    "customer restore": ADM,
    "customer merge": ADM | OWN,
    "customer silent": EVERYONE,
    "customer export-data": ADM,
    "customer erase": ADM,
    "contract list": EVERYONE,
    "contract totals": EVERYONE,
    "contract detail": EVERYONE,
    "contract add": ADM,
    "contract sign": ADM | OWN,
    "contract add-payment": ADM | OWN,
    "contract payments": EVERYONE,
    "contract cancel": ADM,
    "contract unsign": ADM,
    "contract reverse-payment": ADM,
    "contract update": ADM | OWN,
    "event list": EVERYONE,
    "event detail": EVERYONE,
    "event add": OWN,
    "event set-support": ADM,
    "event cancel": ADM | OWN,
    "event update": SUP_ASSIGNED,
    "database info": ADM,
    "database check": ADM,
    "begin": EVERYONE,
    "commit": EVERYONE,
    "rollback": EVERYONE,
    "source": EVERYONE,
    "batch list": EVERYONE,
    "batch show": EVERYONE,
    "customer history": EVERYONE,
    "contract history": EVERYONE,
    "event history": EVERYONE,
    "employee history": EVERYONE,
    "journal list": EVERYONE,
    "undo": EVERYONE,
    "redo": EVERYONE,
    "journal show": EVERYONE,
    "journal head": ADM,
    "view save": EVERYONE,
    "view list": EVERYONE,
    "view run": EVERYONE,
    "view delete": EVERYONE,
    "for": EVERYONE,
    "search": EVERYONE,
    "help": EVERYONE,
    "exit": EVERYONE,
    "quit": EVERYONE,
    "clear": EVERYONE,
    "alias": EVERYONE,
    "settings set": EVERYONE,
    "settings": EVERYONE,
    "clip": EVERYONE,
    "lock": EVERYONE,
    "recall": EVERYONE,
    "watch": EVERYONE,
    "unalias": EVERYONE,
}
LINES: Mapping[str, str] = {
    "auth login": f"auth login adam --password '{PASSWORD}'",
    "auth set-password": f"auth set-password --current-password '{PASSWORD}' --new-password 'une lampe bleue'",
    "employee detail": "employee detail alice",
    "employee add": 'employee add "Zoé Lefèvre" zoe --role support',
    "employee set-role": "employee set-role nils support",
    "employee set-password": "employee set-password nils --password 'une lampe bleue'",
    "employee update": "employee update nils --fullname 'Nils B.'",
    "employee delete": "employee delete zoe.b",
    "employee deactivate": "employee deactivate sue",
    "employee activate": "employee activate sue",
    "employee handover": "employee handover carla colin",
    "customer detail": "customer detail {customer}",
    "customer add": "customer add '王小明' --company 'Łódź & Søn'",
    "customer update": "customer update {customer} --company 'Été SARL'",
    "customer set-commercial": "customer set-commercial {customer} colin",
    "customer contacted": "customer contacted {customer} --note 'Rappeler en mars'",
    "customer delete": "customer delete {customer}",
    "customer restore": "customer restore {deleted}",
    "customer export-data": "customer export-data {customer}",
    "customer erase": "customer erase {customer} --confirm {customer}",
    "customer merge": "customer merge {customer} {twin}",
    "contract detail": "contract detail {signed}",
    "contract add": "contract add {customer} 1200",
    "contract sign": "contract sign {unsigned}",
    "contract add-payment": "contract add-payment {signed} 100",
    "contract payments": "contract payments {signed}",
    "contract cancel": "contract cancel {unsigned} --reason 'Le client renonce'",
    "contract unsign": "contract unsign {bare} --reason 'Signature d’un autre devis'",
    "contract reverse-payment": "contract reverse-payment {paid} {payment} --reason 'Chèque sans provision'",
    "contract update": "contract update {unsigned} --total-amount 800",
    "event detail": "event detail {event}",
    "event add": "event add {signed} 'Gala'",
    "event set-support": "event set-support {event} sue",
    "event cancel": "event cancel {event} --reason 'Orage annoncé'",
    "event update": "event update {event} --attendees 12",
    "source": "source month-end.crm",
    "alias": "alias unpaid = contract list --not-paid-filter",
    "unalias": "unalias unpaid",
    "watch": "watch 5 contract list",
    "settings set": "settings set zone Europe/Paris",
    "batch show": "batch show 1",
    "customer history": "customer history {customer}",
    "contract history": "contract history {signed}",
    "event history": "event history {event}",
    "employee history": "employee history sam",
    "journal show": "journal show 1",
    "search": "search eloise",
    "view save": "view save late = contract list --not-paid-filter",
    "view run": "view run few",
    "view delete": "view delete few",
    "for": "for few do contract sign @it",
}
NAMES = list(EXPECTED)
NOT_THERE = 5  # allowed, and there is no such record
WITHOUT_SESSION = frozenset({"auth login", "source", "help", "exit", "quit", "clear"})
COMFORTS = frozenset({"alias", "unalias", "watch", "recall", "clip", "settings", "settings set"})
UNDOING = frozenset({"undo", "redo"})
TRANSACTIONS = frozenset({"begin", "commit", "rollback"})


class Stage:
    """A customer of carla's with contracts in all states, and an event that sam supports."""

    def __init__(self, company: Company) -> None:
        self.company = company
        customer = company.customer("Éloïse d'Été")
        signed = company.signed(customer)
        event = company.event(signed)
        company.must(f"event set-support {event} sam")
        paid = company.signed(customer)
        company.must(f"contract add-payment {paid} 100")
        self.names: dict[str, int | str] = {
            "customer": customer,
            "signed": signed,
            "unsigned": company.contract(customer),
            "bare": company.signed(customer),
            "paid": paid,
            "payment": company.must(f"contract payments {paid}").rows[0]["id"],
            "event": event,
            "twin": company.customer("Eloise Dété"),
            "deleted": company.customer("Łukasz Nowak"),
        }
        company.must(f"customer delete {self.names['deleted']}")
        company.must('employee add "Zoé Brun" zoe.b')
        for username in WHO.values():
            company.must("view save few = contract list --where 'id = ffffffff'", by=username)

    def line(self, command: str) -> str:
        """A line that whoever is allowed to run it runs with success."""
        return LINES.get(command, command).format(**self.names)

    def rehearse(self, command: str, username: str) -> Result:
        """Run the line, in a session of its own where it may end it, and undo what it did."""
        session, result = self.company.session(username), Result()
        if command in TRANSACTIONS:
            return self._rehearse_transaction(command, session)
        with contextlib.suppress(Undone), transaction(current(), writes=True):
            result = self.company.run_in(session, self.line(command))
            raise Undone
        if command.startswith("auth"):
            del self.company.sessions[username]
        return result

    def _rehearse_transaction(self, command: str, session: Session) -> Result:
        if command != "begin":
            session.begin()
        result = self.company.run_in(session, command)
        session.abandon_transaction()
        return result


@pytest.fixture
def stage(company: Company) -> Stage:
    return Stage(company)


def test_the_table_names_every_command() -> None:
    assert sorted(EXPECTED) == sorted(command.name for command in GRAMMAR.commands.values())


@pytest.mark.parametrize("position", WHO)
def test_each_role_may_run_what_the_table_says_and_nothing_else(stage: Stage, position: str) -> None:
    codes = {command: stage.rehearse(command, WHO[position]).code for command in NAMES}
    codes |= {command: 0 for command in UNDOING if codes[command] in {1, 6}}  # allowed, and something is in the way
    allowed = {command: NOT_THERE if command == "batch show" else 0 for command in NAMES}
    assert codes == {command: allowed[command] if position in EXPECTED[command] else 4 for command in NAMES}


@pytest.mark.parametrize("position", WHO)
def test_a_refusal_names_the_rule_and_changes_nothing_but_the_journal(stage: Stage, position: str) -> None:
    username, before = WHO[position], tables()
    for command in [name for name in NAMES if position not in EXPECTED[name]]:
        refused = stage.company.run(stage.line(command), by=username)
        assert refused.failure is not None
        assert refused.failure.hint
        assert any(rule in refused.message for rule in _rules(command, position)), refused.message
        entry = last_entry()
        assert (entry.result, entry.username, entry.command) == ("refused", username, command)
        assert (entry.line, entry.message) == (_masked(stage.line(command)), refused.message)
    assert tables() == before
    assert problems() == []


def _masked(line: str) -> str:
    before, option, _password = line.partition("--password ")
    return f"{before}{option}***" if option else line


def _rules(command: str, position: str) -> list[str]:
    """What the refusal may say: whose record it is, or which roles the command is for."""
    if position == "other commercial" and EXPECTED[command] & OWN:
        return ["is a customer of carla, not yours", "belongs to a customer of carla, not yours"]
    if position == "other support" and EXPECTED[command] & SUP_ASSIGNED:
        return ["is assigned to sam, not to you", "has no event that is assigned to you"]
    roles = {"administrator": "administrator", "owner": "commercial", "assigned": "support"}
    return [f"{command} is for {' or '.join(role for place, role in roles.items() if place in EXPECTED[command])}, and"]


def test_a_refusal_names_the_record_and_the_owner(stage: Stage) -> None:
    company, prefix = stage.company, str(stage.names["signed"])[:8]
    refused = company.run(stage.line("contract add-payment"), by="colin")
    assert refused.message == f"contract {prefix} belongs to a customer of carla, not yours"
    refused = company.run(stage.line("customer update"), by="colin")
    assert refused.message == f"customer {stage.names['customer']} is a customer of carla, not yours"
    company.must(f'event set-support {stage.names["event"]} ""')
    refused = company.run(stage.line("event update"), by="sam")
    assert refused.message == f"event {stage.names['event']} is assigned to nobody yet"


def test_a_contract_goes_to_nobody_elses_customer(stage: Stage) -> None:
    other = stage.company.customer("Jean-François Zölle", by="colin")
    refused = stage.company.run(f"contract update {stage.names['unsigned']} --customer-id {other}", by="carla")
    assert (refused.code, refused.message) == (4, f"customer {other} is a customer of colin, not yours")
    stage.company.must(f"contract update {stage.names['unsigned']} --customer-id {other}", by="alice")


def test_nobody_logged_in_may_only_log_in_and_read_the_help(stage: Stage) -> None:
    before = tables()
    for command in [name for name in NAMES if name not in WITHOUT_SESSION | COMFORTS]:
        assert stage.company.run_in(stage.company.visitor(), stage.line(command)).code == 3, command
    assert tables() == before
    for command in [name for name in NAMES if name in WITHOUT_SESSION | COMFORTS]:
        assert stage.company.run_in(stage.company.visitor(), stage.line(command)).code == 0, command


def test_the_help_prints_the_same_table() -> None:
    assert {name: manual.permission_row(GRAMMAR.commands[tuple(name.split())]) for name in NAMES} == {
        name: _cells(EXPECTED[name]) for name in NAMES
    }


def _cells(allowed: frozenset[str]) -> list[str]:
    commercial = "yes" if allowed >= COM else "own" if allowed & OWN else "-"
    support = "yes" if "other support" in allowed else "assigned" if "assigned" in allowed else "-"
    return [
        "yes" if "administrator" in allowed else "-",
        commercial,
        support,
        "yes" if "none" in allowed else "-",
    ]
