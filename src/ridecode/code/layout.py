"""Where each field of a ride code lies (JT/T 1179-2018 as four implementations read it).

Offsets in bytes from 0, integers big-endian; N is the length of field 14, 0 to 32. Field numbers
are the standard's. Nothing is checked here: see `ridecode.code.parse`.
"""

from functools import cached_property

from ridecode.code.certificate import Certificate

SHORTEST = 332
LONGEST = SHORTEST + 32
CUSTOM_MOST = 32
LENGTH_BEFORE_FIELD_3 = 3
VERSION_INTEROPERABLE = 0x80
VERSION_LOCAL = 0x81
FORMAT_BYTE = 0x15
"""Goes before r ‖ s in fields 15 and 17; readers skip it."""


class RideCode:
    """One whole ride code, its fields read where they lie.

    Only `parse` makes one that is known to be well-formed. Two are equal when all their bytes are.
    """

    __slots__ = ("__dict__", "raw")
    raw: bytes

    def __init__(self, raw: bytes) -> None:
        object.__setattr__(self, "raw", raw)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a ride code is frozen")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RideCode) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"RideCode({self.raw.hex()})"

    @property
    def version(self) -> int:
        """Field 1: 0x80 interoperable, 0x81 local."""
        return self.raw[0]

    @property
    def stated_length(self) -> int:
        """Field 2: the length of fields 3 to 17 in bytes."""
        return int.from_bytes(self.raw[1:3], "big")

    @cached_property
    def certificate(self) -> Certificate:
        """Field 3: the issuer's public-key certificate."""
        return Certificate(self.raw[3:120])

    @property
    def payment_account(self) -> bytes:
        """Field 4: 16 printable ASCII characters."""
        return self.raw[120:136]

    @cached_property
    def card_account(self) -> str:
        """Field 5: the card account's 19 digits, without the pad."""
        return self.raw[136:146].hex()[:19]

    @property
    def card_account_octets(self) -> bytes:
        """Field 5 as it stands: 19 binary-coded digits and the pad F."""
        return self.raw[136:146]

    @cached_property
    def issuer(self) -> str:
        """Field 6: the issuer number, 8 digits."""
        return self.raw[146:150].hex()

    @cached_property
    def platform(self) -> str:
        """Field 7: the code platform's number, 8 digits."""
        return self.raw[150:154].hex()

    @property
    def account_type(self) -> int:
        """Field 8: 1 ordinary, 2 student, 3 senior, 4 test, 5 soldier (JT/T 978.3)."""
        return self.raw[154]

    @property
    def limit_fen(self) -> int:
        """Field 9: the most that one ride may cost, in fen."""
        return int.from_bytes(self.raw[155:158], "big")

    @property
    def user_key(self) -> bytes:
        """Field 10: the rider's public key, a compressed point of 33 bytes."""
        return self.raw[158:191]

    @property
    def authorised_until_s(self) -> int:
        """Field 11: when the authorisation ends, UTC seconds, inclusive."""
        return int.from_bytes(self.raw[191:195], "big")

    @property
    def validity_s(self) -> int:
        """Field 12: for how many seconds after `made_s` the code is good, inclusive."""
        return int.from_bytes(self.raw[195:197], "big")

    @property
    def custom_length(self) -> int:
        """Field 13: the length of field 14."""
        return self.raw[197]

    @property
    def custom(self) -> bytes:
        """Field 14: the issuer's own, 0 to 32 bytes."""
        return self.raw[198 : 198 + self.custom_length]

    @property
    def authorisation_signature(self) -> bytes:
        """Field 15 without its format byte: the issuer's r ‖ s."""
        return self.raw[199 + self.custom_length : 263 + self.custom_length]

    @property
    def made_s(self) -> int:
        """Field 16: when the code was made, UTC seconds."""
        return int.from_bytes(self.raw[263 + self.custom_length : 267 + self.custom_length], "big")

    @property
    def user_signature(self) -> bytes:
        """Field 17 without its format byte: the rider's r ‖ s."""
        return self.raw[268 + self.custom_length : 332 + self.custom_length]

    @property
    def authorisation(self) -> bytes:
        """Fields 1 to 15, as the issuer's server sends them to the phone."""
        return self.raw[: 263 + self.custom_length]

    @property
    def signed_by_issuer(self) -> bytes:
        """Fields 3 to 14: what field 15 signs."""
        return self.raw[3 : 198 + self.custom_length]

    @property
    def signed_by_user(self) -> bytes:
        """Fields 1 to 16: what field 17 signs."""
        return self.raw[: 267 + self.custom_length]

    @cached_property
    def identity(self) -> bytes:
        """The code with its last format byte zeroed: that byte is under no signature, so anyone
        could make 256 codes of one by changing it. Whatever keys on a code keys on this."""
        at = 267 + self.custom_length
        return self.raw[:at] + b"\x00" + self.raw[at + 1 :]

    @property
    def certificate_user_id(self) -> bytes:
        """The SM2 user id under which the root signs the certificate."""
        return _user_id(self, self.certificate.service + bytes([self.certificate.root_index]))

    @property
    def authorisation_user_id(self) -> bytes:
        """The SM2 user id of field 15."""
        return _user_id(self, self.raw[146:154])

    @property
    def user_user_id(self) -> bytes:
        """The SM2 user id of field 17."""
        return _user_id(self, self.card_account_octets)


def _user_id(code: RideCode, local: bytes) -> bytes:
    return local if code.version == VERSION_LOCAL else b"1234567812345678"
