"""Recording: each tap once, every answer told, whatever the order, the sets and the repetition."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ridecode.core import BadInputError, Mode, NotFoundError, Tap, TapKind, TapSource, Verdict
from ridecode.core.chain import TS_END
from ridecode.store import Cell, Connection
from ridecode.taps import (
    Receipt,
    new_accounts,
    record,
    tap,
    taps_of,
    taps_of_accounts,
)
from ridecode.taps.reading import conflicts

ACCEPTED, DUPLICATE, REFUSED = Receipt.ACCEPTED, Receipt.DUPLICATE, Receipt.REFUSED
A = 1_535_724_890_000_000
"""2018-08-31T22:14:50+08:00"""


def made(cell: Cell, number: int = 1, **fields: Any) -> Tap:
    """A tap of this cell, with what a case says of it."""
    plain: dict[str, Any] = {
        "tap_id": UUID(int=number), "city": cell.city, "account": "3104870400000000001",
        "account_type": 1, "ts": A, "kind": TapKind.ENTRY, "mode": Mode.METRO, "product": "metro",
        "operator": "shenzhen-metro", "line": "sz-m5", "stop": "sz-buji", "validator": "101001105",
    }  # fmt: skip
    return Tap(**{**plain, **fields})


def test_a_tap_is_kept_once_and_comes_back_exactly(cell: Cell) -> None:
    sent = made(cell, code=bytes(range(256)), code_time=1_535_724_880, vehicle="粤B00001")

    assert record(cell, [sent]) == [ACCEPTED]
    assert record(cell, [sent]) == [DUPLICATE]
    assert tap(cell, sent.tap_id) == sent
    assert taps_of(cell, sent.account) == [sent]
    assert conflicts(cell) == []


def test_an_empty_set_is_harmless(cell: Cell) -> None:
    assert record(cell, []) == []


def test_another_body_is_refused_and_kept_whole_once(cell: Cell) -> None:
    first, other = made(cell), made(cell, stop="sz-luohu")
    record(cell, [first])

    assert record(cell, [other, other]) == [REFUSED, REFUSED]
    assert record(cell, [other]) == [REFUSED]
    assert tap(cell, first.tap_id) == first
    (kept,) = conflicts(cell)
    assert kept.tap_id == first.tap_id
    assert '"stop":"sz-luohu"' in kept.told
    assert '"validator":"101001105"' in kept.told
    assert kept.at > A


CHANGES: list[tuple[str, Any]] = [
    ("account", "3104870400000000002"),
    ("account_type", 2),
    ("ts", A + 1),
    ("kind", TapKind.EXIT),
    ("mode", Mode.BUS),
    ("product", "bus"),
    ("operator", "mtr-shenzhen"),
    ("line", "sz-m4"),
    ("stop", ""),
    ("validator", "101001106"),
    ("vehicle", "粤B00001"),
    ("verdict", Verdict.DENIED),
    ("code", b"\0"),
    ("code_time", 1),
    ("source", TapSource.RIDER),
    ("seq", 1),
    ("bundle", 1),
]


def test_every_field_is_part_of_the_body(cell: Cell) -> None:
    record(cell, [made(cell)])

    for field, value in CHANGES:
        assert record(cell, [made(cell, **{field: value})]) == [REFUSED], field


def test_all_fields_but_id_and_city_are_in_that_table() -> None:
    assert {field for field, _ in CHANGES} == set(Tap.__struct_fields__) - {"tap_id", "city"}


def test_within_a_set_the_same_tap_comes_in_whatever_order(cell: Cell) -> None:
    """The one of two bodies whose digest is smaller is kept, wherever it stands."""
    luohu, buji = made(cell, stop="sz-luohu"), made(cell)
    luohu_2, buji_2 = made(cell, 2, stop="sz-luohu"), made(cell, 2)

    one = record(cell, [luohu, buji, luohu])
    two = record(cell, [buji_2, luohu_2, luohu_2])

    kept = tap(cell, UUID(int=1)).stop
    assert tap(cell, UUID(int=2)).stop == kept
    if kept == "sz-luohu":
        assert (one, two) == ([ACCEPTED, REFUSED, DUPLICATE], [REFUSED, ACCEPTED, DUPLICATE])
    else:
        assert (one, two) == ([REFUSED, ACCEPTED, REFUSED], [ACCEPTED, REFUSED, REFUSED])


def test_refused_readings_and_empty_accounts_are_rows_too(cell: Cell) -> None:
    denied = made(cell, 1, verdict=Verdict.DENIED)
    unreadable = made(cell, 2, account="", account_type=0, verdict=Verdict.TOO_SHORT, code=b"\x80")

    assert record(cell, [denied, unreadable]) == [ACCEPTED, ACCEPTED]
    assert taps_of(cell, "") == [unreadable]
    assert taps_of(cell, denied.account) == [denied]


UNSTORABLE: list[tuple[str, dict[str, object], str]] = [
    ("NUL in a text", {"stop": "a\0b"}, "0x00"),
    ("lone surrogate", {"stop": "\ud800"}, "surrogates not allowed"),
    ("before 1970", {"ts": -1}, "outside 1970 to 9998"),
    ("a year that no clock can show everywhere", {"ts": 253_370_764_800_000_000}, "1970 to 9998"),
    ("time beyond all bits", {"ts": 1 << 70}, "cannot be stored"),
    ("account type beyond 16 bits", {"account_type": 40_000}, "smallint"),
    ("another city", {"city": "elsewhere"}, "of the city 'elsewhere'"),
]


@pytest.mark.parametrize(
    ("fields", "said"), [row[1:] for row in UNSTORABLE], ids=[row[0] for row in UNSTORABLE]
)
def test_what_cannot_be_stored_is_refused_with_its_whole_set(
    cell: Cell, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        record(cell, [made(cell, 1), made(cell, 2, **fields)])

    assert said in str(caught.value)
    with pytest.raises(NotFoundError):
        tap(cell, UUID(int=1))


def test_a_set_becomes_durable_with_the_callers_transaction(cell: Cell) -> None:
    class ChangedMindError(Exception):
        pass

    with pytest.raises(ChangedMindError), cell.connection() as conn:
        assert record(conn, [made(cell)]) == [ACCEPTED]
        raise ChangedMindError
    assert record(cell, [made(cell)]) == [ACCEPTED]


def test_a_set_is_written_in_the_order_of_ids_whatever_its_own(cell: Cell) -> None:
    """So the second writer waits for tap 1 before it holds tap 2, which the first one needs next:
    the other way round each would wait for the other."""
    one, two = made(cell, 1), made(cell, 2)
    answers: list[list[Receipt]] = []
    second = threading.Thread(target=lambda: answers.append(record(cell, [two, one])))

    with cell.connection() as first:
        record(first, [one])
        second.start()
        _until_somebody_waits_for(first)
        assert record(first, [two]) == [ACCEPTED]
    second.join(60)

    assert answers == [[DUPLICATE, DUPLICATE]]


def _until_somebody_waits_for(conn: Connection) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while conn.execute(query).fetchone() == (0,):
        time.sleep(0.01)


def test_writers_of_sets_that_overlap_neither_block_for_good_nor_lose_a_tap(cell: Cell) -> None:
    """Eight writers, each with half of the taps in another order: one accepts each tap."""
    taps = [made(cell, number) for number in range(1, 401)]
    answers: list[Counter[Receipt]] = []

    def write(turn: int) -> None:
        mine = [one for one in taps if one.tap_id.int % 4 in (turn % 4, (turn + 1) % 4)]
        mine = mine[turn * 20 :] + mine[: turn * 20]
        answers.append(Counter(record(cell, mine[:: -1 if turn % 2 else 1])))

    writers = [threading.Thread(target=write, args=(turn,)) for turn in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    assert sum(answers, Counter()) == {ACCEPTED: 400, DUPLICATE: 1_200}
    assert taps_of(cell, taps[0].account) == taps


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@st.composite
def any_tap(draw: Callable[..., object], city: str) -> Tap:
    return draw(
        st.builds(
            Tap,
            tap_id=st.uuids(), city=st.just(city), account=TEXTS,
            account_type=st.integers(0, 255), ts=st.integers(0, TS_END - 1),
            kind=st.sampled_from(TapKind), mode=st.sampled_from(Mode), product=TEXTS,
            operator=TEXTS, line=TEXTS, stop=TEXTS, validator=TEXTS, vehicle=TEXTS,
            verdict=st.sampled_from(Verdict), code=st.binary(max_size=400),
            code_time=st.integers(0, (1 << 32) - 1), source=st.sampled_from(TapSource),
        )
    )  # type: ignore[return-value]  # fmt: skip


REAL = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""A real server answers each example; the cell is one for all examples of a test."""


