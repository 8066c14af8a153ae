"""Networks from GTFS: a tiny feed as text, every refusal, and the real feeds counted."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from tests.shared import shared

from ridecode.city import Draft, import_network
from ridecode.city.notices import LeftOut
from ridecode.core import BadInputError, Mode, NotFoundError, Words

FEED = {
    "agency.txt": """\
agency_id,agency_name,agency_url,agency_timezone
R,Tiny Rail,https://example.org,Asia/Shanghai
""",
    "routes.txt": """\
route_id,agency_id,route_short_name,route_long_name,route_type,route_color
m1,R,1,First Line,1,00AA55
b7,R,7,,3,
x,R,X,Space Elevator,77,
idle,R,9,Idle Line,1,
""",
    "stops.txt": """\
stop_id,stop_name,stop_lat,stop_lon,parent_station
A,甲,0.0,0.00,
B,乙,0.0,0.01,
C,丙,0.0,0.02,
D,丁,0.0,0.03,
A1,甲 platform 1,0.0,0.0001,A
P,北门,0.1,0.00,
Q,北门,0.1,0.01,
lonely,无车,0.2,0.00,
""",
    "trips.txt": """\
route_id,service_id,trip_id,shape_id
m1,s,out,sh
m1,s,back,
m1,s,express,
m1,s,branch,
b7,s,bus,
x,s,up,
""",
    "stop_times.txt": """\
trip_id,arrival_time,departure_time,stop_id,stop_sequence
out,8:00:00,8:00:00,A1,1
out,8:10:00,8:10:00,C,30
out,8:05:00,8:05:00,B,2
back,9:00:00,9:00:00,C,1
back,9:05:00,9:05:00,B,2
back,9:10:00,9:10:00,A,3
express,9:00:00,9:00:00,A,1
express,9:05:00,9:05:00,C,2
branch,9:00:00,9:00:00,B,1
branch,9:10:00,9:10:00,D,2
bus,9:00:00,9:00:00,P,1
bus,9:02:00,9:02:00,P,2
bus,9:10:00,9:10:00,Q,3
up,9:00:00,9:00:00,A,1
up,9:10:00,9:10:00,B,2
""",
    "shapes.txt": """\
shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence
sh,0.0,0.02,30
sh,0.0,0.00,1
sh,0.0,0.01,4
sh,0.01,0.00,2
sh,0.01,0.01,3
""",
    "translations.txt": """\
