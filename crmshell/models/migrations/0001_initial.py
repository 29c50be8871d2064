"""Staff, customers, contracts, payments, events, the journal, the search words and the login throttle.

Rules on one row are CHECK constraints here too, so that no other program can break them. The indexes are those of
the lists, filters and completions; a copy that one of them needs (contract.commercial_id, event.customer_id,
event.commercial_id, search_term.owner_id, contract.total_paid) is compared by `database check`.
"""

from __future__ import annotations

from typing import Any

_TABLES = """
CREATE TABLE employee (
    id {key},
    username {text} NOT NULL CHECK (length(username) BETWEEN 3 AND 30),
    username_key {text} NOT NULL UNIQUE,
    fullname {text} NOT NULL CHECK (length(fullname) BETWEEN 1 AND 255),
    role {text} NOT NULL CHECK (role IN ('administrator', 'commercial', 'support', 'none')),
    is_active {flag} NOT NULL,
    password_hash {text} NOT NULL,
    credential_version {int} NOT NULL,
    must_change_password {flag} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
){strict};
CREATE INDEX employee_role ON employee (role, username_key);

CREATE TABLE customer (
    id {key},
    fullname {text} NOT NULL CHECK (length(fullname) BETWEEN 1 AND 255),
    company {text} CHECK (length(company) BETWEEN 1 AND 255),
    email {text} CHECK (length(email) BETWEEN 3 AND 320),
    email_key {text},
    phone {text} CHECK (substr(phone, 1, 1) = '+'),
    commercial_id {int} NOT NULL REFERENCES employee (id),
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK ((email IS NULL) = (email_key IS NULL))
){strict};
CREATE INDEX customer_commercial ON customer (commercial_id, id);
CREATE INDEX customer_email ON customer (email_key);

CREATE TABLE contract (
    id {key},
    uuid {text} NOT NULL UNIQUE CHECK (length(uuid) = 32),
    customer_id {int} NOT NULL REFERENCES customer (id),
    commercial_id {int} NOT NULL REFERENCES employee (id),
    total_amount {int} NOT NULL CHECK (total_amount BETWEEN 0 AND 9999999999),
    total_paid {int} NOT NULL CHECK (total_paid >= 0),
    signed_at {int},
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK (total_paid <= total_amount),
    CHECK (signed_at IS NOT NULL OR total_paid = 0)
){strict};
CREATE INDEX contract_customer ON contract (customer_id, id);
CREATE INDEX contract_commercial ON contract (commercial_id, id);
CREATE INDEX contract_unsigned ON contract (id) WHERE signed_at IS NULL;
CREATE INDEX contract_unsigned_own ON contract (commercial_id, id) WHERE signed_at IS NULL;
CREATE INDEX contract_due ON contract (id) WHERE total_paid < total_amount;
CREATE INDEX contract_due_own ON contract (commercial_id, id) WHERE total_paid < total_amount;

CREATE TABLE payment (
    id {key},
    contract_id {int} NOT NULL REFERENCES contract (id),
    amount {int} NOT NULL CHECK (amount > 0),
    day {text} NOT NULL CHECK (length(day) = 10),
    method {text} NOT NULL CHECK (method IN ('transfer', 'card', 'cheque', 'cash', 'debit', 'other')),
    reference {text} CHECK (length(reference) BETWEEN 1 AND 255),
    recorded_by_id {int} NOT NULL REFERENCES employee (id),
    recorded_at {int} NOT NULL
){strict};
CREATE INDEX payment_contract ON payment (contract_id, id);
CREATE INDEX payment_recorded_by ON payment (recorded_by_id);

CREATE TABLE event (
    id {key},
    name {text} NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    contract_id {int} NOT NULL REFERENCES contract (id),
    customer_id {int} NOT NULL REFERENCES customer (id),
    commercial_id {int} NOT NULL REFERENCES employee (id),
    support_id {int} REFERENCES employee (id),
    starts_at {int},
    ends_at {int},
    location {text} CHECK (length(location) BETWEEN 1 AND 255),
    attendees {int} CHECK (attendees >= 0),
    note {text},
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK ((starts_at IS NULL) = (ends_at IS NULL)),
    CHECK (ends_at > starts_at)
){strict};
CREATE INDEX event_start ON event (starts_at{nulls}, id);
CREATE INDEX event_end ON event (ends_at);
CREATE INDEX event_contract ON event (contract_id);
CREATE INDEX event_customer ON event (customer_id, id);
CREATE INDEX event_commercial ON event (commercial_id, starts_at{nulls}, id);
CREATE INDEX event_support ON event (support_id, starts_at{nulls}, id);
CREATE INDEX event_unassigned ON event (starts_at{nulls}, id) WHERE support_id IS NULL;

CREATE TABLE search_term (
    noun {text} NOT NULL,
    term {text} NOT NULL,
    record_id {int} NOT NULL,
    owner_id {int},
    PRIMARY KEY (noun, term, record_id)
){words};
CREATE INDEX search_term_owner ON search_term (noun, owner_id, term, record_id);
CREATE INDEX search_term_record ON search_term (record_id, noun, term);

CREATE TABLE journal_entry (
    id {key},
    at {int} NOT NULL,
    employee_id {int},
    username {text} NOT NULL,
    command {text} NOT NULL,
    line {text} NOT NULL,
    result {text} NOT NULL CHECK (result IN ('done', 'refused', 'login', 'login failed', 'logout')),
    message {text} NOT NULL
){strict};
CREATE INDEX journal_entry_employee ON journal_entry (employee_id, id);

CREATE TABLE journal_change (
    id {key},
    entry_id {int} NOT NULL REFERENCES journal_entry (id),
    noun {text} NOT NULL,
    record_id {int} NOT NULL,
    operation {text} NOT NULL CHECK (operation IN ('create', 'update', 'delete')),
    fields {text} NOT NULL
){strict};
CREATE INDEX journal_change_entry ON journal_change (entry_id);
CREATE INDEX journal_change_record ON journal_change (noun, record_id, id);

CREATE TABLE login_throttle (
    username_key {text} PRIMARY KEY,
    failures {int} NOT NULL,
    last_at {int} NOT NULL
){strict};

CREATE TABLE company (
    name {text} PRIMARY KEY,
    value {text} NOT NULL
){strict};
"""

_DIALECTS = {
    "sqlite": {
        "key": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "text": "TEXT",
        "int": "INTEGER",
        "flag": "INTEGER",
        "strict": " STRICT",
        "words": " STRICT, WITHOUT ROWID",
        "nulls": "",
    },
    "postgresql": {
        "key": "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "text": 'TEXT COLLATE "C"',
        "int": "BIGINT",
        "flag": "BOOLEAN",
        "strict": "",
        "words": "",
        "nulls": " NULLS FIRST",
    },
}


def up(_migrator: Any, db: Any) -> None:
    """Create everything."""
    for statement in _TABLES.format(**_DIALECTS[db.engine]).split(";"):
        if statement.strip():
            db.execute_sql(statement)
