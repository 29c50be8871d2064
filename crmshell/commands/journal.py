"""What is on record: who did what and when, each field before and after, and the head of the chain that proves it."""

from __future__ import annotations

from typing import Annotated

from crmshell.access import ADMINISTRATOR
from crmshell.commands.registry import reads, writes
from crmshell.commands.scopes import bound_to
from crmshell.errors import NotFound
from crmshell.language.declaration import Option
from crmshell.listing import Listing
from crmshell.models import chain, history
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.history import Entry, Named
from crmshell.onrecord import AnyRecord, CommandName, EntryNumber, Since
from crmshell.outcome import Card, Column, Kind, Rows
from crmshell.records import Pick
from crmshell.session import Session

_HEAD = (
    Column("block", Kind.NUMBER),
    Column("entries", Kind.NUMBER),
    Column("sealed_at", Kind.MOMENT),
    Column("head", Kind.NAME),
)


@reads("journal list")
def list_entries(
    session: Session,
    listing: Listing[Entry],
    by: Annotated[Employee | None, Pick(Employee), Option("by"), "only what this employee did"] = None,
    on: Annotated[Named | None, AnyRecord(), Option("on"), "only what changed this record: 'customer 12'"] = None,
    since: Annotated[int | None, Since(), Option("since"), "only what was done at this moment or later"] = None,
    command: Annotated[str | None, CommandName(), Option("command"), "only this command: 'customer update'"] = None,
) -> Rows:
    """List what was done, the newest first: every change, and refusals and logins of your own.

    An administrator sees the refusals and logins of everybody.

    crm> journal list --limit 20
    crm> journal list --by carla --since today
    crm> journal list --on "customer 1" --command "customer update"
    crm> journal list --since -30d --group-by by,command
    """
    reader = bound_to(session.user)
    if reader is not None:
        listing.admit(Entry.visible_to(reader))
    if by is not None:
        listing.keep(Entry.employee == by.id)
    if on is not None:
        listing.keep_few(Entry.on(*on))
    if since is not None:
        listing.keep(*Entry.since(since))
    if command is not None:
        listing.keep(Entry.command == command)
    return listing.rows(session)


@reads("journal show")
def show(session: Session, entry: Annotated[int, EntryNumber(), Option("entry"), "the number of the entry"]) -> Card:
    """Show one entry, with each field it changed before and after.

    crm> journal show 12
    """
    found = history.find_entry(entry, bound_to(session.user))
    if found is None:
        message = f"there is no entry {entry}" + ("" if bound_to(session.user) is None else " that you may see")
        raise NotFound(message, hint="journal list shows them")
    return Card("entry", Entry.columns(), found, related=[history.changes_of(entry)])


@writes("journal head", by=ADMINISTRATOR)
def head() -> Rows:
    """Print the head of the journal, to be kept elsewhere: `database check --head` proves by it what came before.

    crm> journal head
    """
    chain.seal()
    last = chain.head()
    return Rows("head", _HEAD, [(last.number, last.total, last.sealed_at, last.text)])


@reads("customer history")
def customer_history(customer: Annotated[Customer, Pick(Customer), "the customer"]) -> Rows:
    """Show every change of a customer, and of those that were merged into it, the newest first.

    crm> customer history 1
    """
    return history.history_of(customer)


@reads("contract history")
def contract_history(contract: Annotated[Contract, Pick(Contract), "the contract"]) -> Rows:
    """Show every change of a contract and its payments, the newest first.

    crm> contract history 5611d818
    """
    return history.history_of(contract)


@reads("event history")
def event_history(event: Annotated[Event, Pick(Event), "the event"]) -> Rows:
    """Show every change of an event, the newest first.

    crm> event history 1
    """
    return history.history_of(event)


@reads("employee history")
def employee_history(employee: Annotated[Employee, Pick(Employee), "the employee"]) -> Rows:
    """Show every change of an employee's record, the newest first; what they did is in `journal list --by`.

    crm> employee history carla
    """
    return history.history_of(employee)
