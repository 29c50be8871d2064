"""Colours for the line being typed, from the same reading that would run it."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from completers.lines import logical_lines
from crmshell.language.declaration import Grammar
from crmshell.language.reading import Reading, read
from crmshell.language.tokens import Sort, Token
from crmshell.text import safe

STYLE = Style.from_dict(
    {
        "noun": "bold",
        "verb": "bold",
        "option": "ansicyan",
        "quoted": "ansigreen",
        "name": "ansimagenta",
        "comment": "ansibrightblack",
        "fault": "ansired underline",
        "prompt.user": "bold",
        "prompt.role": "ansibrightblack",
        "bottom-toolbar": "noreverse",
        "bottom-toolbar.text": "ansibrightblack",
        "bottom-toolbar.warning": "ansiyellow bold",
        "question": "bold",
    }
)


class ReadingLexer(Lexer):
    """Shows nouns, options, quotes, names and faults as the language reads them."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The fragments of each line of what is typed."""
        readings = [read(line, self._grammar) for line in logical_lines(document.text)]
        lines = [line for reading in readings for line in _lines(fragments(reading))]
        return lambda number: lines[number] if number < len(lines) else []


def fragments(reading: Reading) -> StyleAndTextTuples:
    """The line as styled pieces, every character harmless and none lost."""
    return [(_style(token, reading), _shown(token.raw)) for token in reading.tokens]


def _shown(raw: str) -> str:
    """Each character as one that a terminal does not act on, line feeds left alone."""
    return "\n".join("".join(safe(char)[0] for char in line) for line in raw.split("\n"))


def _style(token: Token, reading: Reading) -> str:
    if token.sort is Sort.SPACE:
        return ""
    if any(fault.span and fault.span[0] <= token.start < fault.span[1] for fault in reading.faults):
        return "class:fault"
    if token in reading.words:
        return "class:noun" if token is reading.words[0] else "class:verb"
    return _SORTS.get(token.sort) or _value_style(token)


_SORTS = {Sort.COMMENT: "class:comment", Sort.OPTION: "class:option"}


def _value_style(token: Token) -> str:
    if token.quote:
        return "class:quoted"
    return "class:name" if token.has_value and token.at_name is not None else ""


def _lines(pieces: StyleAndTextTuples) -> list[StyleAndTextTuples]:
    lines: list[StyleAndTextTuples] = [[]]
    for style, text, *_ in pieces:
        first, *others = text.split("\n")
        lines[-1].append((style, first))
        lines.extend([(style, other)] for other in others)
    return lines
