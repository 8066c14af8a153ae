"""Taking a named rule out of a tariff changes the price by just its line: where, exactly.

Holds the sentences of `ridecode.fares.rating` for tariffs of any rules in any order.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from ridecode.city import load_pack
from ridecode.core import Line, NotFoundError, Price
from ridecode.fares import NOTHING_EARLIER, AccountClass, price, read_tariffs
from ridecode.fares.rounding import TO_THE_UNIT
from ridecode.fares.rules import DayCap, Percent, WeekCap
from ridecode.fares.scope import Scope
from ridecode.fares.shapes import flat
from tests.fares.strategies import NAME, carries, made, rides, tariffs
from tests.fares.world import NOON, ride

SETTINGS: Final = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(st.data())
def test_lines_sum_to_the_price_and_it_is_never_below_zero(data: st.DataObject) -> None:
    tariff, one = data.draw(tariffs()), data.draw(rides())

    priced, _ = price(tariff, data.draw(carries(one)), one)

    left = list(accumulate(line.amount for line in priced.lines))
    assert priced.amount == (left[-1] if left else 0)
    assert min(left) >= 0


@SETTINGS
@given(st.data())
def test_lines_before_the_rule_stay_and_where_nothing_is_cut_the_rest_too(
    data: st.DataObject,
) -> None:
    tariff, one = data.draw(tariffs()), data.draw(rides())
    assume(tariff.rules)
    earlier = data.draw(carries(one))
    at = data.draw(st.integers(0, len(tariff.rules) - 1))
    rule = tariff.rules[at]
    before = {"fare", *(earlier_rule.id for earlier_rule in tariff.rules[:at])}

    whole, _ = price(tariff, earlier, one)
    less, _ = price(tariff.without(rule.id), earlier, one)

    assert _of(whole, before) == _of(less, before)
    caps = {later.id for later in tariff.rules[at + 1 :] if isinstance(later, DayCap | WeekCap)}
    if _of(whole, caps) or _of(less, caps) or _runs_dry(whole) or _runs_dry(less):
        event("cut")
        return
    event("exact")
    assert whole.amount - less.amount == sum(line.amount for line in _of(whole, {rule.id}))
    assert Counter(whole.lines) - Counter(less.lines) == Counter(_of(whole, {rule.id}))


@SETTINGS
@given(st.data())
def test_the_last_rule_always_moves_the_price_by_its_line(data: st.DataObject) -> None:
    tariff, one = data.draw(tariffs()), data.draw(rides())
    assume(tariff.rules)
    earlier = data.draw(carries(one))
    last = tariff.rules[-1].id

    whole, _ = price(tariff, earlier, one)
    less, _ = price(tariff.without(last), earlier, one)

    assert whole.amount - less.amount == sum(line.amount for line in _of(whole, {last}))


@SETTINGS
@given(st.data())
def test_in_the_shipped_tariff_of_shenzhen_it_is_exact_for_every_rule(data: st.DataObject) -> None:
    """No cap, and no two discounts of one ride together reach its fare: nothing is ever cut."""
    one = data.draw(rides())
    earlier = data.draw(carries(one))
    rule = data.draw(st.sampled_from(SHENZHEN.rules)).id

    whole, _ = price(SHENZHEN, earlier, one)
    less, _ = price(SHENZHEN.without(rule), earlier, one)

    assert whole.amount - less.amount == sum(line.amount for line in _of(whole, {rule}))


def test_a_cap_behind_a_rule_fills_up_what_the_rule_no_longer_takes_off() -> None:
    """The one place where it cannot be exact, as a number: 6 yuan, 90 %, at most 5 a day."""
    whole, _ = price(CAPPED, NOTHING_EARLIER, ride())
    less, _ = price(CAPPED.without("discount"), NOTHING_EARLIER, ride())

    assert [line.amount for line in whole.lines] == [600, -60, -40]
    assert [line.amount for line in less.lines] == [600, -100]


def test_a_rule_that_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(NotFoundError, match="has no rule nothing"):
        SHENZHEN.without("nothing")


def _of(priced: Price, rules: set[str]) -> Sequence[Line]:
    return [line for line in priced.lines if line.rule in rules]


def _runs_dry(priced: Price) -> bool:
    """Whether at some line nothing was left to pay: there a discount may have been cut."""
    return 0 in accumulate(line.amount for line in priced.lines)


SHENZHEN = read_tariffs(load_pack("shenzhen")).at(NOON)
METRO = Scope(("metro",))
CAPPED = made(
    Percent(id="discount", name=NAME, scope=METRO, rounding=TO_THE_UNIT,
            percent={AccountClass.ORDINARY: 90}),
    DayCap(id="cap", name=NAME, scope=METRO, counts=("metro",), amount=500),
    shape=flat("fare", 600),
)  # fmt: skip
