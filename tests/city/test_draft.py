"""What an importer writes is a pack's network again; a new pack says what is left to fill in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.city import tiny
from tests.shared import shared

from ridecode.city import Draft, Line, Product, Stop, check_pack, import_network, load_pack
from ridecode.city.draft import Ids, told_apart
from ridecode.city.model import Operator
from ridecode.core import Mode, Words

NAMES = st.text(min_size=1, max_size=8).filter(
    lambda text: text.strip() == text and text.isprintable()
)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    names = draw(st.lists(NAMES, min_size=3, max_size=6, unique=True))
    ids = Ids("t-")
    degrees = st.integers(-89_00000, 89_00000).map(lambda whole: whole / 100_000)
    stops = tuple(
        Stop(ids.of(name), Words(name, name), draw(degrees), draw(degrees), (f"{name} 站",))
        for name in names
    )
    loop = draw(st.booleans())
    count = len(stops) - 1 + loop
    line = Line(
        id="t-l-1",
        name=Words(draw(NAMES), 'Line "1" \\ A'),
        number="1",
        mode=Mode.CABLE_CAR,
        product="cable-car",
        operator="op",
        colour="#0a1b2c",
        stops=tuple(stop.id for stop in stops),
        track_m=tuple(draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count))),
        loop=loop,
        length_m=draw(st.sampled_from([0, 100, 1234, 41_040])),
        aliases=draw(st.sampled_from([(), ("一号", "No. 1")])),
    )
    product = Product("cable-car", Words("索道", "Cable car"), Mode.CABLE_CAR)
    return Draft(stops, (line,), (Operator("op", Words("公司", "Company")),), (product,), ())


def pack_around(draft: Draft) -> str:
    """A pack.toml that has the draft's operators and products."""
    before, _, rest = tiny.PACK.partition("[[operator]]")
    return before + draft.pack_toml() + "\n[co2]" + rest.partition("[co2]")[2]


@given(drafts())
def test_a_written_network_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, draft: Draft
) -> None:
    folder = tiny.write(
        tmp_path_factory.mktemp("pack"),
        network=draft.network_toml("Made from\na test."),
        pack=pack_around(draft),
    )
    pack = load_pack(folder)

    assert tuple(pack.stops.values()) == draft.stops
    assert tuple(pack.lines.values()) == draft.lines
    assert tuple(pack.products.values()) == draft.products
    assert tuple(pack.operators.values()) == draft.operators


@pytest.mark.shared
@pytest.mark.parametrize(
    "source",
    [
        "gtfs/taipei_metro_2025.zip",
        "gtfs/kl_rail.zip",
        "gtfs/cairns_gtfs.zip",
        "networks/shenzhen_Metro.json",
        "networks/guangzhou_Metro.json",
        "networks/shanghai_stationInfo.csv",
    ],
)
def test_what_is_imported_loads_as_a_pack(tmp_path: Path, source: str) -> None:
    lines = shared("networks/shanghai_station_lines_2017.csv") if ".csv" in source else None
    draft = import_network(shared(source), "t-", lines=lines)
    pack = load_pack(tiny.write(tmp_path, network=draft.network_toml(), pack=pack_around(draft)))

    assert tuple(pack.lines.values()) == draft.lines
    assert list(pack.stops) == [stop.id for stop in draft.stops]


def two_lines(*ends: tuple[str, str]) -> tuple[list[Line], list[Stop]]:
    stops = [Stop(at, Words(at * 2, at.upper()), 0.0, 0.0) for at in "abc"]
    lines = [
        Line(f"l{n}", Words("环", "Ring"), "1", Mode.BUS, "bus", "o", "#000000", pair, (1,), False)
        for n, pair in enumerate(ends)
    ]
    return lines, stops


def test_lines_of_one_name_are_told_apart_by_their_ends_then_by_number() -> None:
    lines, stops = two_lines(("a", "b"), ("b", "c"), ("a", "b"))

    assert [line.name for line in told_apart(lines, stops)] == [
        Words("环（aa–bb）", "Ring (A–B)"),
        Words("环（bb–cc）", "Ring (B–C)"),
        Words("环（aa–bb）2", "Ring (A–B) 2"),
    ]
    assert told_apart(lines[:1], stops) == (lines[0],)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Children's Palace",), "t-childrens-palace"),
        (("罗湖", "1-2"), "t-1-2"),
        (("罗湖",), "t-x"),
        (("  A/B (North) ",), "t-a-b-north"),
    ],
)
def test_ids(names: tuple[str, ...], expected: str) -> None:
    assert Ids("t-").of(*names) == expected


def test_an_id_is_given_once() -> None:
    ids = Ids("")

    assert [ids.of("A"), ids.of("a"), ids.of("a-2"), ids.of("A")] == ["a", "a-2", "a-2-2", "a-3"]


def test_the_files_of_a_new_pack_say_what_is_left(tmp_path: Path) -> None:
    draft = Draft((), (), (), (), ())
    for name, text in draft.files("xincheng", "feed\n[x]\n.zip").items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert [(notice.code, notice.line, notice.words.en) for notice in check_pack(tmp_path)] == [
        ("MissingKey", 1, f"the file lacks {key}: expected a table.")
        for key in ("name", "currency", "calendar", "card_company", "co2")
    ]


def test_a_new_pack_that_was_filled_in_loads(tmp_path: Path) -> None:
    """Taking away every # that stands close to its line is all that the skeleton asks."""
    files = Draft((), (), (), (), ()).files("xincheng", "feed.zip")
    filled = "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") else line
        for line in files["pack.toml"].splitlines()
    )
    for name, text in (files | {"pack.toml": filled}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    pack = load_pack(tmp_path)
    assert (pack.id, pack.name.en, pack.demo) == ("xincheng", "Xincheng", False)
    assert check_pack(tmp_path) == []
