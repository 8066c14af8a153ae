"""The ride code judged by the book: a second reading of docs/ride-code.md for the test vectors.

It shares nothing with the code tested but the names of the verdicts: parts are taken off the
front one by one, signatures are `paper_sm2`'s, months are counted with `calendar`.
"""

import calendar
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from tests.code import paper_sm2

Fields = dict[str, Any]
Verify = Callable[[bytes, bytes, bytes, bytes], bool]
"""From a key (33 or 64 bytes), message, signature and user id: False also where the key is none."""
DEFAULT = b"1234567812345678"


@cache
def paper_verify(key: bytes, message: bytes, signature: bytes, user_id: bytes) -> bool:
    """By plain integers; the same question is answered once."""
    point = _point(key)
    if point is None or len(signature) != 64:
        return False
    return paper_sm2.verify(point, message, signature, user_id)


@cache
def _point(key: bytes) -> tuple[int, int] | None:
    x, y = int.from_bytes(key[:32], "big"), int.from_bytes(key[32:], "big")
    if len(key) == 64:
        p = paper_sm2.P
        on = max(x, y) < p and (y * y - x**3 - paper_sm2.A * x - paper_sm2.B) % p == 0
        return (x, y) if on else None
    try:
        return paper_sm2.decompress(key) if len(key) == 33 and key[0] in (2, 3) else None
    except ValueError:
        return None


