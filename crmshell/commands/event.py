"""Events."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from crmshell.access import ACTIVE_SUPPORT, ADMINISTRATOR, ASSIGNED, BUSY, COMMERCIAL, IN_FORCE, OWN, SIGNED, SUPPORT
from crmshell.commands.registry import Done, creates, reads, removes, writes
from crmshell.commands.scopes import mine
from crmshell.errors import Refused
from crmshell.language.declaration import Option
from crmshell.listing import Listing, Split
from crmshell.models.contract import Contract
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.moments import format_moment
from crmshell.outcome import Rows
from crmshell.parameters import REASON_IF_ANY, Day, Text
from crmshell.records import Edit, New, Pick
from crmshell.session import Session
from crmshell.values import day_bounds

AnyEvent = Annotated[Event, Pick(Event), "the event"]
OwnEvent = Annotated[Event, Pick(Event, ASSIGNED), "an event assigned to you"]
Force = Annotated[bool, "even if the support is busy elsewhere; it stays on record"]


@reads("event list", exclusive=[["no_support_assigned", "assigned_to_me"]])
def list_events(
    session: Session,
    listing: Listing[Event],
    no_support_assigned: Annotated[bool, "only those that nobody supports yet"] = False,
    assigned_to_me: Annotated[bool, "only those you support"] = False,
    mine_: Annotated[bool, "only those of your customers, or those you support"] = False,
    upcoming: Annotated[bool, "only those that have not ended"] = False,
    from_: Annotated[date | None, Day(), "only what reaches into this day or later"] = None,
    to: Annotated[date | None, Day(), "only what begins by the end of this day"] = None,
) -> Rows:
    """List events by their start, the latest first, those without a date last.

    crm> event list --upcoming
    crm> event list --from today --to +7d --no-support-assigned
    crm> event list --where 'start >= today' --where 'attendees > 100' --sort start --columns id,name,start,location
    """
    if from_ is not None and to is not None and to < from_:
        message = f"{to} is before {from_}"
        raise Refused(message, hint="give the earlier day to --from, the later one to --to")
    if no_support_assigned:
        listing.keep(Event.unassigned())
    if assigned_to_me:
        listing.keep(Event.support == session.user)
    if mine_:
        mine(listing, session.user)
    if upcoming:
        listing.keep_split(Split(*Event.to_come(session.now())))
    if from_ is not None:
        listing.keep(*Event.ending_after(day_bounds(from_, session.settings.zone_info)[0]))
    if to is not None:
        listing.keep(Event.start < day_bounds(to, session.settings.zone_info)[1])
    return listing.rows(session)


@reads("event detail")
def detail(event: AnyEvent) -> Event:
    """Show one event.

    crm> event detail 1
    """
    return event


@creates("event add", by=COMMERCIAL)
def add(
    session: Session,
    contract: Annotated[Contract, Pick(Contract, OWN, offer=SIGNED), "a signed contract of one of your customers"],
    fields: New[Event],
) -> Done:
    """Plan an event of a signed contract; without a start and an end it is not dated yet.

    crm> event add c0ffee01 "Soirée d'été" --start "12/07/2027 19:00" --end "13/07/2027 01:00" --attendees 120
    """
    event = Event.add(contract, fields, session.now())
    return Done(event, f"event {event.id} is planned")


@writes("event set-support", by=ADMINISTRATOR)
def set_support(
    event: AnyEvent,
    support: Annotated[
        Employee | None,
        Pick(Employee, offer=ACTIVE_SUPPORT, last=BUSY, may_be_empty=True),
        Option("username"),
        'an active support, or "" for nobody',
    ],
    force: Force = False,
) -> Done:
    """Say who supports an event; refused while they are busy at another one.

    crm> event set-support 1 sam
    crm> event set-support 1 ""
    """
    overridden = event.assign(support, force=force)
    whom = f"assigned to {support.username}" if support else "assigned to nobody"
    return Done(event, f"event {event.id} is {whom}", overridden)


def _cancelled(session: Session, event: Event) -> str:
    """What cancelling an event would affect."""
    event.refuse_cancelling(session.now())
    when = f" of {format_moment(event.start, session.settings.zone_info)}" if event.start is not None else ""
    support = f", {event.support.username} will be free" if event.support else ""
    return f"{event.name}{when} will not take place{support}"


@removes("event cancel", by=ADMINISTRATOR | COMMERCIAL, reason=REASON_IF_ANY, preview=_cancelled)
def cancel(
    session: Session,
    event: Annotated[Event, Pick(Event, OWN, offer=IN_FORCE), "the event that does not take place"],
) -> Done:
    """Cancel an event that has not ended; whoever supports it is free again.

    crm> event cancel 1 --reason "Orage annoncé"
    """
    if event.cancelled_at is not None:
        return Done(event, f"event {event.id} is cancelled already")
    event.cancel(session.now())
    return Done(event, f"event {event.id} is cancelled")


@writes("event update", by=SUPPORT)
def update(
    session: Session,
    event: OwnEvent,
    fields: Edit[Event],
    append_note: Annotated[str | None, Text(2000, lines=True), "a paragraph for the note, stamped"] = None,
    force: Force = False,
) -> Done:
    """Change an event assigned to you; what is left out stays, and "" empties a field.

    crm> event update 1 --attendees 140 --append-note "Le traiteur arrive à 17h"
    """
    if append_note:
        stamp = f"{format_moment(session.now(), session.settings.zone_info)} {session.user.username}"
        fields["note"] = event.with_paragraph(append_note, stamp, fields.get("note", event.note))
    overridden = event.edit(fields, force=force)
    return Done(event, "", overridden)