def emptied(cell: Cell) -> None:
    with cell.connection() as conn:
        conn.execute("TRUNCATE taps, tap_conflicts, charged, unknown_names, imports")


@REAL
@given(data=st.data())
def test_any_tap_comes_back_exactly(cell: Cell, data: st.DataObject) -> None:
    sent = data.draw(st.lists(any_tap(cell.city), max_size=5, unique_by=lambda one: one.tap_id))

    emptied(cell)

    record(cell, sent)

    for one in sent:
        assert tap(cell, one.tap_id) == one
        assert one in taps_of(cell, one.account)


@REAL
@given(data=st.data())
def test_order_repetition_and_sets_change_neither_rows_nor_the_sum_of_answers(
    cell: Cell, data: st.DataObject
) -> None:
    """Ten taps, sent one to four times each, shuffled and cut into sets anywhere."""
    taps = [made(cell, number, ts=A + number) for number in range(1, 11)]
    sent = data.draw(st.permutations([one for one in taps for _ in range(data.draw(_TIMES))]))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)))) | {0, len(sent)})

    emptied(cell)
    answers: Counter[Receipt] = Counter()
    for low, high in pairwise(cuts):
        answers.update(record(cell, sent[low:high]))

    assert taps_of(cell, taps[0].account) == taps
    assert +answers == +Counter({ACCEPTED: 10, DUPLICATE: len(sent) - 10})


