"""Every notice: a tiny pack with that one fault, its place, and what it says in both languages."""

import re
from pathlib import Path

import pytest
from tests.city import tiny

from ridecode.city import Notice, Severity, check_pack, load_pack, notices

ROOT = Path(__file__).resolve().parents[2]

NO_TRACK = tiny.NETWORK[: tiny.NETWORK.index("track_m")].replace("length_km = 2.3\n", "")
"""The tiny network without lengths: its segments are made by rule."""

STOP_D = '[[stop]]\nid = "d"\nname = { zh = "丁", en = "Delta" }\nlat = 22.60\nlon = 114.00\n\n'
STOP_E = '[[stop]]\nid = "e"\nname = { zh = "戊", en = "Epsilon" }\nlat = 22.61\nlon = 114.00\n\n'
TWIN = "[[operator]]\nid = 'rail'\nname = { zh = '铁', en = 'Rail' }\n\n"
LINE_2 = """
[[line]]
id = "m2"
name = { zh = "二线", en = "Second" }
number = "2"
product = "metro"
operator = "rail"
colour = "#0055aa"
stops = ["d", "e"]
"""


def network(old: str, new: str, whole: str = tiny.NETWORK) -> dict[str, str | None]:
    assert old in whole
    return {"network": whole.replace(old, new, 1)}


def pack(old: str, new: str) -> dict[str, str | None]:
    assert old in tiny.PACK
    return {"pack": tiny.PACK.replace(old, new, 1)}


def in_front(tables: str, whole: str = tiny.NETWORK) -> dict[str, str | None]:
    return {"network": tables + whole}


CASES: list[tuple[str, dict[str, str | None], str, str, str, str]] = [
    # notice, what is changed, file, a text on the line, what it says
    (
        "MissingFile",
        {"matching": None},
        "matching.toml",
        "",
        "The pack needs this file, and it is not there.",
        "城市包缺少此文件。",
    ),
    (
        "BadToml",
        network('number = "1"', 'number = "1'),
        "network.toml",
        'number = "1',
        "This is not valid TOML: illegal character '\\n'.",
        "不是有效的 TOML：illegal character '\\n'。",
    ),
    (
        "MissingKey",
        pack('version = "1"\n', ""),
        "pack.toml",
        'id = "tiny"',
        "the file lacks version: expected a text that is not empty.",
        "文件缺少 version，应为：非空文本。",
    ),
    (
        "UnknownKey",
        pack("minor_digits = 2\n", "minor_digits = 2\nminor_digit = 2\n"),
        "pack.toml",
        "minor_digit = 2",
        "currency does not know minor_digit: expected one of code, minor_digits, symbol.",
        "currency不认识 minor_digit，可用的有：code, minor_digits, symbol。",
    ),
    (
        "UnexpectedValue",
        network("length_km = 2.3", "length_km = 0.05"),
        "network.toml",
        "length_km",
        "line[0].length_km is 0.05: expected a number of at least 0.1.",
        "line[0].length_km 应为：数，不小于 0.1，而这里是 0.05。",
    ),
    (
        "DuplicateId",
        pack("[[product]]", TWIN + "[[product]]"),
        "pack.toml",
        "[[operator]]\nid = 'rail'",
        "operator rail stands twice: expected only the one of line 30.",
        "operator rail 重复，第一次在第 30 行。",
    ),
    (
        "UnknownReference",
        network('stops = ["a", "b", "c"]', 'stops = ["a", "b",\n "x"]'),
        "network.toml",
        '"x"]',
        "line m1 names stop x: expected one that the pack has.",
        "line m1 用到的 stop x 不在城市包里。",
    ),
    (
        "NameClash",
        network('aliases = ["乙站"]', 'aliases = ["甲"]'),
        "network.toml",
        '[[stop]]\nid = "b"',
        "The stop name '甲' means a and b: expected only one of them.",
        "stop 的名称“甲”同时指 a 和 b。",
    ),
    (
        "SegmentCount",
        network("    1130,\n", ""),
        "network.toml",
        "track_m",
        "track_m of line m1 has 1 segments: expected 2.",
        "line m1 的 track_m 应有 2 段，而这里是 1 段。",
    ),
    (
        "RepeatedStop",
        network('stops = ["a", "b", "c"]', 'stops = [\n"a", "b",\n "b", "c"]'),
        "network.toml",
        ' "b", "c"]',
        "line m1 calls at b twice in a row: expected once.",
        "line m1 连续两次停靠 b。",
    ),
    (
        "DemoNumber",
        pack('number = "01234568"\n', 'number = "01234568"\ndemo = true\n'),
        "pack.toml",
        "demo = true",
        "Platform app has an invented number: expected only in a demo city.",
        "发码平台 app 的编号是演示用的，只能用于演示城市。",
    ),
    (
        "FarStop",
        network("lat = 22.52", "lat = 25.00", NO_TRACK),
        "network.toml",
        '[[stop]]\nid = "c"',
        "c lies 277 km from the other stops: expected a position in or near the city.",
        "c 离其他站 277 公里，请检查经纬度。",
    ),
    (
        "UnservedStop",
        in_front(STOP_D),
        "network.toml",
        "[[stop]]",
        "No line calls at d: expected at least one.",
        "没有线路经过 d。",
    ),
    (
        "ShorterThanStraight",
        network("    1130,", "    611,", tiny.NETWORK.replace("length_km = 2.3\n", "")),
        "network.toml",
        "611,",
        "m1 has 611 m from b to c: expected at least the straight 1112 m.",
        "m1 从 b 到 c 只有 611 米，短于直线距离 1112 米。",
    ),
    (
        "SplitNetwork",
        {"network": STOP_D + STOP_E + tiny.NETWORK + LINE_2},
        "network.toml",
        "",
        "The lines of product metro form 2 separate parts: between them there is no distance.",
        "产品 metro 的线网分成 2 块，块与块之间没有里程。",
    ),
    (
        "LengthOff",
        network("length_km = 2.3", "length_km = 2.501"),
        "network.toml",
        "length_km",
        "The segments of m1 sum to 2250 m: expected 90 % to 102 % of the published 2501 m.",
        "m1 各段之和 2250 米，与公布的 2501 米相差过大。",
    ),
]
SEVERITIES = {
    "FarStop": Severity.WARNING,
    "UnservedStop": Severity.WARNING,
    "ShorterThanStraight": Severity.WARNING,
    "LengthOff": Severity.WARNING,
    "SplitNetwork": Severity.INFO,
}


