"""Bearer tokens: 256 random bits, of which only the SHA-256 is kept.

A token is found by its digest, never compared with it byte by byte: how long that takes tells
nothing about any token. Nothing slower than one hash is needed for what nobody can guess.
"""

import re
import secrets
from hashlib import sha256
from typing import Final

PREFIX: Final = "rc_"
"""By it a token is known for what it is, here and by whatever looks for lost secrets."""
_TOKEN: Final = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> bytes | None:
    """32 bytes; None for what cannot be a token of ours."""
    return sha256(token.encode()).digest() if _TOKEN.fullmatch(token) else None
