"""Codes with anything changed in them, signed with the right keys: what each refusal is tried on.

Written from the field table of docs/ride-code.md alone, and shares no line with the code tested:
parts are named by their numbers there, `field_5` of the code and `item_6` of the certificate.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ridecode.code import KeySigner

Sign = Callable[[bytes, bytes, bytes], bytes]
"""From private scalar, message and user id to r ‖ s."""

CA: Final = b"\x11" * 32
ISSUER: Final = b"\x22" * 32
RIDER: Final = b"\x33" * 32
OTHER: Final = b"\x44" * 32
"""A key that nobody vouches for."""
ISSUER_POINT: Final = bytes.fromhex(
    "024467e6043f38645e740050f3d6c9d6a0bf6b13d3b57892842be9b75cca3ce884"
)
RIDER_POINT: Final = bytes.fromhex(
    "0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8"
)
CA_XY: Final = bytes.fromhex(
    "852611f744af045689dcfbf4c0437730d2d2de332ab7f0fc02769c5fab8a8943"
    "7d9384f19ab882ed668a28936db92475aa79aef8690ee36f6fb77c69b9b571f8"
)
DEFAULT_ID: Final = b"1234567812345678"
MADE: Final = 1_767_225_600
"""2026-01-01T00:00:00Z"""
UNTIL: Final = 1_893_456_000
"""2030-01-01T00:00:00Z"""
OFF_CURVE: Final = bytes.fromhex("02" + "00" * 31 + "05")
"""A compressed point for whose X there is no Y."""


def openssl(scalar: bytes, message: bytes, user_id: bytes) -> bytes:
    """Sign with the library of the room: fast, and another signature each time."""
    return _signer(scalar).sign(message, user_id)


_SIGNERS: Final[dict[bytes, KeySigner]] = {}


def _signer(scalar: bytes) -> KeySigner:
    return _SIGNERS.setdefault(scalar, KeySigner(scalar))


def point(scalar: bytes) -> bytes:
    """The compressed public key of a scalar."""
    return _signer(scalar).public_key


CERTIFICATE: Final[dict[str, bytes]] = {
    "item_1": b"\x24",
    "item_2": bytes.fromhex("01010000"),
    "item_3": b"\x01",
    "item_4": b"\x12",
    "item_5": bytes.fromhex("01011000"),
    "item_6": bytes.fromhex("1230"),
    "item_7": bytes.fromhex("000001"),
    "item_8": b"\x04",
    "item_9": b"\x04",
    "item_10": b"\x00",
    "item_11": b"\x21",
    "item_12": ISSUER_POINT,
}
CODE: Final[dict[str, bytes]] = {
    "field_1": b"\x80",
    "field_4": b"0000000000000001",
    "field_5": bytes.fromhex("3105170000000000001f"),
    "field_6": bytes.fromhex("01011000"),
    "field_7": bytes.fromhex("00000001"),
    "field_8": b"\x01",
    "field_9": (2000).to_bytes(3, "big"),
    "field_10": RIDER_POINT,
    "field_11": UNTIL.to_bytes(4, "big"),
    "field_12": (60).to_bytes(2, "big"),
    "field_14": b"",
    "field_16": MADE.to_bytes(4, "big"),
    "format_15": b"\x15",
    "format_17": b"\x15",
}
_COMPUTED: Final = {"item_13", "field_2", "field_3", "field_13", "field_15", "field_17"}
_SIGNING: Final = {f"{what}_{n}" for what in ("key", "id") for n in (13, 15, 17)}
_KEYS: Final = {"key_13": CA, "key_15": ISSUER, "key_17": RIDER}


def build(changes: Mapping[str, bytes] = MappingProxyType({}), sign: Sign = openssl) -> bytes:
    """A good code with the named parts replaced; what is signed is signed after the change.

    `key_13`, `key_15` and `key_17` replace the scalar that signs there, `id_13` … the user id.
    """
    unknown = set(changes) - set(CERTIFICATE) - set(CODE) - _COMPUTED - _SIGNING
    assert not unknown, f"no such part: {unknown}"
    part = CERTIFICATE | CODE | _KEYS | dict(changes)
    local = part["field_1"] == b"\x81"

    def signature(name: str, message: bytes, local_id: bytes) -> bytes:
        if name in changes:
            return changes[name]
        number = name.rpartition("_")[2]
        user_id = changes.get(f"id_{number}", local_id if local else DEFAULT_ID)
        return sign(part[f"key_{number}"], message, user_id)

    certified = b"".join(part[f"item_{n}"] for n in range(4, 13))
    head = part["item_1"] + part["item_2"] + part["item_3"]
    root_signs = signature("item_13", certified, part["item_2"] + part["item_3"])
    certificate = changes.get("field_3", head + certified + root_signs)
    custom_length = changes.get("field_13", bytes((len(part["field_14"]),)))
    granted = (
        certificate
        + b"".join(part[f"field_{n}"] for n in range(4, 13))
        + custom_length
        + part["field_14"]
    )
    issuer_signs = signature("field_15", granted, part["field_6"] + part["field_7"])
    after_length = granted + part["format_15"] + issuer_signs + part["field_16"]
    length = changes.get("field_2", (len(after_length) + 65).to_bytes(2, "big"))
    made = part["field_1"] + length + after_length
    return made + part["format_17"] + signature("field_17", made, part["field_5"])


ROOT: Final[dict[str, bytes]] = {
    "header": b"\x21",
    "service": bytes.fromhex("01010000"),
    "rid": bytes.fromhex("a000000632"),
    "index": b"\x01",
    "expiry": bytes.fromhex("1240"),
    "algorithm": b"\x04",
    "parameter": b"\x00",
    "length": b"\x40",
}
TEST_RID: Final = bytes.fromhex("f000000632")


def build_root(changes: Mapping[str, bytes] = MappingProxyType({}), sign: Sign = openssl) -> bytes:
    """A good root record with the named parts replaced, signed after the change by `signer`."""
    part = ROOT | {"key": CA_XY, "signer": CA} | dict(changes)
    body = b"".join(part[name] for name in (*ROOT, "key"))
    return body + changes.get("signature", sign(part["signer"], body, DEFAULT_ID))


V1: Final[dict[str, bytes]] = {
    "version": b"\x40",
    "bytes_1": bytes(2),
    "byte_3": b"\x00",
    "key_id": bytes.fromhex("00000007"),
    "bytes_8": bytes(2),
    "bytes_10": bytes(24),
    "account": bytes.fromhex("3105170000000000001f"),
    "bytes_44": bytes(7),
    "user_key": RIDER_POINT,
    "until": UNTIL.to_bytes(4, "big"),
    "validity": (60).to_bytes(2, "big"),
    "format_issuer": b"\x15",
    "bytes_155": bytes(2),
    "made": MADE.to_bytes(4, "big"),
    "format_rider": b"\x15",
}


def build_v1(changes: Mapping[str, bytes] = MappingProxyType({}), sign: Sign = openssl) -> bytes:
    """A good 226-byte code with the named parts replaced, signed after the change.

    `issuer` and `rider` replace the scalars that sign.
    """
    part = V1 | {"issuer": ISSUER, "rider": RIDER} | dict(changes)
    outside = part["version"] + part["bytes_1"] + part["byte_3"] + part["key_id"]
    granted = b"".join(
        part[name] for name in ("bytes_10", "account", "bytes_44", "user_key", "until", "validity")
    )
    issuer_signs = changes.get("issuer_signature", sign(part["issuer"], granted, DEFAULT_ID))
    made = (
        part["bytes_8"] + granted + part["format_issuer"] + issuer_signs
        + part["bytes_155"] + part["made"]
    )  # fmt: skip
    rider_signs = changes.get("rider_signature", sign(part["rider"], made, DEFAULT_ID))
    return outside + made + part["format_rider"] + rider_signs
