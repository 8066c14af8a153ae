"""`ridecode doctor` finds each broken set-up by name, says the remedy, and changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ridecode.store import Cell, Vault
from ridecode.store.vault import PASSPHRASE
from tests.cli.running import ridecode

Broken = Callable[[Path, pytest.MonkeyPatch], None]


def _findings(data: Path) -> dict[str, dict[str, Any]]:
    return {one["what"]: one for one in json.loads(ridecode("doctor", "--data", str(data),
                                                        "--json").stdout)}  # fmt: skip


def _files(data: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in data.rglob("*") if one.is_file()}


def _damaged_vault(data: Path, _: pytest.MonkeyPatch) -> None:
    Vault.open(data).put("key", b"secret")
    file = data / "vault"
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def _key_gone(data: Path, _: pytest.MonkeyPatch) -> None:
    Vault.open(data)
    (data / "vault.key").unlink()


def _key_open_to_all(data: Path, _: pytest.MonkeyPatch) -> None:
    Vault.open(data)
    (data / "vault.key").chmod(0o644)


def _locked(data: Path, _: pytest.MonkeyPatch) -> None:
    Vault.open(data, "open sesame")


def _wrong_passphrase(data: Path, patch: pytest.MonkeyPatch) -> None:
    Vault.open(data, "open sesame")
    patch.setenv(PASSPHRASE, "open barley")


def _no_clock(data: Path, _: pytest.MonkeyPatch) -> None:
    (data / "clock.json").write_text("half past five")


def _no_address(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("RIDECODE_DATABASE_URL", "postgresql://[")


def _nobody_answers(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("RIDECODE_DATABASE_URL", "postgresql://x@127.0.0.1:1/none")


def _elsewhere_gone(data: Path, _: pytest.MonkeyPatch) -> None:
    (data / "postgres.place").write_text("/var/lib/ridecode/gone\n")


def _older_postgresql(data: Path, _: pytest.MonkeyPatch) -> None:
    cluster = data / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("15\n")


def _odd_level(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("RIDECODE_LOG", "loud")


CASES: list[tuple[Broken, str, str]] = [
    (_damaged_vault, "vault", "Bring it back from a copy."),
    (_key_gone, "vault", "Bring the file back."),
    (_key_open_to_all, "vault", "chmod 600"),
    (_locked, "vault", PASSPHRASE),
    (_wrong_passphrase, "vault", PASSPHRASE),
    (_no_clock, "clock", "Remove it"),
    (_no_address, "database", "postgresql://user@host"),
    (_nobody_answers, "database", "RIDECODE_DATABASE_URL"),
    (_elsewhere_gone, "database", "postgres.place"),
    (_older_postgresql, "database", "new data folder"),
    (_odd_level, "logs", "warning"),
]


@pytest.mark.parametrize(
    ("broken", "what", "remedy"), CASES, ids=[one.__name__.strip("_") for one, *_ in CASES]
)
def test_a_broken_set_up_is_found_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Broken, what: str, remedy: str
) -> None:
    broken(tmp_path, monkeypatch)
    before = _files(tmp_path)
    ran = ridecode("doctor", "--data", str(tmp_path), "--json")
    found = {one["what"]: one for one in json.loads(ran.stdout)}
    assert (ran.returncode, found[what]["good"]) == (6, False), ran.stdout
    assert remedy in found[what]["remedy"]
    assert [name for name, one in found.items() if one["needed"] and not one["good"]] == [what]
    assert _files(tmp_path) == before, "it looks, and changes nothing"


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert not _findings(tmp_path / "data")["data folder"]["good"]


def test_a_whole_set_up_is_good(cell: Cell, data_folder: Path) -> None:
    found = _findings(data_folder)
    assert [name for name, one in found.items() if one["needed"] and not one["good"]] == []
    assert found["schema"]["found"].startswith("00")
    assert "ready" in found["database"]["found"]


def test_a_schema_of_a_newer_ridecode_is_told(cell: Cell, data_folder: Path) -> None:
    with cell.connection() as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999_later'")
    found = _findings(data_folder)["schema"]
    assert (found["good"], "newer" in found["found"]) == (False, True)


def test_an_older_schema_is_no_fault(cell: Cell, data_folder: Path) -> None:
    with cell.connection() as conn:
        conn.execute("UPDATE alembic_version SET version_num = '0001_taps'")
    found = _findings(data_folder)["schema"]
    assert (found["good"], "the next command" in found["found"]) == (True, True)
