"""What is declared of a command, once, and read by everything else; signature.py reads it off the function."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntFlag
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

PROMPT = "crm> "


class Scope(Protocol):
    """What a value may need to be understood: the variables, and the records that have names."""

    @property
    def variables(self) -> Mapping[str, str]:
        """The `$NAMES` of this run."""

    def text_of(self, name: str) -> str:
        """The text that `@name.field` stands for; raises UsageError or NotFound."""


class AtName(str):
    """The name of a record, as typed after an unquoted `@`."""

    __slots__ = ()


class ParameterKind:
    """What a parameter may hold; see crmshell/parameters.py and records.py for those there are."""

    option: ClassVar[str | None] = None
    metavar: ClassVar[str] = "VALUE"
    is_secret: ClassVar[bool] = False
    takes_names: ClassVar[bool] = False
    needs_name: ClassVar[bool] = False
    keeps_quotes: ClassVar[bool] = False
    is_line: ClassVar[bool] = False

    def take(self, text: str, scope: Any) -> object:
        """Turn the text into the value the function gets; raises a Failure that says what is wrong with it."""
        raise NotImplementedError

    def option_name(self) -> str | None:
        """The option name this kind brings with it, None where the parameter's own name serves."""
        return self.option

    def value_name(self) -> str:
        """What stands for the value after its option: `--date DAY`."""
        return self.metavar

    def word_name(self) -> str | None:
        """What stands for the value given by position, None where the option's name says more."""
        return None


class Switch(ParameterKind):
    """An option without a value."""

    def take(self, text: str, scope: Any) -> object:  # noqa: ARG002
        """Being there is being true."""
        return True


SWITCH = Switch()


class Rest(Enum):
    """How much of the line a parameter takes by position."""

    ONE_WORD = "one word"
    ALL_WORDS = "all words"
    WHOLE_LINE = "the rest of the line, operators included"


@dataclass(frozen=True)
class Option:
    """Overrides the option name that the kind or the parameter's name would give."""

    name: str


@dataclass(frozen=True)
class Positional:
    """Lets an optional parameter be given by position, and says how much of the line it takes."""

    rest: Rest = Rest.ONE_WORD


class Asked:
    """The shell asks for this optional parameter too, when it has to ask at all."""


ASKED = Asked()


class Repeatable:
    """The option may be given several times; the function gets a tuple."""


REPEATABLE = Repeatable()


class Parameter(NamedTuple):
    """One value of a command. `group` is the function's own parameter where several options fill one."""

    name: str
    option: str
    kind: ParameterKind
    help: str
    is_required: bool
    default: object = None
    is_positional: bool = False
    rest: Rest = Rest.ONE_WORD
    is_asked: bool = False
    group: str = ""
    is_repeatable: bool = False
    is_common: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return isinstance(self.kind, Switch)

    @property
    def is_secret(self) -> bool:
        """Whether its value may stand neither in history, journal nor log, and never by position."""
        return self.kind.is_secret

    @property
    def usage(self) -> str:
        """How it is written by name: `--customer-id CUSTOMER`."""
        return f"--{self.option}" if self.is_switch else f"--{self.option} {self.kind.value_name()}"


@runtime_checkable
class Fields(Protocol):
    """A type such as `New[Customer]`: one parameter of the function, one option for each field of a model."""

    def parameters(self, group: str) -> Sequence[Parameter]:
        """The options, in the order of the model's fields."""

    def collect(self, values: Mapping[str, object]) -> object:
        """What the function gets."""

    needs_one: bool


class Mode(Enum):
    """What a command does to the database."""

    __hash__ = object.__hash__  # that of Enum is written in Python

    NONE = "works without a session"
    READS = "reads"
    WRITES = "writes"
    ALONE = "keeps transactions of its own"


@dataclass(frozen=True)
class Command:
    """A declared command. `by` are the roles that may run it; `creates` and `shows` what it answers with.

    `preview` takes some of the function's parameters and says, counted, what a destructive command would affect. The
    value of the parameter `confirmed_by` is typed in the place of a yes; one with `asked_with` asks only where that is
    given.
    """

    path: tuple[str, ...]
    function: Callable[..., Any]
    mode: Mode
    by: IntFlag | None
    parameters: tuple[Parameter, ...]
    groups: Mapping[str, Fields]
    takes_session: bool
    exclusive: tuple[tuple[str, ...], ...] = ()
    is_destructive: bool = False
    creates: bool = False
    needs_shell: bool = False
    preview: Callable[..., str] | None = None
    confirmed_by: str = ""
    asked_with: str = ""

    def asks_first(self, given: Callable[[str], object]) -> bool:
        """Whether it asks before it does anything, on a line that gives these parameters."""
        return self.is_destructive and (not self.asked_with or bool(given(self.asked_with)))

    @cached_property
    def name(self) -> str:
        """Noun and verb: `contract sign`."""
        return " ".join(self.path)

    @cached_property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return self._text.split("\n\n")[0].replace("\n", " ")

    @cached_property
    def details(self) -> tuple[str, ...]:
        """The paragraphs of the docstring between the first sentence and the examples."""
        paragraphs = self._text.split("\n\n")[1:]
        return tuple(text.replace("\n", " ") for text in paragraphs if not text.lstrip().startswith(PROMPT.strip()))

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """The lines of the docstring that are typed at the prompt."""
        lines = (line.strip() for line in self._text.splitlines())
        return tuple(line.removeprefix(PROMPT) for line in lines if line.startswith(PROMPT))

    @cached_property
    def options(self) -> Mapping[str, Parameter]:
        """The parameters by option name."""
        return {parameter.option: parameter for parameter in self.parameters}

    @cached_property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that may be given by position, in order."""
        return tuple(parameter for parameter in self.parameters if parameter.is_positional)

    @cached_property
    def shows(self) -> bool:
        """Whether it answers with something to read, which can go into a file."""
        return self.path == ("help",) or "format" in self.options

    @cached_property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters that must be given, in order."""
        return tuple(parameter for parameter in self.parameters if parameter.is_required)

    @cached_property
    def takes_secrets(self) -> bool:
        """Whether any of its values may stand neither in history, journal nor log."""
        return any(parameter.is_secret for parameter in self.parameters)

    @cached_property
    def groups_that_need_one(self) -> tuple[str, ...]:
        """The names of the groups of which at least one option must be given."""
        return tuple(name for name, fields in self.groups.items() if fields.needs_one)

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        """What the function's own parameters hold when nothing is given for them."""
        return {parameter.name: parameter.default for parameter in self.parameters if not parameter.group}

    @cached_property
    def usage(self) -> str:
        """The command with its own parameters: `contract add CUSTOMER TOTAL-AMOUNT`."""
        own = (parameter for parameter in self.parameters if not parameter.is_common)
        return " ".join([self.name, *map(_usage, own)])

    @cached_property
    def _text(self) -> str:
        return textwrap.dedent(inspect.getdoc(self.function) or "").strip()


def _usage(parameter: Parameter) -> str:
    if not parameter.is_positional:
        return parameter.usage if parameter.is_required else f"[{parameter.usage}]"
    name = parameter.kind.word_name() or parameter.option.upper()
    name = name if parameter.rest is Rest.ONE_WORD else f"{name}…"
    return name if parameter.is_required else f"[{name}]"
