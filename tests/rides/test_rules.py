"""matching.toml: what is read of it, and what is refused with file and line."""

from pathlib import Path

import pytest

from ridecode.city import PackError, load_pack, shipped_packs
from ridecode.core import MICROS
from ridecode.rides import read_rules

WHOLE = """\
[matching]
pair_within_s = 100
overtime_s = 90
remedy_within_s = 0
top_speed_kmh = 30
clocks_apart_s = 0

[[matching.transfer]]
from = "metro"
to = "bus"
within_s = 500
"""


def pack_with(folder: Path, matching: str) -> Path:
    """Shenzhen's pack with another matching.toml."""
    import shutil

    import ridecode.city

    shipped = Path(ridecode.city.__file__).parent / "packs" / "shenzhen"
    made = folder / "pack"
    shutil.copytree(shipped, made)
    (made / "matching.toml").write_text(matching, encoding="utf-8")
    return made


def test_the_keys(tmp_path: Path) -> None:
    rules = read_rules(load_pack(pack_with(tmp_path, WHOLE)))
    assert rules.pair_within == 100 * MICROS
    assert rules.overtime == 90 * MICROS
    assert rules.remedy_within == 0
    assert (rules.top_speed_kmh, rules.clocks_apart) == (30, 0)
    assert rules.transfers == {("metro", "bus"): 500 * MICROS}
    assert rules.silence == 500 * MICROS


REFUSED = [
    ("pair_within_s = 100", "pair_within_s = 59", 2, "from 60 to 86400"),
    ("overtime_s = 90", "overtime_s = 101", 3, "from 60 to 100"),
    ("remedy_within_s = 0", "remedy_within_s = -1", 4, "from 0 to 7776000"),
    ("remedy_within_s = 0\n", "", 1, "remedy_within_s"),
    ("top_speed_kmh = 30", "top_speed_kmh = 29", 5, "from 30 to 1000"),
    ("top_speed_kmh = 30\n", "", 1, "top_speed_kmh"),
    ("clocks_apart_s = 0", "clocks_apart_s = 3601", 6, "from 0 to 3600"),
    ('to = "bus"', 'to = "balloon"', 10, "a product of the pack"),
    ("within_s = 500", "within_s = 0", 11, "from 1 to 86400"),
    ("within_s = 500", "within_s = 500\nevery = 1", 12, "every"),
    ("overtime_s = 90", "overtime_s = 90\nlater = 1", 4, "later"),
]


@pytest.mark.parametrize(("was", "becomes", "line", "expected"), REFUSED)
def test_a_fault_is_refused_with_its_line(
    tmp_path: Path, was: str, becomes: str, line: int, expected: str
) -> None:
    """One row a key: just outside its limits, absent, unknown."""
    assert was in WHOLE
    pack = load_pack(pack_with(tmp_path, WHOLE.replace(was, becomes)))
    with pytest.raises(PackError, match=expected) as error:
        read_rules(pack)
    assert (error.value.file.endswith("matching.toml"), error.value.line) == (True, line)


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_have_rules(name: str) -> None:
    rules = read_rules(load_pack(name))
    assert 0 < rules.overtime <= rules.pair_within <= rules.silence
