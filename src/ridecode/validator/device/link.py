"""The link to the centre: a signed body goes out, an answer and the centre's time come back."""

import time
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

from msgspec import Struct

from ridecode.core import MICROS, BadInputError, UnavailableError, device
from ridecode.validator.device.clock import Said

_TIMEOUT_S: Final = 10.0
_ANSWER_MOST: Final = 4_194_304
_RETRY_AFTER_MOST_S: Final = 600


class Reply(Struct, frozen=True):
    """What the centre answered."""

    status: int
    body: bytes
    retry_after_s: float
    """How long it asks to be left alone, 0 to 600 s."""
    said: Said | None
    """The time by its `Date`."""


class Centre(Protocol):
    """Whoever takes what a device says."""

    def say(self, what: device.Said, body: bytes) -> Reply:
        """Raises `UnavailableError` where no answer comes."""
        ...


class HttpCentre:
    """The centre at an address, for one thread at a time. The connection is kept while it lasts."""

    def __init__(self, url: str, name: str, key: bytes) -> None:
        """`url` is http:// or https://, with a path where there is one before `/v1`."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInputError(f"{url!r} is no address of a centre.", "Give https://HOST[:PORT].")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._wire = kind(parts.hostname, parts.port, timeout=_TIMEOUT_S)
        self._name, self._key = name, key
        base = parts.path.rstrip("/")
        self._paths = {
            device.Said.TAPS: f"{base}/v1/taps",
            device.Said.HEARTBEAT: f"{base}/v1/devices/{quote(name, safe='')}/heartbeat",
        }

    def say(self, what: device.Said, body: bytes) -> Reply:
        headers = {
            "Content-Type": "application/json",
            "Ridecode-Device": quote(self._name, safe=" !#$&'()*+,/:;=?@[]"),
            "Ridecode-Signature": device.sign(self._key, what, body).hex(),
        }
        asked = time.monotonic_ns()
        try:
            self._wire.request("POST", self._paths[what], body, headers)
            with self._wire.getresponse() as answer:
                took = (time.monotonic_ns() - asked) // 1_000
                return _reply(answer, answer.read(_ANSWER_MOST), took)
        except (OSError, HTTPException) as error:
            self._wire.close()
            raise UnavailableError(f"The centre does not answer: {error}.") from error

    def close(self) -> None:
        self._wire.close()


def _reply(answer: HTTPResponse, body: bytes, took: int) -> Reply:
    return Reply(
        answer.status, body, _seconds(answer.headers.get("Retry-After")),
        _said(answer.headers.get("Date"), took),
    )  # fmt: skip


def _seconds(told: str | None) -> float:
    """Of a Retry-After in seconds; a date there asks for nothing."""
    if told is None or not (told.isascii() and told.isdecimal()):
        return 0.0
    return float(min(int(told[:9]), _RETRY_AFTER_MOST_S))


def _said(told: str | None, took: int) -> Said | None:
    """A Date names the second in which the answer was made: half of one is added, and allowed."""
    if told is None:
        return None
    try:
        second = round(parsedate_to_datetime(told).timestamp())
    except (ValueError, OverflowError):
        return None
    return Said(second * MICROS + MICROS // 2, MICROS // 2 + took // 2, took)
