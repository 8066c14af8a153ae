"""A lane's link to the tier above it: asked with a deadline, left alone when it does not answer.

Connecting is done beside the lane, which never waits for it: while there is no link a claim is
answered at once with "nobody knows", and kept. When the link is back, what was kept is told.
"""

import os
import socket
from collections import deque
from collections.abc import Sequence
from threading import Event, Lock
from typing import Final

from ridecode.validator.device.pace import BackOff
from ridecode.validator.device.station import (
    ANSWER,
    MOST,
    QUESTION,
    BadFrameError,
    frame,
    read_answers,
    read_frame,
)
from ridecode.validator.device.tiers import Claim
from ridecode.validator.device.upload import Tell

DEADLINE_S: Final = 0.04
"""A rider stands before the gate."""
_CONNECT_S: Final = 2.0
_LOOK_S: Final = 0.5
_KEPT_MOST: Final = 20_000


class Peer:
    """`claim` is for the lane's thread, `keep` for a thread of its own."""

    def __init__(
        self,
        address: tuple[str, int],
        key: bytes,
        back_off: BackOff,
        tell: Tell,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._address, self._key, self._back_off, self._tell = address, key, back_off, tell
        self._deadline_s = deadline_s
        self._wire: socket.socket | None = None
        self._lock = Lock()
        self._untold: deque[Claim] = deque(maxlen=_KEPT_MOST)
        self.found_late = 0
        """Codes that were let through while the link was lost, and had been used elsewhere."""

    @property
    def linked(self) -> bool:
        """Whether the tier above answered last time."""
        return self._wire is not None

    def claim(self, claim: Claim) -> Claim | None:
        """The earlier claim of another gate; None where there is none, or no answer in time."""
        with self._lock:
            answers = self._ask([claim], self._deadline_s)
            if answers is None:
                self._untold.append(claim)
                return None
            return answers[0]

    def keep(self, stop: Event) -> None:
        """Connect, connect again, and tell what is kept, until stopped."""
        while not stop.is_set():
            if self._wire is None and not self._connect():
                stop.wait(self._back_off.failed())
                continue
            self._back_off.succeeded()
            if not self._tell_untold():
                stop.wait(_LOOK_S)
        self._cut("stopped")

    def _connect(self) -> bool:
        try:
            wire = socket.create_connection(self._address, _CONNECT_S)
        except OSError:
            return False
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._wire = wire
        self._tell("station", linked=True, untold=len(self._untold))
        return True

    def _tell_untold(self) -> bool:
        """Tell some of what is kept; whether there may be more."""
        with self._lock:
            claims = [self._untold[at] for at in range(min(len(self._untold), MOST))]
            if not claims or self._wire is None:
                return False
            answers = self._ask(claims, _CONNECT_S)
            if answers is None:
                return False
            for _ in claims:
                self._untold.popleft()
        late = sum(held is not None for held in answers)
        if late:
            self.found_late += late
            self._tell("used elsewhere meanwhile", codes=late)
        return True

    def _ask(self, claims: Sequence[Claim], deadline_s: float) -> list[Claim | None] | None:
        """The answers; None without a link, or where none came in time: then the link is cut, so
        that no late answer is taken for another question's."""
        wire = self._wire
        if wire is None:
            return None
        number = os.urandom(8)
        try:
            wire.settimeout(deadline_s)
            wire.sendall(frame(self._key, QUESTION, number, claims))
            told, items = read_frame(wire, self._key, ANSWER)
            answers = read_answers(items)
        except (OSError, EOFError, BadFrameError) as error:
            self._cut(str(error) or type(error).__name__)
            return None
        if told != number or len(answers) != len(claims):
            self._cut("an answer to another question")
            return None
        return answers

    def _cut(self, why: str) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
            self._tell("station", linked=False, why=why)
