"""A transaction is committed whole or rolled back, whatever ends it: Ctrl-C, a lost connection, another one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from crmshell.database import MAX_ATTEMPTS, current, transaction
from crmshell.errors import Conflict, Interrupted, StoreError
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from tests.company import PASSWORD, Company
from tests.records import journal, problems, sql, tables

LONG = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999999) SELECT max(i) FROM n",
    "postgresql": "SELECT count(*) FROM pg_sleep(10)",
}
on_server = pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)


def _ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _raise_interrupt() -> None:
    raise KeyboardInterrupt


def _keep(name: str) -> None:
    """Write a row of its own."""
    sql("INSERT INTO company (name, value) VALUES (?, 'kept')", name)


def _kept() -> set[str]:
    return {name for (name,) in sql("SELECT name FROM company")}


def _in_one(*steps: Callable[[], object]) -> None:
    """Take the steps in one transaction."""
    with transaction(current(), writes=True):
        for step in steps:
            step()


def _list_customers(happens: Callable[[], object]) -> None:
    """Read customers, and let something happen after each."""
    with transaction(current(), writes=False):
        for _ in current().stream(Customer.listed(), "scan"):
            happens()
        sql("SELECT 1")


def _when_signing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> list[str]:
    """Let something happen whenever a contract has just been signed; the list grows with each time."""
    sign, times = Contract.sign, []

    def signing(self: Contract, when: int) -> None:
        times.append(self.handle)
        sign(self, when)
        happens()

    monkeypatch.setattr(Contract, "sign", signing)
    return times


# Ctrl-C


def test_ctrl_c_between_statements_rolls_back(company: Company) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted):
        _in_one(lambda: _keep("first"), _ctrl_c, lambda: _keep("second"))
    assert _kept() == set()
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_after_the_last_statement_rolls_back(company: Company) -> None:
    with pytest.raises(Interrupted):
        _in_one(lambda: _keep("first"), _ctrl_c)
    assert _kept() == set()


def test_ctrl_c_inside_a_savepoint_rolls_back_all(company: Company) -> None:
    with pytest.raises(Interrupted):
        _in_one(lambda: _keep("outer"), lambda: _in_one(lambda: _keep("inner"), _ctrl_c))
    assert _kept() == set()


def test_an_interrupt_that_is_raised_rolls_back_too(company: Company) -> None:
    with pytest.raises(KeyboardInterrupt):
        _in_one(lambda: _keep("first"), _raise_interrupt)
    _keep("second")
    assert _kept() == {"second"}


def test_ctrl_c_stops_a_statement_that_runs(company: Company) -> None:
    answers: list[Any] = []
    later = threading.Timer(0.05, _ctrl_c)
    with pytest.raises(Interrupted):
        _in_one(lambda: _keep("first"), later.start, lambda: answers.extend(sql(LONG[current().engine])))
    assert (answers, _kept()) == ([], set())
    _keep("second")


def test_ctrl_c_stops_a_listing(company: Company) -> None:
    for _ in range(3):
        company.customer()
    with pytest.raises(Interrupted):
        _list_customers(_ctrl_c)
    assert len(company.must("customer list").rows) == 3


def test_a_listing_that_was_stopped_and_is_still_held_stops_nothing_else(company: Company) -> None:
    for _ in range(3):
        company.customer()
    held: list[Any] = []

    def list_some() -> None:
        with transaction(current(), writes=False):
            held.append(current().stream(Customer.listed(), "scan"))
            next(held[-1])
            _ctrl_c()

    for stopped in (list_some, lambda: _in_one(list_some)):
        with pytest.raises(Interrupted):
            stopped()
        company.customer()
        company.must("customer list")


def test_a_command_that_is_interrupted_has_changed_nothing(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = company.contract()
    before, entries = tables(), journal()
    with monkeypatch.context() as patch:
        _when_signing(patch, _ctrl_c)
        stopped = company.run(f"contract sign {contract}")
    assert isinstance(stopped.failure, Interrupted)
    assert (stopped.code, stopped.message) == (130, "interrupted")
    assert (tables(), journal()) == (before, entries)
    company.must(f"contract sign {contract}")
    assert problems() == []


def test_ctrl_c_that_comes_with_the_commit_comes_after_it(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = type(current()).commit

    def committing(self: Any) -> Any:
        done = commit(self)
        _ctrl_c()
        return done

    with monkeypatch.context() as patch:
        patch.setattr(type(current()), "commit", committing)
        with pytest.raises(KeyboardInterrupt):
            _in_one(lambda: current().execute_sql("INSERT INTO company (name, value) VALUES ('first', 'kept')"))
    assert _kept() == {"first"}


# Savepoints


def test_an_inner_transaction_rolls_back_alone(company: Company) -> None:
    with transaction(current(), writes=True):
        _keep("before")
        with pytest.raises(Conflict):
            _in_one(lambda: _keep("inner"), lambda: _keep("before"))
        _keep("after")
    assert _kept() == {"before", "after"}


def test_lines_of_a_larger_transaction_fall_with_it(company: Company) -> None:
    company.session("carla")
    before, entries = tables(), journal()
    with pytest.raises(KeyboardInterrupt):
        _in_one(
            lambda: company.must("customer add Anne --as anne", by="carla"),
            lambda: company.run("customer add ''", by="carla"),
            lambda: company.must("customer update @anne --company Été", by="carla"),
            _raise_interrupt,
        )
    assert (tables(), journal()) == (before, entries)


# Others


@on_server
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_transaction_that_lost_against_another_is_run_again(
    company: Company, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    contract = company.contract()
    losses = iter([state, state])

    def lose() -> None:
        if lost := next(losses, None):
            current().execute_sql(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{lost}'; END $$")

    times = _when_signing(monkeypatch, lose)
    assert company.must(f"contract sign {contract}").message.endswith("is signed")
    assert len(times) == 3
    assert [entry.command for entry in journal()].count("contract sign") == 1
    assert problems() == []


@on_server
def test_one_that_always_loses_is_told_of(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = company.contract()
    before = tables()
    lost = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$"
    times = _when_signing(monkeypatch, lambda: current().execute_sql(lost))
    failed = company.run(f"contract sign {contract}")
    assert (failed.code, len(times), tables()) == (7, MAX_ATTEMPTS, before)
    assert "others hold locks" in failed.message
    times.clear()
    _in_one(lambda: company.run(f"contract sign {contract}"))
    assert len(times) == 1  # a part of a larger transaction cannot be run again


def _end_connection() -> None:
    """End the program's connection from another one, as an administrator of the server would."""
    import psycopg

    pid = current()._state.conn.info.backend_pid
    with psycopg.connect(str(current().database)) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


