"""Lost updates: in the shell nobody writes over what somebody else has changed since it was shown, unless by force."""

from __future__ import annotations

import pytest

from crmshell.models import sight
from crmshell.models.sight import Sight
from crmshell.session import Session
from tests.company import Company, Result
from tests.keyboard import Keyboard
from tests.records import last_entry, sql

pytestmark = pytest.mark.slow_on_postgres

CONFLICT = 6


@pytest.fixture
def shell(company: Company) -> Session:
    """A session of carla's that remembers what it was shown, as the shell's does, and a customer of hers, number 1."""
    company.must("customer add 'Éloïse d’Été' --phone '06 12 34 56 78' --company Été", by="carla")
    session = company.visitor()
    session.log_in("carla", "a quiet green lamp")
    session.sight = Sight(session.settings.zone_info)
    return session


def _meanwhile(company: Company, line: str) -> None:
    """Colin owns the customer for as long as it takes to change it: somebody else than carla has to."""
    company.must("customer set-commercial 1 colin")
    company.must(line, by="colin")
    company.must("customer set-commercial 1 carla")


def _conflict(result: Result) -> tuple[str, str]:
    assert result.failure is not None
    assert result.code == CONFLICT
    return result.message, result.failure.hint


@pytest.mark.parametrize("look", ["customer detail 1", "customer list", "customer list --columns id,company"])
def test_what_somebody_changed_since_is_not_written_over(company: Company, shell: Session, look: str) -> None:
    company.run_in(shell, look)
    _meanwhile(company, "customer update 1 --company 'Été SARL'")
    message, hint = _conflict(company.run_in(shell, "customer update 1 --company 'Été SA'"))
    assert message == "customer 1: company was Été when you saw it, and is Été SARL since colin changed it"
    assert hint.startswith("`customer detail 1` shows it as it is")
    assert last_entry().result == "refused"
    assert company.must("customer detail 1").card["company"] == "Été SARL"


def test_other_fields_merge(company: Company, shell: Session) -> None:
    company.run_in(shell, "customer detail 1")
    _meanwhile(company, "customer update 1 --company 'Été SARL'")
    changed = company.run_in(shell, "customer update 1 --phone '06 99 99 99 99'")
    assert (changed.card["phone"], changed.card["company"]) == ("+33699999999", "Été SARL")


def test_force_writes_all_the_same_and_is_on_record(company: Company, shell: Session) -> None:
    company.run_in(shell, "customer detail 1")
    _meanwhile(company, "customer update 1 --company 'Été SARL'")
    forced = company.run_in(shell, "customer update 1 --company 'Été SA' --force")
    assert forced.card["company"] == "Été SA"
    told = "overridden: company was Été when you saw it, and is Été SARL since colin changed it"
    assert forced.notes == told
    assert sql("SELECT line, reason FROM journal_entry ORDER BY id DESC LIMIT 1") == [
        ("customer update 1 --company 'Été SA' --force", told)
    ]


def test_looking_again_is_enough(company: Company, shell: Session) -> None:
    company.run_in(shell, "customer detail 1")
    _meanwhile(company, "customer update 1 --company 'Été SARL'")
    _conflict(company.run_in(shell, "customer update 1 --company 'Été SA'"))
    company.run_in(shell, "customer detail 1")
    assert company.run_in(shell, "customer update 1 --company 'Été SA'").code == 0


def test_what_one_changed_oneself_is_no_conflict(company: Company, shell: Session) -> None:
    company.run_in(shell, "customer detail 1")
    for firm in ("Été SARL", "Été SA"):
        assert company.run_in(shell, f"customer update 1 --company '{firm}'").code == 0
    company.must("customer update 1 --company Été", by="carla")
    assert company.run_in(shell, "customer update 1 --company 'Été & fils'").code == 0


def test_what_was_rolled_back_was_not_seen(company: Company, shell: Session) -> None:
    company.run_in(shell, "customer detail 1")
    for line in ("begin", "customer update 1 --company 'Été SA'", "rollback"):
        assert company.run_in(shell, line).code == 0
    assert company.run_in(shell, "customer update 1 --company 'Été SARL'").code == 0


def test_what_adds_to_something_loses_nothing(company: Company, shell: Session) -> None:
    contract, event = company.signed(1), company.event(company.signed(1), "--note Apéro")
    company.must(f"event set-support {event} sam")
    company.run_in(shell, "contract list")
    company.must(f"contract add-payment {contract} 100")
    assert company.run_in(shell, f"contract add-payment {contract} 100").code == 0
    sam = company.session("sam")
    sam.sight = Sight(sam.settings.zone_info)
    company.must(f"event detail {event}", by="sam")
    company.must(f"event set-support {event} sue")
    company.must(f"event update {event} --append-note 'Plan reçu'", by="sue")
    company.must(f"event set-support {event} sam")
    company.must(f"event update {event} --append-note 'Traiteur 17h'", by="sam")
    company.must(f"event detail {event}", by="sam")
    company.must(f"event set-support {event} sue")
    company.must(f"event update {event} --append-note 'Sono louée'", by="sue")
    company.must(f"event set-support {event} sam")
    assert "Sono louée" in _conflict(company.run(f"event update {event} --note Rien", by="sam"))[0]


def test_a_support_that_somebody_else_named_is_not_replaced(company: Company) -> None:
    event = company.event()
    alice = company.session("alice")
    alice.sight = Sight(alice.settings.zone_info)
    company.must("event list")
    company.must(f"event set-support {event} sue", by="adam")
    message, _ = _conflict(company.run(f"event set-support {event} sam"))
    assert message == f"event {event}: support was empty when you saw it, and is sue since adam changed it"
    company.must(f"event set-support {event} sam --force")


def test_a_batch_holds_nothing_against_anybody(company: Company) -> None:
    customer = company.customer()
    company.must(f"customer detail {customer}", by="carla")
    company.must(f"customer set-commercial {customer} colin")
    company.must(f"customer update {customer} --company Été", by="colin")
    company.must(f"customer set-commercial {customer} carla")
    company.must(f"customer update {customer} --company 'Été SARL'", by="carla")


def test_what_is_remembered_is_bounded(company: Company, shell: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "MOST", 2)
    for _ in range(4):
        company.customer()
    company.run_in(shell, "customer list")
    assert shell.sight is not None
    assert len(shell.sight.copy()) == 2


def test_the_shell_protects_what_it_showed(sqlite_company: Company) -> None:
    company = sqlite_company
    company.must("customer add 'Éloïse d’Été' --company Été", by="carla")
    with Keyboard.of(company) as keys:
        keys.enter("customer detail 1").expect("Éloïse")
        _meanwhile(company, "customer update 1 --company 'Été SARL'")
        keys.enter("customer update 1 --company 'Été SA'").expect("since colin changed it")
        keys.enter("customer update 1 --company 'Été SA' --force").expect("overridden: company was Été")
