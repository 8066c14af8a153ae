"""Networks from two CSV tables: a tiny pair, every refusal, and the real pair counted."""

from pathlib import Path

import pytest
from tests.shared import shared

from ridecode.city import import_network
from ridecode.core import BadInputError, NotFoundError

STATIONS = """\
,stationID,name,lon,lat,neighbour
0,1,Alpha,0.00,0.0,[2]
1,2,Beta,0.01,0.0,"[1, 3, 4, 9]"
2,3,Gamma,0.02,0.0,"[2, 5]"
3,4,Delta,0.01,0.01,"[2, 5]"
4,5,Epsilon,0.02,0.01,"[3, 4]"
5,6,Zeta,0.05,0.05,[]
"""
LINES = """\
Station Name,Metro Line(s)
Gamma,"Line 1, Ring"
Alpha,Line 1
Beta,"Line 1, Ring"
Delta,Ring
Epsilon,"Ring, Line 1"
Zeta,Line 1
"""


def write(folder: Path, stations: str = STATIONS, lines: str = LINES) -> tuple[Path, Path]:
    paths = folder / "stations.csv", folder / "lines.csv"
    for path, text in zip(paths, (stations, lines), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_tiny_pair(tmp_path: Path) -> None:
    stations, lines = write(tmp_path)
    draft = import_network(stations, "t-", lines=lines)
    line, ring = draft.lines

    assert line.stops == ("t-alpha", "t-beta", "t-gamma", "t-epsilon")
    assert (line.id, line.number, line.loop) == ("t-l-line-1", "1", False)
    assert line.track_m == (1156, 1156, 1156)
    assert ring.loop
    assert sorted(ring.stops) == ["t-beta", "t-delta", "t-epsilon", "t-gamma"]
    assert ring.track_m == (1156, 1156, 1156, 1156)
    assert ring.number == "Ring"
    assert "t-zeta" not in {stop.id for stop in draft.stops}
    assert len(draft.stops) == 5


def test_a_station_without_neighbours_on_its_line_is_told(tmp_path: Path) -> None:
    stations, lines = write(tmp_path)
    notice = import_network(stations, "t-", lines=lines).notices[-1]

    assert (notice.file, notice.line) == (str(lines), 7)
    assert notice.words.en == "Zeta on Line 1 is left out: no neighbour of it is on the line."
    assert notice.words.zh == "未导入 Zeta on Line 1：线路上没有与它相邻的车站。"


def test_a_neighbour_and_a_station_that_are_nowhere_are_told(tmp_path: Path) -> None:
    stations, lines = write(tmp_path, STATIONS + "6,7,Eta,0.06,0.05,[6]\n")
    notices = import_network(stations, "t-", lines=lines).notices

    assert [(notice.file, notice.line, notice.words.en) for notice in notices[:2]] == [
        (str(stations), 3,
         "neighbour 9 of Beta is left out: no station of the table has that number."),
        (str(stations), 8, "Eta is left out: no line calls at it."),
    ]  # fmt: skip


def test_a_line_that_branches_becomes_several_told_apart(tmp_path: Path) -> None:
    branching = STATIONS.replace('"[2, 5]"', "[2]")
    lines = "Station Name,Metro Line(s)\nAlpha,L\nBeta,L\nGamma,L\nDelta,L\n"
    stations, table = write(tmp_path, branching, lines)
    draft = import_network(stations, "t-", lines=table)

    assert [line.stops for line in draft.lines] == [
        ("t-alpha", "t-beta", "t-delta"),
        ("t-beta", "t-gamma"),
    ]
    assert [line.name.en for line in draft.lines] == ["L (Alpha–Delta)", "L (Beta–Gamma)"]


REFUSED = [
    ("no column", ",lat", ",north", "", "", "stations.csv", 1, "no column 'lat'"),
    ("no latitude", "0.01,0.0,", "0.01,,", "", "", "stations.csv", 3, "lat is empty or absent"),
    ("no number", "0.01,0.0,", "0.01,north,", "", "", "stations.csv", 3, "lat is 'north'"),
    ("too far", "0.01,0.0,", "181,0.0,", "", "", "stations.csv", 3, "from -180 to 180"),
    ("no name", "2,Beta", "2,", "", "", "stations.csv", 3, "name is empty or absent"),
    ("no id", "1,2,Beta", "1,,Beta", "", "", "stations.csv", 3, "stationID is empty or absent"),
    ("twice", "2,Beta", "2,Alpha", "", "", "stations.csv", 3, "Alpha stands twice"),
    ("no lines", "", "", "Metro Line(s)", "Lines", "lines.csv", 1, "no column 'Metro Line(s)'"),
    ("no station", "", "", "Delta", "Delft", "lines.csv", 5, "Delft is not in the table"),
    ("no line", "", "", "Delta,Ring", "Delta,", "lines.csv", 5, "Metro Line(s) is empty"),
]


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "file", "line", "said"),
    [r[1:] for r in REFUSED],
    ids=[r[0] for r in REFUSED],
)
def test_refusals(
    tmp_path: Path, a: str, b: str, c: str, d: str, file: str, line: int, said: str
) -> None:
    stations, lines = write(tmp_path, STATIONS.replace(a, b, 1), LINES.replace(c, d, 1))

    with pytest.raises(BadInputError) as caught:
        import_network(stations, "t-", lines=lines)

    assert (caught.value.file, caught.value.line) == (str(tmp_path / file), line)
    assert said in caught.value.what


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    stations, lines = write(tmp_path)
    stations.write_bytes(STATIONS.replace("Beta", "罗湖").encode("gb18030"))

    with pytest.raises(BadInputError, match=r"stations\.csv:1: Not a CSV row"):
        import_network(stations, "t-", lines=lines)


def test_a_table_of_lines_that_is_not_there(tmp_path: Path) -> None:
    stations, _ = write(tmp_path)

    with pytest.raises(NotFoundError, match="There is no file"):
        import_network(stations, "t-", lines=tmp_path / "no.csv")


@pytest.mark.shared
def test_the_real_pair() -> None:
    """302 stations on 14 lines, counted in the tables; line 4 is the ring, three lines fork."""
    lines = shared("networks/shanghai_station_lines_2017.csv")
    draft = import_network(shared("networks/shanghai_stationInfo.csv"), "t-", lines=lines)
    whole = {line.name.en: len(line.stops) for line in draft.lines}

    assert len(draft.stops) == 302
    assert len({line.number for line in draft.lines}) == 14
    assert len(draft.lines) == 17
    assert whole["Line 4"] == 26
    assert [line.number for line in draft.lines if line.loop] == ["4"]
    assert whole["Line 1"] == 28
    assert whole["Line 2"] == 30
    assert [(notice.line, notice.code) for notice in draft.notices] == [
        (214, "LeftOut"),
        (139, "LeftOut"),
    ]
