"""`ridecode taps import`, run as people run it."""

import json
from pathlib import Path

import pytest

from tests.cli.running import ridecode
from tests.shared import shared
from tests.taps.files import BUS, ENTRY, EXIT, row, written


def test_a_file_is_imported_beside_a_running_server(data_folder: Path, tmp_path: Path) -> None:
    file = written(tmp_path, ENTRY, EXIT, BUS, EXIT, row(EXIT, deal_money="1"), "nonsense")
    rejects = tmp_path / "rejects.csv"
    command = ("taps", "import", "--data", data_folder, "--format", "shenzhen", file)

    first = ridecode(*command, "--rejects", rejects, "--json")
    again = ridecode(*command, "--rejects", rejects)

    assert first.returncode == 0, first.stderr
    report = json.loads(first.stdout)
    assert report == {
        "format": "shenzhen", "name": "taps.csv", "sha256": report["sha256"],
        "imported_before": False, "rows": 6, "taps": 3, "duplicates": 0, "conflicts": 2,
        "rejected": 1, "rejects": str(rejects), "reasons": {"COLUMN_COUNT": 1},
        "at_unknown_stops": 0, "unknown_stops": {}, "ambiguous_devices": 0,
    }  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert "nothing changed" in again.stdout
    assert "没有任何改变" in again.stdout
    assert "6 行 · rows\n0 新刷码记录 · new taps\n3 重复 · duplicates\n" in again.stdout
    assert "COLUMN_COUNT: 列数与表头不符。" in again.stdout
    assert rejects.read_text(encoding="utf-8").splitlines()[1].startswith("7,COLUMN_COUNT,")


def test_rejects_go_beside_the_data_where_no_file_is_named(
    data_folder: Path, tmp_path: Path
) -> None:
    command = ("taps", "import", "--data", data_folder, "--format", "shenzhen", "--json")

    whole = json.loads(ridecode(*command, written(tmp_path, ENTRY)).stdout)
    assert (whole["rejects"], (data_folder / "rejects").exists()) == ("", False)

    broken = json.loads(ridecode(*command, written(tmp_path, ENTRY, "nonsense")).stdout)
    assert Path(broken["rejects"]).parent == data_folder / "rejects"
    assert "nonsense" in Path(broken["rejects"]).read_text(encoding="utf-8")


WRONG: list[tuple[str, list[str], int, str, str]] = [
    ("format", ["--format", "x"], 3, "knows no file format 'x'", "It knows: shenzhen."),
    ("no format here", ["--format", "shenzhen", "--city", "guangzhou"], 3, "guangzhou", "none"),
    ("city", ["--format", "shenzhen", "--city", "atlantis"], 3, "atlantis", "guangzhou, shenzhen"),
]


@pytest.mark.parametrize(
    ("options", "code", "said", "remedy"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG]
)
def test_a_slip_is_told_before_a_server_is_started(
    tmp_path: Path, options: list[str], code: int, said: str, remedy: str
) -> None:
    ran = ridecode(
        "taps", "import", "--data", tmp_path / "data", *options, written(tmp_path), "--json"
    )

    error = json.loads(ran.stderr)["error"]
    assert ran.returncode == code
    assert said in error["what"]
    assert remedy in error["remedy"]
    assert not (tmp_path / "data").exists()


def test_a_wrong_header_is_told_with_file_line_and_what_was_expected(
    data_folder: Path, tmp_path: Path
) -> None:
    file = written(tmp_path, header="a,b")

    ran = ridecode("taps", "import", "--data", data_folder, "--format", "shenzhen", file, "--json")

    error = json.loads(ran.stderr)["error"]
    assert ran.returncode == 2
    assert (error["file"], error["line"]) == (str(file), 1)
    assert "deal_date,close_date" in error["what"]
    assert ran.stdout == ""


@pytest.mark.shared
def test_the_real_file_on_a_fresh_data_folder_with_no_server(tmp_path: Path) -> None:
    file = shared("shenzhen/taps.csv")
    command = ("taps", "import", "--data", tmp_path / "d", "--format", "shenzhen", file, "--json")

    first, again = ridecode(*command), ridecode(*command)

    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    one, two = json.loads(first.stdout), json.loads(again.stdout)
    assert (one["rows"], one["taps"], one["rejected"]) == (10_000, 10_000, 0)
    assert (two["taps"], two["duplicates"], two["imported_before"]) == (0, 10_000, True)
