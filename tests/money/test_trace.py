"""Whatever one begins with, the whole way of the money comes out, from the tap to the file."""

from pathlib import Path

import pytest

from ridecode.core import NotFoundError, new_id
from ridecode.money.clearing import Reason, dispute, sent_lines
from ridecode.money.ledger import Flow
from ridecode.money.trace import Trace, trace_line, trace_order, trace_tap
from ridecode.store import Cell
from tests.money.channels.scripted import CALENDAR, DAY, Scripted, booked, signed, worked
from tests.money.test_closing import EVENING, MORNING, NEXT, a_day, answered, close, n_of, take
from tests.rides.city import city_taps, pack


def told(trace: Trace) -> tuple[object, ...]:
    assert trace.order is not None
    return (
        [one.line.journal.flow for one in trace.fares],
        [one.line.journal.flow for one in trace.order.booked],
        trace.order.kept.order.amount,
    )


def test_a_tap_leads_to_its_line_in_the_file_and_back(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    lines = dict(sent_lines(tmp_path / file.name))
    entry, exit_ = city_taps(cell, "9:00 metro+a, 9:20 metro-b", "2", first=3)
    trace = trace_tap(cell, pack(), entry.tap_id)
    assert trace == trace_tap(cell, pack(), exit_.tap_id)
    assert trace.ride is not None and trace.order is not None
    assert told(trace) == ([Flow.FARE], [Flow.CHARGED_WALLET], 200)
    assert [line.rule for line in trace.prices[-1].price.lines] == ["metro"]
    assert trace.order.signed.platform == "tencent"
    for one in (*trace.fares, *trace.order.booked):
        (place,) = one.places
        assert (place.number, n_of(lines[place.at])) == (1, one.line.n)
        assert trace_line(cell, one.line.n) == trace
    assert trace_order(cell, trace.order.kept.order.order_id) == trace


def test_every_line_of_a_file_leads_to_a_ride(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("filing", "place"):
        monkeypatch.setattr(f"ridecode.money.clearing.{module}.LINES_MOST", 3)
    a_day(cell)
    files = close(cell, tmp_path).files
    assert len(files) == 3
    for file in files:
        for at, line in sent_lines(tmp_path / file.name):
            trace = trace_line(cell, n_of(line))
            assert trace.ride is not None
            places = [
                (place.number, place.at)
                for one in (*trace.fares, *(trace.order.booked if trace.order else ()))
                for place in one.places
                if one.line.n == n_of(line)
            ]
            assert places == [(file.number, at)]


def test_what_was_rejected_is_found_where_it_is_sent_again(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    take(cell, tmp_path, answered(tmp_path / file.name, {3: Reason.DUPLICATE}, tmp_path))
    dispute(cell, CALENDAR, 1, 3, NEXT)
    (again,) = close(cell, tmp_path, DAY + 1, CALENDAR.starts(DAY + 2)).files
    n = n_of(dict(sent_lines(tmp_path / file.name))[3])
    ((first, second),) = [one.places for one in trace_line(cell, n).fares if one.line.n == n]
    assert (first.number, first.at, first.is_answered, first.reason) == (
        1, 3, True, Reason.DUPLICATE,
    )  # fmt: skip
    assert (second.number, second.at, second.is_answered, second.reason) == (
        again.number, 2, False, None,
    )  # fmt: skip


def test_a_way_that_is_not_gone_to_its_end(cell: Cell) -> None:
    signed(cell, now=MORNING)
    (tap,) = city_taps(cell, "8:00 bus.")
    booked(cell, [tap], EVENING)
    trace = trace_tap(cell, pack(), tap.tap_id)
    assert told(trace) == ([Flow.FARE], [], 200)
    assert trace.fares[0].places == ()
    worked(cell, Scripted(), EVENING)
    assert told(trace_tap(cell, pack(), tap.tap_id)) == ([Flow.FARE], [Flow.CHARGED], 200)


def test_what_is_not_there_is_not_found(cell: Cell) -> None:
    with pytest.raises(NotFoundError, match="part of no ride"):
        trace_tap(cell, pack(), new_id())
    with pytest.raises(NotFoundError, match="no charge order"):
        trace_order(cell, new_id())
    with pytest.raises(NotFoundError, match="no line 7"):
        trace_line(cell, 7)
