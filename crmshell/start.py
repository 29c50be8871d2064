"""Decides between the shell and a batch, and what a batch reads."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from crmshell.batch import Batch, Script, Stream, Words
from crmshell.entrance import Entrance
from crmshell.errors import Failure, UsageError
from crmshell.faults import as_failure
from crmshell.language.tokens import quoted
from crmshell.output import Printer, Style
from crmshell.session import Session
from crmshell.settings import Settings, load
from crmshell.text import safe

_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


def start(flags: Namespace) -> int:
    """Run what the flags ask for and return the exit code."""
    plain = Printer(sys.stdout, sys.stderr, _style(Settings(), flags))
    try:
        settings = load({name: getattr(flags, name) for name in ("database", "user", "password_file", "format")})
        printer = Printer(sys.stdout, sys.stderr, _style(settings, flags))
        session = Session(settings, variables=_variables(flags.var or []))
        return _start(flags, session, Entrance(session, is_demo=flags.demo), printer)
    except Failure as failure:
        plain.fail(failure)
        return failure.code
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001  (before any line was read: there is no loop to end in)
        unforeseen = as_failure(error)
        plain.fail(unforeseen)
        return unforeseen.code


def _start(flags: Namespace, session: Session, entrance: Entrance, printer: Printer) -> int:
    if flags.create_admin:
        username = entrance.create_administrator(flags.create_admin, flags.fullname)
        printer.say(f"{username} is the first administrator; log in with: crm-shell --user {username}")
        return 0
    script = _script(flags)
    if script is None:
        from crmshell.shell import Shell

        return Shell(session, entrance, printer, may_colour=not flags.no_color).run()
    batch = Batch(session, printer, entrance.prepare, keep_going=flags.keep_going, may_confirm=flags.yes)
    return batch.run(script)


def _script(flags: Namespace) -> Script | None:
    """What the batch reads; None where a person sits at a terminal and named nothing to run."""
    sources = [bool(flags.words), bool(flags.lines), bool(flags.file)]
    if sum(sources) > 1:
        message = "a command, -c and -f exclude each other"
        raise UsageError(message, hint="leave two of them out")
    if flags.words:
        return Words((_line(flags.words),))
    if flags.lines:
        return Words(tuple(flags.lines))
    if flags.file and flags.file != "-":
        return _file(Path(flags.file))
    if not flags.file and sys.stdin.isatty() and sys.stdout.isatty():
        return None
    return Stream(sys.stdin.buffer, "" if not flags.file else "-")


def _file(path: Path) -> Stream:
    try:
        return Stream(path.open("rb"), safe(str(path)))
    except OSError as error:
        raise UsageError(
            f"{safe(str(path))} cannot be read: {error.strerror}", hint="check the name after -f"
        ) from error


def _line(words: list[str]) -> str:
    """The words of the process as a line: each reads back as what the caller's shell made of it."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    option = re.match(r"--[^\s=]+(=?)", word)
    if option is None:
        return quoted(word)
    return option[0] + (quoted(word[option.end() :]) if option[1] else "")


def _variables(assignments: list[str]) -> Mapping[str, str]:
    variables: dict[str, str] = {}
    for assignment in assignments:
        match = _VARIABLE.fullmatch(assignment)
        if match is None:
            raise UsageError(f"--var {safe(assignment)} is not NAME=VALUE", hint="--var YEAR=2027")
        variables[match[1]] = match[2]
    return variables


def _style(settings: Settings, flags: Namespace) -> Style:
    return Style.detect(
        sys.stdout,
        sys.stderr,
        os.environ,
        settings.zone_info,
        settings.region,
        settings.format,
        colour=False if flags.no_color else None,
        quiet=flags.quiet,
    )
