"""Codes used at another gate: known while the link holds, found later where it did not."""

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from msgspec.structs import replace

from ridecode.core import TapKind
from ridecode.validator import Passed
from ridecode.validator.device.pace import BackOff
from ridecode.validator.device.peer import Peer
from ridecode.validator.device.station import QUESTION, Station, frame
from ridecode.validator.device.tiers import Claim, Claims, claim_of
from tests.validator.device.world import NOW

KEY = b"\x05" * 32
S = 1_000_000
PASSED = Passed(
    account="3105170000000000001", code=bytes(16), made_s=NOW // S, ts=NOW, spot="a",
    kind=TapKind.ENTRY, party=0, until=NOW + 1_200 * S,
)  # fmt: skip


def claim(device: str, n: int = 0, ts: int = NOW) -> Claim:
    return claim_of(replace(PASSED, made_s=PASSED.made_s + n, ts=ts, until=ts + 1_200 * S), device)


def test_the_first_claim_stands_and_its_own_gate_may_say_it_again() -> None:
    claims = Claims()
    first = claim("gate-1")
    assert claims.put(first) is None
    assert claims.put(claim("gate-1", ts=NOW + 1)) is None
    assert claims.put(claim("gate-2", ts=NOW + S)) == first
    assert claims.put(claim("gate-2", 1)) is None
    assert len(claims) == 2


def test_a_claim_names_no_account_and_one_code_whatever_its_bytes() -> None:
    assert b"3105170" not in claim("gate-1").code
    assert claim_of(replace(PASSED, code=b"\x01" * 16), "gate-1").code == claim("gate-1").code


def test_a_full_memory_lets_go_of_the_dead_first_and_then_of_the_oldest() -> None:
    claims = Claims(most=10)
    for n in range(10):
        claims.put(claim("gate-1", n))
    claims.put(claim("gate-1", 10))
    assert len(claims) == 10
    assert claims.put(claim("gate-2", 9)) is not None
    assert claims.put(claim("gate-2", 0)) is None
    claims.put(claim("gate-1", 99, ts=NOW + 2_000 * S))
    assert len(claims) <= 10


@contextmanager
def serving(
    port: int = 0, above: Peer | None = None, known: Claim | None = None
) -> Iterator[Station]:
    with Station(("127.0.0.1", port), KEY, above) as station:
        if known is not None:
            station.claim(known)
        thread = Thread(target=station.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield station
        finally:
            station.shutdown()
            thread.join()


@contextmanager
def linked(port: int, key: bytes = KEY, deadline_s: float = 5.0) -> Iterator[Peer]:
    peer = Peer(("127.0.0.1", port), key, BackOff(0.01, 0.05, random.Random(1)), unheard,
                deadline_s)  # fmt: skip
    stop = Event()
    thread = Thread(target=peer.keep, args=(stop,))
    thread.start()
    try:
        yield peer
    finally:
        stop.set()
        thread.join()


def unheard(_event: str, **_: Any) -> None:
    """Nobody keeps this device's log."""


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


def test_a_code_passes_one_gate_of_a_station() -> None:
    with serving() as station, linked(station.server_address[1]) as one, \
            linked(station.server_address[1]) as other:  # fmt: skip
        until(lambda: one.linked and other.linked)
        assert one.claim(claim("gate-1")) is None
        assert other.claim(claim("gate-2")) == claim("gate-1")
        assert one.claim(claim("gate-1")) is None
        assert station.found == [(claim("gate-2"), claim("gate-1"))]


def test_without_a_link_the_lane_goes_on_and_the_evidence_is_found_later() -> None:
    with serving() as station:
        port = station.server_address[1]
        with linked(port) as one:
            until(lambda: one.linked)
            one.claim(claim("gate-1"))
    with linked(port) as lost:
        assert lost.claim(claim("gate-2")) is None
        assert lost.claim(claim("gate-2", 1)) is None
        with serving(port, known=claim("gate-1")) as station:
            until(lambda: lost.found_late == 1)
            assert station.found == [(claim("gate-2"), claim("gate-1"))]
            assert lost.claim(claim("gate-2", 2)) is None
            assert len(station.claims) == 3


def test_a_station_that_does_not_answer_costs_one_deadline_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with linked(silent.getsockname()[1], deadline_s=0.04) as peer:
            until(lambda: peer.linked)
            began = time.monotonic()
            assert peer.claim(claim("gate-1")) is None
            assert time.monotonic() - began < 1.0
            assert not peer.linked
        silent.listen(0)


def test_a_tier_above_knows_what_the_station_does_not() -> None:
    with serving() as line, linked(line.server_address[1]) as up:
        until(lambda: up.linked)
        with serving(above=up) as station, linked(station.server_address[1]) as gate:
            until(lambda: gate.linked)
            line.claim(claim("far"))
            assert gate.claim(claim("gate-1")) == claim("far")


def test_a_stranger_is_neither_heard_nor_believed() -> None:
    with serving() as station:
        port = station.server_address[1]
        with linked(port, key=b"\x06" * 32) as stranger:
            until(lambda: stranger.linked)
            assert stranger.claim(claim("gate-1")) is None
            assert len(station.claims) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00", b"\x00\x00", b"\xff\xff" + bytes(65_535), b"\x00\x20" + bytes(32),
        frame(KEY, QUESTION, bytes(8), []),
        frame(KEY, QUESTION, bytes(8), [claim("g")] * 201),
        frame(KEY, QUESTION, bytes(8), [None]),
        frame(KEY, b"answer", bytes(8), [claim("g")]),
    ],
)  # fmt: skip
def test_a_bad_frame_ends_its_own_connection_alone(data: bytes) -> None:
    with serving() as station, linked(station.server_address[1]) as gate:
        until(lambda: gate.linked)
        with socket.create_connection(("127.0.0.1", station.server_address[1])) as wire:
            wire.sendall(data)
            wire.shutdown(socket.SHUT_WR)
            assert wire.recv(10) == b""
        assert gate.claim(claim("gate-1")) is None
        assert gate.linked
