"""The ways in which a text may name a record: by the beginning of its UUID, of its number, of its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Any

import peewee

from crmshell.database import current
from crmshell.models import handles, search
from crmshell.models.base import Record
from crmshell.models.compiled import hole, statement
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event
from crmshell.models.terms import AFTER_ALL
from crmshell.text import are_digits, fold, words

NEAR, FAR = 200, 500
"""How many records are looked at on the way from what was typed: at first, and where that found nothing."""

_TAKING_TURNS = 16  # words
_TAKEN, _TAKEN_ON_THE_WAY = 64, 240  # records of all of them together; on the way to others, most of which may not do

Row = tuple[Any, ...]
"""The values that are told of a record, its handle first, then the key."""

_MOST_DIGITS = 9  # of a number that begins with what was typed
_HEXADECIMAL = frozenset("0123456789abcdef")
_WITHOUT_OWNER = frozenset({"employee", "contract"})  # the words of a contract are the references of its payments
_WORDS: Mapping[type[Record], Sequence[tuple[str, str]]] = {
    Employee: [("employee", "id")],
    Customer: [("customer", "id")],
    Contract: [("customer", "customer"), ("contract", "id")],
    Event: [("event", "id"), ("customer", "customer")],
}


@dataclass(frozen=True)
class Way:
    """One of them. Two ways are equal where their SQL is the same; `values` fill the holes of it."""

    values: Mapping[str, Any] = field(compare=False)
    leads_on: bool | None = field(default=None, compare=False, kw_only=True)
    """Whether it leads to more than NEAR records; None where that has to be asked."""

    @property
    def is_selective(self) -> bool:
        """Whether most of what is looked at may be thrown away, so that it is worth looking further."""
        return False

    @property
    def takes_turns(self) -> bool:
        """Whether `in_turns` finds something else than `first`."""
        return False

    @property
    def alternates(self) -> bool:
        """Whether what it leads to is mixed with what others do, and not taken before or after them."""
        return True

    @property
    def is_last_resort(self) -> bool:
        """Whether it is looked at where the others lead to few records."""
        return False

    def first(self, model: type[Record], most: int) -> Any:
        """The condition that the first records in the order of what was typed fulfil, `most` and no more."""
        raise NotImplementedError

    def beyond(self, model: type[Record]) -> Any:
        """The condition of those behind the NEAR first ones, as far as FAR."""
        raise NotImplementedError

    def in_turns(self, model: type[Record]) -> Any:
        """The same for a few records of each of the words that begin so: one frequent word leaves room for others."""
        return self.first(model, NEAR)

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """What was found, in the order of the handles: the database hands it out as it likes."""
        return sorted(rows, key=lambda row: row[0])

    def fits(self, model: type[Record]) -> Any:
        """The condition that all of them fulfil; for a few records that were found otherwise."""
        raise NotImplementedError

    def after(self, model: type[Record], most: int) -> Any:
        """A query with a row where there are more than so many."""
        raise NotImplementedError


@dataclass(frozen=True)
class ByUuid(Way):
    """A contract by the beginning of its UUID."""

    def first(self, model: type[Record], most: int) -> Any:  # noqa: ARG002
        """By the index of the UUIDs, as far as the last of them: each record is then read once."""
        other = Contract.alias()
        last = other.select(other.uuid).where(self._begins(other)).order_by(other.uuid).limit(1).offset(most - 1)
        return Contract.uuid.between(hole("uuid_first"), peewee.fn.COALESCE(last, hole("uuid_last")))

    def beyond(self, model: type[Record]) -> Any:  # noqa: ARG002
        """By the same index."""
        return Contract.id.in_(self._range(FAR - NEAR).offset(NEAR))

    def fits(self, model: type[Record]) -> Any:  # noqa: ARG002
        """Between the first and the last UUID that begin so."""
        return self._begins(Contract)

    def after(self, model: type[Record], most: int) -> Any:  # noqa: ARG002
        """The one after the last."""
        return self._range(1).offset(most)

    def _range(self, most: int) -> Any:
        other = Contract.alias()
        return other.select(other.id).where(self._begins(other)).order_by(other.uuid).limit(most)

    @staticmethod
    def _begins(contract: Any) -> Any:
        return contract.uuid.between(hole("uuid_first"), hole("uuid_last"))


@dataclass(frozen=True)
class ByNumber(Way):
    """A record whose number is in a range such as 120 to 129; there may be several such ranges."""

    place: int

    @property
    def alternates(self) -> bool:
        """The lowest numbers come first, and most of the ranges are never looked at."""
        return False

    @classmethod
    def between(cls, low: int, high: int, place: int) -> ByNumber:
        """The way for one range, at this place among several."""
        ends = {f"end_{most}_{place}": min(high, low + most - 1) for most in (NEAR, FAR)}
        return cls({f"low_{place}": low, f"high_{place}": high, **ends}, place)

    def first(self, model: type[Record], most: int) -> Any:
        """The lowest: numbers are given one by one, so that a range of so many holds no more records."""
        return model.id.between(hole(f"low_{self.place}"), self._end(most))

    def beyond(self, model: type[Record]) -> Any:
        """The numbers behind those."""
        return (model.id > self._end(NEAR)) & (model.id <= self._end(FAR))

    def fits(self, model: type[Record]) -> Any:
        """In the range."""
        return model.id.between(hole(f"low_{self.place}"), hole(f"high_{self.place}"))

    def after(self, model: type[Record], most: int) -> Any:
        """Any in the rest of the range."""
        rest = (model.id > self._end(most)) & (model.id <= hole(f"high_{self.place}"))
        return model.select(peewee.SQL("1")).where(rest).limit(1)

    def _end(self, most: int) -> Any:
        return hole(f"end_{most}_{self.place}")


@dataclass(frozen=True)
class ByWords(Way):
    """A record with words of which each begins with one of the fragments typed; the first fragment is the rarest.

    `noun` is the kind of record whose words they are, `link` the field with its key, `owner_id` the commercial.
    """

    noun: str
    link: str
    fragments: int
    owner_id: int | None

    @classmethod
    def of(cls, noun: str, link: str, fragments: Sequence[str], owner_id: int | None) -> ByWords:
        """The way for these fragments."""
        values: dict[str, str] = {}
        for place, fragment in enumerate(fragments):
            values |= {f"{noun}_from_{place}": fragment, f"{noun}_until_{place}": fragment + AFTER_ALL}
        return cls(values, noun, link, len(fragments), owner_id)

    @property
    def is_selective(self) -> bool:
        """Several fragments seldom meet in one record."""
        return self.fragments > 1

    @property
    def takes_turns(self) -> bool:
        """One fragment alone begins many words."""
        return self.fragments == 1

    @property
    def is_last_resort(self) -> bool:
        """People look for a contract by its customer, and by the reference of a payment where that leads nowhere."""
        return self.noun == "contract"

    def first(self, model: type[Record], most: int) -> Any:
        """By the range of the first fragment, the other words of each looked up."""
        return getattr(model, self.link).in_(self._having_others(self._range(most)))

    def beyond(self, model: type[Record]) -> Any:
        """By the same range."""
        return getattr(model, self.link).in_(self._having_others(self._range(FAR - NEAR).offset(NEAR)))

    def _having_others(self, few: Any) -> Any:
        """Those of a few records that have the other words too."""
        if self.fragments == 1:
            return few
        named = few.alias("few")
        return peewee.Select([named], [named.c.record_id]).where(self._others(named.c.record_id, 1))

    def in_turns(self, model: type[Record]) -> Any:
        """The newest of each of the first words, the more of each the fewer words there are."""
        if not self.takes_turns:
            return self.first(model, NEAR)
        named, term, other = self._first_words(), search.SearchTerm.alias(), search.SearchTerm.alias()
        most = peewee.SQL(str(_TAKEN if self.link == "id" else _TAKEN_ON_THE_WAY)) / peewee.fn.COUNT(peewee.SQL("*"))
        newest = other.select(other.record_id).where(self._is_of(other) & (other.term == named.c.term))
        oldest = newest.order_by(other.record_id.desc()).limit(1).offset(peewee.Select([named], [most]))
        taken = self._is_of(term) & (term.term == named.c.term) & (term.record_id >= peewee.fn.COALESCE(oldest, 0))
        few = peewee.Select([named], [term.record_id]).join(term, peewee.JOIN.CROSS).where(taken).with_cte(named)
        return getattr(model, self.link).in_(few)

    def _first_words(self) -> Any:
        word = search.SearchWord.alias()
        begun = (word.noun == self.noun) & self._begins(word, 0)
        few = word.select(word.term).where(begun).order_by(word.term).limit(_TAKING_TURNS)
        return few.cte("words", materialized=True)

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The newest first; the staff by username, which is the second of what is told."""
        if self.noun == "employee":
            return sorted(rows, key=lambda row: fold(row[1]))
        return sorted(rows, key=lambda row: row[-1], reverse=True)

    def fits(self, model: type[Record]) -> Any:
        """Each word looked up."""
        return self._others(getattr(model, self.link), 0)

    def after(self, model: type[Record], most: int) -> Any:  # noqa: ARG002
        """The one after the last."""
        return self._range(1).offset(most)

    def begun(self) -> Any:
        """A query with a row where any word begins with the first fragment."""
        return self._range(1)

    def counted(self, most: int) -> Any:
        """A query with how many words begin with each fragment, counted up to so many."""
        ranges = [self._range(most, place).alias("some") for place in range(self.fragments)]
        counts = [peewee.Select([each], [peewee.fn.COUNT(peewee.SQL("*"))]) for each in ranges]
        return peewee.Select(None, counts).bind(current())

    def _range(self, most: int, place: int = 0) -> Any:
        term = search.SearchTerm.alias()
        wanted = self._is_of(term) & self._begins(term, place)
        return term.select(term.record_id).where(wanted).order_by(term.term, term.record_id).limit(most)

    def _is_of(self, term: Any) -> Any:
        """The words of this kind, of the commercial's records alone where there is one."""
        same = term.noun == self.noun
        return same if self.owner_id is None else same & (term.owner_id == self.owner_id)

    def _others(self, record_id: Any, first: int) -> Any:
        return reduce(and_, (self._has(record_id, place) for place in range(first, self.fragments)))

    def _has(self, record_id: Any, place: int) -> Any:
        """Whether a record has a word that begins so; the index by record answers it.

        The offset keeps PostgreSQL from collecting all records with such a word first.
        """
        term = search.SearchTerm.alias()
        same = (term.record_id == record_id) & (term.noun == self.noun)
        found = term.select(peewee.SQL("1")).where(same & self._begins(term, place))
        return peewee.fn.EXISTS(found.limit(1).offset(peewee.SQL("0")))

    def _begins(self, term: Any, place: int) -> Any:
        return (term.term >= hole(f"{self.noun}_from_{place}")) & (term.term < hole(f"{self.noun}_until_{place}"))


