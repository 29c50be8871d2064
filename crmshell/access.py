"""Who may do what: the roles, and the rules about which records, each written once and read three ways."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntFlag
from typing import Any, NamedTuple

from crmshell.errors import Failure, Forbidden, Refused
from crmshell.models.base import Record
from crmshell.models.busy import Meanwhile
from crmshell.models.employee import Employee, RoleName, active_with_role
from crmshell.models.event import Event
from crmshell.models.handover import in_charge
from crmshell.models.payment import Payment


class Role(IntFlag):
    """The roles of the staff, to be joined with `|`."""

    ADMINISTRATOR = 1
    COMMERCIAL = 2
    SUPPORT = 4
    NONE = 8

    @classmethod
    def of(cls, employee: Employee) -> Role:
        """The role an employee has now."""
        return _ROLES[employee.role]

    @property
    def names(self) -> str:
        """The roles in words: `administrator or commercial`."""
        return " or ".join(name for name, role in _ROLES.items() if role in self)


_ROLES: dict[str, Role] = {name: Role[name.name] for name in RoleName}
ADMINISTRATOR, COMMERCIAL, SUPPORT = Role.ADMINISTRATOR, Role.COMMERCIAL, Role.SUPPORT
EVERYONE = ADMINISTRATOR | COMMERCIAL | SUPPORT | Role.NONE


class Rule(NamedTuple):
    """Which records may be used: offered by completion, accepted in the transaction, or refused with a reason.

    `keeps(model, employee)` is the condition in SQL, `refusal(record, employee)` the failure where it does not hold.
    The rule binds the roles of `binds` alone.
    """

    name: str
    keeps: Callable[[Any, Employee], Any]
    refusal: Callable[[Any, Employee], Failure]
    binds: Role = EVERYONE

    def condition(self, model: Any, employee: Employee) -> Any | None:
        """The condition for this employee, None where the rule does not bind them."""
        return self.keeps(model, employee) if Role.of(employee) in self.binds else None

    def check(self, record: Record, employee: Employee) -> None:
        """Raise the refusal where the record, as it stands in this transaction, is not kept."""
        model = type(record)
        condition = self.condition(model, employee)
        if condition is None or model.select().where((model.id == record.id) & condition).exists():
            return
        raise self.refusal(record, employee)


def _not_yours(record: Any, _employee: Employee) -> Failure:
    owner = record.owner
    whose = (
        f"is a customer of {owner.username}"
        if record.noun == "customer"
        else f"belongs to a customer of {owner.username}"
    )
    return Forbidden(f"{record.title} {whose}, not yours", hint=f"{owner.fullname}, the commercial, can do it")


def _not_assigned(record: Any, _employee: Employee) -> Failure:
    support = record.support
    state = f"is assigned to {support.username}, not to you" if support else "is assigned to nobody yet"
    return Forbidden(f"{record.title} {state}", hint="an administrator assigns events: event set-support")


def _no_event_of_theirs(record: Any, _employee: Employee) -> Failure:
    message = f"{record.title} has no event that is assigned to you"
    return Forbidden(message, hint=f"{record.owner.fullname}, the commercial, can do it")


def _gone(record: Any, _employee: Employee) -> Failure:
    if record.erased_at is not None:
        return Refused(f"{record.title} was erased", hint=f"{record.noun} list shows the others")
    return Refused(
        f"{record.title} was deleted", hint=f"an administrator can bring it back: customer restore {record.id}"
    )


def _never(record: Any, _employee: Employee) -> Failure:
    message = f"{record.title} is only left out of what is offered"
    raise AssertionError(message)


def offered(name: str, keeps: Callable[[Any, Employee], Any]) -> Rule:
    """A rule that narrows what completion offers and refuses nothing."""
    return Rule(name, keeps, _never)


class Beside(NamedTuple):
    """What completion makes of another value of the same line, such as the customer who is to be given away.

    `parameter` is its name; `follows` takes the value and returns what follows from it: a condition in SQL, a word, an
    amount; None where nothing does. `says` tells what that is, where it is offered itself.
    """

    parameter: str
    follows: Callable[[Any], Any | None]
    says: str = ""


OWN = Rule("own", lambda model, me: model.commercial == me.id, _not_yours, COMMERCIAL)
ASSIGNED = Rule("assigned", lambda model, me: model.support == me.id, _not_assigned, SUPPORT)

ASSIGNED_EVENT = Rule(
    "assigned",
    lambda model, me: model.id.in_(Event.select(Event.customer).where(Event.support == me.id)),
    _no_event_of_theirs,
    SUPPORT,
)
ALIVE = Rule("alive", lambda model, _me: model.alive(), _gone)

UNSIGNED = offered("unsigned", lambda model, _me: model.unsigned())
SIGNED = offered("signed", lambda model, _me: model.signed())
DUE = offered("due", lambda model, _me: model.due())
CANCELLABLE = offered("neither cancelled nor paid", lambda model, _me: model.cancellable())
UNSIGNABLE = offered("signed and not paid", lambda model, _me: model.signed() & model.cancellable())
IN_FORCE = offered("not cancelled", lambda model, _me: model.cancelled_at.is_null())
PAID = offered("with something paid", lambda model, _me: model.total_paid > 0)
REVERSIBLE = offered("not taken back", lambda model, _me: model.reversible())
NOT_ERASED = offered("not erased", lambda model, _me: model.erased_at.is_null())
DELETED = offered("deleted", lambda model, _me: model.restorable())
ACTIVE_COMMERCIAL = offered("active commercials", lambda _model, _me: active_with_role(RoleName.COMMERCIAL))
ACTIVE_SUPPORT = offered("active support", lambda _model, _me: active_with_role(RoleName.SUPPORT))
IN_CHARGE = offered("with something to hand over", lambda _model, _me: in_charge())
NOT_MYSELF = offered("others", lambda model, me: model.id != me.id)
ACTIVE = offered("active", lambda model, _me: model.is_active == True)  # noqa: E712  (an SQL expression)
INACTIVE = offered("inactive", lambda model, _me: model.is_active == False)  # noqa: E712  (an SQL expression)

ANOTHER_COMMERCIAL = Beside("customer", lambda customer: Employee.id != customer.commercial_id)
PRESENT_ROLE = Beside("employee", lambda employee: employee.role)
ANOTHER_THAN_FROM = Beside("from_", lambda record: type(record).id != record.id)
ANOTHER_OF_THE_ROLE = Beside("from_", lambda giver: (Employee.role == giver.role) & (Employee.id != giver.id))
OF_THE_CONTRACT = Beside("contract", lambda contract: Payment.contract == contract.id)
STILL_DUE = Beside("contract", lambda contract: contract.total_due, "all that is due")
BUSY = Beside("event", Meanwhile.of)
