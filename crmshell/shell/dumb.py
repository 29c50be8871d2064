"""A dumb terminal takes text alone: no escape sequence reaches it, and no secret is echoed on it."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import AbstractContextManager, nullcontext

from prompt_toolkit.application import create_app_session
from prompt_toolkit.output.plain_text import PlainTextOutput


def is_dumb() -> bool:
    """Whether the terminal says that it is."""
    return os.environ.get("TERM") == "dumb"


def plain_where_dumb() -> AbstractContextManager[object]:
    """Within this, prompts are made that write text alone, if the terminal is dumb."""
    return create_app_session(output=PlainTextOutput(sys.stdout)) if is_dumb() else nullcontext()


def ask_without_echo(question: str) -> str:
    """One line that is not shown: prompt_toolkit would echo it there."""
    try:
        return getpass.getpass(f"{question}: ")
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\n")
        raise
