"""Queries that differ in their values alone have one shape, and share the SQL that peewee made of the first of them.

peewee takes several times as long to write a page's query as SQLite to run it. A condition is taken apart into its
shape and its values, which is done in a few microseconds; where it has a part whose shape is not known, such as a
query of its own, nothing is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import peewee

from crmshell.database import current
from crmshell.models.compiled import Hole, Statement, hole

_SCALARS = (int, str)  # a flag is an integer too


class Unknown(Exception):
    """A part of a condition whose shape is not known."""


class Ready(NamedTuple):
    """A statement with its values, as it can be streamed."""

    text: str
    values: Sequence[Any]

    def sql(self) -> tuple[str, Sequence[Any]]:
        """The SQL and its values."""
        return self.text, self.values


class Opened:
    """Conditions without their values: with holes in their place, and a shape that is equal where the SQL is.

    `lasting` are the ids of expressions that live as long as the program: they are looked at no further.
    """

    def __init__(self, lasting: Collection[int]) -> None:
        self._lasting = lasting
        self.values: dict[str, Any] = {}

    def take(self, conditions: Iterable[Any]) -> tuple[tuple[Hashable, ...], list[Any]]:
        """The shapes of some conditions, and the conditions with holes; raises Unknown."""
        pairs = [self._take(condition) for condition in conditions]
        return tuple(shape for shape, _ in pairs), [holed for _, holed in pairs]

    def value(self, value: Any) -> Any:
        """A hole for one value."""
        name = f"value_{len(self.values)}"
        self.values[name] = value
        return hole(name)

    def _take(self, node: Any) -> tuple[Hashable, Any]:
        if id(node) in self._lasting or isinstance(node, peewee.Field):
            return id(node), node
        if node is None:
            return None, None
        if isinstance(node, peewee.Model):
            return "int", self.value(node.__data__["id"])
        if isinstance(node, _SCALARS):
            return type(node).__name__, self.value(node)
        taken = _PARTS.get(type(node))
        if taken is None:
            raise Unknown
        return taken(self, node)

    def _take_expression(self, node: peewee.Expression) -> tuple[Hashable, Any]:
        (left, holed), (right, other) = self._take(node.lhs), self._take(node.rhs)
        return (node.op, node.flat, left, right), peewee.Expression(holed, node.op, other, node.flat)

    def _take_negated(self, node: Any) -> tuple[Hashable, Any]:
        shape, holed = self._take(node.node)
        return ("not", shape), peewee.Negated(holed)

    def _take_list(self, node: peewee.NodeList) -> tuple[Hashable, Any]:
        shapes, holed = self.take(node.nodes)
        return ("list", node.glue, node.parens, shapes), peewee.NodeList(holed, node.glue, node.parens)

    def _take_value(self, node: peewee.Value) -> tuple[Hashable, Any]:
        if node.multi:
            raise Unknown
        return "value", self.value(node.value)

    def _take_sql(self, node: peewee.SQL) -> tuple[Hashable, Any]:
        if node.params:
            raise Unknown
        return node.sql, node


_PARTS: dict[type[Any], Callable[[Opened, Any], tuple[Hashable, Any]]] = {
    peewee.Expression: Opened._take_expression,  # noqa: SLF001  (its own)
    peewee.Negated: Opened._take_negated,  # noqa: SLF001
    peewee.NodeList: Opened._take_list,  # noqa: SLF001
    peewee.SQL: Opened._take_sql,  # noqa: SLF001
    peewee.Value: Opened._take_value,  # noqa: SLF001
}


def among(column: Any, numbers: Sequence[int]) -> Any:
    """The condition that a column holds one of these numbers, which is of one shape however many they are."""
    database = current()
    before, behind = map(peewee.SQL, database.among)
    return peewee.NodeList((column, before, peewee.Value(database.array(numbers), unpack=False), behind))


def ready(shape: Hashable, values: Mapping[str, Any], make: Callable[[], Sequence[Any]]) -> list[Ready]:
    """The statements of the queries that `make` returns, which is asked once for each of the shapes used lately.

    Its queries keep alive what the shape names by its id.
    """
    key = shape, current().engine
    queries = _known.get(key)
    if queries is None:
        if len(_known) == _MOST_KNOWN:
            _known.clear()
        queries = _known[key] = [(query, Statement.of(query)) for query in make()]
    return [Ready(each.sql, [_filled(param, values) for param in each.params]) for _, each in queries]


def _filled(param: Any, values: Mapping[str, Any]) -> Any:
    return values[param.name] if isinstance(param, Hole) else param


_MOST_KNOWN = 512
_known: dict[Hashable, list[tuple[Any, Statement]]] = {}
