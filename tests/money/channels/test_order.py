"""What a channel says of an order: late, twice, in any order, and never booked twice."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.money.channels import (
    NOTHING,
    Accepted,
    Break,
    Fact,
    Heard,
    Order,
    Paid,
    Purse,
    Refund,
    Refunded,
    RefundFailed,
    Refused,
    Repaid,
    State,
    Withdrawn,
    charge_number,
    excess,
    hear,
    journals,
    standing,
)
from ridecode.money.ledger import Account, Journal, Kind

DAY = 20_000
RIDER, WECHAT = Account(Kind.RIDER, "r1"), Account(Kind.CHANNEL, "wechat")
ADVANCE, WALLET = Account(Kind.ADVANCE, "r1"), Account(Kind.WALLET, "r1")


def order(purse: Purse = Purse.OUTSIDE, amount: int = 300) -> Order:
    return Order(
        order_id=UUID(int=5), account="r1", channel="wechat", purse=purse, amount=amount,
        about=UUID(int=6), made_at=DAY * 86_400_000_000,
    )  # fmt: skip


FIRST, SECOND = UUID(int=71), UUID(int=72)
PAID, ADVANCED, REPAID = Paid("t1", 300), Paid("t1", 300, is_advanced=True), Repaid("t1")
NO_BREAK: set[Break] = set()

STANDINGS: list[tuple[str, list[Fact | Withdrawn], State, int, int, set[Break], int]] = [
    ("nothing was heard", [], State.QUEUED, 0, 0, NO_BREAK, 0),
    ("it was accepted", [Accepted()], State.ACCEPTED, 0, 0, NO_BREAK, 0),
    ("it was refused", [Refused("NO_MONEY")], State.REFUSED, 0, 0, NO_BREAK, 300),
    ("accepted, then refused", [Accepted(), Refused("x")], State.REFUSED, 0, 0, NO_BREAK, 300),
    ("it was paid at once", [PAID], State.PAID, 300, 0, NO_BREAK, 0),
    ("it was paid", [Accepted(), PAID], State.PAID, 300, 0, NO_BREAK, 0),
    ("refused, asked for again and paid", [Refused("x"), PAID], State.PAID, 300, 0, NO_BREAK,
     0),
    ("a refund that is never given", [PAID, RefundFailed(FIRST, "x")], State.PAID, 300, 0,
     {Break.REFUND_FAILED}, 0),
    ("a refund that failed and was given", [PAID, RefundFailed(FIRST, "x"), Refunded(FIRST, 300)],
     State.PAID, 0, 0, NO_BREAK, 0),
    ("the channel advanced it", [ADVANCED], State.PAID, 300, 300, NO_BREAK, 300),
    ("and was repaid", [ADVANCED, REPAID], State.PAID, 300, 0, NO_BREAK, 0),
    ("repaid what nobody advanced", [PAID, REPAID], State.PAID, 300, 0,
     {Break.REPAID_UNKNOWN}, 0),
    ("paid twice", [PAID, Paid("t2", 300)], State.PAID, 600, 0, {Break.PAID_MORE}, 0),
    ("paid twice, once given back", [PAID, Paid("t2", 300), Refunded(FIRST, 300)], State.PAID, 300,
     0, {Break.PAID_MORE}, 0),
    ("a fen too much", [Paid("t1", 301)], State.PAID, 301, 0, {Break.PAID_MORE}, 0),
    ("a fen too little", [Paid("t1", 299)], State.PAID, 299, 0, {Break.PAID_LESS}, 1),
    ("paid in two parts", [Paid("t1", 100), Paid("t2", 200)], State.PAID, 300, 0, NO_BREAK, 0),
    ("given back in part", [PAID, Refunded(FIRST, 100)], State.PAID, 200, 0, NO_BREAK, 0),
    ("given back in two parts", [PAID, Refunded(FIRST, 100), Refunded(SECOND, 200)], State.PAID, 0,
     0, NO_BREAK, 0),
    ("more given back than taken", [PAID, Refunded(FIRST, 301)], State.PAID, -1, 0,
     {Break.REFUNDED_MORE}, 0),
    ("one payment told in two ways", [PAID, Paid("t1", 500)], State.PAID, 300, 0,
     {Break.SAID_OTHERWISE}, 0),
    ("one payment advanced and not", [ADVANCED, PAID], State.PAID, 300, 300,
     {Break.SAID_OTHERWISE}, 300),
    ("one refund told in two ways", [PAID, Refunded(FIRST, 1), Refunded(FIRST, 2)], State.PAID, 299,
     0, {Break.SAID_OTHERWISE}, 0),
    ("refused and withdrawn", [Refused("x"), Withdrawn(300)], State.WITHDRAWN, 0, 0, NO_BREAK, 0),
    ("withdrawn, and paid after all", [Refused("x"), Withdrawn(300), PAID], State.PAID, 300, 0,
     {Break.PAID_MORE}, 0),
    ("a fen too little, which was withdrawn", [Paid("t1", 299), Withdrawn(1)], State.PAID, 299, 0,
     NO_BREAK, 0),
]  # fmt: skip


def heard_of(facts: Sequence[Fact | Withdrawn]) -> Heard:
    heard = NOTHING
    for fact in facts:
        heard = heard | {fact} if isinstance(fact, Withdrawn) else hear(heard, fact)
    return heard


@pytest.mark.parametrize(
    ("facts", "state", "taken", "advanced", "breaks", "owed"),
    [row[1:] for row in STANDINGS], ids=[row[0] for row in STANDINGS],
)  # fmt: skip
def test_how_an_order_stands(
    facts: list[Fact | Withdrawn],
    state: State,
    taken: int,
    advanced: int,
    breaks: set[Break],
    owed: int,
) -> None:
    found = standing(order(), heard_of(facts))
    assert (found.state, found.taken, found.advanced) == (state, taken, advanced)
    assert (set(found.breaks), found.owed) == (breaks, owed)


def test_every_break_stands_in_the_table() -> None:
    assert set().union(*(row[5] for row in STANDINGS)) == set(Break)
    assert {row[2] for row in STANDINGS} == set(State)


@pytest.mark.parametrize(
    ("facts", "back"),
    [([], 0), ([PAID], 0), ([PAID, Paid("t2", 300)], 300), ([Paid("t1", 301)], 1),
     ([PAID, Paid("t2", 300), Refunded(FIRST, 200)], 100), ([Paid("t1", 299)], 0)],
)  # fmt: skip
def test_what_was_taken_beyond_the_order_goes_back(facts: list[Fact], back: int) -> None:
    assert excess(order(), heard_of(facts)) == back


DAY_REFUND = UUID(int=8)


@pytest.mark.parametrize(
    ("facts", "asked", "back"),
    [row[1:] for row in (
        ("taken twice, and asked back", [], [(FIRST, 300, True)], 0),
        ("half of it was given", [Refunded(FIRST, 150)], [(FIRST, 300, True)], 150),
        ("and the rest asked for again", [Refunded(FIRST, 150)],
         [(FIRST, 300, True), (SECOND, 150, True)], 0),
        ("it will never be given", [RefundFailed(FIRST, "x")], [(FIRST, 300, True)], 0),
        ("what is given back of the day is not of this", [Refunded(FIRST, 100)],
         [(FIRST, 100, False)], 300),
        ("given back unasked", [Refunded(SECOND, 300)], [], 0),
    )],
)  # fmt: skip
def test_what_was_asked_back_is_not_asked_again(
    facts: list[Fact], asked: list[tuple[UUID, int, bool]], back: int
) -> None:
    of = order()
    refunds = [
        Refund(refund, of.order_id, "t1", amount, of.order_id if is_excess else DAY_REFUND)
        for refund, amount, is_excess in asked
    ]
    twice: list[Fact] = [PAID, Paid("t2", 300)]
    assert excess(of, heard_of([*twice, *facts]), refunds) == back


def booked(of: Order, facts: list[Fact]) -> dict[Account, int]:
    """Debits minus credits after all journals, each id once."""
    heard, posted = NOTHING, dict[UUID, Journal]()
    for fact in facts:
        for one in journals(of, heard, fact, DAY):
            assert posted.setdefault(one.journal_id, one) == one
        heard = hear(heard, fact)
    sums: dict[Account, int] = {}
    for one in posted.values():
        sums[one.debited] = sums.get(one.debited, 0) + one.amount
        sums[one.credited] = sums.get(one.credited, 0) - one.amount
    return {at: amount for at, amount in sums.items() if amount}


def test_the_books_of_a_payment_that_was_advanced() -> None:
    of_channel = Account(Kind.ADVANCED, "wechat")
    assert booked(order(), [ADVANCED]) == {RIDER: -300, WECHAT: 300, ADVANCE: 300, of_channel: -300}
    assert booked(order(), [ADVANCED, REPAID]) == {RIDER: -300, WECHAT: 300}


def test_a_wallet_pays_from_itself() -> None:
    facts: list[Fact] = [PAID, Refunded(FIRST, 100)]
    assert booked(order(Purse.WALLET), facts) == {RIDER: -200, WALLET: 200}


def test_what_says_nothing_of_money_moves_none() -> None:
    assert booked(order(), [Accepted(), Refused("x"), Repaid("t9")]) == {}


AMOUNTS = {"t1": 300, "t2": 150, "t3": 40}
REFUNDS = {FIRST: 90, SECOND: 10}
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.just(Accepted()),
    st.builds(Refused, st.sampled_from(["NO_MONEY", "FROZEN"])),
    st.sampled_from([Paid(name, AMOUNTS[name], name == "t2") for name in AMOUNTS]),
    st.builds(Repaid, st.sampled_from(["t1", "t2"])),
    st.sampled_from([Refunded(*one) for one in REFUNDS.items()]),
)  # fmt: skip


@given(st.lists(FACTS, max_size=10), st.data())
def test_order_and_repetition_change_neither_the_standing_nor_the_books(
    facts: list[Fact], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(facts), max_size=4)) if facts else []
    otherwise = data.draw(st.permutations([*facts, *again]))
    assert standing(order(), heard_of(otherwise)) == standing(order(), heard_of(facts))
    assert booked(order(), otherwise) == booked(order(), facts)


@given(st.lists(FACTS, max_size=10))
def test_the_books_say_what_the_standing_says(facts: list[Fact]) -> None:
    found, sums = standing(order(), heard_of(facts)), booked(order(), facts)
    assert sums.get(WECHAT, 0) == -sums.get(RIDER, 0) == found.taken
    assert sums.get(ADVANCE, 0) == found.advanced
    assert sum(sums.values()) == 0


def test_the_channel_knows_an_order_by_one_number() -> None:
    assert order().number == "00000000000000000000000000000005"
    assert len(order().number) == 32


@pytest.mark.parametrize("facts", [row[1] for row in STANDINGS], ids=[row[0] for row in STANDINGS])
def test_a_journal_is_told_by_its_channels_number(facts: list[Fact]) -> None:
    """That of the payment or of the refund that it is of, whatever else was heard of the order."""
    heard: Heard = NOTHING
    numbers: dict[UUID, str] = {}
    for fact in facts:
        for one in journals(order(), heard, fact, DAY):
            if isinstance(fact, Paid | Refunded):
                number = fact.transaction if isinstance(fact, Paid) else fact.refund.hex
                numbers[one.journal_id] = number
        heard = hear(heard, fact)
    of = order()
    assert numbers == {
        journal: charge_number(of.order_id.bytes, heard, journal.bytes) for journal in numbers
    }
