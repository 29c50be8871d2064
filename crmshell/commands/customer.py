"""Customers."""

from __future__ import annotations

from typing import Annotated

from crmshell.access import ACTIVE_COMMERCIAL, ADMINISTRATOR, ANOTHER_COMMERCIAL, COMMERCIAL, OWN
from crmshell.commands.registry import Done, creates, reads, writes
from crmshell.commands.scopes import mine
from crmshell.language.declaration import Option
from crmshell.listing import Listing
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.outcome import Rows
from crmshell.parameters import Edit, New, Pick
from crmshell.session import Session

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
    return Done(customer, f"customer {customer.id} is added")


@writes("customer update", by=COMMERCIAL)
def update(customer: OwnCustomer, fields: Edit[Customer], allow_duplicate: AllowDuplicate = False) -> Customer:
    """Change a customer of your own; what is left out stays, and "" empties a field.

    crm> customer update 1 --company "" --phone "+33 1 99 00 12 34"
    """
    customer.edit(fields, allow_duplicate=allow_duplicate)
    return customer


@writes("customer set-commercial", by=ADMINISTRATOR)
def set_commercial(
    customer: AnyCustomer,
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
