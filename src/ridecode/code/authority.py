"""The institutions of a demonstration: one test root, and the issuers that it certifies.

Made once and kept in a vault, public records and private keys alike, so that every command and
every start finds the same. The root is marked as a test root: no city but a demonstration takes it.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Final, Protocol

from msgspec import Struct

from ridecode.code.certificate import Certificate, Root
from ridecode.code.issue import make_certificate, make_test_root
from ridecode.code.signer import KeySigner, Signer
from ridecode.core import BadInputError, ConflictError, RefusedError

_INDEX_MOST: Final = 255
_CENTURY_S: Final = (946_684_800, 3_786_912_000)
"""2000-01-01 and 2090-01-01, UTC seconds: a root of 10 years ends within the century."""
_ROOT_YEARS: Final = 10
_ISSUER_YEARS: Final = 3


class Secrets(Protocol):
    """Keeps secrets by name for good: a name once given keeps its secret."""

    def names(self) -> tuple[str, ...]: ...
    def get(self, name: str) -> bytes: ...
    def put(self, name: str, secret: bytes) -> None: ...


class Issuer(Struct, frozen=True):
    """An issuer that can sign authorisations."""

    number: str
    """8 digits."""
    certificate: bytes
    """117 bytes, signed by the test root."""
    signer: Signer


class Authority(Struct, frozen=True):
    """The test root and its issuers, by number."""

    root: Root
    issuers: Mapping[str, Issuer]


def demo_authority(secrets: Secrets, issuers: Iterable[str], now_s: int) -> Authority:
    """The authority that is kept in `secrets`; what is missing of it is made, dated by `now_s`.

    `issuers` are issuer numbers of 8 digits, in an order that gives new ones their serials.
    A root is good for 10 years, a certificate for 3, both to the end of the month.
    """
    return _authority(secrets, issuers, now_s, max(_newest(secrets), 1))


def renewed_authority(secrets: Secrets, issuers: Iterable[str], now_s: int) -> Authority:
    """A new root under the next index, with new certificates: what comes to be asked for from now.

    The older ones stay in `secrets`; codes that they vouch for are good wherever their root is
    still trusted.
    """
    newest = _newest(secrets)
    if newest == _INDEX_MOST:
        raise RefusedError("All 255 indices of test roots are used up.", "Take a new data folder.")
    return _authority(secrets, issuers, now_s, newest + 1)


def demo_accounts(user_key: bytes, iin: str) -> tuple[str, str]:
    """A payment account (16 digits) and a card account (19) that follow from the rider's key.

    So a phone that asks again keeps its rides. `iin` is the first 8 digits of the issuer's cards.
    """
    serial = int.from_bytes(blake2b(user_key, digest_size=16).digest(), "big")
    return f"{serial % 10**16:016}", f"{iin}{serial % 10**11:011}"


def _newest(secrets: Secrets) -> int:
    """The index of the newest root, 0 where there is none."""
    named = (name.split("/") for name in secrets.names())
    return max((int(parts[1]) for parts in named if parts[0] == "test-root"), default=0)


def _authority(secrets: Secrets, issuers: Iterable[str], now_s: int, index: int) -> Authority:
    names = set(secrets.names())
    ca = KeySigner(_kept(secrets, f"test-root/{index}/key", KeySigner.new_scalar))
    root = Root.parse(
        _kept(secrets, f"test-root/{index}/record",
              lambda: make_test_root(ca, index, _month(now_s, _ROOT_YEARS)))
    )  # fmt: skip
    made: dict[str, Issuer] = {}
    for number in issuers:
        name = f"issuer/{number}/{index}"
        signer = KeySigner(_kept(secrets, f"{name}/key", KeySigner.new_scalar))
        serial = 1 + sum(other.endswith("/certificate") for other in names)
        certificate = partial(
            make_certificate, ca, root, issuer=number, issuer_key=signer.public_key,
            expiry=_month(now_s, _ISSUER_YEARS), serial=serial,
        )  # fmt: skip
        kept = _kept(secrets, f"{name}/certificate", certificate)
        names.add(f"{name}/certificate")
        made[number] = Issuer(number, Certificate.parse(kept).raw, signer)
    return Authority(root, made)


def _kept(secrets: Secrets, name: str, make: Callable[[], bytes]) -> bytes:
    """What is kept under that name; made where nothing is, by whoever comes first."""
    if name not in secrets.names():
        # Another process may have been faster: then its secret is the one that is kept.
        with suppress(ConflictError):
            secrets.put(name, make())
    return secrets.get(name)


def _month(now_s: int, years: int) -> str:
    """MMYY, so many years from now; the two digits of the year are of this century."""
    if not _CENTURY_S[0] <= now_s < _CENTURY_S[1]:
        raise BadInputError("Test authorities are founded from 2000 to 2089.", "Mend the clock.")
    now = datetime.fromtimestamp(now_s, UTC)
    return f"{now.month:02}{(now.year + years) % 100:02}"
