"""Open the company's database: bring its schema up to date, and found the company where there is none yet."""

from __future__ import annotations

from crmshell.database import current, open_database, shown_url, transaction
from crmshell.errors import Refused, StoreError
from crmshell.models import schema
from crmshell.models.employee import Employee, RoleName, any_employee
from crmshell.models.journal import work
from crmshell.passwords import check_strength, hash_password
from crmshell.people import parse_username
from crmshell.session import Session
from crmshell.values import parse_text


def open_company(session: Session, *, may_create: bool) -> bool:
    """Open the database of the settings and migrate it; whether there is anybody on the staff.

    `may_create` lets an empty database become one of crm-shell. Raises StoreError.
    """
    url = session.settings.database
    open_database(url, may_create=may_create)
    with transaction(current(), writes=False):
        found = schema.state()
    if found is schema.State.EMPTY and not may_create:
        raise StoreError(f"the database {shown_url(url)} is empty", hint="crm-shell --create-admin NAME sets it up")
    if found is not schema.State.CURRENT:
        schema.migrate()
    with transaction(current(), writes=False):
        return any_employee()


def create_first_administrator(session: Session, username: str, fullname: str, password: str) -> Employee:
    """Put the first administrator on the staff; refused where there is somebody already."""
    name, full = parse_username(username), parse_text(fullname, longest=255)
    check_strength(password, name, full)
    hashed = hash_password(password, session.clock.hash_rounds)
    now = session.now()
    line = f"--create-admin {name}"
    with transaction(current(), writes=True), work(now, None, name, "create-admin", line):
        current().lock("first administrator")
        if any_employee():
            message = "the company has a staff already"
            raise Refused(message, hint="an administrator adds people: employee add")
        employee = Employee(fullname=full, role=RoleName.ADMINISTRATOR.value, password_hash=hashed)
        employee.set_username(name)
        employee.created_at = employee.updated_at = now
        return employee.store()
