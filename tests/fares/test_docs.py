"""docs/fares.md is true: its examples load, and it names every key, kind and fault."""

import ast
import re
from pathlib import Path

import pytest

from ridecode.city import Notice
from ridecode.fares import notices, read_tariffs
from ridecode.fares.reading_fares import Form
from ridecode.fares.reading_rules import Kind
from tests.fares.world import FLAT, city, head

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/fares.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```csv\n(stop,zone.*?|from,to,fare\n1.*?)```", PAGE, re.DOTALL)
FILES = {
    "matrix": "from,to,fare\n" + "".join(f"{a},{b},100\n" for a in "abc" for b in "abc"),
    "zones": TABLES[0],
    "zone-fares": TABLES[1],
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(example: str, tmp_path: Path) -> None:
    read_tariffs(city(tmp_path, head() + example + FLAT, **FILES))


def test_every_shape_and_kind_has_an_example() -> None:
    for form in Form:
        assert any(f'shape = "{form.name.lower()}"' in example for example in EXAMPLES)
    for kind in Kind:
        assert any(f'kind = "{kind.name.lower()}"' in example for example in EXAMPLES)


def test_every_fault_of_the_room_has_a_heading() -> None:
    own = [
        name
        for name, value in vars(notices).items()
        if isinstance(value, type) and issubclass(value, Notice) and value is not Notice
    ]
    assert len(own) == 3
    for name in own:
        assert f"### {name}\n" in PAGE


def test_every_key_that_is_read_is_told() -> None:
    keys = set()
    for path in (ROOT / "src/ridecode/fares").glob("reading*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                keys |= {
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant)
                    and isinstance(arg.value, str)
                    and re.fullmatch("[a-z_]+", arg.value)
                }
    keys -= {"fare", "rule", "time"}
    assert {"each_m", "window_min", "most_in_a_row", "same_station", "between"} <= keys
    for key in keys:
        assert re.search(rf"`{key}`|\b{key} =", PAGE), f"docs/fares.md does not tell {key}"
