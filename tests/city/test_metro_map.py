"""Networks from metro maps in JSON: a tiny one, every refusal, and the real ones counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.shared import shared

from ridecode.city import Draft, import_network
from ridecode.core import BadInputError, Mode, Words


def drawn(*points: tuple[float, float]) -> dict[str, list[float]]:
    return {"lng": [lon for lon, _ in points], "lat": [lat for _, lat in points], "dist": [0.0]}


def tiny_map() -> dict[str, Any]:
    """Two lines that cross at 乙; the first is drawn 0.002° short of its ends."""
    return {
        "红线": {
            "id2name": [{"0": "甲", "1": "乙", "2": "丙"}],
            "center_gps": [{"0": [0.0, 0.0], "1": [0.01, 0.0], "2": [0.02, 0.0]}],
            "(0,1)": drawn((0.002, 0.0), (0.002, 0.01), (0.008, 0.01), (0.008, 0.0)),
            "(1,2)": drawn(),
        },
        "蓝线": {
            "id2name": [{"10": "丁", "2": "乙"}],
            "center_gps": [{"2": [0.01, 0.0002], "10": [0.01, 0.02]}],
            "(2,10)": drawn((0.01, 0.0002), (0.01, 0.02)),
        },
        "Line_name": ["红线", "蓝线"],
    }


def write(folder: Path, document: object) -> Path:
    path = folder / "map.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_tiny_map(tmp_path: Path) -> None:
    draft = import_network(write(tmp_path, tiny_map()), "t-")
    red, blue = draft.lines

    assert red.stops == ("t-1-1", "t-1-2", "t-1-3")
    assert blue.stops == ("t-1-2", "t-2-2")
    assert (red.id, red.number, red.name) == ("t-l-1", "1", Words("红线", "红线"))
    assert (red.mode, red.product, red.operator, red.loop) == (Mode.METRO, "metro", "metro", False)
    # Gaps of 0.002° at both ends, up 0.01°, over 0.006°, down 0.01°: 0.030°. The next has no track.
    assert red.track_m == (3336, 1156)
    # From its own 乙, not from the middle of the two.
    assert blue.track_m == (2202,)
    assert [stop.name.zh for stop in draft.stops] == ["甲", "乙", "丙", "丁"]
    assert (draft.stops[1].lat, draft.stops[1].lon) == (0.0001, 0.01)
    assert draft.notices == ()


def test_english_names_give_names_and_ids(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("zh,en\n甲,Children's Palace\n红线,Red Line\n", encoding="utf-8")
    draft = import_network(write(tmp_path, tiny_map()), "t-", names=names)

    assert draft.stops[0].id == "t-childrens-palace"
    assert draft.stops[0].name == Words("甲", "Children's Palace")
    assert draft.lines[0].name == Words("红线", "Red Line")
    assert draft.stops[1].name == Words("乙", "乙")


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    """The tiny map with one value in it replaced."""
    whole = tiny_map()
    place: Any = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return whole


REFUSED = [
    ("no list", ["红线", "id2name"], {"0": "甲"}, "红线: id2name is not a list of one table"),
    ("two tables", ["红线", "id2name"], [{"0": "甲"}, {}], "红线: id2name is not a list of one"),
    ("no table", ["蓝线", "center_gps"], None, "蓝线: center_gps is not a list of one table"),
    ("no number", ["红线", "id2name", 0], {"a": "甲", "1": "乙"}, "红线: id2name is not"),
    ("no name", ["红线", "id2name", 0, "1"], "", "红线: id2name is not"),
    ("one station", ["红线", "id2name", 0], {"0": "甲"}, "fewer than two stations"),
    ("no position", ["红线", "center_gps", 0], {"0": [0, 0], "1": [0, 0]}, "center_gps lacks 丙"),
    ("half a position", ["红线", "center_gps", 0, "0"], [0.0], "红线: center_gps is not"),
    ("latitude", ["红线", "center_gps", 0, "0"], [0.0, 90.5], "红线: center_gps is not"),
    ("longitude", ["红线", "center_gps", 0, "0"], [181, 0.0], "红线: center_gps is not"),
    ("no segment", ["红线", "(1,2)"], None, "红线: segment (1,2) is not a table"),
    ("uneven", ["红线", "(1,2)"], {"lng": [1.0], "lat": []}, "lng and lat of one length"),
    ("text", ["红线", "(0,1)"], {"lng": ["x"], "lat": [0.0]}, "红线: segment (0,1) is not"),
]


@pytest.mark.parametrize(
    ("path", "value", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refusals(tmp_path: Path, path: list[str | int], value: object, said: str) -> None:
    source = write(tmp_path, changed(path, value))

    with pytest.raises(BadInputError) as caught:
        import_network(source, "t-")

    assert said in caught.value.what
    assert caught.value.file == str(source)


@pytest.mark.parametrize("text", ["{", "[]", "3", "\ud800"])
def test_text_that_is_no_map(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(BadInputError, match="not a metro map in JSON"):
        import_network(path, "t-")


def test_a_map_without_a_line(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="has no line"):
        import_network(write(tmp_path, {"Line_name": []}), "t-")


def test_names_need_both_columns(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("zh\n甲\n", encoding="utf-8")

    with pytest.raises(BadInputError, match=r"names\.csv:1: The table has no column 'en'"):
        import_network(write(tmp_path, tiny_map()), "t-", names=names)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("city", "lines", "stations", "segments"),
    [("shenzhen", 16, 317, 369), ("guangzhou", 23, 327, 359)],
)
def test_real_maps(city: str, lines: int, stations: int, segments: int) -> None:
    """Lines, different names and pairs of neighbours, counted in the files."""
    draft: Draft = import_network(shared(f"networks/{city}_Metro.json"), "t-")

    assert len(draft.lines) == lines
    assert len(draft.stops) == len({stop.name.zh for stop in draft.stops}) == stations
    assert sum(len(line.track_m) for line in draft.lines) == segments
    assert min(metres for line in draft.lines for metres in line.track_m) > 200
