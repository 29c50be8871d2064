"""What every record has: a handle, the fields it shows, and a save that is possible only inside `work()`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import peewee

from crmshell.database import current
from crmshell.errors import Refused
from crmshell.models import handles, search
from crmshell.models.compiled import find_row
from crmshell.models.fields import Order, Shown
from crmshell.models.journal import Change, Operation, Work
from crmshell.models.table import Table
from crmshell.moments import format_moment
from crmshell.outcome import Column, Rows, Value
from crmshell.text import plural

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Giving(NamedTuple):
    """Who gives records back what they held, when, and the command that is taken back or done again."""

    by: Any
    now: int
    zone: ZoneInfo
    command: str

    def written(self, at: int) -> str:
        """A moment as this person reads it."""
        return format_moment(at, self.zone)


class Record(Table):
    """A record that people name, change and look back on.

    `noun` is what it is called, `shown` the fields it shows in their order, `editable` those a person fills in;
    `related` are the records it refers to, as `listed` joins them; `growing` are the fields that are added to and never
    written over.
    """

    noun: ClassVar[str]
    shown: ClassVar[Sequence[Shown]]
    editable: ClassVar[Sequence[str]] = ()
    unjournalled: ClassVar[frozenset[str]] = frozenset()
    growing: ClassVar[frozenset[str]] = frozenset()
    related: ClassVar[Mapping[str, Any]] = {}
    id: peewee.AutoField[int]
    _dirty: set[str]

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """A record that is not written yet, of values as they are stored; those it refers to are given whole.

        As peewee's constructor makes it, in a third of the time.
        """
        references, blank = cls._blank()
        stored = {**blank, **values}
        related = {name: values[name] for name in references if name in values}
        stored.update((name, record.id) for name, record in related.items())
        return cls._holding(stored, related)

    @classmethod
    def _holding(cls, stored: dict[str, Any], related: dict[str, Any]) -> Self:
        """A record of what stands in its row, and the records it refers to as far as they are at hand."""
        record = cls.__new__(cls)
        record.__dict__.update(__data__=stored, __rel__=related, _dirty=set())
        return record

    @classmethod
    @cache
    def _blank(cls) -> tuple[frozenset[str], Mapping[str, Any]]:
        """The names of the fields that refer to another record, and what a record holds that was given nothing."""
        fields = cls._meta.fields.items()
        references = frozenset(name for name, field in fields if isinstance(field, peewee.ForeignKeyField))
        return references, {name: None for name, _ in fields} | cls._meta.get_default_dict()  # type: ignore[no-untyped-call]

    def __setattr__(self, name: str, value: object) -> None:
        """Remember what a stored field held before its first change."""
        stored = self.__dict__.get("__data__")
        if stored is not None and name in stored and name in self._meta.fields:
            self.__dict__.setdefault("_before", {}).setdefault(name, stored[name])
        super().__setattr__(name, value)

    @property
    def handle(self) -> str:
        """What a person types to name it."""
        return str(self.id)

    @property
    def title(self) -> str:
        """The record in a sentence: `contract 5611d818`."""
        return f"{self.noun} {self.handle}"

    @classmethod
    def alive(cls) -> Any | None:
        """The condition of the records that are neither deleted nor merged; None where all of them are alive."""
        return None

    @property
    def is_alive(self) -> bool:
        """Whether this record is one of those."""
        return True

    def successor(self) -> Record | None:
        """The record that this one was merged into, None where it still stands for itself."""
        return None

    def numbers(self) -> Sequence[int]:
        """The ids under which its history is found: its own, then those of all that were merged into it."""
        return (self.id,)

    @classmethod
    def listed(cls) -> Any:
        """The query behind lists and cards: one value for each field of `shown`."""
        raise NotImplementedError

    @classmethod
    def default_order(cls) -> Order:
        """The order of lists: the newest first."""
        return Order(cls.id, is_descending=True)

    @classmethod
    def shown_sources(cls) -> list[Any]:
        """What the query selects."""
        return [shown.source for shown in cls.shown]

    @classmethod
    @cache
    def columns(cls) -> Sequence[Column]:
        """The columns of lists and cards."""
        return tuple(shown.column for shown in cls.shown)

    @classmethod
    def rows(cls, query: Any) -> Rows:
        """A listing of this query, read from the database as it is shown."""
        return Rows(cls.noun, cls.columns(), _streamed(query), handles.shortest)

    def find_shown_values(self, *, is_new: bool = False) -> Sequence[Value] | None:
        """The record as it stands in the database, one value for each field of `shown`; None once it is deleted.

        One that `is_new` was written just now, and is not read again where it holds all of them itself.
        """
        return (self._held_values() if is_new else None) or find_row(type(self)._listed_by_id, self.id)  # noqa: SLF001  (its own)

    def _held_values(self) -> Sequence[Value] | None:
        """The values of `shown` as they were written; None where the database makes one of them, or another record."""
        places = type(self)._places()  # noqa: SLF001  (its own)
        related = self.__dict__["__rel__"]
        if places is None or not all(name in related for name, _ in places if name):
            return None
        own = self.__data__
        return [(related[name].__data__ if name else own)[field] for name, field in places]

    @classmethod
    @cache
    def _places(cls) -> Sequence[tuple[str, str]] | None:
        """Where each value of `shown` stands: the name of the record referred to, or nothing, and that of the field."""
        homes = {model: name for name, model in cls.related.items()} | {cls: ""}
        sources = [shown.source for shown in cls.shown]
        if not all(isinstance(source, peewee.Field) and source.model in homes for source in sources):
            return None
        return [(homes[source.model], source.name) for source in sources]

    @classmethod
    def find(cls, record_id: int, strength: str = "") -> Self | None:
        """The record of this key, held against others with `strength` if that is given; None where it is gone."""
        row = find_row(cls._by_id, record_id, strength)
        if row is None:
            return None
        stored = dict(zip(cls._meta.sorted_field_names, row, strict=True))
        for name in cls._flags():
            stored[name] = bool(stored[name])
        return cls._holding(stored, {})

    @classmethod
    @cache
    def _flags(cls) -> frozenset[str]:
        fields = cls._meta.fields.items()
        return frozenset(name for name, field in fields if isinstance(field, peewee.BooleanField))

    @classmethod
    def _by_id(cls, record_id: int) -> Any:
        return cls.select().where(cls.id == record_id)

    @classmethod
    def _listed_by_id(cls, record_id: int) -> Any:
        return cls.listed().where(cls.id == record_id)

    def search_texts(self) -> Sequence[str | None]:
        """The texts whose words find this record; empty for a kind that is found otherwise."""
        return ()

    def search_home(self) -> tuple[str, int]:
        """Noun and id of the record that is found by these texts."""
        return self.noun, self.id

    def search_owner(self) -> int | None:
        """The commercial to whose customers it belongs, for searches among one's own."""
        return None

    def changed(self) -> dict[str, tuple[Any, Any]]:
        """The stored fields that a save would write: name -> (before, after)."""
        before: dict[str, Any] = self.__dict__.get("_before", {})
        pairs = {name: (old, self.__data__.get(name)) for name, old in before.items()}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def store(self) -> Self:
        """Write the record and note it for the journal; a record without a change is left alone.

        Raises RuntimeError outside of `work()`.
        """
        work = Work.current()
        if self.__data__.get("id") is None:
            self._insert(work)
        elif changes := self.changed():
            self._update(work, changes)
        self.__dict__.pop("_before", None)
        self._dirty.clear()
        return self

    def remove(self) -> None:
        """Delete the record and note it for the journal."""
        work = Work.current()
        fields = {name: (value, None) for name, value in self.__data__.items() if name not in self.unjournalled}
        current().execute_sql(*type(self).delete().where(type(self).id == self.id).sql())
        search.forget(*self.search_home(), self.search_texts())
        work.note(Change(self.noun, self.id, Operation.DELETE, fields))

    def give_back(self, before: Mapping[str, Any], giving: Giving) -> None:  # noqa: ARG002  (models look at it)
        """Let fields hold what they held; a model refuses what its rules forbid now."""
        for name, value in before.items():
            setattr(self, name, value)
        self.store()

    def remove_created(self, giving: Giving) -> None:  # noqa: ARG002  (models look at it)
        """Delete a record as if it had never been there; refused where something refers to it."""
        references = [plural(count, noun) for noun, count in self.references() if count]
        if references:
            message = f"{self.title} is named by {', '.join(references)}"
            raise Refused(message, hint="undo those first")
        self.remove()

    def references(self) -> list[tuple[str, int]]:
        """How many records of each kind refer to this one, counted up to 1000."""
        return []

    def come_back(self, giving: Giving) -> None:  # noqa: ARG002  (models look at it)
        """Be there again, under the number it had; a model refuses what its rules forbid now."""
        work = Work.current()
        names = self._meta.sorted_field_names
        values = [self.__data__.setdefault(name, None) for name in names]
        current().insert(self._meta.table_name, tuple(self._columns(names)), values)
        told = {n: (None, v) for n, v in zip(names, values, strict=True) if n not in {"id", *self.unjournalled}}
        search.remember(*self.search_home(), self.search_owner(), self.search_texts())
        work.note(Change(self.noun, self.id, Operation.CREATE, told))

    def copy_from_others(self) -> None:
        """Fill in the stored fields that the journal does not tell because others say them."""

    def refuse_loose_ends(self) -> None:
        """Refuse to come back where a record that this one refers to is gone."""
        for name, field in self._meta.fields.items():
            key = self.__data__.get(name)
            if key is not None and isinstance(field, peewee.ForeignKeyField) and field.rel_model.find(key) is None:
                message = f"the {name} of this {self.noun} is gone"
                raise Refused(message, hint=f"journal list --on '{field.rel_model.noun} {key}' says why")

    def save(self, *_: Any, **__: Any) -> Any:
        """Write the record; peewee's own flags are not taken."""
        return self.store()

    def _insert(self, work: Work) -> None:
        names, columns, journalled = self._stored()
        values = [self.__data__.setdefault(name, None) for name in names]
        self.__data__["id"] = current().insert(self._meta.table_name, columns, values)
        fields = {name: (None, self.__data__[name]) for name in journalled}
        search.remember(*self.search_home(), self.search_owner(), self.search_texts())
        work.note(Change(self.noun, self.id, Operation.CREATE, fields))

    def _update(self, work: Work, changes: dict[str, tuple[Any, Any]]) -> None:
        if "updated_at" in self._meta.fields and "updated_at" not in changes:
            self.updated_at = work.at
            changes = self.changed() or changes
        if work.guard is not None:
            work.guard(self, changes)
        columns = tuple(self._columns(list(changes)))
        values = [after for _, after in changes.values()]
        current().update(self._meta.table_name, columns, values, self.id)
        noted = {name: pair for name, pair in changes.items() if name not in self.unjournalled and name != "updated_at"}
        self._replace_words()
        work.note(Change(self.noun, self.id, Operation.UPDATE, noted))

    @classmethod
    @cache
    def _stored(cls) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The fields but the id, their columns, and those of them that are journalled."""
        names = tuple(name for name in cls._meta.sorted_field_names if name != "id")
        columns = tuple(cls._meta.fields[name].column_name for name in names)
        return names, columns, tuple(name for name in names if name not in cls.unjournalled)

    def _columns(self, names: Sequence[str]) -> list[str]:
        return [self._meta.fields[name].column_name for name in names]

    def _replace_words(self) -> None:
        """Bring the search words in line with a record that is about to lose its memory of what it was."""
        stored = {**self.__data__, **self.__dict__.get("_before", {})}
        was = type(self)._holding(stored, {})  # noqa: SLF001  (its own)
        home, owner_id = self.search_home(), self.search_owner()
        if was.search_owner() != owner_id:
            search.change_owner(home[0], [home[1]], owner_id)
        if was.search_texts() != self.search_texts():
            search.replace(*home, owner_id, was.search_texts(), self.search_texts())


def count_some(query: Any) -> int:
    """How many rows, looking at no more than a thousand."""
    return int(query.limit(1000).count(clear_limit=False))


def _streamed(query: Any) -> Iterator[Sequence[Value]]:
    yield from current().stream(query, "list")
