"""The company as the specification has it, in plain Python: what a command does there, or its code of refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

ADMINISTRATOR, COMMERCIAL, SUPPORT, NONE = "administrator", "commercial", "support", "none"
ROLES = (ADMINISTRATOR, COMMERCIAL, SUPPORT, NONE)
REFUSED, FORBIDDEN, NOT_FOUND, CONFLICT = 1, 4, 5, 6


class Refusal(Exception):
    """The command is refused with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class Person:
    """A member of the staff."""

    username: str
    role: str
    active: bool = True
    has_acted: bool = False
    is_new: bool = False  # and has a password to change before anything else


@dataclass(eq=False)
class Client:
    """A customer."""

    number: int
    fullname: str
    company: str | None
    email: str | None
    owner: Person
    deleted: bool = False
    merged_into: Client | None = None


@dataclass(eq=False)
class Deal:
    """A contract, amounts in euros."""

    uuid: str
    client: Client
    total: int
    signed: bool = False
    cancelled: bool = False
    payments: list[Sum] = field(default_factory=list)

    @property
    def paid(self) -> int:
        """What was received and not taken back."""
        return sum(payment.amount for payment in self.payments)


@dataclass(eq=False)
class Sum:
    """A payment of a contract."""

    number: int
    amount: int
    by: Person
    reverses: Sum | None = None


@dataclass(eq=False)
class Gala:
    """An event; `span` are the first and the past-the-last hour of a day to come."""

    number: int
    name: str
    deal: Deal
    span: tuple[int, int] | None
    attendees: int | None = None
    support: Person | None = None
    cancelled: bool = False


@dataclass
class World:
    """Everything there is, by what people type."""

    people: dict[str, Person] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    deals: dict[str, Deal] = field(default_factory=dict)
    galas: dict[int, Gala] = field(default_factory=dict)

    def find_clash(self, gala: Gala, support: Person, span: tuple[int, int] | None) -> bool:
        """Whether somebody is busy elsewhere meanwhile."""
        others = (other for other in self.galas.values() if other is not gala and other.support is support)
        return span is not None and any(_overlap(other, span) for other in others)

    def refuse_open_work(self, person: Person) -> None:
        """Customers, and events that have not ended."""
        owned = any(client.owner is person and not client.deleted for client in self.clients.values())
        if owned or any(gala.support is person and not gala.cancelled for gala in self.galas.values()):
            refuse(REFUSED)

    def refuse_taken(self, email: str | None, but: Client | None) -> None:
        """Another customer has this e-mail."""
        for other in self.clients.values():
            if email and other is not but and not other.deleted and other.email == email:
                refuse(CONFLICT)

    def payments(self) -> dict[int, tuple[Sum, Deal]]:
        """All payments by number."""
        return {payment.number: (payment, deal) for deal in self.deals.values() for payment in deal.payments}


def _overlap(gala: Gala, span: tuple[int, int]) -> bool:
    return not gala.cancelled and gala.span is not None and gala.span[0] < span[1] and span[0] < gala.span[1]


def refuse(code: int) -> NoReturn:
    """End the command."""
    raise Refusal(code)


def find(known: Mapping[Any, Any], handle: Any) -> Any:
    """The record of this handle."""
    return known[handle] if handle in known else refuse(NOT_FOUND)


