"""Whose code is this? Told at the scanner, before any check, so that a reader can route it."""

from enum import IntEnum
from typing import Final

from ridecode.code.v1 import is_v1
from ridecode.core import Words


class Platform(IntEnum):
    """The families of codes that transit readers meet in China."""

    UNKNOWN = 0
    T_UNION = 1
    """交通部: JT/T 1179, 332 to 364 bytes."""
    T_UNION_V1 = 2
    """The older 226-byte form of it."""
    TONGKA = 3
    """通卡 (住建部, 城联)."""
    UNIFIED = 4
    """统一发码平台."""
    ALIPAY = 5
    TENCENT = 6
    UNIONPAY = 7
    SHANGHAI_METRO = 8

    @property
    def words(self) -> Words:
        return _WORDS[self]


_WORDS: Final = {
    Platform.UNKNOWN: Words(zh="未知", en="unknown"),
    Platform.T_UNION: Words(zh="交通部（交通联合）", en="T-Union, JT/T 1179"),
    Platform.T_UNION_V1: Words(zh="交通部，旧式 V1", en="T-Union, the older V1"),
    Platform.TONGKA: Words(zh="通卡（住建部、城联）", en="Tongka (City Union)"),
    Platform.UNIFIED: Words(zh="统一发码平台", en="Unified code platform"),
    Platform.ALIPAY: Words(zh="支付宝", en="Alipay"),
    Platform.TENCENT: Words(zh="腾讯乘车码", en="Tencent ride code"),
    Platform.UNIONPAY: Words(zh="银联乘车码", en="UnionPay ride code"),
    Platform.SHANGHAI_METRO: Words(zh="上海地铁", en="Shanghai metro"),
}

_PREFIXES: Final = (
    (b"SHSTMETRO", Platform.SHANGHAI_METRO),
    (b"\x54\x01", Platform.TONGKA),
    (b"\x54\x02", Platform.TONGKA),
    (b"\x02\x01", Platform.ALIPAY),
    (b"TX", Platform.TENCENT),
    (b"\x55", Platform.UNIFIED),
)
_UNIONPAY_BELOW: Final = 50
"""A UnionPay code is digits alone, beginning 62 and shorter than this."""


def sniff(data: bytes) -> Platform:
    """The family by first bytes and length alone: no promise that the code is good.

    A first byte of 0x80 or above belongs to T-Union whatever the length, so that a code cut short
    is told so, not "unknown".
    """
    if is_v1(data):
        return Platform.T_UNION_V1
    if data[:1] >= b"\x80":
        return Platform.T_UNION
    for prefix, platform in _PREFIXES:
        if data.startswith(prefix):
            return platform
    if len(data) < _UNIONPAY_BELOW and data.startswith(b"62") and data.isdigit():
        return Platform.UNIONPAY
    return Platform.UNKNOWN
