"""Shenzhen for thieves: its institutions, its bounds, and phones that make real codes."""

from functools import cache
from typing import Final

from msgspec import Struct

from ridecode import riders
from ridecode.city import load_pack
from ridecode.cli.exposed import assumed_of
from ridecode.code import Authority, KeySigner, Root, TestRoots, Verifier, demo_authority, present
from ridecode.fares import read_tariffs
from ridecode.validator import Exposure, exposure
from tests.bundle.centre import Vault

S: Final = 1_000_000
HOUR: Final = 3_600 * S
DAY: Final = 24 * HOUR
START: Final = 1_767_571_200 * S
"""2026-01-05T08:00:00+08:00, a Monday."""
SHENZHEN: Final = load_pack("shenzhen")
TARIFFS: Final = read_tariffs(SHENZHEN)
RULES: Final = riders.read_rules(SHENZHEN)
LUOHU, GANGXIA, WINDOW, AIRPORT = (
    "sz-luohu", "sz-gangxia", "sz-window-of-the-world", "sz-airport-east",
)  # fmt: skip
"""Stations of line 1, ever further from Luohu: 5, 15 and 33 km."""


@cache
def authority() -> Authority:
    """The test root of the city, and its two issuers."""
    return demo_authority(Vault(), SHENZHEN.issuers, START // S)


def verifier_of(root: bytes) -> Verifier:
    return Verifier([Root.parse(root)], test_roots=TestRoots.ACCEPTED)


def bounds() -> Exposure:
    """What `ridecode validator exposure` prints."""
    return exposure(SHENZHEN, TARIFFS.at(START), assumed_of(SHENZHEN))


@cache
def phone(number: int) -> KeySigner:
    """A phone's key, the same in every run."""
    return KeySigner((0x1179 << 64 | number + 1).to_bytes(32, "big"))


class Phone(Struct, frozen=True):
    """A rider's phone: what it needs to make codes with no network."""

    account: str
    fields: bytes
    signer: KeySigner

    def code(self, ts: int) -> bytes:
        """The code of that moment, by the phone's clock."""
        return present(self.fields, self.signer, ts // S)
