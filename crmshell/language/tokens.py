"""Cut a line into tokens that, laid side by side, are the line again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from crmshell.errors import UsageError

LONGEST_LINE = 64 * 1024  # bytes of UTF-8
PIPE = "|"

_BLANK = r" \t\r\n\v\f"
_PLAIN = rf"(?:[^{_BLANK}\\]|\\(?!\n|\Z))+"
_TOKEN = re.compile(
    rf"""
      (?P<space> (?:[{_BLANK}] | \\(?=\n|\Z))+ )
    | (?P<comment> \#[^\n]* )
    | (?P<operator> >!? | \| ) (?=[{_BLANK}]|\\?\Z|\\\n)
    | (?P<end> -- ) (?=[{_BLANK}]|\\?\Z|\\\n)
    | (?P<option> --(?:[^{_BLANK}=\\]|\\(?!\n|\Z))+ ) (?P<equals> = )?
    | (?P<word> {_PLAIN} )
    """,
    re.VERBOSE,
)
# The tokens that most lines are made of; a line that has others is cut by _TOKEN, which knows them all.
_COMMON = re.compile(
    rf"""
      [{_BLANK}]+ (?![{_BLANK}\\])
    | (?:
        [^{_BLANK}\\"'\#@$>|-] (?:[^{_BLANK}\\@$]|@(?!@))*
      | "[^"\\\n@$]*"
      | '[^'\n]*'
      | --[^{_BLANK}=\\]+
      ) (?=[{_BLANK}]|\Z)
    """,
    re.VERBOSE,
)
_BLANKS = frozenset(" \t\r\n\v\f")
_REST_OF_WORD = re.compile(rf"(?:{_PLAIN})?")
_QUOTED = {
    '"': re.compile(r'"(?P<inside>(?:[^"\\\n]|\\[^\n])*)(?P<close>"?)'),
    "'": re.compile(r"'(?P<inside>[^'\n]*)(?P<close>'?)"),
}
_EXPANSION = re.compile(r"@@|\$\$|\$(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_EXPANSION_IN_QUOTES = re.compile(rf"\\(?P<char>.)|{_EXPANSION.pattern}", re.DOTALL)


class Sort(Enum):
    """What a token is."""

    __hash__ = object.__hash__  # that of Enum is written in Python, and this one is asked for at every token

    SPACE = "space"  # blanks, line feeds, and the backslash that continues a line
    WORD = "word"
    OPTION = "option"  # --name or --name=value
    END = "end"  # --, after which nothing is an option
    OPERATOR = "operator"  # > >! |
    RAW = "raw"  # what follows a `|`, or a line too long to be read
    COMMENT = "comment"


class Variable(NamedTuple):
    """A `$NAME` inside a value."""

    name: str


Part = str | Variable


_WHOLE: Mapping[str | None, Sort] = {sort.value: sort for sort in (Sort.SPACE, Sort.COMMENT, Sort.OPERATOR)}


class Token(NamedTuple):
    """A piece of a line. `value_start` is where the value of `--option=value` begins, or the word itself.

    `parts` is the value after quotes and doubled characters are gone, variables still to be filled in.
    `quote` is the character the value opens with, or nothing; `is_closed` is false for a quote left open.
    """

    sort: Sort
    start: int
    raw: str
    parts: tuple[Part, ...] = ()
    option: str = ""
    value_start: int = -1
    quote: str = ""
    is_closed: bool = True

    @property
    def end(self) -> int:
        """The offset just past the token."""
        return self.start + len(self.raw)

    @property
    def span(self) -> tuple[int, int]:
        """First and past-the-last offset."""
        return self.start, self.end

    @property
    def value_span(self) -> tuple[int, int]:
        """The span of the value alone, without `--option=`."""
        return self.value_start, self.end

    @property
    def is_blank(self) -> bool:
        """Whether it says nothing: blanks and comments."""
        return self.sort is Sort.SPACE or self.sort is Sort.COMMENT

    @property
    def has_value(self) -> bool:
        """Whether this is a word, or an option written with `=`."""
        return self.value_start >= 0

    @property
    def at_name(self) -> str | None:
        """The name after a leading unquoted `@` (`acme`, `acme.email`), None where the word is no such name."""
        if self.quote or "@" not in self.raw or not self.has_value:
            return None
        value = self.raw[self.value_start - self.start :]
        return value[1:] if value.startswith("@") and not value.startswith("@@") else None

    @property
    def text(self) -> str:
        """The value with its variables as typed: for completion and messages, where none are filled in."""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return "".join(part if isinstance(part, str) else f"${part.name}" for part in self.parts)

    def expanded(self, variables: Mapping[str, str]) -> str:
        """The value with its variables filled in; what comes in is never read as syntax. Raises UsageError."""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return "".join(part if isinstance(part, str) else self._filled(part, variables) for part in self.parts)

    def _filled(self, variable: Variable, variables: Mapping[str, str]) -> str:
        if variable.name not in variables:
            raise UsageError(
                f"${variable.name} is not defined",
                hint=f"start with --var {variable.name}=VALUE, or type $${variable.name} for the plain characters",
            ).at(self.value_span)
        return variables[variable.name]


def tokenize(line: str) -> tuple[Token, ...]:
    """Cut any line, finished or not; the tokens, side by side, are the line again."""
    if is_too_long(line):
        return (Token(Sort.RAW, 0, line),)
    pieces = _COMMON.findall(line)
    return tuple(_common_tokens(pieces) if "".join(pieces) == line else _tokens(line))


def is_too_long(line: str) -> bool:
    """Whether a line is longer than the language takes."""
    return len(line) > LONGEST_LINE // 4 and len(line.encode("utf-8", "surrogatepass")) > LONGEST_LINE


def names_a_secret(option: str) -> bool:
    """Whether an option takes a password, also one that is mistyped or that its command does not know."""
    return "pass" in option.casefold()


def continues(line: str) -> bool:
    """Whether a physical line ends in the backslash that continues it in the next one."""
    if not line.endswith("\\"):
        return False
    *_, last = tokenize(line)
    return last.sort is Sort.SPACE


def quoted(value: str) -> str:
    """Write a value so that it reads back as itself, in quotes only where it must be."""
    doubled = value.replace("$", "$$").replace("@", "@@")
    if value and not re.search(rf"[{_BLANK}]|\\\Z", value) and not re.match(r"[\"'#]|--|>!?\Z|\|\Z", value):
        return doubled
    if "'" not in value:
        return f"'{value}'"
    return '"' + doubled.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _common_tokens(pieces: Sequence[str]) -> Iterator[Token]:
    """The tokens of a line that has usual ones alone; the same as `_tokens` finds, in a third of the time."""
    start = 0
    for raw in pieces:
        first = raw[0]
        if first in _BLANKS:
            yield Token(Sort.SPACE, start, raw)
        elif first == "-":
            yield Token(Sort.OPTION, start, raw, (), raw[2:])
        elif first in _QUOTED:
            yield Token(Sort.WORD, start, raw, (raw[1:-1],), "", start, first)
        else:
            yield Token(Sort.WORD, start, raw, (raw,), "", start)
        start += len(raw)


def _tokens(line: str) -> Iterator[Token]:
    position, options_end = 0, False
    while position < len(line):
        token = _token_at(line, position, options_end=options_end)
        options_end = options_end or token.sort is Sort.END
        yield token
        position += len(token.raw)
        if token.raw == PIPE and token.sort is Sort.OPERATOR and position < len(line):
            yield Token(Sort.RAW, position, line[position:])
            return


def _token_at(line: str, start: int, *, options_end: bool) -> Token:
    match = _TOKEN.match(line, start)
    assert match is not None  # noqa: S101  (the alternatives cover every character)
    sort = match.lastgroup
    if sort in _WHOLE:
        return Token(_WHOLE[sort], start, match[0])
    if options_end or sort == "word":
        return _value(line, start, start, Sort.WORD, "")
    if sort == "end":
        return Token(Sort.END, start, match[0])
    if not match["equals"]:
        return Token(Sort.OPTION, start, match[0], option=match["option"][2:])
    return _value(line, start, match.end(), Sort.OPTION, match["option"][2:])


def _value(line: str, start: int, value_start: int, sort: Sort, option: str) -> Token:
    quote = line[value_start : value_start + 1]
    if quote not in {'"', "'"}:
        rest = _REST_OF_WORD.match(line, value_start)
        assert rest is not None  # noqa: S101  (the pattern matches the empty string)
        return Token(sort, start, line[start : rest.end()], _parts(rest[0]), option, value_start)
    body = _QUOTED[quote].match(line, value_start)
    assert body is not None  # noqa: S101  (it starts with this quote)
    rest = _REST_OF_WORD.match(line, body.end())
    end = rest.end() if rest and body["close"] else body.end()
    parts = _quoted_parts(quote, body["inside"]) + (_parts(line[body.end() : end]) if end > body.end() else ())
    return Token(sort, start, line[start:end], parts, option, value_start, quote, bool(body["close"]))


def _quoted_parts(quote: str, inside: str) -> tuple[Part, ...]:
    if quote == "'":
        return (inside,)
    if "\\" not in inside:
        return _parts(inside)
    return _split(inside, _EXPANSION_IN_QUOTES)


def _parts(text: str) -> tuple[Part, ...]:
    if "@@" not in text and "$" not in text:
        return (text,)
    return _split(text, _EXPANSION)


def _split(text: str, pattern: re.Pattern[str]) -> tuple[Part, ...]:
    parts: list[Part] = []
    position = 0
    for match in pattern.finditer(text):
        parts.append(text[position : match.start()])
        parts.append(_meaning(match))
        position = match.end()
    parts.append(text[position:])
    return _joined(parts)


def _meaning(match: re.Match[str]) -> Part:
    groups = match.groupdict()
    if groups.get("char"):
        return groups["char"]
    return Variable(groups["name"]) if groups["name"] else match[0][0]


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)
