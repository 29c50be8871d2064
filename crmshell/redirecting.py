"""Sends what a line shows into a file or a command: a whole file or none, and never over one that is there already."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from crmshell.errors import Refused, UsageError
from crmshell.language.reading import Reading
from crmshell.language.redirection import Redirection
from crmshell.output import Printer
from crmshell.pager import interrupts_ignored
from crmshell.session import Session
from crmshell.text import safe

FORMATS_BY_ENDING = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "jsonl", ".txt": "table"}


@contextlib.contextmanager
def redirected(reading: Reading, printer: Printer, session: Session) -> Iterator[Printer]:
    """The printer for what a line shows: the usual one, or one that writes where the line says.

    A file appears, with mode 0600, once the command has succeeded. Raises UsageError for an ending without a format,
    and Refused for a file that is there already or cannot be written.
    """
    redirection = reading.redirection
    if redirection is None or reading.faults or reading.missing:
        yield printer
    elif redirection.is_pipe:
        talk = io.StringIO()
        try:
            with _command(redirection, printer) as stream:
                yield printer.piped_into(stream, talk)
        finally:
            if talk.getvalue():
                printer.say(talk.getvalue().removesuffix("\n"))
    else:
        path = Path(redirection.target.expanded(session.variables))
        with _file(path, redirection) as stream:
            yield printer.onto(stream, _format(path, reading, redirection))
        printer.say(f"written to {safe(str(path))}")


def _format(path: Path, reading: Reading, redirection: Redirection) -> str:
    """The format that belongs to the ending; whatever the line asks for goes before it."""
    chosen = FORMATS_BY_ENDING.get(path.suffix.casefold())
    if chosen is not None or reading.given("format_") is not None:
        return chosen or "table"
    ending = f"the ending {safe(path.suffix)}" if path.suffix else "a name without an ending"
    endings = " ".join(FORMATS_BY_ENDING)
    message = f"{ending} stands for no format"
    raise UsageError(message, hint=f"end the name in one of {endings}, or give --format").at(redirection.target.span)


def find_ending_fault(reading: Reading) -> UsageError | None:
    """What is wrong with the ending of a file, as far as the line alone tells."""
    redirection = reading.redirection
    if redirection is None or redirection.is_pipe:
        return None
    if not all(isinstance(part, str) for part in redirection.target.parts):  # a variable, filled in later
        return None
    try:
        _format(Path(redirection.target.text), reading, redirection)
    except UsageError as fault:
        return fault
    return None


# A file


@contextlib.contextmanager
def _file(path: Path, redirection: Redirection) -> Iterator[TextIO]:
    """A file beside the one that is wanted, which takes its place at the end, or goes away when something fails."""
    import tempfile

    try:
        target = _checked(path, redirection)
        descriptor, name = tempfile.mkstemp(prefix=".crm-shell.", dir=target.parent)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unwritable(path, error, redirection) from error
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:  # noqa: PTH123
            yield stream
            stream.flush()
            os.fsync(descriptor)
        _put_in_place(Path(name), target, redirection)
    except OSError as error:
        raise _unwritable(path, error, redirection) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _checked(path: Path, redirection: Redirection) -> Path:
    """Where the file will really stand; Refused where it must not, before any command has run for it."""
    target = path.expanduser().resolve()
    if target.is_dir() or (target.exists() and not target.is_file()):
        raise Refused(f"{safe(str(path))} is no file to write to", hint="choose another name").at(
            redirection.target.span
        )
    if target.exists() and not redirection.overwrites:
        raise _taken(path, redirection)
    return target


def _put_in_place(written: Path, target: Path, redirection: Redirection) -> None:
    """Give the file its name, which nobody may have taken meanwhile."""
    if redirection.overwrites:
        written.replace(target)
        return
    try:
        target.hardlink_to(written)
    except FileExistsError:
        raise _taken(target, redirection) from None
    except OSError:  # a file system without links
        if target.exists():
            raise _taken(target, redirection) from None
        written.rename(target)


def _taken(path: Path, redirection: Redirection) -> Refused:
    refusal = Refused(f"{safe(str(path))} is there already", hint="write >! to replace it, or choose another name")
    return refusal.at(redirection.target.span)


def _unwritable(path: Path, error: Exception, redirection: Redirection) -> Refused:
    reason = getattr(error, "strerror", None) or "no file can have this name"
    refusal = Refused(f"{safe(str(path))} cannot be written: {reason}", hint="choose another name or folder")
    return refusal.at(redirection.target.span)


# A command


@contextlib.contextmanager
def _command(redirection: Redirection, printer: Printer) -> Iterator[TextIO]:
    """A stream into a command of the user's shell, which may stop reading when it likes; waits for its end.

    Raises Refused where the shell cannot be started.
    """
    import subprocess

    command, shell = redirection.target.raw.strip(), os.environ.get("SHELL") or "/bin/sh"
    try:
        process = subprocess.Popen([shell, "-c", command], stdin=subprocess.PIPE)  # noqa: S603  (what the user typed)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds what no command can"
        refusal = Refused(f"{safe(command)} cannot be run by {safe(shell)}: {reason}", hint="check SHELL")
        raise refusal.at(redirection.span) from error
    assert process.stdin is not None  # noqa: S101  (it was asked for)
    stream = io.TextIOWrapper(process.stdin, encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        yield stream
    finally:
        with interrupts_ignored():
            with contextlib.suppress(BrokenPipeError):
                stream.close()
            status = process.wait()
    if status:
        how = f"ended with exit status {status}" if status > 0 else f"was ended by signal {-status}"
        printer.say(f"{safe(command)} {how}")
