"""What becomes of an order at every channel, whatever its other side does: see `kit`."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ridecode.core import BadInputError, UnavailableError
from ridecode.money.channels import AgreementState, Paid, RefundFailed, Refused, Silent, State
from ridecode.sim.channels import Mischief, honest
from tests.money.channels.kit import DAY, MORNING, Entry, Office, ask_of
from tests.money.channels.rigs import every_channel, every_mischief, rows_of
from tests.money.channels.truth import agrees, bill_agrees, moved, office_of


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
            office.note(ask.order.order_id, [] if isinstance(said, Silent) else [said])
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
    bill_agrees(office)


@every_channel
@settings(max_examples=25)
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
    assert not any(isinstance(one, Silent) for one in said)
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
    assert office.standing(ask).owed > 0
    office.rig.counterpart.repay(ask.order.number)
    office.settle()
    agrees(office, ask)
    assert (office.standing(ask).taken, office.standing(ask).owed > 0) == (300, False)


@every_mischief
def test_the_bill_has_every_movement_once(entry: Entry, wrong: Mischief | None) -> None:
    office = office_of(entry, wrong, 3)
    office.settle()
    office.give_back(office.asks[0].order, 100)
    office.settle()
    bill_agrees(office)


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
