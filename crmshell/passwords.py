"""Passwords: which are accepted, how they are kept, and how one is checked in the same time for everybody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata

from crmshell.errors import Refused
from crmshell.text import fold

SHORTEST, LONGEST = 12, 128  # characters after NFC
ROUNDS = 12
_PEPPER = b"crm-shell password v1"
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_COMMON_WORDS = frozenset(
    [
        "password",
        "passwort",
        "passe",
        "motdepasse",
        "azerty",
        "azertyuiop",
        "qwerty",
        "qwertyuiop",
        "qwertz",
        "admin",
        "administrator",
        "administrateur",
        "root",
        "welcome",
        "bienvenue",
        "bonjour",
        "hello",
        "letmein",
        "iloveyou",
        "jetaime",
        "soleil",
        "sunshine",
        "princess",
        "princesse",
        "dragon",
        "monkey",
        "football",
        "baseball",
        "superman",
        "batman",
        "starwars",
        "chocolat",
        "doudou",
        "loulou",
        "marseille",
        "paris",
        "france",
        "secret",
        "changeme",
        "default",
        "guest",
        "test",
        "login",
        "master",
        "shadow",
        "trustno",
        "internet",
        "ordinateur",
        "computer",
        "samsung",
        "crm",
        "crmshell",
        "epic",
        "events",
        "epicevents",
        "user",
        "username",
        "abc",
        "abcd",
        "abcdef",
        "abcdefgh",
        "abcdefghijkl",
        "qazwsx",
        "wxcvbn",
        "asdf",
        "asdfgh",
        "zxcvbn",
        "poiuyt",
    ]
)
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
)
_LEET = str.maketrans("0134578@$!", "oleastbasi")


def new_password() -> str:
    """A random password of 20 letters and digits that cannot be mistaken for one another."""
    import secrets

    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


def check_strength(password: str, username: str, fullname: str) -> None:
    """Refuse a password that is too short, too long, a name of its owner, or one that everybody uses."""
    normal = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise Refused(
            f"a password has {SHORTEST} to {LONGEST} characters, not {len(normal)}",
            hint="several words are easy to keep",
        )
    bare = _bare(normal)
    if bare and bare in {_bare(username), _bare(fullname)}:
        message = "the password is the name of its owner"
        raise Refused(message, hint="several words are easy to keep")
    if _is_common(normal):
        message = "the password is one of those that everybody uses"
        raise Refused(message, hint="several words are easy to keep")


def hash_password(password: str, rounds: int = ROUNDS) -> str:
    """The bcrypt hash to keep."""
    import bcrypt

    return bcrypt.hashpw(_prehash(password), bcrypt.gensalt(rounds)).decode()


def is_right(password: str, kept: str | None) -> bool:
    """Whether this is the password behind a hash; None takes as long as a hash and is never right."""
    import bcrypt

    try:
        right = bcrypt.checkpw(_prehash(password), (kept or _nobody()).encode())
    except ValueError:
        return False
    return right and kept is not None


def _prehash(password: str) -> bytes:
    """64 bytes for a password of any length, because bcrypt reads no more than 72."""
    normal = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(_PEPPER, normal, hashlib.sha384))


def _nobody() -> str:
    """The hash of a password that was thrown away, for names that do not exist: of the cost of ROUNDS."""
    return "$2b$12$koxbt8kDWjB78DhHB5FHeOnUKGv5yAHTx60oshCRM3L7m9Uoapyly"


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


def _is_common(password: str) -> bool:
    bare = _bare(password)
    if len(set(bare)) <= 3 or any(bare in row * 2 or bare in (row * 2)[::-1] for row in _ROWS):  # noqa: PLR2004
        return True
    return any(_is_common_words(form) for form in (bare, _bare(fold(password).translate(_LEET))))


def _is_common_words(text: str) -> bool:
    """Whether nothing but common words, repeated or not, and digits around them is left."""
    return _only_words(text.strip("0123456789")) or _only_words(re.sub(r"[0-9]", "", text))


def _only_words(text: str) -> bool:
    if not text:
        return True
    return any(text.startswith(word) and _only_words(text[len(word) :]) for word in _COMMON_WORDS)
