"""Everything before the first prompt: the first administrator, the sample company, and who logs in."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import groupby

from crmshell.company import create_first_administrator
from crmshell.entrance import Entrance
from crmshell.errors import NotLoggedIn, Refused
from crmshell.output import Printer
from crmshell.passwords import SHORTEST, check_strength
from crmshell.people import parse_username
from crmshell.session import Session
from crmshell.shell.asking import Asker
from crmshell.typeahead import Asked
from crmshell.values import parse_text


class Arrival:
    """The way from a database to somebody who is logged in."""

    def __init__(
        self,
        session: Session,
        entrance: Entrance,
        printer: Printer,
        asker: Asker,
        take_over: Callable[[Asked], None],
    ) -> None:
        self._session = session
        self._entrance = entrance
        self._printer = printer
        self._asker = asker
        self._take_over = take_over

    def come_in(self) -> None:
        """Open the database and log in; raises StoreError, or NotLoggedIn for a password that was not typed."""
        has_staff = self._entrance.open(may_create=True)
        has_login = bool(has_staff and self._user and self._given_password() is not None)
        if has_login:
            self._entrance.log_in()
        self._take_over(self._first_question(has_staff=has_staff))
        if not has_staff:
            self._found_company()
        elif self._entrance.is_demo:
            self._introduce_demo()
        while not self._session.is_alive:
            try:
                self._ask_login()
            except NotLoggedIn as failure:
                self._printer.fail(failure)
        self._printer.say(f"Welcome, {self._session.user.fullname}. Tab completes, help explains, Ctrl-D leaves.")

    def _found_company(self) -> None:
        """Ask for the first administrator; somebody else may be faster."""
        self._printer.say("This database is empty: let us set up the first administrator.")
        username = self._asker.valid("username", parse_username)
        fullname = self._asker.valid("full name", lambda text: parse_text(text, longest=255))
        question = f"password ({SHORTEST} characters or more)"
        password = self._asker.new_secret(question, lambda text: check_strength(text, username, fullname))
        try:
            create_first_administrator(self._session, username, fullname, password)
        except Refused as failure:
            self._printer.fail(failure)
        else:
            self._session.log_in(username, password)

    def _introduce_demo(self) -> None:
        from crmshell import demo

        self._printer.say(f"The sample company. Everybody's password is {demo.PASSWORD}; log in as")
        for role, logins in groupby(demo.logins(), key=lambda login: login[1]):
            self._printer.say(f"  {role}: {', '.join(username for username, _ in logins)}")

    def _first_question(self, *, has_staff: bool) -> Asked:
        """What is asked next."""
        if self._session.is_alive:
            return Asked.PASSWORD if self._session.user.must_change_password else Asked.LINE
        return Asked.PASSWORD if has_staff and self._user else Asked.USERNAME

    @property
    def _user(self) -> str:
        """Who is to log in by the settings; empty where they name nobody, be it by blanks."""
        return self._session.settings.user.strip()

    def _ask_login(self) -> None:
        username = self._user or self._asker.text("username")
        if username.strip():
            self._session.log_in(username, self._asker.secret("password"))

    def _given_password(self) -> str | None:
        """The password from a file or the environment; that of the sample company is typed, as a real one would be."""
        return None if self._entrance.is_demo and "CRM_PASSWORD" not in os.environ else self._entrance.find_password()
