"""Search everywhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from crmshell.commands.registry import reads
from crmshell.errors import Refused, UsageError
from crmshell.language.declaration import Positional, Rest
from crmshell.models import handles, hits
from crmshell.models.finding import MOST, TARGETS
from crmshell.models.terms import MOST_FRAGMENTS, wanted
from crmshell.outcome import Column, Kind, Rows
from crmshell.parameters import Count, OneOf, SearchWord
from crmshell.session import Session
from crmshell.text import plural

_COLUMNS = (
    Column("record", Kind.STATE),
    Column("id", Kind.UUID),
    Column("name", Kind.TEXT),
    Column("found", Kind.TEXT),
)
_SHOWN = 10


class Where(StrEnum):
    """The kinds of record that can be searched."""

    CUSTOMER = "customer"
    CONTRACT = "contract"
    EVENT = "event"
    EMPLOYEE = "employee"


@reads("search")
def search(
    session: Session,
    words: Annotated[tuple[str, ...], SearchWord(), Positional(Rest.ALL_WORDS), "what you remember of it"],
    in_: Annotated[Where | None, OneOf(Where), "only this kind of record"] = None,
    limit: Annotated[int, Count(), "how many of each kind, 10 if nothing is said"] = _SHOWN,
) -> Rows:
    """Find customers, contracts, events and employees by what you remember of them, the best first.

    The words may stand in any order and be of any field: names, companies, e-mails, phones however they are written,
    places, notes, references of payments, ids. Accents, case and one mistyped letter do not matter. "Words in quotes"
    stand together, and a -word leaves out what has it.

    crm> search müller
    crm> search "d'été" eloise -annulé
    crm> search 06 12 34 56 78 --in customer
    """
    asked = wanted(" ".join(words))
    if not asked.fragments:
        message = "there is no word to search for"
        raise UsageError(message, hint="search durand, and -lyon for what is to be left out")
    if len(asked.fragments) > MOST_FRAGMENTS:
        message = f"{len(asked.fragments)} words are more than a search takes"
        raise Refused(message, hint=f"at most {MOST_FRAGMENTS}")
    targets = [TARGETS[in_.value]] if in_ else list(TARGETS.values())
    groups, remarks = hits.search(asked, targets, limit, session.settings.region)
    found = [hit for group in groups for hit in group.hits]
    counts = ", ".join(map(_counted, groups))
    return Rows("hit", _COLUMNS, found, shorten=handles.shortest, notes=[*remarks, *([counts] if counts else [])])


def _counted(group: hits.Group) -> str:
    """How many there are of a kind; where not all of them are shown, how many are."""
    shown = f"{len(group.hits)} of " if len(group.hits) < group.size else ""
    if group.is_whole:
        return f"{shown}{plural(group.size, group.noun)}"
    if group.size == MOST:
        return f"{shown}more than {group.size} {group.noun}s"
    return f"{shown}{group.size} {group.noun}s or more"
