"""Text from people: made harmless for a terminal, folded for comparison, measured in columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import filterfalse

# What a terminal could act on: C0, DEL, C1, bidirectional controls, separators of lines, and the surrogates
# that stand for bytes which are not UTF-8.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# Letters and signs of European languages: each takes one column.
_LETTERS = " -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u20ac"
# Kana, Chinese characters and Korean syllables: each takes two.
_WIDE_LETTERS = "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
_NARROW = re.compile(f"[{_LETTERS}]*")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n"}
)

_JOINERS = "'’ʼ-‐‑."
_WITHOUT_JOINERS = str.maketrans("", "", _JOINERS)
_WORD = re.compile(r"[^\W_]+")
_BLANK_OR_COMMAND = re.compile(" |`[^`]*`")
_COMPOUND = re.compile(rf"[^\W_]+(?:[{re.escape(_JOINERS)}][^\W_]+)+")


def safe(text: str) -> str:
    """Show every character a terminal could act on as a visible one; a line feed becomes `↵`."""
    return text if text.isprintable() else _HARMFUL.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    if char == "\n":
        return "↵"
    if char < " ":
        return chr(0x2400 + ord(char))
    return f"\\x{ord(char):02x}" if char <= "\xff" else f"\\u{ord(char):04x}"


def safe_lines(text: str) -> str:
    """The same as `safe`, for the places where a line feed may start a new line."""
    return "\n".join(map(safe, text.split("\n"))) if "\n" in text else safe(text)


def find_control(text: str) -> str | None:
    """The first control character (or stray byte) of a text, None where there is none."""
    match = _CONTROLS.search(text)
    return match[0] if match else None


def are_digits(text: str) -> bool:
    """Whether a text is made of 0 to 9 alone; `str.isdigit` takes the digits of other scripts, and `²`, too."""
    return text.isascii() and text.isdigit()


def fold(text: str) -> str:
    """Bring a text to the form in which people compare: no case, accents, ligatures or width."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(filterfalse(unicodedata.combining, decomposed)).casefold()
    return bare if bare.isascii() else bare.translate(_LETTERS_WITHOUT_DECOMPOSITION)


def search_terms(text: str) -> tuple[str, ...]:
    """The folded words under which a record with this text is found; `O'Brien` gives o, brien and obrien."""
    folded = fold(text)
    found = _WORD.findall(folded)
    found += [compound.translate(_WITHOUT_JOINERS) for compound in _COMPOUND.findall(folded)]
    return tuple(dict.fromkeys(found))


def words(text: str) -> frozenset[str]:
    """The folded words of what somebody types to search; an e-mail address is several."""
    return frozenset(_WORD.findall(fold(text)))


def width(text: str) -> int:
    """The number of terminal columns a text takes."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    ordinary, wide = _with_wide_letters()
    if ordinary.fullmatch(text):
        return len(text) + len(wide.findall(text))
    from wcwidth import wcswidth

    columns = wcswidth(text)
    return columns if columns >= 0 else len(text)


@cache
def _with_wide_letters() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A text of letters of one and of two columns, and one of the latter; made when first met: that takes long."""
    return re.compile(f"[{_LETTERS}{_WIDE_LETTERS}]*"), re.compile(f"[{_WIDE_LETTERS}]")


def are_narrow(texts: Iterable[str]) -> bool:
    """Whether every character of some texts surely takes one column: one look at all of them together."""
    joined = "".join(texts)
    return joined.isascii() or bool(_NARROW.fullmatch(joined))


def shorten(text: str, columns: int) -> str:
    """Cut a text to so many columns, its last one `…`, never inside a character and its marks."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for character in _characters(text):
        used += width(character)
        if used > columns - 1:
            break
        kept += character
    return kept + "…" if columns > 0 else ""


def shorten_front(text: str, columns: int) -> str:
    """Cut a text to its last columns, the first of them `…`: the end of a path says more than its beginning."""
    if not _is_wider(text, columns):
        return text
    kept, used = "", 0
    for character in reversed(list(_characters(text))):
        used += width(character)
        if used > columns - 1:
            break
        kept = character + kept
    return "…" + kept if columns > 0 else ""


def wrapped(text: str, columns: int | None) -> list[str]:
    """The lines of a text, folded at blanks where they are wider than so many columns; a longer word stays whole.

    So does a command between backticks that fits on a line: it is there to be copied.
    """
    lines = text.split("\n")
    return lines if columns is None else [part for line in lines for part in _folded(line, columns)]


def _folded(line: str, columns: int) -> Iterator[str]:
    while _is_wider(line, columns):
        cut = _last_blank(line, columns)
        if cut < 0:
            break
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
    yield line


def _last_blank(line: str, columns: int) -> int:
    """Where to break a line: at the last blank that fits, else at the first there is; -1 where there is none."""
    last = -1
    for blank in _blanks(line, columns):
        if _is_wider(line[:blank], columns):
            return blank if last < 0 else last
        last = blank
    return last


def _blanks(line: str, columns: int) -> Iterator[int]:
    """Where a line may be broken: not before its first word, nor within a command that fits on a line of its own."""
    for found in _BLANK_OR_COMMAND.finditer(line, len(line) - len(line.lstrip())):
        if found[0] == " " or _is_wider(found[0], columns):
            yield from (found.start() + place for place, char in enumerate(found[0]) if char == " ")


def _is_wider(text: str, columns: int) -> bool:
    """Whether a text takes more than so many columns, which the beginning of a long one tells already."""
    return width(text[: 2 * columns]) > columns or (len(text) > 2 * columns and width(text) > columns)


def _characters(text: str) -> Iterator[str]:
    """What people take for one character: a letter with its marks, a flag, an emoji with its modifiers."""
    if text.isascii():
        return iter(text)
    from wcwidth import iter_graphemes

    return iter_graphemes(text)


def plural(count: int, noun: str) -> str:
    """`1 contract`, `2 contracts`, `no entries`."""
    number = "no" if count == 0 else f"{count}"
    return f"{number} {noun if count == 1 else plural_of(noun)}"


def plural_of(noun: str) -> str:
    """`contracts`, `entries`, `days`."""
    is_soft = noun.endswith("y") and noun[-2:-1] not in {"a", "e", "o", "u"}
    return f"{noun[:-1]}ies" if is_soft else f"{noun}s"


def nearest(word: str, known: list[str]) -> str | None:
    """The known word most like a mistyped one, None where none is near."""
    from difflib import get_close_matches

    matches = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return matches[0] if matches else None
