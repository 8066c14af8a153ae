"""A business day closed, sealed, filed, sent, answered: from fares to what operators are due."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from ridecode.core import ConflictError, NotFoundError, Progress, RefusedError, unseen
from ridecode.money import Closed, Step, book_fares, clearing, close_day
from ridecode.money.channels import Paid, Said, hear_said, top_up
from ridecode.money.clearing import (
    AnswerHead,
    Fare,
    Rates,
    Reason,
    Rejected,
    answer_file,
    answer_name,
    cleared,
    dispute,
    key_id,
    lint,
    new_key,
    public_key,
    raw_lines,
    receive,
    rejected,
    seal_signer,
    send,
    sent_file,
    sent_lines,
)
from ridecode.money.clearing import db as clearing_db
from ridecode.money.ledger import Account, Kind, audit_day, balance, trial_balance
from ridecode.sim.stage.till import Till
from ridecode.store import Cell
from ridecode.taps import record
from tests.money.channels.scripted import (
    CALENDAR,
    DAY,
    NO_ANSWER,
    Scripted,
    booked,
    ledger,
    signed,
    worked,
)
from tests.rides.city import LATER, city_taps, matched, pack, rated, settled, tariffs_with

OURS, THEIRS = new_key(), new_key()
RATES = Rates(service=100, clearing=50)
COMPANY = pack().card_company.id
MORNING, EVENING = CALENDAR.starts(DAY), CALENDAR.starts(DAY + 1) - 1
NEXT = EVENING + 1
"""When the day has ended."""


def close(cell: Cell, folder: Path, day: int = DAY, now: int = NEXT) -> Closed:
    return close_day(cell, pack(), day, folder, OURS, now)


def a_day(cell: Cell) -> None:
    """One rider pays by a channel, one by the wallet, one has no agreement."""
    signed(cell, now=MORNING)
    signed(cell, "2", "wallet", MORNING)
    top_up(cell, CALENDAR, ledger(), "2", "wechat", "p1", 1_000, MORNING)
    taps = [
        *city_taps(cell, "8:00 bus., 20:00 bus."),
        *city_taps(cell, "9:00 metro+a, 9:20 metro-b", "2", first=3),
        *city_taps(cell, "10:00 bus.", "3", first=5),
    ]
    booked(cell, taps, EVENING)
    worked(cell, Scripted(), EVENING)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir())}


def answered(path: Path, reject: dict[int, Reason], folder: Path, key: bytes = THEIRS) -> Path:
    """The card company's answer to a file: lines by their number, and why they are rejected."""
    file = sent_file(path)
    lines = dict(sent_lines(path))
    numbers = {at: n_of(lines[at]) for at in reject}
    head = AnswerHead(
        city=file.head.city, card_company=file.head.card_company, day=file.head.day,
        number=file.head.number, digest=file.digest,
    )  # fmt: skip
    out = [Rejected(at, numbers[at], why, "") for at, why in sorted(reject.items())]
    sums, _ = cleared(path, numbers)
    answer = folder / answer_name(head)
    answer.write_bytes(answer_file(head, out, sums, key))
    return answer


def n_of(line: clearing.Sent) -> int:
    return line.sent.n if isinstance(line, clearing.Again) else line.n


def take(cell: Cell, folder: Path, answer: Path, now: int = NEXT) -> clearing.Received:
    return receive(
        cell, CALENDAR, ledger(), COMPANY, RATES, folder, answer, [public_key(THEIRS)], now
    )


def due(cell: Cell, kind: Kind) -> dict[str, int]:
    return {one.party: -one.closing for one in trial_balance(cell) if one.kind is kind}


