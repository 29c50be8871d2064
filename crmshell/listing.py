"""The options that every list command has, read off the fields of its kind of record.

`listing: Listing[Contract]` gives a command `--where`, `--sort`, `--columns` and the others, and the function a
Listing whose `rows` are what it answers with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from crmshell.errors import Failure, UsageError
from crmshell.language.conditions import Piece, read_clause, read_directions, read_fields
from crmshell.language.declaration import SWITCH, Parameter, ParameterKind
from crmshell.models import handles
from crmshell.models.base import Record
from crmshell.models.conditions import Condition, Field, fields_of, own_fields
from crmshell.models.contract import Contract
from crmshell.models.fields import Order
from crmshell.models.history import Entry
from crmshell.models.listings import Selection, SortKey, by_ids, in_order, sorted_here
from crmshell.models.narrowing import Narrowed, narrowed, narrowed_whole
from crmshell.models.sums import PARTS, Grouping, GroupKey, summed
from crmshell.models.totals import Dimension, grand_total, totals
from crmshell.outcome import Kind, Rows, Scan, Value
from crmshell.parameters import Count, Text
from crmshell.records import Pick
from crmshell.session import Session
from crmshell.text import nearest, plural_of, safe, shorten
from crmshell.typed import condition_of

M = TypeVar("M", bound=Record)


class FieldsKind(ParameterKind):
    """A kind whose text names fields of a kind of record."""

    def __init__(self, model: type[Record]) -> None:
        self.model = model

    @property
    def names(self) -> list[str]:
        """The fields it may name."""
        return list(fields_of(self.model))

    def find(self, piece: Piece, known: Iterable[str] | None = None) -> Field:
        """The field of this name; raises UsageError that says which there are."""
        return fields_of(self.model)[self.check(piece, self.names if known is None else list(known))]

    def check(self, piece: Piece, known: list[str]) -> str:
        """The name itself where it is known; raises UsageError."""
        name = piece.text.casefold()
        if name in known:
            return name
        meant = nearest(name, known)
        own = [known_name for known_name in known if "." not in known_name]
        hint = f"did you mean {meant}?" if meant else f"one of {', '.join(own)}"
        what = (
            f"{plural_of(self.model.noun)} have no field {shorten(safe(piece.text), 40)}"
            if name
            else "a field is missing"
        )
        raise within(UsageError(what, hint=hint), piece)


class Where(FieldsKind):
    """A condition: `total_due > 1000`."""

    metavar = "CONDITION"

    def take(self, text: str, scope: Session) -> Condition:
        """The condition with its value read as the field's kind reads it."""
        clause = read_clause(text)
        for fault in clause.faults:
            fault.part, fault.span = fault.span, None
            raise fault
        found = self.find(clause.field)
        return condition_of(found, clause, scope)


class SortBy(FieldsKind):
    """Fields to sort by, apart by commas; `total_due-` puts the largest first."""

    metavar = "FIELD[-],…"

    def take(self, text: str, scope: Session) -> tuple[tuple[Piece, bool], ...]:  # noqa: ARG002
        """The names and their directions; which there are depends on what is listed."""
        return tuple((direction.field, direction.is_descending) for direction in read_directions(text))


class FieldNames(FieldsKind):
    """Fields to show, apart by commas."""

    metavar = "FIELD,…"

    def take(self, text: str, scope: Session) -> tuple[Field, ...]:  # noqa: ARG002
        """The fields."""
        return tuple(self.find(piece)._replace(is_aside=False) for piece in read_fields(text))


class GroupFields(FieldsKind):
    """Fields to group by, apart by commas; `created_at.month` groups moments by month."""

    metavar = "FIELD,…"

    @property
    def names(self) -> list[str]:
        """The fields, and the parts of those that are moments or days."""
        every = fields_of(self.model).values()
        parts = [f"{known.name}.{part}" for known in every if known.kind in {Kind.MOMENT, Kind.DAY} for part in PARTS]
        return [*(known.name for known in every), *parts]

    def take(self, text: str, scope: Session) -> tuple[GroupKey, ...]:  # noqa: ARG002
        """The fields, each with the part of it that groups."""
        return tuple(self._key(piece) for piece in read_fields(text))

    def _key(self, piece: Piece) -> GroupKey:
        name = self.check(piece, self.names)
        every = fields_of(self.model)
        if name in every:
            return GroupKey(every[name]._replace(is_aside=False), "")
        whole, _, part = name.rpartition(".")
        return GroupKey(every[whole], part)


class NoOffset(ParameterKind):
    """Pages by number, which lists do not have."""

    metavar = "NUMBER"

    def take(self, text: str, scope: Session) -> object:  # noqa: ARG002
        """Refused: an offset counts through all that it skips, and moves while others write."""
        message = "a list is not read from an offset"
        raise UsageError(message, hint="--after HANDLE goes on after that record, at any depth at once")


