"""What a parameter may hold: each kind reads its text once, the same for the prompt, a batch and a check."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

import peewee

from crmshell.access import ALIVE, OWN, Beside, Rule
from crmshell.errors import NotFound, Refused, UsageError
from crmshell.language.declaration import SWITCH, AtName, Parameter, ParameterKind
from crmshell.models.base import Record
from crmshell.models.employee import RoleName
from crmshell.models.fields import AmountField, EmailField, MomentField, NameField, NoteField, PhoneField
from crmshell.models.naming import by_id, find_record
from crmshell.models.payment import Method
from crmshell.session import RESERVED_NAMES, Session
from crmshell.settings import FORMATS, known
from crmshell.text import nearest, safe, shorten
from crmshell.values import (
    parse_amount,
    parse_count,
    parse_day,
    parse_email,
    parse_moment,
    parse_phone,
    parse_text,
    parse_username,
)

M = TypeVar("M", bound=Record)
_LONGEST_NOTE = 20_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


class Text(ParameterKind):
    """A text of at most so many characters; `lines` lets it have several lines."""

    metavar = "TEXT"

    def __init__(self, longest: int = 255, *, lines: bool = False) -> None:
        self.longest, self.lines = longest, lines

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """Normalised and trimmed."""
        return parse_text(text, longest=self.longest, lines=self.lines)


class Anything(ParameterKind):
    """Words taken as they are, such as those after `help`."""

    metavar = "WORDS"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """As typed."""
        return text


class SearchWord(Anything):
    """A word to search for; what stood in quotes keeps them."""

    keeps_quotes = True

    def word_name(self) -> str | None:
        """Words."""
        return self.metavar


class CommandWords(Anything):
    """The words of a command, or of a topic of the help."""

    metavar = "COMMAND"

    def word_name(self) -> str | None:
        """Its own name."""
        return self.metavar


class AliasName(Anything):
    """The word of an alias."""

    metavar = "NAME"


class SettingName(Anything):
    """The name of a setting."""

    metavar = "NAME"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """One of those there are; a mistyped one names the nearest."""
        if text in known():
            return text
        other = nearest(text, known())
        hint = f"did you mean {other}?" if other else f"the settings are {', '.join(known())}"
        raise UsageError(f"{shorten(safe(text), 40)} is no setting", hint=hint)


class SettingValue(Anything):
    """What a setting is to be; whether it may be is for the settings to say."""

    metavar = "VALUE"


class Line(Anything):
    """A line as it would be typed by itself: it takes all that is left of the line, operators included."""

    metavar = "LINE"
    is_line = True

    def word_name(self) -> str | None:
        """Its own name."""
        return self.metavar


class FilePath(ParameterKind):
    """The path of a file."""

    metavar = "FILE"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """As typed; whether it is there shows when it is opened."""
        return text


class Secret(ParameterKind):
    """A password; it is asked for without an echo and stands neither in history, journal nor log."""

    metavar = "PASSWORD"
    is_secret = True

    def __init__(self, *, is_new: bool = False) -> None:
        self.is_new = is_new

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """As typed: a password is not trimmed."""
        return text


class Amount(ParameterKind):
    """Money, in cents. `suggested` is the amount that completion offers, made of another value."""

    metavar = "AMOUNT"

    def __init__(self, *, at_least: int = 0, suggested: Beside | None = None) -> None:
        self.at_least, self.suggested = at_least, suggested

    def take(self, text: str, scope: Session) -> int:  # noqa: ARG002
        """Exact: what is not whole cents is refused."""
        cents = parse_amount(text)
        if cents < self.at_least:
            message = "the amount must be more than nothing"
            raise Refused(message, hint="at least 0.01")
        return cents


class Moment(ParameterKind):
    """A moment, in UTC seconds."""

    metavar = "MOMENT"

    def take(self, text: str, scope: Session) -> int:
        """In the zone of the settings where no offset is given; a remark where it happens twice."""
        taken = parse_moment(text, scope.now(), scope.settings.zone_info)
        scope.remark(taken.note)
        return taken.seconds


class Day(ParameterKind):
    """A calendar day; `past` refuses tomorrow and later."""

    metavar = "DAY"

    def __init__(self, *, past: bool = False) -> None:
        self.past = past

    def take(self, text: str, scope: Session) -> date:
        """In the zone of the settings."""
        day = parse_day(text, scope.now(), scope.settings.zone_info)
        if self.past and day > datetime.fromtimestamp(scope.now(), scope.settings.zone_info).date():
            raise Refused(f"{day.isoformat()} is in the future", hint="today, or an earlier day")
        return day


class Count(ParameterKind):
    """A whole number from 0 on."""

    metavar = "NUMBER"

    def take(self, text: str, scope: Session) -> int:  # noqa: ARG002
        """No fractions and no signs."""
        return parse_count(text)


class Confirmation(Count):
    """The number of what cannot be brought back, typed once more, and never by position."""

    needs_name = True


class Email(ParameterKind):
    """An e-mail address."""

    metavar = "EMAIL"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """Normalised; the domain is not looked up."""
        return parse_email(text)


class Phone(ParameterKind):
    """A phone number."""

    metavar = "PHONE"

    def take(self, text: str, scope: Session) -> str:
        """E.164; a number without a country is one of the home region."""
        return parse_phone(text, scope.settings.region)


class Username(ParameterKind):
    """The name of an employee that is being given, not looked up."""

    metavar = "USERNAME"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """As typed, after NFKC."""
        return parse_username(text)


class LoginName(Anything):
    """Whoever wants to log in; a name that does not exist is not told apart."""

    metavar = "USERNAME"
    option = "username"


class OneOf(ParameterKind):
    """One of a few words, in any case. `present` is the one that completion leaves out: it would change nothing."""

    metavar = "WORD"

    def __init__(self, choices: type[StrEnum], *, present: Beside | None = None) -> None:
        self.choices, self.present = choices, present

    @property
    def words(self) -> list[str]:
        """The words there are."""
        return [choice.value for choice in self.choices]

    def take(self, text: str, scope: Session) -> StrEnum:  # noqa: ARG002
        """The choice; a mistyped one names the nearest."""
        word = text.strip().casefold()
        if word in self.words:
            return self.choices(word)
        known = nearest(word, self.words)
        hint = f"did you mean {known}?" if known else f"one of {', '.join(self.words)}"
        raise Refused(f"{shorten(safe(text), 40) or 'nothing'} is none of {', '.join(self.words)}", hint=hint)

    def value_name(self) -> str:
        """The choices themselves."""
        return "|".join(self.words)


class Format(StrEnum):
    """The output formats."""

    TABLE, JSON, JSONL, CSV, TSV = FORMATS


class KeptField(ParameterKind):
    """A field of which the first of two records is kept: `phone=from`."""

    metavar = "FIELD=from"
    _SIDE = "from"

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = fields

    @property
    def words(self) -> list[str]:
        """What may be given."""
        return [f"{name}={self._SIDE}" for name in self.fields]

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """The name of the field."""
        word = text.strip().casefold()
        if word in self.words:
            return word.partition("=")[0]
        known = nearest(word, self.words)
        hint = f"did you mean {known}?" if known else f"one of {', '.join(self.words)}"
        raise Refused(f"{shorten(safe(text), 40) or 'nothing'} says not what is kept", hint=hint)


class NewName(ParameterKind):
    """A name for `@`, given to a record that is being created."""

    metavar = "NAME"
    option = "as"

    def take(self, text: str, scope: Session) -> str:  # noqa: ARG002
        """Letters, digits, `_` and `-`, and none of those that stand for the last record touched."""
        if text in RESERVED_NAMES:
            raise UsageError(f"@{text} stands for the last {text} already", hint="choose another name")
        if not _NAME.fullmatch(text):
            raise UsageError(f"{shorten(safe(text), 40)} is no name", hint="a letter, then letters, digits, _ and -")
        return text


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


class Clearable(ParameterKind):
    """A kind whose value may be emptied: `--company ""`."""

    def __init__(self, kind: ParameterKind) -> None:
        self.kind = kind

    def value_name(self) -> str:
        """That of the kind."""
        return self.kind.value_name()

    def take(self, text: str, scope: Session) -> object:
        """None for an empty text."""
        return self.kind.take(text, scope) if text.strip() else None


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


REASON = Parameter("reason_", "reason", Text(500), "why; it stays on record", is_required=True, is_positional=True)
REASON_IF_ANY = REASON._replace(is_required=False, is_positional=False)
FORCE = Parameter(
    "force_", "force", SWITCH, "even over what somebody changed since you saw it; it stays on record", is_required=False
)
FORMAT = Parameter("format_", "format", OneOf(Format), "how to show it", is_required=False, is_common=True)
AS = Parameter(
    "as_", "as", NewName(), "a name for the new record, then written @NAME", is_required=False, is_common=True
)
