"""What is told at a glance of phones and e-mail addresses is what the library says of them."""

from __future__ import annotations

import re

import email_validator
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell.emails import SPECIAL_DOMAINS, find_plain
from crmshell.phones import find_e164, find_written

MANY = settings(max_examples=400, deadline=None, derandomize=True)
REGIONS = st.sampled_from(["FR", "FR", "BE", "DE", "CH", "ES", "PT", "NL", "GB", "US", "IT", "RU", "BR", "JP", "XX"])
NATIONAL = {"FR": "[1-7][0-9]{8}", "BE": "[1-9][0-9]{7,8}", "DE": "[1-9][0-9]{5,11}", "ES": "[6-9][0-9]{8}"}
DIALLED = REGIONS.flatmap(
    lambda region: st.tuples(
        st.just(region),
        st.sampled_from(["", "0", "00", "+", "+33", "33", "+32", "+49", "+44", "+1"]),
        st.from_regex(re.compile(NATIONAL.get(region, "[0-9]{5,11}")), fullmatch=True),
    )
)
WORDS = st.text("abz09AÉ_+-.", min_size=1, max_size=8)
LABELS = st.text("abx09n-É", min_size=1, max_size=8)
ADDRESSES = st.one_of(
    st.builds("{}@{}.{}".format, WORDS, LABELS, st.sampled_from(["fr", "example", "com", "test", "x1", "xn--p1ai"])),
    st.builds("{}@{}.{}.{}".format, WORDS, LABELS, LABELS, st.sampled_from(["fr", "example", "local", "arpa"])),
    st.builds("{}@{}.fr".format, st.text("ab.", min_size=60, max_size=70), st.text("ab.-", min_size=50, max_size=200)),
    st.emails(),
)


def _e164(dialled: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    is_valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_valid else None


@MANY
@given(DIALLED)
def test_a_phone_is_read_as_the_library_reads_it(typed: tuple[str, str, str]) -> None:
    region, before, digits = typed
    e164 = find_e164(before + digits, region)
    assert e164 in {None, _e164(before + digits, region)}
    if e164 is not None:
        national = phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)
        assert find_written(e164, region) in {None, national}


@pytest.mark.slow
def test_every_kind_of_number_of_every_country_is_read_as_the_library_reads_it() -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in phonenumbers.PhoneNumberType.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                for form in phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.E164:
                    dialled = re.sub("[^+0-9]", "", phonenumbers.format_number(number, form))
                    assert find_e164(dialled, region) in {None, _e164(dialled, region)}, (region, dialled)


@pytest.mark.parametrize("dialled", ["0142685300", "0612345678", "+33142685300", "0769345678"])
def test_an_ordinary_french_number_needs_no_library(dialled: str) -> None:
    e164 = find_e164(dialled, "FR")
    assert e164 == _e164(dialled, "FR")
    assert e164 is not None
    assert (find_written(e164, "FR") or "").replace(" ", "") == dialled.replace("+33", "0")


@MANY
@given(ADDRESSES)
def test_an_address_is_read_as_the_library_reads_it(text: str) -> None:
    plain = find_plain(text)
    if plain is not None:
        assert email_validator.validate_email(text, check_deliverability=False).normalized == plain


def test_an_ordinary_address_needs_no_library() -> None:
    assert (
        find_plain("anne-lise.d_ete+devis@atelier-du-nord.example") == "anne-lise.d_ete+devis@atelier-du-nord.example"
    )
    assert set(email_validator.SPECIAL_USE_DOMAIN_NAMES) == SPECIAL_DOMAINS
    assert [find_plain(f"anne@{name}") for name in sorted(SPECIAL_DOMAINS)] == [None] * len(SPECIAL_DOMAINS)
