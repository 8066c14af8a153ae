"""The door for devices: batches come in one by one and are written in groups.

Two threads work: one reads and judges, the other writes while the first goes on with what comes
next. A group is what has gathered in ten milliseconds or, while a group is being written, until
that is done; it is one transaction, and its answers are given when that is durable. What waits is
bounded: behind that, whoever sends is asked to come again.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import RidecodeError, UnavailableError
from ridecode.store import Cell
from ridecode.taps import db
from ridecode.taps.devices.facts import Device
from ridecode.taps.devices.registry import Registry
from ridecode.taps.errors import OverloadedError, UnknownDeviceError
from ridecode.taps.facts import Answer, Receipt
from ridecode.taps.ingest.judged import Judged, judged
from ridecode.taps.ingest.writing import write

GATHER_S: Final = 0.010
GROUP_TAPS: Final = 5_000
WAITING_BYTES: Final = 32 << 20
"""Of bodies that wait, about 40,000 taps with their codes: a second's work."""
_RETRY_S_MOST = 30


class _Sent(Struct):
    """A body on its way."""

    device: str
    body: bytes
    content_type: str
    signature: bytes
    answer: "Future[list[Answer]]"
    judged: Judged | None = None


class IngestState(Struct, frozen=True):
    """How the door is doing."""

    waiting_bytes: int
    groups: int
    """Transactions so far."""
    receipts: dict[str, int]
    """Taps answered so far, by receipt."""
    overloaded: int
    """Bodies that were asked to come again."""


