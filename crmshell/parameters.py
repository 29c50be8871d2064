"""What a parameter may hold: each kind reads its text once, the same for the prompt, a batch and a check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from crmshell.access import Beside
from crmshell.errors import Refused, UsageError
from crmshell.language.declaration import SWITCH, Parameter, ParameterKind
from crmshell.people import parse_email, parse_phone, parse_username
from crmshell.session import RESERVED_NAMES, Session
from crmshell.settings import FORMATS, known
from crmshell.text import nearest, safe, shorten
from crmshell.values import parse_amount, parse_count, parse_day, parse_moment, parse_text

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
        raise Refused(f"{shorten(safe(text), 40) or 'nothing'} does not say what is kept", hint=hint)


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


REASON = Parameter("reason_", "reason", Text(500), "why; it stays on record", is_required=True, is_positional=True)
REASON_IF_ANY = REASON._replace(is_required=False, is_positional=False)
FORCE = Parameter(
    "force_", "force", SWITCH, "even over what somebody changed since you saw it; it stays on record", is_required=False
)
FORMAT = Parameter("format_", "format", OneOf(Format), "how to show it", is_required=False, is_common=True)
AS = Parameter(
    "as_", "as", NewName(), "a name for the new record, then written @NAME", is_required=False, is_common=True
)
