"""Opens the database and logs in when the first command needs it, and not before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crmshell.company import create_first_administrator, open_company
from crmshell.errors import NotLoggedIn, Refused, StoreError, UsageError
from crmshell.language.declaration import Command, Mode
from crmshell.session import Session
from crmshell.text import safe

_CREATE = "crm-shell --create-admin NAME sets it up, with the password in CRM_PASSWORD or --password-file"


@dataclass
class Entrance:
    """The way into the company for one run of the program."""

    session: Session
    is_demo: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    is_open: bool = False
    has_tried: bool = False

    def open(self, *, may_create: bool = False) -> bool:
        """Open the database once; whether anybody is on the staff. Raises StoreError."""
        if self.is_demo:
            self._open_demo()
            return True
        has_staff = open_company(self.session, may_create=may_create)
        self.is_open = True
        return has_staff

    def prepare(self, command: Command | None) -> None:
        """Do what a command needs before it may run; raises StoreError or NotLoggedIn."""
        if command is None or command.mode is Mode.NONE:
            return
        if not self.is_open and not self.open():
            message = "the company has no staff yet"
            raise StoreError(message, hint=_CREATE)
        if command.by is not None and self.session.token is None and not self.has_tried:
            self.log_in()

    def log_in(self) -> None:
        """Log in with the user and password this run was started with."""
        user, password = self.session.settings.user, self.find_password()
        if not user or password is None:
            message = "nobody is logged in"
            hint = "give --user and --password-file, or set CRM_USER and CRM_PASSWORD, or begin with auth login"
            raise NotLoggedIn(message, hint=hint)
        self.has_tried = True
        self.session.log_in(user, password)

    def find_password(self) -> str | None:
        """The password from the file or the environment, None where there is none."""
        if self.session.settings.password_file:
            return _first_line(Path(self.session.settings.password_file))
        if "CRM_PASSWORD" in self.environ:
            return self.environ["CRM_PASSWORD"]
        if self.is_demo:
            from crmshell.demo import PASSWORD

            return PASSWORD
        return None

    def create_administrator(self, username: str, fullname: str | None) -> str:
        """Set up an empty database; returns the username. Raises Refused where there is a staff already."""
        password = self.find_password()
        if password is None:
            message = "--create-admin needs a password"
            raise UsageError(message, hint="put it into CRM_PASSWORD, or into a file named by --password-file")
        self.open(may_create=True)
        return str(create_first_administrator(self.session, username, fullname or username, password).username)

    def _open_demo(self) -> None:
        from crmshell import demo

        has_staff = open_company(self.session, may_create=True)
        self.is_open = True
        if not has_staff:
            demo.found(self.session)
        elif not demo.is_demo():
            message = f"{safe(self.session.settings.database)} holds a real company"
            raise Refused(message, hint="name another database for the sample company: --database demo.db")


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return lines.readline().rstrip("\r\n")
    except (OSError, ValueError) as error:
        wrong = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "no file can have this name"
        reason = getattr(error, "strerror", None) or wrong
        raise UsageError(
            f"the password file {safe(str(path))} cannot be read: {reason}", hint="check --password-file"
        ) from error
