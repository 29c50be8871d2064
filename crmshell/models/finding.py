"""Find records by what people remember of them, at a cost that does not grow with the table.

A record has words of its own, and some have those of their customer too: the *sources* of a model. The rarest fragment
leads, from its newest exact words on and then through the words that begin so, and a bounded number of them are looked
at; the other fragments are looked up for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from crmshell.database import current
from crmshell.models import handles
from crmshell.models.naming import find_number
from crmshell.models.terms import AFTER_ALL, Fragment, Wanted
from crmshell.models.vocabulary import nearest

NEAR, FAR = 400, 2000
"""How many records under the rarest word are looked at: for a search, and for a list, which has to be whole."""

MOST = 30
_WAYS = 2  # a number may be the beginning of a phone, and its end
_AGAIN = 4  # times as many
_LED = "few.record_id"


class Source(NamedTuple):
    """Whose words find a record, and the column of the record that holds their key."""

    noun: str
    column: str


class Target(NamedTuple):
    """A kind of record that is looked for: its table, whose words find it, and what is alive of it."""

    noun: str
    sources: tuple[Source, ...]
    condition: str = ""


TARGETS: Mapping[str, Target] = {
    target.noun: target
    for target in (
        Target("customer", (Source("customer", "id"),), "r.deleted_at IS NULL"),
        Target("contract", (Source("contract", "id"), Source("customer", "customer_id"))),
        Target("event", (Source("event", "id"), Source("customer", "customer_id"))),
        Target("employee", (Source("employee", "id"),)),
    )
}


class Found(NamedTuple):
    """The keys of records that fit, the likeliest first; `is_whole` says that there are no others."""

    keys: list[int]
    is_whole: bool


class Rarity(NamedTuple):
    """How many words begin with each fragment, by the noun of the words; counted up to one more than `far`."""

    counts: Mapping[tuple[str, Fragment], int]
    far: int

    def of(self, fragment: Fragment, nouns: Iterable[str]) -> int:
        """The words of all these nouns."""
        return sum(self.counts[noun, fragment] for noun in nouns)

    def sources(self, target: Target, fragment: Fragment) -> list[Source]:
        """Those of the sources of a kind of record under whose words a fragment is found at all."""
        return [source for source in target.sources if self.counts[source.noun, fragment]]


class Sql:
    """A statement under construction: its text with a mark for each value, and the values in their order."""

    def __init__(self) -> None:
        self.mark = current().param
        self.values: list[Any] = []

    def value(self, value: Any) -> str:
        """The mark of a value."""
        self.values.append(value)
        return self.mark

    def begins(self, beginning: str) -> str:
        """The condition of the words that begin so."""
        return f"(t.term >= {self.value(beginning)} AND t.term < {self.value(beginning + AFTER_ALL)})"

    def has(self, source: Source, link: str, beginnings: Sequence[str]) -> str:
        """Whether there is such a word of the key in this column; the index by record answers it, key by key.

        The offset keeps PostgreSQL from reading all records that have the word at once, which may be very many.
        """
        same = f"t.record_id = {link} AND t.noun = {self.value(source.noun)}"
        fits = " OR ".join(map(self.begins, beginnings))
        return f"EXISTS (SELECT 1 FROM search_term t WHERE {same} AND ({fits}) LIMIT 1 OFFSET 0)"  # noqa: S608

    def has_any(self, sources: Iterable[Source], beginnings: Sequence[str]) -> str:
        """Whether a record has such a word from any of these sources."""
        return "(" + " OR ".join(self.has(source, f"r.{source.column}", beginnings) for source in sources) + ")"

    def all_under(self, noun: str, fragment: Fragment) -> str:
        """The keys under all words that begin so, in no order."""
        same = f"t.noun = {self.value(noun)}"
        fits = " OR ".join(map(self.begins, fragment.beginnings))
        return f"SELECT t.record_id FROM search_term t WHERE {same} AND ({fits})"  # noqa: S608

    def leading(self, noun: str, fragment: Fragment, most: int) -> str:
        """The keys under the words that are the fragment, the newest first, then under those that begin so."""
        parts = [self._exact(noun, beginning, most) for beginning in fragment.beginnings]
        parts += [self._longer(noun, beginning, most) for beginning in fragment.beginnings]
        every = " UNION ALL ".join(f"SELECT * FROM ({part}) AS p{place}" for place, part in enumerate(parts))  # noqa: S608
        return f"{every} LIMIT {most * min(len(fragment.beginnings), _WAYS)}"

    def _exact(self, noun: str, term: str, most: int) -> str:
        same = f"t.noun = {self.value(noun)} AND t.term = {self.value(term)}"
        return f"SELECT t.record_id FROM search_term t WHERE {same} ORDER BY t.record_id DESC LIMIT {most}"  # noqa: S608

    def _longer(self, noun: str, term: str, most: int) -> str:
        same = f"t.noun = {self.value(noun)}"
        longer = f"t.term > {self.value(term)} AND t.term < {self.value(term + AFTER_ALL)}"
        order = f"ORDER BY t.term, t.record_id LIMIT {most}"
        return f"SELECT t.record_id FROM search_term t WHERE {same} AND {longer} {order}"  # noqa: S608

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run it."""
        found: list[tuple[Any, ...]] = current().execute_sql(sql, self.values).fetchall()
        return found


