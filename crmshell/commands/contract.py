"""Contracts and their payments."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from crmshell.access import (
    ADMINISTRATOR,
    CANCELLABLE,
    COMMERCIAL,
    DUE,
    OF_THE_CONTRACT,
    OWN,
    PAID,
    REVERSIBLE,
    SIGNED,
    STILL_DUE,
    UNSIGNABLE,
    UNSIGNED,
)
from crmshell.commands.registry import Done, creates, reads, removes, updates, writes
from crmshell.commands.scopes import mine
from crmshell.listing import Listing
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.payment import Method, Payment
from crmshell.models.totals import Dimension, totals
from crmshell.moments import format_moment
from crmshell.outcome import Column, Kind, Rows
from crmshell.parameters import REASON, Amount, Day, OneOf, Text
from crmshell.records import Edit, Pick
from crmshell.session import Session
from crmshell.text import plural
from crmshell.values import format_amount

AnyContract = Annotated[Contract, Pick(Contract), "the contract"]
OwnContract = Annotated[Contract, Pick(Contract, OWN), "the contract"]
ContractToSign = Annotated[Contract, Pick(Contract, OWN, offer=UNSIGNED), "the contract to sign"]
ContractToPay = Annotated[Contract, Pick(Contract, OWN, offer=(SIGNED, DUE)), "the contract the payment is for"]


@reads("contract list")
def list_contracts(
    session: Session,
    listing: Listing[Contract],
    not_signed_filter: Annotated[bool, "only those without a signature"] = False,
    not_paid_filter: Annotated[bool, "only those with something due"] = False,
    mine_: Annotated[bool, "only those of your customers, or whose events you support"] = False,
    no_event: Annotated[bool, "only those without an event"] = False,
) -> Rows:
    """List contracts, the newest first; several filters narrow each other.

    crm> contract list --not-paid-filter
    crm> contract list --not-signed-filter --mine --format json
    crm> contract list --where 'total_due > 1000' --where 'customer.company ~ atelier' --sort total_due-,company
    crm> contract list --where 'signed_at empty' --group-by commercial
    """
    if not_signed_filter:
        listing.keep(Contract.unsigned())
    if not_paid_filter:
        listing.keep(Contract.due())
    if mine_:
        mine(listing, session.user, without_event=no_event)
    if no_event:
        listing.keep(Contract.without_event())
    return listing.rows(session)


@reads("contract totals")
def show_totals(
    by: Annotated[Dimension, OneOf(Dimension), "state, commercial or month"] = Dimension.STATE,
) -> Rows:
    """Show how many contracts there are and what they add up to, by state, commercial or month.

    The totals are kept while contracts are written: they show at once, however many contracts there are. A month is the
    one in which the contract was drawn up, in UTC; `contract list --group-by created_at.month` counts in your zone.

    crm> contract totals
    crm> contract totals --by commercial
    crm> contract totals --by month --format csv
    """
    amounts = [Column(name, Kind.AMOUNT) for name in ("total_amount", "total_paid", "total_due")]
    columns = [Column(by.value, Kind.NAME), Column("count", Kind.NUMBER), *amounts]
    return Rows("group", columns, totals(by))


@reads("contract detail")
def detail(contract: AnyContract) -> Contract:
    """Show one contract.

    crm> contract detail 5611d818
    """
    return contract


@creates("contract add", by=ADMINISTRATOR)
def add(
    session: Session,
    customer: Annotated[Customer, Pick(Customer), "the customer it is with"],
    total_amount: Annotated[int, Amount(), "the whole price"],
) -> Done:
    """Draw up a contract with a customer.

    crm> contract add 1 "12 500,00 €"
    """
    contract = Contract.add(customer, total_amount, identity=session.clock.new_uuid(), now=session.now())
    return Done(contract, f"contract {contract.handle} is drawn up")


@writes("contract sign", by=ADMINISTRATOR | COMMERCIAL)
def sign(session: Session, contract: ContractToSign) -> Done:
    """Record that the customer has signed; a second time changes nothing.

    crm> contract sign 5611d818
    """
    contract.refuse_cancelled()
    if contract.signed_at is not None:
        signed = format_moment(contract.signed_at, session.settings.zone_info)
        return Done(contract, f"contract {contract.handle} is already signed, on {signed}")
    contract.sign(session.now())
    return Done(contract, f"contract {contract.handle} is signed")


@writes("contract add-payment", by=ADMINISTRATOR | COMMERCIAL)
def add_payment(
    session: Session,
    contract: ContractToPay,
    payment: Annotated[int, Amount(at_least=1, suggested=STILL_DUE), "how much was received"],
    date: Annotated[date | None, Day(past=True), "when it was received; today when left out"] = None,
    method: Annotated[Method, OneOf(Method), "how it was paid"] = Method.TRANSFER,
    reference: Annotated[str | None, Text(), "the number of the transfer, of the cheque"] = None,
) -> Done:
    """Record a payment on a signed contract, no more than what remains.

    crm> contract add-payment c0ffee01 1200 --method card --reference "TPE 4471"
    """
    contract.pay(payment, date or session.today(), method.value, reference, session.user, session.now())
    due = format_amount(contract.total_due)
    return Done(contract, f"{format_amount(payment)} received, {due} due on contract {contract.handle}")


@reads("contract payments")
def payments(session: Session, contract: AnyContract, listing: Listing[Payment]) -> Rows:
    """List the payments of a contract, the newest first.

    crm> contract payments c0ffee01
    crm> contract payments c0ffee01 --where 'method in (card, cheque)' --total
    """
    listing.keep_few(Payment.contract == contract)
    return listing.rows(session)


def _cancelled(session: Session, contract: Contract) -> str:
    """What cancelling a contract would affect."""
    contract.refuse_cancelling()
    events = contract.coming_events(session.now()).count()
    due = format_amount(contract.total_due)
    return f"{contract.customer.fullname}: {due} will no longer be due, {plural(events, 'event')} to come cancelled"


@removes("contract cancel", by=ADMINISTRATOR, reason=REASON, preview=_cancelled)
def cancel(
    session: Session,
    contract: Annotated[Contract, Pick(Contract, offer=CANCELLABLE), "the contract to cancel"],
) -> Done:
    """Cancel a contract and its events to come; refused while anything is paid and not taken back.

    Nothing more is due on it, and it is neither signed nor paid any more.

    crm> contract cancel 5611d818 --reason "Le client renonce"
    """
    if contract.cancelled_at is not None:
        return Done(contract, f"contract {contract.handle} is cancelled already")
    events = contract.cancel(session.now())
    return Done(contract, f"contract {contract.handle} is cancelled, with {plural(events, 'event')}")


@writes("contract unsign", by=ADMINISTRATOR, reason=REASON)
def unsign(
    contract: Annotated[Contract, Pick(Contract, offer=UNSIGNABLE), "the contract whose signature is taken back"],
) -> Done:
    """Take back a signature that was recorded by mistake; refused with payments or events.

    crm> contract unsign 5611d818 --reason "Signature d'un autre devis"
    """
    if not contract.is_signed:
        return Done(contract, f"contract {contract.handle} is not signed")
    contract.unsign()
    return Done(contract, f"contract {contract.handle} is not signed any more")


def _reversed(contract: Contract, payment: Payment) -> str:
    """What taking back a payment would affect."""
    payment.refuse_reversal(contract)
    due = format_amount(contract.total_due + payment.amount)
    return f"{format_amount(payment.amount)} of {payment.day} will be taken back, {due} due then"


@removes("contract reverse-payment", by=ADMINISTRATOR, reason=REASON, preview=_reversed)
def reverse_payment(
    session: Session,
    contract: Annotated[Contract, Pick(Contract, offer=PAID), "the contract it was received for"],
    payment: Annotated[Payment, Pick(Payment, offer=(REVERSIBLE, OF_THE_CONTRACT)), "the payment to take back"],
) -> Done:
    """Take a payment back by a linked negative one, once: a cheque that bounced, a transfer of somebody else.

    crm> contract reverse-payment c0ffee01 --payment-id 1 --reason "Chèque sans provision"
    """
    contract.take_back(payment, session.today(), session.user, session.now())
    taken, due = format_amount(payment.amount), format_amount(contract.total_due)
    return Done(contract, f"{taken} taken back, {due} due on contract {contract.handle}")


@updates("contract update", by=ADMINISTRATOR | COMMERCIAL)
def update(session: Session, contract: OwnContract, fields: Edit[Contract]) -> Contract:
    """Correct the total or the customer of a contract.

    The total may change until the signature, afterwards by an administrator alone, and never below what is paid; the
    customer only while nothing is signed, paid or planned.

    crm> contract update 5611d818 --total-amount 11800
    """
    contract.edit(fields, session.user)
    return contract