@pytest.mark.parametrize(
    ("code", "changed", "file", "on", "en", "zh"), CASES, ids=[case[0] for case in CASES]
)
def test_every_notice(
    tmp_path: Path, code: str, changed: dict[str, str | None], file: str, on: str, en: str, zh: str
) -> None:
    folder = tiny.write(tmp_path, **changed)
    (notice,) = check_pack(folder)
    text = changed[file.partition(".")[0]]

    assert notice.code == code
    assert (notice.words.en, notice.words.zh) == (en, zh)
    assert notice.file == str(folder / file)
    assert notice.line == (tiny.line_of(text, on) if text and on else 0)
    assert notice.severity is SEVERITIES.get(code, Severity.ERROR)


def types() -> list[type[Notice]]:
    return [kind for kind in vars(notices).values() if _is_notice(kind)]


def _is_notice(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Notice) and kind is not Notice


def test_every_type_of_notice_has_its_case() -> None:
    """`LeftOut` is an importer's: test_gtfs and test_station_table have it."""
    assert {kind.__name__ for kind in types()} == {case[0] for case in CASES} | {"LeftOut"}


@pytest.mark.parametrize("kind", types(), ids=lambda kind: kind.__name__)
def test_every_type_of_notice_is_explained(kind: type[Notice]) -> None:
    """In its docstring, and under a heading of the manual."""
    page = (ROOT / "docs/city-packs.md").read_text(encoding="utf-8")

    assert (kind.__doc__ or "").strip().endswith(".")
    heading = rf"^### {kind.__name__} \({kind.severity.name.lower()}\)$"
    assert re.search(heading, page, re.MULTILINE), f"docs/city-packs.md lacks {heading}"


def test_the_manual_explains_no_notice_that_is_gone() -> None:
    page = (ROOT / "docs/city-packs.md").read_text(encoding="utf-8")
    told = re.findall(r"^### (\w+) \((?:error|warning|info)\)$", page, re.MULTILINE)

    assert sorted(told) == sorted(kind.__name__ for kind in types())


def test_a_good_pack_has_no_notice(tmp_path: Path) -> None:
    assert check_pack(tiny.write(tmp_path)) == []


def test_a_notice_prints_as_a_compiler_would(tmp_path: Path) -> None:
    folder = tiny.write(tmp_path, **network("22.50", "122.50"), matching=None)

    assert [str(notice) for notice in check_pack(folder)] == [
        f"{folder}/matching.toml: error: "
        "The pack needs this file, and it is not there. [MissingFile]",
        f"{folder}/network.toml:4: error: "
        "stop[0].lat is 122.5: expected a number from -90 to 90. [UnexpectedValue]",
        f"{folder}/network.toml:28: error: "
        "line m1 names stop a: expected one that the pack has. [UnknownReference]",
    ]


