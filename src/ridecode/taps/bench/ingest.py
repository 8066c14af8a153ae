"""How fast devices' taps are taken in here, over HTTP, by a server process beside PostgreSQL.

This process posts batches that were made, chained and signed before: its own CPU time is not
counted, but it shares the cores. The *baseline* inserts the same rows in commits of the same size
by one bare `INSERT … SELECT unnest(…)` without conflict clause, encoded beforehand, from this
process.
"""

import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Final

from msgspec import Struct, json

from ridecode.city import load_pack
from ridecode.core import MICROS, Bar, Progress, UnavailableError, device, unseen
from ridecode.store import Cell, as_array, process_cpu_s, server_cpu_s
from ridecode.taps import db
from ridecode.taps.bench import fleet
from ridecode.taps.bench.door import NOW
from ridecode.taps.devices import Device, Stand, enrol
from ridecode.taps.facts import Receipt
from ridecode.taps.ingest import ARROW, JSON
from ridecode.taps.ingest.judged import Judged, judged
from ridecode.taps.ingest.service import GROUP_TAPS

TAPS: Final = 60_000
JSON_US_MOST: Final = 40.0
ARROW_US_MOST: Final = 20.0
RATIO_LEAST: Final = 0.35
PER_S_LEAST: Final = 40_000.0
QUIET: Final = 0.5
"""A load above this says nothing about the taps that a quiet machine takes in a second."""


class IngestStep(Struct, frozen=True):
    """One kind of batch: CPU microseconds a tap on both sides, taps a second of wall time."""

    name: str
    taps: int
    per_s: float
    server_us: float
    postgres_us: float
    us: float
    body_bytes: float
    """Of a body, a tap's share."""


class IngestBench(Struct, frozen=True):
    """What `bench_ingest` found."""

    load: float
    """Before it began."""
    code_bytes: int
    steps: tuple[IngestStep, ...]
    bars: tuple[Bar, ...]


