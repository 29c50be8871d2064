"""csv and tsv: a header of column names, then a line a record, for spreadsheets and for other programs.

csv follows RFC 4180 but for its line ends, which are single line feeds, as every tool of a pipe wants them. In tsv a
tab, a line feed, a carriage return and a backslash within a value are written `\\t`, `\\n`, `\\r` and `\\\\`.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING

from crmshell.outcome import Column, Kind, Rows
from crmshell.output.cells import for_machines, pages, words, written
from crmshell.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmshell.outcome import Card
    from crmshell.output.cells import Writer
    from crmshell.output.style import Style

_FREE = frozenset({Kind.TEXT, Kind.EMAIL, Kind.NAME})
_WORDS = _FREE | {Kind.STATE, Kind.PHONE, Kind.DAY}

# Excel takes the full-width forms of the signs for formulas too (OWASP, "CSV Injection").
_FORMULA = re.compile("\\s*[=+@\uff1d\uff0b\uff0d\uff20-]| *[\t\r\n]")
_MAY_BE_FORMULA = re.compile("[=+@\uff1d\uff0b\uff0d\uff20\\s-]")
_SPECIAL = '",\t\r\\'
_FIRST = itemgetter(slice(1))
_NEEDS_QUOTES = re.compile('[",\r\n]')
_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NO_UTF8 = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def csv_rows(rows: Rows, style: Style) -> Iterator[str]:
    """Yield the listing as csv."""
    return _listing(rows, style, ",", _quote)


def tsv_rows(rows: Rows, style: Style) -> Iterator[str]:
    """Yield the listing as tsv."""
    return _listing(rows, style, "\t", _escape)


def csv_card(card: Card, style: Style) -> Iterator[str]:
    """Yield the one record as csv, its secrets as last columns, without what belongs to it."""
    return csv_rows(_record(card), style)


def tsv_card(card: Card, style: Style) -> Iterator[str]:
    """Yield the one record as tsv, its secrets as last columns, without what belongs to it."""
    return tsv_rows(_record(card), style)


def _record(card: Card) -> Rows:
    # Nobody could log in with a password that got an apostrophe, hence a kind that is not neutralised.
    secrets = [Column(name, Kind.STATE) for name in card.secrets]
    return Rows(card.noun, [*card.columns, *secrets], [[*card.values, *card.secrets.values()]])


def _listing(rows: Rows, style: Style, delimiter: str, protect: Writer) -> Iterator[str]:
    writers = [_writer(column.kind, style, protect) for column in rows.columns]
    yield delimiter.join(protect(safe(column.name)) for column in rows.columns) + "\n"
    for page in pages(rows.rows):
        records = zip(*written(page, writers), strict=True)
        lines = "\n".join(map(delimiter.join, records))
        yield _without_surrogates(lines) + "\n"


def _without_surrogates(text: str) -> str:
    """The same text as UTF-8 can hold it; encoding it is the fastest way to see that it can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _NO_UTF8.sub(_REPLACEMENT, text)
    return text


def _writer(kind: Kind, style: Style, protect: Writer) -> Writer:
    if kind is Kind.VALUE:
        return lambda typed: _writer(typed.kind, style, protect)(typed.value)
    if kind not in _WORDS:
        return for_machines(kind, style)
    neutralise = _neutralise if kind in _FREE else str
    if style.width is None:
        return words(lambda text: protect(neutralise(text)), _is_plain_and_no_formula if kind in _FREE else _is_plain)
    return lambda text: protect(safe(neutralise(text)))


def _is_plain(texts: Sequence[str]) -> bool:
    """Whether no text of a column has to be quoted or escaped: one look for all of them."""
    joined = "\n".join(texts)
    return not any(char in joined for char in _SPECIAL) and joined.count("\n") == len(texts) - 1


def _is_plain_and_no_formula(texts: Sequence[str]) -> bool:
    """Nor neutralised, by the first characters of all of them."""
    return _is_plain(texts) and not _MAY_BE_FORMULA.search("".join(set(map(_FIRST, texts))))


def _neutralise(words: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{words}" if _FORMULA.match(words) else words


def _quote(words: str) -> str:
    return '"' + words.replace('"', '""') + '"' if _NEEDS_QUOTES.search(words) else words


def _escape(words: str) -> str:
    return words.translate(_TSV_ESCAPES)
