"""Phone numbers of the home country, by the library's own patterns but without its parser, which takes far longer.

What these functions do not know is left to the library; where they answer, they answer as it does.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Form(NamedTuple):
    """How the numbers that match are grouped when they are shown; `layout` is for `format`."""

    leading: re.Pattern[str]
    whole: re.Pattern[str]
    layout: str


class _Country(NamedTuple):
    """A country that has its calling code for itself; `prefix` is dialled before a number, and is no part of it."""

    code: str
    prefix: str
    general: re.Pattern[str]
    line: re.Pattern[str]
    forms: Sequence[_Form]

    def has(self, national: str) -> bool:
        """Whether this is the number of a telephone at home or of a mobile one, without its prefix."""
        is_bare = not self.prefix or not national.startswith(self.prefix)
        return is_bare and bool(self.general.fullmatch(national) and self.line.fullmatch(national))


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


def find_national(e164: str, region: str) -> str | None:
    """The number as it is written at home where it is an ordinary one of this region; None as above."""
    country = _country(region)
    if country is None or not e164.startswith(f"+{country.code}"):
        return None
    national = e164.removeprefix(f"+{country.code}")
    if not country.has(national):
        return None
    for form in country.forms:
        if form.leading.match(national) and (match := form.whole.fullmatch(national)):
            return form.layout.format(*match.groups())
    return None


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
        [_form(form) for form in known.number_format],
    )


def _form(form: Any) -> _Form:
    rule = form.national_prefix_formatting_rule
    layout = re.sub(r"(\\[1-9])", lambda _: rule, form.format, count=1) if rule else form.format
    layout = re.sub(r"\\([1-9])", lambda match: f"{{{int(match[1]) - 1}}}", layout)
    leading = form.leading_digits_pattern[-1] if form.leading_digits_pattern else ""
    return _Form(re.compile(leading), re.compile(form.pattern), layout)
