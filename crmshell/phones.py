"""Phone numbers by the library's own patterns but without its parser, which takes far longer.

What these functions do not know is left to the library; where they answer, they answer as it does.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST_BEGINNING = 4  # characters of a number that name its country: a plus and up to three digits


class _Country(NamedTuple):
    """A country that has its calling code for itself; `prefix` is dialled before a number, and is no part of it."""

    code: str
    prefix: str
    general: re.Pattern[str]
    line: re.Pattern[str]

    def has(self, national: str) -> bool:
        """Whether this is the number of a telephone at home or of a mobile one, without its prefix."""
        is_bare = not self.prefix or not national.startswith(self.prefix)
        return is_bare and bool(self.general.fullmatch(national) and self.line.fullmatch(national))


class _Form(NamedTuple):
    """A way to group the digits of a number: what they begin with, all of them, and the text they are put into."""

    leading: str
    whole: str
    text: str


class _Layout(NamedTuple):
    """How a number is written: a text with a gap for each of these groups of its digits."""

    text: str
    groups: Sequence[int]


class _Writing(NamedTuple):
    """All layouts of the numbers that begin alike, each under the last of its groups in the one pattern for all."""

    pattern: re.Pattern[str]
    layouts: Mapping[int | None, _Layout]

    def find_text(self, e164: str) -> str | None:
        """The number as it is written; None where it is no ordinary one."""
        match = self.pattern.fullmatch(e164)
        if match is None:
            return None
        text, groups = self.layouts[match.lastindex]
        return text % match.group(*groups)


def find_e164(dialled: str, region: str) -> str | None:
    """The number in E.164 where it is an ordinary one of this region; None where only the library can tell."""
    country = _country(region)
    if country is None or not dialled.isascii():
        return None
    national = dialled.removeprefix(f"+{country.code}")
    if not dialled.startswith(f"+{country.code}"):
        if not national.startswith(country.prefix) or national.startswith(country.code):
            return None
        national = national.removeprefix(country.prefix)
    return f"+{country.code}{national}" if country.has(national) else None


@cache
def _country(region: str) -> _Country | None:
    """What the library knows of a region; None where it takes more than this module does to read its numbers."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    known: Any = PhoneMetadata.metadata_for_region(region)
    if known is None or len(COUNTRY_CODE_TO_REGION_CODE[known.country_code]) > 1:
        return None
    prefix = known.national_prefix or ""
    if prefix != (known.national_prefix_for_parsing or "") or known.national_prefix_transform_rule:
        return None
    lines = [known.fixed_line.national_number_pattern, known.mobile.national_number_pattern]
    return _Country(
        str(known.country_code),
        prefix,
        re.compile(f"(?!0)(?:{known.general_desc.national_number_pattern})"),
        re.compile("|".join(f"(?:{line})" for line in lines if line)),
    )


def find_written(e164: str, region: str) -> str | None:
    """The number as people write it, national at home in this region, where it is an ordinary one; None as above."""
    writing = _find_writing(e164[:_LONGEST_BEGINNING], region)
    return writing.find_text(e164) if writing is not None else None


@lru_cache(maxsize=4096)
def _find_writing(beginning: str, region: str) -> _Writing | None:
    """How numbers that begin so are written; None where only the library can tell."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    codes = (int(digits) for end in range(2, 5) if (digits := beginning[1:end]).isascii() and digits.isdigit())
    code = next((code for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), None)
    if not beginning.startswith("+") or code is None or f"{code}"[0] != beginning[1]:
        return None
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    known: Any = PhoneMetadata.metadata_for_region(regions[0])
    if known is None or (region in regions and len(regions) > 1):
        return None
    return _at_home(known) if region in regions else _abroad(known)


def _at_home(known: Any) -> _Writing:
    return _writing(known, [_form(form, _national(form)) for form in known.number_format], "")


def _abroad(known: Any) -> _Writing:
    code, forms = f"+{known.country_code} ", known.intl_number_format or known.number_format
    return _writing(known, [_form(form, f"{code}{form.format}") for form in forms], code)


def _form(form: Any, text: str) -> _Form:
    """Of several leading patterns the last one counts."""
    return _Form(form.leading_digits_pattern[-1] if form.leading_digits_pattern else "", form.pattern, text)


def _national(form: Any) -> str:
    rule = form.national_prefix_formatting_rule
    return re.sub(r"(\\[1-9])", lambda _: rule, form.format, count=1) if rule else str(form.format)


def _writing(known: Any, forms: Sequence[_Form], before: str) -> _Writing:
    """The first form that fits counts, as in the library; where none does, a number is written as it is.

    A number whose beginning the library takes for a national prefix, and one of zeros alone, is not among them.
    """
    prefix = re.sub(r"\((?!\?)", "(?:", known.national_prefix_for_parsing or "")
    is_whole = rf"(?!{prefix})(?!0*\Z)" if prefix else r"(?!0*\Z)"
    layouts: dict[int | None, _Layout] = {}
    count = 0
    every = [*forms, _Form("", "([0-9]{2,15})", rf"{before}\1")]
    for form in every:
        groups = [count + int(digit) for digit in re.findall(r"\\([1-9])", form.text)]
        count += re.compile(form.whole).groups
        layouts[count] = _Layout(re.sub(r"\\[1-9]", "%s", form.text.replace("%", "%%")), groups)
    patterns = "|".join(f"(?={form.leading}){form.whole}" for form in every)
    return _Writing(re.compile(rf"\+{known.country_code}{is_whole}(?:{patterns})", re.ASCII), layouts)
