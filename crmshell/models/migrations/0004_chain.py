"""The journal as a chain of blocks over salted digests, which the database itself lets nobody change or delete.

The one change that is let through is an erasure: it blanks texts and drops their salt, and only where an entry that
says so (a change of the noun `journal` that names the entry erased from) has been written before.
"""

from __future__ import annotations

from typing import Any

from crmshell.models import chain, digests

_PAGE = 500
_COLUMNS = (
    "ALTER TABLE journal_entry ADD COLUMN salt {text} NOT NULL DEFAULT ''",
    "ALTER TABLE journal_entry ADD COLUMN digest {text} NOT NULL DEFAULT ''",
    "ALTER TABLE journal_change ADD COLUMN salt {text} NOT NULL DEFAULT ''",
)
_TABLES = (
    """CREATE TABLE journal_block (
        id {int} PRIMARY KEY,
        previous {text} NOT NULL UNIQUE,
        hash {text} NOT NULL,
        sealed_at {int} NOT NULL,
        total {int} NOT NULL,
        first_entry {int} NOT NULL,
        last_entry {int} NOT NULL
    ){strict}""",
    """CREATE TABLE journal_member (
        entry_id {int} PRIMARY KEY,
        block_id {int} NOT NULL REFERENCES journal_block (id),
        digest {text} NOT NULL
    ){strict}""",
    "CREATE TABLE journal_unsealed (entry_id {int} PRIMARY KEY){strict}",
    "INSERT INTO journal_unsealed SELECT id FROM journal_entry",
    "CREATE INDEX journal_entry_command ON journal_entry (command, id)",
    "CREATE INDEX journal_entry_at ON journal_entry (at, id)",
)
_DIALECTS = {
    "sqlite": {"text": "TEXT", "int": "INTEGER", "strict": " STRICT"},
    "postgresql": {"text": 'TEXT COLLATE "C"', "int": "BIGINT", "strict": ""},
}
_KEPT = {
    "journal_entry": ("id", "at", "employee_id", "username", "command", "result", "undoes_id", "digest"),
    "journal_change": ("id", "entry_id", "noun", "record_id", "operation"),
}
_ENTRY_OF = {"journal_entry": "OLD.id", "journal_change": "OLD.entry_id"}
_FINAL = ("journal_block", "journal_member")
_REFUSAL = "the journal is never changed"


def up(_migrator: Any, db: Any) -> None:
    """Give every entry its digest, close the first blocks over them, and bar the way back."""
    for statement in (*_COLUMNS, *_TABLES):
        db.execute_sql(statement.format(**_DIALECTS[db.engine]))
    _digest_all(db)
    chain.seal()
    for statement in _sqlite_triggers() if db.engine == "sqlite" else _postgres_triggers():
        db.execute_sql(statement)


def _digest_all(db: Any) -> None:
    """Salt and digest the entries that were written before there were any, a page at a time."""
    columns = "id, at, employee_id, username, command, result, undoes_id, line, message, reason"
    sql = f"SELECT {columns} FROM journal_entry WHERE id > {db.param} ORDER BY id LIMIT {_PAGE}"  # noqa: S608
    last = 0
    while page := db.execute_sql(sql, (last,)).fetchall():
        changes = _changes(db, page[0][0], page[-1][0])
        for entry_id, *rest in page:
            _digest_one(db, entry_id, rest, changes.get(entry_id, []))
        last = page[-1][0]


def _changes(db: Any, first: int, last: int) -> dict[int, list[Any]]:
    where = f"entry_id BETWEEN {db.param} AND {db.param}"
    sql = f"SELECT entry_id, id, noun, record_id, operation, fields FROM journal_change WHERE {where} ORDER BY id"  # noqa: S608
    found: dict[int, list[Any]] = {}
    for entry_id, *change in db.execute_sql(sql, (first, last)):
        found.setdefault(entry_id, []).append(change)
    return found


def _digest_one(db: Any, entry_id: int, stored: list[Any], changes: list[Any]) -> None:
    facts, texts = stored[:6], stored[6:]
    own, *others = digests.salts(1 + len(changes))
    told = []
    for salt, (change_id, noun, record_id, operation, fields) in zip(others, changes, strict=True):
        db.execute_sql(f"UPDATE journal_change SET salt = {db.param} WHERE id = {db.param}", (salt, change_id))  # noqa: S608
        told.append((noun, record_id, operation, digests.of_fields(salt, fields)))
    digest = digests.of_entry(facts, digests.of_texts(own, *texts), told)
    mark = db.param
    sql = f"UPDATE journal_entry SET salt = {mark}, digest = {mark} WHERE id = {mark}"  # noqa: S608
    db.execute_sql(sql, (own, digest, entry_id))


def _is_erasure(table: str) -> str:
    """The condition, inside a trigger, under which an update is the one that is let through."""
    same = "IS NOT DISTINCT FROM"
    kept = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in _KEPT[table])
    recorded = f"EXISTS (SELECT 1 FROM journal_change e WHERE e.noun = 'journal' AND e.record_id = {_ENTRY_OF[table]})"  # noqa: S608
    return f"NEW.salt = '' AND {kept} AND {recorded}"


def _sqlite_triggers() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    queue = "BEGIN INSERT INTO journal_unsealed VALUES (NEW.id); END"
    return [
        f"CREATE TRIGGER journal_queue AFTER INSERT ON journal_entry {queue}",
        *(f"CREATE TRIGGER {t}_delete BEFORE DELETE ON {t} {refuse}" for t in (*_KEPT, *_FINAL)),
        *(f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} {refuse}" for t in _FINAL),
        *(f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} WHEN NOT ({_is_erasure(t)}) {refuse}" for t in _KEPT),
    ]


def _postgres_triggers() -> list[str]:
    function = "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {} END $body$"
    refuse = f"RAISE EXCEPTION '{_REFUSAL}';"
    row = "FOR EACH ROW EXECUTE FUNCTION"
    return [
        function.format("journal_queue", "INSERT INTO journal_unsealed VALUES (NEW.id); RETURN NULL;"),
        f"CREATE TRIGGER journal_queue AFTER INSERT ON journal_entry {row} journal_queue()",
        function.format("journal_refuse", refuse),
        *(f"CREATE TRIGGER {t}_delete BEFORE DELETE ON {t} {row} journal_refuse()" for t in (*_KEPT, *_FINAL)),
        *(f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} {row} journal_refuse()" for t in _FINAL),
        *(
            f"CREATE TRIGGER {t}_truncate BEFORE TRUNCATE ON {t} FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
            for t in (*_KEPT, *_FINAL)
        ),
        *(function.format(f"{t}_erase", f"IF {_is_erasure(t)} THEN RETURN NEW; END IF; {refuse}") for t in _KEPT),
        *(f"CREATE TRIGGER {t}_update BEFORE UPDATE ON {t} {row} {t}_erase()" for t in _KEPT),
    ]
