"""However a phone, an e-mail address or a username is typed, it is stored in one form or refused with a hint."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crmshell import people
from crmshell.errors import Refused
from tests.refusals import FEW, any_text, assert_presentable, refusal

REGIONS = ["FR", "BE", "CH", "GB", "IT", "DE", "US", "CA", "JP", "CN", "SN", "RE", "AU"]

# fmt: off
NOT_PHONES = [
    "", "+", "()", "12", "112", "01 42 68 53", "01 42 68 53 00 ext 12", "0142685300/0142685301",
    "1-800-FLOWERS", "Zoé", "+999 12345678", "01 42 68 53 00\x1b[0m", "tel:+33142685300",
    "+33 1 42 68 53 00;ext=5", "\ud800", "9" * 5000,
]
NOT_EMAILS = [
    "", "anne", "anne@", "@exemple.fr", "a b@exemple.fr", "Anne <a@exemple.fr>", "a@b\x1b.fr", "\ud800@x.fr",
]
NOT_USERNAMES = [
    "", "ab", "王明", "a" * 31, "...", "a b c", "o'brien", "zoé@x", "a/b", "a\u200bb", "a\u1160b", "½½½",
    "a\x1bb", "\ud800ab", "🎉🎉🎉",
]
# fmt: on


# Phones


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("01 42 68 53 00", "+33142685300"),
        ("01.42.68.53.00", "+33142685300"),
        ("06-12-34-56-78", "+33612345678"),
        ("06\u00a012\u202f34 56 78", "+33612345678"),
        ("+33 (0)1 42 68 53 00", "+33142685300"),
        ("(+33) 1 42 68 53 00", "+33142685300"),
        ("0033 1 42 68 53 00", "+33142685300"),
        ("\uff10\uff11\uff14\uff12\uff16\uff18\uff15\uff13\uff10\uff10", "+33142685300"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+81 3-1234-5678", "+81312345678"),
    ],
)
def test_phones_are_stored_in_e164(text: str, e164: str) -> None:
    """However they were written."""
    assert people.parse_phone(text, "FR") == e164


@pytest.mark.parametrize("text", NOT_PHONES)
def test_what_is_not_a_phone_is_refused(text: str) -> None:
    """An extension too, since E.164 has no place for it."""
    refused = refusal(lambda: people.parse_phone(text, "FR"))
    assert_presentable(refused)
    assert refused.hint == "type a number such as 01 23 45 67 89, or one with its country code as +44 20 7946 0018"


def test_phones_of_an_unknown_region_need_their_country_code() -> None:
    """The hint says so."""
    assert "country code" in refusal(lambda: people.parse_phone("01 42 68 53 00", "XX")).hint
    assert people.parse_phone("+33142685300", "XX") == "+33142685300"


@FEW
@given(st.sampled_from(REGIONS), st.sampled_from(phonenumbers.PhoneNumberType.values()))
def test_shown_phones_read_back(region: str, kind: int) -> None:
    """At home and seen from France."""
    number = phonenumbers.example_number_for_type(region, kind)
    assume(number is not None)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for home in (region, "FR"):
        assert people.parse_phone(people.format_phone(e164, home), home) == e164


def test_phones_are_national_at_home() -> None:
    """International elsewhere, and verbatim where they are no numbers."""
    assert people.format_phone("+33142685300", "FR") == "01 42 68 53 00"
    assert people.format_phone("+33142685300", "BE") == "+33 1 42 68 53 00"
    assert people.format_phone("+14165550123", "US") == "+1 416-555-0123"
    assert [people.format_phone(stored, "FR") for stored in ("", "inconnu", "01 42")] == ["", "inconnu", "01 42"]


@FEW
@given(any_text)
def test_no_text_breaks_the_readers_of_phones(text: str) -> None:
    """Stored or typed."""
    people.format_phone(text, "FR")
    try:
        e164 = people.parse_phone(text, "FR")
    except Refused as refused:
        assert_presentable(refused)
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{5,14}", e164)


# E-mails


@pytest.mark.parametrize(
    ("text", "email"),
    [
        (" Anne.Lefevre@Exemple.FR ", "Anne.Lefevre@exemple.fr"),
        ("jérôme@société.fr", "jérôme@société.fr"),
        ("jérôme@xn--socit-esab.fr", "jérôme@société.fr"),
        ("o'brien+crm@epic-events.example.com", "o'brien+crm@epic-events.example.com"),
        ("王@例え.jp", "王@例え.jp"),
    ],
)
def test_emails_are_normalised(text: str, email: str) -> None:
    """The domain folded, the rest as typed."""
    assert people.parse_email(text) == email
    assert people.parse_email(email) == email


@pytest.mark.parametrize("text", NOT_EMAILS)
def test_what_is_not_an_email_is_refused(text: str) -> None:
    """The message gives the reason."""
    refused = refusal(lambda: people.parse_email(text))
    assert_presentable(refused)
    assert "is not an e-mail address: " in refused.message


@FEW
@given(st.one_of(any_text, st.builds("{}@{}.fr".format, st.text(max_size=12), st.text(max_size=12))))
@example("é" * 9000 + "@exemple.fr")
def test_no_text_breaks_the_reader_of_emails(text: str) -> None:
    """An address or a refusal."""
    try:
        email = people.parse_email(text)
    except Refused as refused:
        assert_presentable(refused)
    else:
        assert people.parse_email(email) == email


@FEW
@given(st.text(max_size=20))
def test_folding_an_email_or_a_username_twice_changes_nothing(text: str) -> None:
    """So the folded form can be stored and compared."""
    for fold in (people.fold_email, people.fold_username):
        assert fold(fold(text)) == fold(text)


def test_emails_differ_by_more_than_case_and_width() -> None:
    """Accents make a difference."""
    assert people.fold_email("Anne@Exemple.FR") == people.fold_email("\uff41nne@exemple.fr") == "anne@exemple.fr"
    assert people.fold_email("jérôme@x.fr") == people.fold_email("JE\u0301RO\u0302ME@x.fr")
    assert people.fold_email("jérôme@x.fr") != people.fold_email("jerome@x.fr")


# Usernames


@pytest.mark.parametrize(
    ("text", "username"),
    [
        ("anne.lefevre", "anne.lefevre"),
        (" Jérôme_2 ", "Jérôme_2"),
        ("Je\u0301ro\u0302me", "Jérôme"),
        ("d-ete", "d-ete"),
        ("王小明", "王小明"),
        ("ﬁona", "fiona"),
        ("\uff3a\uff2f\uff25", "ZOE"),
        ("a..", "a.."),
    ],
)
def test_usernames_are_composed(text: str, username: str) -> None:
    """The case typed is kept."""
    assert people.parse_username(text) == username


@pytest.mark.parametrize("text", NOT_USERNAMES)
def test_what_is_not_a_username_is_refused(text: str) -> None:
    """Three to thirty letters, digits and signs, and not dots alone."""
    refused = refusal(lambda: people.parse_username(text))
    assert_presentable(refused)
    assert refused.hint == "type 3 to 30 letters, digits, dots, underscores or hyphens"


def test_usernames_are_unique_without_case() -> None:
    """Sharp s and full-width letters included."""
    assert people.fold_username("Strauß") == people.fold_username("STRAUSS")
    assert people.fold_username("\uff3a\uff2fÉ") == people.fold_username("zoé")
    assert people.fold_username("zoé") != people.fold_username("zoe")


@FEW
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "M", "Cf"]), min_size=1, max_size=32))
def test_a_username_read_twice_is_the_same(text: str) -> None:
    """And its fold does not depend on how it was typed."""
    try:
        username = people.parse_username(text)
    except Refused as refused:
        assert_presentable(refused)
    else:
        assert people.parse_username(username) == username
        assert people.fold_username(username) == people.fold_username(text)