def test_a_day_is_closed_sealed_signed_and_filed(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    closed = close(cell, tmp_path)
    (file,) = closed.files
    assert (file.number, file.lines, file.fares_fen) == (1, 4 + 3, 200 * 3 + 200)
    path = tmp_path / file.name
    found = lint(path, [public_key(OURS)])
    assert (found.findings, found.signed_by) == ((), key_id(public_key(OURS)))
    seal = tmp_path / "seal-2018-08-27.json"
    signature = seal.with_name(seal.name + ".sig").read_bytes()
    assert seal_signer(seal.read_bytes(), signature, [public_key(OURS)])
    fares = [line for _, line in sent_lines(path) if isinstance(line, Fare)]
    assert {(one.account, one.platform) for one in fares} == {
        ("1", "tencent"), ("2", "tencent"), ("3", ""),
    }  # fmt: skip
    assert [(one.entry_stop, one.exit_stop, one.tariff) for one in fares if one.account == "2"] == [
        ("a", "b", "first")
    ]


def test_a_charge_names_the_payment_as_its_channel_does(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    charges = [line for _, line in sent_lines(tmp_path / file.name)
               if isinstance(line, clearing.Charge)]  # fmt: skip
    assert [(one.account, one.channel, one.transaction, one.amount) for one in charges] == [
        ("2", "wallet", charges[0].order.hex, 200),
        ("1", "wechat", "t" + charges[1].order.hex, 200),
        ("1", "wechat", "t" + charges[2].order.hex, 200),
    ]


def test_closed_again_a_day_is_the_same_bytes(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    first, second = tmp_path / "first", tmp_path / "second"
    one = close(cell, first)
    rated(cell, tariffs_with("amount = 200", "amount = 250"))
    book_fares(cell, pack(), LATER)
    again = close(cell, second, now=NEXT + 1)
    assert bytes_of(first) == bytes_of(second)
    assert (one.files, one.seal) == (again.files, again.seal)


def test_a_ride_that_is_told_otherwise_later_changes_no_file_of_a_closed_day(
    cell: Cell, tmp_path: Path
) -> None:
    entered, left = city_taps(cell, "8:00 metro+a, 8:20 metro-b")
    booked(cell, [entered, *city_taps(cell, "9:00 metro-c", "2", first=4)], EVENING)
    first, second = tmp_path / "first", tmp_path / "second"
    close(cell, first)
    settled(cell, [left, *city_taps(cell, "8:50 metro+b", "2", first=3)])
    book_fares(cell, pack(), LATER)
    close(cell, second, now=NEXT + 1)
    assert bytes_of(first) == bytes_of(second)


def test_a_file_that_was_lost_or_damaged_is_written_again(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    before = bytes_of(tmp_path)
    (tmp_path / file.name).write_bytes(b"half")
    close(cell, tmp_path)
    assert bytes_of(tmp_path) == before


def test_a_ride_that_became_another_stays_in_its_file_as_it_was(cell: Cell, tmp_path: Path) -> None:
    """Its exit comes after the close, by another tariff: the file that was lost is the same."""
    signed(cell, now=MORNING)
    way = city_taps(cell, "9:00 metro+a, 9:20 metro-b, 12:00 bus.")
    booked(cell, [way[0], way[2]], EVENING)
    (file,) = close(cell, tmp_path).files
    before = bytes_of(tmp_path)
    record(cell, [way[1]])
    matched(cell, LATER + 1)
    rated(cell, tariffs_with('id = "first"', 'id = "second"'), LATER + 1)
    book_fares(cell, pack(), LATER + 1)
    (tmp_path / file.name).unlink()
    close(cell, tmp_path)
    assert bytes_of(tmp_path) == before


def test_what_comes_late_is_in_the_files_of_the_next_day(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (first,) = close(cell, tmp_path).files
    settled(cell, city_taps(cell, "23:00 bus.", "1", first=9))
    (second,) = close(cell, tmp_path, DAY + 1, CALENDAR.starts(DAY + 2)).files
    assert (second.number, second.lines, second.fares_fen) == (2, 1, 200)
    assert lint(tmp_path / second.name, [public_key(OURS)], tmp_path / first.name).findings == ()


class KilledError(Exception):
    """As a process that is killed as a step begins."""


def killed_at(at: Step) -> Callable[[Step], Progress]:
    def step(step: Step) -> Progress:
        if step is at:
            raise KilledError
        return unseen

    return step


@pytest.mark.parametrize("at", [Step.SEAL, Step.FILE])
def test_a_day_is_filed_only_behind_the_closed_days_before_it(
    cell: Cell, tmp_path: Path, at: Step
) -> None:
    """Else the lines of one whose close was killed would be in no file for ever."""
    a_day(cell)
    with pytest.raises(KilledError):
        close_day(cell, pack(), DAY, tmp_path, OURS, NEXT, killed_at(at))
    settled(cell, city_taps(cell, "23:00 bus.", "1", first=9))
    later = CALENDAR.starts(DAY + 2)
    with pytest.raises(RefusedError, match="cannot be written yet") as refused:
        close(cell, tmp_path, DAY + 1, later)
    assert "2018-08-27" in refused.value.remedy
    (first,) = close(cell, tmp_path, now=later).files
    (second,) = close(cell, tmp_path, DAY + 1, later).files
    assert (first.number, first.lines, second.number, second.lines) == (1, 7, 2, 1)
    assert lint(tmp_path / second.name, [public_key(OURS)], tmp_path / first.name).findings == ()


def test_a_day_of_which_a_part_is_missing_goes_before_the_next(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ridecode.money.clearing.filing.LINES_MOST", 3)
    a_day(cell)

    def killed(done: int, _: int) -> None:
        if done == 3:
            raise KilledError

    with pytest.raises(KilledError):
        close_day(
            cell, pack(), DAY, tmp_path, OURS, NEXT,
            lambda step: killed if step is Step.FILE else unseen,
        )  # fmt: skip
    later = CALENDAR.starts(DAY + 2)
    with pytest.raises(RefusedError, match="cannot be written yet"):
        close(cell, tmp_path, DAY + 1, later)
    files = (*close(cell, tmp_path).files, *close(cell, tmp_path, DAY + 1, later).files)
    assert [(one.number, one.day) for one in files] == [(1, DAY), (2, DAY), (3, DAY), (4, DAY + 1)]


def test_days_without_a_line_have_their_files(cell: Cell, tmp_path: Path) -> None:
    (first,) = close(cell, tmp_path).files
    (second,) = close(cell, tmp_path, DAY + 1, CALENDAR.starts(DAY + 2)).files
    assert [(one.number, one.lines) for one in (first, second)] == [(1, 0), (2, 0)]


def test_the_demonstration_finishes_a_day_whose_close_was_killed(
    cell: Cell, tmp_path: Path
) -> None:
    a_day(cell)
    signed(cell, "3", "wallet", MORNING)
    with pytest.raises(KilledError):
        close_day(cell, pack(), DAY, tmp_path, OURS, NEXT, killed_at(Step.FILE))
    later = CALENDAR.starts(DAY + 2)
    till = Till(cell, pack(), tmp_path, OURS, lambda: later)
    for _ in range(2):
        till.close_day(DAY + 1)
    done = [clearing.files_of(cell, day) for day in (DAY, DAY + 1)]
    assert [[(file.number, of is not None) for file, of in day] for day in done] == [
        [(1, True)], [(2, True)],
    ]  # fmt: skip


def test_who_closes_a_day_that_another_closes_waits_and_ends_in_the_same(
    cell: Cell, tmp_path: Path
) -> None:
    a_day(cell)
    both = Barrier(2)

    def step(at: Step) -> Progress:
        if at is Step.SEAL:
            together(both)
        return unseen

    def one(_: int) -> Closed:
        return close_day(cell, pack(), DAY, tmp_path, OURS, NEXT, step)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(one, range(2))
    assert (first.seal, first.files) == (second.seal, second.files)
    there = bytes_of(tmp_path)
    close(cell, tmp_path / "once")
    assert there == bytes_of(tmp_path / "once")


def together(both: Barrier) -> None:
    """Go on when the other thread has come here as well, or does not come for a while."""
    with suppress(BrokenBarrierError):
        both.wait(1)


def test_a_day_that_still_runs_is_not_touched(cell: Cell, tmp_path: Path) -> None:
    settled(cell, city_taps(cell, "8:00 bus."))
    with pytest.raises(RefusedError, match="still runs"):
        close(cell, tmp_path, now=CALENDAR.starts(DAY + 1) - 1)
    assert trial_balance(cell) == []


def test_a_day_of_many_lines_is_several_files(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ridecode.money.clearing.filing.LINES_MOST", 3)
    monkeypatch.setattr("ridecode.money.clearing.filing._CHUNK", 2)
    a_day(cell)
    files = close(cell, tmp_path).files
    assert [(one.number, one.part, one.parts, one.lines) for one in files] == [
        (1, 1, 3, 3), (2, 2, 3, 3), (3, 3, 3, 1),
    ]  # fmt: skip
    before = None
    for one in files:
        path = tmp_path / one.name
        assert lint(path, [public_key(OURS)], before).findings == ()
        before = path
    lines = [n_of(line) for one in files for _, line in sent_lines(tmp_path / one.name)]
    assert len(lines) == len(set(lines)) == 7
    (tmp_path / files[1].name).unlink()
    whole = {one.name: one.digest for one in files}
    close(cell, tmp_path)
    assert {name: sha256((tmp_path / name).read_bytes()).digest() for name in whole} == whole


def test_what_is_cleared_becomes_due_and_nothing_is_left(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    answer = answered(tmp_path / file.name, {}, tmp_path)
    done = take(cell, tmp_path, answer)
    assert (done.is_new, done.answered.cleared, done.answered.rejected) == (True, 7, 0)
    assert not take(cell, tmp_path, answer).is_new
    assert sum(due(cell, Kind.OPERATOR).values()) == 800 - 6 - 4
    assert due(cell, Kind.PLATFORM) == {"tencent": 6}
    assert due(cell, Kind.FEE) == {COMPANY: 4}
    assert balance(cell, Account(Kind.CARD_COMPANY, COMPANY)) == 0


def test_what_is_rejected_waits_and_is_sent_again_under_dispute(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    take(cell, tmp_path, answered(tmp_path / file.name, {2: Reason.UNKNOWN_ACCOUNT}, tmp_path))
    assert balance(cell, Account(Kind.CARD_COMPANY, COMPANY)) == 200
    (waiting,) = rejected(cell)
    assert (waiting.number, waiting.at, Reason(waiting.reason)) == (1, 2, Reason.UNKNOWN_ACCOUNT)
    assert dispute(cell, CALENDAR, 1, 2, NEXT) == DAY + 1
    with pytest.raises(NotFoundError, match="disputed already"):
        dispute(cell, CALENDAR, 1, 2, NEXT)
    assert rejected(cell) == []
    later = CALENDAR.starts(DAY + 2)
    (second,) = close(cell, tmp_path, DAY + 1, later).files
    assert (second.lines, second.fares_fen) == (1, 0)
    assert lint(tmp_path / second.name, [public_key(OURS)]).findings == ()
    take(cell, tmp_path, answered(tmp_path / second.name, {}, tmp_path), later)
    assert balance(cell, Account(Kind.CARD_COMPANY, COMPANY)) == 0


@pytest.mark.parametrize("key", [OURS, new_key()], ids=["ours", "a stranger"])
def test_only_the_card_companys_word_counts(cell: Cell, tmp_path: Path, key: bytes) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    forged = answered(tmp_path / file.name, {}, tmp_path, key)
    with pytest.raises(Exception, match=r"key|sign"):
        take(cell, tmp_path, forged)
    assert due(cell, Kind.OPERATOR) == {}


def test_a_second_answer_that_says_otherwise_counts_nothing(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    take(cell, tmp_path, answered(tmp_path / file.name, {}, tmp_path))
    before = trial_balance(cell)
    other = answered(tmp_path / file.name, {3: Reason.WRONG_AMOUNT}, tmp_path)
    with pytest.raises(ConflictError, match="another answer"):
        take(cell, tmp_path, other)
    assert trial_balance(cell) == before


@pytest.mark.parametrize("is_same", [True, False], ids=["the same", "another"])
def test_of_two_answers_at_once_one_counts(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_same: bool
) -> None:
    a_day(cell)
    (file,) = close(cell, tmp_path).files
    other = tmp_path / "other"
    other.mkdir()
    first = answered(tmp_path / file.name, {}, tmp_path)
    reject = {} if is_same else {3: Reason.WRONG_AMOUNT}
    second = answered(tmp_path / file.name, reject, other)
    both = Barrier(2)

    def read_by_both(path: Path, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
        together(both)
        return raw_lines(path, wanted)

    monkeypatch.setattr("ridecode.money.clearing.receiving.raw_lines", read_by_both)

    def come(answer: Path) -> bool | type[ConflictError]:
        try:
            return take(cell, tmp_path, answer).is_new
        except ConflictError:
            return ConflictError

    with ThreadPoolExecutor(2) as threads:
        came = list(threads.map(come, [first, second]))
    assert sorted(came, key=str) == sorted([True, False if is_same else ConflictError], key=str)
    ((_, counted),) = clearing.files_of(cell, DAY)
    assert counted is not None and counted.cleared + counted.rejected == 7


def test_files_are_sent_whole_and_sent_again_as_they_are(cell: Cell, tmp_path: Path) -> None:
    a_day(cell)
    own, place = tmp_path / "own", tmp_path / "place"
    with pytest.raises(NotFoundError, match="no settlement files"):
        send(cell, DAY, own, place, NEXT)
    (file,) = close(cell, own).files
    (one,) = send(cell, DAY, own, place, NEXT)
    assert one.is_first and one.path.read_bytes() == (own / file.name).read_bytes()
    (again,) = send(cell, DAY, own, place, NEXT)
    assert not again.is_first
    one.path.write_bytes(b"another")
    with pytest.raises(ConflictError, match="another file"):
        send(cell, DAY, own, place, NEXT)


def test_the_card_company_may_read_what_was_sent_and_others_not_what_is_ours(
    cell: Cell, tmp_path: Path
) -> None:
    (file,) = close(cell, tmp_path / "own").files
    (one,) = send(cell, DAY, tmp_path / "own", tmp_path / "place", NEXT)
    assert one.path.stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "own" / file.name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, b"", b"half"], ids=["lost", "empty", "damaged"])
def test_what_is_not_the_file_that_was_written_is_not_sent(
    cell: Cell, tmp_path: Path, content: bytes | None
) -> None:
    a_day(cell)
    own, place = tmp_path / "own", tmp_path / "place"
    (file,) = close(cell, own).files
    path = own / file.name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RefusedError, match="lost") as refused:
        send(cell, DAY, own, place, NEXT)
    assert "Close 2018-08-27 again" in refused.value.remedy
    assert list(place.iterdir()) == []
    close(cell, own)
    (one,) = send(cell, DAY, own, place, NEXT)
    assert one.is_first


def test_of_two_that_send_at_once_one_is_the_first(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(cell, tmp_path)
    both, add_send = Barrier(2), clearing_db.add_send

    def late(*args: Any) -> bool:
        is_first = add_send(*args)
        together(both)
        return is_first

    monkeypatch.setattr(clearing_db, "add_send", late)
    with ThreadPoolExecutor(2) as threads:
        sent = threads.map(lambda _: send(cell, DAY, tmp_path, tmp_path / "to", NEXT), range(2))
        assert sorted(one.is_first for handed in sent for one in handed) == [False, True]


def test_a_payment_heard_after_the_close_is_of_the_day_on_which_it_was_heard(
    cell: Cell, tmp_path: Path
) -> None:
    signed(cell)
    booked(cell, city_taps(cell, "8:00 bus."), EVENING)
    channel = Scripted()
    channel.says[200] = [NO_ANSWER]
    worked(cell, channel, EVENING)
    (first,) = close(cell, tmp_path).files
    order = channel.charged[0].order
    hear_said(cell, CALENDAR, ledger(), "wechat", [Said(order.order_id, Paid("t9", 200))], NEXT)
    (second,) = close(cell, tmp_path, DAY + 1, CALENDAR.starts(DAY + 2)).files
    assert (first.fares_fen, first.charges_fen) == (200, 0)
    assert (second.fares_fen, second.charges_fen) == (0, 200)


def test_a_wallet_that_is_filled_after_the_days_end_pays_of_the_next_day(
    cell: Cell, tmp_path: Path
) -> None:
    """Else wallets would have paid at the end of the day what they got on the next one."""
    signed(cell, channel="wallet", now=MORNING)
    booked(cell, city_taps(cell, "9:00 bus.", "3"), EVENING)
    top_up(cell, CALENDAR, ledger(), "1", "wechat", "p1", 300, NEXT)
    settled(cell, city_taps(cell, "8:00 bus.", first=2))
    (first,) = close(cell, tmp_path).files
    (second,) = close(cell, tmp_path, DAY + 1, CALENDAR.starts(DAY + 2)).files
    assert ((first.fares_fen, first.charges_fen), (second.fares_fen, second.charges_fen)) == (
        (400, 0), (0, 200),
    )  # fmt: skip
    before = tmp_path / "seal-2018-08-27.json"
    assert audit_day(tmp_path, DAY).findings == ()
    assert audit_day(tmp_path, DAY + 1, before).findings == ()
