"""From a card company's authorisation to the lanes of the shipped cities."""

from typing import Final

import pytest

from ridecode.city import load_pack
from ridecode.code import (
    Grant,
    KeySigner,
    Root,
    authorise,
    make_certificate,
    make_root,
    make_test_root,
    present,
)
from ridecode.code.checks import VALIDITY_MOST_S
from ridecode.core import Mode, TapKind, Verdict
from ridecode.validator import ClockSet, Memory, Place, decide, make_bundle
from ridecode.validator.rules import VALIDITY_S_LONGEST

S: Final = 1_000_000
NOW_S: Final = 1_767_225_600
CA, ISSUER, PHONE = (KeySigner(bytes((n,)) * 32) for n in (0x11, 0x22, 0x33))
MAKERS: Final = {"real": make_root, "test": make_test_root}
SZT, YCT = "3104870412345678901", "3104870312345678901"
ACCOUNTS: Final = {"02215840": SZT, "02205810": YCT}
"""Of Shenzhen Tong and Yang Cheng Tong."""


def _code(
    root: Root, issuer: str, platform: str, validity_s: int, version: int = 0x80, account: str = SZT
) -> bytes:
    certificate = make_certificate(
        CA, root, issuer=issuer, issuer_key=ISSUER.public_key, expiry="1240", serial=1,
        version=version,
    )  # fmt: skip
    grant = Grant(
        payment_account="0000000000000001", card_account=account, platform=platform,
        account_type=1, limit_fen=2_000, user_key=PHONE.public_key, until_s=NOW_S + 86_400,
        validity_s=validity_s, version=version,
    )  # fmt: skip
    return present(authorise(grant, certificate, ISSUER), PHONE, NOW_S)


def _place(product: str, kind: TapKind, mode: Mode) -> Place:
    return Place(
        kind=kind, mode=mode, product=product, operator="o", line="l", stop="s", validator="r"
    )


ENTRY: Final = _place("metro", TapKind.ENTRY, Mode.METRO)
READINGS: Final = (
    # city, root, issuer, platform, validity, version, verdict
    ("shenzhen", "test", "02215840", "99000001", 120, 0x80, Verdict.ACCEPTED),
    ("shenzhen", "real", "02215840", "50023301", 120, 0x80, Verdict.ACCEPTED),
    ("shenzhen", "test", "02205810", "99000002", 60, 0x80, Verdict.ACCEPTED),
    ("shenzhen", "test", "02215840", "99000001", 60, 0x81, Verdict.ACCEPTED),
    ("shenzhen", "test", "02205810", "99000001", 60, 0x81, Verdict.ISSUER_NOT_ACCEPTED),
    ("shenzhen", "test", "02002900", "99000001", 60, 0x80, Verdict.ISSUER_NOT_ACCEPTED),
    ("shenzhen", "test", "02215840", "99000009", 60, 0x80, Verdict.ISSUER_NOT_ACCEPTED),
    ("shenzhen", "test", "02215840", "99000001", 121, 0x80, Verdict.VALIDITY_NOT_ACCEPTED),
    ("guangzhou", "real", "02205810", "50023301", 60, 0x80, Verdict.ACCEPTED),
    ("guangzhou", "real", "02215840", "50023301", 60, 0x80, Verdict.ACCEPTED),
    ("guangzhou", "test", "02205810", "50023301", 60, 0x80, Verdict.ROOT_IS_TEST),
    ("guangzhou", "real", "02205810", "99000001", 60, 0x80, Verdict.ISSUER_NOT_ACCEPTED),
    ("guangzhou", "real", "02205810", "50023301", 61, 0x80, Verdict.VALIDITY_NOT_ACCEPTED),
)


@pytest.mark.parametrize(
    ("city", "maker", "issuer", "platform", "validity_s", "version", "verdict"), READINGS
)
def test_a_lane_of_a_shipped_city(
    city: str, maker: str, issuer: str, platform: str, validity_s: int, version: int,
    verdict: Verdict,
) -> None:  # fmt: skip
    root = Root.parse(MAKERS[maker](CA, 1, "1240"))
    bundle = make_bundle(load_pack(city), [root], version=1, made=NOW_S * S)
    memory = Memory()
    memory.keep([ClockSet(NOW_S * S)])
    account = ACCOUNTS.get(issuer, SZT)
    code = _code(root, issuer, platform, validity_s, version, account)
    decision = decide(bundle, memory, code, ENTRY, NOW_S * S)
    assert decision.verdict is verdict
    assert (decision.tap.city, decision.tap.account) == (city, account)


@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
@pytest.mark.parametrize(("issuer", "account", "verdict"), [
    ("02215840", "3104870400000000000", Verdict.ACCEPTED),
    ("02215840", "3104870499999999999", Verdict.ACCEPTED),
    ("02215840", "3104870399999999999", Verdict.ACCOUNT_NOT_OF_ISSUER),
    ("02215840", "3104870500000000000", Verdict.ACCOUNT_NOT_OF_ISSUER),
    ("02205810", SZT, Verdict.ACCOUNT_NOT_OF_ISSUER),
    ("02205810", YCT, Verdict.ACCEPTED),
])  # fmt: skip
def test_an_issuer_signs_for_its_own_accounts_alone(
    city: str, issuer: str, account: str, verdict: Verdict
) -> None:
    root = Root.parse(make_root(CA, 1, "1240"))
    bundle = make_bundle(load_pack(city), [root], version=1, made=NOW_S * S)
    memory = Memory()
    memory.keep([ClockSet(NOW_S * S)])
    code = _code(root, issuer, "50023301", 60, account=account)
    for place in (ENTRY, _place("metro", TapKind.EXIT, Mode.METRO)):
        assert decide(bundle, memory, code, place, NOW_S * S).verdict is verdict


@pytest.mark.parametrize(("product", "mode", "companions"), [
    ("bus", Mode.BUS, 3), ("ferry", Mode.FERRY, 5), ("cable-car", Mode.CABLE_CAR, 5),
])  # fmt: skip
def test_parties_at_the_single_tap_places_of_shenzhen(
    product: str, mode: Mode, companions: int
) -> None:
    """Every three seconds the phone makes a new code and the next of the party passes."""
    root = Root.parse(make_test_root(CA, 1, "1240"))
    bundle = make_bundle(load_pack("shenzhen"), [root], version=1, made=NOW_S * S)
    memory, told = Memory(), []
    memory.keep([ClockSet(NOW_S * S)])
    authorised = _code(root, "02215840", "99000001", 60)[:-69]
    for n in range(7):
        code = present(authorised, PHONE, NOW_S + 3 * n)
        place = _place(product, TapKind.SINGLE, mode)
        decision = decide(bundle, memory, code, place, (NOW_S + 3 * n) * S)
        memory.keep(decision.remember)
        told.append(decision.verdict)
    passed = 1 + companions
    refused = [Verdict.COMPANION_NOT_ALLOWED] * (7 - passed)
    assert told == [Verdict.ACCEPTED] * passed + refused


def test_no_pack_accepts_longer_than_a_verifier_does() -> None:
    assert VALIDITY_S_LONGEST == VALIDITY_MOST_S