def rarity(wanted: Wanted, nouns: Iterable[str], far: int) -> Rarity:
    """Count the words that begin with each fragment, all in one statement."""
    pairs = [(noun, fragment) for noun in nouns for fragment in wanted.fragments]
    sql = Sql()
    counts = ", ".join(_count(sql, noun, fragment, far) for noun, fragment in pairs)
    row = sql.rows(f"SELECT {counts}")[0]
    return Rarity(dict(zip(pairs, map(int, row), strict=True)), far)


def _count(sql: Sql, noun: str, fragment: Fragment, far: int) -> str:
    """How many words begin with each of the beginnings, added up."""
    conditions = (f"t.noun = {sql.value(noun)} AND {sql.begins(beginning)}" for beginning in fragment.beginnings)
    rows = (f"SELECT 1 FROM search_term t WHERE {condition} LIMIT {far + 1}" for condition in conditions)  # noqa: S608
    return " + ".join(f"(SELECT COUNT(*) FROM ({few}) AS counted)" for few in rows)  # noqa: S608


def nouns_of(targets: Iterable[Target]) -> list[str]:
    """The nouns under whose words these are found."""
    return list(dict.fromkeys(source.noun for target in targets for source in target.sources))


def find(target: Target, wanted: Wanted, rare: Rarity, most: int = MOST + 1) -> Found:
    """The keys of records of a kind that have all fragments and nothing excluded; phrases are not looked at."""
    leading = _leading(target, wanted, rare)
    keys: dict[int, None] = {}
    is_whole = are_all_looked_at(target, wanted, rare)
    for source in rare.sources(target, leading):
        if len(keys) < most:
            led_to, is_cut = _led_to(target, source, leading, wanted, rare, most)
            keys |= dict.fromkeys(led_to)
            is_whole = is_whole and not is_cut
    return Found(list(keys)[:most], is_whole and len(keys) < most)


def _led_to(
    target: Target, source: Source, leading: Fragment, wanted: Wanted, rare: Rarity, most: int
) -> tuple[list[int], bool]:
    """The keys to which the words of one source lead, and whether there may be more.

    More are asked for where too many of the first ones are the same record, which several of its words lead to.
    """
    keys: list[int] = []
    for limit in (most, _AGAIN * most):
        keys = _through(target, source, leading, wanted, rare, limit)
        if len(keys) < limit:
            return keys, False
        if len(set(keys)) >= most:
            break
    return keys, True


def are_all_looked_at(target: Target, wanted: Wanted, rare: Rarity) -> bool:
    """Whether `find` comes to the end of the words that lead, so that it may find everything there is."""
    leading = _leading(target, wanted, rare)
    return all(rare.counts[source.noun, leading] <= rare.far for source in target.sources)


