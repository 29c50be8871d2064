"""The locks behind the rules that look at more than one row, all in one place.

On SQLite a writing transaction is IMMEDIATE: there is one writer, and every rule holds. On PostgreSQL, at READ
COMMITTED, a rule holds because everyone who could break it waits for the same lock:

| rule                                              | held by                                                        |
|---------------------------------------------------|----------------------------------------------------------------|
| payments stay within the total                    | the contract's row, FOR UPDATE, from when its handle is read   |
| one signature; no change of a customer once signed| the same                                                       |
| a commercial owns the customer they write to      | the customer's row, FOR UPDATE                                 |
| a payment is taken back once                      | the contract's row, and a unique index                         |
| nothing is added to a customer being merged       | both customers' rows, FOR UPDATE, then contracts, then events  |
| nothing is added to whoever hands everything over | both employees' rows, FOR UPDATE, then what is handed over     |
| nobody busy is assigned twice                     | the row of the support, FOR UPDATE, before the clash is sought |
| customers and events go to active staff of a role | the row of that employee, FOR UPDATE                           |
| whoever writes is still who they were             | their own row, FOR SHARE, for the whole transaction            |
| there is always an administrator                  | an advisory lock, then the rows of all active administrators   |
| an e-mail is not entered twice                    | an advisory lock on one of EMAIL_LOCKS parts of all addresses  |
| nobody migrates twice                             | an advisory lock (SQLite: the writer's)                        |

Two who hold each other up are told apart by PostgreSQL, and dispatch runs the loser again.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from crmshell.database import current

EMAIL_LOCKS = 1024
"""A server has room for some thousand locks in all: with one for each address a large import would not fit."""

UPDATE, SHARE = "FOR UPDATE", "FOR SHARE"


def hold(query: Any) -> Any:
    """The query, holding its own rows against other writers."""
    return current().lock_rows(query, UPDATE)


def hold_email(key: str) -> None:
    """Keep everybody else from entering the same address, and those few that share its lock."""
    current().lock(f"email:{crc32(key.encode()) % EMAIL_LOCKS}")


def hold_administrators() -> list[int]:
    """The ids of all active administrators, whom nobody else can demote now."""
    from crmshell.models.employee import Employee, RoleName, active_with_role

    current().lock("administrators")
    found = Employee.select(Employee.id).where(active_with_role(RoleName.ADMINISTRATOR)).order_by(Employee.id)
    return [employee.id for employee in hold(found)]


def hold_employee(employee_id: int) -> None:
    """Keep everybody else from assigning to, or changing, this employee."""
    from crmshell.models.employee import Employee

    list(hold(Employee.select(Employee.id).where(Employee.id == employee_id)))
