"""Passwords: hashed by Argon2id with the library's recommended parameters (RFC 9106 §4).

A hash carries its parameters. When those of today are others, the hash is made anew at the next
sign-in. A name that is not there costs the same work as one that is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ridecode.core import BadInputError, UnavailableError

LEAST: Final = 12
MOST: Final = 256
"""Characters."""
_AT_ONCE: Final = 2
"""Each takes 64 MiB and four lanes: more at once would be an attack on the machine."""
_WAIT_MOST: Final = 4
"""Whoever waits holds a thread of the server, which every other request needs as well."""
_PATIENCE_S: Final = 5.0

_hasher = PasswordHasher()
_turns = BoundedSemaphore(_AT_ONCE)
_places = BoundedSemaphore(_AT_ONCE + _WAIT_MOST)


def hashed(password: str) -> str:
    """The hash of a password, with its salt and parameters; `BadInputError` where it is too short
    or too long, or has no UTF-8 form."""
    if not LEAST <= len(password) <= MOST:
        what = f"A password has {LEAST} to {MOST} characters."
        raise BadInputError(what, "Take a sentence.")
    try:
        return _hasher.hash(password)
    except UnicodeEncodeError as error:
        raise BadInputError("This password is no text.", "Type another.") from error


def fits(hashed: str, password: str) -> bool:
    """Whether this is the password; False, after the same work, where there is no hash."""
    try:
        right = _hasher.verify(hashed or _nobodys(), password[: MOST + 1])
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return right and bool(hashed)


def outdated(hashed: str) -> bool:
    """Whether today's parameters are others."""
    return _hasher.check_needs_rehash(hashed)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


@contextmanager
def turn() -> Iterator[None]:
    """Taken by whoever signs in, before anything is done or counted; `UnavailableError` where too
    many sign in at once."""
    if not _places.acquire(blocking=False):
        raise _busy()
    try:
        if not _turns.acquire(timeout=_PATIENCE_S):
            raise _busy()
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


def _busy() -> UnavailableError:
    return UnavailableError("Too many sign in at once.", "Try again in a moment.")
