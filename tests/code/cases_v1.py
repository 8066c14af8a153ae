"""Every rule of the 226-byte code as a case, as `tests.code.cases` has them for the later form.

The only key that readers know has the id 00000007. Times are UTC seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ridecode.core import Verdict
from tests.code import forge
from tests.code.cases import N_BYTES, R_ZERO
from tests.code.forge import MADE, OFF_CURVE, OTHER, Sign


@dataclass(frozen=True)
class Case:
    """One V1 code and what must become of it."""

    comment: str
    verdict: Verdict
    flag: str
    changes: dict[str, bytes] = field(default_factory=dict)
    now: int = MADE
    after: Callable[[bytes], bytes] = bytes

    def code(self, sign: Sign = forge.openssl) -> bytes:
        return self.after(forge.build_v1(self.changes, sign))


def _seconds(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _set(at: int, by: bytes) -> Callable[[bytes], bytes]:
    return lambda code: code[:at] + by + code[at + len(by) :]


OK: Final = Verdict.ACCEPTED
ACCEPTED: Final = (
    Case("version 0x40", OK, "Valid"),
    Case("version 0x80", OK, "Version", {"version": b"\x80"}),
    Case("version 0xff and byte 3 is 1", OK, "Version", {"version": b"\xff", "byte_3": b"\x01"}),
    Case("bytes of unknown meaning are kept and not judged", OK, "Valid",
         {"bytes_8": b"\xaa" * 2, "bytes_10": b"\xbb" * 24, "bytes_44": b"\xcc" * 7,
          "bytes_155": b"\xdd" * 2}),
    Case("bytes 1 and 2 are under no signature", OK, "FormatByte", after=_set(1, b"\xff\xff")),
    Case("the last format byte is under no signature", OK, "FormatByte", after=_set(161, b"\x00")),
    Case("last second of the authorisation", OK, "Time", {"until": _seconds(MADE)}),
    Case("validity of just 1200 seconds", OK, "Time", {"validity": (1200).to_bytes(2, "big")}),
    Case("made 20 seconds ahead of the reader", OK, "Time", now=MADE - 20),
    Case("last second of the code", OK, "Time", now=MADE + 60),
)  # fmt: skip

_V = Verdict
REFUSED: Final = (
    Case("one byte short", _V.TOO_SHORT, "Length", after=lambda code: code[:-1]),
    Case("a suffix of the scanner's", _V.TOO_SHORT, "Length", after=lambda code: code + b"\r"),
    Case("byte 3 is 2", _V.TOO_SHORT, "Version", {"byte_3": b"\x02"}),
    Case("version 0x41", _V.TOO_SHORT, "Version", {"version": b"\x41"}),
    Case("version 0x7f", _V.TOO_SHORT, "Version", {"version": b"\x7f"}),
    Case("key id not known", _V.ROOT_UNKNOWN, "Root", {"key_id": bytes.fromhex("00000008")}),
    Case("key id changed after signing", _V.ROOT_UNKNOWN, "Modified", after=_set(4, b"\x01")),
    Case("account pad is 0", _V.CARD_ACCOUNT_MALFORMED, "Account",
         {"account": bytes.fromhex("31051700000000000010")}),
    Case("account with a hexadecimal digit", _V.CARD_ACCOUNT_MALFORMED, "Account",
         {"account": bytes.fromhex("310517000000000000af")}),
    Case("authorisation ended a second ago", _V.AUTHORISATION_EXPIRED, "Time",
         {"until": _seconds(MADE - 1)}),
    Case("validity of 1201 seconds", _V.VALIDITY_TOO_LONG, "Time",
         {"validity": (1201).to_bytes(2, "big")}),
    Case("made 21 seconds ahead of the reader", _V.NOT_YET_VALID, "Time",
         {"made": _seconds(MADE + 21)}),
    Case("validity ended a second ago", _V.CODE_EXPIRED, "Time", {"made": _seconds(MADE - 61)}),
    Case("made a second after the authorisation's end", _V.MADE_AFTER_AUTHORISATION, "Time",
         {"until": _seconds(MADE), "made": _seconds(MADE + 1)}),
    Case("authorisation signed by another key", _V.AUTHORISATION_SIGNATURE, "Signature",
         {"issuer": OTHER}),
    Case("authorisation signature: r is 0", _V.AUTHORISATION_SIGNATURE, "Range",
         {"issuer_signature": R_ZERO}),
    Case("authorisation signature: s is n", _V.AUTHORISATION_SIGNATURE, "Range",
         {"issuer_signature": b"\x01" * 32 + N_BYTES}),
    Case("validity raised after signing", _V.AUTHORISATION_SIGNATURE, "Modified",
         after=_set(88, (1200).to_bytes(2, "big"))),
    Case("user key begins 04", _V.USER_KEY_MALFORMED, "Point",
         {"user_key": b"\x04" + forge.RIDER_POINT[1:]}),
    Case("user key is no point of the curve", _V.USER_KEY_MALFORMED, "Point",
         {"user_key": OFF_CURVE}),
    Case("signed by another phone", _V.USER_SIGNATURE, "Signature", {"rider": OTHER}),
    Case("signed by the issuer in the rider's place", _V.USER_SIGNATURE, "Signature",
         {"rider": forge.ISSUER}),
    Case("user signature stripped to zeros", _V.USER_SIGNATURE, "Downgrade",
         {"rider_signature": bytes(64)}),
    Case("an old code's time moved on", _V.USER_SIGNATURE, "Replay",
         {"made": _seconds(MADE - 3600)}, after=_set(157, _seconds(MADE))),
)  # fmt: skip