table_name,field_name,language,translation,record_id
stops,stop_name,en,Alpha,A
stops,stop_name,fr,Alphe,B
stops,stop_desc,en,Wrong field,C
""",
}


def feed(folder: Path, inside: str = "", **changed: str | None) -> Path:
    """The tiny feed as a zip; `changed` replaces files by name without ending, None leaves out."""
    files = FEED | {f"{name}.txt": text for name, text in changed.items()}
    path = folder / "tiny.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/" + inside + "._routes.txt", "not a table")
        for name, text in files.items():
            if text is not None:
                archive.writestr(inside + name, "\ufeff" + text)
    return path


def read(path: Path, *modes: Mode) -> Draft:
    return import_network(path, "t-", modes=frozenset(modes or Mode))


def test_a_tiny_feed(tmp_path: Path) -> None:
    draft = read(feed(tmp_path))
    main, branch, bus = draft.lines

    # A branch needs a line of its own; the way back and the express that skips B need none.
    assert main.stops == ("t-a", "t-b", "t-c")
    assert branch.stops == ("t-b", "t-d")
    assert bus.stops == ("t-p", "t-q")
    assert main.name == Words(zh="First Line（甲–丙）", en="First Line (Alpha–丙)")
    assert branch.name.en == "First Line (乙–丁)"
    assert (main.id, branch.id, bus.id) == ("t-l-m1", "t-l-m1-2", "t-l-b7")
    assert (main.number, main.mode, main.product, main.operator) == ("1", Mode.METRO, "metro", "r")
    assert (main.colour, bus.colour) == ("#00aa55", "#5d636e")
    assert (bus.number, bus.name.en) == ("7", "7")
    # The shape leads around three sides of a square, then straight on; the branch has none: × 1.04.
    assert main.track_m == (3336, 1112)
    assert branch.track_m == (round(2 * 1111.95 * 1.04),)
    assert [product.id for product in draft.products] == ["metro", "bus"]
    assert [(o.id, o.name.en) for o in draft.operators] == [("r", "Tiny Rail")]


def test_the_stops_of_a_tiny_feed(tmp_path: Path) -> None:
    names = {stop.id: stop.name for stop in read(feed(tmp_path)).stops}

    assert names == {
        "t-a": Words(zh="甲", en="Alpha"),
        "t-b": Words(zh="乙", en="乙"),
        "t-c": Words(zh="丙", en="丙"),
        "t-d": Words(zh="丁", en="丁"),
        "t-p": Words(zh="北门 (P)", en="北门 (P)"),
        "t-q": Words(zh="北门 (Q)", en="北门 (Q)"),
    }


def test_what_a_tiny_feed_leaves_out_is_told(tmp_path: Path) -> None:
    notices = read(feed(tmp_path)).notices

    assert [(notice.line, type(notice), notice.words.en) for notice in notices] == [
        (4, LeftOut, "route x is left out: its route_type is not known."),
        (5, LeftOut, "route idle is left out: no trip calls anywhere."),
    ]
    assert [notice.file for notice in notices] == [f"{tmp_path / 'tiny.zip'}:routes.txt"] * 2


def test_trips_that_name_nothing_known_are_told_once_each(tmp_path: Path) -> None:
    trips = FEED["trips.txt"] + "ghost,s,g1,\nghost,s,g2,\n"
    calls = "".join(f"{trip},9:00:00,9:00:00,{stop}\n"
                    for trip in ("g1", "phantom") for stop in ("A,1", "B,2"))  # fmt: skip
    draft = read(feed(tmp_path, trips=trips, stop_times=FEED["stop_times.txt"] + calls))

    assert [(Path(n.file).name, n.line, n.words.en) for n in draft.notices][1:3] == [
        ("tiny.zip:trips.txt", 8,
         "every trip of route ghost is left out: the route is not in routes.txt."),
        ("tiny.zip:stop_times.txt", 19, "trip phantom is left out: it is not in trips.txt."),
    ]  # fmt: skip
    assert len(draft.notices) == 4


def test_only_the_wanted_modes_are_read(tmp_path: Path) -> None:
    draft = read(feed(tmp_path), Mode.BUS)

    assert [line.id for line in draft.lines] == ["t-l-b7"]
    assert [stop.id for stop in draft.stops] == ["t-p", "t-q"]
    assert [product.id for product in draft.products] == ["bus"]
    assert read(feed(tmp_path), Mode.FERRY).lines == ()


def test_a_feed_may_lie_in_a_folder_of_its_zip(tmp_path: Path) -> None:
    assert len(read(feed(tmp_path, inside="google_transit/")).lines) == 3


def test_shapes_translations_and_agency_ids_may_be_absent(tmp_path: Path) -> None:
    bare = feed(
        tmp_path,
        shapes=None,
        translations=None,
        agency="agency_name\nTiny Rail\n",
        routes="route_id,route_long_name,route_type\nm1,First Line,1\n",
    )
    draft = read(bare)

    assert draft.lines[0].track_m == (1156, 1156)
    assert {line.operator for line in draft.lines} == {"tiny-rail"}
    assert draft.lines[0].number == "m1"


def test_a_run_that_ends_where_it_began_is_a_loop(tmp_path: Path) -> None:
    ring = "trip_id,stop_id,stop_sequence\n" + "".join(
        f"out,{stop},{at}\n" for at, stop in enumerate("ABCDA")
    )
    (line,) = read(feed(tmp_path, stop_times=ring, shapes=None)).lines

    assert line.loop
    assert line.stops == ("t-a", "t-b", "t-c", "t-d")
    assert line.track_m == (1156, 1156, 1156, 3469)


def test_progress_is_told_to_the_last_byte(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    import_network(feed(tmp_path), "t-", progress=lambda done, total: told.append((done, total)))
    size = sum(len(("\ufeff" + text).encode()) for text in FEED.values())

    assert told == sorted(told)
    assert {total for _, total in told} == {size}
    assert told[-1] == (size, size)


def test_of_runs_of_one_length_the_commonest_comes_first(tmp_path: Path) -> None:
    calls = {"out": "ABD", "back": "ACD", "express": "DCA", "branch": "ACD"}
    times = "trip_id,stop_id,stop_sequence\n" + "".join(
        f"{trip},{stop},{at}\n" for trip, stops in calls.items() for at, stop in enumerate(stops)
    )
    lines = read(feed(tmp_path, stop_times=times)).lines

    assert [line.stops for line in lines] == [("t-a", "t-c", "t-d"), ("t-a", "t-b", "t-d")]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *[(kind, Mode.METRO) for kind in (0, 1, 2, 12, 100, 109, 400, 401, 500, 600, 900)],
        *[(kind, Mode.BUS) for kind in (3, 11, 200, 700, 715, 800)],
        *[(kind, Mode.FERRY) for kind in (4, 1000, 1200)],
        *[(kind, Mode.CABLE_CAR) for kind in (5, 6, 7, 1300, 1400)],
        *[(kind, None) for kind in (8, 13, 99, 300, 1100, 1500, -1)],
    ],
)
def test_route_types(tmp_path: Path, kind: int, mode: Mode | None) -> None:
    routes = f"route_id,route_long_name,route_type\nm1,First Line,{kind}\n"
    draft = read(feed(tmp_path, routes=routes))

    assert {line.mode for line in draft.lines} == ({mode} if mode else set())
    odd = [notice for notice in draft.notices if "route_type" in notice.words.en]
    assert len(odd) == (0 if mode else 1)


REFUSED = [
    ("no trips", {"trips": None}, "", 0, "The feed has no trips.txt"),
    ("no stop", {"stop_times": ("A1,1", "Z,1")}, "stop_times.txt", 2, "'Z' is not in stops.txt"),
    ("no agency", {"routes": ("m1,R", "m1,Q")}, "routes.txt", 2, "'Q' is not in agency.txt"),
    ("odd type", {"routes": ("Line,1", "Line,rail")}, "routes.txt", 2, "route_type is 'rail'"),
    ("no type", {"routes": ("Line,1", "Line,")}, "routes.txt", 2, "route_type is empty or absent"),
    ("endless", {"routes": ("Line,1", "Line,inf")}, "routes.txt", 2, "route_type is 'inf'"),
    ("no name", {"stops": ("B,乙", "B,")}, "stops.txt", 3, "stop_name is empty or absent"),
    ("no number", {"stops": ("0.0,0.01", "x,0.01")}, "stops.txt", 3, "stop_lat is 'x'"),
    ("too far north", {"stops": ("0.0,0.01", "91,0.01")}, "stops.txt", 3, "from -90 to 90"),
    ("too far east", {"stops": ("0.0,0.01", "0,-181")}, "stops.txt", 3, "from -180 to 180"),
    ("no order", {"stop_times": ("B,2", "B,")}, "stop_times.txt", 4, "stop_sequence is empty"),
    ("bad shape", {"shapes": ("sh,0.0,0.02", "sh,,0.02")}, "shapes.txt", 2, "shape_pt_lat"),
    ("no id", {"trips": ("s,back", "s,")}, "trips.txt", 3, "trip_id is empty or absent"),
]


@pytest.mark.parametrize(
    ("changed", "file", "line", "said"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refusals(
    tmp_path: Path, changed: dict[str, tuple[str, str] | None], file: str, line: int, said: str
) -> None:
    texts: dict[str, str | None] = {}
    for name, change in changed.items():
        whole = FEED[f"{name}.txt"]
        assert change is None or change[0] in whole
        texts[name] = whole.replace(change[0], change[1], 1) if change else None

    with pytest.raises(BadInputError) as caught:
        read(feed(tmp_path, "", **texts))

    assert said in caught.value.what
    assert caught.value.file == str(tmp_path / "tiny.zip") + (f":{file}" if file else "")
    assert (caught.value.line or 0) == line


def test_the_poles_and_the_date_line_are_places(tmp_path: Path) -> None:
    stops = FEED["stops.txt"].replace("B,乙,0.0,0.01", "B,乙,90,180")

    stop = read(feed(tmp_path, stops=stops)).stops[1]

    assert (stop.lat, stop.lon) == (90, 180)


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "tiny.zip"
    with ZipFile(path, "w") as archive:
        for name, text in FEED.items():
            archive.writestr(name, text.encode("gb18030" if name == "stops.txt" else "utf-8"))

    with pytest.raises(BadInputError, match=r"stops\.txt:1: Not a CSV row"):
        read(path)


def test_a_file_that_is_no_zip_or_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "tiny.zip"
    path.write_text("hello")
    with pytest.raises(BadInputError, match="not a whole zip file"):
        read(path)

    whole = bytearray(feed(tmp_path).read_bytes())
    start = whole.index(b"routes.txt", whole.index(b"agency.txt")) + 12
    whole[start : start + 40] = b"\xff" * 40
    path.write_bytes(whole)
    with pytest.raises(BadInputError, match="not a whole zip file"):
        read(path)


def test_a_zip_under_a_password(tmp_path: Path) -> None:
    path = feed(tmp_path)
    whole = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(signature)
        while at >= 0:
            whole[at + flags] |= 1
            at = whole.find(signature, at + 4)
    path.write_bytes(whole)

    with pytest.raises(BadInputError, match=r"zip cannot be read: .* password") as caught:
        read(path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [("feed.txt", "not a source of networks"), ("stations.csv", "needs the table of their lines")],
)
def test_other_sources_are_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_text("x")

    with pytest.raises(BadInputError, match=said):
        import_network(tmp_path / name, "t-")


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        import_network(tmp_path / "no.zip", "t-")


@pytest.mark.parametrize("prefix", ["-x", "Xy-", "x_", "x y", "城"])
def test_a_prefix_must_begin_an_id(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(BadInputError, match="cannot begin an id"):
        import_network(feed(tmp_path), prefix)


REAL = [
    # feed, stations at which any trip calls, routes that run, lines they need, of them loops
    ("taipei_metro_2025", 95, 4, 5, 0),
    ("kl_rail", 167, 7, 7, 0),
    ("nyc_subway_gtfs", 91, 2, 3, 0),
    ("wmata", 98, 7, 9, 0),
    ("cairns_gtfs", 416, 22, 40, 1),
    ("kl_rapidbus", 3779, 126, 161, 91),
    ("vilnius2018", 1293, 101, 485, 0),
]


@cache
def real(name: str) -> Draft:
    return read(shared(f"gtfs/{name}.zip"))


@pytest.mark.shared
@pytest.mark.parametrize(("name", "stations", "routes", "lines", "loops"), REAL)
def test_real_feeds(name: str, stations: int, routes: int, lines: int, loops: int) -> None:
    """Stations and routes were counted in the files themselves; none of them may be lost."""
    draft = real(name)

    assert len(draft.stops) == stations
    assert len(draft.lines) == lines
    assert sum(line.loop for line in draft.lines) == loops
    assert len({line.name.zh.partition("（")[0] for line in draft.lines}) <= routes
    assert all(len(line.track_m) == len(line.stops) - 1 + line.loop for line in draft.lines)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "segments"), [("taipei_metro_2025", 91), ("kl_rail", 160), ("nyc_subway_gtfs", 111)]
)
def test_every_segment_that_a_metro_runs_is_on_a_line(name: str, segments: int) -> None:
    """Pairs of neighbouring stations by route, counted in stop_times."""
    draft = real(name)
    found = {
        (line.number, frozenset(pair)) for line in draft.lines for pair in pairwise(line.stops)
    }

    assert len(found) == segments


@pytest.mark.shared
def test_a_real_feed_leaves_out_one_route_without_trips() -> None:
    (notice,) = real("kl_rapidbus").notices

    assert isinstance(notice, LeftOut)
    assert (notice.line, notice.what) == (122, "route T4069")


@pytest.mark.shared
def test_a_real_feed_brings_names_colours_and_lengths() -> None:
    draft = real("taipei_metro_2025")
    red = next(line for line in draft.lines if line.number == "R")
    names = {stop.name.zh: stop.name.en for stop in draft.stops}

    assert (red.colour, len(red.stops)) == ("#e3002c", 27)
    assert names["台北車站 (BL12)"] == "Taipei Main Station"


@pytest.mark.shared
def test_drawn_track_of_a_real_feed_is_near_the_published_length() -> None:
    """Kelana Jaya line: 46.4 km with its depot track, 37 stations."""
    draft = real("kl_rail")
    line = next(line for line in draft.lines if line.number == "KJL")

    assert len(line.stops) == 37
    assert 45_000 < sum(line.track_m) < 46_400
