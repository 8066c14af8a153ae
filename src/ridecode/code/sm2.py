"""SM2 signatures with SM3 (GM/T 0003.2, GB/T 32918.2), from OpenSSL's libcrypto by ctypes.

This file alone knows OpenSSL. It signs by `EVP_PKEY_sign`. It verifies by the standard's own
equation over OpenSSL's points: a public key is then a point alone, found in half the time that an
`EVP_PKEY` takes, and three keys and signatures of a code cost a tenth less. Verifying has no
secret. Hashing (SM3 over ZA ‖ message) is done here. Signatures go in and out as 64 bytes r ‖ s.

The library is tried on first use, and none is used that does not verify the example of
GB/T 32918.5-2017 A.2 and the real root record, and refuse both with one bit changed.
"""

import ctypes
import importlib
import os
import secrets
import sys
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_ulong, c_void_p
from functools import cache
from typing import Any, Final

from ridecode.core import BadInputError, UnavailableError

DEFAULT_USER_ID: Final = b"1234567812345678"
"""The user id that GM/T 0009 names for when nothing else is agreed."""

ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""The order n of the group; private scalars are 1 … n − 2."""

CHOICE: Final = "RIDECODE_LIBCRYPTO"
"""Environment variable that names the libcrypto to use, where the one of Python will not do."""

_CURVE: Final = bytes.fromhex(
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"  # a
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"  # b
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"  # x of G
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"  # y of G
)
_NID_SM2: Final = 1172
_OPENSSL_3: Final = 0x30000000
_UNSIGNED, _UTF8, _OCTETS = 2, 4, 5
_KEYPAIR = 0x87
_COMPRESSED, _UNCOMPRESSED = 2, 4


class _Param(ctypes.Structure):
    """OSSL_PARAM of openssl/core.h."""

    _fields_ = (
        ("key", c_char_p),
        ("data_type", c_uint),
        ("data", c_char_p),
        ("data_size", c_size_t),
        ("return_size", c_size_t),
    )


_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "OpenSSL_version_num": (c_ulong, ()),
    "OpenSSL_version": (c_char_p, (c_int,)),
    "ERR_clear_error": (None, ()),
    "EVP_MD_fetch": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_Digest": (c_int, (c_char_p, c_size_t, c_char_p, c_void_p, c_void_p, c_void_p)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, (c_void_p, c_void_p, c_char_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_fromdata_init": (c_int, (c_void_p,)),
    "EVP_PKEY_fromdata": (c_int, (c_void_p, POINTER(c_void_p), c_int, POINTER(_Param))),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY_sign_init": (c_int, (c_void_p,)),
    "EVP_PKEY_sign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EC_GROUP_new_by_curve_name": (c_void_p, (c_int,)),
    "EC_POINT_new": (c_void_p, (c_void_p,)),
    "EC_POINT_free": (None, (c_void_p,)),
    "EC_POINT_mul": (c_int, (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)),
    "EC_POINT_oct2point": (c_int, (c_void_p, c_void_p, c_char_p, c_size_t, c_void_p)),
    "EC_POINT_point2oct": (
        c_size_t,
        (c_void_p, c_void_p, c_int, c_char_p, c_size_t, c_void_p),
    ),
    "BN_bin2bn": (c_void_p, (c_char_p, c_int, c_void_p)),
    "BN_free": (None, (c_void_p,)),
    "BN_clear_free": (None, (c_void_p,)),
}
_LONG_CALLS: Final = {"EVP_PKEY_sign", "EVP_PKEY_fromdata", "EC_POINT_oct2point", "EC_POINT_mul"}
"""Calls that are worth letting another thread run meanwhile; the others take about 1 µs."""


class _Library:
    """One libcrypto with the functions named above, each typed once."""

    def __init__(self, path: str) -> None:
        free, held = ctypes.CDLL(path), ctypes.PyDLL(path)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(free if name in _LONG_CALLS else held, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)
        if self.OpenSSL_version_num() < _OPENSSL_3:
            raise OSError(f"{self.version} is older than OpenSSL 3.0")
        self.sm3: int | None = self.EVP_MD_fetch(None, b"SM3", None)
        context = self.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
        self.EVP_PKEY_CTX_free(context)
        if not (self.sm3 and context):
            raise OSError(f"{self.version} was built without SM2 or SM3")
        self.group: int | None = self.EC_GROUP_new_by_curve_name(_NID_SM2)
        """The curve: made once, only read, never freed."""
        if self.group is None:
            raise OSError(f"{self.version} does not know the SM2 curve")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    @property
    def version(self) -> str:
        return str(self.OpenSSL_version(0).decode())


def _places() -> Iterator[str]:
    """Where a libcrypto may be, the most likely first."""
    if chosen := os.environ.get(CHOICE):
        yield chosen
        return
    # Python's own extension leads to the libcrypto that is loaded already.
    own = getattr(importlib.import_module("_hashlib"), "__file__", None)
    if own:
        yield own
    yield from ("libcrypto.so.3", "libcrypto.so.4", "libcrypto.so", "libcrypto.3.dylib")
    for prefix in ("/opt/homebrew", "/usr/local"):
        yield f"{prefix}/opt/openssl@3/lib/libcrypto.3.dylib"
    yield from ("libcrypto-3-x64.dll", "libcrypto-3.dll")
    # It asks compilers and linkers, so it comes last, and is imported no earlier.
    if found := importlib.import_module("ctypes.util").find_library("crypto"):
        yield found


@cache
def _library() -> _Library:
    """The first libcrypto that passes the self-test; UnavailableError where none does."""
    reasons = []
    for path in _places():
        try:
            library = _Library(path)
        except (OSError, AttributeError) as error:
            reasons.append(f"{path}: {error}")
            continue
        if _self_test(library):
            return library
        reasons.append(f"{path}: {library.version} fails the self-test of SM2")
    raise UnavailableError(
        "No OpenSSL with SM2 was found (" + "; ".join(reasons) + ").",
        f"Install OpenSSL 3.0 or newer built with SM2, or name its libcrypto in {CHOICE}.",
    )


def library_version() -> str:
    """The libcrypto in use, for reports: `OpenSSL 3.0.19 27 Jan 2026`."""
    return _library().version


class PublicKey:
    """A point on the curve, ready to verify with. May be shared among threads."""

    __slots__ = ("_library", "_point", "xy")

    def __init__(self, point: bytes) -> None:
        """From 33 bytes (02/03 ‖ X) or 64 (X ‖ Y); BadInputError where that is no point."""
        self._library = library = _library()
        encoded = b"\x04" + point if len(point) == 64 else point
        sized = len(point) == 64 or (len(point) == 33 and point[0] in (2, 3))
        found = _point(library, encoded) if sized else None
        if found is None:
            raise BadInputError(f"{point.hex()} is not a point of the SM2 curve.")
        self._point = found
        self.xy = point if len(point) == 64 else _octets(library, found, _UNCOMPRESSED)[1:]
        """X ‖ Y, 64 bytes."""

    def __del__(self) -> None:
        if hasattr(self, "_point"):
            self._library.EC_POINT_free(self._point)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.xy == other.xy

    def __hash__(self) -> int:
        return hash(self.xy)

    @property
    def compressed(self) -> bytes:
        """02/03 ‖ X, 33 bytes."""
        return bytes((2 + (self.xy[63] & 1),)) + self.xy[:32]

    def verify(self, message: bytes, signature: bytes, user_id: bytes = DEFAULT_USER_ID) -> bool:
        """Whether the 64 bytes r ‖ s are this key's signature of the message under the user id."""
        digest = _digest(self._library, self.xy, message, user_id)
        return _verifies(self._library, self._point, digest, signature)


