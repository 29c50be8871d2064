"""What entries of the journal and the blocks over them hash to: one canonical form each, salted against guessing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from json import JSONEncoder, encoder
from typing import Any

NO_SALT = ""
"""Of what was erased: its digest can no longer be guessed at."""

FIRST = "0" * 64
"""What the first block follows."""

_SALT_DIGITS = 32


def _encoder() -> Callable[[Any], str]:
    """What writes json in its shortest form; JSONEncoder.encode makes itself anew for each text, which takes longer."""
    plain = JSONEncoder(ensure_ascii=False, separators=(",", ":"))
    make: Any = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return plain.encode
    pieces = make(None, plain.default, encoder.encode_basestring, None, ":", ",", False, False, True)  # noqa: FBT003
    return lambda told: "".join(pieces(told, 0))


encode = _encoder()


def salts(count: int) -> list[str]:
    """Random texts that keep anybody from guessing what a digest was made of."""
    digits = os.urandom(count * _SALT_DIGITS // 2).hex()
    return [digits[start : start + _SALT_DIGITS] for start in range(0, len(digits), _SALT_DIGITS)]


def of_fields(salt: str, fields: str) -> str:
    """The digest of what a change says of each field, `fields` as it is stored."""
    return _hash(salt + fields)


def of_texts(salt: str, line: str, message: str, reason: str | None) -> str:
    """The digest of what people typed, which may be erased."""
    return _hash(encode([salt, line, message, reason]))


def of_entry(facts: Sequence[Any], texts: str, changes: Iterable[tuple[str, int, str, str]]) -> str:
    """The digest of an entry.

    `facts` are moment, employee, username, command, result and what it undoes, `texts` the digest of its texts; each
    change is noun, record, operation and the digest of its fields.
    """
    return _hash(encode([*facts, texts, *changes]))


def of_block(number: int, previous: str, sealed_at: int, total: int, members: Sequence[tuple[int, str]]) -> str:
    """The hash of a block: what it follows, when it was closed, how many entries there are up to it, and which."""
    return _hash(encode([number, previous, sealed_at, total, members]))


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
