"""Whether what was heard of an order, and what is booked of it, is what was really moved."""

from collections import Counter

from ridecode.money.channels import Ask, Paid, Refunded
from ridecode.money.ledger import Account, Kind
from ridecode.sim.channels import Mischief, Moved
from tests.money.channels.kit import Entry, Office, Rig, ask_of


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


def bill_agrees(office: Office) -> None:
    """The bill of the day has every movement that was heard and that was real, once."""
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