class PrivateKey:
    """A scalar that signs."""

    __slots__ = ("_key", "_library", "public")

    def __init__(self, scalar: bytes) -> None:
        """From 32 bytes big-endian, 1 … n − 2; BadInputError for anything else."""
        if len(scalar) != 32 or not 1 <= int.from_bytes(scalar, "big") <= ORDER - 2:
            raise BadInputError(
                "A private SM2 key is 32 bytes big-endian with a value from 1 to n − 2.",
                "Make one with the key generator of this room.",
            )
        self._library = library = _library()
        point = _multiply(library, scalar)
        key = _key_pair(library, point, scalar)
        assert key is not None, "a scalar in range times the base point is a key"
        self._key = key
        self.public = PublicKey(point)

    def __del__(self) -> None:
        if hasattr(self, "_key"):
            self._library.EVP_PKEY_free(self._key)

    def sign(self, message: bytes, user_id: bytes = DEFAULT_USER_ID) -> bytes:
        """64 bytes r ‖ s over SM3(ZA ‖ message); the nonce comes from OpenSSL's generator."""
        library = self._library
        digest = _digest(library, self.public.xy, message, user_id)
        context = library.EVP_PKEY_CTX_new_from_pkey(None, self._key, None)
        library.EVP_PKEY_sign_init(context)
        buffer, size = ctypes.create_string_buffer(80), c_size_t(80)
        answer = library.EVP_PKEY_sign(context, buffer, byref(size), digest, 32)
        library.EVP_PKEY_CTX_free(context)
        if answer != 1:
            library.ERR_clear_error()
            raise UnavailableError(f"{library.version} could not sign with SM2.")
        return _from_der(buffer.raw[: size.value])


