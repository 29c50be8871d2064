"""An attempt at a password: refused while its account has to wait, else checked, and counted before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from crmshell.database import apart, current, transaction
from crmshell.errors import NotLoggedIn
from crmshell.models import throttle
from crmshell.models.journal import Result, Work, record_result


@dataclass(frozen=True)
class Attempt:
    """One attempt for an account: what it is on record as, what is told who has to wait, and the time (UTC seconds)."""

    account: str
    work: Work
    failed: Result
    too_many: str
    now: Callable[[], int]

    def begin(self) -> None:
        """Raise NotLoggedIn while the account has to wait, before a password costs the time to check it."""
        with transaction(current(), writes=False):
            wait = throttle.wait_left(self.account, self.now())
        if wait:
            apart(self._record_too_many)
            raise self._told_to_wait(wait)

    def passes(self, employee_id: int | None, result: Result | None) -> None:
        """Let the right password in, on record as `result`; raises NotLoggedIn where others made the account wait."""
        done = replace(self.work, employee_id=employee_id)

        def record() -> None:
            if result is not None:
                record_result(done, result, "")

        self._end(record, is_right=True)

    def fails(self, message: str = "") -> None:
        """Count and record a wrong password; raises NotLoggedIn where nothing may be told of it."""
        self._end(lambda: record_result(self.work, self.failed, message), is_right=False)

    def _end(self, record: Callable[[], None], *, is_right: bool) -> None:
        now, wait = self.now(), 0

        def judge() -> None:
            nonlocal wait
            wait = throttle.judge(self.account, now, is_right=is_right)
            if wait:
                self._record_too_many()
            else:
                record()

        apart(judge)
        if wait:
            raise self._told_to_wait(wait)

    def _record_too_many(self) -> None:
        record_result(self.work, self.failed, self.too_many)

    def _told_to_wait(self, seconds: int) -> NotLoggedIn:
        return NotLoggedIn(self.too_many, hint=f"try again in {seconds} s")
