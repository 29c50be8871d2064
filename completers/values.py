"""Choices, dates, amounts and the words of the help: one source for each kind of parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from completers import lists
from completers.given import find_beside
from completers.ranking import Choice, starting
from completers.records import records
from crmshell import listing
from crmshell import parameters as kinds
from crmshell.aliases import load_aliases
from crmshell.commands import GRAMMAR
from crmshell.language.declaration import ParameterKind, Switch
from crmshell.language.slots import Slot
from crmshell.manual import PERMISSIONS
from crmshell.session import Session
from crmshell.values import format_amount, plain_amount

Source = Callable[[Any, Slot, Session], Iterator[Choice]]

_MOMENTS = ("today", "tomorrow", "tomorrow 9:00", "next monday 9:00", "next friday 19:00", "+7d", "+4w")
_DAYS = ("today", "yesterday", "tomorrow", "next monday", "+7d", "+4w")
_MOST_FILES = 200
_PAST_DAYS = ("today", "yesterday", "-7d")


def choices(slot: Slot, session: Session) -> list[Choice]:
    """What the kind of the slot's parameter offers; empty for a text only its writer knows."""
    if slot.parameter is None:
        return []
    kind = slot.parameter.kind
    return list(SOURCES[type(kind)](kind, slot, session))


def _nothing(_kind: ParameterKind, _slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(())


def _words(kind: kinds.OneOf, slot: Slot, session: Session) -> Iterator[Choice]:
    """The words, but not the one that would change nothing."""
    present = find_beside(kind.present, slot, session)
    return iter(starting([Choice(word) for word in kind.words if word != present], slot.typed))


def _moments(_kind: kinds.Moment, slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(starting([Choice(text) for text in _MOMENTS], slot.typed))


def _days(kind: kinds.Day, slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(starting([Choice(text) for text in (_PAST_DAYS if kind.past else _DAYS)], slot.typed))


def _amounts(kind: kinds.Amount, slot: Slot, session: Session) -> Iterator[Choice]:
    """The amount that another value suggests, such as all that is due."""
    cents = find_beside(kind.suggested, slot, session)
    if kind.suggested and cents and plain_amount(cents).startswith(slot.typed):
        yield Choice(plain_amount(cents), f"{kind.suggested.says}: {format_amount(cents)}")


def _clearable(kind: kinds.Clearable, slot: Slot, session: Session) -> Iterator[Choice]:
    return SOURCES[type(kind.kind)](kind.kind, slot, session)


def _alias_names(_kind: kinds.AliasName, slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(starting([Choice(name, words) for name, words in load_aliases().items()], slot.typed))


def _commands(_kind: kinds.CommandWords, slot: Slot, _session: Session) -> Iterator[Choice]:
    """Nouns and topics, and the verbs of a noun already named."""
    argument = slot.given.get("command")
    first = argument.token if argument else None
    verbs = GRAMMAR.verbs(first.text) if first and first.end < slot.start else []
    words = verbs or [*GRAMMAR.nouns(), PERMISSIONS]
    return iter(starting([Choice(word) for word in words], slot.typed))


def _files(_kind: kinds.FilePath, slot: Slot, _session: Session) -> Iterator[Choice]:
    return files(slot)


def files(slot: Slot) -> Iterator[Choice]:
    """The files and folders that begin so; hidden ones only where the dot was typed."""
    try:
        typed = Path(slot.typed).expanduser()
        folder = typed if slot.typed.endswith("/") or not slot.typed else typed.parent
        beginning = "" if folder == typed else typed.name
        found = sorted(islice((path for path in folder.iterdir() if path.name.startswith(beginning)), _MOST_FILES))
    except (OSError, RuntimeError):  # the latter for the home of a user who does not exist
        return
    for path in found:
        if beginning or not path.name.startswith("."):
            yield Choice(f"{path}/" if path.is_dir() else str(path))


SOURCES: dict[type[ParameterKind], Source] = {
    kinds.Pick: records,
    kinds.OneOf: _words,
    kinds.Moment: _moments,
    kinds.Day: _days,
    kinds.Amount: _amounts,
    kinds.Clearable: _clearable,
    kinds.CommandWords: _commands,
    kinds.FilePath: _files,
    kinds.Anything: _nothing,
    kinds.Line: _nothing,
    kinds.AliasName: _alias_names,
    kinds.LoginName: _nothing,
    kinds.NewName: _nothing,
    kinds.Text: _nothing,
    kinds.Secret: _nothing,
    kinds.Count: _nothing,
    kinds.Email: _nothing,
    kinds.Phone: _nothing,
    kinds.Username: _nothing,
    Switch: _nothing,
    listing.FieldsKind: lists.fields,
    listing.Where: lists.conditions,
    listing.SortBy: lists.fields,
    listing.FieldNames: lists.fields,
    listing.GroupFields: lists.fields,
    listing.NoOffset: _nothing,
}
"""One source for each kind; a test fails for a kind without one."""
