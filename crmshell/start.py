"""Decides between the shell and a batch, and what a batch reads."""

from __future__ import annotations

import gc
import json
import os
import re
import stat
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crmshell.batch import Batch, Choices
from crmshell.commands import GRAMMAR
from crmshell.database import shown_url
from crmshell.entrance import Entrance
from crmshell.errors import Failure, UsageError
from crmshell.faults import as_failure
from crmshell.glance import printer_for
from crmshell.language.reading import read
from crmshell.language.tokens import Sort, quoted
from crmshell.output import Printer
from crmshell.progress import Progress
from crmshell.script import Kept, RowFile, Script, Stream, Words, open_script
from crmshell.session import Session
from crmshell.settings import FORMATS, Settings, load
from crmshell.text import safe, shorten
from crmshell.typeahead import Asked, TypeAhead

if TYPE_CHECKING:
    from crmshell.resuming import Recorder

_OBJECTS_BETWEEN_LOOKS = 50_000  # for garbage that refers to itself: a line leaves hardly any
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


def start(flags: Namespace, keys: TypeAhead) -> int:
    """Run what the flags ask for and return the exit code; `keys` are those typed before the shell is there."""
    format_asked = flags.format if flags.format in FORMATS else "table"
    plain = printer_for(Settings(format=format_asked), flags)
    try:
        settings = load({name: getattr(flags, name) for name in ("database", "user", "password_file", "format")})
        printer = printer_for(settings, flags)
        session = Session(settings, variables=_variables(flags.var or []))
        return _start(flags, session, Entrance(session, is_demo=flags.demo), printer, keys)
    except Failure as failure:
        keys.hand_over(Asked.LINE)
        plain.fail(failure)
        return failure.code
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001  (before any line was read: there is no loop to end in)
        unforeseen = as_failure(error)
        keys.hand_over(Asked.LINE)
        plain.fail(unforeseen)
        return unforeseen.code


def _start(flags: Namespace, session: Session, entrance: Entrance, printer: Printer, keys: TypeAhead) -> int:
    if flags.create_admin:
        username = entrance.create_administrator(flags.create_admin, flags.fullname)
        where = ("--database", shown_url(flags.database)) if flags.database else ()
        login = _call(*where, "--user", username)
        printer.say(f"{username} is the first administrator; log in with `{login}`")
        return 0
    script = _script(flags)
    if script is None:
        from crmshell.shell import Shell

        shell = Shell(
            session, entrance, printer, keys, may_colour=not flags.no_color, scripts_may_redirect=flags.allow_shell
        )
        return shell.run()
    return _batch(flags, script, session, entrance, printer)


def _batch(flags: Namespace, script: Script, session: Session, entrance: Entrance, printer: Printer) -> int:
    if flags.check:
        from crmshell.checking import check

        first_row = next(iter(RowFile(Path(flags.vars))), {}) if flags.vars else {}
        variables = {**session.variables, **first_row}
        return check(script, printer, may_confirm=flags.yes, may_redirect=flags.allow_shell, variables=variables)
    choices = Choices(flags.keep_going, flags.yes, flags.atomic, flags.dry_run, _commit_every(flags), flags.allow_shell)
    progress = Progress(total=_size(script), is_on=not flags.quiet)
    kept = Kept(tuple(script.lines()), script.may_hold_secrets, script.folder) if flags.vars else None
    gc.freeze()  # what is loaded by now lives as long as the process
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    batch = Batch(session, printer, entrance.prepare, choices, progress, recorder=_recorder(flags, session))
    return batch.run_rows(kept, RowFile(Path(flags.vars))) if kept is not None else batch.run(script)


def _recorder(flags: Namespace, session: Session) -> Recorder | None:
    """What records the run of a script that is to be resumable."""
    if not (flags.resumable or flags.resume):
        return None
    if not flags.file or flags.file == "-" or flags.dry_run:
        message = "--resumable and --resume take a script of -f, without --dry-run"
        raise UsageError(message, hint="crm-shell -f script.crm --resumable")
    if flags.vars and not Path(flags.vars).is_file():
        message = "--resumable and --resume take the rows of --vars from a file that is still there later"
        raise UsageError(message, hint="--vars rows.csv")
    from crmshell.resuming import Recorder, digest_of_files

    path = Path(flags.file).resolve()
    given = dict(sorted(session.variables.items()))
    if flags.vars:
        given["--vars"] = str(Path(flags.vars).resolve())
    variables = json.dumps(given, ensure_ascii=False)
    rows = Path(flags.vars) if flags.vars else None
    return Recorder(session, path, digest_of_files(path, rows), variables, resumes=flags.resume, rows=rows)


def _commit_every(flags: Namespace) -> int:
    if flags.commit_every is None:
        return 1
    if flags.atomic or flags.dry_run:
        message = "--commit-every excludes --atomic and --dry-run"
        raise UsageError(message, hint="leave one of them out")
    if flags.commit_every < 1:
        message = "--commit-every takes a number from 1 on"
        raise UsageError(message, hint="--commit-every 100")
    return int(flags.commit_every)


def _size(script: Script) -> int:
    """The size of a script in a file, in bytes; 0 for what comes as it is made."""
    try:
        found = os.fstat(script.binary.fileno()) if isinstance(script, Stream) else None
    except (OSError, AttributeError):
        return 0
    return found.st_size if found and stat.S_ISREG(found.st_mode) else 0


def _script(flags: Namespace) -> Script | None:
    """What the batch reads; None where a person sits at a terminal and named nothing to run."""
    sources = [bool(flags.words), bool(flags.lines), bool(flags.file)]
    if sum(sources) > 1:
        message = "a command, -c and -f exclude each other"
        raise UsageError(message, hint="leave two of them out")
    if flags.words:
        _refuse_late_flags(flags)
        return Words((_line(flags.words),))
    if flags.lines:
        return Words(tuple(flags.lines))
    if flags.file and flags.file != "-":
        return open_script(Path(flags.file))
    if not flags.file and sys.stdin.isatty() and sys.stdout.isatty():
        return None
    return Stream(sys.stdin.buffer, "" if not flags.file else "-")


def _refuse_late_flags(flags: Namespace) -> None:
    """Say where a flag of the process belongs that stands behind the command, which has no such option."""
    reading = read(_line(flags.words), GRAMMAR)
    faulty = {fault.span[0] for fault in reading.faults if fault.span}
    unknown = [token for token in reading.tokens if token.sort is Sort.OPTION and token.start in faulty]
    late = next((token.option for token in unknown if hasattr(flags, token.option.replace("-", "_"))), None)
    if late is None:
        return
    place = next(at for at, word in enumerate(flags.words) if word.partition("=")[0] == f"--{late}")
    takes_word = not ("=" in flags.words[place] or isinstance(getattr(flags, late.replace("-", "_")), bool))
    end = place + 1 + takes_word
    message = f"--{late} is a flag of the program and stands before the command"
    moved = _call(*flags.words[place:end], *flags.words[:place], *flags.words[end:])
    raise UsageError(message, hint=shorten(moved, 200))


def _call(*words: str) -> str:
    """The program called with these words, as it is typed in the user's own shell."""
    import shlex

    return safe(shlex.join(["crm-shell", *words]))


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
