"""What is sent until it is acknowledged, and what counts as an acknowledgement."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from msgspec import json

from ridecode.core import UnavailableError, Verdict
from ridecode.core.device import Said, TapBatch, read_batch
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.link import Reply
from ridecode.validator.device.pace import BackOff
from ridecode.validator.device.upload import IDLE_S, Sent, Uploader
from tests.validator.device.faulty import FaultyDisk
from tests.validator.device.world import DEVICE, SECRET, Centre, reading


def answers(batch: TapBatch) -> bytes:
    return json.encode([{"tap_id": tap.tap_id, "receipt": "accepted"} for tap in batch.taps])


class Wire:
    """A centre whose answers are told beforehand, one after another, and good ones after them."""

    def __init__(self, *told: Callable[[TapBatch], Reply]) -> None:
        self.centre = Centre()
        self.sizes: list[int] = []
        self._told = list(told)

    def say(self, what: Said, body: bytes) -> Reply:
        assert what is Said.TAPS
        batch = read_batch(body)
        self.sizes.append(len(batch.taps))
        if self._told:
            return self._told.pop(0)(batch)
        self.centre.take(batch)
        return good(batch)


def good(batch: TapBatch) -> Reply:
    return Reply(200, answers(batch), 0.0, None)


def status(number: int, retry_after_s: float = 0.0) -> Callable[[TapBatch], Reply]:
    return lambda batch: Reply(number, answers(batch), retry_after_s, None)


def body(data: bytes) -> Callable[[TapBatch], Reply]:
    return lambda _: Reply(200, data, 0.0, None)


def unreachable(_: TapBatch) -> Reply:
    raise UnavailableError("no network")


def half(batch: TapBatch) -> Reply:
    return Reply(200, json.encode(json.decode(answers(batch))[: len(batch.taps) // 2]), 0.0, None)


class Log:
    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, event: str, **_: Any) -> None:
        self.told.append(event)


def journal(readings: int = 6) -> Journal:
    made = Journal(FaultyDisk(), SECRET, DEVICE)
    for n in range(readings):
        made.record(*reading(n, Verdict.PASSBACK if n % 3 == 1 else Verdict.ACCEPTED))
    made.sync()
    return made


def uploader(made: Journal, wire: Wire, log: Log | None = None) -> Uploader:
    return Uploader(made, wire, BackOff(0.5, 120.0, random.Random(1)), log or Log())


@dataclass
class Failing:
    comment: str
    answer: Callable[[TapBatch], Reply]
    sent: Sent
    at_least_s: float = 0.25


FAILING: Final = [
    Failing("no network", unreachable, Sent.UNREACHABLE),
    Failing("too many requests", status(429, 7.0), Sent.LATER, 7.0),
    Failing("being started", status(503, 3.0), Sent.LATER, 3.0),
    Failing("broken", status(500), Sent.LATER),
    Failing("not enrolled", status(401), Sent.NOT_KNOWN),
    Failing("revoked", status(403), Sent.NOT_KNOWN),
    Failing("malformed", status(422), Sent.REFUSED),
    Failing("too large", status(413), Sent.REFUSED),
    Failing("moved", status(302), Sent.NO_ANSWER_OF_A_CENTRE),
    Failing("a gateway's page", body(b"<html>Log in</html>"), Sent.NO_ANSWER_OF_A_CENTRE),
    Failing("an empty answer", body(b"[]"), Sent.NO_ANSWER_OF_A_CENTRE),
    Failing("bytes that are no text", body(b"\xff\xfe"), Sent.NO_ANSWER_OF_A_CENTRE),
    Failing("an answer to other taps", lambda _: good(TapBatch(
        device=DEVICE, before=bytes(32), taps=(reading(77)[0],))), Sent.NO_ANSWER_OF_A_CENTRE),
]  # fmt: skip


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.comment)
def test_nothing_is_acknowledged_by_a_failure_and_all_is_sent_again(case: Failing) -> None:
    made, wire = journal(), Wire(case.answer)
    sender = uploader(made, wire)
    sent, wait_s = sender.attempt()
    assert (sent, made.acknowledged) == (case.sent, 0)
    assert wait_s >= case.at_least_s
    while sender.attempt()[0] is Sent.ACKNOWLEDGED:
        pass
    assert made.acknowledged == len(wire.centre.taps) == 6


def test_a_part_that_is_answered_is_acknowledged_and_the_rest_sent() -> None:
    made, wire = journal(), Wire(half)
    sender = uploader(made, wire)
    assert sender.attempt() == (Sent.ACKNOWLEDGED, 0.0)
    assert made.acknowledged == 3
    left = made.batch(1_000)
    assert left is not None and [tap.seq for tap in left.taps] == [4, 5, 6]


def test_what_is_refused_is_halved_until_the_one_is_found() -> None:
    made = journal(8)
    wire = Wire(*[status(400)] * 6)
    sender = uploader(made, wire)
    for _ in range(6):
        assert sender.attempt()[0] is Sent.REFUSED
    assert wire.sizes == [8, 4, 2, 1, 1, 1]
    assert made.acknowledged == 0


def test_where_nothing_waits_nothing_is_said() -> None:
    wire = Wire()
    assert uploader(journal(0), wire).attempt() == (Sent.NOTHING_WAITS, IDLE_S)
    assert wire.sizes == []


def test_a_failure_is_told_once_and_then_its_end() -> None:
    made, wire, log = journal(), Wire(*[unreachable] * 5), Log()
    sender = uploader(made, wire, log)
    for _ in range(6):
        sender.attempt()
    assert log.told == ["not acknowledged", "acknowledged"]


def test_a_refused_reading_that_is_not_synced_is_not_sent() -> None:
    made = Journal(FaultyDisk(), SECRET, DEVICE)
    made.record(*reading(0))
    made.record(*reading(1, Verdict.DENIED))
    batch = made.batch(10)
    assert batch is not None and len(batch.taps) == 1
    made.sync()
    batch = made.batch(10)
    assert batch is not None and len(batch.taps) == 2
