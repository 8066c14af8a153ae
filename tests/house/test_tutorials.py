"""What the tutorials show is what happens, and the docs site holds every page."""

import re
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from ridecode.store import Cell
from tests.cli.running import ridecode
from tests.cli.test_stop import _serving
from tests.house.test_manuals import _commands

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROOMS = sorted(p.parent.name for p in (ROOT / "src/ridecode").glob("*/__init__.py"))
TUTORIALS = ("tutorial-operator.md", "tutorial-integrator.md")
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def _text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def test_a_device_in_thirty_lines_is_heard(cell: Cell, data_folder: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", _text("tutorial-integrator.md"), re.DOTALL)
    told = re.findall(r"^# (.*)$", example.rpartition("print(say(")[2], re.MULTILINE)

    def enrol(name: str, key: str) -> None:
        ran = ridecode(
            "devices", "enrol", name, "--key", key, "--operator", "shenzhen-metro", "--product",
            "metro", "--kind", "entry", "--line", "sz-m1", "--stop", "sz-luohu", "--data",
            str(data_folder), "--json",
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr

    printed = StringIO()
    with _serving(data_folder, tmp_path / "log") as (_, page), redirect_stdout(printed):
        world = {"enrol": enrol, "centre": page.rstrip("/"), "now": time.time_ns() // 1_000}
        exec(compile(example, "tutorial-integrator.md", "exec"), world)
    assert printed.getvalue().splitlines() == told


@pytest.mark.parametrize("page", TUTORIALS)
def test_every_command_that_a_tutorial_shows_is_there_with_its_options(page: str) -> None:
    shown = re.findall(r"^\$ (ridecode [^\n]*)", _text(page), re.MULTILINE)
    assert shown or page == "tutorial-integrator.md"
    for line in shown:
        words = line.split()
        name = max((known for known in _commands() if line.startswith(known)), key=len, default="")
        assert name, f"{page} shows {line!r}, which is no command"
        told = ridecode(*name.split()[1:], "--help").stdout
        for word in words:
            if word.startswith("--"):
                assert word in told, f"{name} has no {word}"


def test_every_page_has_its_place_on_the_site() -> None:
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert {page for page in pages if page not in SITE} == set()


def test_every_room_has_its_reference() -> None:
    told = {path.stem: path.read_text(encoding="utf-8") for path in DOCS.glob("reference/*.md")}
    assert set(told) == set(ROOMS) - {"cli"}
    for room, text in told.items():
        assert f"::: ridecode.{room}" in text


def test_the_site_asks_no_other_host() -> None:
    assert "font: false" in SITE
    assert "analytics" not in SITE
    style = (DOCS / "site/look.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style
