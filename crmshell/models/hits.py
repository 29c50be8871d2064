"""What a search shows of the records it found: the best first, each with the field that fits and its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from crmshell.database import current
from crmshell.models import finding
from crmshell.models.finding import MOST, NEAR, Rarity, Target
from crmshell.models.terms import Fragment, Wanted, holds_phrase, terms_of
from crmshell.people import format_phone
from crmshell.text import fold, shorten

_WITH_PHRASES = 500  # records whose texts are looked at for words that stand together
_EXCERPT = 60  # columns
_BEFORE = 20  # characters of a note before the word that was found
_NAMED = "its id"
_LEAST = 1  # the weight of a word in a note
_WHOLE = 2  # what a whole word counts, and its beginning half of it


class Field(NamedTuple):
    """A text that finds a record: its name for people, its column, and how much a word in it counts."""

    name: str
    column: str
    weight: int


class Shelf(NamedTuple):
    """What is read of a kind of record: the joins, its handle, its title, and the fields that find it."""

    joins: str
    handle: str
    title: str
    fields: tuple[Field, ...]


_OF_CUSTOMER = (Field("customer", "c.fullname", 3), Field("company", "c.company", 3))
_ADDRESSES = (Field("email", "c.email", 2), Field("phone", "c.phone", 2), Field("note", "c.note", _LEAST))
_CUSTOMER = "JOIN customer c ON c.id = r.customer_id"

_SHELVES: Mapping[str, Shelf] = {
    "customer": Shelf(
        "JOIN customer c ON c.id = r.id",
        "r.id",
        "r.fullname",
        (Field("fullname", "c.fullname", 4), Field("company", "c.company", 3), *_ADDRESSES),
    ),
    "contract": Shelf(_CUSTOMER, "r.uuid", "c.fullname", (*_OF_CUSTOMER, *_ADDRESSES)),
    "event": Shelf(
        _CUSTOMER,
        "r.id",
        "r.name",
        (
            Field("name", "r.name", 4),
            Field("location", "r.location", 3),
            *_OF_CUSTOMER,
            *_ADDRESSES[:2],
            Field("note", "r.note", _LEAST),
            Field("customer's note", "c.note", _LEAST),
        ),
    ),
    "employee": Shelf(
        "", "r.username", "r.fullname", (Field("username", "r.username", 4), Field("fullname", "r.fullname", 4))
    ),
}
_REFERENCE = Field("reference", "", 3)


class Hit(NamedTuple):
    """A record that was found, and why."""

    noun: str
    handle: str
    title: str
    reason: str


class Group(NamedTuple):
    """The hits of one kind, as many as were asked for; `size` counts all that were looked at."""

    noun: str
    hits: list[Hit]
    size: int
    is_whole: bool


class _Candidate:
    """A record as it was read, and how well it fits."""

    def __init__(self, key: int, handle: str, title: str, texts: Sequence[tuple[Field, str]]) -> None:
        self.key, self.handle, self.title, self.texts = key, handle, title, texts

    @property
    def note(self) -> Field | None:
        """The first of its notes."""
        return next((field for field, _ in self.texts if _is_note(field)), None)

    def score(self, fragments: Iterable[Fragment]) -> int:
        """Whole words before beginnings, and names before addresses before notes."""
        return sum(self.best(fragment)[0] for fragment in fragments)

    def best(self, fragment: Fragment) -> tuple[int, Field | None]:
        """The points of the field that fits a fragment best; where no other does, it is a note."""
        most, best = 0, None
        for field, text in self.texts:
            weight = field.weight
            if most >= weight * _WHOLE or weight == _LEAST:
                continue  # it could not fit better
            points = weight * _fit(fragment, text)
            if points > most:
                most, best = points, field
        return most, best or self.note

    def holds(self, phrase: Sequence[str]) -> bool:
        """Whether the words stand together in one of its texts."""
        return any(holds_phrase(text, phrase) for _, text in self.texts)

    def reason(self, wanted: Wanted, region: str) -> str:
        """Which fields fit, with their texts; a phone as it is dialled in the home region."""
        chosen: dict[Field, Fragment] = {}
        for fragment in wanted.fragments:
            field = self.best(fragment)[1]
            if field is not None:
                chosen.setdefault(field, fragment)
        return "; ".join(f"{field.name}: {self._shown(field, fragment, region)}" for field, fragment in chosen.items())

    def _shown(self, field: Field, fragment: Fragment, region: str) -> str:
        text = next(text for other, text in self.texts if other == field)
        if field.name == "phone":
            return format_phone(text, region)
        return shorten(_excerpt(text, fragment) if _is_note(field) else text, _EXCERPT)


def search(wanted: Wanted, targets: Sequence[Target], limit: int, region: str = "FR") -> tuple[list[Group], list[str]]:
    """The groups of what was found, and remarks such as the words that stand for a mistyped one."""
    nouns = finding.nouns_of(targets)
    with current().looking_up():
        rare = finding.rarity(wanted, nouns, NEAR)
        wanted, remarks = finding.forgiving(wanted, rare, nouns)
        if remarks:
            rare = finding.rarity(wanted, nouns, NEAR)
        groups = [_group(target, wanted, rare, limit, region) for target in targets]
    return [group for group in groups if group.hits], remarks


def _group(target: Target, wanted: Wanted, rare: Rarity, limit: int, region: str) -> Group:
    named = finding.named(target, wanted)
    most = _WITH_PHRASES if wanted.phrases else MOST + 1
    found = finding.find(target, wanted, rare, most)
    candidates = _read(target, list(dict.fromkeys([*named, *found.keys]))[:most])
    kept = [candidate for candidate in candidates if candidate.key in named or _is_wanted(candidate, wanted)]
    kept.sort(key=lambda each: (each.key in named, each.score(wanted.fragments), each.key), reverse=True)
    reasons = [_NAMED if each.key in named else each.reason(wanted, region) for each in kept[:limit]]
    shown = zip(kept, reasons, strict=False)
    hits = [Hit(target.noun, each.handle, each.title, reason) for each, reason in shown]
    return Group(target.noun, hits, min(len(kept), MOST), found.is_whole and len(kept) <= MOST)


def confirmed(target: Target, wanted: Wanted, keys: Sequence[int]) -> list[int]:
    """Those of the records in whose texts the phrases stand together."""
    if not wanted.phrases and all(len(words) == 1 for words in wanted.excluded):
        return list(keys)
    return [candidate.key for candidate in _read(target, keys) if _is_wanted(candidate, wanted)]


def _is_wanted(candidate: _Candidate, wanted: Wanted) -> bool:
    return all(map(candidate.holds, wanted.phrases)) and not any(map(candidate.holds, wanted.excluded))


def _read(target: Target, keys: Sequence[int]) -> list[_Candidate]:
    if not keys:
        return []
    shelf = _SHELVES[target.noun]
    references = _references(keys) if target.noun == "contract" else {}
    database = current()
    rows = database.execute_sql(_select(target.noun, database.held), [database.array(keys)]).fetchall()
    return [_candidate(shelf, row, references.get(row[0], ())) for row in rows]


def _candidate(shelf: Shelf, row: Sequence[Any], references: Iterable[str]) -> _Candidate:
    texts = [(field, str(text)) for field, text in zip(shelf.fields, row[3:], strict=True) if text]
    texts += [(_REFERENCE, reference) for reference in references]
    return _Candidate(int(row[0]), str(row[1]), str(row[2]), texts)


@cache
def _select(noun: str, held: str) -> str:
    """The statement for any number of keys, which is planned once."""
    shelf = _SHELVES[noun]
    columns = ", ".join(["r.id", shelf.handle, shelf.title, *(field.column for field in shelf.fields)])
    return f"SELECT {columns} FROM {noun} r {shelf.joins} WHERE r.id {held}"  # noqa: S608


def _references(contracts: Sequence[int]) -> dict[int, list[str]]:
    database = current()
    sql = f"SELECT contract_id, reference FROM payment WHERE contract_id {database.held} AND reference IS NOT NULL"  # noqa: S608
    found: dict[int, list[str]] = {}
    for contract, reference in database.execute_sql(sql, [database.array(contracts)]).fetchall():
        found.setdefault(int(contract), []).append(str(reference))
    return found


def _is_note(field: Field) -> bool:
    return field.weight == _LEAST


def _fit(fragment: Fragment, text: str) -> int:
    """Two for a whole word, one for the beginning of one."""
    terms, best = _terms(text), 0
    for beginning in fragment.beginnings:
        if f"\n{beginning}" in terms:
            if f"\n{beginning}\n" in terms:
                return _WHOLE
            best = 1
    return best


@lru_cache(maxsize=4096)
def _terms(text: str) -> str:
    """The words of a text, a line each; what was looked for once is often looked for again, as are one's customers."""
    return "\n".join(["", *terms_of(text), ""])


def _excerpt(note: str, fragment: Fragment) -> str:
    """A note from shortly before the word that was found."""
    for word in re.finditer(r"\S+", note):
        if fragment.is_in(terms_of(fold(word[0]))):
            start = max(0, word.start() - _BEFORE)
            return ("…" if start else "") + " ".join(note[start : word.start() + 2 * _EXCERPT].split())
    return " ".join(note[: 2 * _EXCERPT].split())
