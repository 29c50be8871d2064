"""What a process that is asked for the overview of the help alone needs: a fraction of what a command loads."""

from __future__ import annotations

import sys
from argparse import Namespace

from crmshell.errors import UsageError
from crmshell.output import Printer, Style
from crmshell.overview import overview, read_summaries
from crmshell.pager import pager_of
from crmshell.settings import Settings, load

_HELP = "help"
_OF_THE_ANSWER = ("format", "no_color", "quiet", "database", "user", "password_file")  # flags that change nothing else


def show_if_asked_alone(flags: Namespace, unset: Namespace) -> bool:
    """Show it where the process was asked for the overview and nothing else; `unset` are the flags of no argument.

    A setting that is wrong is left to the start, which says so.
    """
    if [*flags.words, *(flags.lines or ())] != [_HELP]:
        return False
    ignored = {"words", "lines", *_OF_THE_ANSWER}
    if any(value != getattr(unset, name) for name, value in vars(flags).items() if name not in ignored):
        return False
    try:
        settings = load({name: getattr(flags, name) for name in ("database", "user", "password_file", "format")})
    except UsageError:
        return False
    printer_for(settings, flags).show(overview(read_summaries()))
    return True


def printer_for(settings: Settings, flags: Namespace) -> Printer:
    """What writes to the streams of the process, as its settings and flags ask.

    One command at a terminal goes through the pager as it does in the shell; no script ever waits for a reader.
    """
    style = Style.of_process(settings, may_colour=not flags.no_color, quiet=flags.quiet)
    is_one_command = bool(flags.words) or len(flags.lines or ()) == 1
    if is_one_command and sys.stdin.isatty():
        style = style._replace(pager=pager_of(settings.pager, is_dumb=style.dumb))
    return Printer(sys.stdout, sys.stderr, style)
