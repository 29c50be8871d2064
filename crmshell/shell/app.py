"""The loop: prompt, read, ask for what is missing, run, show; and whatever happens, prompt again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import DynamicCompleter
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.shortcuts import CompleteStyle

from completers import BackgroundCompleter, LineCompleter
from crmshell.batch import Batch
from crmshell.commands import GRAMMAR
from crmshell.company import create_first_administrator
from crmshell.dispatch import covered, rehearse, run
from crmshell.entrance import Entrance
from crmshell.errors import Failure, NotLoggedIn, Refused, SessionEnded
from crmshell.faults import as_failure
from crmshell.language.declaration import Command, Mode
from crmshell.language.reading import Reading, read
from crmshell.outcome import Farewell, Include, Outcome
from crmshell.output import Printer, Source, Style
from crmshell.script import open_script
from crmshell.session import Session
from crmshell.shell.asking import Asker
from crmshell.shell.highlight import STYLE, ReadingLexer
from crmshell.shell.history import open_history
from crmshell.shell.holding import TransactionWatch
from crmshell.shell.keys import bindings
from crmshell.shell.pager import pager_of
from crmshell.shell.status import prompt_text, toolbar
from crmshell.text import plural


class Shell:
    """One terminal, one session, until Ctrl-D."""

    def __init__(self, session: Session, entrance: Entrance, printer: Printer, *, may_colour: bool = True) -> None:
        self._session = session
        self._entrance = entrance
        self._printer = printer
        self._may_colour = may_colour
        self._asker = Asker(session, self._complain)
        self._completer = LineCompleter(GRAMMAR, session)
        self._background = BackgroundCompleter(self._completer)
        self._watch = TransactionWatch(session, printer)
        self._draft = ""

    def run(self) -> int:
        """Greet, log in, and take lines until the user leaves; returns the exit code."""
        try:
            self._begin()
        except Failure as failure:
            self._complain(failure)
            return failure.code
        except (EOFError, KeyboardInterrupt):
            return NotLoggedIn.code
        try:
            self._loop()
        finally:
            self._session.abandon_transaction()
            self._background.close()
        return 0

    # Coming in

    def _begin(self) -> None:
        has_staff = self._entrance.open(may_create=True)
        if not has_staff:
            self._found_company()
        elif self._entrance.is_demo:
            self._introduce_demo()
        self._log_in()

    def _found_company(self) -> None:
        """Ask for the first administrator until there is one."""
        self._printer.say("This database is empty: let us set up the first administrator.")
        while True:
            username = self._asker.text("username")
            fullname = self._asker.text("full name")
            password = self._asker.new_secret("password (12 characters or more)")
            try:
                create_first_administrator(self._session, username, fullname, password)
            except Failure as failure:
                self._complain(failure)
                continue
            self._session.log_in(username, password)
            return

    def _introduce_demo(self) -> None:
        from crmshell import demo

        names = ", ".join(f"{username} ({role})" for username, role in demo.logins())
        self._printer.say(f"The sample company. Log in as {names}.")
        self._printer.say(f"The password of them all: {demo.PASSWORD}")

    def _log_in(self) -> None:
        """Log in with what the process was given, otherwise ask until it works."""
        if self._session.is_alive:
            return self._welcome()
        if self._session.settings.user and self._given_password() is not None:
            self._entrance.log_in()
            return self._welcome()
        while True:
            try:
                username = self._session.settings.user or self._asker.text("username")
                if username.strip():
                    self._session.log_in(username, self._asker.secret("password"))
                    return self._welcome()
            except NotLoggedIn as failure:
                self._complain(failure)

    def _given_password(self) -> str | None:
        """The password from a file or the environment; that of the sample company is typed, as a real one would be."""
        return None if self._entrance.is_demo and "CRM_PASSWORD" not in os.environ else self._entrance.find_password()

    def _welcome(self) -> None:
        employee = self._session.user
        self._printer.say(f"Welcome, {employee.fullname}. Tab completes, help explains, Ctrl-D leaves.")
        if employee.must_change_password:
            self._printer.say("The password you were given has to be changed first.")
            self._guarded(lambda: self._line("auth set-password"))

    # The loop

    def _loop(self) -> None:
        prompts = self._prompt_session()
        while True:
            try:
                text = prompts.prompt(
                    lambda: prompt_text(self._session), default=self._take_draft(), pre_run=self._watch.watch_prompt
                )
            except KeyboardInterrupt:
                continue
            except EOFError:
                if self._may_leave():
                    return
                continue
            self._completer.forget()
            if not self._lines(text) and self._may_leave():
                return

    def _may_leave(self) -> bool:
        """Whether to leave: an open transaction is rolled back, if the user wants that."""
        if self._session.transaction is None:
            return True
        try:
            if not self._asker.confirms("a transaction is open: leave, and roll it back?"):
                return False
        except (KeyboardInterrupt, EOFError):
            return False
        return self._session.abandon_transaction()

    def _prompt_session(self) -> PromptSession[str]:
        import platformdirs

        return PromptSession(
            history=open_history(platformdirs.user_state_path("crm-shell")),
            completer=DynamicCompleter(lambda: self._background),
            complete_while_typing=True,
            complete_style=CompleteStyle.COLUMN,
            lexer=ReadingLexer(GRAMMAR),
            style=STYLE,
            bottom_toolbar=lambda: toolbar(self._session),
            key_bindings=bindings(),
            editing_mode=EditingMode.EMACS,
            multiline=True,
            refresh_interval=15,
            reserve_space_for_menu=8,
        )

    def _take_draft(self) -> str:
        draft, self._draft = self._draft, ""
        return draft

    def _lines(self, text: str) -> bool:
        """Run what was typed or pasted, a line at a time until one fails; whether to prompt again."""
        for line in _logical_lines(text):
            outcome, failed = self._guarded(lambda line=line: self._line(line))  # type: ignore[misc]
            if isinstance(outcome, Farewell):
                return False
            if failed:
                break
        return True

    def _guarded(self, action: Callable[[], Outcome | None]) -> tuple[Outcome | None, bool]:
        """Run something; a failure is shown, Ctrl-C abandons it, and the shell lives on."""
        try:
            return action(), False
        except (KeyboardInterrupt, EOFError):
            self._printer.say("abandoned; nothing was changed")
        except _Shown:
            pass
        except Exception as error:  # noqa: BLE001  (the other one of the two places where errors end)
            self._complain(as_failure(error))
        return None, True

    def _line(self, line: str) -> Outcome | None:
        """Read a line, ask for what it lacks, and run it."""
        self._printer.style = self._style()
        reading = read(line, GRAMMAR)
        try:
            outcome = self._run(reading, typed=line)
            return self._included(outcome) if isinstance(outcome, Include) else outcome
        except Failure as failure:
            self._complain(failure, Source(covered(reading)))
            raise _Shown from failure

    def _included(self, included: Include) -> Outcome | None:
        """Run a script that was named by `source`, as a batch with the session of the shell."""
        batch = Batch(self._session, self._printer, self._entrance.prepare)
        if batch.run(open_script(Path(included.path))):
            raise _Shown
        return included

    def _run(self, reading: Reading, typed: str) -> Outcome | None:
        command = reading.command
        if command is not None and not reading.faults and not reading.wants_help:
            self._check_session(command, typed)
            if reading.missing:
                reading = read(self._asker.complete(reading, command), GRAMMAR)
            if command.is_destructive and not self._is_confirmed(reading, command):
                self._printer.say("nothing was changed")
                return None
        try:
            return run(reading, self._session, self._printer.show)
        except SessionEnded as ended:
            self._return(ended, typed)
            return run(reading, self._session, self._printer.show)

    def _is_confirmed(self, reading: Reading, command: Command) -> bool:
        rehearse(reading, self._session)
        return self._asker.confirms(_confirmation(reading, command))

    def _check_session(self, command: Command, typed: str) -> None:
        """Ask for the password before anything else is asked, where the session has expired."""
        if command.by is None or command.mode is Mode.NONE:
            return
        try:
            self._session.check_alive()
        except SessionEnded as ended:
            self._return(ended, typed)

    def _return(self, ended: SessionEnded, typed: str) -> None:
        """Ask for the password in place; a wrong one leaves the line in the buffer of the next prompt."""
        username = self._session.last_username
        had_transaction = self._session.abandon_transaction()
        self._draft = typed
        self._printer.say(f"{ended.message}{': the transaction is rolled back' if had_transaction else ''}.")
        self._session.log_in(username, self._asker.secret(f"password for {username}"))
        if had_transaction:
            message = "the line did not run: the transaction it belongs to is gone"
            raise Refused(message, hint="begin again")
        self._draft = ""

    # Talking

    def _complain(self, failure: Failure, source: Source | None = None) -> None:
        self._printer.fail(failure, source)

    def _style(self) -> Style:
        """The terminal as it is now: it may have been resized."""
        old, settings = self._printer.style, self._session.settings
        new = Style.detect(
            sys.stdout,
            sys.stderr,
            os.environ,
            old.zone,
            old.region,
            old.format,
            colour=None if self._may_colour else False,
            quiet=old.quiet,
        )
        return replace(new, pager=pager_of(settings.pager))


class _Shown(Exception):
    """A failure that was shown already, with its line."""


def _logical_lines(text: str) -> list[str]:
    """The lines of a paste; one that a backslash continues stays together with the next."""
    from crmshell.language.tokens import continues

    lines: list[str] = []
    for physical in text.split("\n"):
        if lines and continues(lines[-1]):
            lines[-1] += f"\n{physical}"
        else:
            lines.append(physical)
    return [line for line in lines if line.strip()]


def _confirmation(reading: Reading, command: Command) -> str:
    subjects = [argument.token.text for argument in reading.arguments if argument.parameter.is_required]
    return f"{command.path[1]} {plural(1, command.path[0])} ({' '.join(subjects)})?"
