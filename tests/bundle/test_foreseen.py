"""A limit proposed over a day of a city: what it would have done is in what is to be signed."""

from collections import Counter
from pathlib import Path

from msgspec.structs import replace

from ridecode.bundle import Foreseen, terms_of
from ridecode.cli.bundle_foreseen import foreseen
from ridecode.core import MICROS, Verdict
from ridecode.fares import read_tariffs
from ridecode.sim import signed_taps, sim_authority
from ridecode.sim import taps as unsigned
from ridecode.store import Cell
from ridecode.taps import readings, record
from ridecode.validator import Rejudged, Terms
from tests.sim.world import DAY, flat, wild_pair

DAWN = DAY * 86_400 * MICROS
NOW = DAWN + 3 * 86_400 * MICROS


def test_a_day_of_a_city_under_other_limits(cell: Cell, data_folder: Path) -> None:
    """Every fault and every attack happens in it; under its own terms each reading is judged anew
    as its reader judged it."""
    city = wild_pair()[0]
    pack = city.pack
    taps = flat(signed_taps(city, DAY))
    record(cell, taps)
    said = Counter(tap.verdict for tap in taps)
    ours = terms_of(pack, read_tariffs(pack), [sim_authority(city).root], active_from=DAWN)

    def asked(after: Terms) -> Foreseen:
        return foreseen(data_folder, pack, ours, after, NOW, as_json=True)

    def told(after: Terms) -> Rejudged:
        found = asked(after)
        assert found.fares is None
        assert found.readings is not None
        return found.readings

    assert asked(replace(ours, active_from=NOW)) == Foreseen()
    rules = ours.rules
    nobody = told(replace(ours, rules=replace(rules, accepted={})))
    assert (nobody.readings, nobody.one_in) == (len(taps), 1)
    assert (nobody.passed_before, nobody.passed_after) == (said[Verdict.ACCEPTED], 0)
    assert {one.after for one in nobody.otherwise} == {"ISSUER_NOT_ACCEPTED"}
    assert sum(one.readings for one in nobody.otherwise if one.before == "ACCEPTED") == (
        nobody.passed_before
    )

    open_to_all = {name: replace(place, passback_s=0) for name, place in rules.places.items()}
    sooner = told(replace(ours, rules=replace(rules, places=open_to_all)))
    assert sooner.passed_before == said[Verdict.ACCEPTED] <= sooner.passed_after
    assert {one.before for one in sooner.otherwise} <= {"PASSBACK"}


def test_of_a_large_city_whole_lanes_are_asked(cell: Cell) -> None:
    taps = flat(unsigned(wild_pair()[0], DAY))
    record(cell, taps)
    share = list(readings(cell, 0, NOW, 3))
    lanes = {tap.validator for tap in share}
    assert 0 < len(share) < len(taps)
    assert len(share) == sum(tap.validator in lanes for tap in taps)
    assert [tap.ts // 1_000 for tap in share] == sorted(tap.ts // 1_000 for tap in share)