def bench_ingest(cell: Cell, progress: Progress = unseen) -> IngestBench:
    """Measure for some ten seconds; needs /proc, and fills the cell, which is to be thrown away."""
    load = os.getloadavg()[0]
    key = device.new_key()
    _ingest(cell, key, "warm-up", TAPS // 2, 100, JSON)
    steps = []
    kinds = (("JSON in batches of 100", 100, JSON), ("Arrow in batches of 1,000", 1_000, ARROW))
    for done, (name, per_batch, content_type) in enumerate(kinds):
        progress(done, len(kinds) + 1)
        steps.append(_ingest(cell, key, name, TAPS, per_batch, content_type))
    progress(len(kinds), len(kinds) + 1)
    steps.append(_baseline(cell, key))
    return IngestBench(load, 332, tuple(steps), _bars(load, *steps))


def _bars(load: float, plain: IngestStep, arrow: IngestStep, bare: IngestStep) -> tuple[Bar, ...]:
    bars = [
        Bar.at_most("CPU µs a tap, JSON in batches of 100", plain.us, JSON_US_MOST),
        Bar.at_most("CPU µs a tap, Arrow in batches of 1,000", arrow.us, ARROW_US_MOST),
        Bar.at_least("× the bare insert, by CPU, JSON", bare.us / plain.us, RATIO_LEAST),
    ]
    if load < QUIET:
        best = max(plain.per_s, arrow.per_s)
        bars.append(Bar.at_least("taps acknowledged a second", best, PER_S_LEAST))
    return tuple(bars)


def _enrolled(cell: Cell, of: str, key: bytes) -> dict[str, Device]:
    made = {
        name: Device(
            device=name, public_key=device.public_key(key), operator=fleet.OPERATOR,
            stand=Stand(product=fleet.PRODUCT), enrolled_at=0,
        )
        for name in fleet.names(of)
    }  # fmt: skip
    for one in made.values():
        enrol(cell, one)
    return made


def _ingest(
    cell: Cell, key: bytes, name: str, taps: int, per_batch: int, content_type: str
) -> IngestStep:
    """One kind of batch through a server process of its own, which has taken some before."""
    _enrolled(cell, name, key)
    first = fleet.DEVICES * per_batch
    bodies = list(fleet.signed(name, key, first + taps, per_batch, content_type))
    with cell.connection() as conn, _door(cell) as (server, port):
        _post_all(port, bodies[: fleet.DEVICES])
        bodies = bodies[fleet.DEVICES :]
        before, began = (process_cpu_s(server), server_cpu_s(conn)), time.perf_counter()
        _post_all(port, bodies)
        wall = time.perf_counter() - began
        after = process_cpu_s(server), server_cpu_s(conn)
    return _step(name, bodies, wall, after[0] - before[0], after[1] - before[1])


def _step(
    name: str, bodies: Sequence[fleet.Signed], wall: float, server_s: float, postgres_s: float
) -> IngestStep:
    taps = sum(one.taps for one in bodies)
    return IngestStep(
        name, taps, taps / wall, server_s / taps * MICROS, postgres_s / taps * MICROS,
        (server_s + postgres_s) / taps * MICROS, sum(len(one.body) for one in bodies) / taps,
    )  # fmt: skip


_DOOR: Final = "import sys; from ridecode.taps.bench import door; door.main(*sys.argv[1:])"


@contextmanager
def _door(cell: Cell) -> Iterator[tuple[int, int]]:
    """A server process and its port."""
    command = [sys.executable, "-c", _DOOR, "shenzhen", cell.dsn]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdin is not None
        yield process.pid, int(process.stdout.readline())
        process.stdin.close()


def _post_all(port: int, bodies: Sequence[fleet.Signed]) -> None:
    """Over as many connections as fill two groups, each with one request under way."""
    waiting = deque(_request(one) for one in bodies)
    connections = min(2 * GROUP_TAPS // bodies[0].taps, len(bodies))
    with selectors.DefaultSelector() as answers:
        for _ in range(connections):
            opened = socket.create_connection(("127.0.0.1", port))
            opened.sendall(waiting.popleft())
            answers.register(opened, selectors.EVENT_READ, bytearray())
        while answers.get_map():
            for ready, _ in answers.select():
                assert isinstance(ready.fileobj, socket.socket)
                if not _is_answered(ready.fileobj, ready.data):
                    continue
                if waiting:
                    ready.fileobj.sendall(waiting.popleft())
                else:
                    answers.unregister(ready.fileobj)
                    ready.fileobj.close()


def _request(one: fleet.Signed) -> bytes:
    head = (
        f"POST /v1/taps HTTP/1.1\r\nHost: bench\r\nContent-Type: {one.content_type}\r\n"
        f"Content-Length: {len(one.body)}\r\nRidecode-Device: {one.device}\r\n"
        f"Ridecode-Signature: {one.signature.hex()}\r\n\r\n"
    )
    return head.encode() + one.body


def _is_answered(connection: socket.socket, heard: bytearray) -> bool:
    """Read on; whether the answer is whole, and every tap of it accepted."""
    part = connection.recv(1 << 16)
    heard += part
    head, _, body = bytes(heard).partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if part and (length is None or len(body) < int(length[1])):
        return False
    if not head.startswith(b"HTTP/1.1 200") or any(
        answer["receipt"] != Receipt.ACCEPTED for answer in json.decode(body)
    ):
        raise UnavailableError("The measured server refused a tap.", body[:300].decode())
    heard.clear()
    return True


_LENGTH = re.compile(rb"content-length: (\d+)")


def _baseline(cell: Cell, key: bytes) -> IngestStep:
    """The bare insert of the same rows, encoded before the clock runs."""
    name = "bare insert in the same commits"
    devices, pack = _enrolled(cell, name, key), load_pack("shenzhen")
    bodies = list(fleet.signed(name, key, TAPS, 1_000, ARROW))
    size = GROUP_TAPS // 1_000
    commits = [
        _arrays([
            judged(pack, devices[one.device], one.body, one.content_type, one.signature, NOW)
            for one in bodies[at : at + size]
        ])
        for at in range(0, len(bodies), size)
    ]  # fmt: skip
    with cell.connection() as conn:
        before = time.process_time(), server_cpu_s(conn)
        began = time.perf_counter()
        for commit in commits:
            db.insert_bare(conn, commit)
        wall = time.perf_counter() - began
        after = time.process_time(), server_cpu_s(conn)
    return _step(name, bodies, wall, after[0] - before[0], after[1] - before[1])


def _arrays(batches: Sequence[Judged]) -> list[bytes]:
    """The columns of a commit as parameters of `unnest`."""
    rows = [[one.read.ids, *one.read.values(one.digests, one.passed)[1:]] for one in batches]
    return [
        as_array(list(chain.from_iterable(parts)), column)
        for parts, column in zip(zip(*rows, strict=True), db.TAP_COLUMNS, strict=True)
    ]
