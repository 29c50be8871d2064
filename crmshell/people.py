"""How people are reached and named: phones, e-mail addresses and usernames are read exactly or refused."""

from __future__ import annotations

import re
import unicodedata

from crmshell import emails, phones
from crmshell.errors import Refused
from crmshell.text import safe, shorten
from crmshell.values import wrong

_LONGEST_REASON = 120  # columns

_BETWEEN_DIGITS = re.compile(r"[\s()./\u2010\u2011\u2013-]")
_DIALLED = re.compile(r"[+\uff0b]?\d+")

_STRAY_IN_USERNAME = re.compile(r"[^\w.-]|[\u115f\u1160]")  # the Hangul fillers are letters and cannot be seen
_SHORTEST_USERNAME, _LONGEST_USERNAME = 3, 30
_USERNAME_HINT = "type 3 to 30 letters, digits, dots, underscores or hyphens"


def parse_phone(text: str, region: str) -> str:
    """Read a phone number into E.164; without a country code it is one of `region` (`FR`)."""
    dialled = _BETWEEN_DIGITS.sub("", text)
    if not _DIALLED.fullmatch(dialled):
        raise _not_a_phone(text, region)
    return phones.find_e164(dialled, region) or _parsed_phone(text, dialled, region)


def _parsed_phone(text: str, dialled: str, region: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException as error:
        raise _not_a_phone(text, region) from error
    if not phonenumbers.is_valid_number(number):
        raise _not_a_phone(text, region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _not_a_phone(text: str, region: str) -> Refused:
    import phonenumbers

    national = phonenumbers.example_number(region)
    if national is None:
        return wrong(text, "is not a valid phone number", "type it with its country code, as +33 1 23 45 67 89")
    example = phonenumbers.format_number(national, phonenumbers.PhoneNumberFormat.NATIONAL)
    hint = f"type a number such as {example}, or one with its country code as +44 20 7946 0018"
    return wrong(text, f"is not a valid phone number for region {safe(region)}", hint)


def format_phone(e164: str, region: str) -> str:
    """Write a stored number, national in its home `region`; what is not a number comes back as it is."""
    return phones.find_written(e164, region) or _formatted_phone(e164, region)


def _formatted_phone(e164: str, region: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    forms = phonenumbers.PhoneNumberFormat
    is_national = phonenumbers.region_code_for_number(number) == region
    return phonenumbers.format_number(number, forms.NATIONAL if is_national else forms.INTERNATIONAL)


def parse_email(text: str) -> str:
    """Read an e-mail address, its syntax checked and its domain normalised, without asking the network."""
    return emails.find_plain(text.strip()) or _validated_email(text)


def _validated_email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        reason = shorten(safe(str(error)).rstrip("."), _LONGEST_REASON)
        why = f"is not an e-mail address: {reason[:1].lower()}{reason[1:]}"
        raise wrong(text, why, "type an address such as anne.lefevre@example.com") from error


def fold_email(email: str) -> str:
    """Bring an e-mail address to the form under which it is unique."""
    return _folded(email)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def parse_username(text: str) -> str:
    """Read a username, in NFKC; the form typed is kept, `fold_username` gives the one that is unique."""
    username = unicodedata.normalize("NFKC", text.strip())
    if not _SHORTEST_USERNAME <= len(username) <= _LONGEST_USERNAME:
        raise wrong(text, "is not 3 to 30 characters long", _USERNAME_HINT)
    if stray := _STRAY_IN_USERNAME.search(username):
        name = unicodedata.name(stray[0], safe(stray[0])).lower()
        raise wrong(text, f"has a character no username may have, {name}", _USERNAME_HINT)
    if set(username) == {"."}:
        raise wrong(text, "is made of dots only", _USERNAME_HINT)
    return username


def fold_username(text: str) -> str:
    """Bring a username to the form under which it is unique: NFKC, no case, and NFKC again."""
    return _folded(text)
