"""Indexes of the contracts that are signed, and of those with something due, all of them and each commercial's."""

from __future__ import annotations

from typing import Any

_SIGNED = "signed_at IS NOT NULL AND cancelled_at IS NULL"
_DUE = f"total_paid < total_amount AND {_SIGNED}"


def up(_migrator: Any, db: Any) -> None:
    """Create them: what is offered to be paid, and to plan an event for, begins with the newest at any size."""
    for name, condition in (("signed", _SIGNED), ("payable", _DUE)):
        db.execute_sql(f"CREATE INDEX contract_in_force_{name} ON contract (id) WHERE {condition}")
        db.execute_sql(f"CREATE INDEX contract_in_force_{name}_own ON contract (commercial_id, id) WHERE {condition}")
