"""`ridecode validator`: the device's key, a gate on the command line, a station, the exposure."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ridecode.city import load_pack
from ridecode.cli.app import app
from ridecode.cli.exposed import assumed_of
from ridecode.core import BadInputError, NotFoundError, RidecodeError

GATE = "sz-m1:sz-luohu:entry"

Said = pytest.CaptureFixture[str]


def _told(said: Said, *words: str) -> list[Any]:
    """What a command says, line by line."""
    said.readouterr()
    app([*words, "--json"], standalone_mode=False)
    return [json.loads(line) for line in said.readouterr().out.splitlines()]


@pytest.fixture
def gate(tmp_path: Path, capsys: Said) -> Path:
    _told(capsys, "validator", "enrol-key", "--data", str(tmp_path / "gate"))
    return tmp_path / "gate"


@pytest.fixture
def shown(tmp_path: Path, capsys: Said) -> Path:
    """A file with a phone's code of this moment, as a scanner gives it."""
    data = str(tmp_path / "city")
    _told(capsys, "code", "issue", "--phone", "a", "--data", data)
    (code,) = _told(capsys, "code", "present", "--phone", "a", "--data", data)
    (tmp_path / "shown").write_text(code["code"])
    return tmp_path / "shown"


def test_a_key_is_shown_again_and_never_its_private_part(gate: Path, capsys: Said) -> None:
    (told,) = _told(capsys, "validator", "enrol-key", "--data", str(gate))
    assert set(told) == {"data", "public_key"}
    assert len(bytes.fromhex(told["public_key"])) == 32
    assert told["public_key"] not in (gate / "device.key").read_bytes().hex()


def _run(gate: Path, shown: Path, *words: str) -> tuple[str, ...]:
    return ("validator", "run", "--data", str(gate), "--place", GATE, "--scanner", str(shown),
            "--test-roots", str(shown.parent / "city"), *words)  # fmt: skip


def test_a_code_opens_the_gate_once_and_after_a_restart_not_again(
    gate: Path, shown: Path, capsys: Said
) -> None:
    (told,) = _told(capsys, *_run(gate, shown, "--trust-clock"))
    assert (told["open"], told["sound"], told["verdict"], told["seq"]) == (
        True, "pass", "ACCEPTED", 1,
    )  # fmt: skip
    (again,) = _told(capsys, *_run(gate, shown, "--trust-clock"))
    assert (again["open"], again["seq"]) == (False, 2)


def test_what_happens_beside_the_lane_is_told_apart(gate: Path, shown: Path, capsys: Said) -> None:
    app(list(_run(gate, shown, "--trust-clock")), standalone_mode=False)
    said = capsys.readouterr()
    assert said.out == "开 open  请通行。 Please pass.\n"
    events = [json.loads(line)["event"] for line in said.err.splitlines()]
    assert events == ["started", "clock", "stopped"]


def test_a_gate_that_nobody_told_the_time_opens_for_nobody(
    gate: Path, shown: Path, capsys: Said
) -> None:
    (told,) = _told(capsys, *_run(gate, shown))
    assert (told["open"], told["verdict"]) == (False, "CLOCK_UNTRUSTED")


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        (["--place", "sz-m1"], BadInputError, "LINE:STOP:KIND"),
        (["--place", "none:sz-luohu:entry"], BadInputError, "no line"),
        (["--place", "sz-m1:nowhere:entry"], BadInputError, "no stop"),
        (["--place", "sz-m1:sz-luohu:sideways"], BadInputError, "no kind"),
        (["--place", GATE], BadInputError, "what this reader is to trust"),
        (["--place", GATE, "--bundles", "."], NotFoundError, "root.json"),
        (["--place", GATE, "--test-roots", ".", "--station", "here"], BadInputError, "no address"),
        (["--place", GATE, "--test-roots", ".", "--station", "h:1"], BadInputError, "share a key"),
    ],
)
def test_what_is_told_wrongly_is_refused_with_a_remedy(
    gate: Path, tmp_path: Path, words: list[str], kind: type[RidecodeError], says: str
) -> None:
    told = [str(tmp_path / "city") if word == "." else word for word in words]
    with pytest.raises(kind, match=says):
        app(["validator", "run", "--data", str(gate), *told], standalone_mode=False)


def test_without_a_key_no_device_runs(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="ridecode validator enrol-key"):
        app(["validator", "run", "--data", str(tmp_path), "--place", GATE], standalone_mode=False)


def test_a_station_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    key = tmp_path / "station.key"
    key.write_bytes(os.urandom(32))
    words = ("validator", "station", "--station-key", str(key), "--port", "0", "--json")
    with subprocess.Popen(
        [sys.executable, "-c", "from ridecode.cli import main; main()", *words],
        stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["station"].startswith("127.0.0.1:")
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0


@pytest.mark.parametrize("city", ["shenzhen", "guangzhou"])
def test_the_exposure_is_told_for_every_shipped_pack(city: str, capsys: Said) -> None:
    words = ("validator", "exposure", "--city", city, "--now", "1767225600")
    (told,) = _told(capsys, *words)
    assert [bound["peril"] for bound in told["bounds"]] == [
        "stolen_phone", "debt", "cloned_key", "shared_code",
    ]  # fmt: skip
    assert told["assumed"]["authorised_s"] == assumed_of(load_pack(city)).authorised_s
    app(list(words), standalone_mode=False)
    assert "手机被盗" in capsys.readouterr().out
