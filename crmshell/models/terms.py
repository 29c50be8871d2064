"""Words: those under which a record is stored, those that somebody types to find it, and how the two meet.

A phone number is stored under its digits with the country, under those one dials at home, and under all of them read
backwards after TAIL, so that its last digits are the beginning of a word too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from crmshell.text import fold, search_terms

LONGEST_TERM = 40
MOST_TERMS = 400  # of one record: a note may have thousands
MOST_FRAGMENTS = 12
TAIL = "~"
AFTER_ALL = "\U0010ffff"
_SHORTEST_TAIL = 4  # digits
_COUNTRIES = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
    "90 91 92 93 94 95 98"
)
_TWO_DIGIT_COUNTRIES = frozenset(_COUNTRIES.split())
_PHONE = re.compile(r"\+[0-9]{6,15}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_WORD = re.compile(r"[^\W_]+")
# A number begins with + or 0 and has signs between its digits, or is two digits and two digits and so on.
_DIALLED = re.compile(r"(?<![\w./-])(?:(?:\+|\(?0)[0-9().\-/\s]*[0-9](?![\w])|[0-9]{2}(?:[ .][0-9]{2})+(?![\w.-]))")
_PIECE = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"?|(?P<word>\S+)')


class Fragment(NamedTuple):
    """The beginning of a word, as typed, and the stored beginnings that it may stand for."""

    typed: str
    beginnings: tuple[str, ...]

    def is_in(self, terms: Sequence[str]) -> bool:
        """Whether one of these words begins so."""
        return any(term.startswith(self.beginnings) for term in terms)


class Wanted(NamedTuple):
    """What somebody looks for: every fragment, every phrase as it stands, and nothing of what is excluded."""

    text: str
    fragments: tuple[Fragment, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()

    def with_words(self, fragment: Fragment, words: Sequence[str]) -> Wanted:
        """The same, with other words in the place of one."""
        instead = Fragment(fragment.typed, tuple(words))
        return self._replace(fragments=tuple(instead if each == fragment else each for each in self.fragments))


def stored_terms(texts: Sequence[str | None]) -> list[str]:
    """The words under which a record with these texts is stored; of a very long one the first."""
    terms: dict[str, None] = {}
    for text in texts:
        if text:
            terms.update(dict.fromkeys(terms_of(text)))
    if max(map(len, terms), default=0) > LONGEST_TERM:
        terms = dict.fromkeys(term[:LONGEST_TERM] for term in terms)
    return sorted(islice(terms, MOST_TERMS))


def terms_of(text: str) -> Sequence[str]:
    """The words of one text: an e-mail address is cut at its signs, a phone number has three forms."""
    if text.startswith("+") and _PHONE.fullmatch(text):
        return _phone_terms(text[1:])
    return _WORD.findall(fold(text)) if "@" in text and _EMAIL.fullmatch(text) else search_terms(text)


def is_spelled(term: str) -> bool:
    """Whether a word can be mistyped in a way that is worth forgiving: letters, and some of them."""
    return len(term) > 2 and term.isalpha()  # noqa: PLR2004  (letters)


def fragments(typed: str) -> list[Fragment]:
    """What was typed, word by word; a phone number is one word however it is written."""
    found: list[Fragment] = []
    rest = _DIALLED.sub(lambda match: _keep_number(match[0], found), typed)
    found += [_fragment(word) for word in _WORD.findall(fold(rest))]
    return list(dict.fromkeys(found))


def wanted(text: str) -> Wanted:
    """Read what somebody looks for: words, `"words together"`, `-words -"not wanted"`."""
    plain: list[str] = []
    phrases: list[tuple[str, ...]] = []
    excluded: list[tuple[str, ...]] = []
    for piece in _PIECE.finditer(text):
        words = _words(piece["phrase"] or piece["word"] or "")
        if piece["minus"] or (piece["word"] or "").startswith("-"):
            excluded.append(words)
        elif piece["phrase"] and len(words) > 1 and not _DIALLED.fullmatch(piece["phrase"].strip()):
            phrases.append(words)
        else:
            plain.append(piece["phrase"] or piece["word"] or "")
    together = [_fragment(word) for phrase in phrases for word in phrase]
    found = dict.fromkeys([*fragments(" ".join(plain)), *together])
    return Wanted(text, tuple(found), tuple(phrases), tuple(words for words in excluded if words))


def holds_phrase(text: str, phrase: Sequence[str]) -> bool:
    """Whether the words of a phrase stand side by side in a text, the last one perhaps cut off."""
    return f" {' '.join(phrase)}" in f" {' '.join(_words(text))}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def _fragment(word: str) -> Fragment:
    short = word[:LONGEST_TERM]
    if not (short.isascii() and short.isdigit()) or len(short) < _SHORTEST_TAIL:
        return Fragment(word, (short,))
    return Fragment(word, (short, TAIL + short[::-1]))


def _keep_number(dialled: str, found: list[Fragment]) -> str:
    """Note a phone number; what is too short for one is left among the words."""
    is_abroad = dialled.startswith("+")
    digits = "".join(filter(str.isdigit, dialled.replace("(0)", "") if is_abroad else dialled))
    if not is_abroad and digits.startswith("00"):
        digits, is_abroad = digits[2:].removeprefix("0"), True
    if not digits or (not is_abroad and len(digits) < _SHORTEST_TAIL):
        return dialled
    found.append(Fragment(dialled.strip(), (digits,)) if is_abroad else _fragment(digits))
    return " "


def _phone_terms(digits: str) -> tuple[str, ...]:
    return digits, dialled_at_home(digits), TAIL + digits[::-1]


def dialled_at_home(digits: str) -> str:
    """The digits of a number in E.164 as they are dialled in its own country: a zero in the place of the country's."""
    national = digits[_country_length(digits) :]
    return national if national.startswith("0") else f"0{national}"


def _country_length(digits: str) -> int:
    """How many digits name the country (ITU-T E.164)."""
    if digits[0] in "17":
        return 1
    return 2 if digits[:2] in _TWO_DIGIT_COUNTRIES else 3
