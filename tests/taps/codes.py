"""Codes really signed, and the verifier that a process of the checker makes."""

from functools import cache

from ridecode.city import load_pack
from ridecode.code import (
    Authority,
    Grant,
    KeySigner,
    Root,
    TestRoots,
    Verifier,
    authorise,
    demo_authority,
    present,
)
from ridecode.core import MICROS
from tests.taps.fleet import NOW

NOW_S = NOW // MICROS
ACCOUNT = "3104870412345678901"


class Drawer:
    """Secrets for as long as the test runs."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(self._kept)

    def get(self, name: str) -> bytes:
        return self._kept[name]

    def put(self, name: str, secret: bytes) -> None:
        self._kept[name] = secret


@cache
def authority() -> Authority:
    return demo_authority(Drawer(), load_pack("shenzhen").issuers, NOW_S)


PHONE = KeySigner(KeySigner.new_scalar())


@cache
def authorisation(account: str = ACCOUNT) -> bytes:
    issuer = next(iter(authority().issuers.values()))
    grant = Grant(
        payment_account="6222020200000001", card_account=account, platform="00000001",
        account_type=1, limit_fen=2_000, user_key=PHONE.public_key, until_s=NOW_S + 3_600,
        validity_s=60,
    )  # fmt: skip
    return authorise(grant, issuer.certificate, issuer.signer)


def code(made_s: int, account: str = ACCOUNT) -> bytes:
    """A code of the test's phone, made at that second."""
    return present(authorisation(account), PHONE, made_s)


def verifier_of(root: bytes) -> Verifier:
    return Verifier([Root.parse(root)], test_roots=TestRoots.ACCEPTED)
