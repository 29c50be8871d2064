"""The commands: one module a noun, of declared functions that act, return and never print."""

from __future__ import annotations

from crmshell.commands import (
    auth,
    batch,
    comfort,
    contract,
    customer,
    database,
    employee,
    event,
    general,
    journal,
    search,
    settings,
    transaction,
    undo,
    view,
)
from crmshell.commands.registry import GRAMMAR

__all__ = [
    "GRAMMAR",
    "auth",
    "batch",
    "comfort",
    "contract",
    "customer",
    "database",
    "employee",
    "event",
    "general",
    "journal",
    "search",
    "settings",
    "transaction",
    "undo",
    "view",
]
