"""A segment with what stands where in it: its readings, by their numbers."""

from array import array

from ridecode.core import Tap
from ridecode.validator.device.records import Reading, from_bytes
from ridecode.validator.device.segment import Segment


class Shelf:
    """A segment, and which of its frames are readings."""

    def __init__(self, part: Segment, first: int) -> None:
        self.part = part
        self.first = first
        """Number of its first reading."""
        self.frames = array("I")

    @property
    def last(self) -> int:
        """Number of its last reading; one less than the first where it has none."""
        return self.first + len(self.frames) - 1

    def taps(self, first: int, last: int) -> list[Tap]:
        """Its readings from `first` to `last`, as far as they stand here."""
        start, end = max(first, self.first), min(last, self.last)
        if start > end:
            return []
        frames = self.frames[start - self.first : end - self.first + 1]
        return [_tap(record) for record in self.part.read(frames)]


def _tap(record: bytes) -> Tap:
    reading = from_bytes(record)
    assert isinstance(reading, Reading), "a shelf names readings alone"
    return reading.tap
