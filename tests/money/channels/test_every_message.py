"""What every channel believes of what it is told and answered: see `kit`."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError, UnavailableError
from ridecode.money.channels import Accepted, Answer, Channel, ForgedError, Paid, Said
from ridecode.sim.channels import Mischief, Told, honest
from tests.money.channels.kit import (
    BILL_AT,
    BUSY,
    DAY,
    MORNING,
    NO_ANSWER,
    NOT_SIGNED,
    UNREADABLE,
    Entry,
    Relay,
    Rig,
    ask_of,
)
from tests.money.channels.rigs import every_channel, rows_of, with_a_server
from tests.money.channels.truth import agrees, office_of


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


ANSWERS = st.none() | st.builds(
    Answer, st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 500]),
    st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
    st.binary(max_size=60)
    | st.sampled_from([b"{}", b"[]", b'{"code":"RESOURCE_NOT_EXISTS","error":"MALFORMED"}']),
)  # fmt: skip


@with_a_server
@given(answer=ANSWERS)
def test_an_answer_that_is_none_of_the_channels_says_nothing(
    entry: Entry, answer: Answer | None
) -> None:
    """It is told why, and no word of it."""
    channel, stranger = entry.with_a_stranger()
    stranger.answer = answer
    ask = ask_of(channel, 1)
    is_busy = answer is not None and answer.status in (429, 500)
    said = NO_ANSWER if answer is None else BUSY if is_busy else NOT_SIGNED
    assert channel.charge([ask], MORNING) == [said]
    assert channel.query([ask.order], MORNING) == [said]
    assert channel.refund(ask.order, Paid("t", 300), UUID(int=3), 1, MORNING) == said
    assert channel.agreement(ask.agreement.contract, MORNING) == said
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
    (said,) = channel.query([second.order], office.rig.clock.now)
    # The card account's answers are signed with the request that they are of.
    assert said == (NOT_SIGNED if entry.name == "card-account" else UNREADABLE)


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
