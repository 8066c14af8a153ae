"""Phones in a data folder: keys in its vault, what the issuer gave them in DIR/phones.

These stand for the app on a rider's phone, which in service keeps both by itself.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ridecode.cli.scanned import content_of, from_hex
from ridecode.core import BadInputError, ConflictError, NotFoundError

if TYPE_CHECKING:
    from ridecode.code import KeySigner
    from ridecode.store import Vault

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def new_phone(vault: "Vault", phone: str) -> bytes:
    """The public key of a phone, which gets a key where it has none."""
    from ridecode.code import KeySigner

    name = _key_name(phone)
    if name not in vault.names():
        # Another process may have been faster: then its key is the phone's.
        with suppress(ConflictError):
            vault.put(name, KeySigner.new_scalar())
    return KeySigner(vault.get(name)).public_key


def signer(vault: "Vault", phone: str) -> "KeySigner":
    """The key of a phone that has one."""
    from ridecode.code import KeySigner

    return KeySigner(vault.get(_key_name(phone)))


def keep_authorisation(data: Path, phone: str, authorisation: bytes) -> None:
    """Give it to the phone, in place of the one before.

    Whole or not at all: a phone may be shown while it is authorised anew.
    """
    file = _file(data, phone)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    with _writing(file):
        unfinished.write_bytes(authorisation.hex().encode())
        unfinished.replace(file)


def authorisation(data: Path, phone: str) -> bytes:
    """Fields 1 to 15 that the phone has; NotFoundError says how to get them."""
    file = _file(data, phone)
    if not file.exists():
        raise NotFoundError(
            f"The phone {phone!r} has no authorisation in {data}.",
            f"Run: ridecode code issue --phone {phone} --data {data}",
        )
    return from_hex(str(file), content_of(file).decode("ascii", errors="replace"))


def show_in(file: Path, picture: bytes) -> None:
    """Write what the phone shows into a file, pipe or device."""
    with _writing(file):
        file.write_bytes(picture)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror}.") from None


def _file(data: Path, phone: str) -> Path:
    return data / "phones" / f"{_named(phone)}.hex"


def _key_name(phone: str) -> str:
    return f"phone/{_named(phone)}/key"


def _named(phone: str) -> str:
    if not _NAME.fullmatch(phone):
        raise BadInputError(
            f"{phone!r} is no phone's name.", "Use up to 40 of a-z, 0-9 and -, no - in front."
        )
    return phone
