"""What stands where: bytes cut into their numbered parts, with no judgement, so that a person can
see why a code is refused.

Numbers are those of the standard's table as docs/ride-code.md gives it, `3.6` being item 6 of the
certificate in field 3. A record that is cut short shows the parts that are there.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from msgspec import Struct

from ridecode.code.certificate import (
    CERTIFICATE_HEADER,
    CERTIFICATE_LENGTH,
    ROOT_HEADER,
    ROOT_LENGTH,
    end_of_month,
)
from ridecode.code.sniff import Platform, sniff
from ridecode.core import Words


class Kind(Enum):
    """What the bytes are, by their first byte and their length."""

    RIDE_CODE = Words(zh="乘车码", en="ride code")
    RIDE_CODE_V1 = Words(zh="旧式乘车码（V1）", en="ride code of the older form (V1)")
    CERTIFICATE = Words(zh="发码机构公钥证书", en="issuer's certificate")
    ROOT = Words(zh="根证书记录", en="root record")
    FOREIGN = Words(zh="其他平台的码", en="code of another platform")
    UNKNOWN = Words(zh="无法识别的数据", en="bytes of no known kind")


class Part(Struct, frozen=True):
    """One field or item."""

    number: str
    """Empty where the source gives none."""
    name: Words
    offset: int
    """Bytes from 0."""
    raw: bytes
    value: str
    """The same for people: a number, a date, a text."""


class Anatomy(Struct, frozen=True):
    """The parts of a record in their order, none where their places are not known."""

    kind: Kind
    platform: Platform
    parts: tuple[Part, ...]

    @property
    def scanned(self) -> bool:
        """Whether these are a scanner's bytes: certificates and roots travel by other ways."""
        return self.kind not in (Kind.CERTIFICATE, Kind.ROOT)


def anatomy(data: bytes) -> Anatomy:
    """Cut any bytes; nothing is refused and nothing verified."""
    platform = sniff(data)
    kind = _kind(data, platform)
    rows = _LAYOUTS.get(kind)
    return Anatomy(kind, platform, tuple(_cut(data, rows)) if rows else ())


def _kind(data: bytes, platform: Platform) -> Kind:
    if len(data) == CERTIFICATE_LENGTH and data[0] == CERTIFICATE_HEADER:
        return Kind.CERTIFICATE
    if len(data) == ROOT_LENGTH and data[0] == ROOT_HEADER:
        return Kind.ROOT
    if platform is Platform.UNKNOWN:
        return Kind.UNKNOWN
    return {
        Platform.T_UNION: Kind.RIDE_CODE,
        Platform.T_UNION_V1: Kind.RIDE_CODE_V1,
    }.get(platform, Kind.FOREIGN)


_Read = Callable[[bytes], str]
_Row = tuple[str, str, str, int, _Read]
"""Number, name in Chinese and English, length in bytes, reading. Field 14 has the length that the
byte before it says."""
_BY_FIELD_13: Final = -1


def _cut(data: bytes, rows: Iterable[_Row]) -> Iterator[Part]:
    at = 0
    for number, zh, en, length, read in rows:
        size = data[at - 1] if length == _BY_FIELD_13 and 0 < at <= len(data) else length
        raw = data[at : at + size]
        if len(raw) < size:
            if raw:
                yield Part(number, Words(zh=f"{zh}（不全）", en=f"{en} (cut short)"), at, raw,
                           raw.hex())  # fmt: skip
            return
        if raw or length == _BY_FIELD_13:
            yield Part(number, Words(zh=zh, en=en), at, raw, read(raw))
        at += size
    if at < len(data):
        yield Part("", Words(zh="多余的数据", en="surplus"), at, data[at:], data[at:].hex())


def _hex(raw: bytes) -> str:
    return raw.hex()


def _number(raw: bytes) -> str:
    return str(int.from_bytes(raw, "big"))


def _text(raw: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in raw)


def _fen(raw: bytes) -> str:
    fen = int.from_bytes(raw, "big")
    return f"{fen} 分 = ¥{fen // 100}.{fen % 100:02}"


def _seconds(raw: bytes) -> str:
    return f"{int.from_bytes(raw, 'big')} s"


