"""The house itself: door plates, doors, and what must not stand anywhere in it."""

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(p.name for p in (ROOT / "src/ridecode").iterdir() if (p / "__init__.py").exists())
SUB_ROOMS = sorted(
    f"{path.parts[-3]}.{path.parts[-2]}"
    for path in (ROOT / "src/ridecode").glob("*/*/__init__.py")
    if "Never:" in path.read_text(encoding="utf-8")
)
"""Rooms within a room: each has a door plate, and a door, of its own."""


@pytest.mark.parametrize("room", [*ROOMS, *SUB_ROOMS])
def test_a_room_has_a_door_plate_and_its_door_is_true(room: str) -> None:
    """The plate says what comes in, what goes out and what the room never does."""
    module = importlib.import_module(f"ridecode.{room}")
    plate = module.__doc__ or ""
    for word in ("In:", "Out:", "Never:"):
        assert word in plate, f"the door plate of {room} lacks {word!r}"
    for name in module.__all__:
        assert hasattr(module, name), f"{room}.__all__ names {name}, which is not there"


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_reaches_past_another_rooms_door(room: str) -> None:
    """`from ridecode.city import Pack`, never `from ridecode.city.pack import Pack`; a sub-room has
    a door of its own."""
    for path in (ROOT / "src/ridecode" / room).rglob("*.py"):
        for module in _imports(path):
            parts = module.split(".")
            is_door = (ROOT / "src").joinpath(*parts).is_dir()
            past = parts[0] == "ridecode" and parts[1:2] != [room] and not is_door
            assert not past, f"{path.relative_to(ROOT)} reaches past a door: {module}"


def test_only_store_and_db_files_speak_to_the_database_driver() -> None:
    for path in (ROOT / "src/ridecode").rglob("*.py"):
        at_the_database = path.parts[len(ROOT.parts) + 2] == "store" or path.name == "db.py"
        if not at_the_database:
            drivers = [m for m in _imports(path) if m.split(".")[0] in ("psycopg", "psycopg_pool")]
            assert not drivers, f"{path.relative_to(ROOT)} imports {drivers}"


def test_no_file_of_the_project_names_a_package_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    hosts = re.compile(
        "|".join(
            [
                r"pypi\." + "org",
                r"registry\.npmjs\." + "org",
                r"files\.python" + "hosted",
                r"deb\." + "debian",
                r"/opt/" + "pypi",
            ]
        )
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".jpg", ".zip", ".woff2"} or not path.is_file():
            continue
        assert not hosts.search(path.read_text(encoding="utf-8", errors="replace")), name
