"""`name = line`: how a word that stands for a line is defined, be it an alias or a view, and which words it may be."""

from __future__ import annotations

import re
from typing import NamedTuple

from crmshell.errors import Refused, UsageError
from crmshell.language.expansion import PROGRAM
from crmshell.language.grammar import Grammar
from crmshell.text import safe, shorten

_SIGN = "="
_NAME = r"[^\W\d][\w.-]{0,39}"


class Definition(NamedTuple):
    """A word and the line it is to stand for; `has_sign` tells `word =` from `word`."""

    word: str
    line: str
    has_sign: bool


def read_definition(first: str, rest: str) -> Definition:
    """The definition that begins with a word and goes on with the rest of the line, wherever its blanks stand.

    A line that a backslash continues becomes one: definitions are kept a line each.
    """
    word, sign, beginning = first.partition(_SIGN)
    behind = f"{sign}{beginning} {rest}".replace("\\\n", " ").strip()
    return Definition(word, behind.removeprefix(_SIGN).strip(), behind.startswith(_SIGN))


def check_word(word: str, noun: str, grammar: Grammar) -> None:
    """Refuse a word that would hide a command, or that nobody could type; `noun` is what it would name."""
    if word in grammar.nouns() or word == PROGRAM:
        raise Refused(f"{word} is a command, and no {noun} hides one", hint="choose another name")
    if not re.fullmatch(_NAME, word):
        article = "an" if noun[0] in "aeiou" else "a"
        message = f"{shorten(safe(word), 40)} is no name for {article} {noun}"
        raise UsageError(message, hint="a letter, then letters, digits, . _ and -")
