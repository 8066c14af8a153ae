"""The institutions of a demonstration: one test root, and the issuers that it certifies.

Made once and kept in a vault, public records and private keys alike, so that every command and
every start finds the same. The root is marked as a test root: no city but a demonstration takes it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from msgspec import Struct

from ridecode.code.certificate import Certificate, Root
from ridecode.code.issue import make_certificate, make_test_root
from ridecode.code.signer import KeySigner, Signer

_ROOT_INDEX: Final = 1
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
    held = set(secrets.names())
    ca = KeySigner(_kept(secrets, held, "test-root/key", KeySigner.new_scalar()))
    made = make_test_root(ca, _ROOT_INDEX, _month(now_s, _ROOT_YEARS))
    root = Root.parse(_kept(secrets, held, "test-root/record", made))
    return Authority(
        root, {number: _issuer(secrets, held, ca, root, number, now_s) for number in issuers}
    )


def _issuer(
    secrets: Secrets, held: set[str], ca: Signer, root: Root, number: str, now_s: int
) -> Issuer:
    signer = KeySigner(_kept(secrets, held, f"issuer/{number}/key", KeySigner.new_scalar()))
    name = f"issuer/{number}/certificate"
    if name not in held:
        serial = 1 + sum(other.endswith("/certificate") for other in held)
        made = make_certificate(
            ca, root, issuer=number, issuer_key=signer.public_key,
            expiry=_month(now_s, _ISSUER_YEARS), serial=serial,
        )  # fmt: skip
        _kept(secrets, held, name, made)
    return Issuer(number, Certificate.parse(secrets.get(name)).raw, signer)


def _kept(secrets: Secrets, held: set[str], name: str, made: bytes) -> bytes:
    """What is kept under that name, `made` where nothing was."""
    if name not in held:
        secrets.put(name, made)
        held.add(name)
    return secrets.get(name)


def _month(now_s: int, years: int) -> str:
    """MMYY, so many years from now."""
    now = datetime.fromtimestamp(now_s, UTC)
    return f"{now.month:02}{(now.year + years) % 100:02}"
