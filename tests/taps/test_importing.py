"""Importing a file: every row becomes a tap, a duplicate, a conflict or a reject."""

import csv
from json import loads
from pathlib import Path
from uuid import UUID

import pytest

from ridecode.core import BadInputError, ConflictError, Mode, NotFoundError, Tap, TapKind, TapSource
from ridecode.store import Cell
from ridecode.taps import Charged, ImportReport, charged_of, import_file, taps_of, totals
from ridecode.taps.facts import UnknownNames
from ridecode.taps.lines import LINE_BYTES
from ridecode.taps.reading import conflicts
from tests.shared import shared
from tests.taps.files import (
    BUS,
    ENTRY,
    EXIT,
    HEADER,
    REJECTED,
    SHENZHEN,
    SMALL,
    pack_with,
    row,
    written,
)


def _quiet(_done: int, _total: int) -> None:
    """A test watches no bar."""


def imported(cell: Cell, path: Path) -> ImportReport:
    report = import_file(
        cell, SHENZHEN, "shenzhen", path, reject_to=path.parent / "rejects.csv", progress=_quiet
    )
    assert report.rows == report.taps + report.duplicates + report.conflicts + report.rejected
    return report


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.taps, report.duplicates, report.conflicts, report.rejected


def rejects(path: Path) -> list[list[str]]:
    with (path.parent / "rejects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def kept(cell: Cell, account: str) -> Tap:
    (tap,) = taps_of(cell, account)
    return tap


def test_an_entry_an_exit_and_a_bus_tap(cell: Cell, tmp_path: Path) -> None:
    report = imported(cell, written(tmp_path, ENTRY, EXIT, BUS))

    assert counts(report) == (3, 0, 0, 0)
    assert report.rejects == ""
    assert not (tmp_path / "rejects.csv").exists()
    entry, exit_, bus = (
        kept(cell, account)
        for account in ("00000000000000a1", "00000000000000b2", "00000000000000c3")
    )
    assert entry == Tap(
        tap_id=entry.tap_id, city="shenzhen", account="00000000000000a1", account_type=0,
        ts=1_535_933_730_000_000, kind=TapKind.ENTRY, mode=Mode.METRO, product="metro",
        operator="shenzhen-metro", line="sz-m5", stop="sz-buji", validator="101001105",
        source=TapSource.IMPORT,
    )  # fmt: skip
    assert (exit_.kind, exit_.ts, exit_.stop) == (
        TapKind.EXIT, 1_535_935_926_000_000, "sz-changlong",
    )  # fmt: skip
    assert bus == Tap(
        tap_id=bus.tap_id, city="shenzhen", account="00000000000000c3", account_type=0,
        ts=1_535_937_000_000_000, kind=TapKind.SINGLE, mode=Mode.BUS, product="bus",
        operator="jinhuanan", line="sz-b-m433", stop="", validator="201000001",
        vehicle="粤B1", source=TapSource.IMPORT,
    )  # fmt: skip
    assert charged_of(cell, [entry.tap_id, exit_.tap_id, bus.tap_id]) == {
        exit_.tap_id: Charged(500, 475, False),
        bus.tap_id: Charged(200, 120, True),
    }


def test_the_id_of_a_row_is_the_same_for_good(cell: Cell, tmp_path: Path) -> None:
    """Were it to change, every file that was imported before would be taken for new."""
    imported(cell, written(tmp_path, ENTRY))

    assert kept(cell, "00000000000000a1").tap_id == UUID("01659cc8-ccd0-77dd-bf97-07dc3383ad5e")


def test_the_same_file_again_changes_nothing_and_says_so(cell: Cell, tmp_path: Path) -> None:
    path = written(tmp_path, ENTRY, EXIT, "nonsense")
    first = imported(cell, path)

    again = imported(cell, path)

    assert (first.imported_before, counts(first)) == (False, (2, 0, 0, 1))
    assert (again.imported_before, counts(again)) == (True, (0, 2, 0, 1))
    assert again.sha256 == first.sha256
    with cell.connection() as conn:
        kept_rows = conn.execute(
            "SELECT format, name, rows, taps, duplicates, conflicts, rejected FROM imports"
        ).fetchall()
    assert kept_rows == [("shenzhen", "taps.csv", 3, 2, 0, 0, 1)]
    assert (totals(cell).taps, totals(cell).rejected) == (2, 1)


def test_a_row_that_is_repeated_is_a_duplicate_and_one_with_other_money_a_conflict(
    cell: Cell, tmp_path: Path
) -> None:
    cheaper = row(EXIT, deal_money="250")
    marked = row(EXIT, conn_mark="1")

    report = imported(cell, written(tmp_path, EXIT, EXIT, cheaper, marked, cheaper))

    # Of amounts that come in one set the smallest is kept.

    assert counts(report) == (1, 1, 3, 0)
    (only,) = taps_of(cell, "00000000000000b2")
    assert charged_of(cell, [only.tap_id]) == {only.tap_id: Charged(500, 250, False)}
    assert sorted(loads(one.told)["charged"]["transfer"] for one in conflicts(cell)) == [
        False,
        True,
    ]
    assert totals(cell).conflicts == 2


def test_a_later_file_that_contradicts_is_refused(cell: Cell, tmp_path: Path) -> None:
    imported(cell, written(tmp_path, EXIT))

    report = imported(cell, written(tmp_path, row(EXIT, deal_value="800"), ENTRY))

    assert counts(report) == (1, 0, 1, 0)


def test_unreadable_rows_go_to_the_reject_file_with_line_reason_words_and_the_row(
    cell: Cell, tmp_path: Path
) -> None:
    path = tmp_path / "taps.csv"
    lines = [line for _, line, _ in REJECTED]
    path.write_bytes("\n".join((HEADER, EXIT, *lines)).encode())

    report = imported(cell, path)

    assert counts(report) == (1, 0, 0, len(lines))
    assert report.reasons == {
        "TOO_LONG": 1, "CONTROL_CHARACTER": 2, "QUOTES": 2, "COLUMN_COUNT": 3, "TYPE_UNKNOWN": 2,
        "ACCOUNT_MALFORMED": 2, "DEVICE_MALFORMED": 2, "TIME_MALFORMED": 5, "AMOUNT_MALFORMED": 5,
        "MARK_UNKNOWN": 1, "AMOUNT_UNEXPECTED": 1,
    }  # fmt: skip
    assert report.rejects == str(tmp_path / "rejects.csv")
    header, *rows = rejects(path)
    assert header == ["line", "reason", "zh", "en", "row"]
    for at, (line, kept) in enumerate(zip(lines, rows, strict=True), 3):
        number, _, zh, en, raw = kept
        assert number == str(at)
        assert zh.endswith("。")
        assert en.endswith(".")
        whole = line.replace("\0", "\\x00")
        assert raw == (whole if len(line) < LINE_BYTES else whole[: len(raw) - 4] + "\\xe5")


def test_bytes_that_are_not_in_the_encoding_are_kept_as_escapes(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "taps.csv"
    path.write_bytes(f"{HEADER}\n{ENTRY}\n".encode().replace("布吉".encode(), "布吉".encode("gbk")))

    assert imported(cell, path).reasons == {"NOT_IN_ENCODING": 1}
    assert rejects(path)[1][4] == ENTRY.replace("布吉", "\\xb2\\xbc\\xbc\\xaa")


HARMLESS: list[tuple[str, bytes]] = [
    ("no end of the last line", f"{HEADER}\n{ENTRY}".encode()),
    ("CRLF", f"{HEADER}\r\n{ENTRY}\r\n".encode()),
    ("byte-order mark", f"\ufeff{HEADER}\n{ENTRY}\n".encode()),
    ("blank lines", f"{HEADER}\n\n{ENTRY}\n\r\n\n".encode()),
    ("quotes", (HEADER + "\n" + row(ENTRY, station='"布吉"') + "\n").encode()),
    ("quoted header", (",".join(f'"{c}"' for c in HEADER.split(",")) + f"\n{ENTRY}\n").encode()),
    ("blanks and tabs around", f"{HEADER}\n{ENTRY}\n".replace(",", "\t, ").encode()),
    ("dates without leading zeros", f"{HEADER}\n{ENTRY}\n".replace("2018-09", "2018-9").encode()),
]


def test_how_a_file_is_written_makes_no_other_tap(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "taps.csv"
    imported(cell, written(tmp_path, ENTRY))

    for case, bytes_ in HARMLESS:
        path.write_bytes(bytes_)
        assert counts(imported(cell, path)) == (0, 1, 0, 0), case


NO_HEADER: list[tuple[str, bytes, str]] = [
    ("empty", b"", "The file is empty"),
    ("blank lines alone", b"\n\r\n", "The file is empty"),
    ("rows at once", f"{ENTRY}\n".encode(), "This is not the header"),
    ("a column less", f"{HEADER[:-7]}\n{ENTRY}\n".encode(), "This is not the header"),
    ("other order", b"close_date,deal_date\n", "This is not the header"),
    ("not text", b"\xff\xfe\x00\n", "This is not the header"),
    ("old line ends", f"{HEADER}\r{ENTRY}\r".encode(), "This is not the header"),
    ("one endless line", b"x" * 100_000, "This is not the header"),
]


def test_a_file_with_another_header_is_refused_whole(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "taps.csv"
    for case, bytes_, said in NO_HEADER:
        path.write_bytes(bytes_)

        with pytest.raises(BadInputError, match=said) as caught:
            imported(cell, path)

        assert (caught.value.file, caught.value.line) == (str(path), 1), case
        assert HEADER in caught.value.what
        assert "imports.toml" in caught.value.remedy


def test_a_header_alone_is_a_file_of_no_rows(cell: Cell, tmp_path: Path) -> None:
    assert counts(imported(cell, written(tmp_path))) == (0, 0, 0, 0)


def test_no_file_and_no_format_are_told_with_what_there_is(cell: Cell, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        imported(cell, tmp_path / "none.csv")
    with pytest.raises(NotFoundError, match=r"'guangzhou'\. It knows: shenzhen"):
        import_file(
            cell, SHENZHEN, "guangzhou", tmp_path, reject_to=tmp_path / "r", progress=_quiet
        )


def test_a_device_names_the_stop_where_another_tap_of_its_prefix_does(
    cell: Cell, tmp_path: Path
) -> None:
    """Whether the other one comes before or after, and with or without 站."""
    nameless = row(ENTRY, station="-", car_no="-", equ_no="101001999")
    alone = row(ENTRY, station="-", equ_no="999999001")

    named = row(EXIT, station="布吉站", equ_no="101001101")

    report = imported(cell, written(tmp_path, nameless, alone, named))

    stops = {tap.validator: tap.stop for tap in taps_of(cell, "00000000000000a1")}
    assert stops == {"101001999": "sz-buji", "999999001": ""}
    assert kept(cell, "00000000000000b2").stop == "sz-buji"
    assert report.unknown_stops == {"": 1}


def test_a_prefix_that_names_two_stops_names_none(cell: Cell, tmp_path: Path) -> None:
    nameless = row(ENTRY, station="-", equ_no="101001999")
    other = row(EXIT, equ_no="101001101")

    report = imported(cell, written(tmp_path, ENTRY, nameless, other))

    stops = {tap.validator: tap.stop for tap in taps_of(cell, "00000000000000a1")}
    assert stops == {"101001105": "sz-buji", "101001999": ""}
    assert kept(cell, "00000000000000b2").stop == "sz-changlong"
    assert report.ambiguous_devices == 1


def test_a_row_that_cannot_be_read_and_a_bus_name_no_stop(cell: Cell, tmp_path: Path) -> None:
    nameless = row(ENTRY, station="-", equ_no="201000999")
    broken = row(ENTRY, equ_no="201000101", deal_date="yesterday")

    imported(cell, written(tmp_path, nameless, broken, BUS))

    assert kept(cell, "00000000000000a1").stop == ""


def test_names_that_the_pack_does_not_know_are_kept_beside_the_tap(
    cell: Cell, tmp_path: Path
) -> None:
    metro = row(ENTRY, station="未来站", company_name="地铁九十九号线")
    bus = row(BUS, station="E24", company_name="华程交通")

    report = imported(cell, written(tmp_path, metro, bus))

    assert report.unknown_stops == {"未来站": 1}
    for account, names in {
        "00000000000000a1": UnknownNames("未来站", "地铁九十九号线", ""),
        "00000000000000c3": UnknownNames("", "E24", "华程交通"),
    }.items():
        tap = kept(cell, account)
        assert (tap.stop, tap.line, tap.operator) == ("", "", "")
        with cell.connection() as conn:
            told = conn.execute(
                "SELECT stop, line, operator FROM unknown_names WHERE tap_id = %s", (tap.tap_id,)
            )
            assert UnknownNames(*told.fetchall()[0]) == names


def test_every_row_at_an_unknown_stop_is_counted_however_many_names_there_are(
    cell: Cell, tmp_path: Path
) -> None:
    """Only a hundred names are told, but no row is left out of the sum."""
    rows = [row(ENTRY, card_no=f"{n:016x}", station=f"未来{n}") for n in range(103)]

    report = imported(cell, written(tmp_path, *rows))

    assert (report.at_unknown_stops, len(report.unknown_stops)) == (103, 100)


def test_the_rejects_never_take_the_place_of_the_file(cell: Cell, tmp_path: Path) -> None:
    path = written(tmp_path, "nonsense")
    with pytest.raises(BadInputError, match="take the place"):
        import_file(cell, SHENZHEN, "shenzhen", path, reject_to=path, progress=_quiet)
    assert path.read_text("utf-8") == f"{HEADER}\nnonsense\n"


def test_another_unknown_name_for_the_same_tap_is_a_conflict(cell: Cell, tmp_path: Path) -> None:
    one, two = row(ENTRY, station="未来站"), row(ENTRY, station="过去站")

    assert counts(imported(cell, written(tmp_path, one, one, two))) == (1, 1, 1, 0)


def test_an_import_that_was_stopped_is_simply_run_again(cell: Cell, tmp_path: Path) -> None:
    rows = [row(ENTRY, card_no=f"{n:016x}") for n in range(5_003)]
    path = written(tmp_path, "nonsense", *rows)

    class PulledPlugError(Exception):
        pass

    def pull(done: int, total: int) -> None:
        if total:
            raise PulledPlugError

    with pytest.raises(PulledPlugError):
        import_file(cell, SHENZHEN, "shenzhen", path, reject_to=tmp_path / "r", progress=pull)
    assert [found.name for found in tmp_path.iterdir()] == ["taps.csv"]

    assert counts(imported(cell, path)) == (4, 4_999, 0, 1)
    assert counts(imported(cell, path)) == (0, 5_003, 0, 1)


def test_a_file_that_changes_while_it_is_read_is_refused(cell: Cell, tmp_path: Path) -> None:
    path = written(tmp_path, *[row(ENTRY, card_no=f"{n:016x}") for n in range(5_000)])

    def meddle(done: int, total: int) -> None:
        if total and done == 5_000:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{EXIT}\n")

    with pytest.raises(ConflictError, match="changed while it was read"):
        import_file(cell, SHENZHEN, "shenzhen", path, reject_to=tmp_path / "r", progress=meddle)


def test_a_file_that_is_emptied_while_it_is_read_is_refused(cell: Cell, tmp_path: Path) -> None:
    path = written(tmp_path, *[row(ENTRY, card_no=f"{n:016x}") for n in range(5_000)])

    def empty(_done: int, _total: int) -> None:
        path.write_bytes(b"")

    with pytest.raises(ConflictError, match="changed while it was read"):
        import_file(cell, SHENZHEN, "shenzhen", path, reject_to=tmp_path / "r", progress=empty)


def test_another_companys_format_is_data_alone(cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "ferry.csv"
    header = "when,card,gate,what,full,paid,mark,place"
    one = "20180901080000,12345678,A1,上船,9000,8000,Y,蛇口客运码头"
    path.write_bytes(f"{header}\n{one}\n".encode("gb18030"))

    import_file(cell, pack_with(SMALL), "small", path, reject_to=tmp_path / "r", progress=_quiet)

    tap = kept(cell, "12345678")
    assert (tap.ts, tap.kind, tap.mode, tap.product, tap.stop) == (
        1_535_760_000_000_000, TapKind.SINGLE, Mode.FERRY, "ferry", "sz-f-shekou",
    )  # fmt: skip
    assert charged_of(cell, [tap.tap_id]) == {tap.tap_id: Charged(9_000, 8_000, True)}


def test_progress_is_told_of_both_passes(cell: Cell, tmp_path: Path) -> None:
    path = written(tmp_path, *[row(ENTRY, card_no=f"{n:016x}") for n in range(5_001)])
    steps: list[tuple[int, int]] = []

    import_file(
        cell, SHENZHEN, "shenzhen", path, reject_to=tmp_path / "r",
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip

    assert steps == [(5_000, 0), (5_000, 5_001), (5_001, 5_001)]


@pytest.mark.shared
def test_the_real_file_of_shenzhen(cell: Cell, tmp_path: Path) -> None:
    """Counted by awk: 10,000 rows, none of whose (card, device, time, type) is there twice; 369
    metro rows without a station, of which 339 have a device prefix that another row names."""
    real = shared("shenzhen/taps.csv")

    report = import_file(
        cell, SHENZHEN, "shenzhen", real, reject_to=tmp_path / "rejects.csv", progress=_quiet
    )

    assert (report.rows, *counts(report)) == (10_000, 10_000, 0, 0, 0)
    assert report.unknown_stops == {"": 30}
    assert report.ambiguous_devices == 0
    with cell.connection() as conn:
        kinds = dict(conn.execute("SELECT kind, count(*) FROM taps GROUP BY kind").fetchall())
        money = conn.execute("SELECT count(*), sum(full_fare), sum(paid) FROM charged").fetchone()
        marked = conn.execute("SELECT count(*) FROM charged WHERE transfer").fetchone()
    assert kinds == {1: 9_360, 2: 435, 3: 205}
    assert money == (640, 160_000, 97_960)
    assert marked == (10,)
