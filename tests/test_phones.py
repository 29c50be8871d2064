"""Phone numbers are written as the library writes them, without it."""

from __future__ import annotations

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from crmshell import people, phones

HOMES = ("FR", "GB", "US", "IT", "BE", "MX", "AR", "GG", "XX")
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def examples(region: str) -> list[str]:
    """A number of each kind there is in a region, in E.164."""
    numbers = [phonenumbers.example_number_for_type(region, kind) for kind in PhoneNumberType.values()]
    return [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in numbers if number is not None]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number of some country, some of its digits others, one more or one less of them."""
    digits = list(draw(st.sampled_from(examples(draw(st.sampled_from(REGIONS))))))
    for place, digit in draw(st.lists(st.tuples(st.integers(1, 15), st.sampled_from("0123456789")), max_size=4)):
        digits[min(place, len(digits) - 1)] = digit
    return "".join(digits)[: draw(st.sampled_from((None, None, -1)))] + draw(st.sampled_from(("", "", "7")))


@given(numbers(), st.sampled_from(HOMES))
def test_what_is_written_without_the_library_is_what_it_writes(e164: str, home: str) -> None:
    """In every country, valid or not, at home in countries of one and of many regions."""
    assert phones.find_written(e164, home) in {None, people._formatted_phone(e164, home)}


def test_ordinary_numbers_need_no_library() -> None:
    """At home and abroad; what begins as no number does is left to it."""
    written = {
        "+33612345678": "06 12 34 56 78",
        "+442079460018": "+44 20 7946 0018",
        "+390612345678": "+39 06 1234 5678",
        "+32250001919": "+32 250001919",
        "+33729011435": "07 29 01 14 35",
        "+14165550123": "+1 416-555-0123",
    }
    assert {e164: phones.find_written(e164, "FR") for e164 in written} == written
    assert [phones.find_written(text, "FR") for text in ("", "inconnu", "+", "+33", "+999123456")] == [None] * 5
