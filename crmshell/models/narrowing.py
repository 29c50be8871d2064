"""The condition of the records that a text finds, for lists: a few keys, or tests in the order of the list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import peewee

from crmshell.errors import UsageError
from crmshell.models import finding, hits
from crmshell.models.finding import FAR, TARGETS, Target
from crmshell.models.shapes import among
from crmshell.models.terms import AFTER_ALL, Wanted, wanted
from crmshell.outcome import Kind
from crmshell.text import plural_of


class Narrowed(NamedTuple):
    """The condition, remarks such as the words that stand for a mistyped one, and whether it keeps few records."""

    condition: Any
    remarks: Sequence[str]
    is_few: bool = True


def narrowed(model: Any, text: str) -> Narrowed:
    """Which records of a model have all words of the text and none that it excludes; raises UsageError for no word.

    Few are found through their words. Of words that very many records have, each record of the list is asked in turn,
    so that a page of it streams, which is a scan where nearly none has all of them; a phrase is then looked for word by
    word.
    """
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
    found = finding.find(target, asked, rare, FAR + 1) if finding.are_all_looked_at(target, asked, rare) else None
    if found is None or not found.is_whole:
        return Narrowed(_tests(model, target, asked), [*remarks, *map(_loosely, asked.phrases)], is_few=False)
    keys = hits.confirmed(target, asked, found.keys)
    return Narrowed(among(model.id, [*keys, *finding.named(target, asked)]), remarks)


def _loosely(phrase: Sequence[str]) -> str:
    return f"too many records have the words {', '.join(phrase)}: they are not looked for side by side"


def _tests(model: Any, target: Target, asked: Wanted) -> Any:
    tests = [_has(model, target, fragment.beginnings) for fragment in asked.fragments]
    tests += [~_has(model, target, words) for words in asked.excluded if len(words) == 1]
    return reduce(peewee.Expression.__and__, map(_in_turn, tests))


def _has(model: Any, target: Target, beginnings: Sequence[str]) -> Any:
    """Whether a record has a word that begins so, of its own or of its customer; the index by record answers it."""
    links = {"id": model.id, "customer_id": getattr(model, "customer", None)}
    found = [
        _exists(source.noun, links[source.column], beginning) for source in target.sources for beginning in beginnings
    ]
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
