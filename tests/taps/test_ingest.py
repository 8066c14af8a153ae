"""The door for devices: each tap once, durable when answered, and what cannot be set aside."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

from ridecode.city import load_pack
from ridecode.core import (
    MICROS,
    BadInputError,
    Mode,
    RidecodeError,
    TapKind,
    TapSource,
    UnavailableError,
    Verdict,
    chain,
    device,
    new_id,
    tap_digest,
)
from ridecode.store import Cell, log
from ridecode.taps import (
    ARROW,
    JSON,
    AlarmKind,
    Answer,
    Ingest,
    OverloadedError,
    Stand,
    UnknownDeviceError,
    alarms,
    enrol,
    find_device,
    new_accounts,
    quarantined,
    record,
    revoke,
    tap,
    taps_of_accounts,
    to_arrow,
    totals,
)
from ridecode.taps.ingest import service
from ridecode.taps.reading import conflicts
from tests.taps.fleet import NOW, STAND, Gate, gate, receipts

SHENZHEN = load_pack("shenzhen")


@pytest.fixture
def ingest(cell: Cell) -> Iterator[Ingest]:
    with Ingest(cell, SHENZHEN, lambda: NOW) as made:
        yield made


def answers(future: "Future[list[Answer]]") -> list[str]:
    return receipts(future.result(60))


@pytest.mark.parametrize("content_type", [JSON, ARROW])
def test_a_batch_is_kept_once_and_comes_back_exactly(
    cell: Cell, ingest: Ingest, content_type: str
) -> None:
    one = gate(cell)
    batch = one.read(3)

    assert answers(one.send(ingest, batch, content_type)) == ["ACCEPTED"] * 3
    assert answers(one.send(ingest, batch, content_type)) == ["DUPLICATE"] * 3
    assert [tap(cell, at.tap_id) for at in batch.taps] == list(batch.taps)
    assert alarms(cell) == []


def test_accepted_taps_await_the_check_of_their_code_and_refused_ones_need_none(
    cell: Cell, ingest: Ingest
) -> None:
    one = gate(cell)
    batch, refused = one.read(2), one.read(1, verdict=Verdict.DENIED, code=b"")

    assert answers(one.send(ingest, batch)) == ["ACCEPTED"] * 2
    assert answers(one.send(ingest, refused)) == ["ACCEPTED"]
    with cell.connection() as conn:
        assert new_accounts(conn, 0).since == {}
        assert taps_of_accounts(conn, cell.city, {at.account: 0 for at in batch.taps}) == []
        (told,) = log.read(conn, "taps.unchecked", 0)
    assert msgpack.decode(told.body) == [at.tap_id.bytes for at in batch.taps]


SUSPECT: list[tuple[str, dict[str, Any], str]] = [
    ("a stop that is not there", {"stop": "atlantis"}, "UNKNOWN_PLACE"),
    ("a line that is not there", {"line": "sz-m99"}, "UNKNOWN_PLACE"),
    ("a product that is not there", {"product": "rocket"}, "UNKNOWN_PLACE"),
    ("an operator that is not there", {"operator": "nobody"}, "UNKNOWN_PLACE"),
    ("a metro gate on a bus", {"mode": Mode.BUS}, "UNKNOWN_PLACE"),
    ("another stop than its own", {"stop": "sz-luohu"}, "WRONG_DEVICE_PLACE"),
    ("an exit at an entry gate", {"kind": TapKind.EXIT}, "WRONG_DEVICE_PLACE"),
    ("another operator", {"operator": "mtr-shenzhen"}, "WRONG_DEVICE_PLACE"),
    ("61 s ahead", {"ts": NOW + 61 * MICROS}, "FROM_THE_FUTURE"),
    ("supplied by a rider", {"source": TapSource.RIDER}, "NOT_A_READING"),
    ("opened without a code", {"code": b""}, "CODE_MISSING"),
    ("two faults: the first is told", {"source": TapSource.IMPORT, "code": b""}, "NOT_A_READING"),
]


@pytest.mark.parametrize("content_type", [JSON, ARROW])
def test_what_cannot_be_is_kept_and_set_aside(
    cell: Cell, ingest: Ingest, content_type: str
) -> None:
    for name, fields, reason in SUSPECT:
        one = gate(cell, name)
        good, bad = one.read(1), one.read(1, **fields)

        assert answers(one.send(ingest, good, content_type)) == ["ACCEPTED"], name
        assert answers(one.send(ingest, bad, content_type)) == [f"QUARANTINED {reason}"], name
        assert answers(one.send(ingest, bad, content_type)) == ["DUPLICATE"], name
        aside = next(at for at in quarantined(cell) if at.tap == bad.taps[0])
        assert (aside.reason.name, aside.verdict, aside.at) == (reason, None, NOW), name
    assert totals(cell).quarantined == len(SUSPECT)
    with cell.connection() as conn:
        told = [at for one in log.read(conn, "taps.quarantined", 0) for at in read(one.body)]
    assert sorted(told) == sorted(
        [at.tap.tap_id.bytes, at.tap.account, at.reason, at.tap.ts] for at in quarantined(cell)
    )


read = msgpack.decode


IN_TIME: list[tuple[str, dict[str, Any]]] = [
    ("60 s ahead", {"ts": NOW + 60 * MICROS}),
    ("a year old", {"ts": NOW - 365 * 86_400 * MICROS}),
]


def test_what_can_be_is_accepted(cell: Cell, ingest: Ingest) -> None:
    for name, fields in IN_TIME:
        one = gate(cell, name)

        assert answers(one.send(ingest, one.read(1, **fields))) == ["ACCEPTED"], name


def test_a_bus_reader_may_be_at_any_stop_of_its_line(cell: Cell, ingest: Ingest) -> None:
    line = next(one for one in SHENZHEN.lines.values() if one.mode is Mode.BUS)
    stand = Stand(product=line.product, line=line.id, vehicle="粤B00001")
    one = gate(cell, stand=stand, operator=line.operator)
    on_board = {
        "kind": TapKind.SINGLE, "mode": Mode.BUS, "product": line.product, "line": line.id,
        "operator": line.operator, "vehicle": "粤B00001",
    }  # fmt: skip

    found = [one.send(ingest, one.read(1, stop=stop, **on_board)) for stop in line.stops[:3]]

    assert [answers(future) for future in found] == [["ACCEPTED"]] * 3


def test_a_device_that_is_not_enrolled_or_signs_with_another_key_is_refused(
    cell: Cell, ingest: Ingest
) -> None:
    one, stranger = gate(cell), Gate("stranger", device.new_key())
    thief = Gate("g1", device.new_key())

    for who in (stranger, thief):
        with pytest.raises(UnknownDeviceError):
            who.send(ingest, who.read(1)).result(60)
    body = device.to_json(one.read(1))
    with pytest.raises(UnknownDeviceError):
        signature = device.sign(one.private, device.Said.HEARTBEAT, body)
        ingest.submit("g1", body, JSON, signature).result(60)
    assert totals(cell).taps == 0


def test_no_device_speaks_for_another(cell: Cell, ingest: Ingest) -> None:
    one, two = gate(cell), gate(cell, "g2")
    body = device.to_json(two.read(1))

    with pytest.raises(UnknownDeviceError):
        signature = device.sign(one.private, device.Said.TAPS, body)
        ingest.submit("g1", body, JSON, signature).result(60)


def test_a_revoked_device_is_heard_and_set_aside(cell: Cell, ingest: Ingest) -> None:
    """And the revocation holds at once, whatever was remembered of the device."""
    one = gate(cell)
    first, second = one.read(2), one.read(2)
    assert answers(one.send(ingest, first)) == ["ACCEPTED"] * 2

    revoke(cell, "g1", "stolen", NOW)
    revoke(cell, "g1", "again", NOW + 5)

    assert answers(one.send(ingest, second)) == ["QUARANTINED DEVICE_REVOKED"] * 2
    assert answers(one.send(ingest, first)) == ["DUPLICATE"] * 2
    assert [alarm.kind for alarm in alarms(cell)] == [AlarmKind.REVOKED_STILL_TALKING]
    assert (find_device(cell, "g1").revoked_at, find_device(cell, "g1").reason) == (NOW, "stolen")


def test_a_device_with_a_new_key_begins_a_new_journal(cell: Cell, ingest: Ingest) -> None:
    old = gate(cell)
    assert answers(old.send(ingest, old.read(3))) == ["ACCEPTED"] * 3

    new = Gate("g1", device.new_key()).enrolled(cell, enrolled_at=NOW)

    with pytest.raises(UnknownDeviceError):
        old.send(ingest, old.read(1)).result(60)
    batch = new.read(1, tap_id=new_id(NOW))
    assert answers(new.send(ingest, batch)) == ["ACCEPTED"]
    assert alarms(cell) == []


def test_a_device_that_was_moved_is_judged_by_its_new_place(cell: Cell, ingest: Ingest) -> None:
    one = gate(cell)
    assert answers(one.send(ingest, one.read(1))) == ["ACCEPTED"]

    enrol(cell, replace(find_device(cell, "g1"), stand=replace(STAND, stop="sz-luohu", line="")))

    assert answers(one.send(ingest, one.read(1))) == ["QUARANTINED WRONG_DEVICE_PLACE"]
    assert answers(one.send(ingest, one.read(1, stop="sz-luohu"))) == ["ACCEPTED"]


def test_a_gap_is_an_alarm_and_its_taps_stay(cell: Cell, ingest: Ingest) -> None:
    one = gate(cell)
    first, lost, third = one.read(5), one.read(5), one.read(5)

    assert answers(one.send(ingest, first)) == ["ACCEPTED"] * 5
    assert answers(one.send(ingest, third)) == ["ACCEPTED"] * 5
    (alarm,) = alarms(cell)
    assert (alarm.device, alarm.kind) == ("g1", AlarmKind.GAP)
    assert alarm.detail == {"first": 6, "last": 10}
    assert answers(one.send(ingest, third)) == ["DUPLICATE"] * 5
    assert answers(one.send(ingest, lost)) == ["ACCEPTED"] * 5
    assert answers(one.send(ingest, one.read(1))) == ["ACCEPTED"]
    assert len(alarms(cell)) == 1


def test_a_cloned_key_forks_the_chain_and_what_it_tells_is_set_aside(
    cell: Cell, ingest: Ingest
) -> None:
    one = gate(cell)
    assert answers(one.send(ingest, one.read(5))) == ["ACCEPTED"] * 5
    clone = Gate("g1", one.private, seq=one.seq, head=one.head)
    true = one.read(3)
    false = clone.read(3, account="3104870400000000001")
    false = replace(false, taps=tuple(replace(at, tap_id=new_id(NOW)) for at in false.taps))

    assert answers(one.send(ingest, true)) == ["ACCEPTED"] * 3
    assert answers(one.send(ingest, false)) == ["QUARANTINED SEQUENCE_FORKED"] * 3
    assert answers(one.send(ingest, false)) == ["DUPLICATE"] * 3
    assert [(alarm.kind, alarm.detail) for alarm in alarms(cell)] == [(AlarmKind.FORK, {"seq": 6})]
    assert answers(one.send(ingest, one.read(1))) == ["ACCEPTED"]


def test_taps_sent_again_under_new_ids_are_set_aside(cell: Cell, ingest: Ingest) -> None:
    """Their links are those of the true ones; their ids are not known."""
    one = gate(cell)
    batch = one.read(3)
    one.send(ingest, batch).result(60)
    renamed = replace(batch, taps=tuple(replace(at, tap_id=new_id(NOW)) for at in batch.taps))

    assert answers(one.send(ingest, renamed)) == ["QUARANTINED SEQUENCE_FORKED"] * 3


def test_a_tap_of_a_known_id_with_another_body_is_refused_and_kept_as_evidence(
    cell: Cell, ingest: Ingest
) -> None:
    one = gate(cell)
    first = one.read(1)
    one.send(ingest, first).result(60)
    second = one.read(2, tap_id=first.taps[0].tap_id)

    assert answers(one.send(ingest, second)) == ["REFUSED ID_TAKEN"] * 2
    assert answers(one.send(ingest, second)) == ["REFUSED ID_TAKEN"] * 2
    assert tap(cell, first.taps[0].tap_id) == first.taps[0]
    assert {kept.tap_id for kept in conflicts(cell)} == {first.taps[0].tap_id}
    assert len(conflicts(cell)) == 2


MALFORMED: list[tuple[str, Callable[[Gate], bytes], str, str]] = [
    ("no JSON", lambda _: b"{", JSON, "no batch of taps"),
    ("no Arrow", lambda _: b"\xff\xff\xff\xff", ARROW, "no Arrow stream"),
    ("JSON as Arrow", lambda one: device.to_json(one.read(1)), ARROW, "no Arrow stream"),
    ("another form", lambda one: device.to_json(one.read(1)), "text/csv", "do not come as"),
    ("another city", lambda one: device.to_json(one.read(1, city="elsewhere")), JSON, "the city"),
    ("before 1970", lambda one: device.to_json(late(one, ts=-1)), JSON, "1970"),
    ("before 1970", lambda one: to_arrow(late(one, ts=-1)), ARROW, "1970"),
    ("NUL", lambda one: device.to_json(one.read(1, vehicle="a\0")), JSON, "0x00"),
    ("too large", lambda one: device.to_json(one.read(1, bundle=1 << 31)), JSON, "integer"),
]  # fmt: skip


def late(one: Gate, **fields: Any) -> device.TapBatch:
    """A batch that no device would chain."""
    batch = one.read(1)
    return replace(batch, taps=tuple(replace(at, **fields) for at in batch.taps))


def test_what_is_malformed_is_refused_alone(cell: Cell, ingest: Ingest) -> None:
    """Batches that were on their way beside it are kept."""
    two = gate(cell, "g2")
    for name, make, content_type, said in MALFORMED:
        one = gate(cell)
        body = make(one)
        beside = [two.send(ingest, two.read(1)) for _ in range(2)]
        signature = device.sign(one.private, device.Said.TAPS, body)
        bad = ingest.submit("g1", body, content_type, signature)
        beside += [two.send(ingest, two.read(1)) for _ in range(2)]

        with pytest.raises(BadInputError, match=said):
            bad.result(60)
        assert [answers(future) for future in beside] == [["ACCEPTED"]] * 4, name


def test_batches_that_wait_are_written_together(cell: Cell, ingest: Ingest) -> None:
    """Even of one device, one after another, some of them twice."""
    one = gate(cell)
    sent = [one.read(10) for _ in range(20)]

    found = [one.send(ingest, batch) for batch in sent for _ in range(2)]

    assert Counter(word for future in found for word in answers(future)) == {
        "ACCEPTED": 200, "DUPLICATE": 200,
    }  # fmt: skip
    assert alarms(cell) == []
    assert ingest.state().groups < 40
    assert ingest.state().receipts == {
        "accepted": 200, "duplicate": 200, "refused": 0, "quarantined": 0,
    }  # fmt: skip
    assert ingest.state().waiting_bytes == 0


def test_too_much_is_asked_to_come_again_and_nothing_acknowledged_is_lost(
    cell: Cell, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WAITING_BYTES", 100_000)
    one = gate(cell)
    waiting: list[tuple[device.TapBatch, Future[list[Answer]]]] = []
    later: list[device.TapBatch] = []
    for _ in range(40):
        batch = one.read(20)
        try:
            waiting.append((batch, one.send(ingest, batch)))
        except OverloadedError as error:
            assert 1 <= error.retry_after_s <= 30
            later.append(batch)

    assert later and waiting
    for _, future in waiting:
        assert answers(future) == ["ACCEPTED"] * 20
    assert ingest.state().overloaded == len(later)
    for batch in later:
        assert answers(one.send(ingest, batch)) == ["ACCEPTED"] * 20
    assert totals(cell).taps == 800


def test_a_service_that_ends_writes_what_it_took(cell: Cell) -> None:
    one = gate(cell)
    ingest = Ingest(cell, SHENZHEN, lambda: NOW)
    found = [one.send(ingest, one.read(5)) for _ in range(10)]

    ingest.close()

    assert [answers(future) for future in found] == [["ACCEPTED"] * 5] * 10
    with pytest.raises(UnavailableError):
        one.send(ingest, one.read(1))


def test_a_sender_that_goes_away_takes_nothing_back(cell: Cell, ingest: Ingest) -> None:
    one = gate(cell)
    batch = one.read(3)

    assert not one.send(ingest, batch).cancel()
    assert answers(one.send(ingest, one.read(1))) == ["ACCEPTED"]
    assert totals(cell).taps == 4


def test_two_services_on_one_cell_neither_block_nor_lose_a_tap(cell: Cell) -> None:
    gates = [gate(cell, f"g{n}") for n in range(6)]
    sent = [(one, one.read(20)) for _ in range(5) for one in gates]
    found: list[Future[list[Answer]]] = []

    def send(order: int) -> None:
        with Ingest(cell, SHENZHEN, lambda: NOW) as ingest:
            found.extend([one.send(ingest, batch) for one, batch in sent[::order]])

    threads = [threading.Thread(target=send, args=(order,)) for order in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    told = Counter(word for future in found for word in answers(future))
    assert told == {"ACCEPTED": 600, "DUPLICATE": 600}
    assert totals(cell).taps == 600
    assert {alarm.kind for alarm in alarms(cell)} <= {AlarmKind.GAP}


REAL = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@REAL
@given(data=st.data())
def test_order_repetition_and_cuts_change_neither_rows_nor_the_sum_of_answers(
    cell: Cell, data: st.DataObject
) -> None:
    """A journal of twenty readings, cut up twice in different ways, in any order."""
    with cell.connection() as conn:
        conn.execute("TRUNCATE taps, devices, device_chains, device_gaps, device_alarms")
    one = gate(cell)
    taps = one.read(20).taps
    links = [chain.GENESIS]
    for at in taps:
        links.append(chain.link(links[-1], tap_digest(at)))
    pieces: list[tuple[int, int]] = []
    for _ in range(2):
        cuts = sorted(data.draw(st.sets(st.integers(1, 19), max_size=4)))
        pieces += zip([0, *cuts], [*cuts, 20], strict=True)
    with Ingest(cell, SHENZHEN, lambda: NOW) as ingest:
        found = [
            one.send(ingest, device.TapBatch(device="g1", before=links[a], taps=taps[a:b]),
                     data.draw(st.sampled_from([JSON, ARROW])))
            for a, b in data.draw(st.permutations(pieces))
        ]  # fmt: skip
        told = Counter(word for future in found for word in answers(future))

    assert told == {"ACCEPTED": 20, "DUPLICATE": 20}
    assert [tap(cell, at.tap_id) for at in taps] == list(taps)
    assert quarantined(cell) == []


def test_what_the_centre_itself_vouches_for_stands_at_once_beside_it(
    cell: Cell, ingest: Ingest
) -> None:
    one = gate(cell)
    batch = one.read(2)
    one.send(ingest, batch).result(60)

    mine = replace(batch.taps[0], tap_id=UUID(int=7))
    record(cell, [mine])

    with cell.connection() as conn:
        assert new_accounts(conn, 0).since == {mine.account: mine.ts}
        found = taps_of_accounts(conn, cell.city, {at.account: 0 for at in batch.taps})
    assert [at.tap_id for at in found] == [mine.tap_id]


def test_a_database_that_is_away_is_told_and_the_service_lives_on(cell: Cell) -> None:
    one = gate(cell)
    with Ingest(cell, SHENZHEN, lambda: NOW) as ingest:
        first, second = one.read(1), one.read(1)
        assert answers(one.send(ingest, first)) == ["ACCEPTED"]
        with cell.connection() as conn:
            conn.execute("ALTER TABLE taps RENAME TO gone")
        with pytest.raises(RidecodeError):
            one.send(ingest, second).result(60)
        with cell.connection() as conn:
            conn.execute("ALTER TABLE gone RENAME TO taps")
        assert answers(one.send(ingest, second)) == ["ACCEPTED"]