def _moment(raw: bytes) -> str:
    return datetime.fromtimestamp(int.from_bytes(raw, "big"), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _month(raw: bytes) -> str:
    digits = raw.hex()
    sound = end_of_month(raw) is not None
    return f"20{digits[2:]}-{digits[:2]}" if sound else f"{digits} ✗"


def _account(raw: bytes) -> str:
    return raw.hex()[:19]


_ACCOUNT_TYPES: Final = {1: "普通 ordinary", 2: "学生 student", 3: "老人 senior",
                         4: "测试 test", 5: "军人 soldier"}  # fmt: skip


def _account_type(raw: bytes) -> str:
    return f"{raw[0]} {_ACCOUNT_TYPES.get(raw[0], '')}".rstrip()


def _version(raw: bytes) -> str:
    told = {0x80: "互通 interoperable", 0x81: "本地 local"}.get(raw[0], "")
    return f"0x{raw.hex()} {told}".rstrip()


_ITEMS: Final[tuple[_Row, ...]] = (
    ("1", "记录头", "header", 1, _hex),
    ("2", "服务标识", "service id", 4, _hex),
    ("3", "根 CA 公钥索引", "root index", 1, _number),
    ("4", "证书格式", "format", 1, _hex),
    ("5", "发码机构标识", "issuer id", 4, _hex),
    ("6", "证书失效日期", "expiry", 2, _month),
    ("7", "证书序列号", "serial", 3, _number),
    ("8", "公钥签名算法", "signature algorithm", 1, _hex),
    ("9", "公钥加密算法", "encryption algorithm", 1, _hex),
    ("10", "公钥参数", "key parameter", 1, _hex),
    ("11", "公钥长度", "key length", 1, _number),
    ("12", "公钥", "issuer's key", 33, _hex),
    ("13", "根 CA 签名", "root's signature", 64, _hex),
)
_CODE: Final[tuple[_Row, ...]] = (
    ("1", "二维码版本", "version", 1, _version),
    ("2", "数据长度", "data length", 2, _number),
    *((f"3.{row[0]}", *row[1:]) for row in _ITEMS),
    ("4", "支付账户号", "payment account", 16, _text),
    ("5", "卡账号", "card account", 10, _account),
    ("6", "发码机构号", "issuer number", 4, _hex),
    ("7", "发码平台编号", "platform number", 4, _hex),
    ("8", "卡账户类型", "account type", 1, _account_type),
    ("9", "单次消费上限", "single-trip limit", 3, _fen),
    ("10", "用户公钥", "user's key", 33, _hex),
    ("11", "授权过期时间", "authorisation expiry", 4, _moment),
    ("12", "二维码有效时间", "code validity", 2, _seconds),
    ("13", "自定义域长度", "custom length", 1, _number),
    ("14", "自定义域", "issuer-defined", _BY_FIELD_13, _hex),
    ("15", "签名格式", "signature format", 1, _hex),
    ("15", "发码机构授权签名", "issuer's signature", 64, _hex),
    ("16", "二维码生成时间", "generation time", 4, _moment),
    ("17", "签名格式", "signature format", 1, _hex),
    ("17", "用户私钥签名", "user's signature", 64, _hex),
)
_V1: Final[tuple[_Row, ...]] = (
    ("", "版本", "version", 1, _hex),
    ("", "含义未知", "meaning not known", 2, _hex),
    ("", "标志", "flag", 1, _number),
    ("", "密钥标识", "key id", 4, _hex),
    ("", "含义未知", "meaning not known", 26, _hex),
    ("", "卡账号", "card account", 10, _account),
    ("", "含义未知", "meaning not known", 7, _hex),
    ("", "用户公钥", "user's key", 33, _hex),
    ("", "授权过期时间", "authorisation expiry", 4, _moment),
    ("", "二维码有效时间", "code validity", 2, _seconds),
    ("", "签名格式", "signature format", 1, _hex),
    ("", "发码机构授权签名", "issuer's signature", 64, _hex),
    ("", "含义未知", "meaning not known", 2, _hex),
    ("", "二维码生成时间", "generation time", 4, _moment),
    ("", "签名格式", "signature format", 1, _hex),
    ("", "用户私钥签名", "user's signature", 64, _hex),
)
_ROOT: Final[tuple[_Row, ...]] = (
    ("", "记录头", "header", 1, _hex),
    ("", "服务标识", "service id", 4, _hex),
    ("", "注册应用提供商", "RID", 5, _hex),
    ("", "根 CA 公钥索引", "root index", 1, _number),
    ("", "失效日期", "expiry", 2, _month),
    ("", "算法", "algorithm", 1, _hex),
    ("", "公钥参数", "key parameter", 1, _hex),
    ("", "公钥长度", "key length", 1, _number),
    ("", "根公钥", "root's key", 64, _hex),
    ("", "自签名", "its own signature", 64, _hex),
)
_LAYOUTS: Final = {
    Kind.RIDE_CODE: _CODE,
    Kind.RIDE_CODE_V1: _V1,
    Kind.CERTIFICATE: _ITEMS,
    Kind.ROOT: _ROOT,
}