class EntryToFollow(Count):
    """An entry of the journal after which a list goes on, whether or not it is there."""

    metavar = "ENTRY"

    def take(self, text: str, scope: Session) -> Entry:  # type: ignore[override]  # an entry, and not its number
        """The entry of this number."""
        return Entry(id=super().take(text, scope))


def within(failure: Failure, piece: Piece) -> Failure:
    """Name the words of a value that are at fault."""
    failure.part = piece.span
    return failure


class Split(NamedTuple):
    """A filter written twice: for the records whose sort field has a value, and for those where it is empty."""

    dated: Sequence[Any]
    undated: Sequence[Any]

    @property
    def whole(self) -> Any:
        """The same in one."""
        return _all_of(self.dated) | _all_of(self.undated)


def _all_of(filters: Sequence[Any]) -> Any:
    whole = filters[0]
    for one in filters[1:]:
        whole &= one
    return whole


@dataclass
class Listing(Generic[M]):
    """What somebody wants to see of a kind of record."""

    model: type[Record]
    where: Sequence[Condition] = ()
    sort: Sequence[tuple[Piece, bool]] = ()
    columns: Sequence[Field] = ()
    limit: int | None = None
    after: Record | None = None
    count: bool = False
    total: bool = False
    group_by: Sequence[GroupKey] = ()
    search: str | None = None
    offset: None = None
    filters: list[Any] = field(default_factory=list)
    split: Split | None = None
    ids: Iterable[int] | None = None
    is_narrow: bool = False
    is_few: bool = False
    is_sifted: bool = False
    remarks: Sequence[str] = ()

    @classmethod
    def of(cls, model: type[Record]) -> ListingOptions:
        """The options for a kind of record."""
        return ListingOptions(model)

    def keep(self, *conditions: Any) -> None:
        """Keep only the records of these conditions, which an index of the default order finds."""
        self.filters.extend(conditions)
        self.is_narrow = True

    def admit(self, condition: Any) -> None:
        """Show only the records of this condition, which nearly all fulfil: those that somebody may see."""
        self.filters.append(condition)

    def keep_few(self, condition: Any) -> None:
        """Keep only the records of this condition, of which there are few and an index finds them."""
        self.filters.append(condition)
        self.is_few = True

    def sift(self, condition: Any) -> None:
        """Keep only the records of this condition, which no index finds."""
        self.filters.append(condition)
        self.is_sifted = True

    def keep_split(self, split: Split) -> None:
        """Keep only those of a condition that is written once for each part of the default order."""
        self.split = split
        self.is_narrow = True

    def keep_ids(self, ids: Iterable[int]) -> None:
        """Keep only these records, which come the newest first."""
        self.ids = ids
        self.is_few = True

    def rows(self, session: Session) -> Rows:
        """What was asked for: records, or sums of them."""
        if self.count or self.total or self.group_by:
            self._search(narrowed_whole)
            return self._sums(session)
        return self._records()

    def _records(self) -> Rows:
        fields = self.columns or own_fields(self.model)
        sources = [chosen.source for chosen in fields]
        columns = [chosen.column for chosen in fields] if self.columns else self.model.columns()
        keys = [SortKey(FieldsKind(self.model).find(piece), is_descending) for piece, is_descending in self.sort]
        order = self._order(keys)
        self._search(narrowed_whole if order is None else narrowed)
        scan = self._scan(order)
        selection = self._selection(scan, order)
        if order is None:
            rows = sorted_here(selection, sources, keys, self.limit)
        elif self.ids is not None and not keys:
            rows = by_ids(selection, sources, self.limit)
        else:
            rows = in_order(selection, sources, order, self.limit)
        return Rows(self.model.noun, columns, rows, handles.shortest, scan=scan, notes=self.remarks)

    def _order(self, keys: Sequence[SortKey]) -> Order | None:
        """The indexed order; None where the records have to be sorted."""
        if not keys:
            return self.model.default_order()
        first = keys[0]
        if len(keys) > 1 or first.field.order is None or self.ids is not None:
            return None
        return Order(first.field.order, first.is_descending, first.field.is_nullable)

    def _selection(self, scan: Scan | None, order: Order | None) -> Selection:
        filters, undated = [*self._alive(), *self.filters], None
        if self.split is not None and order is not None and order.column is self.model.default_order().column:
            filters, undated = [*filters, *self.split.dated], [*filters, *self.split.undated]
        elif self.split is not None:
            filters.append(self.split.whole)
        return Selection(self.model, filters, self.where, undated, self.ids, self.after, scan, self.is_few)

    def _alive(self) -> list[Any]:
        """The condition of records that are alive, unless somebody asks when they were deleted."""
        condition = self.model.alive()
        is_asked = any(one.field.name == "deleted_at" for one in self.where)
        return [] if condition is None or is_asked else [condition]

    def _scan(self, order: Order | None) -> Scan | None:
        """The mark of a listing that looks at all records; None where an index finds what is wanted."""
        if self.is_sifted:
            return Scan(self.model.noun)
        if self.is_few or any(condition.is_indexed for condition in self.where):
            return None
        if self.is_narrow:
            is_default = order is not None and order.column is self.model.default_order().column
            return None if is_default else Scan(self.model.noun)
        is_found = order is not None and all(_sorts(order, condition) for condition in self.where)
        return None if is_found else Scan(self.model.noun)

    def _search(self, narrow: Callable[[Any, str], Narrowed]) -> None:
        if self.search is not None:
            found = narrow(self.model, self.search)
            (self.keep_few if found.is_few else self.sift)(found.condition)
            self.remarks = found.remarks

    def _sums(self, session: Session) -> Rows:
        if self.after is not None or self.columns:
            message = "sums have neither --columns nor --after"
            raise UsageError(message, hint="leave them out, or leave out --count, --total and --group-by")
        grouping = Grouping(self.model, self.group_by, with_amounts=self.total or bool(self.group_by))
        known, order = self._known(grouping), self._group_order(grouping)
        scan = None if known is not None or self.is_narrow or self.is_few else Scan(self.model.noun)

        def groups() -> Iterator[Sequence[Value]]:
            zone = session.settings.zone_info
            found = summed(grouping, self._selection(scan, None), zone) if known is None else known
            yield from grouping.sorted(found, order)[: self.limit]

        noun = "group" if self.group_by else ""  # one row of sums is an answer, and no list
        return Rows(noun, grouping.columns, groups(), scan=scan, notes=self.remarks)

    def _known(self, grouping: Grouping) -> list[list[Any]] | None:
        """The sums that the database keeps anyway; None where they have to be made."""
        if self.model is not Contract or self.is_narrow or self.is_few or self.where:
            return None
        keys = [(key.field.name, key.part) for key in self.group_by]
        width = len(grouping.amounts) + 1
        if not keys:
            return [grand_total()[:width]]
        return totals(Dimension.COMMERCIAL) if keys == [("commercial", "")] else None

    def _group_order(self, grouping: Grouping) -> Sequence[tuple[int, bool]]:
        """The places of the columns to sort by."""
        names = [column.name for column in grouping.columns]
        kind = FieldsKind(self.model)
        return [(names.index(kind.check(piece, names)), is_descending) for piece, is_descending in self.sort]


