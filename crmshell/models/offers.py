"""The records that completion offers: the first that fit what was typed and that the rules keep, at a bounded cost.

Two ends lead to a record: what was typed, through the index of handles or of words, and what may be offered, newest
first. From either a bounded number is looked at, so that a menu costs the same in a small table and in a large one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby, zip_longest
from operator import or_
from typing import Any

import peewee

from crmshell.models.base import Record
from crmshell.models.compiled import Statement, hole, statement
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.event import Event, Support
from crmshell.models.fields import Shown
from crmshell.models.ways import NEAR, Row, Way, ways

MOST = 50
ENOUGH = 30
"""So many are not added to: another look costs as much as finding the first of them."""
_MOST_RECENT = 10
_CONTRACT = frozenset(
    {"id", "customer", "company", "total_amount", "total_due", "signed", "signed_at", "created_at", "cancelled_at"}
)
_TOLD: Mapping[str, frozenset[str]] = {
    "employee": frozenset({"id", "username", "fullname", "role", "active"}),
    "customer": frozenset({"id", "fullname", "company", "commercial"}),
    "contract": _CONTRACT,
    "event": frozenset({"id", "name", "customer", "start", "support", "cancelled_at"}),
}
"""By noun: each value that is read costs as much as finding the record."""


@dataclass(frozen=True)
class Scope:
    """Which records may be offered: those of a model that some conditions keep.

    `key` is what the conditions depend on: as long as it stays the same, so do they; None where nothing can be said.
    `owner_id` is the commercial all of them belong to, where the conditions say so: it makes the search narrower.
    """

    model: type[Record]
    key: Hashable | None
    conditions: Callable[[], Sequence[Any]] = field(compare=False)
    owner_id: int | None = None

    def narrowed(self, condition: Any) -> Scope:
        """Those of them that one more condition keeps."""
        return Scope(self.model, None, lambda: [*self.conditions(), condition], self.owner_id)

    def rows(self, make: Callable[..., Any], *shape: Hashable, values: Mapping[str, Any], mark: str = "") -> list[Row]:
        """What a query for this scope finds."""
        if self.key is None:
            return Statement.of(make(self, *shape)).rows(values, mark)
        return statement(make, self, *shape).rows(values, mark)


def candidates(scope: Scope, typed: str, recent: Sequence[int] = ()) -> list[Row]:
    """At most MOST records that fit what was typed and the scope, as values in the order of `told`, then their keys.

    Those of `recent`, the keys of records used lately, are found first.
    """
    found: dict[Any, Row] = {}
    for rows in _found(scope, typed.strip(), recent, found):
        for row in rows:
            found.setdefault(row[-1], row)
        if len(found) >= ENOUGH:
            break
    return list(found.values())[:MOST]


def by_key(scope: Scope, keys: Sequence[int]) -> list[Row]:
    """Those of some records that are in the scope."""
    parts = [keys[first : first + _MOST_RECENT] for first in range(0, len(keys), _MOST_RECENT)]
    return [row for part in parts for row in scope.rows(_recent, (), values=_keys(part))]


def _found(scope: Scope, typed: str, recent: Sequence[int], found: Mapping[Any, Row]) -> Iterator[Sequence[Row]]:
    """What each query finds, one after the other for as long as it is wanted."""
    leading = tuple(ways(scope.model, typed, scope.owner_id)) if typed else ()
    if typed and not leading:
        return
    values = {name: value for way in leading for name, value in way.values.items()}
    if recent:
        yield scope.rows(_recent, leading, values=values | _keys(recent))
    if not leading:
        yield scope.rows(_newest, values={}, mark="list")
        return
    likely = (way for way in leading if not way.is_last_resort)
    for is_mixed, several in groupby(likely, lambda way: way.alternates):
        each = (way.ordered(scope.rows(_in_turns, way, values=values)) for way in several)
        yield from [_alternating(list(each))] if is_mixed else each
    for way in leading:
        if way.takes_turns or way.is_last_resort:
            yield way.ordered(scope.rows(_from_typed, way, NEAR, values=values))
    beyond = [way for way in leading if _leads_on(scope, way, values)]
    if beyond and scope.conditions():
        yield leading[-1].ordered(scope.rows(_from_newest, leading, values=values))
    for way in beyond:
        if not found or way.is_selective:
            yield way.ordered(scope.rows(_from_beyond, way, values=values))


def _alternating(found: Sequence[Sequence[Row]]) -> list[Row]:
    """What several ways lead to, one of each in turn: none of them fills the menu alone."""
    return [row for rows in zip_longest(*found) for row in rows if row is not None]


def _keys(recent: Sequence[int]) -> dict[str, int]:
    """The values for a query of a few records, as many as it has holes."""
    padded = [*recent, *[0] * _MOST_RECENT][:_MOST_RECENT]
    return {f"recent_{place}": key for place, key in enumerate(padded)}


def told(model: type[Record]) -> Sequence[Shown]:
    """The fields whose values are found: of those that are shown the ones by which people choose, in the same order."""
    names = _TOLD.get(model.noun)
    return [shown for shown in model.shown if names is None or shown.name in names]


def _listed(model: type[Record]) -> Any:
    """What is told of each, and its key."""
    return _joined(model).select(*(shown.source for shown in told(model)), model.id)


def _joined(model: type[Record]) -> Any:
    """The model with the others whose values are told.

    A customer is looked up for what may be offered, and not before: the sum keeps both engines from beginning there.
    """
    if model is Contract:
        return Contract.select().join(Customer, on=Contract.customer + 0 == Customer.id)
    if model is Event:
        of_customer, of_support = Event.customer + 0 == Customer.id, Event.support == Support.id
        with_customer = Event.select().join(Customer, on=of_customer).switch(Event)
        return with_customer.join(Support, peewee.JOIN.LEFT_OUTER, on=of_support)
    return model.listed()


def _newest(scope: Scope) -> Any:
    """The newest of the scope; the indexes of its conditions answer it."""
    return _kept(_ordered(_listed(scope.model), scope.model), scope.conditions()).limit(MOST)


def _in_turns(scope: Scope, way: Way) -> Any:
    """Those of the scope among a few of each word that begins so."""
    return _kept(_listed(scope.model).where(way.in_turns(scope.model)), _unindexed(scope.conditions())).limit(MOST)


def _from_typed(scope: Scope, way: Way, most: int) -> Any:
    """Those of the scope among the first by the order of what was typed."""
    listed = _listed(scope.model).where(way.first(scope.model, most))
    return _kept(listed, _unindexed(scope.conditions())).limit(MOST)


def _from_beyond(scope: Scope, way: Way) -> Any:
    """Those of the scope among the next ones in that order."""
    return _kept(_listed(scope.model).where(way.beyond(scope.model)), _unindexed(scope.conditions())).limit(MOST)


def _from_newest(scope: Scope, leading: Sequence[Way]) -> Any:
    """Those that fit among the newest of the scope."""
    other = scope.model.alias()
    newest = _kept(_ordered(scope.model.select(scope.model.id), scope.model), scope.conditions()).limit(NEAR)
    few = other.select(peewee.SQL("id")).from_(newest.alias("few"))
    return _listed(scope.model).where(scope.model.id.in_(few), _any_fits(leading, scope.model)).limit(MOST)


def _recent(scope: Scope, leading: Sequence[Way]) -> Any:
    """Those that fit among the ones used lately."""
    keys = [hole(f"recent_{place}") for place in range(_MOST_RECENT)]
    listed = _kept(_listed(scope.model).where(scope.model.id.in_(keys)), _unindexed(scope.conditions()))
    return listed.where(_any_fits(leading, scope.model)) if leading else listed


def _leads_on(scope: Scope, way: Way, values: Mapping[str, Any]) -> bool:
    """Whether what was typed leads to more records than were looked at."""
    return bool(scope.rows(_more, way, NEAR, values=values)) if way.leads_on is None else way.leads_on


def _more(scope: Scope, way: Way, most: int) -> Any:
    """A row where what was typed leads to more records than were looked at."""
    return way.after(scope.model, most)


def _any_fits(leading: Sequence[Way], model: type[Record]) -> Any:
    return reduce(or_, (way.fits(model) for way in leading))


def _kept(query: Any, conditions: Sequence[Any]) -> Any:
    return query.where(*conditions) if conditions else query


def _unindexed(conditions: Sequence[Any]) -> list[Any]:
    """The conditions, written so that no index of theirs is preferred to the one that leads to few records."""
    return [peewee.NodeList((peewee.EnclosedNodeList([rule]), peewee.SQL("IS TRUE"))) for rule in conditions]


def _ordered(query: Any, model: type[Record]) -> Any:
    if model is Employee:
        return query.order_by(Employee.username_key)
    if model is Event:
        return query.order_by(Event.start.desc(nulls="last"), Event.id.desc())
    return query.order_by(model.id.desc())
