"""Customers."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from crmshell.access import (
    ACTIVE_COMMERCIAL,
    ADMINISTRATOR,
    ALIVE,
    ANOTHER_COMMERCIAL,
    ANOTHER_THAN_FROM,
    ASSIGNED_EVENT,
    COMMERCIAL,
    DELETED,
    NOT_ERASED,
    OWN,
    SUPPORT,
)
from crmshell.commands.registry import Done, creates, reads, removes, updates, writes
from crmshell.commands.scopes import mine
from crmshell.errors import Refused
from crmshell.language.declaration import REPEATABLE, Option
from crmshell.listing import Listing
from crmshell.models import handles, merging, person
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.outcome import Card, Rows
from crmshell.parameters import REASON_IF_ANY, Confirmation, Count, Day, KeptField, Text
from crmshell.phones import find_written
from crmshell.records import Edit, New, Pick
from crmshell.session import Session
from crmshell.text import plural
from crmshell.values import day_bounds, format_amount, years_before

AnyCustomer = Annotated[Customer, Pick(Customer), "the customer"]
OwnCustomer = Annotated[Customer, Pick(Customer, OWN), "one of your own customers"]
AllowDuplicate = Annotated[bool, "accept an e-mail that another customer has"]


@reads("customer list")
def list_customers(
    session: Session,
    listing: Listing[Customer],
    mine_: Annotated[bool, "only your own, or those whose events you support"] = False,
) -> Rows:
    """List customers, the newest first.

    crm> customer list
    crm> customer list --mine --format csv
    crm> customer list --where 'company ~ atelier' --sort fullname --columns id,fullname,company,phone
    crm> customer list --where 'created_at >= -30d' --group-by commercial
    """
    if mine_:
        mine(listing, session.user)
    return listing.rows(session)


@reads("customer detail")
def detail(customer: AnyCustomer) -> Customer:
    """Show one customer.

    crm> customer detail 1
    """
    return customer


@creates("customer add", by=COMMERCIAL)
def add(session: Session, fields: New[Customer], allow_duplicate: AllowDuplicate = False) -> Done:
    """Add a customer of your own.

    crm> customer add "Éloïse d'Été" --company "L'Atelier" --email eloise@atelier.example --phone "06 12 34 56 78"
    """
    customer = Customer.add(fields, session.user, allow_duplicate=allow_duplicate, now=session.now())
    return Done(customer, f"customer {customer.id} is added", customer.likenesses())


@updates("customer update", by=COMMERCIAL)
def update(
    session: Session, customer: OwnCustomer, fields: Edit[Customer], allow_duplicate: AllowDuplicate = False
) -> Customer:
    """Change a customer of your own; what is left out stays, and "" empties a field.

    crm> customer update 1 --company "" --phone "+33 1 99 00 12 34"
    """
    customer.edit(fields, allow_duplicate=allow_duplicate)
    for likeness in customer.likenesses():
        session.remark(likeness)
    return customer


@writes("customer set-commercial", by=ADMINISTRATOR)
def set_commercial(
    customer: Annotated[Customer, Pick(Customer, offer=ALIVE, even_deleted=True), "the customer"],
    commercial: Annotated[
        Employee,
        Pick(Employee, offer=(ACTIVE_COMMERCIAL, ANOTHER_COMMERCIAL)),
        Option("commercial-username"),
        "an active commercial",
    ],
) -> Done:
    """Give a customer, its contracts and their events to another commercial, at once.

    crm> customer set-commercial 1 carla
    """
    customer.give_to(commercial)
    return Done(customer, f"customer {customer.id} belongs to {commercial.username}")


@writes("customer contacted", by=COMMERCIAL | SUPPORT)
def contacted(
    session: Session,
    customer: Annotated[Customer, Pick(Customer, OWN, ASSIGNED_EVENT), "one of your own, or of your events"],
    note: Annotated[str | None, Text(2000, lines=True), "what was said; it is added to the note"] = None,
    date: Annotated[date | None, Day(past=True), "when; today when left out"] = None,
) -> Done:
    """Record that you spoke with a customer, and what was said.

    crm> customer contacted 1 --note "Rappeler en mars pour le gala"
    """
    customer.note_contact(date or session.today(), note, session.user)
    return Done(customer, f"customer {customer.id} was last contacted on {customer.last_contact}")


def _deleted(session: Session, customer: Customer) -> str:
    """What deleting a customer would affect."""
    contracts, due, events = customer.holdings(session.now())
    return (
        f"{customer.fullname} leaves the lists; {plural(contracts, 'contract')} with {format_amount(due)} due and "
        f"{plural(events, 'event')} to come stay"
    )


@removes("customer delete", by=ADMINISTRATOR, reason=REASON_IF_ANY, preview=_deleted)
def delete(session: Session, customer: AnyCustomer) -> Done:
    """Take a customer out of lists, completion and search; contracts, events and history stay.

    crm> customer delete 1 --reason "Saisi deux fois"
    """
    customer.retire(session.now())
    return Done(customer, f"customer {customer.id} is deleted; customer restore {customer.id} brings it back")


@writes("customer restore", by=ADMINISTRATOR, reason=REASON_IF_ANY)
def restore(
    customer: Annotated[Customer, Pick(Customer, offer=DELETED, even_deleted=True), "a customer that was deleted"],
) -> Done:
    """Bring a customer back that was deleted; refused where its e-mail was taken meanwhile.

    crm> customer restore 1
    """
    if customer.is_alive:
        return Done(customer, f"customer {customer.id} is not deleted")
    customer.restore()
    return Done(customer, f"customer {customer.id} is back", customer.likenesses())


def _merged(session: Session, from_: Customer, into: Customer, keep: tuple[str, ...] = ()) -> str:
    """What merging two customers would affect."""
    merging.refuse_itself(from_, into)
    contracts, _due, _coming = from_.holdings(session.now())
    events = Event.select().where(Event.customer == from_).count()
    shown = {from_.phone: find_written(from_.phone or "", session.settings.region)}
    lost = ", ".join(f"{name} {shown.get(value) or value}" for name, value in merging.lost(from_, into, keep))
    moved = f"{plural(contracts, 'contract')}, {plural(events, 'event')} and the history of {from_.fullname}"
    return f"{moved} go to customer {into.id}, {into.fullname}" + (f"; lost unless kept: {lost}" if lost else "")


@removes("customer merge", by=ADMINISTRATOR | COMMERCIAL, preview=_merged)
def merge(
    session: Session,
    from_: Annotated[Customer, Pick(Customer, OWN), Option("from"), "the customer that goes"],
    into: Annotated[Customer, Pick(Customer, OWN, offer=ANOTHER_THAN_FROM), Option("into"), "the one that stays"],
    keep: Annotated[tuple[str, ...], KeptField(merging.CHOSEN), REPEATABLE, "a field of the one that goes"] = (),
) -> Done:
    """Make one customer of two: the contracts, events and history of the first go to the second.

    The number of the first stands for the second from then on. The second keeps its own fields, but for those that
    are empty or named by --keep; notes are joined.

    crm> customer merge 2 1 --keep phone=from
    """
    contracts, events = merging.merge(from_, into, keep, session.now())
    moved = f"{plural(contracts, 'contract')} and {plural(events, 'event')}"
    return Done(into, f"customer {from_.id} is merged into customer {into.id}, with {moved}")


@reads("customer silent")
def silent(
    session: Session,
    listing: Listing[Customer],
    years: Annotated[int, Count(), Option("years"), "for how long"] = 3,
) -> Rows:
    """List customers with whom nothing has happened for years: no contact, contract, payment or event.

    Their data is kept without a reason: erase it, or speak with them.

    crm> customer silent
    crm> customer silent --years 2 --columns id,fullname,last_contact,commercial
    """
    since = years_before(session.today(), years)
    listing.sift(Customer.silent_since(since, day_bounds(since, session.settings.zone_info)[0]))
    return listing.rows(session)


@reads("customer export-data", by=ADMINISTRATOR)
def export_data(customer: Annotated[Customer, Pick(Customer, offer=NOT_ERASED, even_deleted=True), "whose"]) -> Card:
    """Show everything held on a person: record, contracts, payments, events, history, what was typed of them.

    With --format json it is one object, to be handed over.

    crm> customer export-data 1
    crm> customer export-data 1 --format json
    """
    columns = [shown.column for shown in Customer.shown]
    return Card(
        Customer.noun,
        columns,
        customer.find_shown_values() or (),
        related=person.holdings_of(customer),
        shorten=handles.shortest,
    )


def _erased(session: Session, customer: Customer) -> str:
    """What erasing a person would affect."""
    contracts, due, events = customer.holdings(session.now())
    gone = "name, e-mail, phone and notes will be gone for good, also from history"
    staying = f"{plural(contracts, 'contract')} with {format_amount(due)} due and {plural(events, 'event')} to come"
    return f"{customer.fullname}, customer {customer.id}: {gone}; {staying} stay"


@removes("customer erase", by=ADMINISTRATOR, preview=_erased, confirmed_by="confirm")
def erase(
    session: Session,
    customer: Annotated[Customer, Pick(Customer, offer=NOT_ERASED, even_deleted=True), "the person to forget"],
    confirm: Annotated[int, Confirmation(), Option("confirm"), "the number of the customer once more"],
) -> Done:
    """Forget a person for good: name, e-mail, phone and notes are gone, from the journal and the search words too.

    Contracts, payments and amounts stay. It cannot be undone, and the shell asks for the number to be typed.

    crm> customer erase 1 --confirm 1
    """
    if customer.erased_at is not None:
        return Done(customer, f"customer {customer.id} is erased already")
    if confirm != customer.id:
        message = f"{confirm} is not the number of customer {customer.id}: nothing was erased"
        raise Refused(message, hint=f"type {customer.id} to confirm")
    events = person.erase(customer, session.now())
    return Done(customer, f"customer {customer.id} is erased, with what {plural(events, 'event')} said of them")
