"""What becomes of records: deleted, merged, erased, contacted, cancelled, reversed; and why an entry was made.

What is cancelled is neither unsigned nor due nor without support, and the indexes that answer these leave it out. A
payment is negative exactly where it reverses another one. `customer.name_key` is the folded name and company, by
which duplicates are found.
"""

from __future__ import annotations

from typing import Any

_COLUMNS = """
ALTER TABLE customer ADD COLUMN last_contact {text} CHECK (length(last_contact) = 10);
ALTER TABLE customer ADD COLUMN note {text};
ALTER TABLE customer ADD COLUMN deleted_at {int};
ALTER TABLE customer ADD COLUMN merged_into_id {int} REFERENCES customer (id)
    CHECK (merged_into_id IS NULL OR (merged_into_id <> id AND deleted_at IS NOT NULL));
ALTER TABLE customer ADD COLUMN erased_at {int} CHECK (erased_at IS NULL OR deleted_at IS NOT NULL);
ALTER TABLE customer ADD COLUMN name_key {text};
CREATE INDEX customer_name ON customer (name_key);
CREATE INDEX customer_phone ON customer (phone) WHERE phone IS NOT NULL;
CREATE INDEX customer_deleted ON customer (id) WHERE deleted_at IS NOT NULL;
CREATE INDEX customer_merged ON customer (merged_into_id) WHERE merged_into_id IS NOT NULL;

ALTER TABLE contract ADD COLUMN cancelled_at {int} CHECK (cancelled_at IS NULL OR total_paid = 0);
DROP INDEX contract_unsigned;
DROP INDEX contract_unsigned_own;
DROP INDEX contract_due;
DROP INDEX contract_due_own;
CREATE INDEX contract_unsigned ON contract (id) WHERE signed_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX contract_unsigned_own ON contract (commercial_id, id) WHERE signed_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX contract_due ON contract (id) WHERE total_paid < total_amount AND cancelled_at IS NULL;
CREATE INDEX contract_due_own ON contract (commercial_id, id)
    WHERE total_paid < total_amount AND cancelled_at IS NULL;

ALTER TABLE event ADD COLUMN cancelled_at {int};
DROP INDEX event_unassigned;
CREATE INDEX event_unassigned ON event (starts_at{nulls}, id) WHERE support_id IS NULL AND cancelled_at IS NULL;

ALTER TABLE journal_entry ADD COLUMN reason {text};
ALTER TABLE journal_entry ADD COLUMN undoes_id {int} REFERENCES journal_entry (id);
CREATE INDEX journal_entry_undoes ON journal_entry (undoes_id) WHERE undoes_id IS NOT NULL
"""

_SIGN = "CHECK (amount <> 0 AND (amount < 0) = (reverses_id IS NOT NULL))"

_PAYMENT = {
    "sqlite": """
CREATE TABLE payment_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id INTEGER NOT NULL REFERENCES contract (id),
    amount INTEGER NOT NULL,
    day TEXT NOT NULL CHECK (length(day) = 10),
    method TEXT NOT NULL CHECK (method IN ('transfer', 'card', 'cheque', 'cash', 'debit', 'other')),
    reference TEXT CHECK (length(reference) BETWEEN 1 AND 255),
    recorded_by_id INTEGER NOT NULL REFERENCES employee (id),
    recorded_at INTEGER NOT NULL,
    reverses_id INTEGER UNIQUE REFERENCES payment_anew (id),
    {sign}
) STRICT;
INSERT INTO payment_anew (id, contract_id, amount, day, method, reference, recorded_by_id, recorded_at)
    SELECT id, contract_id, amount, day, method, reference, recorded_by_id, recorded_at FROM payment;
DROP TABLE payment;
ALTER TABLE payment_anew RENAME TO payment;
CREATE INDEX payment_contract ON payment (contract_id, id);
CREATE INDEX payment_recorded_by ON payment (recorded_by_id)
""",
    "postgresql": """
ALTER TABLE payment DROP CONSTRAINT payment_amount_check;
ALTER TABLE payment ADD COLUMN reverses_id BIGINT UNIQUE REFERENCES payment (id);
ALTER TABLE payment ADD CONSTRAINT payment_amount_check {sign}
""",
}

_DIALECTS = {
    "sqlite": {"text": "TEXT", "int": "INTEGER", "nulls": ""},
    "postgresql": {"text": 'TEXT COLLATE "C"', "int": "BIGINT", "nulls": " NULLS FIRST"},
}
_PAGE = 1000


def up(_migrator: Any, db: Any) -> None:
    """Add the columns, let payments be negative, and fold the names that are there."""
    for statements in (_COLUMNS, _PAYMENT[db.engine]):
        for statement in statements.format(sign=_SIGN, **_DIALECTS[db.engine]).split(";"):
            db.execute_sql(statement)
    _fold_names(db)


def _fold_names(db: Any) -> None:
    """Give every customer its key, a page at a time."""
    from crmshell.models.customer import name_key

    mark, last = db.param, 0
    page = f"SELECT id, fullname, company FROM customer WHERE id > {mark} ORDER BY id LIMIT {_PAGE}"  # noqa: S608
    update = f"UPDATE customer SET name_key = {mark} WHERE id = {mark}"  # noqa: S608
    while rows := db.execute_sql(page, (last,)).fetchall():
        db.cursor().executemany(update, [(name_key(fullname, company), number) for number, fullname, company in rows])
        last = rows[-1][0]