@on_server
def test_a_connection_lost_between_commands_is_opened_again(company: Company) -> None:
    company.session("carla")
    for line in ("customer list", "customer add Anne", "auth whoami"):
        _end_connection()
        answers = [company.run(line, by="carla").code for _ in range(2)]
        assert answers in ([0, 0], [7, 0]), line


@on_server
def test_a_connection_lost_in_a_command_loses_that_command_alone(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = company.contract()
    before, entries = tables(), journal()
    with monkeypatch.context() as patch:
        _when_signing(patch, _end_connection)
        lost = company.run(f"contract sign {contract}")
    assert (lost.code, "was lost" in lost.message or "does not answer" in lost.message) == (7, True)
    assert (tables(), journal()) == (before, entries)
    company.must(f"contract sign {contract}")
    assert problems() == []


@on_server
def test_a_connection_lost_in_a_listing_loses_that_listing_alone(company: Company) -> None:
    company.customer()
    with pytest.raises(StoreError):
        _list_customers(_end_connection)
    assert len(company.must("customer list").rows) == 1


def test_a_password_that_was_changed_in_a_transaction_is_taken_back_with_it(company: Company) -> None:
    change = f"auth set-password --current-password '{PASSWORD}' --new-password 'an umbrella in the hall'"
    for line in ("begin", change, "rollback", "auth whoami"):
        company.must(line, by="carla")
    assert company.visitor().log_in("carla", PASSWORD)