class Commands:
    """What each command does to a world. `me` runs it; `created` is the handle that the database gave."""

    def __init__(self, world: World, me: Person, created: Callable[[], Any]) -> None:
        self.world, self.me, self.created = world, me, created

    def _only(self, *roles: str) -> None:
        if self.me.role not in roles:
            refuse(FORBIDDEN)

    def _own(self, owner: Person) -> None:
        if self.me.role == COMMERCIAL and owner is not self.me:
            refuse(FORBIDDEN)

    def _client(self, number: int, *, even_deleted: bool = False) -> Client:
        client: Client = find(self.world.clients, number)
        while client.merged_into is not None:
            client = client.merged_into
        if client.deleted and not even_deleted:
            refuse(REFUSED)
        return client

    def _own_client(self, number: int) -> Client:
        client = self._client(number)
        self._own(client.owner)
        return client

    def _own_deal(self, uuid: str) -> Deal:
        deal: Deal = find(self.world.deals, uuid)
        self._own(deal.client.owner)
        return deal

    # Customers

    def add_client(self, fullname: str, email: str | None) -> None:
        self._only(COMMERCIAL)
        self.world.refuse_taken(email, None)
        number = self.created()
        self.world.clients[number] = Client(number, fullname, None, email, self.me)

    def rename_client(self, number: int, company: str | None) -> None:
        self._only(COMMERCIAL)
        self._own_client(number).company = company

    def address_client(self, number: int, email: str | None) -> None:
        self._only(COMMERCIAL)
        client = self._own_client(number)
        if email != client.email:
            self.world.refuse_taken(email, client)
        client.email = email

    def give_client(self, number: int, username: str) -> None:
        self._only(ADMINISTRATOR)
        client, person = self._client(number, even_deleted=True), find(self.world.people, username)
        if person.role != COMMERCIAL or not person.active:
            refuse(REFUSED)
        client.owner = person

    def delete_client(self, number: int) -> None:
        self._only(ADMINISTRATOR)
        self._client(number).deleted = True

    def restore_client(self, number: int) -> None:
        self._only(ADMINISTRATOR)
        client = self._client(number, even_deleted=True)
        if not client.deleted:
            return
        if client.owner.role != COMMERCIAL or not client.owner.active:
            refuse(REFUSED)
        self.world.refuse_taken(client.email, client)
        client.deleted = False

    def merge_clients(self, number: int, other: int) -> None:
        self._only(ADMINISTRATOR, COMMERCIAL)
        source, target = self._own_client(number), self._own_client(other)
        if source is target:
            refuse(REFUSED)
        source.deleted, source.merged_into = True, target
        target.company, target.email = target.company or source.company, target.email or source.email
        for deal in self.world.deals.values():
            deal.client = target if deal.client is source else deal.client

    # Contracts

    def add_deal(self, number: int, total: int) -> None:
        self._only(ADMINISTRATOR)
        client = self._client(number)
        if total < 0:
            refuse(REFUSED)
        uuid = self.created()
        self.world.deals[uuid] = Deal(uuid, client, total)

    def sign_deal(self, uuid: str) -> None:
        self._only(ADMINISTRATOR, COMMERCIAL)
        deal = self._own_deal(uuid)
        self._in_force(deal)
        deal.signed = True

    @staticmethod
    def _in_force(deal: Deal) -> None:
        if deal.cancelled:
            refuse(REFUSED)

    def price_deal(self, uuid: str, total: int) -> None:
        self._only(ADMINISTRATOR, COMMERCIAL)
        deal = self._own_deal(uuid)
        self._in_force(deal)
        if total != deal.total and ((deal.signed and self.me.role != ADMINISTRATOR) or total < deal.paid):
            refuse(REFUSED)
        deal.total = total

    def move_deal(self, uuid: str, number: int) -> None:
        self._only(ADMINISTRATOR, COMMERCIAL)
        deal, client = self._own_deal(uuid), self._own_client(number)
        self._in_force(deal)
        if client is deal.client:
            return
        if deal.signed or deal.paid or any(gala.deal is deal for gala in self.world.galas.values()):
            refuse(REFUSED)
        deal.client = client

    def pay_deal(self, uuid: str, amount: int) -> None:
        self._only(ADMINISTRATOR, COMMERCIAL)
        deal = self._own_deal(uuid)
        if amount <= 0 or deal.cancelled or not deal.signed or amount > deal.total - deal.paid:
            refuse(REFUSED)
        deal.payments.append(Sum(self.created(), amount, self.me))

    def reverse_payment(self, uuid: str, number: int) -> None:
        self._only(ADMINISTRATOR)
        deal = find(self.world.deals, uuid)
        payment, its_deal = find(self.world.payments(), number)
        taken_back = any(other.reverses is payment for other in deal.payments)
        if its_deal is not deal or payment.reverses is not None or taken_back:
            refuse(REFUSED)
        deal.payments.append(Sum(self.created(), -payment.amount, self.me, payment))

    def cancel_deal(self, uuid: str) -> None:
        self._only(ADMINISTRATOR)
        deal = find(self.world.deals, uuid)
        if deal.cancelled:
            return
        if deal.paid:
            refuse(REFUSED)
        deal.cancelled = True
        for gala in self.world.galas.values():
            gala.cancelled = gala.cancelled or gala.deal is deal

    def unsign_deal(self, uuid: str) -> None:
        self._only(ADMINISTRATOR)
        deal = find(self.world.deals, uuid)
        live = any(gala.deal is deal and not gala.cancelled for gala in self.world.galas.values())
        if deal.signed and (deal.cancelled or deal.paid or live):
            refuse(REFUSED)
        deal.signed = False

    # Events

    def add_gala(self, uuid: str, name: str, span: tuple[int, int] | None) -> None:
        self._only(COMMERCIAL)
        deal = self._own_deal(uuid)
        if deal.cancelled or not deal.signed or (span and span[1] <= span[0]):
            refuse(REFUSED)
        number = self.created()
        self.world.galas[number] = Gala(number, name, deal, span)

    def assign_gala(self, number: int, username: str | None) -> None:
        self._only(ADMINISTRATOR)
        gala = find(self.world.galas, number)
        person = find(self.world.people, username) if username else None
        if gala.cancelled or (person and not (person.role == SUPPORT and person.active)):
            refuse(REFUSED)
        if person and self.world.find_clash(gala, person, gala.span):
            refuse(REFUSED)
        gala.support = person

    def _assigned(self, number: int) -> Gala:
        self._only(SUPPORT)
        gala: Gala = find(self.world.galas, number)
        if gala.support is not self.me:
            refuse(FORBIDDEN)
        if gala.cancelled:
            refuse(REFUSED)
        return gala

    def count_gala(self, number: int, attendees: int) -> None:
        self._assigned(number).attendees = attendees

    def date_gala(self, number: int, span: tuple[int, int]) -> None:
        gala = self._assigned(number)
        if span[1] <= span[0] or (span != gala.span and self.world.find_clash(gala, self.me, span)):
            refuse(REFUSED)
        gala.span = span

    def cancel_gala(self, number: int) -> None:
        self._only(ADMINISTRATOR, COMMERCIAL)
        gala = find(self.world.galas, number)
        self._own(gala.deal.client.owner)
        gala.cancelled = True

    # Staff

    def hire(self, username: str, role: str) -> None:
        self._only(ADMINISTRATOR)
        if username in self.world.people:
            refuse(CONFLICT)
        self.world.people[username] = Person(username, role, is_new=True)

    def promote(self, username: str, role: str) -> None:
        self._only(ADMINISTRATOR)
        person = find(self.world.people, username)
        if person.role == role:
            return
        if person is self.me:
            refuse(REFUSED)
        self.world.refuse_open_work(person)
        person.role = role

    def deactivate(self, username: str) -> None:
        self._only(ADMINISTRATOR)
        person = find(self.world.people, username)
        if not person.active:
            return
        if person is self.me:
            refuse(REFUSED)
        self.world.refuse_open_work(person)
        person.active = False

    def activate(self, username: str) -> None:
        self._only(ADMINISTRATOR)
        find(self.world.people, username).active = True

    def dismiss(self, username: str) -> None:
        self._only(ADMINISTRATOR)
        person = find(self.world.people, username)
        owns = any(client.owner is person for client in self.world.clients.values())
        supports = any(gala.support is person for gala in self.world.galas.values())
        if person is self.me or owns or supports or person.has_acted:
            refuse(REFUSED)
        del self.world.people[username]
