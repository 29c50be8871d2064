"""Makes a large company of a small one inside the database: the same people several times, under other keys.

Names, addresses and moments are the same each time; keys are counted on, and the digits of a UUID are turned round.
"""

from __future__ import annotations

from collections.abc import Mapping

from crmshell.database import Engine
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.event import Event
from crmshell.models.payment import Payment

_MODELS: tuple[type[Record], ...] = (Customer, Contract, Payment, Event)
_KEPT_BY_TRIGGERS = frozenset({"event_count"})


def repeat(database: Engine, times: int, words: str) -> None:
    """Write all records and their words, which wait in a table, so many times in all."""
    counts = {model.noun: _count(database, model) for model in _MODELS}
    for model in _MODELS:
        _repeat_table(database, model, counts, times)
    moved = " ".join(f"WHEN '{noun}' THEN {count}" for noun, count in counts.items())
    columns = f"noun, term, record_id + turn.k * CASE noun {moved} END, owner_id"
    of_records = "noun <> 'employee'"
    database.execute_sql(
        f"INSERT INTO {words} SELECT {columns} FROM {words}, ({_turns(times)}) turn WHERE {of_records}"
    )


def _count(database: Engine, model: type[Record]) -> int:
    table = model._meta.table_name  # noqa: SLF001  (peewee's public name for it)
    return int(database.execute_sql(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()[0])


def _repeat_table(database: Engine, model: type[Record], counts: Mapping[str, int], times: int) -> None:
    there = {column.name for column in database.get_columns(model._meta.table_name)}  # noqa: SLF001
    there -= _KEPT_BY_TRIGGERS
    fields = [f for f in model._meta.sorted_fields if f.column_name in there]  # noqa: SLF001
    columns = ", ".join(field.column_name for field in fields)
    values = ", ".join(_value(field, model, counts) for field in fields)
    table = model._meta.table_name  # noqa: SLF001
    turns = _turns(times)
    database.execute_sql(
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t, ({turns}) turn ORDER BY turn.k, t.id"
    )


def _value(field: object, model: type[Record], counts: Mapping[str, int]) -> str:
    """A column of the next turn: keys of what is repeated are moved by as many as there are."""
    name: str = field.column_name  # type: ignore[attr-defined]
    target = model if name == "id" else getattr(field, "rel_model", None)
    if name == "uuid":
        return "substr(t.uuid, turn.k + 1) || substr(t.uuid, 1, turn.k)"
    if target is not None and target.noun in counts:
        return f"t.{name} + turn.k * {counts[target.noun]}"
    return f"t.{name}"


def _turns(times: int) -> str:
    counting = f"SELECT 1 UNION ALL SELECT k + 1 FROM turns WHERE k < {times - 1}"
    return f"WITH RECURSIVE turns (k) AS ({counting}) SELECT k FROM turns"