def _sorts(order: Order, condition: Condition) -> bool:
    """Whether the index of an order finds the range of a condition too."""
    return condition.is_range and condition.field.order is order.column


class ListingOptions:
    """The options that `Listing` gives a command."""

    needs_one = False

    def __init__(self, model: type[Record]) -> None:
        self.model = model

    def parameters(self, group: str) -> Sequence[Parameter]:
        """One for each thing a list can be asked for."""
        return [self._parameter(group, *declared) for declared in self._declared()]

    @staticmethod
    def _parameter(group: str, name: str, kind: ParameterKind, text: str) -> Parameter:
        return Parameter(
            name=name,
            option=name.replace("_", "-"),
            kind=kind,
            help=text,
            is_required=False,
            group=group,
            is_repeatable=name == "where",
            is_common=True,
        )

    def _declared(self) -> Iterator[tuple[str, ParameterKind, str]]:
        model = self.model
        numbers = [shown.name for shown in model.shown if shown.column.kind is Kind.AMOUNT]
        example = f"{numbers[0]} > 1000" if numbers else f"{model.shown[1].name} ~ dup"
        yield "where", Where(model), f"only those for which it holds, such as '{example}'; several together: and"
        yield "search", Text(), "only those that these words find"
        yield "sort", SortBy(model), "the order; FIELD- puts the largest or latest first"
        yield "columns", FieldNames(model), "the fields to show"
        yield "limit", Count(), "no more than so many"
        yield "after", EntryToFollow() if model is Entry else Pick(model), "go on after this record, in the same order"
        yield "offset", NoOffset(), "not offered: --after goes on at any depth at once"
        yield "count", SWITCH, "only how many there are"
        yield "total", SWITCH, "only how many there are, and the sums of their amounts"
        yield "group_by", GroupFields(model), "how many there are, and the sums, for each value of these fields"

    def collect(self, values: Mapping[str, object]) -> object:
        """What the function gets."""
        given: dict[str, Any] = dict(values)
        return Listing(self.model, **given)
