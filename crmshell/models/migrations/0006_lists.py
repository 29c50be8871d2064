"""What lists of any size need: indexes for their orders, which contracts have an event, and totals that are kept.

`contract.event_count`, of the events that are not cancelled, and the lines of `contract_total` are kept by triggers, so
that no writer can forget them, and verified by `database check`. The totals are kept for each commercial, month (UTC,
in which it was drawn up) and state. Many may write on PostgreSQL at once, and nobody waits for a line that another has
just changed: each adds lines of its own, told apart by `shard`, which are added up when read. Now and then a writer
folds those that nobody holds into one, so that there are never many.
"""

from __future__ import annotations

from typing import Any

_INDEXES = """
CREATE INDEX customer_created ON customer (created_at, id);
CREATE INDEX contract_created ON contract (created_at, id);
CREATE INDEX contract_total_amount ON contract (total_amount, id);
CREATE INDEX contract_total_due ON contract
    ((CASE WHEN (cancelled_at IS NULL) THEN (total_amount - total_paid) ELSE 0 END), id);
CREATE INDEX contract_signed ON contract (signed_at{nulls}, id);
DROP INDEX event_end;
CREATE INDEX event_end ON event (ends_at{nulls}, id);
CREATE INDEX event_length ON event ((ends_at - starts_at));
CREATE INDEX event_support_customer ON event (support_id, customer_id);
CREATE INDEX event_support_contract ON event (support_id, contract_id);
ALTER TABLE contract ADD COLUMN event_count {int} NOT NULL DEFAULT 0;
UPDATE contract SET event_count = (SELECT count(*) FROM event WHERE event.contract_id = contract.id
    AND event.cancelled_at IS NULL);
CREATE INDEX contract_no_event ON contract (id) WHERE event_count = 0;
CREATE INDEX contract_no_event_own ON contract (commercial_id, id) WHERE event_count = 0;
CREATE TABLE contract_total (
    dimension {text} NOT NULL CHECK (dimension IN ('commercial', 'month', 'state')),
    value {text} NOT NULL,
    shard {int} NOT NULL,
    records {int} NOT NULL,
    total_amount {int} NOT NULL,
    total_paid {int} NOT NULL,
    total_due {int} NOT NULL,
    PRIMARY KEY (dimension, value, shard)
){strict};
"""

_STATE = """CASE WHEN {0}cancelled_at IS NOT NULL THEN 'cancelled' WHEN {0}signed_at IS NULL THEN 'not signed'
    WHEN {0}total_paid < {0}total_amount THEN 'due' ELSE 'paid' END"""
_DUE = "CASE WHEN {0}cancelled_at IS NULL THEN {0}total_amount - {0}total_paid ELSE 0 END"
_MONTH = {
    "sqlite": "strftime('%Y-%m', {0}created_at, 'unixepoch')",
    "postgresql": "to_char(to_timestamp({0}created_at) AT TIME ZONE 'UTC', 'YYYY-MM')",
}
_DIALECTS = {
    "sqlite": {"text": "TEXT", "int": "INTEGER", "strict": " STRICT, WITHOUT ROWID", "nulls": ""},
    "postgresql": {"text": 'TEXT COLLATE "C"', "int": "BIGINT", "strict": "", "nulls": " NULLS FIRST"},
}
_COUNTED = "commercial_id, total_amount, total_paid, signed_at, cancelled_at, created_at"
_LIVE = "contract_id, cancelled_at"
_ADDED = """ON CONFLICT (dimension, value, shard) DO UPDATE SET
    records = contract_total.records + excluded.records,
    total_amount = contract_total.total_amount + excluded.total_amount,
    total_paid = contract_total.total_paid + excluded.total_paid,
    total_due = contract_total.total_due + excluded.total_due"""

_WRITES_BETWEEN_FOLDS = 1024
_FOLD = """CREATE FUNCTION fold_contract_totals() RETURNS void LANGUAGE sql AS $body$
    WITH held AS (SELECT dimension, value, shard FROM contract_total FOR UPDATE SKIP LOCKED),
    taken AS (DELETE FROM contract_total USING held WHERE contract_total.dimension = held.dimension
        AND contract_total.value = held.value AND contract_total.shard = held.shard RETURNING contract_total.*)
    INSERT INTO contract_total SELECT dimension, value, 2 * nextval('contract_total_shard'), sum(records),
        sum(total_amount), sum(total_paid), sum(total_due) FROM taken GROUP BY dimension, value
$body$"""


