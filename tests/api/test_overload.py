"""Ten times the load that the door holds: who is too much is asked to come again, what was
acknowledged is there, and when the flood is over the door is as fast as before.

`ridecode serve` with a queue of some hundred taps in place of 40,000, so that a few megabytes
are a flood. The senders are sockets that write requests made beforehand.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, json

from ridecode.core import device
from ridecode.store import Cell, Connection, server_cpu_s
from ridecode.store.spent import family_cpu_s
from tests.taps.fleet import Gate

GATES: Final = 24
TAPS: Final = 25
"""Of a batch."""
CALM: Final = 5
"""Senders that wait for each answer: the load that the door holds."""
FLOOD_S, RECOVERED_S = 4, 10
WAITING_BYTES: Final = 2 * CALM * TAPS * 800
"""Twice what the calm senders have on their way."""


OPEN_MOST: Final = 400
"""Connections of the flood: a process may have a thousand files open."""


class Request(Struct, frozen=True):
    ids: tuple[str, ...]
    wire: bytes


class Answer(Struct, frozen=True):
    status: int
    at: float
    ids: tuple[str, ...]
    retry_after: int | None


SERVER: Final = f"""
from ridecode.taps.ingest import service
service.WAITING_BYTES = {WAITING_BYTES}
from ridecode.cli import main
main()
"""


@contextmanager
def serving(data: Path) -> Iterator[tuple[int, int]]:
    """`ridecode serve` in a process of its own; its port and its number."""
    command = [sys.executable, "-c", SERVER, "serve", "--data", str(data), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        page: str = json.decode(server.stdout.readline())["page"]
        try:
            yield int(page.rstrip("/").rpartition(":")[2]), server.pid
        finally:
            server.terminate()


class Senders:
    """Every gate's next batches, signed; each is sent once its turn has come, and never again."""

    def __init__(self, gates: list[Gate]) -> None:
        self._gates = gates
        self._at = 0
        self.answers: list[Answer] = []

    def next(self) -> Request:
        gate = self._gates[self._at % len(self._gates)]
        self._at += 1
        batch = gate.read(TAPS)
        body = device.to_json(batch)
        head = (
            f"POST /v1/taps HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nRidecode-Device: {gate.name}\r\n"
            f"Ridecode-Signature: {gate.sign(body).hex()}\r\n\r\n"
        )
        return Request(tuple(str(tap.tap_id) for tap in batch.taps), head.encode() + body)

    async def in_turn(self, port: int, requests: list[Request], until: float) -> None:
        """One connection, a request after the other's answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while requests and time.monotonic() < until:
            asked = requests.pop()
            writer.write(asked.wire)
            self.answers.append(await _answer(reader, asked))
        writer.close()

    async def calm(self, port: int, requests: list[Request], until: float) -> None:
        await asyncio.gather(*(self.in_turn(port, requests, until) for _ in range(CALM)))

    async def flood(self, port: int, requests: list[Request], per_s: float) -> None:
        """So many requests a second, whether or not the last ones were answered; what is refused is
        sent again, and nobody waits as he is told to."""
        idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        running: set[asyncio.Task[None]] = set()

        async def one(asked: Request) -> None:
            known = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
            known[1].write(asked.wire)
            answer = await _answer(known[0], asked)
            self.answers.append(answer)
            if answer.status != 200:
                requests.append(asked)
            idle.append(known)

        began = time.monotonic()
        while (spent := time.monotonic() - began) < FLOOD_S:
            due = int(spent * per_s) + 1 - (len(self.answers) + len(running))
            for _ in range(min(due, len(requests), OPEN_MOST - len(running))):
                task = asyncio.create_task(one(requests.pop()))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(0.005)
        await asyncio.gather(*running)
        for _, writer in idle:
            writer.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a browser of other tests keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _answer(reader: asyncio.StreamReader, asked: Request) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = head.lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    body = await reader.readexactly(int(fields["content-length"]))
    status = int(lines[0].split()[1])
    if status == 200:
        assert [one["tap_id"] for one in json.decode(body)] == list(asked.ids)
    retry = fields.get("retry-after")
    return Answer(status, time.monotonic(), asked.ids, None if retry is None else int(retry))


class Spent(Struct, frozen=True):
    """Seconds so far: by the clock, of CPU by the door with its database and its senders, and of
    CPU by everybody, the machine's other guests too."""

    at: float
    ours: float
    all: float

    @staticmethod
    def now(conn: Connection, door: int) -> "Spent":
        ticks = os.sysconf("SC_CLK_TCK")
        whole = Path("/proc/stat").read_text(encoding="ascii").split()
        user, nice, system, _idle, _waiting, *others = whole[1:9]
        ours = time.process_time() + family_cpu_s(door) + server_cpu_s(conn)
        everybody = sum(map(int, (user, nice, system, *others))) / ticks
        return Spent(time.monotonic(), ours, everybody)

    def left_since(self, before: "Spent") -> float:
        """Seconds of CPU that others left to us."""
        others = (self.all - before.all) - (self.ours - before.ours)
        return (os.cpu_count() or 1) * (self.at - before.at) - others


