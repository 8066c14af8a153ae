"""Chains: an honest device is followed whatever the order; two histories never pass unseen."""

from collections.abc import Callable
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import chain as links
from ridecode.taps.devices.facts import AlarmKind, Chain, Gap
from ridecode.taps.devices.linking import Linked, Piece, Promise, linked

HONEST = [blake2b(bytes((n,)), digest_size=16).digest() for n in range(1, 41)]
OTHER = [blake2b(bytes((n, 1)), digest_size=16).digest() for n in range(1, 41)]


def heads(digests: list[bytes]) -> list[bytes]:
    """The link after each reading, the one before the first in front."""
    found = [links.GENESIS]
    for digest in digests:
        found.append(links.link(found[-1], digest))
    return found


HEADS = heads(HONEST)


def piece(first: int, last: int, digests: list[bytes] = HONEST) -> Piece:
    """Readings `first` to `last` of a journal; every third one was refused at the gate."""
    return Piece(
        first, heads(digests)[first - 1], digests[first - 1 : last],
        [seq % 3 != 0 for seq in range(first, last + 1)], 1_000 * last,
    )  # fmt: skip


def follow(*pieces: Piece, promise: Promise | None = None) -> Linked:
    """The last of several batches in a row."""
    chain, gaps = Chain(), tuple[Gap, ...]()
    for one in pieces:
        found = linked(chain, gaps, promise, one)
        chain, gaps = found.chain, found.gaps
    return found


def test_a_batch_moves_the_chain() -> None:
    found = follow(piece(1, 5))

    assert found == Linked(Chain(5, HEADS[5], 5_000, 4), (), range(0), frozenset())


def test_a_gap_is_an_alarm_and_is_filled_from_both_ends() -> None:
    gap = follow(piece(1, 5), piece(11, 20))
    middle = follow(piece(1, 5), piece(11, 20), piece(7, 8))
    full = follow(piece(1, 5), piece(11, 20), piece(7, 8), piece(6, 6), piece(9, 10))

    assert (gap.alarm, gap.gaps) == (AlarmKind.GAP, (Gap(6, 10, HEADS[5], HEADS[10]),))
    assert middle.gaps == (Gap(6, 6, HEADS[5], HEADS[6]), Gap(9, 10, HEADS[8], HEADS[10]))
    assert (middle.alarm, middle.old, middle.fresh) == (None, range(2), frozenset({0, 1}))
    assert (full.gaps, full.chain) == ((), Chain(20, HEADS[20], 20_000, 14))


def test_what_was_sent_before_must_be_known() -> None:
    again = follow(piece(1, 10), piece(3, 6))
    onward = follow(piece(1, 10), piece(8, 14))

    assert (again.old, again.fresh, again.alarm) == (range(4), frozenset(), None)
    assert again.chain == Chain(10, HEADS[10], 10_000, 7)
    assert (onward.old, onward.chain.seq, onward.chain.opened) == (range(3), 14, 10)


FORKS: list[tuple[str, list[Piece]]] = [
    ("another reading after the last one", [piece(1, 5), piece(6, 8, OTHER)]),
    ("the last readings told anew", [piece(1, 5), piece(4, 8, HONEST[:3] + OTHER[3:])]),
    ("a journal begun again", [piece(1, 5), piece(1, 6, OTHER)]),
    ("a gap filled from another journal", [piece(1, 5), piece(9, 12), piece(6, 8, OTHER)]),
    ("a gap filled to another end",
     [piece(1, 5), piece(9, 12), piece(7, 8, HONEST[:7] + OTHER[7:])]),
    ("across the edge of a gap",
     [piece(1, 5), piece(9, 12), piece(5, 7, OTHER)]),
]  # fmt: skip


@pytest.mark.parametrize("pieces", [row[1] for row in FORKS], ids=[row[0] for row in FORKS])
def test_a_fork_moves_nothing_but_is_remembered(pieces: list[Piece]) -> None:
    before, found = follow(*pieces[:-1]), follow(*pieces)

    assert found.alarm is AlarmKind.FORK
    assert found.chain.forked
    assert (found.chain.seq, found.chain.head) == (before.chain.seq, before.chain.head)
    assert found.gaps == before.gaps


def test_after_a_fork_a_gap_is_no_longer_taken_on_trust_but_the_true_journal_goes_on() -> None:
    beyond = follow(piece(1, 5), piece(6, 8, OTHER), piece(9, 12, OTHER))
    onward = follow(piece(1, 5), piece(6, 8, OTHER), piece(6, 12))

    assert (beyond.alarm, beyond.chain.seq) == (AlarmKind.FORK, 5)
    assert (onward.alarm, onward.chain.seq, onward.chain.forked) == (None, 12, True)


def test_a_tail_that_was_promised_and_cut_is_seen() -> None:
    promise = Promise(8, HEADS[8])

    assert follow(piece(1, 5), piece(6, 9), promise=promise).alarm is None
    cut = follow(piece(1, 5), piece(6, 9, HONEST[:6] + OTHER[6:]), promise=promise)
    assert (cut.alarm, cut.chain.seq) == (AlarmKind.CUT_TAIL, 5)


@st.composite
def cut_up(draw: Callable[..., object]) -> list[tuple[int, int]]:
    """The forty readings in batches that overlap, in any order, some more than once."""
    cuts = sorted(draw(st.sets(st.integers(2, 40), max_size=8)))  # type: ignore[call-overload]
    starts = [1, *cuts]
    whole = [(a, b - 1) for a, b in zip(starts, [*cuts, 41], strict=True)]
    more = draw(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=6))
    whole += [(min(pair), max(pair)) for pair in more]  # type: ignore[attr-defined]
    return draw(st.permutations(whole))  # type: ignore[return-value]


@given(cut_up())
def test_an_honest_device_is_followed_whatever_the_order(batches: list[tuple[int, int]]) -> None:
    chain, gaps, known = Chain(), tuple[Gap, ...](), set[int]()
    for first, last in batches:
        found = linked(chain, gaps, Promise(23, HEADS[23]), piece(first, last))
        chain, gaps = found.chain, found.gaps
        assert not found.forked
        old = {first + at for at in found.old} - {first + at for at in found.fresh}
        assert old <= known
        known.update(range(first, last + 1))
        missing = {seq for gap in gaps for seq in range(gap.first, gap.last + 1)}
        assert known == set(range(1, chain.seq + 1)) - missing
        assert chain.opened == sum(seq % 3 != 0 for seq in known)

    assert (chain.seq, chain.head, gaps) == (40, HEADS[40], ())


@given(cut_up(), st.integers(1, 40), st.data())
def test_two_histories_never_pass_unseen(
    batches: list[tuple[int, int]], changed: int, data: st.DataObject
) -> None:
    """The same journal but for one reading, told in between: a fork, or a reading sent before that
    is not known by its id."""
    other = [*HONEST[: changed - 1], OTHER[changed - 1], *HONEST[changed:]]
    first, last = sorted((changed, data.draw(st.integers(1, 40))))
    told = [piece(*one) for one in batches]
    told.insert(data.draw(st.integers(0, len(told))), piece(first, last, other))
    chain, gaps, known, seen = Chain(), tuple[Gap, ...](), set[bytes](), False
    for one in told:
        found = linked(chain, gaps, None, one)
        chain, gaps = found.chain, found.gaps
        old = {one.digests[at] for at in found.old if at not in found.fresh}
        seen = seen or found.forked or not old <= known
        known.update(one.digests)

    assert seen
