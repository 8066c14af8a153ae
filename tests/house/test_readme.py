"""What the README shows is what happens."""

import json
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from ridecode.api import Desk
from ridecode.api.fares import quote
from ridecode.city import load_pack
from ridecode.store import Cell, Clock, Vault

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_prints_what_it_says(tmp_path: Path) -> None:
    (example,) = _blocks("python")
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(example, "README.md", "exec"), {"vault": Vault.open(tmp_path)})
    (told,) = re.findall(r"^# (.*)\n\Z", example, re.MULTILINE)
    assert printed.getvalue().strip() == told


def test_the_http_example_is_the_answer(cell: Cell, tmp_path: Path) -> None:
    (shown,) = _blocks("json")
    desk = Desk(cell, load_pack("shenzhen"), Vault.open(tmp_path), Clock())
    answer = quote(desk, "metro", "sz-luohu", "sz-gangxia").model_dump()
    told = json.loads(shown)
    assert {key: answer[key] for key in ("tariff", "amount", "distance_m")} == {
        key: told[key] for key in ("tariff", "amount", "distance_m")
    }
    assert [(line["rule"], line["amount"], line["words"]["zh"]) for line in answer["lines"]] == [
        (line["rule"], line["amount"], line["words"]["zh"]) for line in told["lines"]
    ]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_every_room_is_in_the_table() -> None:
    rooms = {path.parent.name for path in (ROOT / "src/ridecode").glob("*/__init__.py")}
    table = README[README.index("## The house") :]
    assert {name for name in rooms if f"`{name}`" not in table} == set()
