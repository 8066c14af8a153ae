"""Bodies that a device signed: read raw, within a limit, with who says that it sent them.

Ridecode-Device: gate-17                 the device's name, percent-encoded
Ridecode-Signature: 3f0a…                Ed25519 over the context and the body, 128 hex digits
"""

from typing import Any, Final
from urllib.parse import unquote

from fastapi import Request
from msgspec import Struct

from ridecode.api import bodies
from ridecode.taps import UnknownDeviceError

DEVICE: Final = "Ridecode-Device"
SIGNATURE: Final = "Ridecode-Signature"

HEADERS: Final[list[dict[str, Any]]] = [
    {
        "name": DEVICE, "in": "header", "required": True,
        "description": "The device's name, percent-encoded UTF-8.",
        "schema": {"type": "string", "examples": ["gate-17"]},
    },
    {
        "name": SIGNATURE, "in": "header", "required": True,
        "description": "The device's Ed25519 signature over the context and the body as it stands.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{128}$", "examples": ["3f0a" * 32]},
    },
]  # fmt: skip
"""As OpenAPI tells them."""


class Signed(Struct, frozen=True):
    """A body, and who is said to have signed it; nobody has looked yet whether that is so."""

    device: str
    body: bytes
    content_type: str
    signature: bytes


async def read(request: Request) -> Signed:
    """The request's body with its signature.

    `UnknownDeviceError` where it bears none, 413 where it is too long: before it is read whole.
    """
    headers = request.headers
    device = unquote(headers.get(DEVICE, ""), errors="replace")
    try:
        signature = bytes.fromhex(headers.get(SIGNATURE, ""))
    except ValueError as error:
        raise UnknownDeviceError(device) from error
    if not device or len(signature) != 64:
        raise UnknownDeviceError(device)
    content_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Signed(device, await bodies.read(request, bodies.MOST), content_type, signature)
