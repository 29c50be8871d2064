"""The condition of the records that a text finds, for lists: a few keys, tests in the order of the list, or sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import peewee

from crmshell.errors import UsageError
from crmshell.models import finding, hits, postings
from crmshell.models.finding import FAR, TARGETS, Rarity, Source, Target
from crmshell.models.shapes import among
from crmshell.models.terms import AFTER_ALL, Wanted, wanted
from crmshell.outcome import Kind
from crmshell.text import plural_of


class Narrowed(NamedTuple):
    """The condition, remarks such as the words that stand for a mistyped one, and whether it keeps few records."""

    condition: Any
    remarks: Sequence[str]
    is_few: bool = True


class _Asked(NamedTuple):
    """A text as it was read for a model, how often its words are there, and what was said about them."""

    model: Any
    target: Target
    wanted: Wanted
    rare: Rarity
    remarks: Sequence[str]


def narrowed(model: Any, text: str) -> Narrowed:
    """Which records of a model have all words of the text and none that it excludes; raises UsageError for no word.

    Few are found through their words. Of words that very many records have, each record of the list is asked in turn,
    so that a page of it streams, unless hardly any of the newest has all of them: those are then found as sets. Either
    way it is a scan, and a phrase is looked for word by word.
    """
    asked = _read(model, text)
    return _few(asked) or (_walked(asked) if _is_walked(asked) else _met(asked))


def narrowed_whole(model: Any, text: str) -> Narrowed:
    """The same where all such records are wanted and none of them first, as for a sum: no record is asked in turn."""
    asked = _read(model, text)
    return _few(asked) or (_met(asked) if postings.may_meet(asked.target, asked.wanted, asked.rare) else _walked(asked))


def _read(model: Any, text: str) -> _Asked:
    if model.noun not in TARGETS:
        text_field = next(shown.name for shown in model.shown if shown.column.kind is Kind.TEXT)
        message = f"{plural_of(model.noun)} have no words of their own"
        raise UsageError(message, hint=f"--where '{text_field} ~ WORD'")
    target, asked = TARGETS[model.noun], wanted(text)
    if not asked.fragments:
        message = "there is no word to search for"
        raise UsageError(message, hint='--search durand, or --search "durand -lyon"')
    nouns = finding.nouns_of([target])
    rare = finding.rarity(asked, nouns, FAR)
    asked, remarks = finding.forgiving(asked, rare, nouns)
    rare = finding.rarity(asked, nouns, FAR) if remarks else rare
    return _Asked(model, target, asked, rare, remarks)


def _few(asked: _Asked) -> Narrowed | None:
    """The keys of all of them; None where a word is too frequent for that."""
    model, target, wanted, rare, remarks = asked
    if not finding.are_all_looked_at(target, wanted, rare):
        return None
    found = finding.find(target, wanted, rare, FAR + 1)
    if not found.is_whole:
        return None
    keys = hits.confirmed(target, wanted, found.keys)
    return Narrowed(among(model.id, [*keys, *finding.named(target, wanted)]), remarks)


def _is_walked(asked: _Asked) -> bool:
    """Whether a page is soon full, or nothing else can be done."""
    about = asked.target, asked.wanted, asked.rare
    return not postings.may_meet(*about) or postings.are_met_soon(*about)


def _walked(asked: _Asked) -> Narrowed:
    """Each record of the list asked for each word."""
    model, target, wanted, rare, _ = asked
    tests = (_has(model, rare.sources(target, each), each.beginnings) for each in wanted.fragments)
    return _scanned(asked, map(_in_turn, tests))


def _met(asked: _Asked) -> Narrowed:
    """Those that the sets of all words have in common."""
    return _scanned(asked, [postings.met(asked.model.id, asked.target, asked.wanted, asked.rare)])


def _scanned(asked: _Asked, found: Iterable[Any]) -> Narrowed:
    """The records of these conditions, but what is excluded."""
    singles = (words for words in asked.wanted.excluded if len(words) == 1)
    kept = (_in_turn(~_has(asked.model, asked.target.sources, words)) for words in singles)
    remarks = [*asked.remarks, *map(_loosely, asked.wanted.phrases)]
    return Narrowed(reduce(peewee.Expression.__and__, [*found, *kept]), remarks, is_few=False)


def _loosely(phrase: Sequence[str]) -> str:
    return f"too many records have the words {', '.join(phrase)}: they are not looked for side by side"


def _has(model: Any, sources: Iterable[Source], beginnings: Sequence[str]) -> Any:
    """Whether a record has a word that begins so, of its own or of its customer; the index by record answers it."""
    links = {"id": model.id, "customer_id": getattr(model, "customer", None)}
    found = [_exists(source.noun, links[source.column], beginning) for source in sources for beginning in beginnings]
    return reduce(or_, found)


def _exists(noun: str, link: Any, beginning: str) -> Any:
    """The test for one; the offset keeps PostgreSQL from reading every record that has such a word first."""
    values = {"record_id =": link, "noun =": noun, "term >=": beginning, "term <": beginning + AFTER_ALL}
    conditions = [peewee.NodeList((peewee.SQL(compared), value)) for compared, value in values.items()]
    every = peewee.NodeList(conditions, glue=" AND ")
    return peewee.NodeList(
        (peewee.SQL("EXISTS (SELECT 1 FROM search_term WHERE"), every, peewee.SQL("LIMIT 1 OFFSET 0)"))
    )


def _in_turn(test: Any) -> Any:
    """The test, written so that no engine begins with it: the list's own order comes first."""
    return peewee.NodeList((peewee.EnclosedNodeList([test]), peewee.SQL("IS TRUE")))
