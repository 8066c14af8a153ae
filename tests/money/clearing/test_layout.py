"""Lines say what they are made of, and nothing else is a line."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError, day_named
from ridecode.money.channels.order import NUMBER as PAYMENT
from ridecode.money.clearing import (
    Again,
    Charge,
    Fare,
    Sent,
    again,
    answer_name,
    file_name,
    line_of,
)
from ridecode.money.clearing.answer import AnswerHead, read_answer_head
from ridecode.money.clearing.fields import LINE_MOST, Record
from ridecode.money.clearing.layout import MOVED, RECORDS, head_line, read_head, read_line
from tests.money.clearing.paper import LINES, charge, fare, head

UTF8 = st.characters(codec="utf-8")


def value(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True, alphabet=UTF8)


def line(record: Record) -> st.SearchStrategy[str]:
    return st.tuples(*(value(one.pattern) for one in record.fields)).map(
        lambda fields: ",".join(fields) + "\n"
    )


@given(st.sampled_from(MOVED).flatmap(lambda kind: line(RECORDS[kind])))
def test_every_well_formed_line_is_read_and_written_as_it_was(told: str) -> None:
    assert line_of(read_line(told)).decode() == told
    assert len(told.encode()) <= LINE_MOST


NUMBER, IDS = st.integers(1, 10**18 - 1), value("[0-9A-Za-z._:-]{1,64}")
FEN = st.integers(-(10**15) + 1, 10**15 - 1).filter(bool)
MOMENT = st.none() | st.integers(0, 10**16 - 1)
TEXT = st.text(UTF8.filter(lambda one: one not in ',"' and one.isprintable()), max_size=64)
FARES = st.builds(
    Fare, n=NUMBER, ride=st.uuids(), account=IDS, operator=st.just("") | IDS,
    platform=st.just("") | IDS, product=IDS, line=TEXT, entry_stop=TEXT, entry_ts=MOMENT,
    exit_stop=TEXT, exit_ts=MOMENT, tariff=IDS, amount=FEN,
)  # fmt: skip
CHARGES = st.builds(
    Charge, n=NUMBER, order=st.uuids(), account=IDS, channel=IDS,
    # Whatever a channel may tell a payment's number to be, a file can name.
    transaction=st.just("") | value(PAYMENT), amount=FEN,
)  # fmt: skip
MOVED_LINES = FARES | CHARGES


@given(MOVED_LINES | st.builds(Again, file=NUMBER, at=NUMBER, sent=MOVED_LINES))
def test_what_is_written_is_read(one: Sent) -> None:
    assert read_line(line_of(one).decode()) == one


@given(st.text(max_size=200))
def test_whatever_comes_is_a_line_or_refused(told: str) -> None:
    try:
        assert line_of(read_line(told)).decode() == told
    except BadInputError as error:
        assert "no line F, C or A" in error.what


@pytest.mark.parametrize(
    "told",
    ["", "\n", "F\n", "A,1,2\n", "A,1,2,A,1,2,F\n", "O,metro,1,1\n", "S,,\n",
     line_of(charge(1, 5)).decode()[:-1], line_of(charge(1, 5)).decode() * 2],
)  # fmt: skip
def test_no_other_line_is_one(told: str) -> None:
    with pytest.raises(BadInputError):
        read_line(told)


def test_a_fare_in_the_file() -> None:
    one = fare(11, -530, entry_ts=None, ride=UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
    assert line_of(one).decode() == (
        "F,11,01890a5dac96774bbcceb302099a8057,3104870400000000001,metro,tencent,metro,line-1,"
        "罗湖,,sz-gangxia,1535759700000000,shenzhen-2018,-530\n"
    )


def test_a_line_is_sent_again_behind_the_place_where_it_was_last() -> None:
    own = line_of(LINES[0])
    assert again(2, 5, own) == b"A,2,5," + own
    assert again(7, 9, again(2, 5, own)) == b"A,7,9," + own


def test_heads_are_read_as_they_are_written() -> None:
    told = head_line(head())
    assert told.decode() == (
        f"H,ridecode-settlement,1,shenzhen,shenzhentong,2018-09-01,2,1,1,{'07' * 32}\n"
    )
    assert read_head(told.decode()) == head()
    for other in ("", told.decode().strip(), told.decode().replace("settlement,1", "settlement,2")):
        with pytest.raises(BadInputError):
            read_head(other)
        with pytest.raises(BadInputError):
            read_answer_head(other)


def test_files_have_their_names() -> None:
    assert file_name(head(17)) == "settlement-shenzhen-2018-09-01-000017.csv"
    to = AnswerHead(
        city="shenzhen", card_company="x", day=day_named("2018-09-01"), number=1234567, digest=b""
    )
    assert answer_name(to) == "answer-shenzhen-2018-09-01-1234567.csv"
