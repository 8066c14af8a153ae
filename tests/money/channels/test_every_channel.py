"""What every channel has to give, whatever its other side does: see `kit`."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ridecode.core import BadInputError, UnavailableError
from ridecode.money.channels import (
    Accepted,
    AgreementState,
    Answer,
    Ask,
    Channel,
    Fact,
    ForgedError,
    Paid,
    Refunded,
    RefundFailed,
    Refused,
    Said,
    State,
)
from ridecode.money.ledger import Account, Kind
from ridecode.sim.channels import Mischief, Moved, Told, honest
from tests.money.channels.kit import BILL_AT, DAY, MORNING, Entry, Office, Relay, Rig, ask_of
from tests.money.channels.rigs import ENTRIES

ROWS = [(entry, wrong) for entry in ENTRIES for wrong in [None, *sorted(entry.mischiefs)]]
every_channel = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
every_mischief = pytest.mark.parametrize(
    ("entry", "wrong"), ROWS, ids=[f"{entry.name}-{wrong.name if wrong else 'HONEST'}"
                                   for entry, wrong in ROWS],
)  # fmt: skip
with_a_server = pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.over], ids=lambda entry: entry.name
)


def rows_of(*wrongs: Mischief) -> pytest.MarkDecorator:
    """Every channel with each of those that its counterpart can do."""
    rows = [(entry, wrong) for entry, wrong in ROWS if wrong in wrongs]
    ids = [f"{entry.name}-{wrong.name}" for entry, wrong in rows if wrong]
    return pytest.mark.parametrize(("entry", "wrong"), rows, ids=ids)


def office_of(entry: Entry, wrong: Mischief | None, orders: int = 1) -> Office:
    rig = entry.rig(lambda _: wrong)
    return Office(rig, [ask_of(rig.channel, n) for n in range(1, orders + 1)])


def moved(rig: Rig, ask: Ask) -> Moved:
    return rig.counterpart.truth().get(ask.order.number, Moved())


def agrees(office: Office, ask: Ask) -> None:
    """What was heard and what is booked say what was really moved, and nobody pays too much."""
    found, truth = office.standing(ask), moved(office.rig, ask)
    rider, advance = (Account(kind, ask.order.account) for kind in (Kind.RIDER, Kind.ADVANCE))
    assert (-office.balance(rider), office.balance(advance)) == (found.taken, found.advanced)
    assert (found.taken, found.advanced) == (truth.taken - truth.given_back, truth.advanced)
    assert found.taken <= ask.order.amount


# An order, from its charge to its end


@every_mischief
def test_an_order_ends_as_the_channel_has_it_and_no_fen_above_it(
    entry: Entry, wrong: Mischief | None
) -> None:
    office = office_of(entry, wrong)
    office.settle()
    agrees(office, office.asks[0])
    found = office.standing(office.asks[0])
    refused = wrong is Mischief.REFUSED or (
        wrong is Mischief.ADVANCED and not moved(office.rig, office.asks[0]).advanced
    )
    assert found.state is (State.REFUSED if refused else State.PAID)
    assert found.taken == {Mischief.LESS_TAKEN: 299}.get(wrong, 0 if refused else 300)  # type: ignore[arg-type]


@every_mischief
def test_what_is_given_back_is_given_back_once(entry: Entry, wrong: Mischief | None) -> None:
    office = office_of(entry, wrong)
    office.settle()
    (ask,) = office.asks
    office.give_back(ask.order, 1_000)
    office.settle()
    agrees(office, ask)
    assert office.standing(ask).advanced == 0
    failed = any(isinstance(one, RefundFailed) for one in office.heard[ask.order.order_id])
    assert failed == (wrong is Mischief.REFUND_FAILS)
    assert office.standing(ask).taken == (300 if failed else 0)


@every_mischief
def test_a_part_that_is_given_back_leaves_the_rest(entry: Entry, wrong: Mischief | None) -> None:
    office = office_of(entry, wrong)
    office.settle()
    (ask,) = office.asks
    before = office.standing(ask).taken
    office.give_back(ask.order, 101)
    office.settle()
    agrees(office, ask)
    stays = wrong is Mischief.REFUND_FAILS or before == 0
    assert office.standing(ask).taken == before - (0 if stays else 101)


@every_mischief
def test_asking_again_for_a_charge_or_a_refund_moves_nothing_more(
    entry: Entry, wrong: Mischief | None
) -> None:
    office = office_of(entry, wrong)
    (ask,) = office.asks
    for _ in range(3):
        office.charge([ask])
        office.rig.counterpart.hours_pass()
    taken = moved(office.rig, ask).taken
    office.charge([ask])
    assert moved(office.rig, ask).taken == taken
    office.settle()
    for paid in [one for one in office.heard[ask.order.order_id] if isinstance(one, Paid)]:
        for _ in range(4):
            said = office.rig.channel.refund(ask.order, paid, UUID(int=9), 1, office.rig.clock.now)
            office.note(ask.order.order_id, [said] if said else [])
        break
    agrees(office, ask)
    assert moved(office.rig, ask).taken == taken


@every_channel
def test_a_whole_day_of_everything_that_can_go_wrong(entry: Entry) -> None:
    """Also in one office, each order with a mischief of its own, and the bill says the same."""
    wrongs = [None, *sorted(entry.mischiefs)] * 2
    asks: dict[str, Mischief | None] = {}
    rig = entry.rig(lambda number: asks[number])
    office = Office(rig, [ask_of(rig.channel, n, 100 + n) for n in range(1, len(wrongs) + 1)])
    asks |= {one.order.number: wrong for one, wrong in zip(office.asks, wrongs, strict=True)}
    office.settle()
    for ask in office.asks[len(wrongs) // 2 :]:
        office.give_back(ask.order, 60)
    office.settle()
    for ask in office.asks:
        agrees(office, ask)
    _bill_agrees(office)


@every_channel
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_order_of_hearing_and_asking_changes_how_it_ends(
    entry: Entry, data: st.DataObject
) -> None:
    wrong = data.draw(st.sampled_from([None, *sorted(entry.mischiefs)]))
    office = office_of(entry, wrong)
    (ask,) = office.asks
    steps: list[Callable[[], None]] = [
        lambda: office.charge([ask]), office.listen, lambda: office.query([ask.order]),
        office.rig.counterpart.hours_pass, lambda: office.give_back(ask.order, 7), office.refund,
    ]  # fmt: skip
    for step in data.draw(st.lists(st.integers(0, len(steps) - 1), max_size=12)):
        steps[step]()
    office.settle()
    agrees(office, ask)


@every_channel
def test_an_order_that_nobody_sent_is_known_by_no_fact(entry: Entry) -> None:
    office = office_of(entry, None, 2)
    assert office.rig.channel.query([one.order for one in office.asks], MORNING) == [
        frozenset(), frozenset(),
    ]  # fmt: skip


@every_channel
def test_a_batch_is_answered_in_its_own_order(entry: Entry) -> None:
    office = office_of(entry, None, 7)
    office.charge(office.asks[:5])
    office.rig.counterpart.hours_pass()
    said = office.rig.channel.query([one.order for one in office.asks], MORNING)
    assert [bool(one) for one in said] == [True] * 5 + [False] * 2
    assert office.rig.channel.query([], MORNING) == []


@every_channel
def test_more_than_a_batch_is_a_mistake_of_the_caller(entry: Entry) -> None:
    rig = entry.rig(honest)
    asks = [ask_of(rig.channel, n) for n in range(1, rig.channel.batch_most + 2)]
    with pytest.raises(AssertionError):
        rig.channel.charge(asks, MORNING)
    assert rig.counterpart.truth() == {}


@every_channel
def test_from_whoever_agreed_to_nothing_nothing_is_taken(entry: Entry) -> None:
    rig = entry.rig(honest)
    ask = ask_of(rig.channel, 1)
    (said,) = rig.channel.charge([ask], MORNING)
    assert isinstance(said, Refused)
    rig.counterpart.hours_pass()
    assert moved(rig, ask).taken == 0
    assert rig.channel.agreement(ask.agreement.contract, MORNING) is AgreementState.ENDED


@every_channel
def test_whoever_agreed_can_be_charged(entry: Entry) -> None:
    office = office_of(entry, None)
    contract = office.asks[0].agreement.contract
    assert office.rig.channel.agreement(contract, MORNING) is AgreementState.STANDS


@rows_of(Mischief.ADVANCED, Mischief.REFUSED)
def test_what_the_channel_advanced_or_could_not_take_is_repaid(
    entry: Entry, wrong: Mischief
) -> None:
    office = office_of(entry, wrong)
    (ask,) = office.asks
    office.settle()
    assert office.standing(ask).is_debt
    office.rig.counterpart.repay(ask.order.number)
    office.settle()
    agrees(office, ask)
    assert (office.standing(ask).taken, office.standing(ask).is_debt) == (300, False)


# What is told


def callbacks(entry: Entry, wrong: Mischief | None = None) -> tuple[Rig, list[Told]]:
    """What is told of an order that is paid and half given back."""
    office = office_of(entry, wrong)
    (ask,) = office.asks
    office.charge([ask])
    told = office.rig.counterpart.told()
    office.query([ask.order])
    office.give_back(ask.order, 150)
    for _ in range(3):
        office.refund()
        told += office.rig.counterpart.told()
    return office.rig, told


@every_channel
def test_what_is_told_twice_is_heard_as_the_same(entry: Entry) -> None:
    rig, told = callbacks(entry)
    for one in told:
        first = rig.channel.hear(one.headers, one.body, MORNING)
        assert first == rig.channel.hear(one.headers, one.body, MORNING)


@rows_of(Mischief.CALLBACK_FORGED)
def test_a_forged_callback_is_told_apart_and_changes_nothing(entry: Entry, wrong: Mischief) -> None:
    office = office_of(entry, wrong)
    office.settle()
    assert office.forged
    agrees(office, office.asks[0])


@every_channel
def test_a_callback_that_was_changed_on_its_way_is_not_heard(entry: Entry) -> None:
    rig, told = callbacks(entry)
    for one in told:
        said = rig.channel.hear(one.headers, one.body, MORNING)
        changed = [Told(one.headers, one.body[:at] + bytes([one.body[at] ^ 1]) +
                        one.body[at + 1:]) for at in range(0, len(one.body), 7)]  # fmt: skip
        changed += [Told({k: v for k, v in one.headers.items() if k != name}, one.body)
                    for name in one.headers]  # fmt: skip
        changed += [Told(one.headers, b""), Told({}, one.body), Told(one.headers, one.body * 2)]
        for other in changed:
            assert _heard(rig.channel, other) in (None, said)


def _heard(channel: Channel, told: Told) -> Said | None:
    try:
        return channel.hear(told.headers, told.body, MORNING)
    except (ForgedError, BadInputError):
        return None


# What the bill says


def _bill_agrees(office: Office) -> None:
    lines = office.bill()
    told = Counter(
        (one.number, one.transaction if not one.refund else one.refund, one.amount) for one in lines
    )
    booked: Counter[tuple[str, str, int]] = Counter()
    for ask in office.asks:
        for fact in office.heard[ask.order.order_id]:
            if isinstance(fact, Paid):
                booked[ask.order.number, fact.transaction, fact.amount] += 1
            elif isinstance(fact, Refunded):
                booked[ask.order.number, fact.refund.hex, fact.amount] += 1
    assert told == booked
    for number, truth in office.rig.counterpart.truth().items():
        of_order = [one for one in lines if one.number == number]
        assert sum(one.amount for one in of_order if not one.refund) == truth.taken
        assert sum(one.amount for one in of_order if one.refund) == truth.given_back


@every_mischief
def test_the_bill_has_every_movement_once(entry: Entry, wrong: Mischief | None) -> None:
    office = office_of(entry, wrong, 3)
    office.settle()
    office.give_back(office.asks[0].order, 100)
    office.settle()
    _bill_agrees(office)


@every_channel
def test_there_is_no_bill_of_a_day_that_is_not_over(entry: Entry) -> None:
    office = office_of(entry, None)
    office.settle()
    with pytest.raises(UnavailableError):
        list(office.rig.channel.bill(DAY, office.rig.clock.now))


@every_channel
def test_a_bill_is_of_a_day(entry: Entry) -> None:
    channel = entry.with_a_stranger()[0] if entry.over else entry.rig(honest).channel
    with pytest.raises(BadInputError):
        list(channel.bill("yesterday", MORNING))


# Where nobody answers, or somebody else

ANSWERS = st.none() | st.builds(
    Answer, st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 500]),
    st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
    st.binary(max_size=60) | st.sampled_from([b"{}", b"[]", b'{"code":"RESOURCE_NOT_EXISTS"}']),
)  # fmt: skip


@with_a_server
@given(answer=ANSWERS)
def test_an_answer_that_is_none_of_the_channels_says_nothing(
    entry: Entry, answer: Answer | None
) -> None:
    channel, stranger = entry.with_a_stranger()
    stranger.answer = answer
    ask = ask_of(channel, 1)
    nothing: list[Fact | None] = [None]
    assert channel.charge([ask], MORNING) == nothing
    assert channel.query([ask.order], MORNING) == [None]
    assert channel.refund(ask.order, Paid("t", 300), UUID(int=3), 1, MORNING) is None
    assert channel.agreement(ask.agreement.contract, MORNING) is None
    with pytest.raises((UnavailableError, BadInputError)):
        list(channel.bill(DAY, BILL_AT))


@with_a_server
def test_a_true_answer_of_another_order_says_nothing_of_this_one(entry: Entry) -> None:
    office = office_of(entry, None, 2)
    office.settle()
    relay = Relay(office.rig.counterpart)
    assert entry.over
    channel, (first, second) = entry.over(relay), office.asks
    assert channel.query([first.order], office.rig.clock.now) == [
        office.heard[first.order.order_id] - {Accepted()}
    ]
    relay.is_stuck = True
    assert channel.query([second.order], office.rig.clock.now) == [None]


@with_a_server
@given(
    headers=st.dictionaries(st.text(max_size=30), st.text(max_size=30), max_size=6),
    body=st.binary(max_size=200),
)
def test_noise_is_never_heard(entry: Entry, headers: dict[str, str], body: bytes) -> None:
    channel, _ = entry.with_a_stranger()
    with pytest.raises((ForgedError, BadInputError)):
        channel.hear(headers, body, MORNING)


@every_channel
def test_a_callback_that_was_heard_is_answered_with_success(entry: Entry) -> None:
    answer = entry.rig(honest).channel.heard
    assert 200 <= answer.status < 300
