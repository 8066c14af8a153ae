"""The vault: private keys in one encrypted file, `vault` in the data folder.

The file holds all names and secrets as one sealed box (AES-256-GCM), so none can be put under
another's name, taken out or added without the key. The box's key is sealed in turn: by a key from
the passphrase (Argon2id), or, where there is no passphrase, by a key in `vault.key` beside it.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from ridecode.core import (
    BadInputError,
    ConflictError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from ridecode.store.whole import whole_file

PASSPHRASE = "RIDECODE_VAULT_PASSPHRASE"

_MAGIC = b"ridecode vault 1\n"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_DIGEST_BYTES = 32


class _Lock(Struct, frozen=True):
    """The box's key, sealed; `salt` is empty where `vault.key` opens it."""

    salt: bytes
    sealed_key: bytes


class _File(Struct, frozen=True):
    lock: _Lock
    box: bytes


class VaultStatus(Struct, frozen=True):
    """A vault that can be opened."""

    locked: bool
    """With a passphrase; else by `vault.key`, which lies beside it."""
    secrets: int


class Vault:
    """Secrets by name, kept in one encrypted file; may be used by several processes at once."""

    def __init__(self, path: Path, lock: _Lock, key: bytes) -> None:
        """Use `Vault.open`."""
        self._path = path
        self._lock = lock
        self._key = key

    def __repr__(self) -> str:
        return f"Vault({str(self._path)!r})"

    @staticmethod
    def open(data: Path, passphrase: str | None = None) -> "Vault":
        """The data folder's vault, made where there is none.

        The passphrase is the argument, else what RIDECODE_VAULT_PASSPHRASE holds, else none. A
        vault without one is locked anew, under a new key, when it is opened with one. Raises
        `RefusedError` for a wrong or missing passphrase, `BadInputError` for a damaged file.
        """
        phrase = passphrase or os.environ.get(PASSPHRASE) or ""
        path = data / "vault"
        with _usable(data), _alone(path):
            if not path.exists():
                return _lock_anew(path, {}, phrase)
            lock = _read(path).lock
            vault = Vault(path, lock, _unlock(path, lock, phrase))
            if phrase and not lock.salt:
                vault = _lock_anew(path, vault._secrets(), phrase)
                _key_file(path).unlink()
            return vault

    @staticmethod
    def looked_at(data: Path) -> "VaultStatus | None":
        """How the data folder's vault stands; None where there is none. Nothing is changed.

        Raises, as `open` does, what would keep it closed.
        """
        path = data / "vault"
        if not path.exists():
            return None
        phrase = os.environ.get(PASSPHRASE) or ""
        lock = _read(path).lock
        vault = Vault(path, lock, _unlock(path, lock, phrase))
        return VaultStatus(locked=bool(lock.salt), secrets=len(vault.names()))

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret; on return it is on the disk.

        A name keeps its secret for good: `ConflictError` where it has another one, so that no
        key in use is ever lost. A new key gets a new name.
        """
        with _alone(self._path):
            held = self._secrets()
            if held.setdefault(name, secret) != secret:
                raise ConflictError(
                    f"The vault holds another secret named {name!r}.", "Choose a new name."
                )
            _write(self._path, self._lock, self._key, held)

    def get(self, name: str) -> bytes:
        """The secret of that name; `NotFoundError` where there is none."""
        try:
            return self._secrets()[name]
        except KeyError:
            raise NotFoundError(f"The vault holds nothing named {name!r}.") from None

    def names(self) -> tuple[str, ...]:
        """The names that have a secret, in order."""
        return tuple(sorted(self._secrets()))

    def _secrets(self) -> dict[str, bytes]:
        opened = _opened(self._key, _read(self._path).box, b"box")
        if opened is None:
            raise _damaged(self._path)
        return msgspec.msgpack.decode(opened, type=dict[str, bytes])


@contextmanager
def _usable(data: Path) -> Iterator[None]:
    """The folder is there and may be written, or it is said that it cannot be used."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UnavailableError(
            f"The vault in {data} cannot be used: {error.strerror}.",
            "Name another data folder with --data, or let this user write there.",
        ) from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.with_name("vault.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _lock_anew(path: Path, held: dict[str, bytes], phrase: str) -> Vault:
    """Seal the secrets under a new key, for the passphrase or for a new `vault.key`."""
    key = secrets.token_bytes(_KEY_BYTES)
    if phrase:
        salt = secrets.token_bytes(16)
        outer = _stretched(phrase, salt)
    else:
        salt, outer = b"", _outer_key(path)
    lock = _Lock(salt, _sealed(outer, key, b"key"))
    _write(path, lock, key, held)
    return Vault(path, lock, key)


def _outer_key(path: Path) -> bytes:
    """The key of `vault.key`, made where there is none. One that is there is kept: a vault that was
    moved away for a while can be opened by no other."""
    if not _key_file(path).exists():
        _replace(_key_file(path), secrets.token_bytes(_KEY_BYTES))
    return _read_key_file(path)


def _unlock(path: Path, lock: _Lock, phrase: str) -> bytes:
    """The box's key."""
    if not lock.salt:
        key = _opened(_read_key_file(path), lock.sealed_key, b"key")
        if key is None:
            raise _damaged(path)
        return key
    if not phrase:
        raise RefusedError("The vault is locked with a passphrase.", f"Set {PASSPHRASE}.")
    key = _opened(_stretched(phrase, lock.salt), lock.sealed_key, b"key")
    if key is None:
        raise RefusedError(
            f"This passphrase does not open {path}.", f"Set {PASSPHRASE} to the vault's own."
        )
    return key


def _key_file(path: Path) -> Path:
    return path.with_name("vault.key")


def _read_key_file(path: Path) -> bytes:
    file = _key_file(path)
    try:
        if file.stat().st_mode & 0o077:
            raise RefusedError(f"Others may read {file}.", f"Close it: chmod 600 {file}")
        key = file.read_bytes()
    except FileNotFoundError:
        raise RefusedError(
            f"{file} is gone, and without it the vault stays closed.", "Bring the file back."
        ) from None
    if len(key) != _KEY_BYTES:
        raise _damaged(file)
    return key


def _stretched(phrase: str, salt: bytes) -> bytes:
    # RFC 9106 §4, the second recommended choice: 64 MiB, three passes, four lanes.
    return hash_secret_raw(
        phrase.encode(), salt, time_cost=3, memory_cost=64 << 10, parallelism=4,
        hash_len=_KEY_BYTES, type=Type.ID,
    )  # fmt: skip


def _sealed(key: bytes, content: bytes, use: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, _MAGIC + use)


def _opened(key: bytes, sealed: bytes, use: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _MAGIC + use)
    except (InvalidTag, ValueError):
        return None


def _read(path: Path) -> _File:
    """The file's parts; its digest tells damage from a wrong passphrase, the seals tell forgery."""
    content = path.read_bytes()
    digest, body = content[len(_MAGIC) :][:_DIGEST_BYTES], content[len(_MAGIC) + _DIGEST_BYTES :]
    if not content.startswith(_MAGIC) or digest != sha256(body).digest():
        raise _damaged(path)
    try:
        return msgspec.msgpack.decode(body, type=_File)
    except msgspec.DecodeError:
        raise _damaged(path) from None


def _write(path: Path, lock: _Lock, key: bytes, held: dict[str, bytes]) -> None:
    box = _sealed(key, msgspec.msgpack.encode(held), b"box")
    body = msgspec.msgpack.encode(_File(lock, box))
    _replace(path, _MAGIC + sha256(body).digest() + body)


def _replace(path: Path, content: bytes) -> None:
    with whole_file(path) as file:
        file.write(content)


def _damaged(path: Path) -> BadInputError:
    return BadInputError(
        "The vault was damaged or changed by somebody else.",
        "Bring it back from a copy.",
        file=str(path),
    )
