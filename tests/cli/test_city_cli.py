"""`ridecode city` as a person or a program runs it: output, `--json`, exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.city import tiny
from tests.cli.running import Ran, ridecode
from tests.shared import shared

MAP = {
    "红线": {
        "id2name": [{"0": "甲", "1": "乙", "2": "丙"}],
        "center_gps": [{"0": [114.0, 22.5], "1": [114.01, 22.5], "2": [114.02, 22.5]}],
        "(0,1)": {"lng": [], "lat": []},
        "(1,2)": {"lng": [], "lat": []},
    }
}


def run(*words: object) -> Ran:
    return ridecode("city", *map(str, words))


def record(*words: object, code: int = 0) -> dict[str, Any]:
    done = run(*words, "--json")
    assert done.returncode == code, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def refusal(*words: object, code: int) -> dict[str, Any]:
    done = run(*words, "--json")
    assert done.returncode == code
    assert done.stdout == ""
    error: dict[str, Any] = json.loads(done.stderr)["error"]
    return error


def metro_map(folder: Path) -> Path:
    path = folder / "map.json"
    path.write_text(json.dumps(MAP, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("city", "stops", "lines"), [("shenzhen", 188, 14), ("guangzhou", 275, 18)]
)
def test_a_shipped_pack_is_checked_with_every_rooms_section(
    city: str, stops: int, lines: int
) -> None:
    answer = record("check", "--city", city)

    assert (answer["city"], answer["stops"], answer["lines"]) == (city, stops, lines)
    assert (answer["errors"], answer["notices"]) == (0, [])


def test_the_installed_command_answers_as_the_function_does() -> None:
    program = Path(sys.executable).parent / "ridecode"
    done = subprocess.run(
        [program, "city", "check", "--json"], check=True, capture_output=True, text=True, timeout=60
    )

    assert json.loads(done.stdout) == record("check")


def test_the_demo_city_is_checked_where_none_is_named() -> None:
    assert record("check")["demo"] is True


def test_a_good_pack_in_words() -> None:
    done = run("check", "--city", "guangzhou")

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "广州 · Guangzhou  2024.01.1",
        "275 stops, 18 lines: 地铁 Metro 18",
        "✓ The pack loads.",
    ]


def test_all_faults_are_told_with_file_and_line_and_exit_2(tmp_path: Path) -> None:
    folder = tiny.write(
        tmp_path,
        network=tiny.NETWORK.replace("length_km = 2.3", "length_km = 0"),
        pack=tiny.PACK.replace("cut_s = 14_400", "cut_s = 86_400"),
    )
    answer = record("check", "--city", folder, code=2)

    assert answer["city"] == str(folder)
    assert answer["errors"] == 2
    assert answer["notices"] == [
        {
            "code": "UnexpectedValue",
            "severity": "error",
            "file": str(folder / "network.toml"),
            "line": 27,
            "words": {
                "zh": "line[0].length_km 应为：数，不小于 0.1，而这里是 0。",
                "en": "line[0].length_km is 0: expected a number of at least 0.1.",
            },
        },
        {
            "code": "UnexpectedValue",
            "severity": "error",
            "file": str(folder / "pack.toml"),
            "line": 13,
            "words": {
                "zh": "calendar.cut_s 应为：整数，0 到 86399，而这里是 86400。",
                "en": "calendar.cut_s is 86400: expected a whole number from 0 to 86399.",
            },
        },
    ]


def test_faults_in_words_are_told_in_both_languages(tmp_path: Path) -> None:
    folder = tiny.write(tmp_path, network=tiny.NETWORK.replace("[[line]]", "[line]"))
    done = run("check", "--city", folder)

    assert done.returncode == 2
    assert f"error {folder}/network.toml:20 UnexpectedValue\n" in done.stdout
    assert "expected an array of tables." in done.stdout
    assert "应为：表的数组" in done.stdout
    assert done.stdout.endswith("✗ 1 to mend: the pack is refused.\n")


def test_each_other_room_tells_the_first_fault_of_its_section(tmp_path: Path) -> None:
    """The tiny pack is whole for the city's own room, but not for the rooms of its sections."""
    folder = tiny.write(tmp_path, imports="[imports.card]\n", validator="[validator]\nodd = 1\n")
    answer = record("check", "--city", folder, code=2)
    files = [Path(notice["file"]).name for notice in answer["notices"]]

    assert sorted(files) == ["imports.toml", "matching.toml", "tariff.toml", "validator.toml"]
    assert answer["city"] == "tiny"


