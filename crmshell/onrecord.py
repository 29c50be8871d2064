"""The kinds of parameter that look back: an entry of the journal, a record of any kind, a moment that has passed."""

from __future__ import annotations

import re

from crmshell.errors import NotFound, Refused
from crmshell.language.declaration import AtName
from crmshell.models.history import Named, is_told_of
from crmshell.models.integrity import MODELS
from crmshell.models.naming import find_number, find_record
from crmshell.parameters import Anything, Count, Moment
from crmshell.session import Session
from crmshell.text import nearest, safe, shorten

_TIME_ALONE = re.compile(r"\d{1,2}(h|[:h]\d\d(:\d\d)?)")


class EntryNumber(Count):
    """An entry of the journal."""

    metavar = "ENTRY"

    def word_name(self) -> str | None:
        """Its own name."""
        return self.metavar


class EntryToUndo(EntryNumber):
    """An entry that may be taken back: of one's own changes, those in force are offered."""


class EntryToRedo(EntryNumber):
    """An entry that may be done again: one's own undos are offered."""


class CommandName(Anything):
    """The words of a command, such as `customer update`."""

    metavar = "COMMAND"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """In lower case, one blank between them."""
        return safe(" ".join(text.split()).casefold())


class Since(Moment):
    """A moment, most often of today: a time alone is one of today."""

    def take(self, text: str, scope: Session) -> int:
        """As any other moment."""
        is_of_today = _TIME_ALONE.fullmatch(text.strip().casefold())
        return super().take(f"today {text}" if is_of_today else text, scope)


class AnyRecord(Anything):
    """A record of any kind, by its noun and its handle, such as `customer 12`; also one that is gone."""

    metavar = "RECORD"
    takes_names = True

    def take(self, text: str, scope: Session) -> Named:  # type: ignore[override]  # more than words
        """The record's noun and key."""
        if isinstance(text, AtName):
            model, record_id = scope.named(text)
            return model.noun, record_id
        noun, _, handle = text.strip().partition(" ")
        if noun.casefold() not in MODELS or not handle.strip():
            known = nearest(noun.casefold(), list(MODELS))
            raise Refused(f"{shorten(safe(text), 40)} names no record", hint=f'write "{known or "customer"} 12"')
        return _named(noun.casefold(), handle.strip())


def _named(noun: str, handle: str) -> Named:
    try:
        return noun, find_record(MODELS[noun], handle, hold=False, numbers=True).id
    except NotFound:
        number = find_number(handle)
        if number is None or not is_told_of(noun, number):
            raise
        return noun, number
