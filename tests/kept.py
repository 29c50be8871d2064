"""States of a database that tests begin with, made once and put back many times."""

from __future__ import annotations

from typing import Any

_CLEAR = """
CREATE SCHEMA IF NOT EXISTS kept;
CREATE OR REPLACE FUNCTION kept.clear() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN SELECT format('public.%I', tablename) AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'schema_migration'
    LOOP
        IF pg_relation_size(found.name::regclass) > 256 * 1024 THEN
            EXECUTE format('TRUNCATE %s CASCADE', found.name);
        ELSE
            EXECUTE format('DELETE FROM %s', found.name);
        END IF;
    END LOOP;
END $$
"""
_COLUMNS = """
SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
FROM information_schema.columns JOIN pg_tables ON schemaname = table_schema AND tablename = table_name
WHERE table_schema = 'public' AND table_name <> 'schema_migration' AND is_generated = 'NEVER'
GROUP BY table_name
"""
_SHIFT = """
DO $$
DECLARE link record;
BEGIN
    FOR link IN SELECT format('%s', conrelid::regclass) AS name, attname FROM pg_constraint
        JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        UNION VALUES ('journal_entry', 'employee_id'), ('search_term', 'owner_id')
    LOOP
        EXECUTE format('UPDATE %s SET %I = %I + 1000000', link.name, link.attname, link.attname);
    END LOOP;
END $$
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


class Keeper:
    """Keeps states of one database on the server, and puts them back faster than TRUNCATE could empty it.

    Needs a connection of its own, in autocommit and by a superuser: foreign keys and triggers are not to be asked.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._back: dict[str, str] = {}
        connection.execute("SET session_replication_role = replica")
        connection.execute(_CLEAR)

    def keep(self, state: str) -> None:
        """Remember all rows as they are now."""
        statements = ["SELECT kept.clear()"]
        for table, columns in self._connection.execute(_COLUMNS).fetchall():
            copy = f"kept.{state}_{table}"
            rows = self._connection.execute(f"CREATE TABLE {copy} AS SELECT {columns} FROM public.{table}").rowcount
            if rows:
                statements.append(
                    f"INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {copy}"
                )
        for sequence, last in self._connection.execute(_SEQUENCES).fetchall():
            statements.append(f"SELECT setval('public.{sequence}', {last or 1}, {last is not None})")
        self._back[state] = ";".join(statements)

    def put_back(self, state: str) -> None:
        """Make the rows what they were, in one trip."""
        self._connection.execute(self._back[state])

    def exaggerate(self) -> None:
        """Let the planner take what is there for a thousand times as much, and no record for one that many refer to.

        Nor shall it pass over an index because it is newer than a transaction that is open elsewhere.
        """
        self._connection.execute(_SHIFT)
        self._connection.execute("ANALYZE")
        larger = "UPDATE pg_class SET reltuples = reltuples * 1000 WHERE relkind IN ('r', 'i') AND reltuples > 0"
        self._connection.execute(larger)
        self._connection.execute("UPDATE pg_index SET indcheckxmin = FALSE WHERE indcheckxmin")
