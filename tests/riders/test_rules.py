"""riders.toml: every key, its default, and what is said of a wrong one."""

import re
from pathlib import Path

import pytest

from ridecode.city import PackError, load_pack, shipped_packs
from ridecode.riders import Credit, RiderRules, Terms, read_rules
from tests.city import tiny
from tests.riders.world import DAY, HOUR, S

DOCS = Path(__file__).resolve().parents[2] / "docs/riders.md"


def of(folder: Path, text: str) -> RiderRules:
    return read_rules(load_pack(tiny.write(folder, riders=text)))


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    rules = read_rules(load_pack(tiny.write(tmp_path)))
    assert rules == RiderRules(
        cooling=HOUR, clones=3, clones_within=DAY, limited_owed=1, denied_owed=2_000,
        denied_after=2 * DAY, new=7 * DAY,
        terms={
            Credit.GOOD: Terms(authorised_s=14_400, limit_fen=2_000, validity_s=60),
            Credit.NEW: Terms(authorised_s=7_200, limit_fen=2_000, validity_s=60),
            Credit.LIMITED: Terms(authorised_s=3_600, limit_fen=1_000, validity_s=60),
        },
        iins={"01234567": "31048799"}, platforms={"app": "01234568"},
    )  # fmt: skip


def test_every_key_is_read(tmp_path: Path) -> None:
    rules = of(tmp_path, """
[riders]
cooling_s = 60
clones = 5
clones_within_s = 120
limited_owed = 100
denied_owed = 100
denied_after_s = 0
new_s = 0

[riders.good]
authorised_s = 86_400
limit_fen = 3_000
validity_s = 120

[riders.limited]
limit_fen = 200
""")  # fmt: skip
    assert (rules.cooling, rules.clones, rules.clones_within) == (60 * S, 5, 120 * S)
    assert (rules.limited_owed, rules.denied_owed) == (100, 100)
    assert (rules.denied_after, rules.new) == (0, 0)
    assert rules.terms[Credit.GOOD] == Terms(86_400, 3_000, 120)
    assert rules.terms[Credit.LIMITED] == Terms(3_600, 200, 60)


WRONG: list[tuple[str, int, str]] = [
    ("cooling_s = -1", 2, "riders.cooling_s is -1: expected a whole number from 0 to 604800"),
    ("cooling = 1", 2, "does not know cooling"),
    ("clones = 0", 2, "from 1 to 100"),
    ("clones_within_s = 59", 2, "from 60"),
    ("limited_owed = 0", 2, "from 1 to"),
    ("limited_owed = 50\ndenied_owed = 49", 3, "from 50 to"),
    ("denied_after_s = 7_776_001", 2, "to 7776000"),
    ("new_s = 1.5", 2, "a whole number"),
    ("[riders.good]\nauthorised_s = 172_801", 3, "from 300 to 172800"),
    ("[riders.new]\nlimit_fen = 0", 3, "from 1 to 16777215"),
    ("[riders.limited]\nvalidity_s = 1_201", 3, "from 10 to 1200"),
    ("[riders.denied]\nvalidity_s = 60", 2, "does not know denied"),
    ("[riders.good]\nhours = 4", 3, "does not know hours"),
]


@pytest.mark.parametrize(("text", "line", "said"), WRONG)
def test_a_slip_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(PackError, match=re.escape(said)) as caught:
        of(tmp_path, f"[riders]\n{text}\n")
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "riders.toml"), line)


@pytest.mark.parametrize("name", shipped_packs())
def test_a_shipped_pack_is_read_and_its_codes_are_within_what_its_readers_take(name: str) -> None:
    from ridecode.validator import read_rules as of_readers

    pack = load_pack(name)
    rules, readers = read_rules(pack), of_readers(pack)
    for terms in rules.terms.values():
        assert terms.validity_s <= min(readers.accepted.values())


def test_the_page_tells_every_key() -> None:
    page = DOCS.read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    assert told >= {
        "cooling_s", "clones", "clones_within_s", "limited_owed", "denied_owed", "denied_after_s",
        "new_s", "authorised_s", "limit_fen", "validity_s",
    }  # fmt: skip
