"""A pack read: what it says, and every refusal with file, line and what was expected."""

from pathlib import Path

import pytest
from tests.city import tiny

from ridecode.city import PackError, load_pack, shipped_packs
from ridecode.city.model import CardCompany, Currency, Issuer, Line, Operator, Platform, Stop
from ridecode.core import BusinessCalendar, Mode, NotFoundError, Words


def test_a_pack_says_what_its_files_say(tmp_path: Path) -> None:
    pack = load_pack(tiny.write(tmp_path))

    assert (pack.id, pack.name, pack.version, pack.demo) == (
        "tiny",
        Words("小城", "Tiny"),
        "1",
        False,
    )
    assert pack.currency == Currency("CNY", 2, "¥")
    assert pack.calendar == BusinessCalendar(28_800, 14_400)
    assert pack.card_company == CardCompany("card", Words("小城通", "Tiny Card"), "01234567")
    assert pack.issuers == {
        "01234567": Issuer("01234567", Words("小城通", "Tiny Card"), "31048799")
    }
    assert pack.platforms == {
        "app": Platform("app", Words("小城出行", "Tiny App"), "01234568", False)
    }
    assert pack.operators == {"rail": Operator("rail", Words("小城地铁", "Tiny Rail"))}
    assert pack.products["metro"].mode is Mode.METRO
    assert pack.stops["b"] == Stop("b", Words("乙", "Beta"), 22.51, 114.0, ("乙站",))
    assert pack.lines["m1"] == Line(
        id="m1",
        name=Words("一线", "First"),
        number="1",
        mode=Mode.METRO,
        product="metro",
        operator="rail",
        colour="#00aa55",
        stops=("a", "b", "c"),
        track_m=(1120, 1130),
        loop=False,
        length_m=2300,
    )
    assert pack.network.distance_m("a", "c", "metro") == 2250
    assert pack.co2.car == 170
    assert pack.co2.by_mode == {Mode.METRO: 35}
    assert pack.co2.source.en == "assumed"


def test_sections_of_other_rooms_are_handed_over_unread(tmp_path: Path) -> None:
    imports = '[imports.card]\ncolumns = ["a"]\n\n[imports.bank]\n'
    pack = load_pack(
        tiny.write(
            tmp_path,
            imports=imports,
            tariff='[[tariff]]\nid = "first"\n\n[[tariff]]\nid = "second"\n',
            validator="[validator]\nskew_s = 30\n",
            matching="# rides\n[matching]\nwindow_s = 5\n",
        )
    )

    assert [table.text("id") for table in pack.sections.tariffs] == ["first", "second"]
    assert pack.sections.tariffs[1].line == 4
    assert pack.sections.validator.integer("skew_s") == 30
    assert pack.sections.matching.line_of("window_s") == 3
    assert list(pack.sections.imports) == ["card", "bank"]
    assert pack.sections.imports["card"].texts("columns") == ("a",)


def test_a_pack_without_imports_has_none(tmp_path: Path) -> None:
    assert load_pack(tiny.write(tmp_path)).sections.imports == {}


def test_what_a_pack_says_of_riders_is_handed_on_and_may_be_nothing(tmp_path: Path) -> None:
    assert list(load_pack(tiny.write(tmp_path)).sections.riders) == []
    pack = load_pack(tiny.write(tmp_path, riders="[riders]\ncooling_s = 60\n"))
    assert pack.sections.riders.integer("cooling_s") == 60


@pytest.mark.parametrize(
    ("name", "stop"),
    [
        ("a", "a"),
        ("甲", "a"),
        ("Alpha", "a"),
        (" 乙站 ", "b"),
        ("alpha", None),
        ("丁", None),
        ("", None),
    ],
)
def test_a_stop_is_found_by_id_name_and_alias(tmp_path: Path, name: str, stop: str | None) -> None:
    assert load_pack(tiny.write(tmp_path)).resolve_stop(name) == stop


def test_a_line_is_found_by_id_name_and_alias(tmp_path: Path) -> None:
    text = tiny.NETWORK.replace("length_km", 'aliases = ["地铁1号线"]\nlength_km')
    pack = load_pack(tiny.write(tmp_path, network=text))

    found = [pack.resolve_line(name) for name in ("m1", "一线", "First", "地铁1号线", "1")]
    assert found == ["m1", "m1", "m1", "m1", None]


def test_an_english_name_of_two_stops_means_neither(tmp_path: Path) -> None:
    """Pinyin drops tones, so this is no fault: the Chinese names tell the two apart."""
    text = tiny.NETWORK.replace('en = "Beta"', 'en = "Alpha"')
    pack = load_pack(tiny.write(tmp_path, network=text))

    assert pack.resolve_stop("Alpha") is None
    assert pack.resolve_stop("甲") == "a"