def new_scalar() -> bytes:
    """A fresh private scalar from the system's generator, 32 bytes."""
    return (secrets.randbelow(ORDER - 2) + 1).to_bytes(32, "big")


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest (GM/T 0004)."""
    return _sm3(_library(), data)


def _sm3(library: _Library, data: bytes) -> bytes:
    buffer = ctypes.create_string_buffer(32)
    if library.EVP_Digest(data, len(data), buffer, None, library.sm3, None) != 1:
        raise UnavailableError(f"{library.version} could not hash with SM3.")
    return buffer.raw


def _digest(library: _Library, xy: bytes, message: bytes, user_id: bytes) -> bytes:
    """SM3(ZA ‖ message), ZA = SM3(bits of id ‖ id ‖ a ‖ b ‖ G ‖ public key)."""
    about = (len(user_id) * 8).to_bytes(2, "big") + user_id + _CURVE + xy
    return _sm3(library, _sm3(library, about) + message)


def _point(library: _Library, encoded: bytes) -> int | None:
    """The point of 33 or 65 bytes, None where none of the curve is meant."""
    point: int = library.EC_POINT_new(library.group)
    if library.EC_POINT_oct2point(library.group, point, encoded, len(encoded), None) == 1:
        return point
    library.EC_POINT_free(point)
    # A refusal leaves notes in this thread's queue, which nobody else would sweep.
    library.ERR_clear_error()
    return None


def _octets(library: _Library, point: int, form: int) -> bytes:
    """02/03 ‖ X or 04 ‖ X ‖ Y; one byte for the point at infinity."""
    buffer = ctypes.create_string_buffer(65)
    size: int = library.EC_POINT_point2oct(library.group, point, form, buffer, 65, None)
    return buffer.raw[:size]


def _key_pair(library: _Library, point: bytes, scalar: bytes) -> int | None:
    native = scalar if sys.byteorder == "big" else scalar[::-1]
    given = (
        (b"group", _UTF8, b"SM2"),
        (b"pub", _OCTETS, point),
        (b"priv", _UNSIGNED, native),
    )
    params = (_Param * (len(given) + 1))(
        *[_Param(name, kind, data, len(data), 0) for name, kind, data in given]
    )
    key = c_void_p()
    # A context serves one thread, and a new one costs 1.4 µs.
    context = library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    library.EVP_PKEY_fromdata_init(context)
    made = library.EVP_PKEY_fromdata(context, byref(key), _KEYPAIR, params)
    library.EVP_PKEY_CTX_free(context)
    return key.value if made == 1 else None


def _verifies(library: _Library, key: int, digest: bytes, signature: bytes) -> bool:
    """GB/T 32918.2 §7.1: with t = r + s, the X of sG + tP is r − e, all mod n."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % ORDER
    if len(signature) != 64 or not (0 < r < ORDER and 0 < s < ORDER and t):
        return False
    encoded = _octets_of_sum(library, signature[32:], key, t.to_bytes(32, "big"))
    x = int.from_bytes(encoded[1:], "big")
    return len(encoded) == 33 and (int.from_bytes(digest, "big") + x - r) % ORDER == 0