class _Cut:
    """Bytes, taken off the front."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def bytes(self, length: int) -> bytes:
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken

    def hex(self, length: int) -> str:
        return self.bytes(length).hex()

    def number(self, length: int) -> int:
        return int.from_bytes(self.bytes(length), "big")


def judge(
    code: bytes, roots: Sequence[bytes], now: int, *, test_roots: bool = False,
    verify: Verify = paper_verify,
) -> str:  # fmt: skip
    """The name of the verdict."""
    return next(_reasons(code, roots, now, test_roots, verify), "ACCEPTED")


def fields(code: bytes) -> Fields | None:
    """The fields where every one of them is well-formed."""
    return None if any(_malformed(code)) else _fields(code)


def _foreign(code: bytes) -> bool:
    digits = code.startswith(b"62") and len(code) < 50 and code.isdigit()
    return digits or code[:9] == b"SHSTMETRO" or code[:1] == b"U" or code[:2] in (
        b"T\x01", b"T\x02", b"\x02\x01", b"TX")  # fmt: skip


def _frame(code: bytes) -> Iterator[str]:
    if _foreign(code):
        yield "FOREIGN_CODE"
    if len(code) < 332:
        yield "TOO_SHORT"
    if len(code) > 364:
        yield "TOO_LONG"
    if code[0] < 128:
        yield "VERSION_UNKNOWN"
    if code[1] * 256 + code[2] != len(code) - 3:
        yield "LENGTH_MISMATCH"
    certificate = code[3:120]
    fixed = certificate[:1] + certificate[6:7] + certificate[16:18] + certificate[19:20]
    month = certificate[11:13].hex()
    if (
        fixed.hex() != "2412040421"
        or not (certificate[7:11].hex() + month).isdecimal()
        or month[:2] not in {f"{m:02}" for m in range(1, 13)}
        or certificate[20] not in (2, 3)
    ):
        yield "CERTIFICATE_MALFORMED"


def _accounts(code: bytes) -> Iterator[str]:
    if any(not 0x20 <= byte <= 0x7E for byte in code[120:136]):
        yield "PAYMENT_ACCOUNT_MALFORMED"
    account = code[136:146].hex()
    if not account[:19].isdecimal() or account[19] != "f":
        yield "CARD_ACCOUNT_MALFORMED"
    if code[154] == 0:
        yield "ACCOUNT_TYPE_UNKNOWN"


def _custom(code: bytes) -> Iterator[str]:
    if code[197] > 32 or len(code) != 332 + code[197]:
        yield "CUSTOM_FIELD_LENGTH"


def _malformed(code: bytes) -> Iterator[str]:
    """Faults that need neither a clock nor a key; the first ends it."""
    for fault in _frame(code):
        yield fault
        return
    yield from _accounts(code)
    yield from _custom(code)
    if code[158] not in (2, 3):
        yield "USER_KEY_MALFORMED"


def _past(mmyy: bytes, now: int) -> bool:
    month, year = int(mmyy.hex()[:2]), 2000 + int(mmyy.hex()[2:])
    last_day = calendar.monthrange(year, month)[1]
    return now > calendar.timegm((year, month, last_day, 23, 59, 59))


def _reasons(
    code: bytes, roots: Sequence[bytes], now: int, test_roots: bool, verify: Verify
) -> Iterator[str]:
    """Every reason to refuse, in order; only the first is meant, later ones may crash."""
    yield from _frame(code)
    certificate, local = code[3:120], code[0] == 0x81
    if _past(certificate[11:13], now):
        yield "CERTIFICATE_EXPIRED"
    named = [root for root in roots if root[1:5] + root[10:11] == certificate[1:6]]
    if not named:
        yield "ROOT_UNKNOWN"
    root = named[0]
    if _past(root[11:13], now):
        yield "ROOT_EXPIRED"
    if root[5] == 0xF0 and not test_roots:
        yield "ROOT_IS_TEST"
    by_root = verify(root[16:80], certificate[6:53], certificate[53:],
                     certificate[1:6] if local else DEFAULT)  # fmt: skip
    issuer_key = certificate[20:53]
    if not by_root or not _point(issuer_key):
        yield "CERTIFICATE_SIGNATURE"
    if code[146:150] != certificate[7:11]:
        yield "ISSUER_MISMATCH"
    yield from _accounts(code)
    until = int.from_bytes(code[191:195], "big")
    if until < now:
        yield "AUTHORISATION_EXPIRED"
    yield from _custom(code)
    end = 198 + code[197]
    yield from _times(until, int.from_bytes(code[195:197], "big"),
                      int.from_bytes(code[end + 65 : end + 69], "big"), now)  # fmt: skip
    yield from _signatures(
        verify, issuer_key, code[3:end], code[end + 1 : end + 65], code[158:191],
        code[: end + 69], code[end + 70 :],
        (code[146:154], code[136:146]) if local else (DEFAULT, DEFAULT),
    )  # fmt: skip


def _times(until: int, validity: int, made: int, now: int) -> Iterator[str]:
    if validity > 1200:
        yield "VALIDITY_TOO_LONG"
    if made - now > 20:
        yield "NOT_YET_VALID"
    if now - made > validity:
        yield "CODE_EXPIRED"
    if made > until:
        yield "MADE_AFTER_AUTHORISATION"


def _signatures(
    verify: Verify, issuer_key: bytes, granted: bytes, by_issuer: bytes, user_key: bytes,
    made: bytes, by_user: bytes, ids: tuple[bytes, bytes],
) -> Iterator[str]:  # fmt: skip
    if not verify(issuer_key, granted, by_issuer, ids[0]):
        yield "AUTHORISATION_SIGNATURE"
    if not _point(user_key):
        yield "USER_KEY_MALFORMED"
    if not verify(user_key, made, by_user, ids[1]):
        yield "USER_SIGNATURE"


def _fields(code: bytes) -> Fields:
    cut = _Cut(code)
    version, _ = cut.number(1), cut.number(2)
    fields = {"version": version, "certificate": _certificate(cut.bytes(117))}
    fields |= {"payment_account": cut.bytes(16).decode(), "card_account": cut.hex(10)[:-1],
               "issuer": cut.hex(4), "platform": cut.hex(4), "account_type": cut.number(1),
               "limit_fen": cut.number(3), "user_key": cut.hex(33),
               "authorised_until_s": cut.number(4), "validity_s": cut.number(2)}  # fmt: skip
    fields["custom"] = cut.hex(cut.number(1))
    cut.bytes(1)
    fields |= {"authorisation_signature": cut.hex(64), "made_s": cut.number(4)}
    cut.bytes(1)
    return fields | {"user_signature": cut.hex(64)}


def _certificate(raw: bytes) -> Fields:
    cut = _Cut(raw[1:])
    fields: Fields = {"service": cut.hex(4), "root_index": cut.number(1)}
    cut.bytes(1)
    fields |= {"issuer": cut.hex(4), "expires_s": _ends(cut.bytes(2)), "serial": cut.number(3)}
    cut.bytes(2)
    fields["parameter"] = cut.number(1)
    cut.bytes(1)
    return fields | {"public_key": cut.hex(33), "signature": cut.hex(64)}


def _ends(mmyy: bytes) -> int:
    """The first second after the month."""
    month, year = int(mmyy.hex()[:2]), 2000 + int(mmyy.hex()[2:])
    days = calendar.monthrange(year, month)[1]
    return calendar.timegm((year, month, 1, 0, 0, 0)) + days * 86_400


def judge_v1(
    code: bytes, keys: Mapping[str, bytes], now: int, *, verify: Verify = paper_verify
) -> str:
    """The same for the older form; `keys` are public keys by key id."""
    if not _is_v1(code):
        return judge(code, [], now, verify=verify)
    return next(_reasons_v1(code, keys, now, _v1_fields(code), verify), "ACCEPTED")


def fields_v1(code: bytes) -> Fields | None:
    sound = _is_v1(code) and not any(_v1_account(code)) and code[51] in (2, 3)
    return _v1_fields(code) if sound else None


def _is_v1(code: bytes) -> bool:
    return len(code) == 226 and (code[0] == 0x40 or code[0] >= 0x80) and code[3] < 2


def _v1_account(code: bytes) -> Iterator[str]:
    account = code[34:44].hex()
    if not account[:19].isdecimal() or account[19] != "f":
        yield "CARD_ACCOUNT_MALFORMED"


def _v1_fields(code: bytes) -> Fields:
    return {
        "version": code[0], "key_id": code[4:8].hex(), "card_account": code[34:44].hex()[:19],
        "user_key": code[51:84].hex(), "authorised_until_s": int.from_bytes(code[84:88], "big"),
        "validity_s": int.from_bytes(code[88:90], "big"),
        "authorisation_signature": code[91:155].hex(),
        "made_s": int.from_bytes(code[157:161], "big"), "user_signature": code[162:].hex(),
    }  # fmt: skip


def _reasons_v1(
    code: bytes, keys: Mapping[str, bytes], now: int, fields: Fields, verify: Verify
) -> Iterator[str]:
    if fields["key_id"] not in keys:
        yield "ROOT_UNKNOWN"
    yield from _v1_account(code)
    if fields["authorised_until_s"] < now:
        yield "AUTHORISATION_EXPIRED"
    yield from _times(fields["authorised_until_s"], fields["validity_s"], fields["made_s"], now)
    yield from _signatures(verify, keys[fields["key_id"]], code[10:90], code[91:155],
                           code[51:84], code[8:161], code[162:], (DEFAULT, DEFAULT))  # fmt: skip


def root_is_sound(record: bytes, *, verify: Verify = paper_verify) -> bool:
    month = record[11:13].hex()
    return (
        len(record) == 144
        and record[:1] == b"\x21"
        and record[5:10].hex() in ("a000000632", "f000000632")
        and month.isdecimal()
        and 1 <= int(month[:2]) <= 12
        and (record[13], record[15]) == (4, 0x40)
        and verify(record[16:80], record[:80], record[80:], DEFAULT)
    )


def root_fields(record: bytes) -> Fields:
    return {"service": record[1:5].hex(), "index": record[10], "expires_s": _ends(record[11:13]),
            "public_key": record[16:80].hex(), "is_test": record[5] == 0xF0}  # fmt: skip
