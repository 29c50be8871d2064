"""A first word that stands for others: an alias of the user, or a saved view. Pure, and known to the shell alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from crmshell.language.tokens import Sort, Token, tokenize

PROGRAM = "crm"
Names = Mapping[str, str]
"""What each first word stands for."""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "$": "$$", "@": "@@"})


class Piece(NamedTuple):
    """A part of the typed line, and where it stands in the line that is run."""

    typed_start: int
    start: int
    length: int


@cache
def _parameter() -> re.Pattern[str]:
    """What stands for words that are typed; compiled when the first alias is used, and not at every start."""
    return re.compile(r"\$\$|\$(?P<number>[1-9])|\$(?P<all>\*)")


class Expansion(NamedTuple):
    """A line as typed, the line it stands for, and which part of the one is which of the other.

    `word` is the first word; `gap` the place of the first parameter that was not given, None where all are.
    """

    typed: str
    line: str
    word: Token
    pieces: tuple[Piece, ...]
    gap: int | None = None

    def place(self, offset: int) -> int:
        """Where the typed line's offset is in the line that is run; the end where it is nowhere."""
        for piece in self.pieces:
            if piece.typed_start <= offset <= piece.typed_start + piece.length:
                before = self.typed[piece.typed_start : offset]
                return self.gap if self.gap is not None and not before.strip() else piece.start + len(before)
        return len(self.line)


def find_expansion(line: str, names: Names, taken: Sequence[str]) -> Expansion | None:
    """What a line stands for; None where its first word is no name, or one of those `taken` by commands."""
    if not names:
        return None
    tokens = [token for token in tokenize(line) if not token.is_blank]
    if tokens and tokens[0].raw == PROGRAM:
        tokens = tokens[1:]
    if not tokens or tokens[0].raw not in names or tokens[0].raw in taken:
        return None
    word, *given = tokens
    body = _without_aliases(names[word.raw], {name: names[name] for name in names if name != word.raw}, taken)
    return _Expander(line, word, body, given).expansion()


def _without_aliases(body: str, others: Names, taken: Sequence[str]) -> str:
    """The words themselves, where they begin with another name."""
    inner = find_expansion(body, others, taken)
    return inner.line if inner else body


class _Expander:
    """Puts the words that were typed into the words of an alias, and the rest behind them."""

    def __init__(self, line: str, word: Token, body: str, given: Sequence[Token]) -> None:
        self._line, self._word = line, word
        self._head, self._operators = _parted(tokenize(body), body)
        self._given = _leading_words(given, most=_parameters(self._head))
        self._pieces: list[Piece] = []
        self._gap: int | None = None
        self._made = ""

    def expansion(self) -> Expansion:
        self._fill()
        start = self._given[-1].end if self._given else self._word.end
        rest = self._line[start:]
        arguments, operators = _parted(tokenize(rest), rest)
        self._copy(start, arguments)
        self._made += f" {self._operators}" if self._operators else ""
        self._copy(start + rest.find(operators) if operators else len(self._line), operators)
        return Expansion(self._line, self._made, self._word, tuple(self._pieces), self._gap)

    def _fill(self) -> None:
        """Fill in the parameters of the words in front of an operator."""
        position = 0
        for match, quote in _matches(self._head):
            self._made += self._head[position : match.start()]
            position = match.end()
            if match[0] == "$$":
                self._made += match[0]
            else:
                self._argument(match, quote)
        self._made += self._head[position:].rstrip()

    def _argument(self, match: re.Match[str], quote: str) -> None:
        number = int(match["number"] or 0)
        taken = self._given[number - 1 : number] if number else self._given[_highest(self._head) :]
        if not taken:
            self._gap = len(self._made) if self._gap is None else self._gap
        elif quote:
            self._made += " ".join(token.text for token in taken).translate(_ESCAPES)
        else:
            self._copy(taken[0].start, self._line[taken[0].start : taken[-1].end])

    def _copy(self, typed_start: int, text: str) -> None:
        self._pieces.append(Piece(typed_start, len(self._made), len(text)))
        self._made += text


def _parted(tokens: Sequence[Token], text: str) -> tuple[str, str]:
    """What stands before the first operator or comment, and from an operator on."""
    for token in tokens:
        if token.sort is Sort.COMMENT:
            return text[: token.start], ""
        if token.sort is Sort.OPERATOR:
            return text[: token.start].rstrip() + " ", text[token.start :]
    return text, ""


def _matches(head: str) -> Iterator[tuple[re.Match[str], str]]:
    """The parameters, each with the quote it stands in; between single quotes there are none."""
    for token in tokenize(head):
        if not token.has_value or token.quote == "'":
            continue
        for match in _parameter().finditer(head, token.start, token.end):
            yield match, token.quote


def _highest(head: str) -> int:
    return max((int(match["number"] or 0) for match, _ in _matches(head)), default=0)


def _parameters(head: str) -> int | None:
    """How many words the parameters take; None for all there are."""
    return None if any(match["all"] for match, _ in _matches(head)) else _highest(head)


def _leading_words(given: Sequence[Token], most: int | None) -> list[Token]:
    """The words in front of the first option or operator, at most so many."""
    words: list[Token] = []
    for token in given[:most]:
        if token.sort is not Sort.WORD:
            break
        words.append(token)
    return words