def _octets_of_sum(library: _Library, s: bytes, key: int, t: bytes) -> bytes:
    """sG + tP, compressed."""
    by_base, by_key = library.BN_bin2bn(s, 32, None), library.BN_bin2bn(t, 32, None)
    point = library.EC_POINT_new(library.group)
    library.EC_POINT_mul(library.group, point, by_base, key, by_key, None)
    encoded = _octets(library, point, _COMPRESSED)
    library.EC_POINT_free(point)
    library.BN_free(by_base)
    library.BN_free(by_key)
    return encoded


def _multiply(library: _Library, scalar: bytes) -> bytes:
    """The compressed point of a private scalar, 33 bytes."""
    number, point = library.BN_bin2bn(scalar, 32, None), library.EC_POINT_new(library.group)
    library.EC_POINT_mul(library.group, point, number, None, None, None)
    encoded = _octets(library, point, _COMPRESSED)
    library.EC_POINT_free(point)
    library.BN_clear_free(number)
    assert len(encoded) == 33, "a scalar in range gives a finite point"
    return encoded


def _from_der(encoded: bytes) -> bytes:
    """The two integers of a DER sequence below 128 bytes as 64 bytes r‖s."""
    split = 4 + encoded[3]
    r, s = encoded[4:split], encoded[split + 2 :]
    return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (r, s))


_EXAMPLE: Final = (
    bytes.fromhex(
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    ),
    b"message digest",
    bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    ),
)
_REAL_ROOT: Final = (
    bytes.fromhex(
        "dcb53b215317dd87eac919eea6524085cacf49e37cf055b0b6c0aa84d8157f49"
        "6f32bfd10bef202cdd897fa8e6172f2f14e3ca810fed8089702cb61277690c6c"
    ),
    bytes.fromhex(
        "2101010000a000000632021240041140"
        "dcb53b215317dd87eac919eea6524085cacf49e37cf055b0b6c0aa84d8157f49"
        "6f32bfd10bef202cdd897fa8e6172f2f14e3ca810fed8089702cb61277690c6c"
    ),
    bytes.fromhex(
        "4ef502d60834bb033ab536d4d652a200f08ee141cdd6695c44580f0a75af9442"
        "49fc17b5652bab5e4df6b2c692fa351e04ac52850a6adffb2e12053f34b800d2"
    ),
)


def _self_test(library: _Library) -> bool:
    """Whether the library verifies what is known to be right and refuses it when changed."""
    for xy, message, signature in (_EXAMPLE, _REAL_ROOT):
        key = _point(library, b"\x04" + xy)
        if key is None:
            return False
        right = _digest(library, xy, message, DEFAULT_USER_ID)
        wrong = bytes((right[0] ^ 1,)) + right[1:]
        passed = _verifies(library, key, right, signature)
        failed = not _verifies(library, key, wrong, signature)
        library.EC_POINT_free(key)
        if not (passed and failed):
            return False
    return True