_TIMES = st.integers(1, 4)


def test_new_accounts_tell_every_tap_once_however_late_its_transaction_ends(cell: Cell) -> None:
    record(cell, [made(cell, 1, account="a", ts=A + 5), made(cell, 2, account="a", ts=A + 3)])
    later = threading.Thread(target=lambda: record(cell, [made(cell, 4, account="c")]))
    with cell.connection() as late:
        record(late, [made(cell, 3, account="b")])
        later.start()
        with cell.connection() as conn:
            first = new_accounts(conn, 0)
    later.join(60)
    with cell.connection() as conn:
        second = new_accounts(conn, first.high)
        third = new_accounts(conn, second.high)

    assert first.since == {"a": A + 3}
    assert second.since == {"b": A, "c": A}
    assert third.since == {}
    assert first.high < second.high == third.high


def test_only_accepted_taps_with_an_account_are_told_as_new(cell: Cell) -> None:
    record(
        cell,
        [made(cell, 1, verdict=Verdict.DENIED), made(cell, 2, account=""), made(cell, 3, ts=A + 1)],
    )

    with cell.connection() as conn:
        assert new_accounts(conn, 0).since == {"3104870400000000001": A + 1}


def test_taps_of_accounts_come_by_account_then_time_then_id(cell: Cell) -> None:
    sent = [
        made(cell, 1, account="b", ts=A + 1, code=b"x", code_time=1, vehicle="v"),
        made(cell, 3, account="a", ts=A + 2),
        made(cell, 2, account="a", ts=A + 2),
        made(cell, 4, account="a", ts=A + 1),
        made(cell, 5, account="a", ts=A + 3, verdict=Verdict.DENIED),
        made(cell, 6, account="c"),
    ]
    record(cell, sent)

    with cell.connection() as conn:
        found = taps_of_accounts(conn, cell.city, {"b": A, "a": A + 2, "nobody": 0})

    assert [(one.account, one.tap_id.int) for one in found] == [("a", 2), ("a", 3), ("b", 1)]
    assert found[2] == made(cell, 1, account="b", ts=A + 1, code_time=1)
