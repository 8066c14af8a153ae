"""Reading rows: pure, and whatever stands in a line, the answer is a row or one reason."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.city import PackError
from ridecode.core import NotFoundError, tap_digest
from ridecode.taps import RejectReason, formats, read_format
from ridecode.taps.lines import Line
from ridecode.taps.rows import DeviceStops, Row, RowReader
from tests.taps.files import BUS, ENTRY, EXIT, REJECTED, SHENZHEN, SMALL, pack_with, row

READER = RowReader(read_format(SHENZHEN, "shenzhen"), SHENZHEN)


def read(line: str | bytes) -> Row | RejectReason:
    raw = line if isinstance(line, bytes) else line.encode()
    return READER.read(Line(2, raw, whole=len(raw) < 8_192))


@pytest.mark.parametrize(
    ("line", "reason"), [case[1:] for case in REJECTED], ids=[case[0] for case in REJECTED]
)
def test_what_is_wrong_with_a_row(line: str, reason: str) -> None:
    assert read(line) is RejectReason[reason]


def test_every_reason_has_its_case_and_its_words() -> None:
    assert {case[2] for case in REJECTED} | {"NOT_IN_ENCODING"} == set(RejectReason.__members__)
    for reason in RejectReason:
        assert reason.words.zh.endswith("。")
        assert reason.words.en.endswith(".")


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(raw: bytes) -> None:
    assert isinstance(read(raw), RejectReason)


@given(
    line=st.sampled_from([ENTRY, EXIT, BUS]),
    at=st.integers(0, 120),
    cut=st.integers(0, 6),
    put=st.text(max_size=6) | st.sampled_from(['"', ",", "-", "0", "站", "\0", "\ud800"]),
)
def test_a_damaged_row_is_a_row_or_has_a_reason(line: str, at: int, cut: int, put: str) -> None:
    """And where it is a row still, it gives a tap that can be kept."""
    damaged = (line[:at] + put + line[at + cut :]).encode("utf-8", "surrogatepass")

    found = read(damaged)

    if isinstance(found, Row):
        told = READER.told(found, DeviceStops(6))
        assert "\0" not in repr(told)
        assert len(tap_digest(told.tap)) == 16
        assert told.tap.ts >= 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=12), st.data())
def test_what_devices_tell_does_not_depend_on_order(
    heard: list[tuple[str, str]], data: st.DataObject
) -> None:
    one, two = DeviceStops(1), DeviceStops(1)
    for device, stop in heard:
        one.hear(device, stop)
    for device, stop in data.draw(st.permutations(heard)):
        two.hear(device, stop)

    for device in "abc":
        named = {stop for at, stop in heard if at == device}
        assert one.name(device) == two.name(device) == (named.pop() if len(named) == 1 else "")


def test_a_format_without_device_digits_hears_nothing() -> None:
    stops = DeviceStops(0)
    stops.hear("101001105", "sz-buji")

    assert stops.name("101001105") == ""


@given(
    st.integers(57_600, 253_370_793_599).map(lambda s: datetime(1970, 1, 1) + timedelta(seconds=s))
)
def test_every_second_is_read_as_itself(local: datetime) -> None:
    found = read(row(ENTRY, deal_date=f"{local:%Y-%m-%d %H:%M:%S}"))

    assert isinstance(found, Row)
    assert found.ts == round((local - datetime(1970, 1, 1, 8)).total_seconds()) * 1_000_000


STOPS = [("布吉", "sz-buji"), ("布吉站", "sz-buji"), ("深圳北站", "sz-shenzhen-north-station"),
         ("深圳大学", "sz-shenzhen-university"), ("?I岭", "sz-maling"), ("站", None),
         ("未来站", None)]  # fmt: skip


@pytest.mark.parametrize(("name", "stop"), STOPS)
def test_stops_by_name_alias_and_without_their_suffix(name: str, stop: str | None) -> None:
    assert READER.resolve_stop(name) == stop


def test_formats_of_a_pack_and_one_that_it_does_not_know() -> None:
    assert formats(SHENZHEN) == ("shenzhen",)
    with pytest.raises(NotFoundError, match="no file format 'x'") as caught:
        read_format(SHENZHEN, "x")
    assert "It knows: shenzhen." in caught.value.remedy


FAULTS: list[tuple[str, str, str, str]] = [
    ("unknown encoding", 'encoding = "gb18030"', 'encoding = "utf-16"', "one of utf-8, gb18030"),
    ("column twice", '"gate", "what"', '"what", "what"', "no column twice"),
    ("no such column", 'time = "when"', 'time = "then"', "one of the columns: when, card"),
    ("no such stop column", 'stop = "place"', 'stop = "plaice"', "one of the columns: when, card"),
    ("no regular expression", '"[0-9]{8}"', '"[0-9"', "a regular expression"),
    ("no time format", '"%Y%m%d%H%M%S"', '"%Y%m%d"', "a strptime format with date and time"),
    ("time format with offset", '%S"', '%S%z"', "a strptime format with date and time"),
    ("no such product", '"ferry"', '"rocket"', "one of the pack's products: metro, bus"),
    ("no such kind", 'kind = "single"', 'kind = "double"', "one of entry, exit, single"),
    ("yes is no", 'no = "N"', 'no = "Y"', "another word than yes"),
    ("unknown key", "utc_offset_s", "utc_offset_h", "utc_offset_s"),
    ("unknown key of a row", 'stop = "place"', 'station = "place"', "does not know station"),
]


@pytest.mark.parametrize(
    ("good", "bad", "said"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_a_faulty_format_is_refused_with_file_and_line(good: str, bad: str, said: str) -> None:
    assert good in SMALL
    read_format(pack_with(SMALL), "small")

    with pytest.raises(PackError) as caught:
        read_format(pack_with(SMALL.replace(good, bad)), "small")

    assert caught.value.file == "imports.toml"
    assert caught.value.line
    assert said in caught.value.what


def test_two_rows_of_one_word_and_none_at_all_are_refused() -> None:
    head, _, body = SMALL.partition("[[imports.small.row]]")

    with pytest.raises(PackError, match="a kind word of its own"):
        read_format(pack_with(SMALL + "\n[[imports.small.row]]" + body), "small")
    with pytest.raises(PackError, match="at least one"):
        read_format(pack_with(head), "small")


def test_the_city_is_the_packs_and_the_class_is_not_known() -> None:
    found = read(row(BUS, conn_mark="0"))

    assert isinstance(found, Row)
    told = READER.told(found, DeviceStops(6))
    assert (told.tap.city, told.tap.account_type) == ("shenzhen", 0)
    assert told.charged is not None
    assert told.charged.transfer is False


def test_the_manual_tells_every_reason_with_its_number() -> None:
    manual = (Path(__file__).parents[2] / "docs/taps.md").read_text(encoding="utf-8")
    for reason in RejectReason:
        assert f"| {reason.value} | `{reason.name}` |" in manual
