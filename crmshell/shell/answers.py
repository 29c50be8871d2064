"""What is wrong with an answer while it is typed: what its kind would refuse, and typing on cannot mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from completers.given import find_live_employee
from crmshell.errors import Failure, StoreError
from crmshell.language.declaration import AtName, ParameterKind
from crmshell.parameters import Clearable, Day, Email, Moment, OneOf, Phone, Text, Username
from crmshell.records import Pick
from crmshell.session import Session
from crmshell.shell.validation import READ_AT_ONCE

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = ("today", "tomorrow", "yesterday", "now", *(f"next {day}" for day in _WEEKDAYS))
_DATES = ("01/01/2028", "01/12/2028", "2028-01-01", "2028-12-01")
_WHOLE = (*_DATES, *(f"{day} 10:00" for day in _DATES), "+1d", "1 234.00", "1 234,00")
"""Whole values: what was typed may become one where the rest of one of them makes it right."""
_ENDINGS = ("0", ":00", "0:00", "d", " 9:00")
_OF_NAMES = ("xyz",)
_OF_EMAILS = ("a@b.fr", "@b.fr", "b.fr", ".fr", "fr", "r")
_DIGITS = ("12345678901", "20000000000", "33612345678", "55501234567", "98765432101")
_LONGEST_ENDING = 11  # digits


def find_fault(kind: ParameterKind, answer: str, session: Session) -> Failure | None:
    """What is wrong with an answer, as far as a key may wait for it: of kinds that are read at once."""
    kind = _unwrapped(kind)
    typed = answer.strip().casefold()
    if not isinstance(kind, READ_AT_ONCE) or not typed or any(word.startswith(typed) for word in _words_of(kind)):
        return None
    return _lasting(kind, answer, _further(kind, answer), Session(session.settings, session.clock))


def find_slow_fault(kind: ParameterKind, answer: str, session: Session) -> Failure | None:
    """The same of the other kinds, which take an import or a look at the database; for an answer with an empty menu.

    An answer for which there are records in the menu is no handle yet, and may be the words of one of them.
    """
    kind = _unwrapped(kind)
    if not answer.strip():
        return None
    scope = replace(session, remarks=[], is_writing=False)
    if isinstance(kind, Pick):
        return _fault_of(kind, AtName(answer[1:]) if answer.startswith("@") else answer, scope)
    return _lasting(kind, answer, _further(kind, answer), scope) if isinstance(kind, (Email, Phone)) else None


def find_slow_fault_in_line(kind: ParameterKind, value: str, session: Session) -> Failure | None:
    """The same of a value in a line, for who is logged in; nothing of a template, whose values come later."""
    if "$" in value or find_live_employee(session) is None:
        return None
    return find_slow_fault(kind, value, session)


def _unwrapped(kind: ParameterKind) -> ParameterKind:
    return kind.kind if isinstance(kind, Clearable) else kind


def _lasting(kind: ParameterKind, answer: str, further: Iterable[str], scope: Session) -> Failure | None:
    """The fault of an answer, where each of those that it may become has one too."""
    fault = _fault_of(kind, answer, scope)
    return fault if fault is not None and all(_fault_of(kind, text, scope) for text in further) else None


def _further(kind: ParameterKind, answer: str) -> Iterator[str]:
    """Some of the answers that this one may become."""
    if isinstance(kind, Phone):
        endings: Iterable[str] = (digits[:most] for most in range(1, _LONGEST_ENDING + 1) for digits in _DIGITS)
    elif isinstance(kind, Text):
        endings = ()
    elif isinstance(kind, Username):
        endings = _OF_NAMES
    else:
        endings = _OF_EMAILS if isinstance(kind, Email) else _ENDINGS
    yield from (answer + ending for ending in endings)
    if isinstance(kind, READ_AT_ONCE) and not isinstance(kind, (Text, Username)):
        yield from (answer + whole[len(answer) :] for whole in _WHOLE if len(whole) > len(answer))


def _words_of(kind: ParameterKind) -> Sequence[str]:
    return kind.words if isinstance(kind, OneOf) else _DAYS if isinstance(kind, (Day, Moment)) else ()


def _fault_of(kind: ParameterKind, text: str, scope: Session) -> Failure | None:
    try:
        kind.take(text, scope)
    except StoreError:  # says nothing about the answer
        return None
    except Failure as failure:
        return failure
    return None