def nouns(model: type[Record]) -> Sequence[tuple[str, str]]:
    """The nouns under whose words a model is found, and the field that holds their key."""
    return _WORDS.get(model, ())


def owner_of(noun: str, owner_id: int | None) -> int | None:
    """The commercial under whom the words of this kind are stored; None where they are under nobody."""
    return None if noun in _WITHOUT_OWNER else owner_id


def ways(model: type[Record], typed: str, owner_id: int | None) -> Iterator[Way]:
    """Every way in which the text may name a record, the surest first; `owner_id` keeps to one commercial's."""
    if model is Contract:
        yield from _by_uuid(typed)
    elif model is not Employee and are_digits(typed) and len(typed) <= _MOST_DIGITS:
        yield from _by_number(model, typed)
    fragments = [fragment[: search.LONGEST_TERM] for fragment in sorted(words(typed))]
    for noun, link in nouns(model) if fragments else ():
        owner = owner_of(noun, owner_id)
        yield _by_words(noun, link, fragments, owner)


def _by_uuid(typed: str) -> Iterator[Way]:
    digits = typed.casefold().replace("-", "")
    if 0 < len(digits) <= handles.WHOLE and set(digits) <= _HEXADECIMAL:
        first, last = handles.bounds(digits)
        yield ByUuid({"uuid_first": first, "uuid_last": last})


