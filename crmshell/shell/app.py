"""The loop: prompt, read, ask for what is missing, run, show; and whatever happens, prompt again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import DynamicCompleter
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.shortcuts import CompleteStyle

from completers import BackgroundCompleter, LineCompleter
from crmshell.batch import Batch, Choices
from crmshell.commands import GRAMMAR
from crmshell.dispatch import covered, rehearse, run
from crmshell.entrance import Entrance
from crmshell.errors import Failure, Interrupted, NotLoggedIn, Refused, SessionEnded, StoreError
from crmshell.faults import as_failure
from crmshell.language.binding import bind
from crmshell.language.declaration import Command, Mode
from crmshell.language.reading import Reading, read
from crmshell.models.sight import Sight
from crmshell.outcome import Farewell, Include, Outcome
from crmshell.output import Printer, Source
from crmshell.redirecting import redirected
from crmshell.script import open_script
from crmshell.session import Session
from crmshell.shell.answers import find_slow_fault_in_line
from crmshell.shell.arrival import Arrival
from crmshell.shell.asking import Asker, confirmation
from crmshell.shell.dumb import plain_where_dumb
from crmshell.shell.further import Further
from crmshell.shell.guidance import Guidance
from crmshell.shell.highlight import STYLE, ReadingLexer
from crmshell.shell.history import open_history
from crmshell.shell.holding import TransactionWatch
from crmshell.shell.interrupts import Interrupts
from crmshell.shell.keys import bindings, type_again
from crmshell.shell.look import Look
from crmshell.shell.names import KnownNames
from crmshell.shell.reach import Reach
from crmshell.shell.signals import signals_handled
from crmshell.shell.status import LOST, continuation, lines_of_menu, prompt_text, toolbar, vi_mode
from crmshell.shell.suggesting import HistorySuggestion
from crmshell.shell.tasks import Tasks
from crmshell.shell.title import show_title, title_kept
from crmshell.shell.unforeseen import tell_unforeseen
from crmshell.text import plural
from crmshell.typeahead import Asked, TypeAhead

_PASSWORD_CHANGE = ("auth", "set-password")


class Shell:
    """One terminal, one session, until Ctrl-D."""

    def __init__(
        self,
        session: Session,
        entrance: Entrance,
        printer: Printer,
        keys: TypeAhead | None = None,
        *,
        may_colour: bool = True,
        scripts_may_redirect: bool = False,
    ) -> None:
        self._session = session
        self._sight = session.sight = Sight(session.settings.zone_info)
        self._printer = printer
        self._look = Look(session, printer, may_colour=may_colour)
        self._scripts_may_redirect = scripts_may_redirect
        self._prepare = entrance.prepare
        self._watch = TransactionWatch(session, printer)
        self._asker = Asker(session, self._complain, self._watch.watch_question, self._look)
        self._keys = keys
        self._arrival = Arrival(session, entrance, printer, self._asker, self._take_over)
        self._names = KnownNames(session)
        judge = partial(find_slow_fault_in_line, session=session)
        self._completer = LineCompleter(GRAMMAR, session, self._names.current, judge)
        self._guidance = Guidance(GRAMMAR, session, self._names.current, self._completer.fault_of)
        self._background = BackgroundCompleter(self._completer)
        self._reach = Reach(self._background.beside)
        self._suggestion = HistorySuggestion(session, self._names.current)
        self._lexer = ReadingLexer(GRAMMAR, session, self._names.current)
        self._further = Further(self._lexer)
        with plain_where_dumb():
            self._prompts = self._prompt_session()
        self._background.follow(self._prompts.default_buffer)
        self._tasks = Tasks(
            session, printer, self._asker, self._names.current, self._prompts.history.get_strings, self._hold
        )
        self._interrupts = Interrupts()
        self._draft = ""
        self._ended: SessionEnded | None = None

    def run(self) -> int:
        """Greet, log in, and take lines until the user leaves; returns the exit code."""
        try:
            self._arrival.come_in()
        except Failure as failure:
            self._take_over(Asked.LINE)
            self._complain(failure)
            return failure.code
        except (EOFError, KeyboardInterrupt):
            return NotLoggedIn.code
        try:
            with self._interrupts.handled(), signals_handled(), title_kept(self._printer):
                self._guarded(self._renew_password)
                self._loop()
        finally:
            self._session.abandon_transaction()
            self._background.close()
        return 0

    def _take_over(self, asked: Asked) -> None:
        """Go on with the keys that were typed before there was a prompt, if they answer what is asked now."""
        typed = self._keys.hand_over(asked) if self._keys else ""
        if typed:
            type_again(typed)

    # The loop

    def _loop(self) -> None:
        """Take lines until the user leaves; Ctrl-C at a prompt begins a new one."""
        goes_on = True
        while goes_on:
            with contextlib.suppress(KeyboardInterrupt):
                goes_on = self._take_lines()

    def _renew_password(self) -> None:
        """Ask for a new password where it was given by somebody else: nothing more may be run before."""
        employee = self._session.employee
        if employee is not None and employee.must_change_password:
            self._printer.say("The password you were given has to be changed first.")
            self._line(" ".join(_PASSWORD_CHANGE))

    def _take_lines(self) -> bool:
        """Prompt once and run what was typed; whether to prompt again."""
        self._completer.forget()
        if not self._reach.is_lost:
            self._names.renew()
        self._renew_prompt()
        try:
            text = self._prompts.prompt(
                default=self._take_draft(), pre_run=self._watch_prompt, set_exception_handler=False
            )
        except EOFError:
            return not self._may_leave()
        return self._lines(text) or not self._may_leave()

    def _watch_prompt(self) -> None:
        tell_unforeseen(self._complain)
        self._watch.watch_prompt()
        self._reach.watch_prompt()

    def _renew_prompt(self) -> None:
        """Follow what was set since the last line."""
        self._look.renew()
        self._sight.zone = self._session.settings.zone_info
        self._prompts.editing_mode = EditingMode.VI if self._session.settings.keys == "vi" else EditingMode.EMACS
        self._prompts.color_depth = self._look.colour_depth
        self._prompts.reserve_space_for_menu = lines_of_menu(self._prompts.output.get_size().rows)
        self._prompts.auto_suggest = self._suggestion if self._look.shows_suggestions else None
        show_title(self._session, self._printer)

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
            lambda: prompt_text(self._session),
            history=open_history(platformdirs.user_state_path("crm-shell"), self._names.current),
            completer=DynamicCompleter(lambda: self._background),
            complete_while_typing=True,
            complete_style=CompleteStyle.COLUMN,
            lexer=self._lexer,
            style=STYLE,
            color_depth=self._look.colour_depth,
            bottom_toolbar=self._toolbar,
            key_bindings=bindings(self._hold, self._further.keep),
            tempfile_suffix=".crm",
            multiline=True,
            prompt_continuation=continuation,
            refresh_interval=15,
        )

    def _toolbar(self) -> FormattedText:
        said = LOST if self._reach.is_lost else self._guidance.of(self._prompts.default_buffer.document)
        return toolbar(self._session, self._prompts.output.get_size().columns, said, vi_mode(self._prompts.app))

    def _hold(self, draft: str) -> None:
        """Keep a line for the next prompt."""
        self._draft = draft

    def _take_draft(self) -> str:
        draft, self._draft = self._draft, ""
        return draft

    def _lines(self, text: str) -> bool:
        """Run what was typed or pasted, a line at a time until one fails; whether to prompt again."""
        lines = self._further.with_rest(text)
        for place, line in enumerate(lines, start=1):
            if place > 1:
                self._further.show(line, self._prompts)
            outcome, failed = self._guarded(lambda line=line: self._line(line))  # type: ignore[misc]
            if isinstance(outcome, Farewell):
                return False
            if failed:
                if lines[place:]:
                    self._printer.say(f"{plural(len(lines) - place, 'line')} behind it did not run")
                break
        return True

    def _guarded(self, action: Callable[[], Outcome | None]) -> tuple[Outcome | None, bool]:
        """Run something; a failure is shown, Ctrl-C abandons it, and the shell lives on."""
        try:
            with self._interrupts.allowed():
                return action(), False
        except (KeyboardInterrupt, EOFError):
            self._printer.say("abandoned; nothing was changed")
        except _Shown:
            pass
        except Exception as error:  # noqa: BLE001  (the other one of the two places where errors end)
            self._complain(as_failure(error))
        return None, True

    # A line

    def _line(self, line: str) -> Outcome | None:
        """Read a line, ask for what it lacks, and run it."""
        self._look.renew()
        self._names.renew_aliases()
        reading = read(line, GRAMMAR, self._names.current())
        with self._complaining(reading):
            whole = self._complete(reading, line)
        if whole is None:
            self._printer.say("nothing was changed")
            return None
        with self._complaining(whole, asked=whole.line != reading.line):
            token = self._session.token
            outcome = self._run(whole, line)
            if isinstance(outcome, Include):
                self._include(outcome)
            self._do(outcome, line)
        if self._session.token is not token:
            self._renew_password()
        return outcome

    @contextlib.contextmanager
    def _complaining(self, reading: Reading, *, asked: bool = False) -> Iterator[None]:
        """Show a failure with the line as it was when it failed; what was `asked` for stays to be corrected."""
        try:
            yield
        except Failure as failure:
            self._complain(as_failure(failure), Source(covered(reading)))
            if asked and not self._draft and _may_stay(reading):
                self._draft = reading.line
            raise _Shown from failure

    def _complete(self, reading: Reading, typed: str) -> Reading | None:
        """Ask for the password, for what is missing, and whether to go on; None where the answer is no."""
        command = reading.command
        if command is None or reading.faults or reading.wants_help:
            return reading
        self._check_session(command, typed)
        if reading.missing:
            self._rehearse(reading, command, typed)
            reading = self._asker.complete(reading, command, but=command.confirmed_by)
        return self._confirmed(reading, command, typed) if command.asks_first(reading.given) else reading

    def _confirmed(self, reading: Reading, command: Command, typed: str) -> Reading | None:
        """Say what would be affected, and ask whether to go on."""
        affected = self._rehearse(reading, command, typed)
        if affected:
            self._printer.say(affected)
        if command.confirmed_by:
            return self._asker.complete(reading, command)
        return reading if self._asker.confirms(confirmation(reading, command, self._session)) else None

    def _rehearse(self, reading: Reading, command: Command, typed: str) -> str:
        """Refuse what will be refused anyhow before anything is asked; returns what would be affected."""
        if command.by is None or command.mode is Mode.NONE:
            bind(reading, command, self._session)
            return ""
        try:
            return rehearse(reading, self._session)
        except SessionEnded as ended:
            self._return(ended, typed)
            return rehearse(reading, self._session)

    def _run(self, reading: Reading, typed: str) -> Outcome | None:
        try:
            return self._run_once(reading)
        except SessionEnded as ended:
            self._return(ended, typed)
            return self._run_once(reading)

    def _run_once(self, reading: Reading) -> Outcome | None:
        try:
            with redirected(reading, self._printer, self._session) as printer:
                return run(reading, self._session, printer.show)
        except KeyboardInterrupt as stop:
            is_harmless = reading.command is None or reading.command.mode in {Mode.NONE, Mode.READS}
            hint = "" if is_harmless else "it came late: look whether the command took effect"
            raise Interrupted("interrupted", hint=hint) from stop

    def _do(self, outcome: Outcome | None, typed: str) -> None:
        """Do what an outcome asks of the shell; watching may outlive the session."""
        try:
            self._tasks.do(outcome, typed)
        except SessionEnded as ended:
            self._return(ended, typed)
            self._tasks.do(outcome, typed)

    def _include(self, included: Include) -> None:
        """Run a script that was named by `source`, as a batch with the session of the shell and what it has shown."""
        choices = Choices(allow_shell=self._scripts_may_redirect)
        batch = Batch(self._session, self._printer, self._prepare, choices)
        if batch.run(open_script(Path(included.path))):
            raise _Shown

    # The session

    def _check_session(self, command: Command, typed: str) -> None:
        """Ask for the password before anything else is asked, where the session has ended."""
        if command.by is None or command.mode is Mode.NONE:
            return
        try:
            self._session.check_alive()
        except SessionEnded as ended:
            self._return(ended, typed)
        except NotLoggedIn:
            if self._ended is None:
                raise
            self._return(self._ended, typed)
        self._ended = None

    def _return(self, ended: SessionEnded, typed: str) -> None:
        """Ask for the password in place; a wrong one leaves the line in the buffer of the next prompt."""
        username = self._session.last_username
        had_transaction = self._session.abandon_transaction()
        held, self._draft, self._ended = self._draft, typed, ended
        self._printer.say(f"{ended.message}{': the transaction is rolled back' if had_transaction else ''}.")
        self._session.log_in_again(self._asker.secret(f"password for {username}"))
        self._ended = None
        if read(typed, GRAMMAR, self._names.current()).path != _PASSWORD_CHANGE:
            self._renew_password()
        if had_transaction:
            message = "the line did not run: the transaction it belongs to is gone"
            raise Refused(message, hint="begin again")
        self._draft = held

    # Talking

    def _complain(self, failure: Failure, source: Source | None = None) -> None:
        self._printer.fail(failure, source)
        if isinstance(failure, StoreError):
            self._reach.doubt()
            if self._session.abandon_lost_transaction():
                self._printer.say("the transaction is over, and nothing of it was kept")


def _may_stay(reading: Reading) -> bool:
    """Whether a line may be left at the prompt: it holds no secret, and Enter would remove nothing."""
    command = reading.command
    return command is not None and not command.takes_secrets and not command.asks_first(reading.given)


class _Shown(Exception):
    """A failure that was shown already, with its line."""
