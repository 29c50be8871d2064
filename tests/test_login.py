"""Passwords, and what failed logins cost whoever makes them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell import passwords
from crmshell.errors import Failure, NotLoggedIn, Refused
from crmshell.models import throttle
from crmshell.passwords import check_strength, hash_password, is_right
from tests.company import PASSWORD, START, Company, cheap_hash
from tests.records import journal, last_entry, sql

WRONG = "not the password"
FEW = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.fixture(autouse=True)
def _cheap_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a name that does not exist cost no more here than one that does."""
    monkeypatch.setattr(passwords, "_nobody", cheap_hash)


def _failure(company: Company, username: str, password: str = WRONG) -> Failure:
    with pytest.raises(NotLoggedIn) as caught:
        company.visitor().log_in(username, password)
    return caught.value


def _answers(company: Company, username: str, times: int) -> Iterator[tuple[str, str]]:
    for _ in range(times):
        failure = _failure(company, username)
        yield failure.message, failure.hint


# Failed logins


def test_an_unknown_name_and_a_wrong_password_get_the_same_answers(company: Company) -> None:
    assert list(_answers(company, "alice", 7)) == list(_answers(company, "nobody.at.all", 7))


def test_an_unknown_name_is_checked_against_a_hash_too(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bcrypt

    checked: list[bytes] = []
    check = bcrypt.checkpw

    def counted(given: bytes, kept: bytes) -> bool:
        checked.append(kept)
        return check(given, kept)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    for username in ("alice", "nobody.at.all", "", "a b", "x" * 300, "a\x00b", "\udcff"):
        _failure(sqlite_company, username)
    assert len(checked) == 7


def test_the_fifth_failure_makes_one_wait_and_each_further_one_twice_as_long(company: Company) -> None:
    wrong, waiting = "wrong username or password", "too many failed logins"
    assert [message for message, _ in _answers(company, "alice", 5)] == [wrong] * 5
    for wait in (2, 4, 8, 16):
        assert list(_answers(company, "ALICE", 2)) == [(waiting, f"try again in {wait} s")] * 2
        company.hands.move(wait - 1)
        assert _failure(company, "alice", PASSWORD).hint == "try again in 1 s"
        company.hands.move(1)
        assert _failure(company, "alice").message == wrong
    company.hands.move(32)
    company.visitor().log_in("alice", PASSWORD)
    assert [message for message, _ in _answers(company, "alice", 5)] == [wrong] * 5


def test_the_delay_is_kept_for_each_account_in_the_database(company: Company) -> None:
    list(_answers(company, "alice", 5))
    company.session("carla")
    assert sql("SELECT username_key, failures, last_at FROM login_throttle") == [("alice", 5, START)]
    sql("UPDATE login_throttle SET failures = 20")
    assert _failure(company, "alice", PASSWORD).hint == "try again in 900 s"
    company.hands.move(throttle.FORGOTTEN_AFTER)
    assert _failure(company, "alice").message == "wrong username or password"
    assert sql("SELECT failures FROM login_throttle") == [(1,)]


def test_a_clock_set_back_locks_nobody_out(company: Company) -> None:
    list(_answers(company, "alice", 5))
    company.hands.move(-3600)
    company.visitor().log_in("alice", PASSWORD)


def _at_once(company: Company, monkeypatch: pytest.MonkeyPatch, passwords_typed: list[str]) -> Counter[str]:
    """Log alice in with each of these, all of them under way before the first one is checked; the answers, counted."""
    answers: Counter[str] = Counter()
    waiting = list(passwords_typed)

    def log_in_next() -> None:
        if waiting:
            try:
                company.visitor().log_in("alice", waiting.pop())
            except NotLoggedIn as failure:
                answers[failure.message] += 1
            else:
                answers["logged in"] += 1

    def check(password: str, kept: str | None) -> bool:
        log_in_next()
        return is_right(password, kept)

    monkeypatch.setattr(passwords, "is_right", check)
    log_in_next()
    return answers


def test_right_passwords_typed_at_the_same_moment_all_pass(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _at_once(company, monkeypatch, [PASSWORD] * 12) == {"logged in": 12}


def test_attempts_at_the_same_moment_tell_no_more_than_one_after_another(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = _at_once(company, monkeypatch, [*[WRONG] * 11, PASSWORD])  # the right one is judged last
    assert answers == {"wrong username or password": 5, "too many failed logins": 7}


def test_a_wrong_current_password_counts_like_a_failed_login(company: Company) -> None:
    line = f"auth set-password --current-password '{WRONG}' --new-password 'une lampe bleue'"
    messages = [company.run(line, by="carla").message for _ in range(6)]
    assert messages == ["the current password is wrong"] * 5 + ["too many wrong passwords"]
    assert _failure(company, "carla", PASSWORD).message == "too many failed logins"


def test_every_attempt_is_on_record(company: Company) -> None:
    entries = len(journal())
    list(_answers(company, "Nobody", 1))
    list(_answers(company, "alice", 6))
    company.visitor().log_in("colin", PASSWORD)
    told = [(entry.username, entry.line, entry.result, entry.message) for entry in journal()[entries:]]
    failed = ("alice", "auth login alice", "login failed", "")
    assert told == [
        ("Nobody", "auth login Nobody", "login failed", ""),
        *[failed] * 5,
        (*failed[:3], "too many failed logins"),
        ("colin", "auth login colin", "login", ""),
    ]
    assert WRONG not in repr(journal())
    assert PASSWORD not in repr(journal())


def test_whoever_is_deactivated_is_told_so_with_the_right_password_alone(company: Company) -> None:
    company.must("employee deactivate nils")
    assert _failure(company, "nils").message == "wrong username or password"
    assert _failure(company, "nils", PASSWORD).message == "nils is deactivated"
    assert last_entry().result == "login failed"


# Passwords


@pytest.mark.parametrize(
    "password",
    [
        "",
        "x" * 11,
        "eleven char",
        "é" * 11,
        "e\u0301" * 11,  # 22 characters, 11 of them after NFC
        "ab" * 64 + "c",
        "aaaaaaaaaaaa",
        "Éloïse d'Été",
        "eloise d ete",
        "eloise.dete-crm",
        "password1234",
        "motdepasse2026",
        "azertyuiopqsdf",
        "012345678901",
        "passw0rdpassw0rd",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(Refused):
        check_strength(password, "eloise.dete-crm", "Éloïse d'Été")


@pytest.mark.parametrize(
    "password",
    [
        "a quiet lamp",
        "éàüñöçêîôûïë",
        "un deux trois " * 9 + "12",
        "  spaces stay  ",
        "株式会社東京都千代田区丸",
        "tr0ub4dor&3 horse",
    ],
)
def test_other_passwords_are_accepted(password: str) -> None:
    check_strength(password, "eloise", "Éloïse d'Été")


def test_bcrypt_reads_more_than_72_bytes() -> None:
    kept = hash_password("é" * 60 + "A", rounds=4)
    assert is_right("é" * 60 + "A", kept)
    assert not is_right("é" * 60 + "B", kept)
    assert not is_right("é" * 60, kept)


@FEW
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128))
def test_a_password_is_right_in_every_unicode_form_and_in_no_other(password: str) -> None:
    kept = hash_password(password, rounds=4)
    assert is_right(unicodedata.normalize("NFD", password), kept)
    assert not is_right(password + " ", kept)
    assert not is_right(" " + password, kept)
    assert not is_right(password + "\x00", kept)


@pytest.mark.parametrize("kept", ["", "x", "$2b$04$short", PASSWORD])
def test_a_hash_that_is_none_lets_nobody_in(kept: str) -> None:
    assert not is_right(PASSWORD, kept or "x")
    assert not is_right(kept, kept or "x")


def test_nobody_s_password_is_never_right() -> None:
    assert not is_right(PASSWORD, None)


def test_hashes_differ_and_cost_what_they_should() -> None:
    one, other = (hash_password(PASSWORD, rounds=4) for _ in range(2))
    assert one != other
    assert passwords.ROUNDS == 12
    assert len({passwords.new_password() for _ in range(50)}) == 50
    for _ in range(50):
        check_strength(passwords.new_password(), "alice", "Alice Martin")
