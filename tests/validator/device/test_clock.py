"""When a source is believed, and what the device's time does then."""

from dataclasses import dataclass

import pytest

from ridecode.core import UnavailableError
from ridecode.validator.device import ntp
from ridecode.validator.device.clock import Clock, Healing, Said, judge
from tests.validator.device.world import NOW

S = 1_000_000
H = Healing


@dataclass
class Case:
    comment: str
    step: int
    """Of the answer from the device's time, µs."""
    expected: Healing
    within: int = S
    took: int = 20_000
    bundle: int = NOW - 3_600 * S
    before: int | None = None


@pytest.mark.parametrize(
    "case",
    [
        Case("as it stands", 0, H.CONFIRMED),
        Case("2 s off, the least that is stepped", 2 * S, H.CONFIRMED),
        Case("a bit more than 2 s ahead", 2 * S + 1, H.SET),
        Case("a bit more than 2 s behind", -2 * S - 1, H.SET),
        Case("within what the answer leaves open", 4 * S, H.CONFIRMED, within=4 * S),
        Case("a minute", 60 * S, H.SET),
        Case("more than a minute, the first time", 60 * S + 1, H.UNCONFIRMED),
        Case("a day back, the first time", -86_400 * S, H.UNCONFIRMED, bundle=0),
        Case("the same again", 86_400 * S, H.SET, before=86_400 * S + 3 * S),
        Case("another than before", 86_400 * S, H.UNCONFIRMED, before=86_400 * S + 3 * S + 1),
        Case("the other way than before", -200 * S, H.UNCONFIRMED, before=200 * S),
        Case("an answer of 5 s", 0, H.CONFIRMED, took=5 * S),
        Case("an answer of more than 5 s", 0, H.TOO_VAGUE, took=5 * S + 1),
        Case("at the bundle's making", -3_600 * S, H.SET, before=-3_600 * S),
        Case("before the bundle, but for what it leaves open", -3_601 * S, H.SET,
             before=-3_601 * S),
        Case("before the bundle", -3_601 * S - 1, H.BEFORE_THE_BUNDLE, before=-3_601 * S - 1),
    ],
    ids=lambda case: case.comment,
)  # fmt: skip
def test_judging_an_answer(case: Case) -> None:
    said = Said(NOW + case.step, case.within, case.took)
    assert judge(NOW, said, case.bundle, case.before) is case.expected


class Machine:
    """A machine's clocks, in nanoseconds, moved by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW * 1_000, 5_000_000_000

    def passes(self, us: int) -> None:
        self.wall += us * 1_000
        self.steady += us * 1_000

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)


def test_time_is_counted_whatever_the_machines_clock_does() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(3 * S)
    machine.wall -= 86_400 * S * 1_000
    assert clock.now() == NOW + 3 * S
    assert clock.moved_us() == -86_400 * S


def test_an_hour_behind_is_healed_by_the_second_answer() -> None:
    machine = Machine()
    clock, hour = machine.clock(), 3_600 * S
    told: list[Healing] = []
    for _ in range(3):
        machine.passes(30 * S)
        truth = clock.now() + hour if not told or told[-1] is not H.SET else clock.now()
        told.append(clock.hear(Said(truth - 10_000, S, 20_000), NOW))
    assert told == [H.UNCONFIRMED, H.SET, H.CONFIRMED]
    assert clock.now() == NOW + 90 * S + hour


def test_what_the_question_took_is_no_error() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(4 * S)
    assert clock.hear(Said(NOW + 2 * S, 2 * S, 4 * S), NOW) is H.CONFIRMED


ANSWER = bytearray(48)
ANSWER[0], ANSWER[1] = 0x24, 2


def _answer(seconds: int, fraction: int = 0) -> bytes:
    return bytes(ANSWER[:40]) + seconds.to_bytes(4, "big") + fraction.to_bytes(4, "big")


def test_an_ntp_answer_is_read_before_and_after_2036() -> None:
    assert ntp.read(_answer(3_976_214_400, 1 << 31), 8_000) == Said(NOW + S // 2, 5_000, 8_000)
    assert ntp.read(_answer(1), 0).ts == 2_085_978_497 * S


@pytest.mark.parametrize("answer", [b"", bytes(48), _answer(1)[:47], b"\x24\x00" + bytes(46)])
def test_what_is_no_ntp_answer_is_told(answer: bytes) -> None:
    with pytest.raises(UnavailableError, match="no answer"):
        ntp.read(answer, 0)


def test_a_time_server_that_is_not_there() -> None:
    with pytest.raises(UnavailableError, match="No time comes from"):
        ntp.ask("127.0.0.1", 9)