def _by_number(model: type[Record], digits: str) -> Iterator[Way]:
    """Numbers that begin with these digits: 12, then 120 to 129, then 1200 to 1299, as far as numbers go."""
    highest = _highest(model)
    for place in range(_MOST_DIGITS - len(digits) + 1):
        low = int(digits) * 10**place
        if low > highest or (place and not low):
            return
        yield ByNumber.between(low, low + 10**place - 1, place)


def _highest(model: type[Record]) -> int:
    return int(statement(_last, model).rows({})[0][0] or 0)


def _last(model: type[Record]) -> Any:
    return model.select(peewee.fn.MAX(model.id))


def _by_words(noun: str, link: str, fragments: Sequence[str], owner_id: int | None) -> ByWords:
    """The way that begins with the fragment with which the fewest words do, the longer one of two that are as many.

    They are counted no further than is looked at.
    """
    way = ByWords.of(noun, link, fragments, owner_id)
    if len(fragments) == 1:
        return way
    counts = statement(ByWords.counted, way, NEAR + 1).rows(way.values)[0]
    (fewest, *_), *_ = ranked = sorted(
        zip(counts, fragments, strict=True), key=lambda counted: (counted[0], -len(counted[1]))
    )
    rarest_first = ByWords.of(noun, link, [fragment for _, fragment in ranked], owner_id)
    return replace(rarest_first, leads_on=fewest > NEAR)
