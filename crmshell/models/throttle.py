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


def charge(username_key: str, now: int) -> int:
    """Count an attempt before its password is checked; returns the seconds still to wait, 0 where it may go on.

    Counting first keeps attempts made side by side from all being the first.
    """
    current().lock(f"login:{username_key}")
    row = LoginThrottle.get_or_none(LoginThrottle.username_key == username_key)
    elapsed = abs(now - row.last_at) if row else 0  # a clock that was set back must not lock anybody out
    failures = row.failures if row and elapsed < FORGOTTEN_AFTER else 0
    remaining = wait_of(failures) - elapsed
    if remaining > 0:
        return int(remaining)
    if row is None:
        _drop_old(now)
        LoginThrottle.insert(username_key=username_key, failures=1, last_at=now).execute()
    else:
        _set(username_key, failures + 1, now)
    return 0


def forgive(username_key: str) -> None:
    """Forget the failures of an account whose password was right."""
    current().lock(f"login:{username_key}")
    LoginThrottle.delete().where(LoginThrottle.username_key == username_key).execute()


def _set(username_key: str, failures: int, now: int) -> None:
    LoginThrottle.update(failures=failures, last_at=now).where(LoginThrottle.username_key == username_key).execute()


def _drop_old(now: int) -> None:
    """Keep guesses at names from filling the table."""
    LoginThrottle.delete().where(LoginThrottle.last_at < now - FORGOTTEN_AFTER).execute()