def test_an_english_name_gives_way_to_a_name_of_another(tmp_path: Path) -> None:
    text = tiny.NETWORK.replace('en = "Alpha"', 'en = "乙"')

    assert load_pack(tiny.write(tmp_path, network=text)).resolve_stop("乙") == "b"


def test_a_loop_has_a_segment_back_to_its_first_stop(tmp_path: Path) -> None:
    text = tiny.NETWORK.replace("length_km = 2.3", "loop = true").replace("1130,", "1130, 2300,")
    pack = load_pack(tiny.write(tmp_path, network=text))

    assert pack.lines["m1"].track_m == (1120, 1130, 2300)
    assert pack.network.distance_m("a", "c") == 2250


def test_a_line_that_is_no_loop_may_end_where_it_began(tmp_path: Path) -> None:
    text = tiny.NETWORK.replace('["a", "b", "c"]', '["a", "c", "b", "a"]').replace(
        "1130,", "1130, 1140,"
    )

    assert load_pack(tiny.write(tmp_path, network=text)).lines["m1"].stops == ("a", "c", "b", "a")


def test_a_pack_is_found_by_its_name_or_its_folder(tmp_path: Path) -> None:
    for name in shipped_packs():
        assert load_pack(name).id == name
    assert load_pack(str(tiny.write(tmp_path))).id == "tiny"
    with pytest.raises(NotFoundError, match="There is no city pack 'atlantis'") as caught:
        load_pack("atlantis")
    assert "Name a folder with a pack.toml, or one of " in caught.value.remedy


def test_the_first_fault_is_raised_with_its_place(tmp_path: Path) -> None:
    folder = tiny.write(tmp_path, network=tiny.NETWORK.replace("lat = 22.51", "lat = 91"))

    with pytest.raises(PackError) as caught:
        load_pack(folder)

    assert (caught.value.file, caught.value.line) == (str(folder / "network.toml"), 10)
    assert caught.value.notice.code == "UnexpectedValue"
    assert caught.value.exit_code == 2


