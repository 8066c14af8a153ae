"""The shipped packs: they load, say what is publicly known, and no code knows their cities."""

import csv
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from tests.shared import shared

from ridecode.city import Line, Pack, check_pack, load_pack, shipped_packs
from ridecode.city.metro_map import MapLine, read_map
from ridecode.core import Mode

SOURCES = Path(__file__).resolve().parents[2] / "src/ridecode"


def metro(pack: Pack) -> list[Line]:
    return [line for line in pack.lines.values() if line.product == "metro"]


def test_the_shipped_packs_are_clean() -> None:
    assert shipped_packs() == ("guangzhou", "shenzhen")
    assert {name: check_pack(name) for name in shipped_packs()} == {"guangzhou": [], "shenzhen": []}


def test_the_demo_city_has_the_metro_of_2018() -> None:
    pack = load_pack("shenzhen")
    lines = metro(pack)

    assert [line.number for line in lines] == ["1", "2", "3", "4", "5", "7", "9", "11"]
    assert [len(line.stops) for line in lines] == [30, 29, 30, 15, 27, 27, 22, 18]
    assert len({stop for line in lines for stop in line.stops}) == 166
    assert pack.network.parts("metro") == 1


def test_the_demo_city_has_every_mode() -> None:
    pack = load_pack("shenzhen")
    modes = [line.mode for line in pack.lines.values()]

    assert pack.demo
    assert {mode: modes.count(mode) for mode in Mode} == {
        Mode.BUS: 4,
        Mode.METRO: 8,
        Mode.FERRY: 1,
        Mode.CABLE_CAR: 1,
    }


def test_the_other_city_has_the_metro_of_early_2024() -> None:
    """Lines 5 and 7 reach their ends of 2023-12-28; line 11 of 2024-12-28 is not there."""
    pack = load_pack("guangzhou")
    lines = metro(pack)

    assert not pack.demo
    assert not any(platform.demo for platform in pack.platforms.values())
    assert " ".join(line.number for line in lines) == (
        "1 2 3 3N 4 5 6 7 8 9 13 14 14K 18 21 22 APM GF"
    )
    assert [len(line.stops) for line in lines] == [
        16, 24, 16, 15, 24, 30, 32, 28, 28, 11, 11, 13, 10, 8, 21, 4, 9, 25
    ]  # fmt: skip
    assert len(pack.stops) == 275
    ends = {line.number: {pack.stops[line.stops[n]].name.zh for n in (0, -1)} for line in lines}
    assert ends["5"] == {"滘口", "黄埔新港"}
    assert ends["7"] == {"美的大道", "燕山"}


@pytest.mark.parametrize(
    ("city", "names", "stop"),
    [
        ("shenzhen", ("深大", "深圳大学", "Shenzhen University"), "sz-shenzhen-university"),
        ("shenzhen", ("马安山", "马鞍山"), "sz-maanshan"),
        ("shenzhen", ("孖岭", "?I岭"), "sz-maling"),
        ("shenzhen", ("深圳北", "深圳北站"), "sz-shenzhen-north-station"),
        ("shenzhen", ("罗湖", "Luohu", "sz-luohu"), "sz-luohu"),
        ("shenzhen", ("没有这个站",), None),
        ("guangzhou", ("西塱", "西朗"), "gz-xilang"),
        ("guangzhou", ("广州火车站", "火车站"), "gz-guangzhou-railway-station"),
    ],
)
def test_a_station_is_found_under_each_of_its_names(
    city: str, names: tuple[str, ...], stop: str | None
) -> None:
    pack = load_pack(city)

    assert {pack.resolve_stop(name) for name in names} == {stop}


def test_lines_are_found_as_card_companies_write_them() -> None:
    pack = load_pack("shenzhen")
    found = {pack.resolve_line(name) for name in ("地铁五号线", "地铁5号线", "5号线", "环中线")}

    assert found == {"sz-m5"}
    assert pack.resolve_line("M433(福永）") == "sz-b-m433"


def test_lines_that_meet_share_their_station() -> None:
    shenzhen, guangzhou = load_pack("shenzhen"), load_pack("guangzhou")

    assert len([line for line in metro(shenzhen) if "sz-chegongmiao" in line.stops]) == 4
    assert len([line for line in metro(guangzhou) if "gz-tiyu-xilu" in line.stops]) == 3


@pytest.mark.shared
def test_the_stations_of_2018_stand_in_the_order_of_the_public_table() -> None:
    """The table is of 2019: two lines had been longer by then, at their beginning."""
    pack = load_pack("shenzhen")
    table: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with shared("shenzhen/stations.csv").open(encoding="utf-8", newline="") as text:
        for row in csv.reader(text):
            table[row[1]].append((int(row[2]), row[3]))
    later: dict[str, int] = {}
    for name, rows in table.items():
        line = pack.lines[pack.resolve_line(name) or ""]
        stops = [pack.resolve_stop(station) for _, station in sorted(rows)]
        later[line.number] = len(stops) - len(line.stops)
        assert tuple(stops[later[line.number] :]) == line.stops

    assert {number: count for number, count in later.items() if count} == {"5": 7, "9": 10}
    assert len(later) == 8