def up(_migrator: Any, db: Any) -> None:
    """Create the indexes and the totals, fill them, and let triggers keep them."""
    for statement in _INDEXES.format(**_DIALECTS[db.engine]).split(";"):
        if statement.strip():
            db.execute_sql(statement)
    for dimension, value in _values(db.engine, "").items():
        db.execute_sql(
            f"""INSERT INTO contract_total SELECT '{dimension}', {value}, 0, count(*), sum(total_amount),
                sum(total_paid), sum({_DUE.format("")}) FROM contract GROUP BY {value}"""  # noqa: S608  (our own words)
        )
    for statement in _sqlite_triggers() if db.engine == "sqlite" else _postgres_triggers():
        db.execute_sql(statement)


def _values(engine: str, row: str) -> dict[str, str]:
    """What each dimension calls a contract."""
    return {
        "commercial": f"CAST({row}commercial_id AS TEXT)",
        "month": _MONTH[engine].format(row),
        "state": _STATE.format(row),
    }


def _adding(engine: str, row: str, sign: str, shard: str, added: str) -> str:
    """The statements that add a contract to its totals, or take it away; `added` is for a line that is there."""
    numbers = ", ".join(f"{sign}({number})" for number in (f"{row}total_amount", f"{row}total_paid", _DUE.format(row)))
    return "\n".join(
        f"INSERT INTO contract_total VALUES ('{dimension}', {value}, {shard}, {sign}1, {numbers})\n{added};"  # noqa: S608
        for dimension, value in _values(engine, row).items()
    )


def _counting(row: str, sign: str) -> str:
    """The statement that counts an event of a contract, or counts it no longer."""
    one = f"CASE WHEN {row}cancelled_at IS NULL THEN 1 ELSE 0 END"
    return f"UPDATE contract SET event_count = event_count {sign} {one} WHERE id = {row}contract_id;"  # noqa: S608


def _sqlite_triggers() -> list[str]:
    add, take = (_adding("sqlite", row, sign, "0", _ADDED) for row, sign in (("NEW.", ""), ("OLD.", "-")))
    more, fewer = _counting("NEW.", "+"), _counting("OLD.", "-")
    return [
        f"CREATE TRIGGER contract_total_insert AFTER INSERT ON contract BEGIN {add} END",
        f"CREATE TRIGGER contract_total_update AFTER UPDATE OF {_COUNTED} ON contract BEGIN {take} {add} END",
        f"CREATE TRIGGER contract_total_delete AFTER DELETE ON contract BEGIN {take} END",
        f"CREATE TRIGGER event_count_insert AFTER INSERT ON event BEGIN {more} END",
        f"CREATE TRIGGER event_count_update AFTER UPDATE OF {_LIVE} ON event BEGIN {fewer} {more} END",
        f"CREATE TRIGGER event_count_delete AFTER DELETE ON event BEGIN {fewer} END",
    ]


def _postgres_triggers() -> list[str]:
    add = _adding("postgresql", "NEW.", "", "2 * own + 1", "")
    take = _adding("postgresql", "OLD.", "-", "2 * own", "")
    fold = f"IF mod(own, {_WRITES_BETWEEN_FOLDS}) = 0 THEN PERFORM fold_contract_totals(); END IF;"
    more, fewer = _counting("NEW.", "+"), _counting("OLD.", "-")
    return [
        "CREATE SEQUENCE contract_total_shard",
        _FOLD,
        _function("keep_contract_total", take, add, "DECLARE own BIGINT := nextval('contract_total_shard');", fold),
        _function("keep_event_count", fewer, more),
        f"""CREATE TRIGGER contract_total_kept AFTER INSERT OR DELETE OR UPDATE OF {_COUNTED} ON contract
            FOR EACH ROW EXECUTE FUNCTION keep_contract_total()""",
        f"""CREATE TRIGGER event_count_kept AFTER INSERT OR DELETE OR UPDATE OF {_LIVE} ON event
            FOR EACH ROW EXECUTE FUNCTION keep_event_count()""",
    ]


def _function(name: str, of_old: str, of_new: str, declared: str = "", afterwards: str = "") -> str:
    """A trigger function that undoes what the old row did, and does what the new one does."""
    return f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
{declared}
BEGIN
    IF TG_OP <> 'INSERT' THEN
        {of_old}
    END IF;
    IF TG_OP <> 'DELETE' THEN
        {of_new}
    END IF;
    {afterwards}
    RETURN NULL;
END $body$"""
