"""The staff."""

from __future__ import annotations

from typing import Annotated

from crmshell.access import ACTIVE, ADMINISTRATOR, ANOTHER_OF_THE_ROLE, IN_CHARGE, INACTIVE, NOT_MYSELF, PRESENT_ROLE
from crmshell.commands.registry import Done, creates, reads, removes, updates, writes
from crmshell.errors import Refused
from crmshell.language.declaration import ASKED, Option
from crmshell.listing import Listing
from crmshell.models.employee import Employee, RoleName
from crmshell.models.handover import Portfolio, hand_over, refuse
from crmshell.outcome import Rows
from crmshell.parameters import OneOf, Secret, Text, Username
from crmshell.passwords import check_strength, hash_password
from crmshell.records import Edit, Pick
from crmshell.session import Session
from crmshell.text import plural

AnyEmployee = Annotated[Employee, Pick(Employee), "the employee"]
OtherEmployee = Annotated[Employee, Pick(Employee, offer=NOT_MYSELF), "the employee, not yourself"]
NewRole = Annotated[RoleName, OneOf(RoleName, present=PRESENT_ROLE), "administrator, commercial, support or none"]


@reads("employee list")
def list_employees(
    session: Session,
    listing: Listing[Employee],
    role_filter: Annotated[RoleName | None, OneOf(RoleName), "only those with this role"] = None,
) -> Rows:
    """List the staff by username.

    crm> employee list
    crm> employee list --role-filter support
    crm> employee list --where 'active = no' --columns username,fullname
    """
    if role_filter:
        listing.keep(Employee.role == role_filter.value)
    return listing.rows(session)


@reads("employee detail")
def detail(employee: AnyEmployee) -> Employee:
    """Show one employee.

    crm> employee detail alice
    """
    return employee


@creates("employee add", by=ADMINISTRATOR)
def add(
    session: Session,
    fullname: Annotated[str, Text(), "first and last name"],
    username: Annotated[str, Username(), "the name to log in with: 3 to 30 letters, digits, . _ -"],
    role: Annotated[RoleName, OneOf(RoleName), ASKED, "what they do"] = RoleName.NONE,
    password: Annotated[str | None, Secret(is_new=True), "a random one, shown once, when left out"] = None,
) -> Done:
    """Add somebody to the staff.

    Whoever it is must choose a password of their own at the first login.

    crm> employee add "Zoé Lefèvre" zoe --role support
    """
    employee = Employee(fullname=fullname, role=role.value, must_change_password=True)
    employee.set_username(username)
    employee.created_at = employee.updated_at = session.now()
    if password is not None:
        check_strength(password, username, fullname)
    first = password or session.clock.new_password()
    employee.password_hash = hash_password(first, session.clock.hash_rounds)
    employee.store()
    return Done(employee, f"{username} is on the staff", secrets={} if password else {"password": first})


@writes("employee set-role", by=ADMINISTRATOR)
def set_role(session: Session, employee: OtherEmployee, role: NewRole) -> Done:
    """Give somebody another role.

    Refused for yourself, for the last administrator, and while customers or events are still in their hands.

    crm> employee set-role nils support
    """
    if employee.role == role:
        return Done(employee, f"{employee.username} has the role {role.value} already")
    employee.set_role(role, session.user, session.now())
    return Done(employee, f"{employee.username} has the role {role.value}")


@writes("employee set-password", by=ADMINISTRATOR)
def set_password(
    session: Session,
    employee: OtherEmployee,
    password: Annotated[str, Secret(is_new=True), "12 to 128 characters; asked for twice when left out"],
) -> Done:
    """Give somebody a password that they must change at the next login; their open sessions end.

    crm> employee set-password nils
    """
    if employee.id == session.user.id:
        message = "this is for the passwords of others"
        raise Refused(message, hint="auth set-password changes your own")
    check_strength(password, employee.username, employee.fullname)
    employee.set_password_hash(hash_password(password, session.clock.hash_rounds), must_change=True)
    return Done(employee, f"{employee.username} has a new password, to be changed at the next login")


