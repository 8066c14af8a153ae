"""The entrance: who comes in by what he brings, and the log of what he does.

A server is closed, unless whoever starts it says that it is open.
"""

from collections.abc import Callable
from typing import Protocol

from ridecode.access import db, tokens
from ridecode.access.chain import Entry
from ridecode.access.errors import NotKnownError
from ridecode.access.recording import Recorder
from ridecode.access.roles import VISITOR, Who
from ridecode.store import Cell


class Entrance(Protocol):
    """What the HTTP face asks before it does anything."""

    cell: Cell
    is_open: bool
    now: Callable[[], int]
    """The machine's clock, UTC epoch microseconds: no demonstration puts it forward."""

    def who(self, token: str) -> Who:
        """Whose token it is, empty for none; `NotKnownError` where nobody comes in by it."""
        ...

    def record(self, entry: Entry) -> None:
        """Enter it in the log; on return it is durable."""
        ...


class Elsewhere(Protocol):
    """Who knows people that are not known here; see `access.oidc`."""

    def who(self, token: str, now: int) -> Who:
        """`NotKnownError` where the token does not count."""
        ...


class Open(Recorder):
    """Everybody comes in as a visitor with every role. For demonstrations, and a laptop."""

    is_open = True

    def __init__(self, cell: Cell, now: Callable[[], int]) -> None:
        super().__init__(cell)
        self.cell, self.now = cell, now

    def who(self, token: str) -> Who:  # noqa: ARG002 (whatever is brought)
        return VISITOR


class Closed(Recorder):
    """People and machines come in by a token of ours, or of the issuer's."""

    is_open = False

    def __init__(self, cell: Cell, now: Callable[[], int], issuer: Elsewhere | None = None) -> None:
        super().__init__(cell)
        self.cell, self.now, self._issuer = cell, now, issuer

    def who(self, token: str) -> Who:
        if not token:
            raise NotKnownError("This takes somebody who is known.", presented=False)
        digest = tokens.digest(token)
        if digest is not None:
            with self.cell.connection() as conn:
                found = db.by_token(conn, digest, self.now())
            if found is not None:
                return Who(*found)
        elif self._issuer is not None:
            who = self._issuer.who(token, self.now())
            with self.cell.connection() as conn:
                if not db.is_disabled(conn, who.name):
                    return who
        raise NotKnownError("This token does not count, or not any more.", presented=True)
