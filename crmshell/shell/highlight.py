"""Colours for the line being typed, from the same reading that would run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from completers.lines import logical_lines
from crmshell.errors import Failure
from crmshell.language.expansion import Expansion, Names
from crmshell.language.grammar import Grammar
from crmshell.language.reading import Reading, read
from crmshell.language.tokens import Sort, Token, tokenize
from crmshell.listing import FieldsKind
from crmshell.session import Session
from crmshell.shell.clauses import coloured
from crmshell.shell.validation import Validation
from crmshell.text import safe

STYLE = Style.from_dict(
    {
        "noun": "bold",
        "alias": "bold ansimagenta",
        "verb": "bold",
        "option": "ansicyan",
        "quoted": "ansigreen",
        "field": "ansiblue",
        "operator": "bold",
        "value": "ansigreen",
        "name": "ansimagenta",
        "comment": "ansibrightblack",
        "fault": "ansired underline",
        "prompt.user": "bold",
        "prompt.role": "ansibrightblack",
        "bottom-toolbar": "noreverse",
        "bottom-toolbar.text": "ansibrightblack",
        "bottom-toolbar.warning": "ansiyellow bold",
        "bottom-toolbar.fault": "ansired",
        "bottom-toolbar.help": "ansidefault",
        "bottom-toolbar.mode": "bold",
        "auto-suggestion": "ansibrightblack",
        "question": "bold",
    }
)


class ReadingLexer(Lexer):
    """Shows nouns, options, quotes, names and faults as the language reads them."""

    def __init__(self, grammar: Grammar, session: Session, names: Callable[[], Names] = dict) -> None:
        self._grammar = grammar
        self._names = names
        self._validation = Validation(grammar, session)

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The fragments of each line of what is typed."""
        names = self._names()
        readings = [read(line, self._grammar, names) for line in logical_lines(document.text)]
        faults = [self._validation.faults(reading, names) for reading in readings]
        lines = [line for pair in zip(readings, faults, strict=True) for line in _lines(fragments(*pair))]
        return lambda number: lines[number] if number < len(lines) else []


def fragments(reading: Reading, faults: Sequence[Failure]) -> StyleAndTextTuples:
    """The line as styled pieces, every character harmless and none lost; `faults` are those to be shown."""
    if reading.expansion is not None:
        typed = tokenize(reading.expansion.typed)
        return [_typed_fragment(token, reading, reading.expansion, faults) for token in typed]
    return [piece for token in reading.tokens for piece in _pieces(token, reading, faults)]


def _pieces(token: Token, reading: Reading, faults: Sequence[Failure]) -> StyleAndTextTuples:
    """A token in its style; a condition and a list of fields in those of their parts."""
    argument = next((each for each in reading.arguments if each.token is token), None)
    if argument is None or not isinstance(argument.parameter.kind, FieldsKind):
        return [(_style(token, reading, faults), _shown(token.raw))]
    return [(style, _shown(text)) for style, text in coloured(argument, faults) if text]


def _typed_fragment(token: Token, reading: Reading, expansion: Expansion, faults: Sequence[Failure]) -> tuple[str, str]:
    """A piece of what was typed, in the style it has in the line that is run."""
    if token.start == expansion.word.start:
        is_at_fault = faults and not any(_is_typed(fault, expansion) for fault in faults)
        return "class:fault" if is_at_fault else "class:alias", _shown(token.raw)
    place = expansion.place(token.start + 1) - 1
    twin = next((other for other in reading.tokens if other.start == place and other.raw == token.raw), token)
    return _style(twin, reading, faults), _shown(token.raw)


def _is_typed(fault: Failure, expansion: Expansion) -> bool:
    """Whether a fault lies in what was typed behind the alias."""
    start, _ = fault.span or (0, 0)
    return any(piece.start <= start < piece.start + max(piece.length, 1) for piece in expansion.pieces)


def _shown(raw: str) -> str:
    """Each character as one that a terminal does not act on, line feeds left alone."""
    return "\n".join("".join(safe(char)[0] for char in line) for line in raw.split("\n"))


def _style(token: Token, reading: Reading, faults: Sequence[Failure]) -> str:
    if token.sort is Sort.SPACE:
        return ""
    if any(fault.span and fault.span[0] <= token.start < fault.span[1] for fault in faults):
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