@updates("employee update", by=ADMINISTRATOR)
def update(
    employee: Annotated[Employee, Pick(Employee, numbers=True), Option("employee-id"), "the username or the number"],
    fields: Edit[Employee],
) -> Employee:
    """Correct a name; the session of somebody whose username changes goes on under the new one.

    crm> employee update nils --fullname "Nils Bjørk-Hansen"
    """
    employee.edit(fields)
    return employee


def _gone(session: Session, employee: Employee) -> str:
    """What deleting an employee would affect."""
    employee.refuse_deletion(session.user)
    return f"{employee.fullname}, {employee.role}, named by nothing, will be gone"


def _references(employee: Employee) -> str:
    return ", ".join(plural(count, noun) for noun, count in employee.references() if count) or "nothing"


@removes("employee delete", by=ADMINISTRATOR, preview=_gone)
def delete(session: Session, employee: OtherEmployee) -> Done:
    """Delete somebody who was entered by mistake: nothing may refer to them.

    crm> employee delete nils
    """
    employee.delete_unused(session.user)
    return Done(employee, f"{employee.username} is deleted")


def _deactivated(session: Session, employee: Employee) -> str:
    """What deactivating an employee would affect."""
    employee.refuse_deactivation(session.user, session.now())
    stays = _references(employee)
    return f"{employee.fullname}, {employee.role}: will not log in nor be offered; what names them stays: {stays}"


@removes("employee deactivate", by=ADMINISTRATOR, preview=_deactivated)
def deactivate(
    session: Session,
    employee: Annotated[Employee, Pick(Employee, offer=(NOT_MYSELF, ACTIVE)), "the employee, not yourself"],
) -> Done:
    """Take somebody off the staff and keep what they did: nobody logs in as them or is assigned to them.

    Refused while they own customers or support an event that has not ended.

    crm> employee deactivate nils
    """
    if not employee.is_active:
        return Done(employee, f"{employee.username} is deactivated already")
    employee.deactivate(session.user, session.now())
    return Done(employee, f"{employee.username} is deactivated")


@writes("employee activate", by=ADMINISTRATOR)
def activate(employee: Annotated[Employee, Pick(Employee, offer=INACTIVE), "the employee"]) -> Done:
    """Put somebody who was deactivated back on the staff.

    crm> employee activate petra
    """
    if employee.is_active:
        return Done(employee, f"{employee.username} is active already")
    employee.activate()
    return Done(employee, f"{employee.username} is active again")


def _handed_over(session: Session, from_: Employee, to: Employee, then_deactivate: bool = False) -> str:
    """What a handover would move."""
    found = Portfolio.of(from_, session.now())
    refuse(from_, to, found, session.now())
    moved = f"{found.sentence} will go from {from_.username} to {to.username}"
    return f"{moved}, and {from_.username} will be deactivated" if then_deactivate else moved


@removes("employee handover", by=ADMINISTRATOR, preview=_handed_over)
def handover(
    session: Session,
    from_: Annotated[Employee, Pick(Employee, offer=IN_CHARGE), Option("from"), "whose work it is"],
    to: Annotated[Employee, Pick(Employee, offer=(ACTIVE, ANOTHER_OF_THE_ROLE)), Option("to"), "who takes it over"],
    then_deactivate: Annotated[bool, "take the first one off the staff, in the same transaction"] = False,
) -> Done:
    """Give all that one employee looks after to another: customers with all that is theirs, events to come.

    The other one must be an active commercial for customers, an active support for events, and free during these.

    crm> employee handover carla colm
    crm> employee handover carla colm --then-deactivate
    """
    moved = hand_over(from_, to, session.now())
    if then_deactivate:
        from_.deactivate(session.user, session.now())
    gone = f"; {from_.username} is deactivated" if then_deactivate else ""
    return Done(from_, f"{moved.sentence} went from {from_.username} to {to.username}{gone}")
