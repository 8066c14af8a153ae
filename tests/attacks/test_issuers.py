"""Issuers that sign for what is not theirs, and roots that nobody should trust."""

from collections.abc import Callable
from typing import Final

import pytest
from msgspec.structs import replace

from ridecode.api.publication import verifier_of
from ridecode.bundle import Repository, found, terms_of
from ridecode.city import load_pack
from ridecode.code import (
    Grant,
    Root,
    Signer,
    authorise,
    demo_authority,
    make_certificate,
    make_root,
    make_test_root,
)
from ridecode.core import RefusedError, Verdict
from ridecode.fares import read_tariffs
from ridecode.riders import denied
from ridecode.validator import (
    BundleFile,
    ClockSet,
    FolderCarrier,
    Memory,
    Terms,
    Trust,
    decide,
    read_rules,
)
from tests.attacks.city import LUOHU, RULES, SHENZHEN, START, Phone, S, authority
from tests.attacks.world import Road, rewritten
from tests.bundle.centre import Vault
from tests.riders.world import SZT, YCT
from tests.validator.test_city import CA, ENTRY, ISSUER, NOW_S, PHONE

GUANGZHOU: Final = load_pack("guangzhou")


def _forged(rider: Phone, road: Road, certificate: bytes, signer: Signer) -> Phone:
    """The rider's phone with an authorisation that somebody else signed."""
    grant = Grant(
        payment_account="0000000000000001", card_account=rider.account,
        platform=RULES.platforms["tencent"], account_type=1, limit_fen=2_000,
        user_key=rider.signer.public_key, until_s=road.now // S + 3_600, validity_s=60,
    )  # fmt: skip
    return replace(rider, fields=authorise(grant, certificate, signer))


@pytest.mark.parametrize(("own", "other"), [(SZT, YCT), (YCT, SZT)])
def test_an_issuer_that_signs_for_anothers_accounts(road: Road, own: str, other: str) -> None:
    """All signatures are good. No lane takes it; the centre does not where a reader lies; and
    nothing is held against whose account it is."""
    victim, gate = road.rider(1, own), road.gate("in", LUOHU)
    thief = authority().issuers[other]
    forged = _forged(victim, road, thief.certificate, thief.signer)
    assert gate.read(forged.code(road.now)) is Verdict.ACCOUNT_NOT_OF_ISSUER
    batch = gate.waiting()
    lie = [replace(batch.taps[0], verdict=Verdict.ACCEPTED)]
    assert gate.tell(rewritten(batch, lie)) == ["ACCEPTED"]
    followed = road.settle()
    assert road.quarantine() == [("CODE_REFUSED", "ACCOUNT_NOT_OF_ISSUER", "in")]
    assert (road.rides(victim.account), followed.suspicions) == ([], 0)
    assert denied(road.cell, RULES, road.now) == []
    assert gate.read(victim.code(road.now)) is Verdict.ACCEPTED


def test_a_root_of_somebody_elses_making(road: Road) -> None:
    """Everything is well signed, under a root that the bundle does not name, or under its name."""
    rider, gate = road.rider(1), road.gate("in", LUOHU)
    stranger = demo_authority(Vault(), SHENZHEN.issuers, START // S)
    issuer = stranger.issuers[SZT]
    forged = _forged(rider, road, issuer.certificate, issuer.signer)
    assert stranger.root.index == authority().root.index
    assert gate.read(forged.code(road.now)) is Verdict.CERTIFICATE_SIGNATURE
    index = stranger.root.index + 1
    root = Root.parse(make_root(CA, index, "1240"))
    certificate = make_certificate(
        CA, root, issuer=SZT, issuer_key=ISSUER.public_key, expiry="1240", serial=1
    )
    unknown = _forged(rider, road, certificate, ISSUER)
    assert gate.read(unknown.code(road.now)) is Verdict.ROOT_UNKNOWN


def _of_guangzhou(root: Root) -> Phone:
    certificate = make_certificate(
        CA, root, issuer=YCT, issuer_key=ISSUER.public_key, expiry="1240", serial=1
    )
    grant = Grant(
        payment_account="0000000000000001", card_account="3104870312345678901",
        platform="50023301", account_type=1, limit_fen=2_000, user_key=PHONE.public_key,
        until_s=NOW_S + 3_600, validity_s=60,
    )  # fmt: skip
    return Phone("3104870312345678901", authorise(grant, certificate, ISSUER), PHONE)


@pytest.mark.parametrize(("make", "verdict"), [
    (make_root, Verdict.ACCEPTED), (make_test_root, Verdict.ROOT_IS_TEST),
])  # fmt: skip
def test_a_test_root_in_a_real_city(
    road: Road, make: Callable[[Signer, int, str], bytes], verdict: Verdict
) -> None:
    """Guangzhou is no demonstration: its terms take no test root, and where one is signed into a
    bundle all the same, its readers and its centre refuse it."""
    root = Root.parse(make(CA, 1, "1240"))
    tariffs, now = read_tariffs(GUANGZHOU), NOW_S * S
    if root.is_test:
        with pytest.raises(RefusedError, match="no demonstration"):
            terms_of(GUANGZHOU, tariffs, [root], active_from=now)
    terms = Terms(
        active_from=now, roots=(root,), v1_keys=(), rules=read_rules(GUANGZHOU), single_fare={},
        tariff="aa" * 32,
    )  # fmt: skip
    repository = Repository(road.folder / "guangzhou")
    file = BundleFile(city="guangzhou", terms=(terms,))
    installed = found(repository, Vault(), file, now)
    trust = Trust(road.folder / "there", root=installed, city="guangzhou")
    trust.update(FolderCarrier(repository.folder), now)
    bundle = trust.bundle(now)
    assert bundle is not None
    code = _of_guangzhou(root).code(now)
    memory = Memory()
    memory.keep([ClockSet(now)])
    assert decide(bundle, memory, code, ENTRY, now).verdict is verdict
    centre = verifier_of(terms, demo=GUANGZHOU.demo)()
    assert centre.verify(code, NOW_S).verdict is verdict
