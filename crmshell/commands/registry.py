"""The decorators that declare a command, and the grammar they fill."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from crmshell.access import EVERYONE, Role
from crmshell.language.declaration import Mode, Parameter
from crmshell.language.grammar import Grammar
from crmshell.language.signature import declare
from crmshell.models.base import Record
from crmshell.parameters import AS, FORCE, FORMAT

F = TypeVar("F", bound=Callable[..., Any])

_RECORD = ("journal",)  # the history of a record
_HOMES: Mapping[str, Sequence[str]] = {
    "auth": ("auth",),
    "batch": ("batch",),
    "contract": ("contract", *_RECORD),
    "customer": ("customer", *_RECORD),
    "database": ("database",),
    "employee": ("employee", *_RECORD),
    "event": ("event", *_RECORD),
    "journal": ("journal",),
    "search": ("search",),
    "view": ("view",),
    "for": ("view",),
    "undo": ("undo",),
    "redo": ("undo",),
    "begin": ("transaction",),
    "commit": ("transaction",),
    "rollback": ("transaction",),
    "source": ("transaction",),
    "settings": ("settings",),
    "alias": ("comfort",),
    "unalias": ("comfort",),
    "watch": ("comfort",),
    "recall": ("comfort",),
    "lock": ("comfort",),
    "clip": ("comfort",),
    "help": ("general",),
    "clear": ("general",),
    "exit": ("general",),
    "quit": ("general",),
}
"""The modules in which the commands of a noun are declared; a test holds it against the declarations."""


def _load(module: str) -> None:
    importlib.import_module(f"crmshell.commands.{module}")


GRAMMAR = Grammar(_HOMES, _load)


class Done(NamedTuple):
    """A record, and what there is to say about it beside showing it.

    `secrets` are shown once, `notes` are remarks such as a rule that was overridden.
    """

    record: Record
    message: str = ""
    notes: Sequence[str] = ()
    secrets: Mapping[str, str] = {}


def reads(path: str, by: Role = EVERYONE, *, exclusive: Sequence[Sequence[str]] = ()) -> Callable[[F], F]:
    """Declare a command that shows something."""
    return _declaring(path, mode=Mode.READS, by=by, common=(FORMAT,), exclusive=exclusive)


def writes(path: str, by: Role, *, reason: Parameter | None = None) -> Callable[[F], F]:
    """Declare a command that changes a record and shows it; `reason` goes to the journal, not to the function."""
    return _declaring(path, mode=Mode.WRITES, by=by, common=_with_format(reason))


def updates(path: str, by: Role) -> Callable[[F], F]:
    """Declare a command that writes new values over those that were shown; `--force` is seen by dispatch alone."""
    return _declaring(path, mode=Mode.WRITES, by=by, common=(FORCE, FORMAT))


def removes(
    path: str,
    by: Role,
    *,
    reason: Parameter | None = None,
    preview: Callable[..., str] | None = None,
    confirmed_by: str = "",
    asked_with: str = "",
    exclusive: Sequence[Sequence[str]] = (),
) -> Callable[[F], F]:
    """Declare a command that takes something away, says what, and asks first; see Command for `preview`."""
    return _declaring(
        path,
        mode=Mode.WRITES,
        by=by,
        common=_with_format(reason),
        is_destructive=True,
        preview=preview,
        confirmed_by=confirmed_by,
        asked_with=asked_with,
        exclusive=exclusive,
    )


def _with_format(reason: Parameter | None) -> Sequence[Parameter]:
    return (reason, FORMAT) if reason else (FORMAT,)


def creates(path: str, by: Role) -> Callable[[F], F]:
    """Declare a command that makes a record, names it if asked, and shows it."""
    return _declaring(path, mode=Mode.WRITES, by=by, common=(AS, FORMAT), creates=True)


def alone(path: str, by: Role | None = EVERYONE) -> Callable[[F], F]:
    """Declare a command that keeps transactions of its own; `by=None` needs no session."""
    return _declaring(path, mode=Mode.ALONE, by=by)


def alone_asking(path: str, *, preview: Callable[..., str]) -> Callable[[F], F]:
    """Declare a command that keeps a transaction of its own, says what it will do, and asks first."""
    return _declaring(path, mode=Mode.ALONE, by=EVERYONE, is_destructive=True, preview=preview)


def free(path: str) -> Callable[[F], F]:
    """Declare a command that needs neither a session nor a database."""
    return _declaring(path, mode=Mode.NONE, by=None)


def in_shell(path: str) -> Callable[[F], F]:
    """Declare a command that makes sense at the prompt alone, and needs no session."""
    return _declaring(path, mode=Mode.NONE, by=None, needs_shell=True)


def _declaring(path: str, **declaration: Any) -> Callable[[F], F]:
    def declaring(function: F) -> F:
        GRAMMAR.add(declare(path, function, **declaration))
        return function

    return declaring
