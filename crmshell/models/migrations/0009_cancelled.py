"""The events that were cancelled, by who was to run them: their contracts are those that have none any more."""

from __future__ import annotations

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Create the index, which holds few events of all there are."""
    columns, condition = "support_id, contract_id", "cancelled_at IS NOT NULL"
    db.execute_sql(f"CREATE INDEX event_cancelled_support ON event ({columns}) WHERE {condition}")