class Ingest:
    """Takes signed batches; may be called from any thread. A context manager that drains."""

    def __init__(self, cell: Cell, pack: Pack, now: Callable[[], int]) -> None:
        """`now` is the centre's clock, UTC epoch microseconds."""
        self._cell, self._pack, self._now = cell, pack, now
        self._registry = Registry(cell)
        self._lock = threading.Lock()
        self._has_arrived = threading.Condition(self._lock)
        self._is_ready = threading.Condition(self._lock)
        self._arrived: deque[_Sent] = deque()
        self._ready: deque[_Sent] = deque()
        self._ready_taps, self._ready_since = 0, 0.0
        self._waiting = 0
        self._rate = float(WAITING_BYTES)
        """Bytes a second that were lately written."""
        self._groups, self._overloaded = 0, 0
        self._receipts: Counter[Receipt] = Counter()
        self._closing = self._read_all = False
        self._threads = [
            threading.Thread(target=work, name=f"ingest {work.__name__}", daemon=True)
            for work in (self._read, self._write)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, device: str, body: bytes, content_type: str, signature: bytes
    ) -> "Future[list[Answer]]":
        """The answers to a batch, in its order, once all of it is durable.

        Raises `OverloadedError` where too much waits already. The future raises
        `UnknownDeviceError`, `BadInputError`, or `UnavailableError` where the database is away:
        then nothing is known of the batch, and to send it again is harmless.
        """
        sent = _Sent(device, body, content_type, signature, Future())
        # A sender that goes away cancels nothing: its batch is written all the same.
        sent.answer.set_running_or_notify_cancel()
        with self._lock:
            if self._closing:
                raise UnavailableError("No more taps are taken: the service ends.", "Try later.")
            if self._waiting and self._waiting + len(body) > WAITING_BYTES:
                self._overloaded += 1
                wait_s = min(int(self._waiting / self._rate) + 1, _RETRY_S_MOST)
                raise OverloadedError(wait_s)
            self._waiting += len(body)
            self._arrived.append(sent)
            self._has_arrived.notify()
        return sent.answer

    def state(self) -> IngestState:
        """Counts since the start."""
        with self._lock:
            receipts = {one.name.lower(): self._receipts[one] for one in Receipt}
            return IngestState(self._waiting, self._groups, receipts, self._overloaded)

    def close(self) -> None:
        """Take nothing more, write what waits, and end."""
        with self._lock:
            self._closing = True
            self._has_arrived.notify()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> "Ingest":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            with self._lock:
                while not self._arrived:
                    if self._closing:
                        self._read_all = True
                        self._is_ready.notify()
                        return
                    self._has_arrived.wait()
                sent = self._arrived.popleft()
            try:
                sent.judged = self._judge(sent)
            except Exception as error:  # noqa: BLE001 (the sender is told; the thread lives on)
                self._fail(sent, error)
                continue
            with self._lock:
                if not self._ready:
                    self._ready_since = time.monotonic()
                self._ready.append(sent)
                self._ready_taps += _taps(sent)
                self._is_ready.notify()

    def _judge(self, sent: _Sent) -> Judged:
        device = self._registry.find(sent.device)
        if device is None:
            raise UnknownDeviceError(sent.device)
        try:
            return self._judged(sent, device)
        except UnknownDeviceError:
            # It may have been enrolled with another key since it was remembered.
            again = self._registry.read(sent.device)
            if again is None or again.public_key == device.public_key:
                raise
            return self._judged(sent, again)

    def _judged(self, sent: _Sent, device: Device) -> Judged:
        now = self._now()
        return judged(self._pack, device, sent.body, sent.content_type, sent.signature, now)

    def _write(self) -> None:
        while group := self._gathered():
            began = time.monotonic()
            self._write_group(group)
            took = time.monotonic() - began
            size = sum(len(sent.body) for sent in group)
            with self._lock:
                self._rate += 0.2 * (size / took - self._rate)

    def _gathered(self) -> list[_Sent]:
        """The next group; empty at the end."""
        with self._lock:
            while not self._ready:
                if self._read_all:
                    return []
                self._is_ready.wait()
            end = self._ready_since + GATHER_S
            while not self._read_all and self._ready_taps < GROUP_TAPS:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._is_ready.wait(left)
            group, taps = list[_Sent](), 0
            while self._ready and taps < GROUP_TAPS:
                group.append(self._ready.popleft())
                taps += _taps(group[-1])
            self._ready_taps -= taps
            self._ready_since = time.monotonic()
            return group

    def _write_group(self, group: list[_Sent]) -> None:
        """One transaction; where that fails, each batch has one of its own: only what is at fault
        fails then."""
        batches = [sent.judged for sent in group if sent.judged is not None]
        try:
            with db.connected(self._cell) as conn:
                answers = write(conn, batches, self._now())
        except Exception as error:  # noqa: BLE001 (the sender is told; the thread lives on)
            if len(group) == 1 or isinstance(error, UnavailableError):
                for sent in group:
                    self._fail(sent, error)
            else:
                for sent in group:
                    self._write_group([sent])
            return
        for sent, answer in zip(group, answers, strict=True):
            self._answer(sent, answer)
        with self._lock:
            self._groups += 1

    def _answer(self, sent: _Sent, answers: Sequence[Answer] | None) -> None:
        if answers is None:
            self._again(sent)
            return
        receipts = [answer.receipt for answer in answers]
        with self._lock:
            self._waiting -= len(sent.body)
            for one in Receipt:
                self._receipts[one] += receipts.count(one)
        sent.answer.set_result(list(answers))

    def _again(self, sent: _Sent) -> None:
        """The device was changed since the batch was judged: judge it as it is now."""
        try:
            self._registry.read(sent.device)
            sent.judged = self._judge(sent)
        except Exception as error:  # noqa: BLE001 (the sender is told; the thread lives on)
            self._fail(sent, error)
        else:
            self._write_group([sent])

    def _fail(self, sent: _Sent, error: Exception) -> None:
        with self._lock:
            self._waiting -= len(sent.body)
        if not isinstance(error, RidecodeError):
            told = UnavailableError(
                f"The batch could not be stored: {type(error).__name__}.", "Send it again."
            )
            told.__cause__ = error
            error = told
        sent.answer.set_exception(error)


def _taps(sent: _Sent) -> int:
    return 0 if sent.judged is None else len(sent.judged.read)
