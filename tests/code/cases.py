"""Every rule of the ride code as a case: a good code, one thing changed, one verdict.

The cases are built by `tests.code.forge` and stand as vectors in tests/vectors, where the flags
are explained. Times are UTC seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ridecode.core import Verdict
from tests.code import forge
from tests.code.forge import MADE, OFF_CURVE, OTHER, Sign

GROUP_ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

ROOTS: Final[dict[str, dict[str, bytes]]] = {
    "service": {},
    "expired": {"index": b"\x02", "expiry": bytes.fromhex("1225")},
    "test": {"index": b"\x03", "rid": forge.TEST_RID},
    "other service": {"service": bytes.fromhex("01012020")},
}
"""The records of the vectors, by name, as changes to `forge.ROOT`; all are of one key."""
AT_INDEX: Final = {"expired": {"item_3": b"\x02"}, "test": {"item_3": b"\x03"}}


@dataclass(frozen=True)
class Case:
    """One code and what must become of it."""

    comment: str
    verdict: Verdict
    flag: str
    changes: dict[str, bytes] = field(default_factory=dict)
    now: int = MADE
    after: Callable[[bytes], bytes] = bytes
    """What is done to the bytes of the signed code, where that is the point."""

    def code(self, sign: Sign = forge.openssl) -> bytes:
        return self.after(forge.build(self.changes, sign))


def _flip(at: int) -> Callable[[bytes], bytes]:
    def flipped(code: bytes) -> bytes:
        changed = bytearray(code)
        changed[at] ^= 1
        return bytes(changed)

    return flipped


def _replaced(at: int, by: bytes) -> Callable[[bytes], bytes]:
    def replaced(code: bytes) -> bytes:
        start = at % len(code)
        return code[:start] + by + code[start + len(by) :]

    return replaced


def _seconds(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _local(**changes: bytes) -> dict[str, bytes]:
    return {"field_1": b"\x81", **changes}


def _custom(length: int) -> dict[str, bytes]:
    return {"field_14": bytes(range(length))}


R_ZERO, S_ZERO = bytes(32) + b"\x01" * 32, b"\x01" * 32 + bytes(32)
N_BYTES: Final = GROUP_ORDER.to_bytes(32, "big")
R_N, S_N = N_BYTES + b"\x01" * 32, b"\x01" * 32 + N_BYTES
ONES: Final = b"\xff" * 64
SUM_N: Final = b"\x01" * 32 + (GROUP_ORDER - int.from_bytes(b"\x01" * 32, "big")).to_bytes(
    32, "big"
)

OK: Final = Verdict.ACCEPTED
ACCEPTED: Final = (
    Case("interoperable code, no custom field", OK, "Valid"),
    Case("local code with the user ids of §1.4", OK, "LocalUserId", _local()),
    Case("local code with the longest custom field", OK, "LocalUserId", _local(**_custom(32))),
    Case("custom field of one byte", OK, "CustomField", _custom(1)),
    Case("custom field of 31 bytes", OK, "CustomField", _custom(31)),
    Case("custom field of 32 bytes", OK, "CustomField", _custom(32)),
    Case("version 0x82 is read as 0x80 is", OK, "Version", {"field_1": b"\x82"}),
    Case("version 0xff is read as 0x80 is", OK, "Version", {"field_1": b"\xff"}),
    Case("format byte of field 15 is 0x12", OK, "FormatByte", {"format_15": b"\x12"}),
    Case("format byte of field 17 is 0x00", OK, "FormatByte", {"format_17": b"\x00"}),
    Case("format byte of field 17 changed after signing", OK, "FormatByte",
         after=_replaced(-65, b"\xee")),
    Case("public key parameter 0x20, as a real certificate has", OK, "Certificate",
         {"item_10": b"\x20"}),
    Case("first second of the certificate's last month", OK, "Certificate",
         {"item_6": b"\x01\x26"}),
    Case("last second of the certificate's last month", OK, "Certificate",
         {"item_6": b"\x12\x25", "field_16": _seconds(MADE - 1)}, now=MADE - 1),
    Case("root of another service, same index", OK, "Root",
         {"item_2": bytes.fromhex("01012020")}),
    Case("payment account of the outermost printable characters", OK, "Account",
         {"field_4": b" ~" * 8}),
    Case("account type 0xff", OK, "Account", {"field_8": b"\xff"}),
    Case("limit of zero and platform not decimal", OK, "Account",
         {"field_9": bytes(3), "field_7": b"\xff" * 4}),
    Case("last second of the authorisation", OK, "Time", {"field_11": _seconds(MADE)}),
    Case("validity of just 1200 seconds", OK, "Time", {"field_12": (1200).to_bytes(2, "big")}),
    Case("validity of zero at its own second", OK, "Time", {"field_12": bytes(2)}),
    Case("made 20 seconds ahead of the reader", OK, "Time", now=MADE - 20),
    Case("last second of the code", OK, "Time", now=MADE + 60),
)  # fmt: skip

_V = Verdict
REFUSED: Final = (
    Case("nothing was read", _V.TOO_SHORT, "Length", after=lambda _: b""),
    Case("one byte short", _V.TOO_SHORT, "Length", after=lambda code: code[:-1]),
    Case("cut in the certificate", _V.TOO_SHORT, "Length", after=lambda code: code[:100]),
    Case("365 bytes", _V.TOO_LONG, "Length", _custom(32), after=lambda code: code + b"\x00"),
    Case("version 0x7f", _V.VERSION_UNKNOWN, "Version", {"field_1": b"\x7f"}),
    Case("version 0x40 in the new form", _V.VERSION_UNKNOWN, "Version", {"field_1": b"\x40"}),
    Case("a suffix of the scanner's", _V.LENGTH_MISMATCH, "Length",
         after=lambda code: code + b"\r"),
    Case("field 2 counts the whole code", _V.LENGTH_MISMATCH, "Length",
         {"field_2": (332).to_bytes(2, "big")}),
    Case("field 2 is zero", _V.LENGTH_MISMATCH, "Length", {"field_2": bytes(2)}),
    Case("certificate header 0x25", _V.CERTIFICATE_MALFORMED, "Certificate", {"item_1": b"\x25"}),
    Case("certificate format 0x11", _V.CERTIFICATE_MALFORMED, "Certificate", {"item_4": b"\x11"}),
    Case("issuer id not decimal", _V.CERTIFICATE_MALFORMED, "Certificate",
         {"item_5": bytes.fromhex("0101100a"), "field_6": bytes.fromhex("0101100a")}),
    Case("expiry in month 13", _V.CERTIFICATE_MALFORMED, "Certificate", {"item_6": b"\x13\x30"}),
    Case("expiry in month 00", _V.CERTIFICATE_MALFORMED, "Certificate", {"item_6": b"\x00\x30"}),
    Case("expiry not decimal", _V.CERTIFICATE_MALFORMED, "Certificate", {"item_6": b"\x12\x3a"}),
    Case("signature algorithm 0x05", _V.CERTIFICATE_MALFORMED, "Downgrade", {"item_8": b"\x05"}),
    Case("encryption algorithm 0x00", _V.CERTIFICATE_MALFORMED, "Downgrade", {"item_9": b"\x00"}),
    Case("key length 0x20", _V.CERTIFICATE_MALFORMED, "Certificate", {"item_11": b"\x20"}),
    Case("key uncompressed by its first byte", _V.CERTIFICATE_MALFORMED, "Point",
         {"item_12": b"\x04" + forge.ISSUER_POINT[1:]}),
    Case("certified key is no point of the curve", _V.CERTIFICATE_SIGNATURE, "Point",
         {"item_12": OFF_CURVE}),
    Case("certificate's last month is over", _V.CERTIFICATE_EXPIRED, "Certificate",
         {"item_6": b"\x12\x25"}),
    Case("no root of that index", _V.ROOT_UNKNOWN, "Root", {"item_3": b"\x09"}),
    Case("no root of that service", _V.ROOT_UNKNOWN, "Root", {"item_2": b"\x01\x01\x99\x99"}),
    Case("root's last month is over", _V.ROOT_EXPIRED, "Root", AT_INDEX["expired"]),
    Case("root is a test root", _V.ROOT_IS_TEST, "Root", AT_INDEX["test"]),
    Case("certificate signed by another key", _V.CERTIFICATE_SIGNATURE, "Signature",
         {"key_13": OTHER}),
    Case("certificate signed by the issuer itself", _V.CERTIFICATE_SIGNATURE, "Signature",
         {"key_13": forge.ISSUER}),
    Case("certificate signature: r is 0", _V.CERTIFICATE_SIGNATURE, "Range", {"item_13": R_ZERO}),
    Case("certificate signature: s is 0", _V.CERTIFICATE_SIGNATURE, "Range", {"item_13": S_ZERO}),
    Case("certificate signature: r is n", _V.CERTIFICATE_SIGNATURE, "Range", {"item_13": R_N}),
    Case("certificate signature: r + s is n", _V.CERTIFICATE_SIGNATURE, "Range",
         {"item_13": SUM_N}),
    Case("certificate under the local user id", _V.CERTIFICATE_SIGNATURE, "UserId",
         {"id_13": bytes.fromhex("0101000001")}),
    Case("certificate under the empty user id", _V.CERTIFICATE_SIGNATURE, "UserId", {"id_13": b""}),
    Case("local code, certificate under the default user id", _V.CERTIFICATE_SIGNATURE, "UserId",
         _local(id_13=forge.DEFAULT_ID)),
    Case("interoperable code relabelled as local", _V.CERTIFICATE_SIGNATURE, "Downgrade",
         after=_replaced(0, b"\x81")),
    Case("local code relabelled as interoperable", _V.CERTIFICATE_SIGNATURE, "Downgrade", _local(),
         after=_replaced(0, b"\x80")),
    Case("certificate serial changed after signing", _V.CERTIFICATE_SIGNATURE, "Modified",
         after=_flip(18)),
    Case("field 6 is another issuer", _V.ISSUER_MISMATCH, "Issuer",
         {"field_6": bytes.fromhex("02002900")}),
    Case("payment account with a control character", _V.PAYMENT_ACCOUNT_MALFORMED, "Account",
         {"field_4": b"000000000000000\x1f"}),
    Case("payment account with a zero byte", _V.PAYMENT_ACCOUNT_MALFORMED, "Account",
         {"field_4": b"00000000\x000000000"}),
    Case("payment account with 0x7f", _V.PAYMENT_ACCOUNT_MALFORMED, "Account",
         {"field_4": b"\x7f000000000000000"}),
    Case("payment account with 0xe4", _V.PAYMENT_ACCOUNT_MALFORMED, "Account",
         {"field_4": b"\xe4000000000000000"}),
    Case("card account pad is 0", _V.CARD_ACCOUNT_MALFORMED, "Account",
         {"field_5": bytes.fromhex("31051700000000000010")}),
    Case("card account with a hexadecimal digit", _V.CARD_ACCOUNT_MALFORMED, "Account",
         {"field_5": bytes.fromhex("310517000000000000af")}),
    Case("card account of 18 digits", _V.CARD_ACCOUNT_MALFORMED, "Account",
         {"field_5": bytes.fromhex("310517000000000001ff")}),
    Case("account type 0", _V.ACCOUNT_TYPE_UNKNOWN, "Account", {"field_8": b"\x00"}),
    Case("authorisation ended a second ago", _V.AUTHORISATION_EXPIRED, "Time",
         {"field_11": _seconds(MADE - 1)}),
    Case("field 13 is 33 with 32 bytes there", _V.CUSTOM_FIELD_LENGTH, "CustomField",
         {"field_13": b"\x21", **_custom(32)}),
    Case("field 13 is 0xff", _V.CUSTOM_FIELD_LENGTH, "CustomField", {"field_13": b"\xff"}),
    Case("field 13 is one less than what is there", _V.CUSTOM_FIELD_LENGTH, "CustomField",
         {"field_13": b"\x07", **_custom(8)}),
    Case("field 13 is one more than what is there", _V.CUSTOM_FIELD_LENGTH, "CustomField",
         {"field_13": b"\x09", **_custom(8)}),
    Case("validity of 1201 seconds", _V.VALIDITY_TOO_LONG, "Time",
         {"field_12": (1201).to_bytes(2, "big")}),
    Case("validity of 65535 seconds", _V.VALIDITY_TOO_LONG, "Time", {"field_12": b"\xff\xff"}),
    Case("made 21 seconds ahead of the reader", _V.NOT_YET_VALID, "Time",
         {"field_16": _seconds(MADE + 21)}),
    Case("made at the end of time", _V.NOT_YET_VALID, "Time",
         {"field_16": b"\xff" * 4, "field_11": b"\xff" * 4}),
    Case("validity ended a second ago", _V.CODE_EXPIRED, "Time",
         {"field_16": _seconds(MADE - 61)}),
    Case("a code of eight hours before: local time for UTC", _V.CODE_EXPIRED, "Time",
         {"field_16": _seconds(MADE - 8 * 3600)}),
    Case("made in 1970", _V.CODE_EXPIRED, "Time", {"field_16": bytes(4)}),
    Case("made a second after the authorisation's end", _V.MADE_AFTER_AUTHORISATION, "Time",
         {"field_11": _seconds(MADE), "field_16": _seconds(MADE + 1)}),
    Case("authorisation signed by another key", _V.AUTHORISATION_SIGNATURE, "Signature",
         {"key_15": OTHER}),
    Case("authorisation signed by the root", _V.AUTHORISATION_SIGNATURE, "Signature",
         {"key_15": forge.CA}),
    Case("authorisation signed by the rider", _V.AUTHORISATION_SIGNATURE, "Signature",
         {"key_15": forge.RIDER}),
    Case("authorisation signature: r is 0", _V.AUTHORISATION_SIGNATURE, "Range",
         {"field_15": R_ZERO}),
    Case("authorisation signature: s is n", _V.AUTHORISATION_SIGNATURE, "Range", {"field_15": S_N}),
    Case("authorisation signature: all ones", _V.AUTHORISATION_SIGNATURE, "Range",
         {"field_15": ONES}),
    Case("authorisation under the local user id", _V.AUTHORISATION_SIGNATURE, "UserId",
         {"id_15": bytes.fromhex("0101100000000001")}),
    Case("local code, authorisation under the default user id", _V.AUTHORISATION_SIGNATURE,
         "UserId", _local(id_15=forge.DEFAULT_ID)),
    Case("limit raised after signing, then signed by the rider", _V.AUTHORISATION_SIGNATURE,
         "Modified", {"field_9": b"\xff" * 3, "field_15": b"\x22" * 64}),
    Case("rider's key replaced after the issuer signed", _V.AUTHORISATION_SIGNATURE, "Modified",
         {"field_10": forge.point(OTHER), "field_15": b"\x22" * 64, "key_17": OTHER}),
    Case("rider's key begins 04", _V.USER_KEY_MALFORMED, "Point",
         {"field_10": b"\x04" + forge.RIDER_POINT[1:]}),
    Case("rider's key begins 00", _V.USER_KEY_MALFORMED, "Point", {"field_10": bytes(33)}),
    Case("rider's key is no point of the curve", _V.USER_KEY_MALFORMED, "Point",
         {"field_10": OFF_CURVE}),
    Case("rider's key has an X beyond the field", _V.USER_KEY_MALFORMED, "Point",
         {"field_10": b"\x02" + b"\xff" * 32}),
    Case("signed by another phone", _V.USER_SIGNATURE, "Signature", {"key_17": OTHER}),
    Case("signed by the issuer in the rider's place", _V.USER_SIGNATURE, "Signature",
         {"key_17": forge.ISSUER}),
    Case("rider's key is the other point of the same X", _V.USER_SIGNATURE, "Point",
         {"field_10": b"\x03" + forge.RIDER_POINT[1:]}),
    Case("user signature: r is 0", _V.USER_SIGNATURE, "Range", {"field_17": R_ZERO}),
    Case("user signature: s is 0", _V.USER_SIGNATURE, "Range", {"field_17": S_ZERO}),
    Case("user signature: r + s is n", _V.USER_SIGNATURE, "Range", {"field_17": SUM_N}),
    Case("user signature: all ones", _V.USER_SIGNATURE, "Range", {"field_17": ONES}),
    Case("user signature stripped to zeros", _V.USER_SIGNATURE, "Downgrade",
         {"field_17": bytes(64)}),
    Case("user signature under the card account", _V.USER_SIGNATURE, "UserId",
         {"id_17": bytes.fromhex("3105170000000000001f")}),
    Case("local code, user signature under the default user id", _V.USER_SIGNATURE, "UserId",
         _local(id_17=forge.DEFAULT_ID)),
    Case("an old code's time moved on", _V.USER_SIGNATURE, "Replay",
         {"field_16": _seconds(MADE - 3600)}, after=_replaced(263, _seconds(MADE))),
    Case("format byte of field 15 changed after signing", _V.USER_SIGNATURE, "FormatByte",
         after=_replaced(198, b"\x12")),
    Case("version 0x80 relabelled as 0x82", _V.USER_SIGNATURE, "Modified",
         after=_replaced(0, b"\x82")),
    Case("r and s exchanged", _V.USER_SIGNATURE, "Modified",
         after=lambda code: code[:-64] + code[-32:] + code[-64:-32]),
    Case("通卡 code", _V.FOREIGN_CODE, "Foreign", after=lambda code: b"\x54\x01" + code[2:]),
    Case("通卡 code, second form", _V.FOREIGN_CODE, "Foreign",
         after=lambda code: b"\x54\x02" + code[2:]),
    Case("统一发码平台 code", _V.FOREIGN_CODE, "Foreign", after=lambda code: b"\x55" + code[1:]),
    Case("Alipay code", _V.FOREIGN_CODE, "Foreign", after=lambda code: b"\x02\x01" + code[2:200]),
    Case("Tencent code", _V.FOREIGN_CODE, "Foreign", after=lambda _: b"TX1234567890"),
    Case("UnionPay code", _V.FOREIGN_CODE, "Foreign", after=lambda _: b"6212345678901234567"),
    Case("Shanghai metro code", _V.FOREIGN_CODE, "Foreign",
         after=lambda code: b"SHSTMETRO" + code[:100]),
)  # fmt: skip
