"""Who signs: eight keys, each under its holder's name, and what it takes to do which harm.

    root-1 root-2 root-3   two of them say whose keys count         never on a server
    fares operations       both together sign every bundle          each with its own people
    deny                   the deny list                            at the centre, at work
    snapshot timestamp     what belongs together, and that it is    at the centre, at work
                           still so

Whoever takes the centre over can deny riders and let the denied ride; neither a price nor a root
nor a limit can he change. Keys are Ed25519, kept by name for good: `bundle/<holder>/<number>`.
"""

from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, Key

from ridecode.core import NotFoundError


class Secrets(Protocol):
    """Keeps secrets by name for good: a name once given keeps its secret."""

    def names(self) -> tuple[str, ...]: ...
    def get(self, name: str) -> bytes: ...
    def put(self, name: str, secret: bytes) -> None: ...


class Holder(Enum):
    """Whose key it is."""

    ROOT_1 = "root-1"
    ROOT_2 = "root-2"
    ROOT_3 = "root-3"
    FARES = "fares"
    OPERATIONS = "operations"
    DENY = "deny"
    SNAPSHOT = "snapshot"
    TIMESTAMP = "timestamp"

    @property
    def role(self) -> str:
        """The role of TUF that the key signs for."""
        return _ROLES.get(self, self.value)


ROOTS: Final = (Holder.ROOT_1, Holder.ROOT_2, Holder.ROOT_3)
ROOTS_NEEDED: Final = 2
BOTH: Final = (Holder.FARES, Holder.OPERATIONS)
"""Of the two roles: a bundle needs the signatures of both."""

_ROLES: Final = dict.fromkeys(ROOTS, "root") | dict.fromkeys(BOTH, "targets")


def new_signer(secrets: Secrets, holder: Holder) -> CryptoSigner:
    """A new key of a holder, kept under the next number."""
    number = 1 + max(_numbered(secrets, holder), default=0)
    secrets.put(_name(holder, number), Ed25519PrivateKey.generate().private_bytes_raw())
    made = _signer(secrets.get(_name(holder, number)))
    made.public_key.unrecognized_fields["holder"] = holder.value
    return made


def holder_of(key: Key) -> Holder:
    """Whose key it is: said beside it, where it is published."""
    return Holder(key.unrecognized_fields["holder"])


def signer(secrets: Secrets, holder: Holder, keys: Iterable[Key]) -> CryptoSigner:
    """The holder's newest key that is among `keys`; `NotFoundError` where no secret is of it."""
    counting = {key.keyid for key in keys}
    for number in reversed(_numbered(secrets, holder)):
        found = _signer(secrets.get(_name(holder, number)))
        if found.public_key.keyid in counting:
            return found
    raise NotFoundError(
        f"The key of {holder.value} that counts now is not in this vault.",
        "Sign where it is kept, or have the roots put another in its place.",
    )


def _numbered(secrets: Secrets, holder: Holder) -> list[int]:
    start = f"bundle/{holder.value}/"
    return sorted(int(name.removeprefix(start)) for name in secrets.names()
                  if name.startswith(start))  # fmt: skip


def _name(holder: Holder, number: int) -> str:
    return f"bundle/{holder.value}/{number}"


@cache
def _signer(secret: bytes) -> CryptoSigner:
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(secret))
