"""Every failure a user can meet: a message, a hint, an exit code and the words of the line at fault."""

from __future__ import annotations

from typing import Self


class Failure(Exception):
    """A sentence for the user, the next thing to type, and the exit code of section 7.

    `span` holds the first and past-the-last offset of the words at fault in the line, once it is known;
    `part` those of the words within one value. Both are added by whoever knows them, never here.
    """

    code: int = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.span: tuple[int, int] | None = None
        self.part: tuple[int, int] | None = None

    def at(self, span: tuple[int, int]) -> Self:
        """Name the words of the line at fault, unless somebody closer to them already has."""
        if self.span is None:
            self.span = span
        return self

    @property
    def kind(self) -> str:
        """The error class as json shows it."""
        return type(self).__name__


class Refused(Failure):
    """An invalid value or a business rule."""

    code = 1


class UsageError(Failure):
    """An unknown command or option, a missing parameter, an open quote."""

    code = 2


class NotLoggedIn(Failure):
    """Nobody is logged in, the password is wrong, or the session has ended."""

    code = 3


class SessionEnded(NotLoggedIn):
    """The session was alive and is no longer: only the password is asked for again."""

    @property
    def kind(self) -> str:
        """That of its parent: a script tells no difference."""
        return "NotLoggedIn"


class Forbidden(Failure):
    """This employee may not do it."""

    code = 4


class NotFound(Failure):
    """No record has this handle."""

    code = 5


class Ambiguous(Failure):
    """Several records have this handle."""

    code = 5


class Conflict(Failure):
    """A duplicate, or a record that somebody changed meanwhile."""

    code = 6


class StoreError(Failure):
    """The database is unreachable, locked, corrupt, read-only, full, or newer than the program."""

    code = 7


class Interrupted(Failure):
    """A signal stopped the command, which has changed nothing; 130 for Ctrl-C, 128 and its number for another one."""

    code = 130

    def __init__(self, message: str, *, hint: str = "", signal: int = 2) -> None:
        super().__init__(message, hint=hint)
        self.code = 128 + signal


class Bug(Failure):
    """Something the program did not foresee; the traceback is in the log file the message names."""

    code = 70
