"""The flags of the process, then the shell or a batch, then an exit code."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from crmshell import __version__
from crmshell.errors import Interrupted, UsageError
from crmshell.typeahead import TypeAhead

_HELP = "help"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code (section 7 of the specification)."""
    _prepare_streams()
    try:
        return _run(sys.argv[1:] if arguments is None else list(arguments))
    except BrokenPipeError:
        return _quiet_end()
    except KeyboardInterrupt:
        return Interrupted.code


def console() -> NoReturn:
    """The entry point of the installed script."""
    sys.exit(main())


def _prepare_streams() -> None:
    """Write UTF-8 whatever the locale, and let a byte that is none neither stop nor change the output.

    A stream that the caller has closed leads nowhere: no file that is opened later may come to stand in its place.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]


def _quiet_end() -> int:
    """Nobody reads stdout any more: end without a word, as every tool in a pipe does."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE


def _run(arguments: Sequence[str]) -> int:
    parser = _parser()
    flags = parser.parse_args(arguments)
    if flags.words[:1] == ["--"]:  # it ended the flags, and is no word of the command
        del flags.words[0]
    if _HELP in arguments:
        from crmshell.glance import show_if_asked_alone

        if show_if_asked_alone(flags, unset=parser.parse_args([])):
            return 0
    with TypeAhead.for_run(flags, os.environ) as keys:
        from crmshell.start import start

        keys.check()
        return start(flags, keys)


class _Parser(argparse.ArgumentParser):
    """argparse, with the exit code and the form of this program's own usage errors."""

    def error(self, message: str) -> NoReturn:
        """Write the message and a hint, and exit with 2."""
        sys.stderr.write(f"{message}\nhint: crm-shell --help\n")
        sys.exit(UsageError.code)


def _parser() -> _Parser:
    parser = _Parser(
        prog="crm-shell",
        description="The CRM of a company that organises events: a shell at a terminal, a batch anywhere else.",
        epilog="crm-shell help lists the commands; crm-shell help contract add explains one.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND", help="one command, such as: contract list"
    )
    parser.add_argument("-c", dest="lines", action="append", metavar="LINE", help="run this line (repeatable)")
    parser.add_argument("-f", dest="file", metavar="SCRIPT", help="run the lines of this file; - is stdin")
    parser.add_argument("--demo", action="store_true", help="a sample company, made if the database is not there yet")
    parser.add_argument("--create-admin", metavar="NAME", help="set up an empty database with its first administrator")
    parser.add_argument("--fullname", metavar="TEXT", help="with --create-admin: first and last name")
    parser.add_argument("--database", metavar="URL", help="a file, or postgresql://user@host/name (default crm.db)")
    parser.add_argument("--user", metavar="NAME", help="who logs in")
    parser.add_argument("--password-file", metavar="PATH", help="a file whose first line is the password")
    parser.add_argument("--format", help="table (the default), json, jsonl, csv or tsv")
    parser.add_argument("--no-color", action="store_true", help="no colours")
    parser.add_argument("--var", action="append", metavar="NAME=VALUE", help="what $NAME stands for (repeatable)")
    parser.add_argument("--vars", metavar="CSV", help="run the script once for each row; its columns are the $NAMES")
    parser.add_argument("--atomic", action="store_true", help="the whole script or nothing")
    parser.add_argument("--commit-every", type=int, metavar="N", help="let N writes share a transaction")
    parser.add_argument("--dry-run", action="store_true", help="really run it, then roll everything back")
    parser.add_argument("--check", action="store_true", help="report every usage error, without a database")
    parser.add_argument("--resumable", action="store_true", help="record which lines of -f have run")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was cut off")
    parser.add_argument("--keep-going", action="store_true", help="go on after a line that failed, and sum up")
    parser.add_argument("--yes", action="store_true", help="confirm what would be asked")
    parser.add_argument(
        "--allow-shell", action="store_true", help="let lines write files with > and run commands with |"
    )
    parser.add_argument("--quiet", action="store_true", help="data and errors only")
    parser.add_argument("--version", action="version", version=f"crm-shell {__version__}")
    return parser


if __name__ == "__main__":
    console()
