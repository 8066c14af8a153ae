"""The log's chain: each entry is linked to the one before, so that a change of any is seen.

    link(n) = SHA-256( link(n − 1) ‖ entry n ),   link(0) = 32 zero bytes

An entry is encoded as the MessagePack array of its fields in their order, its number first; nothing
of it can be moved into a neighbouring field. A chain shows what was changed, cut out or put in, but
not a tail that was cut off: whoever holds an earlier head (its number and link) sees that too.
"""

from collections.abc import Iterable
from enum import IntEnum
from hashlib import sha256
from typing import Final

from msgspec import Struct, msgpack

from ridecode.access.roles import About, Purpose, Right, Role, Verdict
from ridecode.core import BadInputError

GENESIS: Final = bytes(32)


class Entry(Struct, frozen=True, array_like=True):
    """Somebody did or asked for something."""

    at: int
    """UTC epoch microseconds, by the machine's clock."""
    who: str
    role: Role | None
    """By which role; None where there was none, or where the machine itself vouches."""
    right: Right | None
    """None: to prove who one is."""
    act: str
    """The route, or the command."""
    about: About
    subject: str
    purpose: Purpose | None
    reason: str
    outcome: Verdict


class Link(Struct, frozen=True):
    """An entry as it stands in the log."""

    n: int
    """From 1, without a gap."""
    entry: Entry
    link: bytes


class DamagedError(BadInputError):
    """An entry holds what no version could have written."""

    def __init__(self, n: int) -> None:
        super().__init__(
            f"Entry {n} of the access log was changed by somebody else.",
            "ridecode access verify says what is still sound.",
        )
        self.n = n


class Fault(IntEnum):
    """What is wrong with a log."""

    GAP = 1
    """An entry is missing, or stands in another's place."""
    CHANGED = 2
    """An entry or its link is not as it was written."""
    CUT = 3
    """It ends before a head that was noted earlier."""
    OTHER = 4
    """It is long enough, but the noted head is not in it."""


class Head(Struct, frozen=True):
    """The last entry's number and link; 0 and zeros of an empty log."""

    n: int
    link: bytes


class Found(Struct, frozen=True):
    """What came of a check: the last head that is sound, and the first fault with its number."""

    head: Head
    fault: Fault | None = None
    at: int = 0


def linked(before: Head, entries: Iterable[Entry]) -> list[Link]:
    """Entries in their order, behind a head."""
    found: list[Link] = []
    n, link = before.n, before.link
    for entry in entries:
        n += 1
        link = _link(link, n, entry)
        found.append(Link(n, entry, link))
    return found


def checked(links: Iterable[Link], noted: Head | None = None) -> Found:
    """Walk a whole log from its first entry; `noted` is a head that somebody kept elsewhere."""
    head = Head(0, GENESIS)
    met = noted is None or noted == head
    try:
        for one in links:
            if one.n != head.n + 1:
                return Found(head, Fault.GAP, head.n + 1)
            if one.link != _link(head.link, one.n, one.entry):
                return Found(head, Fault.CHANGED, one.n)
            head = Head(one.n, one.link)
            met = met or head == noted
    except DamagedError as error:
        return Found(head, Fault.CHANGED, error.n)
    if met or noted is None:
        return Found(head)
    return Found(head, Fault.CUT if head.n < noted.n else Fault.OTHER, noted.n)


def _link(before: bytes, n: int, entry: Entry) -> bytes:
    return sha256(before + msgpack.encode((n, entry))).digest()
