"""The journal is a chain: whatever is changed in it by plain SQL, triggers dropped, is found and named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crmshell.database import current, transaction
from crmshell.errors import Conflict, StoreError
from crmshell.models import chain, digests, evidence
from tests.company import Company
from tests.records import Undone, attack, problems, seal, sql


class Sealed:
    """A company whose journal has two blocks and an entry that waits; `entries` are the numbers of the changes."""

    def __init__(self, company: Company) -> None:
        self.company = company
        customer = company.customer("Éloïse d'Été")
        contract = company.signed(customer)
        seal()
        company.must(f"contract add-payment {contract} 100")
        company.event(contract)
        company.run(f"contract add-payment {contract} 100", by="colin")
        seal()
        company.must(f"customer update {customer} --company 'Łódź & Søn'", by="carla")
        entries = sql("SELECT id, command FROM journal_entry WHERE result = 'done'")
        self.entries = {command.split()[-1]: number for number, command in entries}


@pytest.fixture
def sealed(company: Company) -> Sealed:
    company.session("alice")
    return Sealed(company)


def _chain() -> list[str]:
    with transaction(current(), writes=False):
        return list(evidence.problems(None))


COPY = "at, employee_id, username, command, line, result, message, salt, digest"
TAMPERINGS: Sequence[tuple[Sequence[str], str]] = [
    (["UPDATE journal_entry SET line = 'contract sign' WHERE id = {sign}"], "entry {sign} was altered after block 1"),
    (["UPDATE journal_entry SET username = 'mallory' WHERE id = {sign}"], "entry {sign} was altered after block 1"),
    (["UPDATE journal_entry SET at = at - 60 WHERE id = {pay}"], "entry {pay} was altered after block 2"),
    (["UPDATE journal_entry SET salt = '' WHERE id = {pay}"], "entry {pay} was altered after block 2"),
    (["UPDATE journal_entry SET reason = 'ordre de la direction' WHERE id = {pay}"], "entry {pay} was altered"),
    (["UPDATE journal_entry SET result = 'refused' WHERE id = {update}"], "entry {update} was altered"),
    (["UPDATE journal_entry SET digest = salt WHERE id = {event}"], "entry {event} was altered after block 2"),
    (
        ["UPDATE journal_change SET fields = replace(fields, '10000', '90000') WHERE entry_id = {pay}"],
        "entry {pay} was altered after block 2",
    ),
    (["UPDATE journal_change SET record_id = 7 WHERE entry_id = {pay}"], "entry {pay} was altered"),
    (["UPDATE journal_change SET fields = 'x' WHERE entry_id = {update}"], "entry {update} was altered"),
    (["DELETE FROM journal_change WHERE entry_id = {sign}"], "entry {sign} was altered after block 1"),
    (
        ["UPDATE journal_change SET entry_id = {event} WHERE entry_id = {pay}"],
        "entry {pay} was altered after block 2 was closed; it is the first of 2: 2 altered",
    ),
    (
        ["DELETE FROM journal_change WHERE entry_id = {pay}", "DELETE FROM journal_entry WHERE id = {pay}"],
        "entry {pay} is missing: it was in block 2",
    ),
    (
        ["DELETE FROM journal_change WHERE entry_id = {update}", "DELETE FROM journal_entry WHERE id = {update}"],
        "entry {update} is missing: it was waiting for its block",
    ),
    (
        ["INSERT INTO journal_entry (id, " + COPY + ") SELECT 900, " + COPY + " FROM journal_entry WHERE id = {pay}"],
        "entry 900 was inserted: no block knows it",
    ),
    (
        [
            "UPDATE journal_entry SET id = 900 WHERE id = {pay}",
            "UPDATE journal_entry SET id = {pay} WHERE id = {event}",
            "UPDATE journal_entry SET id = {event} WHERE id = 900",
            "UPDATE journal_change SET entry_id = {pay} + {event} - entry_id WHERE entry_id IN ({pay}, {event})",
        ],
        "entry {pay} holds what entry {event} was sealed with: they were exchanged; it is the first of 2: 2 exchanged",
    ),
    (["DELETE FROM journal_member WHERE entry_id = {pay}"], "block 2 holds 3 entries, and was closed over 4"),
    (["UPDATE journal_member SET digest = '{zeros}' WHERE entry_id = {pay}"], "block 2 was altered"),
    (["UPDATE journal_block SET sealed_at = sealed_at - 1 WHERE id = 1"], "block 1 was altered"),
    (["DELETE FROM journal_block WHERE id = 1"], "block 1 is missing"),
    (["UPDATE journal_block SET hash = '{zeros}' WHERE id = 1"], "block 2 does not follow block 1"),
]


def test_what_is_tampered_with_is_named(sealed: Sealed) -> None:
    names = {"zeros": digests.FIRST, "pay": sealed.entries["add-payment"]}
    names |= {"update": sealed.entries["update"], "sign": sealed.entries["sign"], "event": sealed.entries["add"]}
    for statements, expected in TAMPERINGS:
        assert _chain() == []
        with pytest.raises(Undone), transaction(current(), writes=True):  # noqa: PT012  (it is seen inside)
            attack(*(statement.format(**names) for statement in statements))
            assert expected.format(**names) in "\n".join(_chain())
            raise Undone


def test_the_database_refuses_it_in_the_first_place(sealed: Sealed) -> None:
    for table in ("journal_entry", "journal_change", "journal_block", "journal_member"):
        column = {"journal_entry": "line", "journal_change": "fields", "journal_block": "hash"}.get(table, "digest")
        statements = [f"DELETE FROM {table}", f"UPDATE {table} SET {column} = ''"]
        for statement in statements + [f"TRUNCATE {table} CASCADE"] * (current().engine == "postgresql"):
            with pytest.raises((StoreError, Conflict)):
                sql(statement)
    assert problems() == []


def _head(sealed: Sealed) -> str:
    return str(sealed.company.must("journal head").rows[0]["head"])


def test_the_head_finds_what_was_cut_off_since(sealed: Sealed) -> None:
    head, company = _head(sealed), sealed.company
    company.must("customer add '王小明'", by="carla")
    assert company.must(f"database check --head {head}").rows == []
    attack(
        "DELETE FROM journal_change WHERE entry_id IN (SELECT entry_id FROM journal_member WHERE block_id > 1)",
        "DELETE FROM journal_entry WHERE id IN (SELECT entry_id FROM journal_member WHERE block_id > 1)",
        "DELETE FROM journal_member WHERE block_id > 1",
        "DELETE FROM journal_block WHERE id > 1",
        "DELETE FROM journal_change WHERE entry_id IN (SELECT entry_id FROM journal_unsealed)",
        "DELETE FROM journal_entry WHERE id IN (SELECT entry_id FROM journal_unsealed)",
        "DELETE FROM journal_unsealed",
    )
    assert _chain() == []
    found = company.run(f"database check --head {head}")
    assert found.code == 7
    number, total, _ = head.split("-")
    sealed_now = sql("SELECT count(*) FROM journal_entry")[0][0]
    cut = f"the journal was cut off: it ends with block 1 and {sealed_now} entries, and had {total} at block {number}"
    assert {"check": "chain", "problem": cut} in found.rows


def test_the_head_finds_a_journal_written_anew(sealed: Sealed) -> None:
    head = _head(sealed)
    attack("DELETE FROM journal_member", "DELETE FROM journal_block", "UPDATE journal_entry SET username = 'mallory'")
    attack("INSERT INTO journal_unsealed SELECT id FROM journal_entry")
    for number, *rest in sql(f"SELECT id, {evidence.FACTS}, salt, line, message, reason FROM journal_entry"):
        changes = sql("SELECT noun, record_id, operation, salt, fields FROM journal_change WHERE entry_id = ?", number)
        told = [(*change[:3], digests.of_fields(change[3], change[4])) for change in changes]
        digest = digests.of_entry(rest[:6], digests.of_texts(*rest[6:]), told)
        attack(f"UPDATE journal_entry SET digest = '{digest}' WHERE id = {number}")
    seal()
    assert _chain() == []
    with transaction(current(), writes=False):
        found = list(evidence.problems(chain.parse_head(head)))
    assert len(found) == 1
    assert "cut off" in found[0] or "written anew" in found[0]


@pytest.mark.parametrize("typed", ["", "1", "1-2", "1-2-abc", f"x-2-{digests.FIRST}", f"1-2-{digests.FIRST[:-1]}é"])
def test_what_is_no_head_is_refused(sqlite_company: Company, typed: str) -> None:
    assert sqlite_company.run(f"database check --head '{typed}'").code == 1


def test_the_head_is_printed_in_one_line_and_closes_a_block(company: Company) -> None:
    company.customer()
    first = company.must("journal head").rows
    assert len(first) == 1
    assert first[0]["block"] == 1
    assert first[0]["entries"] == sql("SELECT count(*) FROM journal_entry")[0][0]
    assert company.must("journal head").rows == first
    company.customer("Søren Ångström")
    again = company.must("journal head").rows[0]
    assert (again["block"], again["entries"]) == (2, first[0]["entries"] + 1)


def test_writers_close_a_block_now_and_then(sqlite_company: Company) -> None:
    for number in range(chain.SEAL_EVERY):
        sqlite_company.must(f"customer add 'Client {number}'", by="carla")
    assert sql("SELECT count(*) FROM journal_block") == [(1,)]
    assert sql("SELECT last_entry, total FROM journal_block") == [(chain.SEAL_EVERY, chain.SEAL_EVERY)]
    assert problems() == []


def test_leaving_closes_a_block(sqlite_company: Company) -> None:
    sqlite_company.must("auth logout", by="carla")
    assert sql("SELECT count(*) FROM journal_unsealed") == [(0,)]


def test_what_is_rolled_back_leaves_no_gap_in_the_chain(company: Company) -> None:
    company.customer()
    with pytest.raises(Undone), transaction(current(), writes=True):  # noqa: PT012  (what is undone is sealed inside)
        company.customer("Jean-François Zölle")
        seal()
        raise Undone
    company.customer("Anne-Sophie d'Orgeval")
    seal()
    assert problems() == []


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # on SQLite there is one writer
def test_an_entry_that_commits_late_goes_into_a_later_block(company: Company) -> None:
    psycopg = pytest.importorskip("psycopg")
    facts, salt = (5, None, "élodie", "auth login", "login failed", None), digests.salts(1)[0]
    digest = digests.of_entry(facts, digests.of_texts(salt, "auth login élodie", "", None), [])
    columns = "at, employee_id, username, command, result, undoes_id, line, message, salt, digest"
    with psycopg.connect(company.url) as late:
        values = [*facts, "auth login élodie", "", salt, digest]
        marks = ", ".join(["%s"] * len(values))
        late.execute(f"INSERT INTO journal_entry ({columns}) VALUES ({marks})", values)
        company.customer()  # takes a later number, and neither waits
        seal()
        late.commit()
    assert sql("SELECT count(*) FROM journal_unsealed") == [(1,)]
    seal()
    blocks = sql("SELECT first_entry, last_entry FROM journal_block ORDER BY id")
    assert blocks[1][0] < blocks[0][1]
    assert problems() == []
