"""From bytes to a well-formed ride code, or the verdict that says why not.

What is checked here needs neither a clock nor a key. The order of the checks is that of
`ridecode.code.verify`, which asks these same questions among its own.
"""

from ridecode.code.layout import CUSTOM_MOST, LENGTH_BEFORE_FIELD_3, LONGEST, SHORTEST, RideCode
from ridecode.core import Verdict

_PRINTABLE = bytes(range(0x20, 0x7F))


def parse(data: bytes) -> RideCode | Verdict:
    """A ride code of 332 to 364 bytes, every field of which is well-formed, or a refusal."""
    refusal = frame_fault(data)
    if refusal is not None:
        return refusal
    code = RideCode(bytes(data))
    for fault in (certificate_fault, accounts_fault, custom_fault):
        refusal = fault(code)
        if refusal is not None:
            return refusal
    return code


def frame_fault(data: bytes) -> Verdict | None:
    """Length, version (field 1) and stated length (field 2)."""
    if len(data) < SHORTEST:
        return Verdict.TOO_SHORT
    if len(data) > LONGEST:
        return Verdict.TOO_LONG
    if data[0] < 0x80:
        return Verdict.VERSION_UNKNOWN
    if int.from_bytes(data[1:3], "big") + LENGTH_BEFORE_FIELD_3 != len(data):
        return Verdict.LENGTH_MISMATCH
    return None


def certificate_fault(code: RideCode) -> Verdict | None:
    """Field 3: header, format, algorithms and lengths."""
    return None if code.certificate.well_formed() else Verdict.CERTIFICATE_MALFORMED


def accounts_fault(code: RideCode) -> Verdict | None:
    """Fields 4 (printable), 5 (19 digits and the pad) and 8 (0 is no account type)."""
    if code.payment_account.translate(None, _PRINTABLE):
        return Verdict.PAYMENT_ACCOUNT_MALFORMED
    account = code.card_account_octets.hex()
    if account[19] != "f" or not account[:19].isdecimal():
        return Verdict.CARD_ACCOUNT_MALFORMED
    return Verdict.ACCOUNT_TYPE_UNKNOWN if code.account_type == 0 else None


def custom_fault(code: RideCode) -> Verdict | None:
    """Field 13: at most 32, and the whole code as long as it makes it."""
    length = code.custom_length
    if length > CUSTOM_MOST or SHORTEST + length != len(code.raw):
        return Verdict.CUSTOM_FIELD_LENGTH
    return None