def _leading(target: Target, wanted: Wanted, rare: Rarity) -> Fragment:
    """The rarest fragment; of several the longest."""
    nouns = [source.noun for source in target.sources]
    return min(wanted.fragments, key=lambda fragment: (rare.of(fragment, nouns), -len(fragment.typed)))


def _through(target: Target, source: Source, leading: Fragment, wanted: Wanted, rare: Rarity, most: int) -> list[int]:
    """The keys of those to which the words of one source lead, a record as often as they do.

    What the source alone can tell is asked once, however many records there are of each of its keys.
    """
    sql = Sql()
    others = [(each, rare.sources(target, each)) for each in wanted.fragments if each != leading]
    excluded = [words for words in wanted.excluded if len(words) == 1]
    shared = [(each, _without(source, known)) for each, known in others if source in known and len(known) > 1]
    flags = [f"{sql.has(source, _LED, each.beginnings)} AS has_{place}" for place, (each, _) in enumerate(shared)]
    few = sql.leading(source.noun, leading, rare.far)
    tests = [sql.has(source, _LED, each.beginnings) for each, known in others if known == [source]]
    tests += [f"NOT {sql.has(source, _LED, words)}" for words in excluded]
    led = f"SELECT {', '.join([_LED, *flags])} FROM ({few}) AS few {_where(tests)} LIMIT {_WAYS * rare.far}"  # noqa: S608
    own = [f"few.has_{place} OR {sql.has_any(rest, each.beginnings)}" for place, (each, rest) in enumerate(shared)]
    own += [sql.has_any(known, each.beginnings) for each, known in others if source not in known]
    rest = _without(source, target.sources)
    own += [f"NOT {sql.has_any(rest, words)}" for words in excluded if rest]
    own += [target.condition] if target.condition else []
    rows = sql.rows(
        f"SELECT r.id FROM ({led}) AS few JOIN {target.noun} r ON r.{source.column} = few.record_id "  # noqa: S608
        f"{_where(own)} LIMIT {most}"
    )
    return [int(row[0]) for row in rows]


def _without(source: Source, sources: Iterable[Source]) -> list[Source]:
    return [each for each in sources if each != source]


def _where(tests: Sequence[str]) -> str:
    return "WHERE " + " AND ".join(f"({test}) IS TRUE" for test in tests) if tests else ""


def named(target: Target, wanted: Wanted, most: int = MOST + 1) -> list[int]:
    """The keys of records that a single word names: by their number, or by the beginning of their UUID."""
    typed = wanted.text.strip()
    sql = Sql()
    if target.noun == "contract":
        prefix = handles.find_prefix(typed)
        if prefix is None:
            return []
        first, last = map(sql.value, handles.bounds(prefix))
        rows = sql.rows(
            f"SELECT r.id FROM contract r WHERE r.uuid BETWEEN {first} AND {last} ORDER BY r.uuid LIMIT {most}"  # noqa: S608
        )
        return [int(row[0]) for row in rows]
    number = None if target.noun == "employee" else find_number(typed)
    if number is None:
        return []
    alive = f" AND {target.condition}" if target.condition else ""
    rows = sql.rows(f"SELECT r.id FROM {target.noun} r WHERE r.id = {sql.value(number)}{alive}")  # noqa: S608
    return [int(row[0]) for row in rows]


def forgiving(wanted: Wanted, rare: Rarity, nouns: Sequence[str]) -> tuple[Wanted, list[str]]:
    """The same with words that are there in the place of mistyped ones, and a sentence for each of those."""
    remarks: list[str] = []
    for fragment in wanted.fragments:
        if rare.of(fragment, nouns):
            continue
        near = nearest(nouns, fragment.typed)
        if near:
            wanted = wanted.with_words(fragment, near)
            remarks.append(f"nothing has {fragment.typed}; shown are {', '.join(near)}")
    return wanted, remarks
