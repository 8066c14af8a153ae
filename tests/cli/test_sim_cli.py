"""`ridecode sim`: the same command gives the same taps, and the truth goes to its own file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ridecode.cli.app import app
from ridecode.core import BadInputError
from tests.shared import shared


def _run(*words: str) -> str:
    done = CliRunner().invoke(app, ["sim", *words], catch_exceptions=False, standalone_mode=False)
    return done.stdout


def _told(*words: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(_run(*words, "--json"))
    return told


def test_a_day_goes_to_a_file_and_its_truth_to_another(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b", "truth")]
    told = _told("run", "--riders", "300", "--out", str(files[0]), "--truth", str(files[2]))
    _told("run", "--riders", "300", "--out", str(files[1]))
    assert files[0].read_bytes() == files[1].read_bytes()
    taps = [json.loads(line) for line in files[0].read_bytes().splitlines()]
    truth = [json.loads(line) for line in files[2].read_bytes().splitlines()]
    assert len(taps) == told["taps"] == sum(told["verdicts"].values())  # type: ignore[attr-defined]
    assert sum("purpose" in one for one in truth) == told["rides"]
    assert told["rates"]["old_screen"] == 12_000  # type: ignore[index]


def test_people_see_what_can_go_wrong_and_what_did() -> None:
    shown = _run("run", "--riders", "300", "--neighbour", "guangzhou")
    for word in ("seed", "verdicts", "accepted", "rates, of a million", "stolen_phone", "away"):
        assert word in shown


@pytest.mark.parametrize("day", ["yesterday", "2018-02-30"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(BadInputError):
        _run("run", "--riders", "10", "--day", day)


def test_the_shape_is_printed_with_its_distances() -> None:
    folder = shared("shenzhen").parent
    assert len(_told("shape", "--real", str(folder), "--riders", "2000")["distances"]) == 10  # type: ignore[arg-type]


def test_an_absent_set_is_told(tmp_path: Path) -> None:
    assert "is not there" in _run("shape", "--real", str(tmp_path), "--riders", "200")
