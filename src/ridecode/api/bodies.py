"""How long a body may be: counted as it comes in, before anybody is asked who he is.

What is told to be too long is refused before any of it is read.
"""

from typing import Final

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MOST: Final = 4 << 20
"""Bytes: a thousand taps with the longest codes in base64 are two thirds of it."""


def counted(headers: Headers, receive: Receive, most: int) -> Receive:
    """The same body in the same pieces; 413 for the piece by which it is longer than `most`."""
    told, length = headers.get("Content-Length", "0"), 0
    # Twelve digits say enough: no number is made of a thousand.
    is_told_longer = told.isdecimal() and int(told[:12]) > most

    async def within() -> Message:
        nonlocal length
        if is_told_longer:
            raise _too_long(most)
        message = await receive()
        length += len(message.get("body", b""))
        if length > most:
            raise _too_long(most)
        return message

    return within


async def read(request: Request, most: int) -> bytes:
    """The body of a request, as it stands; 413 where it is longer."""
    within = counted(request.headers, request.receive, most)
    return await Request(request.scope, within).body()


def _too_long(most: int) -> HTTPException:
    return HTTPException(413, f"A body has at most {most:,} bytes here: send less at once.")