class Speed(Struct, frozen=True):
    """Batches stored, by the clock and by the CPU that others left: other tests run beside this."""

    per_s: float
    per_cpu_s: float

    @staticmethod
    def of(answers: list[Answer], since: Spent, now: Spent) -> "Speed":
        stored = sum(one.status == 200 for one in answers)
        return Speed(stored / (now.at - since.at), stored / now.left_since(since))

    def is_as(self, before: "Speed") -> bool:
        return self.per_s >= 0.8 * before.per_s or self.per_cpu_s >= 0.8 * before.per_cpu_s


def test_ten_times_the_load(cell: Cell, data_folder: Path) -> None:
    gates = [Gate(f"gate-{at}", device.new_key()).enrolled(cell) for at in range(GATES)]
    senders = Senders(gates)
    with serving(data_folder) as (port, door), cell.connection() as conn:
        # What nobody counts: connections, statements and imports of a first request.
        _run(senders.calm(port, [senders.next() for _ in range(30)], time.monotonic() + 30))
        senders.answers.clear()

        ready = [senders.next() for _ in range(1_000)][::-1]
        since = Spent.now(conn, door)
        _run(senders.calm(port, ready, since.at + 2))
        before = Speed.of(senders.answers, since, Spent.now(conn, door))
        holds = before.per_s
        assert {one.status for one in senders.answers} == {200}
        calm, senders.answers = senders.answers, []

        many = [senders.next() for _ in range(int(3 * holds * FLOOD_S))][::-1]
        began = time.monotonic()
        _run(senders.flood(port, many, 10 * holds))
        flooded, senders.answers = senders.answers, []
        for _ in range(RECOVERED_S):
            some = [senders.next() for _ in range(int(3 * holds))][::-1]
            answered = len(senders.answers)
            since = Spent.now(conn, door)
            _run(senders.calm(port, some, since.at + 1))
            after = Speed.of(senders.answers[answered:], since, Spent.now(conn, door))
            if after.is_as(before):
                break
        else:
            raise AssertionError(f"{before} before, {after} after")

    refused = [one for one in flooded if one.status == 429]
    assert {one.status for one in flooded} == {200, 429}
    # Who sends shares the cores with who takes in, and with other tests: what makes it a flood is
    # that more was refused than taken, and some of it in every second.
    assert len(refused) > len(flooded) - len(refused), "that was no flood"
    assert {int(one.at - began) for one in refused} >= set(range(FLOOD_S)), "that was no flood"
    assert all(one.retry_after is not None and one.retry_after >= 1 for one in refused)
    assert {one.status for one in senders.answers} == {200}

    acknowledged = [
        id_ for one in (*calm, *flooded, *senders.answers) if one.status == 200 for id_ in one.ids
    ]
    with cell.connection() as conn:
        (there,) = conn.execute(
            "SELECT count(*) FROM taps WHERE tap_id = ANY(%s::uuid[])", (acknowledged,)
        ).fetchone() or (0,)
    assert there == len(acknowledged) == len(set(acknowledged))
