"""Deny lists and their changes as files: exact, small, and read in one writing only."""

import sys
from itertools import pairwise
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.validator.deny import NUMBER_MOST, DenyList
from ridecode.validator.deny_delta import DenyDelta, delta_between, read_delta
from ridecode.validator.packed import Numbers, pack, unpack

NUMBERS: Final = st.sets(
    st.one_of(st.integers(0, 300), st.integers(0, NUMBER_MOST), st.integers(NUMBER_MOST - 9)
              .filter(lambda n: n <= NUMBER_MOST))
)  # fmt: skip


def _ascending(numbers: set[int]) -> Numbers:
    return np.array(sorted(numbers), np.uint64)


def _list(numbers: set[int]) -> DenyList:
    return DenyList.of(_ascending(numbers))


PACKED: Final = (
    ((), ""),
    ((0,), "00"),
    ((127,), "7f"),
    ((128,), "8001"),
    ((0, 1, 128, 16_640), "00017f808101"),
    ((NUMBER_MOST,), "ffff9fcfc8e0c8e38a01"),
)


@pytest.mark.parametrize(("numbers", "written"), PACKED)
def test_the_writing_of_numbers(numbers: tuple[int, ...], written: str) -> None:
    packed = pack(_ascending(set(numbers)))
    assert packed.hex() == written
    read, rest = unpack(packed + b"rest", len(numbers), NUMBER_MOST)
    assert (tuple(read.tolist()), rest) == (numbers, b"rest")


WRONG: Final = (
    ("", 1, "1 numbers were told and 0 are there"),
    ("80", 1, "1 numbers were told and 0 are there"),
    ("8000", 1, "shortest form"),
    ("0100", 2, "do not ascend"),
    ("8080808080808080808001", 1, "shortest form"),
    ("80808080808080808002", 1, "above 2⁶⁴"),
    ("ffffffffffffffffff01", 1, "do not ascend"),
    ("ffff9fcfc8e0c8e38a01ffffffffffffffffff01", 2, "do not ascend"),
)


@pytest.mark.parametrize(("written", "count", "why"), WRONG)
def test_another_writing_is_refused(written: str, count: int, why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        unpack(bytes.fromhex(written), count, NUMBER_MOST)


@given(NUMBERS)
def test_a_full_file_reads_as_what_it_was_written_of(numbers: set[int]) -> None:
    deny_list = _list(numbers)
    read = DenyList.read(deny_list.to_bytes())
    assert read == deny_list
    assert read.digest() == deny_list.digest()
    assert read.numbers().tolist() == sorted(numbers)
    assert all(f"{number:019}" in read for number in numbers)


@given(NUMBERS, NUMBERS)
def test_a_delta_leads_to_the_full_list(before: set[int], after: set[int]) -> None:
    delta = delta_between(_list(before), _list(after), 3, 4)
    assert len(delta) == len(before ^ after)
    assert read_delta(delta.to_bytes()) == delta
    assert delta.apply(_list(before)) == _list(after)


@given(st.lists(NUMBERS, min_size=2, max_size=6))
def test_one_delta_leads_from_every_list_it_reaches_back_to(lists: list[set[int]]) -> None:
    """Also where an account came and went between: every one touched is told as it is now."""
    steps = [
        delta_between(_list(one), _list(next_), at, at + 1)
        for at, (one, next_) in enumerate(pairwise(lists))
    ]
    folded = steps[0]
    for step in steps[1:]:
        folded = folded.then(step)
    assert (folded.since, folded.to) == (0, len(lists) - 1)
    assert read_delta(folded.to_bytes()) == folded
    for numbers in lists:
        assert folded.apply(_list(numbers)) == _list(lists[-1])


def test_a_delta_on_another_list_is_noticed() -> None:
    delta = delta_between(_list({1, 2}), _list({2, 3}), 0, 1)
    with pytest.raises(BadInputError, match="does not lead to the list that was signed"):
        delta.apply(_list({2, 9}))


GOOD_LIST: Final = _list({5, 7_000, NUMBER_MOST}).to_bytes()
GOOD_DELTA: Final = delta_between(_list({1, 2}), _list({2, 3}), 0, 1).to_bytes()
BAD_LISTS: Final = (
    b"", GOOD_LIST[:-1], GOOD_LIST + b"\0", GOOD_LIST[:16] + b"\0\0\0\2" + GOOD_LIST[20:],
    GOOD_LIST[:16] + b"\xff" * 4, b"R" + GOOD_LIST[1:], GOOD_LIST[:18],
)  # fmt: skip
BAD_DELTAS: Final = (
    b"", GOOD_DELTA[:40], GOOD_DELTA[:-1], GOOD_DELTA + b"\0", GOOD_LIST,
    DenyDelta(0, 1, bytes(32), _ascending({4}), _ascending({4})).to_bytes(),
    DenyDelta(2, 1, bytes(32), _ascending({4}), _ascending({5})).to_bytes(),
)  # fmt: skip


@pytest.mark.parametrize("file", BAD_LISTS)
def test_what_is_no_deny_list_is_refused(file: bytes) -> None:
    with pytest.raises(BadInputError, match=r"deny list|packed list"):
        DenyList.read(file)


@pytest.mark.parametrize("file", BAD_DELTAS)
def test_what_is_no_delta_is_refused(file: bytes) -> None:
    with pytest.raises(BadInputError, match=r"change of a deny list|packed list"):
        read_delta(file)


@given(st.integers(0, 200), st.integers(0, 255), st.booleans())
def test_a_changed_byte_gives_another_list_or_a_refusal(at: int, value: int, full: bool) -> None:
    good = GOOD_LIST if full else GOOD_DELTA
    at %= len(good)
    changed = good[:at] + bytes((value,)) + good[at + 1 :]
    try:
        read = DenyList.read(changed) if full else read_delta(changed)
    except BadInputError:
        return
    assert read.to_bytes() == changed


def _of_issuers(dice: np.random.Generator, count: int) -> Numbers:
    """Accounts of eight issuers, 11 digits each of their own."""
    own = dice.integers(0, 10**11, count + 1_000, dtype=np.uint64)
    issuers = dice.integers(31_047_700, 31_047_708, count + 1_000, dtype=np.uint64)
    return np.unique(issuers * np.uint64(10**11) + own)[:count]


def _of_anybody(dice: np.random.Generator, count: int) -> Numbers:
    """Any 19 digits at all: the widest that accounts can lie apart."""
    return np.unique(dice.integers(0, 10**19, count + 1_000, dtype=np.uint64))[:count]


@pytest.mark.parametrize("of", ["issuers", "anybody"])
def test_a_million_and_a_thousand_changes_keep_to_their_sizes(of: str) -> None:
    accounts = {"issuers": _of_issuers, "anybody": _of_anybody}[of]
    dice = np.random.default_rng(1179)
    all_of_them = dice.permutation(accounts(dice, 1_000_500))
    start, end = (DenyList.of(np.sort(some)) for some in (all_of_them[500:], all_of_them[:-500]))
    full, delta = start.to_bytes(), delta_between(start, end, 1, 2)
    sys.stdout.write(
        f"accounts of {of}: {len(full):,} B full, {start.size_bytes:,} B in memory, "
        f"{len(delta.to_bytes()):,} B for {len(delta):,} changes\n"
    )
    assert len(delta) == 1_000
    assert len(full) <= 8_000_000
    assert start.size_bytes <= 8_000_000
    assert len(delta.to_bytes()) <= 12_000
    assert delta.apply(start) == end
