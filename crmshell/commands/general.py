"""Help, and leaving."""

from __future__ import annotations

from typing import Annotated

from crmshell import manual
from crmshell.commands.registry import GRAMMAR, free
from crmshell.language.declaration import Positional, Rest
from crmshell.outcome import ClearScreen, Farewell, Page
from crmshell.parameters import CommandWords


@free("help")
def show_help(
    command: Annotated[
        tuple[str, ...], CommandWords(), Positional(Rest.ALL_WORDS), "a noun, a command, a topic, or words to look for"
    ] = (),
) -> Page:
    """Explain a command, a noun or a topic, or find commands by what they do.

    The topics are language, values, keys, scripts and permissions. Any other words find what has all of them.

    crm> help
    crm> help contract add
    crm> help payment
    crm> help permissions
    """
    return manual.page(GRAMMAR, tuple(command))


@free("exit")
def leave() -> Farewell:
    """Leave the shell, or end the script here.

    crm> exit
    """
    return Farewell()


@free("quit")
def quit_() -> Farewell:
    """Leave the shell, or end the script here.

    crm> quit
    """
    return Farewell()


@free("clear")
def clear() -> ClearScreen:
    """Empty the screen.

    crm> clear
    """
    return ClearScreen()