def test_a_warning_leaves_the_exit_code_0(tmp_path: Path) -> None:
    packs = Path(__file__).resolve().parents[2] / "src/ridecode/city/packs/guangzhou"
    for file in packs.iterdir():
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace("length_km = 18.5", "length_km = 30"))
    done = run("check", "--city", tmp_path)

    assert done.returncode == 0
    assert "warning" in done.stdout
    assert done.stdout.endswith("✓ The pack loads, 1 to look at.\n")
    assert record("check", "--city", tmp_path)["notices"][0]["code"] == "LengthOff"


def test_a_pack_that_is_not_there_exits_3() -> None:
    error = refusal("check", "--city", "atlantis", code=3)

    assert error["code"] == "NotFoundError"
    assert "shenzhen" in error["remedy"]


def test_import_writes_a_pack_and_says_what_is_left(tmp_path: Path) -> None:
    to = tmp_path / "New City"
    answer = record("import", metro_map(tmp_path), "--prefix", "nc-", "--to", to)

    assert (answer["to"], answer["stops"], answer["lines"]) == (str(to), 3, 1)
    assert answer["products"] == ["metro"]
    assert answer["notices"] == []
    assert sorted(file.name for file in to.iterdir()) == [
        "matching.toml", "network.toml", "pack.toml", "tariff.toml", "validator.toml"
    ]  # fmt: skip
    assert 'id = "new-city"' in (to / "pack.toml").read_text(encoding="utf-8")
    assert 'id = "nc-1-1"' in (to / "network.toml").read_text(encoding="utf-8")

    checked = record("check", "--city", to, code=2)
    assert checked["notices"] == answer["left"]
    assert [notice["words"]["zh"] for notice in answer["left"]] == [
        f"文件缺少 {key}，应为：一个表。"
        for key in ("name", "currency", "calendar", "card_company", "co2")
    ]


def test_import_in_words(tmp_path: Path) -> None:
    to = tmp_path / "xc"
    done = run("import", metro_map(tmp_path), "--prefix", "xc-", "--to", to)

    assert done.returncode == 0
    assert done.stdout.startswith(f"✓ {to}: 3 stops on 1 lines\nLeft to fill in:\n")


def test_import_takes_english_names_and_lines_from_a_second_file(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("zh,en\n甲,Alpha\n", encoding="utf-8")
    to = tmp_path / "xc"
    record("import", metro_map(tmp_path), "--prefix", "xc-", "--to", to, "--names", names)

    assert 'id = "xc-alpha"' in (to / "network.toml").read_text(encoding="utf-8")


def test_import_overwrites_nothing(tmp_path: Path) -> None:
    to = tmp_path / "xc"
    to.mkdir()
    (to / "pack.toml").write_text("mine", encoding="utf-8")
    error = refusal("import", metro_map(tmp_path), "--prefix", "x-", "--to", to, code=5)

    assert error["what"] == f"{to} is there already."
    assert (to / "pack.toml").read_text(encoding="utf-8") == "mine"
    assert len(list(to.iterdir())) == 1


def test_import_leaves_no_folder_where_the_source_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "map.json"
    source.write_text("{}", encoding="utf-8")
    error = refusal("import", source, "--prefix", "x-", "--to", tmp_path / "xc", code=2)

    assert (error["what"], error["file"]) == ("This metro map has no line.", str(source))
    assert not (tmp_path / "xc").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("no.zip", "--prefix", "x-", "--to", "xc"), 3, "There is no file no.zip."),
        (("no.zip", "--prefix", "X_", "--to", "xc"), 2, "The prefix 'X_' cannot begin an id."),
        (("no.zip", "--prefix", "x-", "--to", "xc", "--mode", "tram"), 2, "no mode 'tram'"),
        (("no.zip", "--to", "xc"), 2, "Missing option '--prefix'."),
        (("no.zip", "--prefix", "x-"), 2, "Missing option '--to'."),
    ],
)
def test_import_refuses_wrong_options(words: tuple[str, ...], code: int, said: str) -> None:
    assert said in refusal("import", *words, code=code)["what"]


@pytest.mark.shared
def test_a_real_feed_becomes_a_pack_of_the_modes_that_are_wanted(tmp_path: Path) -> None:
    to = tmp_path / "dc"
    answer = record(
        "import", shared("gtfs/wmata.zip"), "--prefix", "dc-", "--to", to, "--mode", "metro"
    )

    assert (answer["stops"], answer["lines"], answer["products"]) == (98, 7, ["metro"])
