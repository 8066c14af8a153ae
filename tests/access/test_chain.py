"""The log's chain: what was changed, cut out, put in, swapped or cut off is seen."""

import hashlib

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.access import About, Entry, Fault, Head, Link, Purpose, Right, Role, Verdict
from ridecode.access.chain import GENESIS, DamagedError, checked, linked

START = Head(0, GENESIS)
entries = st.builds(
    Entry,
    at=st.integers(0, 2**62),
    who=st.text(max_size=8),
    role=st.none() | st.sampled_from(Role),
    right=st.none() | st.sampled_from(Right),
    act=st.text(max_size=8),
    about=st.sampled_from(About),
    subject=st.text(max_size=8),
    purpose=st.none() | st.sampled_from(Purpose),
    reason=st.text(max_size=8),
    outcome=st.sampled_from(Verdict),
)
chains = st.lists(entries, min_size=1, max_size=6).map(lambda told: linked(START, told))


def test_a_link_is_what_the_manual_says() -> None:
    """Worked out by hand: a log can be checked without this code."""
    entry = Entry(
        1, "wang.li", Role.CARD_COMPANY, Right.SEE_RIDER, "GET /v1/rides", About.RIDER,
        "3104870400000000001", Purpose.COMPLAINT, "lost", Verdict.ALLOWED,
    )  # fmt: skip
    plain = [
        1, [1, "wang.li", 3, 3, "GET /v1/rides", 2, "3104870400000000001", 1, "lost", 1],
    ]  # fmt: skip
    expected = hashlib.sha256(bytes(32) + msgspec.msgpack.encode(plain)).digest()
    assert linked(START, [entry]) == [Link(1, entry, expected)]


@given(chains)
def test_an_honest_log_is_sound(chain: list[Link]) -> None:
    found = checked(chain)
    assert (found.fault, found.head) == (None, Head(chain[-1].n, chain[-1].link))


@given(st.lists(entries, max_size=4), st.lists(entries, max_size=4))
def test_it_grows_alike_in_one_go_and_in_two(first: list[Entry], second: list[Entry]) -> None:
    some = linked(START, first)
    head = Head(some[-1].n, some[-1].link) if some else START
    assert some + linked(head, second) == linked(START, first + second)


@given(chains, st.data())
def test_a_changed_entry_is_seen(chain: list[Link], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    other = data.draw(entries.filter(lambda one: one != chain[at].entry))
    found = checked([*chain[:at], replace(chain[at], entry=other), *chain[at + 1 :]])
    assert (found.fault, found.at) == (Fault.CHANGED, at + 1)


@given(chains, st.data())
def test_an_entry_moved_into_its_neighbouring_field_is_seen(
    chain: list[Link], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    entry = chain[at].entry
    moved = replace(entry, act=entry.act + entry.subject + "x", subject="")
    assert checked([*chain[:at], replace(chain[at], entry=moved)]).fault is Fault.CHANGED


@given(chains.filter(lambda chain: len(chain) > 1), st.data())
def test_a_removed_entry_is_seen(chain: list[Link], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 2))
    found = checked(chain[:at] + chain[at + 1 :])
    assert (found.fault, found.at) == (Fault.GAP, at + 1)


@given(chains.filter(lambda chain: len(chain) > 1), st.data())
def test_a_removed_entry_whose_successors_were_renumbered_is_seen(
    chain: list[Link], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(chain) - 2))
    renumbered = [replace(one, n=one.n - 1) for one in chain[at + 1 :]]
    assert checked(chain[:at] + renumbered).fault is Fault.CHANGED


@given(chains.filter(lambda chain: len(chain) > 1), st.data())
def test_two_swapped_entries_are_seen(chain: list[Link], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 2))
    swapped = list(chain)
    swapped[at], swapped[at + 1] = chain[at + 1], chain[at]
    assert checked(swapped).fault is Fault.GAP
    swapped[at] = replace(chain[at], entry=chain[at + 1].entry)
    swapped[at + 1] = replace(chain[at + 1], entry=chain[at].entry)
    if chain[at].entry != chain[at + 1].entry:
        assert checked(swapped).fault is Fault.CHANGED


@given(chains, st.binary(min_size=32, max_size=32), st.data())
def test_a_changed_link_is_seen(chain: list[Link], link: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    if link != chain[at].link:
        found = checked([*chain[:at], replace(chain[at], link=link), *chain[at + 1 :]])
        assert (found.fault, found.at) == (Fault.CHANGED, at + 1)


@given(chains, entries, st.data())
def test_an_entry_put_in_is_seen(chain: list[Link], extra: Entry, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    before = Head(chain[at - 1].n, chain[at - 1].link) if at else START
    (forged,) = linked(before, [extra])
    if forged != chain[at]:
        assert checked([*chain[:at], forged, *chain[at:]]).fault is Fault.GAP


@given(chains, st.data())
def test_a_tail_that_was_cut_off_is_seen_by_a_head_that_was_noted(
    chain: list[Link], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    noted = Head(chain[-1].n, chain[-1].link)
    assert checked(chain[:at]).fault is None
    found = checked(chain[:at], noted)
    assert (found.fault, found.at) == (Fault.CUT, noted.n)


@given(chains, st.data())
def test_every_head_that_was_ever_noted_is_found_again(
    chain: list[Link], data: st.DataObject
) -> None:
    noted = data.draw(st.sampled_from([START, *(Head(one.n, one.link) for one in chain)]))
    assert checked(chain, noted).fault is None


@given(chains, entries)
def test_a_log_written_anew_from_the_start_is_seen_by_a_head_that_was_noted(
    chain: list[Link], other: Entry
) -> None:
    noted = Head(chain[-1].n, chain[-1].link)
    anew = linked(START, [replace(chain[0].entry, at=chain[0].entry.at + 1)])
    anew += linked(Head(1, anew[0].link), [one.entry for one in chain[1:]] + [other])
    assert checked(anew).fault is None
    assert checked(anew, noted).fault is Fault.OTHER


def test_a_log_without_entries_is_sound() -> None:
    assert checked([]).head == START


def test_an_entry_that_cannot_even_be_read_was_changed() -> None:
    def damaged() -> object:
        raise DamagedError(1)

    found = checked(damaged() for _ in range(1))  # type: ignore[misc]
    assert (found.fault, found.at) == (Fault.CHANGED, 1)
