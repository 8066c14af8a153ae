"""The answer: what it rejects was sent, and what it clears is all the rest, to the fen."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ridecode.core import BadInputError
from ridecode.money.clearing import (
    AnswerHead,
    Fault,
    Reason,
    Rejected,
    Total,
    Written,
    answer_file,
    answer_name,
    cleared,
    lint,
    read_answer,
)
from ridecode.money.clearing.answer import RECORDS
from ridecode.money.clearing.sent import cleared_fares
from ridecode.money.clearing.signing import Said
from tests.money.clearing.paper import (
    CITY,
    COMPANY,
    DAY,
    KEYS,
    STRANGER,
    Forge,
    charge,
    fare,
    faults,
    first,
    forged,
    head,
    on,
    put,
    settlement,
    swapped,
)

REJECTED = (
    Rejected(3, 12, Reason.UNKNOWN_OPERATOR, "未知运营商 eastern-bus"),
    Rejected(5, 13, Reason.WRONG_AMOUNT, ""),
    Rejected(7, 3, Reason.DISPUTE_REFUSED, "looked at twice"),
)
"""On lines 2 to 4; line 5 is O, 6 and 7 are K, 8 is T and 9 is S."""


def answer(folder: Path, to: Written, *rejected: Rejected) -> Path:
    totals, _ = cleared(to.path, {one.at: one.n for one in rejected})
    answered = AnswerHead(
        city="shenzhen", card_company="shenzhentong", day=head().day, number=2, digest=to.digest
    )
    path = folder / answer_name(answered)
    path.write_bytes(answer_file(answered, rejected, totals, COMPANY))
    return path


def test_an_answer_says_what_is_cleared(tmp_path: Path) -> None:
    path = answer(tmp_path, settlement(tmp_path), *REJECTED)
    assert path.name == "answer-shenzhen-2018-09-01-000002.csv"
    assert path.read_text().splitlines()[1:8] == [
        "R,3,12,2,未知运营商 eastern-bus", "R,5,13,6,", "R,7,3,10,looked at twice",
        "O,metro,2,480", "K,wallet,1,-30", "K,wechat,1,400", "T,2,480,2,370,2,600,1,530",
    ]  # fmt: skip


def test_it_is_read_beside_the_file_that_it_answers(tmp_path: Path) -> None:
    to = settlement(tmp_path)
    path = answer(tmp_path, to, *REJECTED)
    read = read_answer(path, KEYS, to.path)
    assert (read.rejected, read.head.digest) == (REJECTED, to.digest)
    assert read.digest == lint(path, KEYS).digest


def test_all_may_be_cleared_and_all_rejected(tmp_path: Path) -> None:
    to = settlement(tmp_path, fare(1, 5), charge(2, 6))
    assert faults(answer(tmp_path, to), to.path) == set()
    every = Rejected(2, 1, Reason.DUPLICATE, ""), Rejected(3, 2, Reason.DUPLICATE, "")
    assert faults(answer(tmp_path, to, *every), to.path) == set()
    totals, met = cleared(to.path, {2: 1, 3: 2, 4: 3, 9: 9})
    assert (totals.fares, totals.fares_rejected, set(met)) == (Total(0, 0), Total(1, 5), {2, 3})


def test_what_is_shared_out_is_the_sum_that_the_totals_were_compared_with(tmp_path: Path) -> None:
    to = settlement(tmp_path)
    totals, fares = cleared_fares(to.path, {})
    assert fares == {("metro", "tencent"): 530 - 50 + 400, ("eastern-bus", ""): 200}
    assert sum(fares.values()) == totals.fares.fen
    out = {one.at: one.n for one in REJECTED}
    totals, fares = cleared_fares(to.path, out)
    assert (totals, fares) == (cleared(to.path, out)[0], {("metro", "tencent"): 530 - 50})


FORGED: list[tuple[str, Forge, set[Fault], set[Fault]]] = [
    ("to another file", on(1, ",shenzhen,", ",guangzhou,"),
     {Fault.ANOTHER_FILE, Fault.NAME}, {Fault.NAME}),
    ("a line that is none", on(4, "R,7,3,", "R,17,3,"), {Fault.NEVER_SENT}, set()),
    ("a line of totals", on(4, "R,7,3,", "R,9,3,"), {Fault.NEVER_SENT}, set()),
    ("another line of the ledger", on(4, "R,7,3,", "R,7,4,"), {Fault.NEVER_SENT}, set()),
    ("one more rejected", put(4, b"R,7,3,1,\n", b"R,8,5,1,\n"), {Fault.TOTAL}, {Fault.TOTAL}),
    ("one not rejected after all", put(4), {Fault.TOTAL}, {Fault.TOTAL}),
    ("twice", put(4, *[b"R,7,3,1,\n"] * 2), {Fault.TWICE}, {Fault.TWICE}),
    ("in another order", swapped(2, 3), {Fault.NOT_ASCENDING}, {Fault.NOT_ASCENDING}),
    ("no reason", on(3, "13,6", "13,11"), {Fault.FIELD}, {Fault.FIELD}),
    ("a comma in the detail", on(4, "looked at", "looked, at"), {Fault.FIELDS}, {Fault.FIELDS}),
    ("an operator's total", on(5, "2,480", "2,481"), {Fault.TOTAL}, {Fault.TOTAL}),
    ("an operator renamed", on(5, "metro", "metra"), {Fault.TOTAL}, set()),
    ("a channel left out", put(6), {Fault.TOTAL}, {Fault.TOTAL}),
    ("the sums", on(8, "2,600", "2,601"), {Fault.TOTAL}, set()),
    ("a fare of the settlement file", put(4, b"F,1\n"), {Fault.RECORD}, {Fault.RECORD}),
    ("no day", on(1, "2018-09-01", "2018-09-31"), {Fault.FIELD}, {Fault.FIELD}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("forge", "beside", "alone"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED]
)
def test_a_forged_answer_is_found_though_it_is_signed(
    tmp_path: Path, forge: Forge, beside: set[Fault], alone: set[Fault]
) -> None:
    """Beside the settlement file all of it, alone what it does not say itself stays unseen."""
    to = settlement(tmp_path)
    path = forged(answer(tmp_path, to, *REJECTED), forge, COMPANY, Said.ANSWER)
    assert faults(path, to.path) == beside
    assert faults(path) == alone
    with pytest.raises(BadInputError):
        read_answer(path, KEYS, to.path)


def test_an_answer_to_another_file_of_the_same_number(tmp_path: Path) -> None:
    path = answer(tmp_path, settlement(tmp_path))
    to = settlement(tmp_path, fare(1, 5))
    assert faults(path, to.path) == {Fault.ANOTHER_FILE}


def test_who_signed_is_told(tmp_path: Path) -> None:
    to = settlement(tmp_path)
    path = answer(tmp_path, to, *REJECTED)
    assert faults(forged(path, on(2, "未", "已"), STRANGER, Said.ANSWER)) == {Fault.KEY}
    assert faults(forged(path, on(2, "已", "未"), COMPANY)) == {Fault.SIGNATURE}
    assert faults(forged(path, on(2, "未", "未"), COMPANY, Said.ANSWER)) == set()
    with pytest.raises(BadInputError, match="no answer that is signed"):
        read_answer(path, (), to.path)


def test_a_settlement_file_is_no_answer(tmp_path: Path) -> None:
    before = first(tmp_path, fare(1, 5))
    path = settlement(tmp_path, before=before.digest, day=DAY + 1).path
    assert faults(path, before.path) == set()
    with pytest.raises(BadInputError, match="no answer that is signed"):
        read_answer(path, KEYS, before.path)


def test_a_settlement_file_that_is_not_sound_has_no_answer(tmp_path: Path) -> None:
    path = answer(tmp_path, settlement(tmp_path))
    broken = forged(settlement(tmp_path).path, on(2, "metro", "?"), CITY)
    with pytest.raises(BadInputError, match="FIELD in operator"):
        cleared(broken, {})
    forged(path, _to(broken), COMPANY, Said.ANSWER)
    assert faults(path, broken) == {Fault.NOT_THE_FILE_BEFORE}


def _to(path: Path) -> Forge:
    digest = lint(path).digest.hex().encode()

    def change(lines: list[bytes]) -> None:
        lines[0] = lines[0][:-65] + digest + b"\n"

    return change


def test_reasons_keep_their_numbers() -> None:
    assert [int(one) for one in Reason] == list(range(1, 11))
    reason = RECORDS["R"].fields[3]
    assert [n for n in range(200) if not reason.is_wrong(str(n))] == list(Reason)
    assert replace(REJECTED[0], reason=Reason(1)).reason is Reason.UNKNOWN_ACCOUNT
