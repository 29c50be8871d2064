"""The kinds of a parameter that stands for a record, and the options that stand for the fields of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

import peewee

from crmshell.access import ALIVE, OWN, Beside, Rule
from crmshell.errors import NotFound, UsageError
from crmshell.language.declaration import AtName, Parameter, ParameterKind
from crmshell.models.base import Record
from crmshell.models.employee import RoleName
from crmshell.models.fields import AmountField, EmailField, MomentField, NameField, NoteField, PhoneField
from crmshell.models.naming import by_id, find_record
from crmshell.models.payment import Method
from crmshell.parameters import Amount, Clearable, Count, Email, Moment, OneOf, Phone, Text, Username
from crmshell.session import Session
from crmshell.text import safe

M = TypeVar("M", bound=Record)
_LONGEST_NOTE = 20_000


class Pick(ParameterKind):
    """A record that is there, named by its handle or by `@name`.

    `rules` are checked inside the transaction; `offer` only narrows what completion shows, and those that `last` marks
    come last there. `numbers` lets an employee be named by number, `may_be_empty` takes `""` for nobody. What was
    merged into another record stands for that one. What was deleted is not offered, and refused by commands that
    change it, unless `even_deleted`.
    """

    takes_names = True
    _options: ClassVar[Mapping[str, str]] = {
        "customer": "customer-id",
        "contract": "contract-uuid",
        "event": "event-id",
        "employee": "username",
        "payment": "payment-id",
    }

    def __init__(
        self,
        model: type[Record],
        *rules: Rule,
        offer: Sequence[Rule | Beside] | Rule | Beside = (),
        last: Beside | None = None,
        numbers: bool = False,
        may_be_empty: bool = False,
        even_deleted: bool = False,
    ) -> None:
        self.model, self.rules = model, rules
        self.offer = (offer,) if isinstance(offer, Rule | Beside) else tuple(offer)
        if model.alive() is not None and not even_deleted:
            self.offer = (*self.offer, ALIVE)
        self.last = last
        self.numbers, self.may_be_empty, self.even_deleted = numbers, may_be_empty, even_deleted

    def option_name(self) -> str | None:
        """`--customer-id`, `--contract-uuid`, `--event-id`, `--username`."""
        return self._options[self.model.noun]

    def value_name(self) -> str:
        """The kind of record."""
        return self.model.noun.upper()

    def word_name(self) -> str | None:
        """The kind of record."""
        return self.model.noun.upper()

    def take(self, text: str, scope: Session) -> Record | None:
        """The record itself, held against other writers in a command that writes."""
        if isinstance(text, AtName):
            record = self._named(text, scope)
        elif self.may_be_empty and not text.strip():
            return None
        else:
            record = find_record(self.model, text, hold=scope.is_writing, numbers=self.numbers)
        record = self._standing(record, scope)
        if not (record.is_alive or self.even_deleted) and scope.changes_records:
            raise ALIVE.refusal(record, scope.user)
        for rule in self.rules:
            rule.check(record, scope.user)
        return record

    def _standing(self, record: Record, scope: Session) -> Record:
        """The record itself, or the one it was merged into."""
        successor = record.successor()
        if successor is None:
            return record
        scope.remark(f"{record.title} was merged into {successor.title}")
        return by_id(self.model, successor.id, hold=scope.is_writing) or record

    def _named(self, name: AtName, scope: Session) -> Record:
        model, record_id = scope.named(name)
        if model is not self.model:
            raise UsageError(
                f"@{safe(name)} is not of the kind {self.model.noun} but {model.noun}", hint="name another"
            )
        record = by_id(model, record_id, hold=scope.is_writing)
        if record is None:
            raise NotFound(f"@{safe(name)} is gone: the {model.noun} was deleted", hint=f"{model.noun} list")
        return record


def kind_of_field(field: Any) -> ParameterKind:
    """What a model's field may hold."""
    if isinstance(field, peewee.ForeignKeyField):
        return Pick(field.rel_model, OWN, offer=_another(field))
    if field.choices:
        return OneOf(_CHOICES[field.name])
    for cls, kind in _KINDS:
        if isinstance(field, cls):
            return kind
    return Text(field.max_length)


def _another(field: Any) -> Beside:
    """The records that the one being changed does not refer to yet."""
    return Beside(field.model.noun, lambda record: field.rel_model.id != record.__data__[field.name])


_CHOICES: Mapping[str, type[StrEnum]] = {"role": RoleName, "method": Method}
_KINDS: Sequence[tuple[type[Any], ParameterKind]] = (
    (AmountField, Amount()),
    (MomentField, Moment()),
    (EmailField, Email()),
    (PhoneField, Phone()),
    (NameField, Username()),
    (NoteField, Text(_LONGEST_NOTE, lines=True)),
    (peewee.IntegerField, Count()),
)


class _Fields(dict[str, Any], Generic[M]):
    """The values given for the fields of a model."""


class New(_Fields[M]):
    """`fields: New[Customer]` gives a command one option for each editable field of a new record."""

    @classmethod
    def of(cls, model: type[Record]) -> FieldOptions:
        """The options for a model."""
        return FieldOptions(model, cls, needs_one=False)


class Edit(_Fields[M]):
    """`fields: Edit[Customer]` gives a command one option for each editable field; what is left out stays."""

    @classmethod
    def of(cls, model: type[Record]) -> FieldOptions:
        """The options for a model."""
        return FieldOptions(model, cls, needs_one=True)


class FieldOptions:
    """The options that `New` and `Edit` read off a model's fields: name, kind, help and whether required."""

    def __init__(self, model: type[Record], filled: type[_Fields[Any]], *, needs_one: bool) -> None:
        self.model, self.filled, self.needs_one = model, filled, needs_one

    def parameters(self, group: str) -> Sequence[Parameter]:
        """One parameter for each editable field, in the order of the model."""
        return [self._parameter(name, group) for name in self.model.editable]

    def collect(self, values: Mapping[str, object]) -> object:
        """The values given, by field name."""
        return self.filled(values)

    def _parameter(self, name: str, group: str) -> Parameter:
        field = self.model._meta.fields[name]  # noqa: SLF001  (peewee's public name for it)
        kind = kind_of_field(field)
        option = kind.option_name() if isinstance(kind, Pick) else name.replace("_", "-")
        is_required = not self.needs_one and not field.null and field.default is None
        parameter = Parameter(
            name=name,
            option=option or name,
            kind=Clearable(kind) if field.null else kind,
            help=field.help_text or "",
            is_required=is_required,
            is_positional=is_required,
            is_asked=not self.needs_one,
            group=group,
        )
        return (
            parameter._replace(help=f'{parameter.help}; "" clears it') if field.null and self.needs_one else parameter
        )
