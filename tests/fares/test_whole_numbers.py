"""No float comes near money: not a literal, not a division, not a rounding of one."""

import ast
from pathlib import Path

import pytest

ROOM = Path(__file__).resolve().parents[2] / "src/ridecode/fares"
FILES = sorted(path for path in ROOM.glob("*.py") if path.name != "bench.py")


def floats(text: str) -> list[str]:
    """Where a text makes a float, by line."""
    found = []
    for node in ast.walk(ast.parse(text)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        divided = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        named = isinstance(node, ast.Name) and node.id in ("float", "round")
        if isinstance(node, ast.expr | ast.stmt) and (literal or divided or named):
            found.append(f"line {node.lineno}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_the_room_has_no_float(path: Path) -> None:
    assert floats(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", ["x = 0.95", "x = a / 2", "x /= 2", "x = round(a)", "float(a)"])
def test_each_way_to_a_float_is_seen(text: str) -> None:
    assert floats(text) == ["line 1"]
