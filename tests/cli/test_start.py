"""The command line starts light, and says whose fault an error is."""

import json
import shutil
import signal
import subprocess
import sys
from importlib.resources import files
from io import StringIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from rich.console import Console

from ridecode.cli.output import facts, table
from tests.cli.running import ridecode

HEAVY = ("psycopg", "fastapi", "cryptography", "duckdb", "PIL", "ridecode.store", "ridecode.api",
         "ridecode.rides", "ridecode.code", "rich")  # fmt: skip

GROUPS = (
    "access", "bundle", "city", "clearing", "code", "devices", "fares", "money", "riders", "rides",
    "sim", "taps", "validator",
)  # fmt: skip
COMMANDS = ("demo", "serve", "backup", "restore", "bench", "doctor", *GROUPS)


def _ran(*words: str) -> "subprocess.CompletedProcess[str]":
    code = "from ridecode.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_loads_no_room_and_costs_little() -> None:
    """`ridecode --help` answers at once: what is heavy is imported by the command that needs it."""
    code = (
        "import sys, time; from ridecode.cli import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(loaded, time.process_time())"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        .stdout.splitlines()[-1]
        .rsplit(" ", 1)
        for _ in range(5)
    ]
    assert {loaded for loaded, _ in said} == {"[]"}
    assert min(float(seconds) for _, seconds in said) <= 0.4


def test_help_names_every_command() -> None:
    ran = _ran("--help")
    assert ran.returncode == 0
    for command in COMMANDS:
        assert f" {command} " in ran.stdout


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_no_line_of_the_help_is_cut_short(group: str) -> None:
    _, commands = ridecode(*group.split(), "--help").stdout.split("Commands:")
    assert "..." not in commands


def test_a_slip_of_the_pen_is_malformed_input() -> None:
    ran = _ran("ridez")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "No such command 'ridez'" in ran.stderr


def test_a_group_alone_shows_its_help_and_no_empty_error() -> None:
    ran = ridecode("taps")
    assert ran.returncode == 2
    assert "✗" not in ran.stderr


def test_doctor_looks_and_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "none"
    ran = ridecode("doctor", "--data", str(data), "--json")
    found = {one["what"]: one for one in json.loads(ran.stdout)}
    assert found["SM2"]["good"]
    assert found["city pack"]["good"]
    assert all(one["remedy"] for one in found.values() if not one["good"])
    assert not data.exists()


def test_doctor_says_what_stops_work(tmp_path: Path) -> None:
    ran = ridecode("doctor", "--data", str(tmp_path), "--city", str(tmp_path / "nowhere"), "--json")
    found = {one["what"]: one for one in json.loads(ran.stdout)}
    assert ran.returncode == 6
    assert not found["city pack"]["good"]


def test_doctor_reads_of_a_pack_what_check_reads(tmp_path: Path) -> None:
    """A fault in the tariff keeps everything from being priced, though the pack itself loads."""
    folder = tmp_path / "pack"
    shutil.copytree(str(files("ridecode.city") / "packs" / "guangzhou"), folder)
    tariff = folder / "tariff.toml"
    tariff.write_text(tariff.read_text("utf-8").replace("maximum", "maximun"), "utf-8")
    ran = ridecode("doctor", "--data", str(tmp_path / "none"), "--city", str(folder), "--json")
    found = {one["what"]: one for one in json.loads(ran.stdout)}
    assert (ran.returncode, found["city pack"]["good"]) == (6, False)
    assert "tariff.toml" in found["city pack"]["found"]


def test_a_place_that_cannot_be_written_is_no_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table = tmp_path / "stations.csv"
    table.write_text("stationID,name,lon,lat,neighbour\n1,A,0,0,[2]\n2,B,0,1,[1]\n", "utf-8")
    lines = tmp_path / "lines.csv"
    lines.write_text("Station Name,Metro Line(s)\nA,Line 1\nB,Line 1\n", "utf-8")
    to = tmp_path / "file" / "pack"
    ran = ridecode("city", "import", str(table), "--lines", str(lines), "--to", str(to),
               "--prefix", "a-", "--json")  # fmt: skip
    assert ran.returncode == 6
    error = json.loads(ran.stderr)["error"]
    assert (error["code"], error["what"]) == ("UnavailableError", f"{to}: Not a directory.")


def test_a_program_is_told_the_address_as_json(data_folder: Path) -> None:
    code = "from ridecode.cli import main; main()"
    words = ("serve", "--data", str(data_folder), "--port", "0", "--json")
    with subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        told = json.loads(serving.stdout.readline())
        with urlopen(told["page"] + "v1/city", timeout=10) as answer:
            assert json.load(answer)["id"] == "shenzhen"
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=20)


def test_no_text_of_a_table_is_cut_short() -> None:
    """Reasons for every fen are useless with an ellipsis in them."""
    words = "乘车码优惠：95 折 · Ride code discount: 95 % of the fare"
    for width in range(40, 81):
        screen = Console(width=width, file=StringIO(), record=True)
        screen.print(
            table("", ["规则 rule", "金额", "说明"], [["metro-discount", "−¥0.10", words]])
        )
        told = "".join(screen.export_text().split())
        assert "…" not in told
        assert "metro-discount" in told or width < 60


def test_an_unknown_benchmark_is_refused_by_name() -> None:
    ran = ridecode("bench", "swim", "--json")
    assert ran.returncode == 2
    assert "verify" in json.loads(ran.stderr)["error"]["remedy"]


def test_what_stands_in_brackets_is_shown_as_it_is() -> None:
    """A rule's name, or a stop's: no mark-up, whoever wrote it."""
    console = Console(width=80, record=True, file=StringIO())
    rows: list[list[object]] = [["rules.places[bus/3].companions", "[/]", 3]]
    console.print(table("[bus]", ["where", "before", "after"], rows))
    console.print(facts("[red]", {"[dim]": "[/dim]"}))
    said = console.export_text()
    for text in ("[bus]", "rules.places[bus/3].companions", "[/]", "[red]", "[dim]", "[/dim]"):
        assert text in said
