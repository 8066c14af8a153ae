"""People, keys and moments of the tests."""

from functools import cache

from msgspec import msgpack

from ridecode.code import KeySigner
from ridecode.riders import Enrolment
from ridecode.store import Cell, log

S = 1_000_000
HOUR = 3_600 * S
DAY = 24 * HOUR
NOW = 1_535_724_890 * S
"""2018-08-31T22:14:50+08:00"""

SZT, YCT = "02215840", "02205810"
"""Shenzhen Tong and Yang Cheng Tong: the two issuers of the pack."""
PLATFORMS = ("tencent", "alipay", "city-app")
FOREIGN = "3104870300000000777"
"""A card account of an issuer elsewhere, which nobody enrolled here."""


class Shelf(dict[str, bytes]):
    """Secrets in memory."""

    def names(self) -> tuple[str, ...]:
        return tuple(self)

    def get(self, name: str) -> bytes:  # type: ignore[override]
        return self[name]

    def put(self, name: str, secret: bytes) -> None:
        self[name] = secret


def person(number: int) -> str:
    """An identity."""
    return f"{number:064x}"


def asked(number: int = 1, issuer: str = SZT, platform: str = "tencent", **more: int) -> Enrolment:
    return Enrolment(identity=person(number), issuer=issuer, platform=platform, **more)


@cache
def phone(number: int) -> KeySigner:
    """A phone's key, the same in every run."""
    return KeySigner((0x1179 << 64 | number + 1).to_bytes(32, "big"))


def key(number: int) -> bytes:
    return phone(number).public_key


def tell_debts(cell: Cell, *entries: tuple[str, str, int, int]) -> None:
    """As money does: (identity or account, "owed" or "repaid", amount, ts)."""
    with cell.connection() as conn:
        log.append(conn, "debts", [msgpack.encode(entries)])


def tell_set_aside(cell: Cell, *entries: tuple[int, str, int, int]) -> None:
    """As rides does: (number of the tap, account, why, ts)."""
    body = [(number.to_bytes(16, "big"), *rest) for number, *rest in entries]
    with cell.connection() as conn:
        log.append(conn, "taps.set_aside", [msgpack.encode(body)])
