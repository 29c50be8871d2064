"""Choices, dates, amounts and the words of the help: one source for each kind of parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from completers import lists
from completers.given import find_beside, find_live_employee
from completers.ranking import Choice, starting
from completers.records import records
from crmshell import listing, views
from crmshell import parameters as kinds
from crmshell.aliases import load_aliases
from crmshell.commands import GRAMMAR
from crmshell.commands.scopes import bound_to
from crmshell.language.declaration import Mode, ParameterKind, Switch
from crmshell.language.slots import Slot
from crmshell.manual import topics
from crmshell.models import history, undoing
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.moments import format_moment
from crmshell.onrecord import AnyRecord, CommandName, EntryNumber, EntryToRedo, EntryToUndo, Since
from crmshell.records import Pick
from crmshell.session import Session
from crmshell.settings import declared
from crmshell.text import safe, shorten
from crmshell.values import format_amount, plain_amount

Source = Callable[[Any, Slot, Session], Iterator[Choice]]

_MOMENTS = ("today", "tomorrow", "tomorrow 9:00", "next monday 9:00", "next friday 19:00", "+7d", "+4w")
_DAYS = ("today", "yesterday", "tomorrow", "next monday", "+7d", "+4w")
_PAST_MOMENTS = ("today", "today 9:00", "yesterday", "-1h")
_MOST_FILES = 200
_MOST_ENTRIES = 20
_NAMED = {model.noun: model for model in (Customer, Contract, Event, Employee)}
_PAST_DAYS = ("today", "yesterday", "-7d")


def choices(slot: Slot, session: Session) -> Iterator[Choice]:
    """What the kind of the slot's parameter offers; empty for a text only its writer knows."""
    if slot.parameter is None:
        return iter(())
    kind = slot.parameter.kind
    return SOURCES[type(kind)](kind, slot, session)


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


def _setting_names(_kind: kinds.SettingName, slot: Slot, session: Session) -> Iterator[Choice]:
    present = {each.name: getattr(session.settings, each.name) for each in declared()}
    known = [Choice(each.name, f"{present[each.name]} – {each.metadata['meaning']}") for each in declared()]
    return iter(starting(known, slot.typed))


def _setting_values(_kind: kinds.SettingValue, slot: Slot, _session: Session) -> Iterator[Choice]:
    """The words that the setting named before it may be."""
    argument = slot.given.get("name")
    name = argument.token.text if argument else ""
    words = next((setting.metadata["choices"] for setting in declared() if setting.name == name), ())
    return iter(starting([Choice(word) for word in words], slot.typed))


