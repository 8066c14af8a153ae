"""What happened at the gates lately, each under a number, so that nobody is shown it twice."""

from collections import deque
from typing import Final

from msgspec import Struct

from ridecode.core import TapKind

_MOST: Final = 200


class Moment(Struct, frozen=True):
    """A gate answered a reading."""

    seq: int
    stop: str
    kind: TapKind
    opened: bool


class Moments:
    """The newest 200, for one thread at a time."""

    def __init__(self) -> None:
        self._kept: deque[Moment] = deque(maxlen=_MOST)
        self.seq = 0
        """Number of the newest; 0 for none."""

    def put(self, stop: str, kind: TapKind, opened: bool) -> None:
        self.seq += 1
        self._kept.append(Moment(self.seq, stop, kind, opened))

    def after(self, seq: int) -> tuple[Moment, ...]:
        """Those that came behind a number, in order."""
        return tuple(moment for moment in self._kept if moment.seq > seq)
