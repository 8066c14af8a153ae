"""What changed in the deny list: every account touched since a version, as it stands now.

Because an account that was let in and denied again is told as well, one delta "since 40" brings
any list from 40 on to the newest: a reader takes the shortest that reaches back to its own.
"""

from struct import Struct as Layout
from typing import Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.validator.deny import COUNT_MOST, NUMBER_MOST, DenyList
from ridecode.validator.packed import Numbers, pack, unpack

MAGIC: Final = b"ridecode deny delta 1\n"

_HEAD: Final = Layout(">QQ32sII")


class DenyDelta(Struct, frozen=True, eq=False):
    """The way from any list of the versions `since` … `to` to that of `to`."""

    since: int
    to: int
    digest: bytes
    """Of the list of version `to` (`DenyList.digest`), 32 bytes."""
    denied: Numbers
    """Touched, and in the list of `to`."""
    allowed: Numbers
    """Touched, and not in it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DenyDelta) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __len__(self) -> int:
        """How many accounts were touched."""
        return len(self.denied) + len(self.allowed)

    def to_bytes(self) -> bytes:
        """The file: magic, versions, digest, two counts, two packed lists."""
        counts = len(self.denied), len(self.allowed)
        head = _HEAD.pack(self.since, self.to, self.digest, *counts)
        return MAGIC + head + pack(self.denied) + pack(self.allowed)

    def apply(self, before: DenyList) -> DenyList:
        """The list of `to`, from one of a version that this delta reaches back to.

        Raises `BadInputError` where the outcome is not the list that was signed.
        """
        after = DenyList.of(self._applied(before.numbers()))
        if after.digest() != self.digest:
            what = f"The delta {self.since}–{self.to} does not lead to the list that was signed."
            raise BadInputError(what, "Take the full list.")
        return after

    def _applied(self, numbers: Numbers) -> Numbers:
        gone = np.searchsorted(numbers, _both(self.allowed, numbers))
        kept = np.delete(numbers, gone)
        new = _without(self.denied, kept)
        return np.insert(kept, np.searchsorted(kept, new), new)

    def then(self, later: "DenyDelta") -> "DenyDelta":
        """This change and then a later one that reaches back to its end, as one."""
        assert self.since <= later.since <= self.to <= later.to, "the later one goes on from here"
        denied, allowed = (
            np.union1d(_without(before, other), now)
            for before, other, now in (
                (self.denied, later.allowed, later.denied),
                (self.allowed, later.denied, later.allowed),
            )
        )
        return DenyDelta(self.since, later.to, later.digest, denied, allowed)


def read_delta(file: bytes) -> DenyDelta:
    """A delta from its file; `BadInputError` where it is none."""
    start = len(MAGIC) + _HEAD.size
    if not file.startswith(MAGIC) or len(file) < start:
        raise BadInputError("This is no change of a deny list: it does not begin as one.")
    since, to, digest, denied_count, allowed_count = _HEAD.unpack(file[len(MAGIC) : start])
    if since > to or denied_count + allowed_count > COUNT_MOST:
        raise BadInputError("This is no change of a deny list: its numbers contradict one another.")
    denied, rest = unpack(file[start:], denied_count, NUMBER_MOST)
    allowed, rest = unpack(rest, allowed_count, NUMBER_MOST)
    if rest or len(_both(denied, allowed)):
        raise BadInputError("This is no change of a deny list: its accounts contradict.")
    return DenyDelta(since, to, digest, denied, allowed)


def delta_between(before: DenyList, after: DenyList, since: int, to: int) -> DenyDelta:
    """What changed from one list to the next."""
    was, now = before.numbers(), after.numbers()
    return DenyDelta(
        since, to, after.digest(),
        _without(now, was), _without(was, now),
    )  # fmt: skip


def _among(numbers: Numbers, others: Numbers) -> npt.NDArray[np.bool_]:
    """Of each number whether it is one of the others. NumPy's own `isin` sorts both anew."""
    if not len(others):
        return np.zeros(len(numbers), np.bool_)
    at = np.minimum(np.searchsorted(others, numbers), len(others) - 1)
    return np.equal(others[at], numbers)


def _without(numbers: Numbers, others: Numbers) -> Numbers:
    return numbers[~_among(numbers, others)]


def _both(numbers: Numbers, others: Numbers) -> Numbers:
    return numbers[_among(numbers, others)]
