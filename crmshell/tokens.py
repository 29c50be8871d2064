"""The JWT of a session: made and checked here alone, kept in memory."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

ISSUER = "crm-shell"
ALGORITHM = "HS256"
_CLAIMS = ["iss", "sub", "iat", "exp", "jti", "ver"]


@dataclass(frozen=True)
class Token:
    """A JWT that was verified once, when it was issued, and what it says. Deadlines are in seconds."""

    encoded: str = field(repr=False)
    employee_id: int
    credential_version: int
    expires_at: int
    issued_monotonic: float


def signed(key: bytes, *, employee_id: int, credential_version: int, issued_at: float, seconds: float) -> str:
    """A token for an employee that is good for so many seconds."""
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": str(employee_id),
        "iat": int(issued_at),
        "exp": int(issued_at + seconds),
        "jti": os.urandom(8).hex(),
        "ver": credential_version,
    }
    encoded: str = _load_jwt().encode(claims, key, algorithm=ALGORITHM)
    return encoded


def verified(encoded: str, key: bytes, *, now: float, monotonic: float) -> Token:
    """What a token says; raises what PyJWT raises for one of another key, or expired by `now` (UTC seconds)."""
    jwt = _load_jwt()
    options: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}  # our own clock tells the time
    claims = jwt.decode(encoded, key, algorithms=[ALGORITHM], issuer=ISSUER, options=options)
    if claims["exp"] <= now:
        message = "the token has expired"
        raise jwt.ExpiredSignatureError(message)
    return Token(encoded, int(claims["sub"]), claims["ver"], claims["exp"], monotonic)


def _load_jwt() -> ModuleType:
    """PyJWT, without its client for keys on the web: that brings http and ssl, a tenth of the time of a whole start."""
    client = "jwt.jwks_client"
    if "jwt" not in sys.modules:
        sys.modules[client] = ModuleType(client)
        sys.modules[client].PyJWKClient = None  # type: ignore[attr-defined]
    try:
        import jwt
    finally:
        if not getattr(sys.modules.get(client), "__file__", None):
            sys.modules.pop(client, None)
    return jwt
