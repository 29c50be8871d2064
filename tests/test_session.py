"""Sessions: the token, its deadlines, and what ends it on the very next command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from crmshell.models.employee import Employee
from crmshell.session import Session
from tests.company import PASSWORD, START, Company, Result
from tests.records import journal, last_entry, problems, sql

NEW = "une lampe bleue"
MINUTE, HOUR = 60, 3600
CLAIMS = {"iss", "sub", "iat", "exp", "jti", "ver"}


def _claims(session: Session) -> dict[str, Any]:
    assert session.token is not None
    claims: dict[str, Any] = jwt.decode(session.token.encoded, options={"verify_signature": False})
    return claims


def _signed(claims: dict[str, Any], key: bytes, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


# The token


def test_the_token_says_who_until_when_and_with_which_password(sqlite_company: Company) -> None:
    alice, again = (sqlite_company.visitor() for _ in range(2))
    for session in (alice, again):
        session.log_in("ALICE", PASSWORD)
    assert alice.token is not None
    assert jwt.get_unverified_header(alice.token.encoded)["alg"] == "HS256"
    claims = _claims(alice)
    assert claims.keys() == CLAIMS
    expected = {"iss": "crm-shell", "sub": str(sqlite_company.ids["alice"]), "iat": START, "exp": START + 30 * MINUTE}
    assert {name: claims[name] for name in expected} == expected
    assert claims["ver"] == 1
    assert claims["jti"] != _claims(again)["jti"]
    assert len(alice._key) >= 32
    assert alice._key != again._key
    assert alice.token.encoded not in repr(alice)
    assert repr(alice._key) not in repr(alice)


def test_a_token_of_its_own_is_accepted(sqlite_company: Company) -> None:
    session = sqlite_company.session("carla")
    token = session._verified(_signed(_claims(session), session._key))
    assert (token.employee_id, token.credential_version) == (sqlite_company.ids["carla"], 1)


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_token_without_a_claim_is_refused(sqlite_company: Company, claim: str) -> None:
    session = sqlite_company.session("carla")
    claims = _claims(session)
    del claims[claim]
    with pytest.raises(jwt.MissingRequiredClaimError):
        session._verified(_signed(claims, session._key))


FORGERIES: dict[str, Callable[[Session, dict[str, Any]], str]] = {
    "another key": lambda _session, claims: _signed(claims, b"x" * 32),
    "unsigned": lambda _session, claims: jwt.encode(claims, "", algorithm="none"),
    "another algorithm": lambda session, claims: _signed(claims, session._key + session._key, "HS512"),
    "another issuer": lambda session, claims: _signed(claims | {"iss": "somebody"}, session._key),
    "a number for the employee": lambda session, claims: _signed(claims | {"sub": 1}, session._key),
    "expired": lambda session, claims: _signed(claims | {"exp": START}, session._key),
    "no signature": lambda session, claims: _signed(claims, session._key).rpartition(".")[0] + ".",
    "another body": lambda session, claims: _mixed(_signed(claims | {"sub": "1"}, session._key), session),
    "not a token": lambda _session, _claims: "x.y.z",
}


def _mixed(other: str, session: Session) -> str:
    """The body of one token with the signature of another."""
    assert session.token is not None
    return f"{other.rpartition('.')[0]}.{session.token.encoded.rpartition('.')[2]}"


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(sqlite_company: Company, forgery: str) -> None:
    session = sqlite_company.session("carla")
    with pytest.raises(jwt.InvalidTokenError):
        session._verified(FORGERIES[forgery](session, _claims(session)))


# Deadlines


def _ended(result: Result, reason: str, username: str = "carla") -> bool:
    assert result.failure is not None
    assert (result.code, result.message, result.failure.hint) == (3, reason, f"auth login {username}")
    return True


EXPIRED = "the session has expired"


def test_a_session_ends_half_an_hour_after_the_last_command_that_succeeded(company: Company) -> None:
    company.must("customer list", by="carla")
    company.hands.move(29 * MINUTE)
    company.must("customer list", by="carla")
    company.hands.move(30 * MINUTE - 1)
    company.must("customer list", by="carla")
    company.hands.move(30 * MINUTE)
    session = company.session("carla")
    assert not session.is_alive
    assert _ended(company.run("customer list", by="carla"), EXPIRED)
    assert company.run("customer list", by="carla").message == "nobody is logged in"
    session.log_in("carla", PASSWORD)
    company.must("customer list", by="carla")


@pytest.mark.parametrize("line", ["customer add ''", "employee add X xxx", "contract detail 9999", "customer", "help"])
def test_a_command_that_fails_or_needs_no_session_does_not_prolong_it(sqlite_company: Company, line: str) -> None:
    sqlite_company.must("customer list", by="carla")
    sqlite_company.hands.move(20 * MINUTE)
    sqlite_company.run(line, by="carla")
    sqlite_company.hands.move(10 * MINUTE)
    assert _ended(sqlite_company.run("customer list", by="carla"), EXPIRED)


def test_a_session_ends_after_twelve_hours_of_work(sqlite_company: Company) -> None:
    sqlite_company.must("customer list", by="carla")
    tokens = set()
    for _ in range(24):
        sqlite_company.hands.move(29 * MINUTE)
        sqlite_company.must("customer add Anne", by="carla")
        tokens.add(_claims(sqlite_company.session("carla"))["jti"])
    assert len(tokens) > 1  # renewed on the way
    sqlite_company.hands.move(12 * HOUR - 24 * 29 * MINUTE - 1)
    sqlite_company.must("customer list", by="carla")
    assert sqlite_company.session("carla").seconds_left() == 1
    sqlite_company.hands.move(1)
    assert _ended(sqlite_company.run("customer list", by="carla"), EXPIRED)


@pytest.mark.parametrize("clock", ["now", "monotonic"])
def test_either_clock_ends_a_session(sqlite_company: Company, clock: str) -> None:
    sqlite_company.must("customer list", by="carla")
    setattr(sqlite_company.clock, clock, lambda: START + 30 * MINUTE)
    assert _ended(sqlite_company.run("customer list", by="carla"), EXPIRED)


def test_a_clock_set_back_prolongs_nothing(sqlite_company: Company) -> None:
    sqlite_company.must("customer list", by="carla")
    sqlite_company.clock.now = lambda: START - 10 * HOUR
    sqlite_company.must("customer list", by="carla")
    sqlite_company.hands.move(30 * MINUTE)
    assert _ended(sqlite_company.run("customer list", by="carla"), EXPIRED)


# What an administrator does


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("employee deactivate carla", "your account was deactivated"),
        ("employee delete carla", "your account was deleted"),
        (f"employee set-password carla --password '{NEW}'", "your password was changed"),
    ],
)
def test_a_session_is_ended_on_the_very_next_command(company: Company, line: str, reason: str) -> None:
    company.must("customer list", by="carla")
    company.must(line)
    assert _ended(company.run("customer add Anne", by="carla"), reason)
    assert company.session("carla").token is None
    assert sql("SELECT id FROM customer") == []


def test_a_role_takes_effect_on_the_next_command(company: Company) -> None:
    assert company.run("customer add Anne", by="nils").code == 4
    company.must("employee set-role nils commercial")
    company.must("customer add Anne", by="nils")
    company.must("employee set-role carla support")
    assert company.run("customer add Anne", by="carla").code == 4


def test_a_session_goes_on_under_a_new_name(company: Company) -> None:
    company.must("customer list", by="carla")
    company.must("employee update carla --username carla.ete")
    assert company.must("auth whoami", by="carla").card["username"] == "carla.ete"
    company.must("customer add Anne", by="carla")
    assert last_entry().username == "carla.ete"
    company.hands.move(30 * MINUTE)
    assert _ended(company.run("customer list", by="carla"), EXPIRED, "carla.ete")


def test_names_of_records_end_with_the_session(company: Company) -> None:
    company.must("customer add Anne --as anne", by="carla")
    session = company.session("carla")
    company.must("auth logout", by="carla")
    assert last_entry().result == "logout"
    assert company.run("customer list", by="carla").code == 3
    session.log_in("colin", PASSWORD)
    assert company.run_in(session, "customer detail @anne").code == 2
    assert company.run_in(session, "auth whoami").card["username"] == "colin"


def test_a_login_replaces_the_session_and_a_failed_one_does_not(company: Company) -> None:
    session = company.session("carla")
    assert company.run_in(session, "auth login colin --password 'not the one'").code == 3
    assert company.run_in(session, "auth whoami").card["username"] == "carla"
    said = company.run_in(session, f"auth login colin --password '{PASSWORD}'")
    assert said.message == "logged in as colin, commercial"
    assert company.run_in(session, "auth whoami").card["username"] == "colin"


# The first login


def test_a_given_password_must_be_changed_first(company: Company) -> None:
    given = company.must("employee add 'Zoé Lefèvre' zoe --role commercial").secrets["password"]
    zoe = company.visitor()
    said = company.run_in(zoe, f"auth login zoe --password '{given}'")
    assert said.message == "logged in as zoe, commercial"
    for line in ("customer list", "customer add Anne", "employee detail zoe", "begin"):
        waiting = company.run_in(zoe, line)
        assert waiting.failure is not None
        assert (waiting.code, waiting.failure.hint) == (3, "auth set-password")
    assert company.run_in(zoe, "auth whoami").card["username"] == "zoe"
    assert company.run_in(zoe, "help").code == 0
    changed = company.run_in(zoe, f"auth set-password --current-password {given} --new-password '{NEW}'")
    assert changed.message == "your password is changed"
    assert company.run_in(zoe, "customer add Anne").code == 0
    assert given not in repr(journal())
    assert NEW not in repr(journal())
    assert problems() == []


def test_one_s_own_password_ends_the_other_sessions(company: Company) -> None:
    other = company.visitor()
    other.log_in("carla", PASSWORD)
    change = f"auth set-password --current-password '{PASSWORD}' --new-password '{NEW}'"
    company.must(change, by="carla")
    entry = last_entry()
    assert (entry.command, entry.line) == ("auth set-password", "auth set-password")
    assert entry.changes == {"employee": {"credential_version": (1, 2)}}
    company.must("customer list", by="carla")
    assert _ended(company.run_in(other, "customer list"), "your password was changed")
    assert company.run_in(company.visitor(), f"auth login carla --password '{PASSWORD}'").code == 3
    assert company.run_in(company.visitor(), f"auth login carla --password '{NEW}'").code == 0


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [("not the password", NEW, 3), (PASSWORD, "court", 1), (PASSWORD, "Carla d'Été!", 1), (PASSWORD, "", 1)],
)
def test_a_change_of_password_that_is_refused_changes_nothing(
    sqlite_company: Company, current: str, new: str, code: int
) -> None:
    line = f'auth set-password --current-password "{current}" --new-password "{new}"'
    refused = sqlite_company.run(line, by="carla")
    assert refused.code == code
    assert (last_entry().result, last_entry().message) == ("refused", refused.message)
    sqlite_company.visitor().log_in("carla", PASSWORD)
    carla = Employee.find_named("carla")
    assert carla is not None
    assert carla.credential_version == 1
