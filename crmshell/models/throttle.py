"""Failed logins slow down the next ones, per account, and for names that do not exist just the same."""

from __future__ import annotations

import peewee

from crmshell.database import current
from crmshell.models.fields import MomentField
from crmshell.models.table import Table

FREE_FAILURES = 4
LONGEST_WAIT = 15 * 60  # seconds
FORGOTTEN_AFTER = 24 * 3600  # seconds


class LoginThrottle(Table):
    """How often a name has failed, and when it last did (UTC seconds)."""

    username_key = peewee.CharField(primary_key=True)
    failures = peewee.IntegerField()
    last_at = MomentField()

    class Meta:
        table_name = "login_throttle"


def wait_of(failures: int) -> int:
    """Seconds to wait after so many failures: none up to the fourth, then 2, 4, 8 … up to a quarter of an hour."""
    if failures <= FREE_FAILURES:
        return 0
    return int(min(2 ** min(failures - FREE_FAILURES, 20), LONGEST_WAIT))


def wait_left(username_key: str, now: int) -> int:
    """The seconds an account has still to wait, 0 where a password may be tried."""
    return _wait_left(_find(username_key), now)


def judge(username_key: str, now: int, *, is_right: bool) -> int:
    """Let an attempt whose password was checked pass or count as a failure, in a transaction of its own.

    Returns the seconds to wait where the account has to wait meanwhile: whatever the password was, nothing may be told
    of it then, or many attempts made side by side would all be answered. Right ones made side by side all pass.
    """
    current().lock(f"login:{username_key}")
    row = _find(username_key)
    wait = _wait_left(row, now)
    if wait:
        return wait
    if is_right:
        _forgive(row)
    elif row is None:
        _drop_old(now)
        LoginThrottle.insert(username_key=username_key, failures=1, last_at=now).execute()
    else:
        _set(username_key, _recent_failures(row, now) + 1, now)
    return 0


def _find(username_key: str) -> LoginThrottle | None:
    found: LoginThrottle | None = LoginThrottle.get_or_none(LoginThrottle.username_key == username_key)
    return found


def _recent_failures(row: LoginThrottle | None, now: int) -> int:
    return row.failures if row and _elapsed(row, now) < FORGOTTEN_AFTER else 0


def _elapsed(row: LoginThrottle, now: int) -> int:
    return int(abs(now - row.last_at))  # a clock that was set back must not lock anybody out


def _wait_left(row: LoginThrottle | None, now: int) -> int:
    return max(wait_of(_recent_failures(row, now)) - _elapsed(row, now), 0) if row else 0


def _forgive(row: LoginThrottle | None) -> None:
    """Forget the failures of an account whose password was right."""
    if row is not None:
        LoginThrottle.delete().where(LoginThrottle.username_key == row.username_key).execute()


def _set(username_key: str, failures: int, now: int) -> None:
    LoginThrottle.update(failures=failures, last_at=now).where(LoginThrottle.username_key == username_key).execute()


def _drop_old(now: int) -> None:
    """Keep guesses at names from filling the table."""
    LoginThrottle.delete().where(LoginThrottle.last_at < now - FORGOTTEN_AFTER).execute()
