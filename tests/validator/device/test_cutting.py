"""However a stream is cut into pieces, its readings are the same."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.validator.device.cutting import LONGEST, Cutter
from tests.code import forge

CODE = forge.build()
LONG = forge.build({"field_14": bytes(range(32))})
OLDER = forge.build_v1()


@dataclass
class Stream:
    comment: str
    data: bytes
    readings: list[bytes]


STREAMS = [
    Stream("one code", CODE, [CODE]),
    Stream("codes with nothing between", CODE + LONG + OLDER + CODE, [CODE, LONG, OLDER, CODE]),
    Stream("codes with line ends", CODE + b"\r\n" + LONG + b"\n\n" + OLDER, [CODE, LONG, OLDER]),
    Stream("hexadecimal lines", CODE.hex().encode() + b"\n" + LONG.hex().upper().encode() + b"\n",
           [CODE, LONG]),
    Stream("another platform's text", b"TX0123456789\n" + CODE, [b"TX0123456789", CODE]),
    Stream("digits of UnionPay", b"6212341234123412345\r", [b"6212341234123412345"]),
    Stream("a code cut short at the end", CODE + LONG[:200], [CODE, LONG[:200]]),
    Stream("an odd number of digits", b"0" * 201 + b"\n", [b"0" * 201]),
    Stream("a length that is no code's", b"\x80\xff\xff" + b"z" * 9 + b"\n" + CODE,
           [b"\x80\xff\xff" + b"z" * 9, CODE]),
    Stream("noise without an end", b"z" * (LONGEST + 5), [b"z" * LONGEST, b"z" * 5]),
    Stream("nothing", b"", []),
    Stream("line ends alone", b"\r\n\r\n\n", []),
]  # fmt: skip


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.comment)
@given(cuts=st.lists(st.integers(0, 1_500), max_size=12))
def test_the_pieces_do_not_matter(stream: Stream, cuts: list[int]) -> None:
    cutter, found = Cutter(), []
    for start, end in pairwise([0, *sorted(cuts), len(stream.data)]):
        found += cutter.feed(stream.data[start:end])
    assert found + cutter.silence() == stream.readings


@given(st.lists(st.binary(max_size=600), max_size=10))
def test_no_bytes_break_it_and_none_are_kept_for_ever(pieces: list[bytes]) -> None:
    cutter = Cutter()
    readings = [reading for piece in pieces for reading in cutter.feed(piece)]
    readings += cutter.silence()
    assert all(readings)
    assert cutter.silence() == []