def segments(pack: Pack, lines: tuple[MapLine, ...]) -> dict[frozenset[str | None], set[int]]:
    """Metres between neighbours by the rule, from a metro map, by the pack's ids."""
    found: dict[frozenset[str | None], set[int]] = defaultdict(set)
    for line in lines:
        stops = [pack.resolve_stop(name) for name in line.stations]
        for pair, metres in zip(pairwise(stops), line.track_m, strict=True):
            found[frozenset(pair)].add(metres)
    return found


@pytest.mark.shared
@pytest.mark.parametrize(
    ("city", "count", "later"),
    [
        # A station that was opened between the two in 2020: the pack has 810 m + 886 m.
        ("shenzhen", 190, {frozenset({"sz-huanggang-checkpoint", "sz-chiwei"}): 1696}),
        ("guangzhou", 307, {}),
    ],
)
def test_every_metre_of_track_follows_from_the_rule(
    city: str, count: int, later: dict[frozenset[str], int]
) -> None:
    pack = load_pack(city)
    ruled = segments(pack, read_map(shared(f"networks/{city}_Metro.json")))
    strange = {}
    checked = 0
    for line in metro(pack):
        for pair, metres in zip(pairwise(line.stops), line.track_m, strict=True):
            checked += 1
            if metres not in ruled.get(frozenset(pair), set()):
                strange[frozenset(pair)] = metres

    assert strange == later
    assert checked == count


@pytest.mark.shared
def test_the_other_city_has_its_metro_lines_whole() -> None:
    """All lines of the map but two railways, two trams and the neighbour city's own line."""
    pack = load_pack("guangzhou")
    own = {line.stops for line in metro(pack)} | {line.stops[::-1] for line in metro(pack)}
    without = [
        line.name.partition("(")[0]
        for line in read_map(shared("networks/guangzhou_Metro.json"))
        if tuple(pack.resolve_stop(name) for name in line.stations) not in own
    ]

    assert sorted(without) == [
        "佛山地铁2号线", "广州东环城际线", "广清城际线", "海珠有轨电车1号线", "黄埔有轨电车1号线"
    ]  # fmt: skip


def names_of(pack: Pack) -> set[str]:
    """Ids and names that belong to one city alone."""
    bodies = [pack.name, pack.card_company.name]
    bodies += [operator.name for operator in pack.operators.values()]
    bodies += [issuer.name for issuer in pack.issuers.values()]
    own = {pack.id, pack.card_company.id, *pack.operators, *pack.issuers, *pack.stops, *pack.lines}
    own |= {stop.name.zh for stop in pack.stops.values()}
    own |= {line.name.zh for line in pack.lines.values()}
    return own | {name.zh for name in bodies} | {name.en for name in bodies}


STATED = {
    # The demonstration's city, where none is named on the command line.
    ("cli/options.py", "shenzhen"),
    # Benches measure the demonstration's network.
    ("cli/bench.py", "shenzhen"),
    *(("rides/bench.py", name) for name in ("shenzhen", "Shenzhen")),
    # The simulated city is held beside real sets of cities, which are named as what they are.
    *(("sim/shape/real.py", name) for name in ("shenzhen", "Shenzhen")),
    ("sim/bench.py", "shenzhen"),
    ("sim/exposure_bench.py", "shenzhen"),
    ("taps/bench/ingest.py", "shenzhen"),
    *(("taps/bench/fleet.py", name) for name in ("shenzhen", "shenzhen-metro", "sz-m5", "sz-buji")),
}


@pytest.mark.parametrize("city", shipped_packs())
def test_no_code_knows_a_city(city: str) -> None:
    """Its ids, numbers and names stand in its pack and nowhere else."""
    names = {name for name in names_of(load_pack(city)) if len(name) > 1}
    found = set()
    for path in SOURCES.rglob("*.py"):
        # What an interface's description gives as an example is no knowledge.
        text = re.sub(r"examples=\[[^]]*\]", "", path.read_text(encoding="utf-8"))
        words = set(re.findall(r"[\w-]+", text))
        place = path.relative_to(SOURCES).as_posix()
        found |= {(place, name) for name in names if name in text and _stands(name, words)}

    assert found - STATED == set()


def _stands(name: str, words: set[str]) -> bool:
    """An id stands where it is a whole word; a name in Chinese or of several words anywhere."""
    return name in words or not re.fullmatch(r"[a-zA-Z0-9-]+", name)
