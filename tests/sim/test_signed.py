"""Really signed codes through the real judge: what the plan owes each reading is what it gets."""

import pytest

from ridecode.code import TestRoots as Roots
from ridecode.code import Verifier
from ridecode.core import Tap, Verdict
from ridecode.sim import SimCity, signed_taps, sim_authority, taps
from tests.sim.world import DAY, flat, wild_pair


def _told(tap: Tap) -> tuple[object, ...]:
    return (
        tap.ts, tap.validator, tap.account, tap.account_type, tap.verdict, tap.stop, tap.line,
        tap.vehicle, tap.code_time,
    )  # fmt: skip


@pytest.mark.parametrize("at", [0, 1], ids=["demonstration", "real root"])
def test_the_readers_give_the_verdicts_that_the_plan_owes(at: int) -> None:
    """An independent judgement of every reading: `validator.decide` against the simulator's own.

    Shenzhen is a demonstration and trusts a test root, Guangzhou is none; each has riders of the
    other, and every attack and every fault happens.
    """
    city = wild_pair()[at]
    signed, unsigned = flat(signed_taps(city, DAY)), flat(taps(city, DAY))
    assert [_told(tap) for tap in signed] == [_told(tap) for tap in unsigned]
    assert {tap.verdict for tap in signed} >= {
        Verdict.ACCEPTED, Verdict.TOO_SHORT, Verdict.ROOT_UNKNOWN, Verdict.AUTHORISATION_EXPIRED,
        Verdict.NOT_YET_VALID, Verdict.CODE_EXPIRED, Verdict.AUTHORISATION_SIGNATURE,
        Verdict.USER_SIGNATURE, Verdict.DENIED, Verdict.DEBOUNCED, Verdict.SAME_CODE,
    }  # fmt: skip


def _small() -> SimCity:
    here, _ = wild_pair()
    fields = {name: getattr(here, name) for name in here.__struct_fields__}
    return SimCity(**{**fields, "riders": 25, "neighbour": None})


def test_the_taps_do_not_hang_on_how_many_processes_sign_and_judge() -> None:
    """Ids among them, which follow from the codes: keys and nonces come from the seed alone."""
    city = _small()
    one = flat(signed_taps(city, DAY, workers=1))
    assert one == flat(signed_taps(city, DAY, workers=3))
    assert len(one) > 50


def test_the_centre_can_verify_whatever_a_reader_has_accepted() -> None:
    city = _small()
    verifier = Verifier([sim_authority(city).root], test_roots=Roots.ACCEPTED)
    accepted = [tap for tap in flat(signed_taps(city, DAY, workers=1)) if tap.verdict.accepted]
    assert accepted
    for tap in accepted:
        found = verifier.verify(tap.code, tap.ts // 1_000_000)
        assert found.verdict.accepted
