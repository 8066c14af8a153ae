"""`ridecode bundle`: the road of a change and of a report, as people walk it."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ridecode.bundle import Repository
from ridecode.city import load_pack
from ridecode.cli import main
from ridecode.store import Vault
from tests.validator.lane import ACCOUNT

PACKS = Path(__file__).resolve().parents[2] / "src/ridecode/city/packs"


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def ran(*arguments: str | Path) -> Ran:
        monkeypatch.setenv("COLUMNS", "90")
        monkeypatch.setattr(sys, "argv", ["ridecode", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, said.out, said.err)

    return ran


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The pack of Shenzhen, to be changed."""
    return Path(shutil.copytree(PACKS / "shenzhen", tmp_path / "shenzhen"))


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


SOON = "2097-01-01T00:00:00+08:00"


def test_a_change_of_the_pack_from_hand_to_hand(tmp_path: Path, pack: Path, run: Run) -> None:
    data, file = tmp_path / "data", tmp_path / "change.proposal"
    options = ("--data", data, "--city", pack, "--json")
    founded = run("bundle", "init", *options)
    assert (founded.code, founded.json["version"]) == (0, 1)
    assert run("bundle", "init", *options).code == 4
    assert run("bundle", "propose", file, "--from", SOON, *options).code == 5
    _replace(pack / "validator.toml", "validity_s_most = 120", "validity_s_most = 45")
    proposed = run("bundle", "propose", file, "--from", SOON, *options)
    assert proposed.code == 0
    assert {row["after"] for row in proposed.json["changes"]} == {"45"}
    assert (proposed.json["signed"], proposed.json["missing"]) == ([], ["fares", "operations"])
    assert run("bundle", "publish", file, *options).code == 5
    assert run("bundle", "sign", file, "--as", "fares", *options).json["missing"] == ["operations"]
    assert run("bundle", "sign", file, "--as", "operations", *options).json["missing"] == []
    assert run("bundle", "publish", file, *options).json["version"] == 2
    assert run("bundle", "publish", file, *options).code == 4
    shown = run("bundle", "show", *options).json
    assert [terms["in_force"] for terms in shown["terms"]] == [True, False]
    assert len(shown["keys"]) == 8
    assert run("bundle", "show", *options[:-1]).code == 0


def test_a_reader_by_hand(tmp_path: Path, pack: Path, run: Run) -> None:
    data = tmp_path / "data"
    options = ("--data", data, "--city", pack, "--json")
    run("bundle", "init", *options)
    folder = data / "bundles/shenzhen"
    asked = ("--into", tmp_path / "reader", "--root", folder / "root.json")
    first = run("bundle", "fetch", folder / "public", *asked, *options)
    assert (first.code, first.json["outcome"], first.json["freshness"]) == (0, "UPDATED", "FRESH")
    assert run("bundle", "rotate", "timestamp", *options).json["version"] == 2
    again = run("bundle", "fetch", folder / "public", *asked, *options)
    assert (again.code, again.json["version"]) == (0, 2)
    away = run("bundle", "fetch", tmp_path / "stick", *asked, *options)
    assert (away.code, away.json["outcome"], away.json["version"]) == (1, "UNREACHABLE", 2)
    assert run("bundle", "fetch", folder / "public", *asked, *options[:-1]).code == 0


def test_a_city_that_is_no_demonstration_names_its_roots(tmp_path: Path, run: Run) -> None:
    options = ("--data", tmp_path, "--city", "guangzhou")
    refused = run("bundle", "init", *options)
    assert refused.code == 2
    assert "--root" in refused.err
    from ridecode.code import demo_authority

    vault = Vault.open(tmp_path)
    test_root = demo_authority(vault, load_pack("guangzhou").issuers, 1_767_225_600).root
    refused = run("bundle", "init", "--root", test_root.raw.hex(), *options)
    assert refused.code == 5
    assert "test root" in refused.err
    assert not Repository(tmp_path / "bundles/guangzhou/public").exists


def test_a_dearer_tariff_is_signed_with_what_it_would_have_done(
    data_folder: Path, tmp_path: Path, pack: Path, run: Run
) -> None:
    options = ("--data", data_folder, "--city", pack, "--json")
    assert run("bundle", "init", *options).code == 0
    text = (pack / "tariff.toml").read_text(encoding="utf-8")
    (pack / "tariff.toml").write_text(text.replace("fare = 200", "fare = 300"), encoding="utf-8")
    proposed = run("bundle", "propose", tmp_path / "p", "--from", SOON, *options)
    assert proposed.code == 0, proposed.err
    assert proposed.json["foreseen"]["fares"]["rides"] == 0
    assert proposed.json["foreseen"]["readings"] is None, "readers ask no price of this product"
    assert "tariff" in {row["where"] for row in proposed.json["changes"]}
    assert run("bundle", "sign", tmp_path / "p", "--as", "fares", *options[:-1]).code == 0


def test_a_revoked_account_is_denied_at_the_readers(
    data_folder: Path, tmp_path: Path, run: Run
) -> None:
    options = ("--data", data_folder, "--json")
    run("bundle", "init", *options)
    assert run("riders", "revoke", ACCOUNT, "--data", data_folder).code == 0
    published = run("bundle", "publish", *options)
    assert (published.code, published.json) == (0, {"version": 2, "denied": 1, "changed": 1})
    folder = data_folder / "bundles/shenzhen"
    asked = ("--into", tmp_path / "reader", "--root", folder / "root.json")
    assert run("bundle", "fetch", folder / "public", *asked, *options).json["denied"] == 1
    assert run("bundle", "publish", *options).json["changed"] == 0
