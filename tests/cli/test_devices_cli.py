"""`ridecode devices`: enrolled, listed and revoked on the command line."""

import json
from pathlib import Path

import pytest

from ridecode.core import device
from tests.cli.running import ridecode

KEY = device.public_key(b"k" * 32).hex()
GATE = ("--operator", "shenzhen-metro", "--product", "metro", "--kind", "entry",
        "--line", "sz-m5", "--stop", "sz-buji")  # fmt: skip


def test_a_device_is_enrolled_shown_and_revoked(data_folder: Path, tmp_path: Path) -> None:
    where = ("--data", str(data_folder), "--json")
    file = tmp_path / "gate.pub"
    file.write_text(KEY + "\n")
    enrolled = json.loads(
        ridecode("devices", "enrol", "gate-17", "--key", str(file), *GATE, *where).stdout
    )
    assert (enrolled["public_key"], enrolled["stop"], enrolled["revoked_at"]) == (
        KEY, "sz-buji", None,
    )  # fmt: skip
    ridecode("devices", "revoke", "gate-17", "--reason", "stolen", *where)
    (shown,) = json.loads(ridecode("devices", "show", *where).stdout)
    assert (shown["device"], shown["reason"]) == ("gate-17", "stolen")
    assert shown["revoked_at"] >= shown["enrolled_at"]
    assert ridecode("devices", "revoke", "gate-18", "--reason", "none", *where).returncode == 3


SLIPS = [
    (("--key", "00"), 6),
    (("--key", KEY, "--stop", "sz-nowhere"), 2),
    (("--key", KEY, "--operator", ""), 2),
    (("--key", KEY, "--kind", "sideways"), 2),
]


@pytest.mark.parametrize(("words", "exit_code"), SLIPS, ids=[" ".join(w[-2:]) for w, _ in SLIPS])
def test_a_slip_is_told_before_a_server_is_started(
    tmp_path: Path, words: tuple[str, ...], exit_code: int
) -> None:
    data = tmp_path / "none"
    ran = ridecode("devices", "enrol", "gate-17", *GATE, *words, "--data", str(data), "--json")
    assert ran.returncode == exit_code, ran.stderr
    assert not data.exists()