def test_one_fault_does_not_hide_another(tmp_path: Path) -> None:
    """Faults of different tables and files are told together, in the order of file and line."""
    folder = tiny.write(
        tmp_path,
        pack=tiny.PACK.replace('code = "CNY"', 'code = "yuan"')
        .replace('iin = "31048799"', 'iin = "1"')
        .replace("demo = false", "demo = 0")
        .replace("car_g_per_passenger_km = 170", "car_g_per_passenger_km = -1"),
        network=tiny.NETWORK.replace("lat = 22.50", 'lat = "north"').replace(
            'colour = "#00aa55"', 'colour = "green"'
        ),
        validator=None,
    )
    found = [(Path(n.file).name, n.line, n.code) for n in check_pack(folder)]

    assert found == [
        ("network.toml", 4, "UnexpectedValue"),
        ("network.toml", 28, "UnknownReference"),
        ("pack.toml", 4, "UnexpectedValue"),
        ("pack.toml", 7, "UnexpectedValue"),
        ("pack.toml", 18, "UnknownReference"),
        ("pack.toml", 23, "UnexpectedValue"),
        ("pack.toml", 41, "UnexpectedValue"),
        ("validator.toml", 0, "MissingFile"),
    ]


def test_a_table_with_a_faulty_id_is_told_once_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = tiny.write(
        tmp_path,
        **network('id = "c"', "id = 7"),
        pack=tiny.PACK.replace("demo = false", "demo = 1"),
    )

    assert [(Path(n.file).name, n.line) for n in check_pack(folder)] == [
        ("network.toml", 15),
        ("network.toml", 28),
        ("pack.toml", 4),
    ]


def test_the_line_of_an_invented_number_is_that_of_its_own_platform(tmp_path: Path) -> None:
    two = (
        tiny.PACK.replace("[[operator]]", "[[platform]]\nid = 'x'\nname = { zh = '甲', en = 'X' }\n"
        "number = '99000001'\ndemo = true\n\n[[operator]]")
    )  # fmt: skip
    (notice,) = check_pack(tiny.write(tmp_path, pack=two))

    assert notice.line == tiny.line_of(two, "demo = true")


BOUNDARIES = [
    # straight is 1,111.95 m: 500 m below it is still a large station, 611.95
    ("track", network("1120,", "612,", tiny.NETWORK.replace("length_km = 2.3\n", "")), 0),
    ("track", network("1120,", "611,", tiny.NETWORK.replace("length_km = 2.3\n", "")), 1),
    # the segments sum to 2,250 m
    ("sum 90 %", network("length_km = 2.3", "length_km = 2.5"), 0),
    ("sum below", network("length_km = 2.3", "length_km = 2.501"), 1),
    ("sum 102 %", network("length_km = 2.3", "length_km = 2.206"), 0),
    ("sum above", network("length_km = 2.3", "length_km = 2.205"), 1),
    # the middle latitude is 22.51; 200.5 km away rounds to 200, 200.6 km to 201
    ("far", network("lat = 22.52", "lat = 24.313", NO_TRACK), 0),
    ("too far", network("lat = 22.52", "lat = 24.314", NO_TRACK), 1),
]


@pytest.mark.parametrize(
    ("changed", "count"), [b[1:] for b in BOUNDARIES], ids=[f"{b[0]}-{b[2]}" for b in BOUNDARIES]
)
def test_boundaries(tmp_path: Path, changed: dict[str, str | None], count: int) -> None:
    assert len(check_pack(tiny.write(tmp_path, **changed))) == count


def test_a_loop_is_judged_with_its_closing_segment(tmp_path: Path) -> None:
    loop = tiny.NETWORK.replace("length_km = 2.3\n", "loop = true\n")
    short = loop.replace("    1130,", "    1130,\n    1700,")
    long = loop.replace("    1130,", "    1130,\n    1725,")

    assert [n.code for n in check_pack(tiny.write(tmp_path, network=short))] == [
        "ShorterThanStraight"
    ]
    assert check_pack(tiny.write(tmp_path, network=long)) == []


def test_warnings_do_not_keep_a_pack_from_loading(tmp_path: Path) -> None:
    folder = tiny.write(tmp_path, **in_front(STOP_D))

    assert len(check_pack(folder)) == 1
    assert "d" in load_pack(folder).stops
