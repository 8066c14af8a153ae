"""What a lane does to the world: a gate or light, a sound, words on a display."""

import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Final, Protocol, TextIO
from uuid import UUID

from msgspec import Struct, json

from ridecode.core import Verdict, Words


class Sound(IntEnum):
    """What is heard."""

    NONE = 0
    PASS = 1
    REFUSED = 2
    OUT_OF_ORDER = 3


class Signal(Struct, frozen=True):
    """The answer to one reading."""

    open: bool
    sound: Sound
    words: Words | None
    """For the rider; None where the display stays as it is."""
    verdict: Verdict | None = None
    """None where the reading was not judged."""
    tap_id: UUID | None = None
    seq: int = 0
    """The reading's number in the journal; 0 where it is not written down."""
    took_us: int = 0
    """From the scanner's bytes to this signal."""


TOO_FAST: Final = Words(zh="请稍候再刷。", en="Please wait a moment and scan again.")
CLOSED: Final = Words(
    zh="本通道暂停使用，请走旁边通道。", en="This lane is closed. Please use another gate."
)


class Actuator(Protocol):
    """Gate, loudspeaker and display of a lane."""

    def act(self, signal: Signal) -> None: ...

    def opened(self) -> int | None:
        """How often the hardware has counted an opening since the device was enrolled; None where
        it has no counter of its own: then the journal's is told."""
        ...


class Lines:
    """Writes every signal as a line: JSON for a program that moves a gate, words for a person."""

    def __init__(self, write: Callable[[Signal], str], out: TextIO | None = None) -> None:
        self._write = write
        self._out = out or sys.stdout

    def act(self, signal: Signal) -> None:
        self._out.write(self._write(signal) + "\n")
        self._out.flush()

    def opened(self) -> int | None:
        return None


def as_json(signal: Signal) -> str:
    """A signal for a program."""
    return json.encode(
        {
            "open": signal.open,
            "sound": signal.sound.name.lower(),
            "words": signal.words,
            "verdict": None if signal.verdict is None else signal.verdict.name,
            "tap_id": signal.tap_id,
            "seq": signal.seq,
            "took_us": signal.took_us,
        }
    ).decode()


def as_words(signal: Signal) -> str:
    """A signal for a person at a terminal."""
    mark = "开 open " if signal.open else "关 shut "
    said = "" if signal.words is None else f"{signal.words.zh} {signal.words.en}"
    return f"{mark} {said}".rstrip()
