"""Does a batch fit into what its device told before? Pure.

What is known of a chain are checkpoints: the link after its last reading, the links on both sides
of every gap, and the head that the last heartbeat promised. A batch is walked link by link, and
must agree with each checkpoint that it touches:

- readings behind the last one, or inside a gap, are fresh. A batch that begins further on leaves a
  gap, which is an alarm; its taps are kept, and the gap is filled when the missing ones come.
- the others came before: they must be known by their ids, which the caller looks up.
- where a link differs from a checkpoint, the device has told two histories: a fork. Then nothing
  of the batch moves the chain, and from then on a gap is no longer taken on trust.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from ridecode.core import chain as links
from ridecode.taps.devices.facts import AlarmKind, Chain, Gap


class Piece(Struct, frozen=True):
    """What linking asks of a batch."""

    first: int
    """Number of its first reading."""
    before: bytes
    digests: Sequence[bytes]
    passed: Sequence[bool]
    """Whether each was accepted at the gate."""
    ts: int
    """When the last one was read."""

    @property
    def last(self) -> int:
        return self.first + len(self.digests) - 1


class Promise(Struct, frozen=True):
    """The last reading that a heartbeat told of."""

    seq: int
    head: bytes


class Linked(Struct, frozen=True):
    """What becomes of the chain, and which readings must be known already."""

    chain: Chain
    gaps: tuple[Gap, ...]
    old: range
    """Positions in the batch that lie before the chain's end."""
    fresh: frozenset[int]
    """Positions among `old` that fill a gap."""
    alarm: AlarmKind | None = None

    @property
    def forked(self) -> bool:
        return self.alarm in (AlarmKind.FORK, AlarmKind.CUT_TAIL)


def linked(chain: Chain, gaps: tuple[Gap, ...], promise: Promise | None, piece: Piece) -> Linked:
    """The state after a batch; on a fork the state before it, marked as forked."""
    old = range(min(max(chain.seq - piece.first + 1, 0), len(piece.digests)))
    if piece.first > chain.seq + 1 and chain.forked:
        return _fork(chain, gaps, old, AlarmKind.FORK)
    points = _points(chain, gaps, promise)
    touched = sorted(seq for seq in points if piece.first - 1 <= seq <= piece.last)
    at, done = piece.before, 0
    for seq in touched:
        expected, otherwise = points[seq]
        at = links.head(at, piece.digests[done : seq - piece.first + 1])
        done = seq - piece.first + 1
        if at != expected:
            return _fork(chain, gaps, old, otherwise)
    return _moved(chain, gaps, old, piece, links.head(at, piece.digests[done:]))


def _points(
    chain: Chain, gaps: tuple[Gap, ...], promise: Promise | None
) -> dict[int, tuple[bytes, AlarmKind]]:
    """By number of a reading the link after it, and what it is where a batch has another one."""
    points: dict[int, tuple[bytes, AlarmKind]] = {}
    if promise is not None and (
        promise.seq > chain.seq or any(gap.first <= promise.seq <= gap.last for gap in gaps)
    ):
        points[promise.seq] = promise.head, AlarmKind.CUT_TAIL
    points[chain.seq] = chain.head, AlarmKind.FORK
    for gap in gaps:
        points[gap.first - 1] = gap.before, AlarmKind.FORK
        points[gap.last] = gap.after, AlarmKind.FORK
    return points


def _fork(chain: Chain, gaps: tuple[Gap, ...], old: range, kind: AlarmKind) -> Linked:
    return Linked(replace(chain, forked=True), gaps, old, frozenset(), kind)


def _moved(chain: Chain, gaps: tuple[Gap, ...], old: range, piece: Piece, end: bytes) -> Linked:
    """The state after a batch that agrees with all that is known; `end` is its last link."""
    left: list[Gap] = []
    fresh: set[int] = set()
    for gap in gaps:
        low, high = max(gap.first, piece.first), min(gap.last, piece.last)
        if low > high:
            left.append(gap)
            continue
        fresh.update(range(low - piece.first, high - piece.first + 1))
        if gap.first < low:
            left.append(Gap(gap.first, low - 1, gap.before, piece.before))
        if high < gap.last:
            left.append(Gap(high + 1, gap.last, end, gap.after))
    alarm = None
    if piece.first > chain.seq + 1:
        left.append(Gap(chain.seq + 1, piece.first - 1, chain.head, piece.before))
        alarm = AlarmKind.GAP
    opened = chain.opened + sum(piece.passed[len(old) :]) + sum(piece.passed[at] for at in fresh)
    moved = replace(chain, opened=opened)
    if piece.last > chain.seq:
        moved = replace(moved, seq=piece.last, head=end, ts=piece.ts)
    return Linked(moved, tuple(left), old, frozenset(fresh), alarm)
