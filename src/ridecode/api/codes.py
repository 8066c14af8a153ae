"""Codes: authorisations for phones, and the trust checks alone."""

from typing import Final

from fastapi import APIRouter

from ridecode.access import Right
from ridecode.api import wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment, text
from ridecode.city import Pack
from ridecode.code import Grant, Root, TestRoots, Verifier, authorise, demo_accounts, fields
from ridecode.core import MICROS, RefusedError, from_iso

router = APIRouter(prefix="/v1", tags=["codes"])

AUTHORISED_S: Final = 4 * 3_600
"""Short, because a lost phone rides until then."""
VALIDITY_S: Final = 60
LIMIT_FEN: Final = 2_000


@router.post("/authorisations", dependencies=[needs(Right.DEMONSTRATE)])
def authorisation(asked: wire.AuthorisationIn, desk: Held) -> wire.AuthorisationOut:
    """Fields 1 to 15 for a phone's key; a demonstration alone gives them without an account.

    The card account follows from the key, so that a phone that asks again keeps its rides.
    """
    issuer = desk.authority.issuers[desk.pack.card_company.issuer]
    user_key = bytes.fromhex(asked.user_key)
    grant = grant_of(desk.pack, user_key, asked.account_type, desk.clock.now() // MICROS)
    return wire.AuthorisationOut(
        authorisation=authorise(grant, issuer.certificate, issuer.signer).hex(),
        card_account=grant.card_account,
        issuer=issuer.number,
        platform=grant.platform,
        until=moment(desk.pack, grant.until_s * MICROS),
        validity_s=grant.validity_s,
    )


@router.post("/codes/verify", dependencies=[needs(Right.CHECK_CODE)])
def verify(asked: wire.VerifyIn, desk: Held) -> wire.VerifyOut:
    """May these bytes be trusted? No place's rules are asked, and nothing is remembered.

    Roots that are named here are trusted, test roots among them.
    """
    now = desk.clock.now() if asked.now is None else from_iso(asked.now)
    code = bytes.fromhex(asked.code)
    verdict = _verifier(desk, asked.roots).verify(code, now // MICROS).verdict
    return wire.VerifyOut(verdict=verdict.name, words=text(verdict.words), fields=fields(code))


def demo_platform(pack: Pack) -> str:
    """The platform number that is invented: codes of a demonstration bear nobody else's."""
    for platform in pack.platforms.values():
        if platform.demo:
            return platform.number
    raise RefusedError(
        f"{pack.name.en} has no code platform for a demonstration.",
        "Add a [[platform]] with demo = true to pack.toml.",
    )


def grant_of(pack: Pack, user_key: bytes, account_type: int, now_s: int) -> Grant:
    """What the demonstration authorises a phone to, for its key."""
    own = pack.issuers[pack.card_company.issuer]
    payment_account, card_account = demo_accounts(user_key, own.iin)
    return Grant(
        payment_account=payment_account,
        card_account=card_account,
        platform=demo_platform(pack),
        account_type=account_type,
        limit_fen=LIMIT_FEN,
        user_key=user_key,
        until_s=now_s + AUTHORISED_S,
        validity_s=VALIDITY_S,
    )


def _verifier(desk: Desk, roots: list[str]) -> Verifier:
    if not roots:
        return desk.verifier
    named = [Root.parse(bytes.fromhex(root)) for root in roots]
    return Verifier(named, test_roots=TestRoots.ACCEPTED)
