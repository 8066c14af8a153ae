"""Manuals cannot drift: every command, exit code and route stands in its page."""

import re
from pathlib import Path

from typer.main import get_command

from ridecode.api import (
    audit,
    bundles,
    city,
    codes,
    demo,
    devices,
    fares,
    health,
    metrics,
    money,
    readers,
    riders,
    rides,
    session,
    summary,
    taps,
    tour,
)
from ridecode.cli import output
from ridecode.cli.app import app
from ridecode.core import RidecodeError

ROUTERS = (
    audit, bundles, city, codes, demo, devices, fares, health, metrics, money, readers, riders,
    rides, session, summary, taps, tour,
)  # fmt: skip
DOCS = Path(__file__).resolve().parents[2] / "docs"


def _commands() -> set[str]:
    tree = get_command(app)
    found = set()
    for name, command in tree.commands.items():  # type: ignore[attr-defined]
        inside = getattr(command, "commands", {})
        found |= {f"ridecode {name} {sub}" for sub in inside} or {f"ridecode {name}"}
    return found


def test_every_command_is_in_the_manual_and_no_other() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(ridecode [a-z -]+)` \|", page, re.MULTILINE)) == _commands()


def test_every_exit_code_is_in_the_manual() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    ours = {kind.exit_code for kind in RidecodeError.__subclasses__()}
    assert told == ours | {0, output.REFUSED, output.CRASHED, output.INTERRUPTED}


def test_every_route_is_in_the_manual_and_no_other() -> None:
    page = (DOCS / "http.md").read_text(encoding="utf-8")
    routes = {
        f"{method} {route.path_format}"
        for room in ROUTERS
        for route in room.router.routes
        for method in route.methods
    }
    assert set(re.findall(r"^\| `([A-Z]+ /[^`]+)` \|", page, re.MULTILINE)) == routes
