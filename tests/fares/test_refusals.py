"""Bad tariffs are refused with file, line and what was expected; one case a refusal."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ridecode.city import PackError
from ridecode.core import RefusedError
from ridecode.fares import NOTHING_EARLIER, price, read_tariffs
from tests.fares.world import FLAT, NOON, city, head, ride, tariffs

NAMED = 'name = { zh = "票价", en = "Fare" }\n'
FARE = f'\n[[tariff.fare]]\nid = "metro"\n{NAMED}products = ["metro"]\n'
RULE = f'\n[[tariff.rule]]\nid = "rule"\n{NAMED}products = ["metro"]\n'
FIRST = "{ to_m = 4000, fare = 200 }"
PAIRS = "".join(f"{a},{b},100\n" for a in "abc" for b in "abc")


def distance(bands: str, more: str = "maximum = 900\n") -> str:
    return f'{FARE}shape = "distance"\nbands = [{bands}]\n{more}'


def matrix(more: str = "") -> str:
    return f'{FARE}shape = "matrix"\nfile = "matrix.csv"\nmaximum = 900\n{more}'


def flat(more: str = "") -> str:
    return f'{FARE}shape = "flat"\namount = 200\n{more}'


def rule(text: str) -> str:
    return FLAT + RULE + text


IN_A_VERSION = [
    ("no shape", FARE, "[[tariff.fare]]", "lacks shape: expected one of flat, distance"),
    ("unknown shape", f'{FARE}shape = "ring"\n', "shape", "one of flat, distance, matrix"),
    ("no amount", f'{FARE}shape = "flat"\n', "[[tariff.fare]]", "lacks amount"),
    ("amount below zero", f'{FARE}shape = "flat"\namount = -1\n', "amount", "from 0 to"),
    ("amount with a point", f'{FARE}shape = "flat"\namount = 2.5\n', "amount", "a whole number"),
    ("a key nobody reads", flat("amuont = 2\n"), "amuont", "does not know amuont"),
    ("a rule's key in a fare", flat('on = ["complete"]\n'), "on = ", "does not know on"),
    ("no maximum", distance(FIRST, ""), "[[tariff.fare]]", "lacks maximum"),
    ("no bands", distance(""), "bands", "a first band with `fare`"),
    ("a first band without fare", distance("{ each_m = 1, adds = 1 }"), "bands", "a first band"),
    ("bands backwards", distance(f"{FIRST}, {{ to_m = 4000, fare = 300 }}"), "bands", "ascending"),
    ("two endless bands", distance("{ fare = 1 }, { fare = 2 }"), "bands", "only the last band"),
    ("steps of nothing", distance(f"{FIRST}, {{ each_m = 0, adds = 1 }}"), "bands",
     "a whole number of at least 1"),
    ("fare and steps", distance("{ fare = 1, each_m = 5, adds = 1 }"), "bands", "not know each_m"),
    ("bands that end too early", distance("{ to_m = 2000, fare = 200 }"), "bands",
     "bands to at least 2250 m, the longest way"),
    ("bands that end before the longest way of its own product",
     distance("{ to_m = 2400, fare = 200 }").replace('products = ["metro"]', 'products = ["bus"]'),
     "bands", "bands to at least 3469 m, the longest way"),
    ("an unknown product", FARE.replace('["metro"]', '["tram"]'), 'products = ["tram"]',
     "a list of different ones of metro, bus, ferry"),
    ("a product twice", FARE.replace('["metro"]', '["bus", "bus"]'), 'products = ["bus", "bus"]',
     "a list of different ones"),
    ("no product", FARE.replace('["metro"]', "[]"), "products = []", "a list of different ones"),
    ("a line of another product", flat('lines = ["b1"]\n'), "lines", "different ones of m1"),
    ("an unknown class", flat('accounts = ["unknown"]\n'), "accounts",
     "different ones of ordinary, student, senior, test, soldier"),
    ("no file", matrix(), "file", "a CSV file beside this one"),
    ("a file elsewhere", f'{FARE}shape = "matrix"\nfile = "../matrix.csv"\n', "file",
     "a text like"),
    ("a station rule without time", flat("same_station = { amount = 0 }\n"), "same_station",
     "lacks within_min"),
    ("a fare behind a wider one", FLAT + flat(), '"metro"\nname', "a place before all"),
    ("a fare behind one of its lines",
     flat('lines = ["m1"]\n') + flat('lines = ["m1"]\n').replace('"metro"\nname', '"late"\nname')
     + FLAT, '"late"', "a place before metro"),
    ("a fare behind one of every class",
     flat('accounts = ["ordinary", "student", "senior", "test", "soldier"]\n')
     + flat().replace('"metro"\nname', '"late"\nname'), '"late"', "a place before metro"),
    ("two rules of one id",
     FLAT + RULE.replace('"rule"', '"all"') + 'kind = "day_cap"\namount = 1\n',
     '"all"\nname = { zh = "票价", en = "Fare" }\nproducts = ["metro"]\n', "no other fare or rule"),
    ("an id with a space", FLAT.replace('"all"', '"al l"'), '"al l"', "a text like"),
    ("one language", FLAT.replace(', en = "Fare"', ""), "name = { zh", "lacks en"),
    ("no kind", rule(""), "[[tariff.rule]]", "lacks kind: expected one of percent, graded,"),
    ("unknown kind", rule('kind = "gift"\n'), "kind", "transfer, overtime, day_cap, month_tier"),
    ("an unknown state", rule('kind = "day_cap"\namount = 1\non = ["open"]\n'), "on = ",
     "different ones of complete, missing_exit, missing_entry, overtime"),
    ("no percentage", rule('kind = "percent"\npercent = {}\n'), "percent = {}",
     "a percentage for at least one of ordinary, student"),
    ("a percentage for a class that the rule is not for",
     rule('kind = "percent"\naccounts = ["senior"]\npercent = { student = 50 }\n'), "percent = {",
     "at least one of senior, and no other"),
    ("more than all", rule('kind = "percent"\npercent = { senior = 101 }\n'), "percent = {",
     "a whole number from 0 to 100"),
    ("a class of no standard", rule('kind = "percent"\npercent = { child = 5 }\n'), "percent = {",
     "does not know child"),
    ("no parts", rule('kind = "graded"\n'), "[[tariff.rule]]\n", "a list of at least one table"),
    ("parts that end", rule('kind = "graded"\nparts = [{ to = 3, percent = 5 }]\n'), "parts",
     "a last part without"),
    ("parts backwards",
     rule('kind = "graded"\nparts = [{ to = 3, percent = 5 }, { to = 3, percent = 4 },'
          " { percent = 1 }]\n"), "parts", "ascending `to`"),
    ("a key nobody reads in a part", rule('kind = "graded"\nparts = [{ percent = 5, of = 1 }]\n'),
     "parts", "does not know of"),
    ("no window", rule('kind = "transfer"\nafter = ["bus"]\namount = 1\n'), "[[tariff.rule]]",
     "lacks window_min"),
    ("a window of two days",
     rule('kind = "transfer"\nafter = ["bus"]\namount = 1\nwindow_min = 2880\n'), "window_min",
     "from 1 to 1440"),
    ("after nothing known", rule('kind = "transfer"\nafter = ["tram"]\n'), "after",
     "different ones of metro, bus, ferry"),
    ("a surcharge of nothing", rule('kind = "overtime"\namount = 0\n'), "amount = 0", "from 1 to"),
    ("overtime on other states", rule('kind = "overtime"\namount = 1\non = ["complete"]\n'),
     "on = ", "does not know on"),
    ("no cap", rule('kind = "day_cap"\n'), "[[tariff.rule]]", "lacks amount"),
    ("tiers that begin late", rule('kind = "month_tier"\ntiers = [{ from = 1, percent = 9 }]\n'),
     "tiers", "the first 0"),
    ("no week's cap", rule('kind = "week_cap"\n'), "[[tariff.rule]]", "lacks amount"),
    ("hours of nothing", flat('when = ["peak"]\n'), "when", "different ones of "),
    ("a time without spans", FLAT + '[[tariff.time]]\nid = "peak"\n', "[[tariff.time]]",
     "a list of at least one table"),
    ("a time twice", FLAT + 2 * '[[tariff.time]]\nid = "peak"\nspans = [{}]\n', 'id = "peak"',
     "no other time"),
    ("a time that ends before it begins",
     FLAT + '[[tariff.time]]\nid = "peak"\nspans = [{ from = "09:00", to = "09:00" }]\n', "spans",
     "two spans"),
    ("a time of no clock",
     FLAT + '[[tariff.time]]\nid = "peak"\nspans = [{ to = "24:01" }]\n', "spans", "to 24:00"),
    ("a day of no week",
     FLAT + '[[tariff.time]]\nid = "peak"\nspans = [{ days = ["moon"] }]\n', "spans",
     "different ones of mon, tue"),
    ("zones without file", f'{FARE}shape = "zone"\nzones = "zones.csv"\n', "zones",
     "a CSV file beside this one"),
    ("no bands of stages", f'{FARE}shape = "stage"\nmaximum = 1\n', "[[tariff.fare]]",
     "ascending `to`"),
    ("bands of stages backwards",
     f'{FARE}shape = "stage"\nbands = [{{ to = 2, fare = 1 }}, {{ to = 2, fare = 2 }}]\n', "bands",
     "ascending `to`"),
    ("bands of stages that end too early",
     f'{FARE}shape = "stage"\nbands = [{{ to = 1, fare = 1 }}]\n', "bands",
     "bands to at least 2 stages"),
    ("a way that pays nothing known", flat('onward = [{ within_min = 1, pays = "half" }]\n'),
     "onward", "one of rest, more, amount"),
    ("a way without time", flat('onward = [{ pays = "rest" }]\n'), "onward", "lacks within_min"),
    ("a way after no fare", flat('onward = [{ pays = "rest", within_min = 1, after = ["x"] }]\n')
     + FLAT, "onward", "fares of this tariff"),
    ("a way between no stops",
     flat('onward = [{ pays = "rest", within_min = 1, at = ["a - b"] }]\n'), "onward",
     "pairs of stops of this pack"),
    ("an amount that is not asked",
     flat('onward = [{ pays = "rest", within_min = 1, amount = 5 }]\n'), "onward",
     "does not know amount"),
    ("a fare of some hours behind one of all", '[[tariff.time]]\nid = "peak"\nspans = [{}]\n'
     + FLAT + flat('when = ["peak"]\n'), '"metro"\nname', "a place before all"),
    ("tiers backwards",
     rule('kind = "month_tier"\ntiers = [{ from = 0, percent = 9 }, { from = 0, percent = 8 }]\n'),
     "tiers", "ascending `from`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "at", "said"), [case[1:] for case in IN_A_VERSION], ids=[c[0] for c in IN_A_VERSION]
)
def test_a_fault_in_a_version(tmp_path: Path, text: str, at: str, said: str) -> None:
    whole = head() + text
    pack = city(tmp_path, whole)

    with pytest.raises(PackError) as refused:
        read_tariffs(pack)

    assert refused.value.file == str(tmp_path / "tariff.toml")
    assert refused.value.line == _last_line_of(whole, at)
    assert said in str(refused.value)


def _last_line_of(text: str, part: str) -> int:
    """Where the faulty key stands: the last place that looks like it."""
    return text[: text.rindex(part)].count("\n") + 1


VERSIONS = [
    ("no version", "", 0, "at least one [[tariff]]"),
    ("no moment", '[[tariff]]\nid = "x"\nsource = { zh = "甲", en = "a" }\n' + FLAT, 1,
     "lacks from"),
    ("no offset", head(since="2018-01-01T00:00:00") + FLAT, 3, "a time with offset"),
    ("no source", '[[tariff]]\nid = "x"\nfrom = 2018-01-01T00:00:00+08:00\n' + FLAT, 1,
     "lacks source"),
    ("rounded to nothing", head() + 'rounding = { to = 0, between = "up" }\n' + FLAT, 5,
     "from 1 to"),
    ("rounded nowhere", head() + 'rounding = { to = 1, between = "even" }\n' + FLAT, 5,
     "one of half_up, up, down"),
    ("an id twice", head() + FLAT + head(since="2019-01-01T00:00:00+08:00") + FLAT, 13,
     "an id that no other tariff has"),
    ("a moment twice", head() + FLAT + head("second") + FLAT, 14,
     "a moment after that of the tariff"),
    ("a product without fare", head() + flat(), 6, "a fare for product bus"),
    ("a line without fare", head() + FLAT.replace('"bus", ', "") + flat('lines = ["b1"]\n').replace(
        'products = ["metro"]', 'products = ["bus"]'), 6,
     "a fare for product bus, class ordinary on line b2"),
    ("an hour without fare", head() + '[[tariff.time]]\nid = "peak"\nspans = [{}]\n'
     + flat('when = ["peak"]\n') + FLAT.replace('"metro", ', ""), 9,
     "a fare for product metro, class ordinary"),
    ("a holiday of no calendar", head() + 'holidays = ["2025-02-30"]\n' + FLAT, 5,
     "different dates as YYYY-MM-DD"),
    ("a class without fare", head() + FLAT + 'accounts = ["ordinary", "student"]\n', 6,
     "a fare for product metro, class senior"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "said"), [case[1:] for case in VERSIONS], ids=[case[0] for case in VERSIONS]
)
def test_a_fault_among_versions(tmp_path: Path, text: str, line: int, said: str) -> None:
    pack = city(tmp_path, text)

    with pytest.raises(PackError) as refused:
        read_tariffs(pack)

    assert (refused.value.line or 0) == line
    assert said in str(refused.value)


def test_an_older_version_may_lack_a_product_and_refuses_it_by_name(tmp_path: Path) -> None:
    text = head() + flat() + head("second", "2019-01-01T00:00:00+08:00") + FLAT
    old = tariffs(tmp_path, text).at(NOON)

    with pytest.raises(RefusedError, match="Tariff first has no fare for product 'bus'"):
        price(old, NOTHING_EARLIER, ride(product="bus", line="b1"))


MATRICES = [
    ("a header without fare", "from,to\n", 1, "expected a header with from, to, fare"),
    ("an empty file", "", 1, "expected a header with from, to, fare"),
    ("an unknown stop", "from,to,fare\na,z,1\n", 2, "'z': expected the id of a stop"),
    ("a fare with a point", "from,to,fare\na,b,1.5\n", 2, "'1.5': expected a fare as a whole"),
    ("a fare below zero", "from,to,fare\na,b,-1\n", 2, "'-1': expected a fare as a whole"),
    ("a short row", "from,to,fare\na,b\n", 2, "None: expected a fare as a whole"),
    ("a fare beyond all fares", "from,to,fare\na,b,100000001\n", 2, "from 0 to 100000000"),
    ("a field without end", f"from,to,fare\na,b,{'1' * 200_000}\n", 2, "a row of a CSV file"),
    ("a pair twice", f"from,to,fare\n{PAIRS}a,b,100\n", 11, "'a → b': expected each pair once"),
    ("bytes that are not UTF-8", b"from,to,fare\na,b,\xff\n", 2, "expected text in UTF-8"),
    ("a missing pair", "from,to,fare\n" + PAIRS.replace("b,a,100\n", ""), 0,
     "1 pairs have no fare, the first b → a"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "said"), [case[1:] for case in MATRICES], ids=[case[0] for case in MATRICES]
)
def test_a_fault_in_a_matrix(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    pack = city(tmp_path, head() + matrix() + FLAT)
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "matrix.csv").write_bytes(data)

    with pytest.raises(PackError) as refused:
        read_tariffs(pack)

    assert refused.value.file == str(tmp_path / "matrix.csv")
    assert (refused.value.line or 0) == line
    assert said in str(refused.value)
    assert "应" in refused.value.notice.words.zh or "缺少" in refused.value.notice.words.zh


ZONES = [
    ("a stop of nowhere", "stop,zone\nz,1\n", "", "zones", 2, "the id of a stop"),
    ("a stop twice in a zone", "stop,zone\na,1\na,1\n", "", "zones", 3, "each stop once in each"),
    ("a stop without zone", "stop,zone\na,1\nb,1\n", "", "zones", 0, "a zone for stop c"),
    ("a zone of nowhere", None, "from,to,fare\n1,3,5\n", "fares", 2, "one of the zones 1, 2"),
    ("a pair of zones twice", None, "from,to,fare\n1,1,5\n1,1,\n", "fares", 3, "each pair once"),
    ("a pair of zones missing", None, "from,to,fare\n1,1,5\n1,2,5\n2,1,\n", "fares", 0,
     "a row 2,2, empty where none is sold"),
    ("a fare with a point", None, "from,to,fare\n1,1,0.5\n", "fares", 2, "a fare as a whole"),
]  # fmt: skip
STAGES = [
    ("a stop of another line", "line,stop,stage\nm1,z,1\n", 2, "one of its stops"),
    ("a stop twice", "line,stop,stage\nm1,a,1\nm1,a,1\n", 3, "each stop of a line once"),
    ("a stop without stage", "line,stop,stage\nm1,a,1\nm1,c,1\n", 0, "a stage for m1, b"),
    ("stages that go back", "line,stop,stage\nm1,a,2\nm1,b,1\nm1,c,3\n", 0, "do not go back"),
    ("a stage that is no number", "line,stop,stage\nm1,a,x\n", 2, "as a whole number"),
]
ZONE = f'{FARE}shape = "zone"\nzones = "zones.csv"\nfile = "fares.csv"\nmaximum = 900\n'
STAGE = f'{FARE}shape = "stage"\nstages = "stages.csv"\nbands = [{{ fare = 1 }}]\nmaximum = 900\n'


@pytest.mark.parametrize(
    ("zones", "fares", "file", "line", "said"), [c[1:] for c in ZONES], ids=[c[0] for c in ZONES]
)
def test_a_fault_in_zones(
    tmp_path: Path, zones: str | None, fares: str, file: str, line: int, said: str
) -> None:
    whole = "stop,zone\na,1\nb,1\nc,2\n"
    pack = city(tmp_path, head() + ZONE + FLAT, zones=zones or whole, fares=fares)

    with pytest.raises(PackError) as refused:
        read_tariffs(pack)

    assert refused.value.file == str(tmp_path / f"{file}.csv")
    assert (refused.value.line or 0) == line
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("stages", "line", "said"), [case[1:] for case in STAGES], ids=[case[0] for case in STAGES]
)
def test_a_fault_in_stages(tmp_path: Path, stages: str, line: int, said: str) -> None:
    pack = city(tmp_path, head() + STAGE + FLAT, stages=stages)

    with pytest.raises(PackError) as refused:
        read_tariffs(pack)

    assert refused.value.file == str(tmp_path / "stages.csv")
    assert (refused.value.line or 0) == line
    assert said in str(refused.value)


def test_a_ride_between_zones_that_is_not_sold_is_refused_by_name(tmp_path: Path) -> None:
    files = {
        "zones": "stop,zone\na,1\nb,1\nc,2\n",
        "fares": "from,to,fare\n1,1,5\n1,2,\n2,1,7\n2,2,5\n",
        "stages": "line,stop,stage\nm1,a,1\nm1,b,1\nm1,c,2\n",
    }
    zones = tariffs(tmp_path, head() + ZONE + FLAT, **files).at(NOON)
    stages = tariffs(tmp_path, head() + STAGE + FLAT, **files).at(NOON)

    assert price(zones, NOTHING_EARLIER, ride(entry_stop="c", exit_stop="a"))[0].amount == 7
    with pytest.raises(RefusedError, match="from zone 1 to 2: the tariff sells no such ride"):
        price(zones, NOTHING_EARLIER, ride(entry_stop="a", exit_stop="c"))
    with pytest.raises(RefusedError, match="a stop that is in no zone"):
        price(zones, NOTHING_EARLIER, ride(entry_stop="a", exit_stop="z"))
    with pytest.raises(RefusedError, match="is on line 'm9', which has no stages"):
        price(stages, NOTHING_EARLIER, ride(line="m9"))
    with pytest.raises(RefusedError, match="a stop without stage of line m1"):
        price(stages, NOTHING_EARLIER, ride(exit_stop="z"))


def test_a_matrix_may_have_a_mark_in_front_and_more_columns(tmp_path: Path) -> None:
    text = "\ufefffrom,to,name,card\n" + PAIRS.replace(",100", ",x,120")
    read = tariffs(tmp_path, head() + matrix('column = "card"\n') + FLAT, matrix=text)

    priced, _ = price(read.at(NOON), NOTHING_EARLIER, ride(entry_stop="c", exit_stop="a"))

    assert priced.amount == 120


def test_a_ride_that_no_fare_fits_is_refused_by_its_way(tmp_path: Path) -> None:
    bands = distance("{ to_m = 2250, fare = 200 }")
    by_metres = tariffs(tmp_path, head() + bands + FLAT).at(NOON)
    by_pairs = tariffs(tmp_path, head() + matrix() + FLAT, matrix="from,to,fare\n" + PAIRS)

    with pytest.raises(RefusedError, match="metro cannot price a – b: it has no distance"):
        price(by_metres, NOTHING_EARLIER, ride(distance_m=None))
    with pytest.raises(RefusedError, match="a – b: it is 2251 m long, which is beyond the last"):
        price(by_metres, NOTHING_EARLIER, ride(distance_m=2_251))
    with pytest.raises(RefusedError, match="a – z: it is no pair of the matrix"):
        price(by_pairs.at(NOON), NOTHING_EARLIER, ride(exit_stop="z"))
    with pytest.raises(RefusedError, match="no fare for product 'tram', line 'm1'"):
        price(by_metres, NOTHING_EARLIER, ride(product="tram"))


def test_a_line_without_fare_is_refused_by_name(tmp_path: Path) -> None:
    only = FLAT.replace('"all"', '"one"').replace('"metro", "bus", "ferry"', '"bus"')
    text = head() + only + 'lines = ["b1"]\n' + head("second", "2019-01-01T00:00:00+08:00") + FLAT
    old = tariffs(tmp_path, text).at(NOON)
    served = ride(product="bus", line="b1")

    assert price(old, NOTHING_EARLIER, served)[0].amount == 200
    with pytest.raises(RefusedError, match="no fare for product 'bus', line 'b2'"):
        price(old, NOTHING_EARLIER, replace(served, line="b2"))
