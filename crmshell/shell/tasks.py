"""What some commands leave to the shell: watching, looking back, locking the screen, and the clipboard."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from io import StringIO
from typing import TextIO

from crmshell.commands import GRAMMAR
from crmshell.dispatch import run
from crmshell.errors import Failure, Interrupted, NotFound, Refused, UsageError
from crmshell.language.declaration import Mode
from crmshell.language.expansion import Names
from crmshell.language.reading import Reading, missing_value, read
from crmshell.outcome import Clip, Definitions, Heading, Lock, Outcome, Page, Recall, Watch
from crmshell.output import Printer
from crmshell.session import Session
from crmshell.settings import ON
from crmshell.shell.asking import Asker
from crmshell.shell.signals import never_suspended
from crmshell.text import are_digits, fold, plural, safe, shorten

_HOME, _END_OF_LINE, _END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
_OTHER_SCREEN, _FIRST_SCREEN = "\x1b[?1049h\x1b[2J\x1b[H", "\x1b[?1049l"
_MOST_RECALLED = 20


class Tasks:
    """Does what an outcome asks of the shell; `typed` are the lines of the history, the oldest first."""

    def __init__(
        self,
        session: Session,
        printer: Printer,
        asker: Asker,
        names: Callable[[], Names],
        typed: Callable[[], Sequence[str]],
        hold: Callable[[str], None],
    ) -> None:
        self._session = session
        self._printer = printer
        self._asker = asker
        self._names = names
        self._typed = typed
        self._hold = hold

    def do(self, outcome: Outcome | None, line: str) -> None:
        """Do it; nothing for an outcome that was shown. `line` is what was typed."""
        match outcome:
            case Watch():
                self._watch(outcome)
            case Recall():
                self._recall(outcome.wanted.strip(), line)
            case Lock():
                self._lock()
            case Clip():
                self._clip()

    # Watching

    def _watch(self, watch: Watch) -> None:
        """Draw the answer again and again over itself, until Ctrl-C or a failure."""
        reading = self._checked(read(watch.line, GRAMMAR, self._names()))
        looks = 0
        self._printer.send(_OTHER_SCREEN)
        try:
            while True:
                with self._session.unattended():
                    self._draw(watch, self._look(reading))
                looks += 1
                time.sleep(watch.seconds)
        except (KeyboardInterrupt, Interrupted):
            pass
        finally:
            self._printer.send(_FIRST_SCREEN)
        self._printer.say(f"watched {plural(looks, 'time')}")

    def _checked(self, reading: Reading) -> Reading:
        """The reading of a line that may run unattended; raises what is wrong with it."""
        fault = reading.faults[0] if reading.faults else missing_value(reading)
        if fault is not None:
            raise UsageError(fault.message, hint=fault.hint)
        if reading.command is None or reading.command.mode is not Mode.READS:
            message = "only a command that reads can be watched"
            raise UsageError(message, hint="watch 5 contract list --not-signed-filter")
        if reading.redirection is not None:
            message = "what is watched goes to the screen"
            raise UsageError(message, hint="leave > and | out")
        if self._session.transaction is not None:
            message = "a transaction is open, and others wait for it"
            raise Refused(message, hint="commit or rollback ends it")
        return reading

    def _look(self, reading: Reading) -> list[str]:
        """The lines of the answer as it is now; of one longer than the screen few more than fit are made at all."""
        paper = StringIO()
        printer = Printer(paper, paper, self._printer.style._replace(pager=partial(_seeing_enough, paper)))
        run(reading, self._session, printer.show)
        return paper.getvalue().splitlines()

    def _draw(self, watch: Watch, lines: list[str]) -> None:
        """Put the lines over those of the last look, each in its place, so that nothing flickers."""
        style = self._printer.style
        now = datetime.fromtimestamp(self._session.now(), style.zone)
        heading = f"every {watch.seconds} s: {safe(watch.line)} · {now:%H:%M:%S} · Ctrl-C ends"
        if style.width is None or style.dumb:
            self._printer.write("".join(f"{line}\n" for line in [heading, *lines]))
            return
        room = max(style.height - 1, 1)
        fitting = [style.bold(shorten(heading, style.width)), *lines][:room]
        if len(lines) >= room:
            fitting[-1] = style.dim("… more than the screen holds")
        drawn = f"{_END_OF_LINE}\n".join(fitting)
        self._printer.send(f"{_HOME}{drawn}{_END_OF_LINE}\n{_END_OF_SCREEN}")

    # Looking back

    def _recall(self, wanted: str, asking: str) -> None:
        """Show the latest lines that have these words, or put the one of this number at the prompt.

        The line that asks is not among them, nor need it be in the history, which keeps no line that may hold a secret.
        """
        lines = list(enumerate(self._typed(), 1))
        if lines and lines[-1][1] == asking:
            del lines[-1]
        if are_digits(wanted):
            self._hold(_numbered(lines, int(wanted)))
            return
        words = fold(wanted).split()
        found = [(number, line) for number, line in lines if all(word in fold(line) for word in words)]
        if not found:
            self._printer.say("nothing like that was typed")
            return
        items = [(str(number), line) for number, line in found[-_MOST_RECALLED:]]
        self._printer.show(Page([Heading("typed before"), Definitions(items)]))

    # The screen and the clipboard

    def _lock(self) -> None:
        """Hide what is on the screen until the password is typed; nothing else opens it, whatever goes wrong."""
        username = self._session.user.username
        self._printer.send(_OTHER_SCREEN)
        try:
            with never_suspended():
                while not self._is_unlocked(username):
                    pass
        except BaseException:
            self._session.log_out()
            raise
        finally:
            self._printer.send(_FIRST_SCREEN)
        self._printer.say(f"welcome back, {safe(username)}")

    def _is_unlocked(self, username: str) -> bool:
        self._printer.say(f"locked by {username}")
        try:
            self._session.unlock(self._asker.secret(f"password for {username}"))
        except (KeyboardInterrupt, EOFError):
            return False
        except Failure as failure:  # a database that does not answer opens nothing either
            self._printer.fail(failure)
            return False
        return True

    def _clip(self) -> None:
        """Put the id of the last record on the clipboard of the terminal."""
        if self._session.settings.clipboard != ON:
            message = "the clipboard is off"
            raise Refused(message, hint="settings set clipboard on")
        if not self._session.recent:
            message = "no record was touched yet"
            raise NotFound(message, hint="look at one first: contract detail 5611d818")
        model, key = self._session.recent[0]
        record = model.get_or_none(model.id == key)
        if record is None:
            raise NotFound(f"the {model.noun} is gone", hint=f"{model.noun} list")
        encoded = base64.b64encode(record.handle.encode()).decode()
        self._printer.send(f"\x1b]52;c;{encoded}\x07")
        self._printer.say(f"{record.handle} is on the clipboard, if the terminal allows it")


@contextlib.contextmanager
def _seeing_enough(paper: StringIO) -> Iterator[TextIO]:
    """A pager that keeps the first screen on paper and is left then."""
    with contextlib.suppress(BrokenPipeError):
        yield _FirstScreen(paper)


class _FirstScreen(StringIO):
    """What is written when the screen is full goes on paper, and nothing after it."""

    def __init__(self, paper: StringIO) -> None:
        super().__init__()
        self._paper = paper

    def write(self, text: str) -> int:
        """Take the screen that is full; raises BrokenPipeError, as a pager does that was left."""
        self._paper.write(text)
        raise BrokenPipeError


def _numbered(lines: Sequence[tuple[int, str]], wanted: int) -> str:
    if not 1 <= wanted <= len(lines):
        raise NotFound(f"there is no line {wanted}", hint="recall lists those there are")
    return lines[wanted - 1][1]