EIGHT = "expected a text like [0-9]{8}"
AN_ID = "expected a text like [a-z0-9][a-z0-9-]*"
PACK_FAULTS = [
    ('id = "tiny"', 'id = "Tiny"', f"id is 'Tiny': {AN_ID}"),
    ('id = "tiny"\n', "", "the file lacks id"),
    ('name = { zh = "小城", en = "Tiny" }', 'name = "Tiny"', "name is 'Tiny': expected a table"),
    ('name = { zh = "小城", en = "Tiny" }', 'name = { zh = "小城" }', "name lacks en"),
    ('en = "Tiny" }', 'en = "Tiny", fr = "T" }', "name does not know fr"),
    ("demo = false", 'demo = "no"', "demo is 'no': expected true or false"),
    ("demo = false", "demo = false\ncolour = 1", "the file does not know colour"),
    ('code = "CNY"', 'code = "RMBY"', "currency.code is 'RMBY': expected a text like [A-Z]{3}"),
    ("minor_digits = 2", "minor_digits = 5", "a whole number from 0 to 4"),
    ("minor_digits = 2", "minor_digits = -1", "a whole number from 0 to 4"),
    ('symbol = "¥"', 'symbol = ""', "currency.symbol is '': expected a text"),
    ("utc_offset_s = 28_800", "utc_offset_s = 50_401", "from -43200 to 50400"),
    ("utc_offset_s = 28_800", "utc_offset_s = -43_201", "from -43200 to 50400"),
    ("cut_s = 14_400", "cut_s = 86_400", "calendar.cut_s is 86400: expected a whole number from 0"),
    ("cut_s = 14_400", "cut_s = -1", "from 0 to 86399"),
    ('issuer = "01234567"', 'issuer = "76543210"', "card_company names issuer 76543210"),
    ('issuer = "01234567"', 'issuer = "123"', f"card_company.issuer is '123': {EIGHT}"),
    ('number = "01234567"', 'number = "0123456x"', f"issuer[0].number is '0123456x': {EIGHT}"),
    ('iin = "31048799"', "iin = 31048799", f"issuer[0].iin is 31048799: {EIGHT}"),
    ('number = "01234568"', 'number = "012345678"', f"platform[0].number is '012345678': {EIGHT}"),
    ('id = "app"', 'id = "-app"', f"platform[0].id is '-app': {AN_ID}"),
    ('id = "rail"', 'id = "rail way"', f"operator[0].id is 'rail way': {AN_ID}"),
    ('mode = "metro"', 'mode = "tram"', "expected one of bus, metro, ferry, cable_car"),
    ("car_g_per_passenger_km = 170", "", "co2 lacks car_g_per_passenger_km"),
    ("car_g_per_passenger_km = 170", "car_g_per_passenger_km = nan", "expected a number of at"),
    ("metro = 35", "metro = -35", "co2.g_per_passenger_km.metro is -35: expected a number of at"),
    ("metro = 35", "tram = 35", "co2.g_per_passenger_km does not know tram"),
    ("[[issuer]]", "[issuer]", "issuer is"),
]
NETWORK_FAULTS = [
    ('id = "a"', 'id = "甲"', f"stop[0].id is '甲': {AN_ID}"),
    ("lat = 22.50", "lat = 90.1", "stop[0].lat is 90.1: expected a number from -90 to 90"),
    ("lat = 22.50", "lat = -90.1", "a number from -90 to 90"),
    ("lon = 114.00", "lon = 180.1", "a number from -180 to 180"),
    ("lon = 114.00", "lon = -180.1", "a number from -180 to 180"),
    (
        'aliases = ["乙站"]',
        'aliases = "乙站"',
        "aliases is '乙站': expected a list of texts",
    ),
    ('aliases = ["乙站"]', 'alias = ["乙站"]', "stop[1] does not know alias"),
    ('number = "1"', "number = 1", "line[0].number is 1: expected a text"),
    ('product = "metro"', 'product = "bus"', "line m1 names product bus"),
    ('operator = "rail"', 'operator = "road"', "line m1 names operator road"),
    ('colour = "#00aa55"', 'colour = "#00AA55"', "expected a text like #[0-9a-f]{6}"),
    ("length_km = 2.3", "length_km = 0.09", "line[0].length_km is 0.09: expected a number of at"),
    ('stops = ["a", "b", "c"]', 'stops = ["a"]', "line[0].stops is ['a']: expected at least two"),
    ('stops = ["a", "b", "c"]', "", "line[0] lacks stops"),
    ("    1120,\n", "    0,\n", "line[0].track_m[0] is 0: expected a list of whole numbers of at"),
    ("    1130,\n", "    1130.5,\n", "line[0].track_m[1] is 1130.5"),
    ("    1130,\n", "    1130,\n    1140,\n", "track_m of line m1 has 3 segments: expected 2"),
    ("length_km = 2.3", "loop = true", "track_m of line m1 has 2 segments: expected 3"),
    ("length_km = 2.3", 'loop = "yes"', "line[0].loop is 'yes': expected true or false"),
    ('"c"]', '"c", "a"]\nloop = true', "line m1 calls at a twice in a row"),
    ('name = { zh = "一线"', 'nam = { zh = "一线"', "line[0] lacks name"),
    ("[[line]]", "[[lines]]", "the file does not know lines: expected one of line, stop"),
]
OTHER_FAULTS = [
    ("tariff", "[tariff]\n", "tariff is {}: expected an array of tables"),
    ("tariff", "[[tarif]]\n", "the file does not know tarif: expected one of tariff"),
    ("validator", "", "the file lacks validator: expected a table"),
    ("validator", "[validator]\n[more]\n", "the file does not know more"),
    ("matching", "matching = 1\n", "matching is 1: expected a table"),
    ("matching", "[matching]\n[more]\n", "the file does not know more"),
    ("imports", "[import.x]\n", "the file lacks imports"),
    ("imports", "[imports]\nx = 1\n", "imports.x is 1: expected a table"),
    ("imports", "[imports.x]\n[more]\n", "the file does not know more"),
]


def refusal(folder: Path) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value


@pytest.mark.parametrize(("old", "new", "said"), PACK_FAULTS)
def test_faults_of_pack_toml(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in tiny.PACK
    error = refusal(tiny.write(tmp_path, pack=tiny.PACK.replace(old, new, 1)))

    assert said in error.what
    assert error.file == str(tmp_path / "pack.toml")


@pytest.mark.parametrize(("old", "new", "said"), NETWORK_FAULTS)
def test_faults_of_network_toml(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in tiny.NETWORK
    error = refusal(tiny.write(tmp_path, network=tiny.NETWORK.replace(old, new, 1)))

    assert said in error.what
    assert error.file == str(tmp_path / "network.toml")


@pytest.mark.parametrize(("file", "text", "said"), OTHER_FAULTS)
def test_faults_of_the_other_files(tmp_path: Path, file: str, text: str, said: str) -> None:
    error = refusal(tiny.write(tmp_path, **{file: text}))

    assert said in error.what
    assert error.file == str(tmp_path / f"{file}.toml")


@pytest.mark.parametrize("file", ["pack", "network", "tariff", "validator", "matching"])
def test_every_file_but_imports_is_needed(tmp_path: Path, file: str) -> None:
    error = refusal(tiny.write(tmp_path, **{file: None}))

    assert error.notice.code == "MissingFile"
    assert (error.file, error.line) == (str(tmp_path / f"{file}.toml"), None)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    folder = tiny.write(tmp_path)
    (folder / "pack.toml").write_bytes(b'id = "tiny"\nname = "\xc2\xde"\n')

    error = refusal(folder)
    assert (error.line, error.what) == (2, "This is not valid TOML: the bytes are not UTF-8.")