def _alias_names(_kind: kinds.AliasName, slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(starting([Choice(name, words) for name, words in load_aliases().items()], slot.typed))


def _kept_fields(kind: kinds.KeptField, slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(starting([Choice(word) for word in kind.words], slot.typed))


def _commands(_kind: kinds.CommandWords, slot: Slot, _session: Session) -> Iterator[Choice]:
    """Nouns and topics, and the verbs of a noun already named."""
    argument = slot.given.get("command")
    first = argument.token if argument else None
    verbs = GRAMMAR.verbs(first.text) if first and first.end < slot.start else []
    words = verbs or [*GRAMMAR.nouns(), *topics()]
    return iter(starting([Choice(word) for word in words], slot.typed))


def _files(_kind: kinds.FilePath, slot: Slot, _session: Session) -> Iterator[Choice]:
    return files(slot)


def files(slot: Slot) -> Iterator[Choice]:
    """The files and folders that begin so; hidden ones only where the dot was typed."""
    try:
        typed = Path(slot.typed).expanduser()
        folder = typed if slot.typed.endswith("/") or not slot.typed else typed.parent
        beginning = "" if folder == typed else typed.name
        begun = islice((path for path in folder.iterdir() if path.name.startswith(beginning)), _MOST_FILES)
        found = [(path, path.is_dir()) for path in sorted(begun)]
    except (OSError, RuntimeError, ValueError):  # the latter two for the home of a stranger, and for a NUL
        return
    for path, is_folder in found:
        if beginning or not path.name.startswith("."):
            yield Choice(f"{path}/" if is_folder else str(path))


def _past_moments(_kind: Since, slot: Slot, _session: Session) -> Iterator[Choice]:
    return iter(starting([Choice(moment) for moment in _PAST_MOMENTS], slot.typed))


def _command_names(_kind: CommandName, slot: Slot, _session: Session) -> Iterator[Choice]:
    """The commands that leave an entry when they work."""
    writing = [command.name for command in GRAMMAR.commands.values() if command.mode is Mode.WRITES]
    return iter(starting([Choice(name) for name in writing], slot.typed))


def _entries(_kind: ParameterKind, slot: Slot, session: Session) -> Iterator[Choice]:
    """The newest entries that the employee may see."""
    employee = find_live_employee(session)
    if employee is None:
        return
    for number, at, username, _command, _result, line, *_ in history.latest(bound_to(employee), _MOST_ENTRIES):
        if str(number).startswith(slot.typed):
            when = format_moment(at, session.settings.zone_info)
            yield Choice(str(number), f"{when} · {username} · {shorten(safe(line), 60)}")


def _entries_to_undo(_kind: EntryToUndo, slot: Slot, session: Session) -> Iterator[Choice]:
    yield from _own_entries(None, slot, session)


def _entries_to_redo(_kind: EntryToRedo, slot: Slot, session: Session) -> Iterator[Choice]:
    yield from _own_entries([undoing.UNDO], slot, session)


def _own_entries(commands: list[str] | None, slot: Slot, session: Session) -> Iterator[Choice]:
    """The newest of one's own changes that are in force, of these commands or of all that do something new."""
    employee = find_live_employee(session)
    if employee is None:
        return
    for entry in islice(undoing.own_entries(employee, commands), _MOST_ENTRIES):
        if str(entry.id).startswith(slot.typed):
            when = format_moment(entry.at, session.settings.zone_info)
            yield Choice(str(entry.id), f"{when} · {shorten(safe(undoing.origin_of(entry).line), 60)}")


def _any_record(_kind: AnyRecord, slot: Slot, session: Session) -> Iterator[Choice]:
    """The nouns, then the records of the one that was typed."""
    noun, blank, typed = slot.typed.partition(" ")
    if not blank or noun not in _NAMED:
        yield from starting([Choice(name) for name in _NAMED], slot.typed)
        return
    for choice in records(Pick(_NAMED[noun]), slot._replace(typed=typed), session):
        yield replace(choice, value=f"{noun} {choice.value}")


SOURCES: dict[type[ParameterKind], Source] = {
    Pick: records,
    kinds.OneOf: _words,
    kinds.KeptField: _kept_fields,
    kinds.Moment: _moments,
    kinds.Day: _days,
    kinds.Amount: _amounts,
    kinds.Clearable: _clearable,
    kinds.CommandWords: _commands,
    kinds.FilePath: _files,
    kinds.Anything: _nothing,
    kinds.SearchWord: _nothing,
    kinds.Line: _nothing,
    kinds.AliasName: _alias_names,
    kinds.SettingName: _setting_names,
    kinds.SettingValue: _setting_values,
    kinds.LoginName: _nothing,
    kinds.NewName: _nothing,
    kinds.Text: _nothing,
    kinds.Secret: _nothing,
    kinds.Count: _nothing,
    kinds.Confirmation: _nothing,
    kinds.Email: _nothing,
    kinds.Phone: _nothing,
    kinds.Username: _nothing,
    Since: _past_moments,
    CommandName: _command_names,
    EntryNumber: _entries,
    EntryToUndo: _entries_to_undo,
    EntryToRedo: _entries_to_redo,
    AnyRecord: _any_record,
    Switch: _nothing,
    views.ViewName: lists.view_names,
    views.Given: lists.view_parameters,
    listing.FieldsKind: lists.fields,
    listing.Where: lists.conditions,
    listing.SortBy: lists.fields,
    listing.FieldNames: lists.fields,
    listing.GroupFields: lists.fields,
    listing.NoOffset: _nothing,
    listing.EntryToFollow: _entries,
}
"""One source for each kind; a test fails for a kind without one."""
