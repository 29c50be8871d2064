"""Rows that are written late: nobody can tell, whatever is looked for or taken back in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

import peewee
import pytest

from crmshell.database import Enclosing, Stopped, current, transaction
from crmshell.database.deferred import Deferred
from crmshell.errors import Conflict, StoreError
from tests.company import Company
from tests.process import Program

WORD = "INSERT INTO search_term"
LOOK = "SELECT * FROM search_term"


class Store:
    """Rows as a database holds them, with what a savepoint takes back."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.writes = 0
        self.deferred = Deferred(self._write)

    def _write(self, _sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self.rows += [row[0] for row in rows]
        self.writes += 1

    def command(self, *words: str, looks: bool = False, fails: bool = False) -> None:
        """One savepoint."""
        mark, held = self.deferred.enter(), list(self.rows)
        self.deferred.add(WORD, [(word,) for word in words])
        if looks:
            self.deferred.write_before(LOOK)
        if fails:
            self.rows = held
        self.deferred.leave(mark, undone=fails)

    def ended(self) -> list[Any]:
        """All rows at the end of the transaction."""
        self.deferred.write()
        return sorted(self.rows)


def test_rows_wait_for_the_end_and_are_written_together() -> None:
    store = Store()
    store.command("a", "b")
    store.command("c")
    assert store.rows == []
    assert (store.ended(), store.writes) == (["a", "b", "c"], 1)


def test_a_command_that_looks_finds_those_of_all_before_it() -> None:
    store = Store()
    store.command("a")
    store.command("b", looks=True)
    assert store.rows == ["a", "b"]


def test_what_a_failed_command_has_added_is_gone() -> None:
    store = Store()
    store.command("a")
    store.command("lost", fails=True)
    assert store.ended() == ["a"]


def test_what_a_failed_command_has_looked_for_waits_again() -> None:
    store = Store()
    store.command("a")
    store.command("lost", looks=True, fails=True)
    assert store.rows == []
    store.command("c")
    assert store.ended() == ["a", "c"]


def test_a_savepoint_inside_another_is_undone_with_it() -> None:
    store = Store()
    store.command("a")
    outer, held = store.deferred.enter(), list(store.rows)
    store.command("inner", looks=True)
    store.rows = held
    store.deferred.leave(outer, undone=True)
    assert store.ended() == ["a"]


def test_only_statements_about_rows_that_wait_have_them_written() -> None:
    store = Store()
    store.command("a")
    store.deferred.add("INSERT INTO journal_entry", [("entry",)])
    store.deferred.write_before("SELECT * FROM customer")
    assert store.rows == []
    store.deferred.write_before("SELECT * FROM journal_entry")
    assert store.rows == ["entry"]
    store.deferred.write_before(LOOK)
    assert store.rows == ["entry", "a"]


def test_many_rows_are_written_between_two_commands() -> None:
    store = Store()
    store.command(*map(str, range(20_000)))
    assert store.rows == []
    store.command("last")
    assert len(store.rows) == 20_000


def test_ids_go_on_after_those_reserved() -> None:
    numbers = count(7)
    deferred = Store().deferred
    given = [deferred.next_id("journal_entry", lambda _table: [next(numbers), next(numbers)]) for _ in range(5)]
    assert given == [7, 8, 9, 10, 11]


def test_what_is_known_to_be_there_is_forgotten_with_a_rollback() -> None:
    deferred = Store().deferred
    deferred.seen["customer"] = {"a"}
    deferred.leave(deferred.enter(), undone=False)
    assert deferred.seen == {"customer": {"a"}}
    deferred.leave(deferred.enter(), undone=True)
    assert not deferred.seen


def test_a_savepoint_that_cannot_be_released_leaves_nothing_behind(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_company.session("carla")
    database, execute = current(), current().execute_sql

    def fail_to_release(sql: str, params: Any = None) -> Any:
        if sql.startswith("RELEASE"):
            raise peewee.OperationalError("disk I/O error")
        return execute(sql, params)

    enclosing = Enclosing(database, defers=True)
    enclosing.begin()
    assert database.waiting is not None
    monkeypatch.setattr(database, "execute_sql", fail_to_release)
    with pytest.raises(StoreError), transaction(database, writes=True):
        database.run_later(WORD, [("lost",)])
    monkeypatch.undo()
    assert database.waiting.enter() == [(0, 0), (0, 0)]
    enclosing.roll_back()


SCRIPT = """customer add "Zoé d'Été" --email zoe@ete.example --as zoe
customer list --search zoe --columns id --format csv
customer add "Doppelt" --email zoe@ete.example
customer add "Noé Été" --phone "06 12 34 56 78"
customer update @zoe --fullname "Chloé d'Été"
customer list --search zoe --columns id --format csv
customer list --search ete --columns fullname --format csv
customer history @zoe --format csv
search chlxe --format csv
contract add @zoe 12.50
journal list --limit 3 --format csv
"""


@pytest.mark.parametrize("flags", [("--atomic",), ("--commit-every", "3"), ("--commit-every", "100"), ("--dry-run",)])
def test_a_script_sees_what_it_wrote_as_if_each_line_had_been_committed(
    program: Program, flags: tuple[str, ...]
) -> None:
    ended = program.script(SCRIPT, "--keep-going", "--format", "csv", *flags)
    assert ended.code == 6
    assert "3,customer" not in ended.out
    found = [line for line in ended.out.splitlines() if line in {"1", "Chloé d'Été", "Noé Été"}]
    assert found == ["1", "1", "Noé Été", "Chloé d'Été"]
    assert "customer add" in ended.out.rpartition("at,")[2]
    if flags == ("--commit-every", "100"):
        assert program.run("database", "check", user="alice").code == 0


def test_words_that_were_forgotten_are_not_written_twice(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmshell.models.search._MOST_SEEN", 2)
    enclosing = Enclosing(current(), defers=True)
    enclosing.begin()
    for _ in range(3):
        sqlite_company.must("customer add 'Anne Lenoir Dubois'", by="carla")
    enclosing.commit()
    assert count_of("search_word WHERE term = 'lenoir'") == 1


def test_rows_that_cannot_be_written_undo_the_whole_transaction(company: Company) -> None:
    database, before = current(), count_of("employee")
    enclosing = Enclosing(database, defers=True)
    enclosing.begin()
    database.execute_sql("UPDATE employee SET fullname = 'lost'")
    database.run_later(database.many_sql("search_word", ("noun", "term")), [("employee", None)])
    with pytest.raises(Conflict):
        enclosing.commit()
    assert (database.in_transaction(), database.waiting) == (False, None)
    assert (count_of("employee"), count_of("employee WHERE fullname = 'lost'")) == (before, 0)
    company.must("customer add Next", by="carla")


def count_of(table: str) -> int:
    """How many rows there are."""
    return int(current().execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize("moment", ["begin", "commit", "roll_back"])
def test_a_signal_at_its_edges_leaves_nothing_deferred(
    sqlite_company: Company, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, enclosing = current(), Enclosing(current(), defers=True)

    def interrupted(self: Enclosing) -> Iterator[None]:
        yield
        raise Stopped(2)

    if moment != "begin":
        enclosing.begin()
    monkeypatch.setattr(Enclosing, "_held", contextmanager(interrupted))
    with pytest.raises(Stopped):
        getattr(enclosing, moment)()
    monkeypatch.undo()
    assert (database.waiting, database.in_transaction()) == (None, False)
    sqlite_company.must("customer add Next", by="carla")
    assert count_of("journal_entry WHERE command = 'customer add'") == 1


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_transaction_that_fills_a_small_table_asks_its_indexes(company: Company) -> None:
    enclosing = Enclosing(current(), defers=True)
    enclosing.begin()
    plan = current().execute_sql("EXPLAIN SELECT id FROM customer WHERE phone = '+33612345678'").fetchall()
    enclosing.roll_back()
    assert company.url.startswith("postgresql")
    assert not any("Seq Scan" in row[0] for row in plan)


def test_many_rows_are_the_same_as_one_by_one(company: Company) -> None:
    columns = ("noun", "term", "record_id", "owner_id")
    sql = current().many_sql("search_term", columns, "ON CONFLICT DO NOTHING")
    rows = [("customer", f"word{number}", number % 7, None) for number in range(123)]
    with transaction(current(), writes=True):
        for some in (rows, rows[:60], [("customer", "one more", 1, 2)]):
            current().run_many(sql, some)
    found = current().execute_sql("SELECT noun, term, record_id, owner_id FROM search_term WHERE noun = 'customer'")
    assert sorted(found.fetchall(), key=str) == sorted([*rows, ("customer", "one more", 1, 2)], key=str)
