"""What a command answers with: values as they are stored, and what kind each is; strings are made in output/."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from crmshell.errors import Failure


class Kind(Enum):
    """How a value is to be shown."""

    __hash__ = object.__hash__  # that of Enum is written in Python, and this one is asked for at every cell

    NUMBER = "number"  # int
    AMOUNT = "amount"  # int, cents
    MOMENT = "moment"  # int, seconds since 1970 in UTC
    DAY = "day"  # str, YYYY-MM-DD
    TEXT = "text"  # str, of any length
    NAME = "name"  # str, a handle such as a username: never shortened
    STATE = "state"  # str, one of a few: a role, a method
    FLAG = "flag"  # bool
    UUID = "uuid"  # str, 32 hexadecimal digits
    PHONE = "phone"  # str, E.164
    EMAIL = "email"  # str
    VALUE = "value"  # Typed: each value of the column has a kind of its own


class Sense(Enum):
    """What the values of a column say about a record, for whoever looks at it."""

    OWNER = "whose it is"
    DUE = "what is still to be paid, once it is agreed"
    DONE = "whether it is done, or waits"
    IN_USE = "whether it is still in use"
    ENDED = "when it came out of use, if it did"


class Typed(NamedTuple):
    """A value that brings its kind along, such as what a field held before a change."""

    value: str | int | bool
    kind: Kind


Value = str | int | bool | Typed | None


class Column(NamedTuple):
    """One field of a record: its json key and csv column, and the kind of its values.

    `is_aside` leaves it out of tables, and out of cards where it has no value. `sense` is what makes a value stand out.
    """

    name: str
    kind: Kind
    is_aside: bool = False
    sense: Sense | None = None


def _unheard(_number: int) -> None:
    """Nobody wants to know."""


class Scan:
    """The mark of a listing that looks at every record of a kind; `tell` hears now and then how many it has seen."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.tell: Callable[[int], None] = _unheard


class Rows(NamedTuple):
    """A listing: `rows` may be read once and holds one value for each column.

    `noun` is singular ("contract"), empty where the rows are no list but an answer, such as a count. `shorten` maps
    some whole UUIDs to their shortest unique prefixes. `failure` ends the command once the rows are shown, for a
    listing of what is wrong. `notes` are remarks, which are talk. `scan` is set where no index finds them. `totals`
    has one value for each column once all rows were read, and `more` says where the others are.
    """

    noun: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    shorten: Callable[[Sequence[str]], Mapping[str, str]] | None = None
    failure: Failure | None = None
    scan: Scan | None = None
    notes: Sequence[str] = ()
    totals: Callable[[], Sequence[Value]] | None = None
    more: str = ""


class Card(NamedTuple):
    """One record, the names of the fields a write has changed, and listings of what belongs to it.

    `message` says what was done ("contract 5611d818 is signed"); `notes` are remarks, such as the one password
    shown once or a moment that happens twice. Both are talk, not data. `secrets` are data shown once.
    """

    noun: str
    columns: Sequence[Column]
    values: Sequence[Value]
    changed: frozenset[str] = frozenset()
    message: str = ""
    notes: Sequence[str] = ()
    secrets: Mapping[str, str] = {}
    related: Sequence[Rows] = ()
    shorten: Callable[[Sequence[str]], Mapping[str, str]] | None = None


class Said(NamedTuple):
    """A sentence on stderr: the command has nothing to show."""

    message: str
    notes: Sequence[str] = ()


class Page(NamedTuple):
    """A text to read, on stdout: headings, paragraphs and definition lists, such as help."""

    parts: Sequence[Heading | Paragraph | Definitions | Example | Matrix]


class Heading(NamedTuple):
    """The name of what follows."""

    text: str


class Paragraph(NamedTuple):
    """Sentences, to be wrapped."""

    text: str


class Example(NamedTuple):
    """A line as typed at the prompt."""

    line: str


class Definitions(NamedTuple):
    """Terms and what they mean, aligned."""

    items: Sequence[tuple[str, str]]


class Matrix(NamedTuple):
    """A small table of words with a heading for each column."""

    headings: Sequence[str]
    lines: Sequence[Sequence[str]]


class Farewell:
    """The user wants to leave."""


class Include(NamedTuple):
    """The lines of another script, to be run in the place of this one."""

    path: str


class ClearScreen:
    """The user wants an empty screen."""


class Watch(NamedTuple):
    """The user wants to see the answer to a line again and again, every so many seconds."""

    seconds: int
    line: str


class Recall(NamedTuple):
    """The user looks for what was typed before, by its number or by words in it."""

    wanted: str


class Lock:
    """The user goes away, and nobody else shall see or type anything."""


class Clip:
    """The user wants the last id on the clipboard."""


Outcome = Rows | Card | Said | Page | Farewell | Include | ClearScreen | Watch | Recall | Lock | Clip
