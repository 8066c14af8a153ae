"""Bringing the journal's readings to the centre, in order, until each is acknowledged.

A batch counts as acknowledged as far as the centre's answer names its taps, one by one and in
order; a page that some gateway answers with 200 acknowledges nothing. Whatever fails is tried
again, later and later. What the centre refuses as a whole is sent in halves, so that one reading
that it cannot take holds up no other longer than must be.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final
from uuid import UUID

from msgspec import DecodeError, Struct, ValidationError, json
from msgspec.structs import replace

from ridecode.core import UnavailableError, device
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.link import Centre, Reply
from ridecode.validator.device.pace import BackOff

IDLE_S: Final = 1.0
"""How soon to look again where nothing waits."""
_FIRST_BATCH: Final = 100

Tell = Callable[..., None]
"""`tell(event, **facts)`: what happened, for whoever keeps the device's log."""


class Sent(IntEnum):
    """What became of one attempt."""

    NOTHING_WAITS = 1
    ACKNOWLEDGED = 2
    UNREACHABLE = 3
    LATER = 4
    """429 or 5xx: the centre asks to be left alone."""
    NOT_KNOWN = 5
    """401, 403: it does not know this device, or no longer."""
    REFUSED = 6
    """Another 4xx: it cannot take this body."""
    NO_ANSWER_OF_A_CENTRE = 7


class _Answer(Struct):
    tap_id: UUID
    receipt: str


_read_answers = json.Decoder(list[_Answer]).decode


class Uploader:
    """For one thread."""

    def __init__(self, journal: Journal, centre: Centre, back_off: BackOff, tell: Tell) -> None:
        self._journal, self._centre, self._back_off, self._tell = journal, centre, back_off, tell
        self._most = _FIRST_BATCH
        self._last = Sent.NOTHING_WAITS

    def attempt(self) -> tuple[Sent, float]:
        """Send one batch, if any waits; and the seconds until the next attempt."""
        batch = self._journal.batch(self._most)
        if batch is None:
            return Sent.NOTHING_WAITS, IDLE_S
        try:
            reply = self._centre.say(device.Said.TAPS, device.to_json(batch))
        except UnavailableError as error:
            return self._failed(Sent.UNREACHABLE, 0.0, error.what)
        sent = _sent(reply)
        if sent is not Sent.ACKNOWLEDGED:
            self._most = max(1, len(batch.taps) // 2) if sent is Sent.REFUSED else self._most
            return self._failed(
                sent, reply.retry_after_s, reply.body[:200].decode(errors="replace")
            )
        return self._answered(batch, reply)

    def _answered(self, batch: device.TapBatch, reply: Reply) -> tuple[Sent, float]:
        answers = _answers(reply.body)
        known = _named(batch, answers)
        if not known:
            return self._failed(Sent.NO_ANSWER_OF_A_CENTRE, 0.0, "")
        self._journal.acknowledge(replace(batch, taps=batch.taps[:known]))
        self._back_off.succeeded()
        self._most = min(self._most * 2, device.BATCH_MOST)
        counts: dict[str, int] = {}
        for answer in answers[:known]:
            counts[answer.receipt] = counts.get(answer.receipt, 0) + 1
        self._last = Sent.ACKNOWLEDGED
        self._tell("acknowledged", until=batch.taps[known - 1].seq, **counts)
        return Sent.ACKNOWLEDGED, 0.0

    def _failed(self, sent: Sent, asked_s: float, why: str) -> tuple[Sent, float]:
        wait_s = max(self._back_off.failed(), asked_s)
        if sent is not self._last:
            self._tell("not acknowledged", because=sent.name.lower(), why=why, again_s=wait_s)
        self._last = sent
        return sent, wait_s


def _sent(reply: Reply) -> Sent:
    status = reply.status
    if 200 <= status < 300:
        return Sent.ACKNOWLEDGED
    if status in (401, 403):
        return Sent.NOT_KNOWN
    if status in (408, 425, 429) or status >= 500:
        return Sent.LATER
    return Sent.REFUSED if 400 <= status < 500 else Sent.NO_ANSWER_OF_A_CENTRE


def _answers(body: bytes) -> list[_Answer]:
    try:
        return _read_answers(body)
    except (DecodeError, ValidationError, UnicodeDecodeError):
        return []


def _named(batch: device.TapBatch, answers: list[_Answer]) -> int:
    """How many taps of the batch the answers name, from the first on."""
    for count, (tap, answer) in enumerate(zip(batch.taps, answers, strict=False)):
        if tap.tap_id != answer.tap_id:
            return count
    return min(len(batch.taps), len(answers))
