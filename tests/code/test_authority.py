"""The institutions of a demonstration are founded once, and trusted by no other city."""

import pytest

from ridecode.code import Grant, KeySigner, TestRoots, Verifier, authorise, present
from ridecode.code.authority import demo_accounts, demo_authority, renewed_authority
from ridecode.core import BadInputError, ConflictError, RefusedError, Verdict

NOW_S = 1_535_724_890
ISSUERS = ("02215840", "02205810")


class Drawer:
    """Secrets in memory that keep the vault's promise: a name keeps its secret."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(self.held)

    def get(self, name: str) -> bytes:
        return self.held[name]

    def put(self, name: str, secret: bytes) -> None:
        if self.held.setdefault(name, secret) != secret:
            raise ConflictError(name)


def test_it_is_founded_once_and_found_again() -> None:
    drawer = Drawer()
    first = demo_authority(drawer, ISSUERS[:1], NOW_S)
    again = demo_authority(drawer, ISSUERS, NOW_S + 40_000_000)
    assert again.root == first.root
    assert again.issuers[ISSUERS[0]].certificate == first.issuers[ISSUERS[0]].certificate
    assert again.issuers[ISSUERS[0]].certificate[13:16] == b"\x00\x00\x01"
    assert again.issuers[ISSUERS[1]].certificate[13:16] == b"\x00\x00\x02"


def test_its_codes_are_good_in_a_demonstration_alone() -> None:
    authority = demo_authority(Drawer(), ISSUERS, NOW_S)
    issuer, phone = authority.issuers["02205810"], KeySigner(KeySigner.new_scalar())
    grant = Grant(
        payment_account="0000000000000001", card_account="3104870300000000001",
        platform="99000001", account_type=1, limit_fen=2_000, user_key=phone.public_key,
        until_s=NOW_S + 3_600, validity_s=60,
    )  # fmt: skip
    code = present(authorise(grant, issuer.certificate, issuer.signer), phone, NOW_S)
    demo = Verifier([authority.root], test_roots=TestRoots.ACCEPTED)
    assert demo.verify(code, NOW_S).verdict is Verdict.ACCEPTED
    assert Verifier([authority.root]).verify(code, NOW_S).verdict is Verdict.ROOT_IS_TEST


def test_renewed_it_has_a_new_root_under_the_next_index() -> None:
    drawer = Drawer()
    first = demo_authority(drawer, ISSUERS, NOW_S)
    renewed = renewed_authority(drawer, ISSUERS, NOW_S)
    assert (first.root.index, renewed.root.index) == (1, 2)
    assert demo_authority(drawer, ISSUERS, NOW_S).root == renewed.root
    keys = {issuer.signer.public_key for issuer in first.issuers.values()}
    assert not keys & {issuer.signer.public_key for issuer in renewed.issuers.values()}
    assert renewed.issuers[ISSUERS[1]].certificate[13:16] == b"\x00\x00\x04"


def test_the_indices_come_to_an_end() -> None:
    drawer = Drawer()
    drawer.put("test-root/255/key", bytes(31) + b"\x01")
    with pytest.raises(RefusedError, match="255"):
        renewed_authority(drawer, ISSUERS, NOW_S)


@pytest.mark.parametrize("now_s", [-1, 946_684_799, 3_786_912_000, 10**18])
def test_a_mad_clock_founds_nothing(now_s: int) -> None:
    drawer = Drawer()
    with pytest.raises(BadInputError, match="2000 to 2089"):
        demo_authority(drawer, ISSUERS, now_s)
    assert not any(name.endswith(("record", "certificate")) for name in drawer.names())


@pytest.mark.parametrize("now_s", [946_684_800, 3_786_911_999])
def test_at_the_ends_of_the_century_it_is_good_for_ten_years(now_s: int) -> None:
    """2010-02-01 and 2100-01-01 are the first seconds after the roots' last months."""
    root = demo_authority(Drawer(), ISSUERS, now_s).root
    assert root.expires_s == {946_684_800: 1_264_982_400, 3_786_911_999: 4_102_444_800}[now_s]


class Slow(Drawer):
    """Another process puts its own secrets just before ours."""

    def __init__(self, faster: Drawer) -> None:
        super().__init__()
        self._faster = faster

    def put(self, name: str, secret: bytes) -> None:
        self.held[name] = self._faster.held[name]
        super().put(name, secret)


def test_of_two_that_found_it_at_once_the_first_one_counts() -> None:
    faster = Drawer()
    first = demo_authority(faster, ISSUERS, NOW_S)
    second = demo_authority(Slow(faster), ISSUERS, NOW_S)
    assert second.root == first.root
    assert second.issuers[ISSUERS[1]].certificate == first.issuers[ISSUERS[1]].certificate


def test_accounts_follow_from_the_key() -> None:
    payment, card = demo_accounts(b"\x02" + bytes(32), "31048704")
    assert (len(payment), len(card), card[:8]) == (16, 19, "31048704")
    assert demo_accounts(b"\x02" + bytes(32), "31048704") == (payment, card)
    assert demo_accounts(b"\x03" + bytes(32), "31048704") != (payment, card)
