"""The page tells every mischief, and no other."""

import re
from pathlib import Path

from ridecode.sim.channels import Mischief

PAGE = (Path(__file__).resolve().parents[3] / "docs/channels.md").read_text(encoding="utf-8")


def test_every_mischief_is_told() -> None:
    told = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", PAGE, re.MULTILINE)
    assert [(int(number), name) for number, name in told] == [(one, one.name) for one in Mischief]
