"""`ridecode clearing`, run as people run it."""

from pathlib import Path

from ridecode.cli.clearing import FAULTS
from ridecode.money.clearing import Fault, key_id
from tests.cli.running import ridecode
from tests.cli.test_rides_cli import told
from tests.money.clearing.paper import KEYS, fare, first, forged, on, settlement
from tests.money.clearing.test_answer import REJECTED, answer


def key(folder: Path) -> Path:
    path = folder / "city.pub"
    path.write_text(KEYS[0].hex() + "\n")
    return path


def test_a_sound_file_and_its_answer(tmp_path: Path) -> None:
    to = settlement(tmp_path)
    found = told("clearing", "lint", to.path, "--key", key(tmp_path))
    assert found == {
        "layout": "ridecode-settlement", "city": "shenzhen", "day": "2018-09-01", "number": 2,
        "lines": 16, "digest": to.digest.hex(), "signed_by": key_id(KEYS[0]), "findings": [],
        "more": 0,
    }  # fmt: skip
    shown = ridecode("clearing", "lint", answer(tmp_path, to, *REJECTED), "--before", to.path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "✓ 文件无误 · sound  answer-shenzhen-2018-09-01-000002.csv" in shown.stdout
    assert "未验 not checked" in shown.stdout


def test_a_forged_file_is_told_by_line_and_field(tmp_path: Path) -> None:
    before, to = first(tmp_path, fare(1, 5)).path, settlement(tmp_path).path
    forged(to, on(2, "tencent", "ten cent"))
    shown = ridecode("clearing", "lint", to, "--before", before)
    assert shown.returncode == 1
    assert "✗ 文件有误 · not sound" in shown.stdout
    assert "ten cent" in shown.stdout
    assert "摘要 digest" in shown.stdout
    found = ridecode("clearing", "lint", to, "--json")
    assert '"fault":"field","line":2,"field":"platform","found":"ten cent"' in found.stdout


def test_what_is_not_there_or_no_key_is_refused(tmp_path: Path) -> None:
    assert ridecode("clearing", "lint", tmp_path / "nothing").returncode == 2
    path = settlement(tmp_path).path
    wrong = ridecode("clearing", "lint", path, "--key", path)
    assert (wrong.returncode, "64 hex digits" in wrong.stderr) == (2, True)


def test_every_fault_has_a_name() -> None:
    assert set(FAULTS) == {fault.name for fault in Fault}
