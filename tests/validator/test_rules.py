"""The rules that a pack lays down: read, defaulted, and refused with the line."""

from pathlib import Path

import pytest

from ridecode.city import PackError, load_pack
from ridecode.code import Root, TestRoots
from ridecode.core import BadInputError, TapKind, Words
from ridecode.validator import (
    Accept,
    Bundle,
    ClockRules,
    DenyList,
    FreshnessRules,
    PlaceRules,
    Rules,
    StateRules,
    make_bundle,
    read_rules,
)
from tests.city import tiny
from tests.code import forge
from tests.code.world import ROOT_RECORDS, v1_key

FULL = """\
[validator]
debounce_ms = 1_500
validity_s_most = 90

[validator.clock]
back_s_most = 0
free_s_most = 600

[validator.freshness]
stale_s = 7_200
expired_s = 172_800

[validator.freshness.stale]
accept = "home"
fare_most = 500

[validator.freshness.expired]
accept = "none"
words = { zh = "请找工作人员。", en = "Ask the staff." }

[[validator.accept]]
issuer = "01234567"
platforms = ["app"]
versions = [0x40, 0x80, 0xff]
validity_s_most = 1_200

[[validator.place]]
product = "metro"
kind = "single"
passback_s = 30
companion_s = 20
companions = 4
fare_most = 700

[[validator.place]]
product = "metro"
kind = "exit"
passback_s = 0
companion_s = 0
"""


def _read(folder: Path, text: str = "[validator]\n", **changed: str) -> Rules:
    return read_rules(load_pack(tiny.write(folder, validator=text, **changed)))


def test_every_key(tmp_path: Path) -> None:
    assert _read(tmp_path, FULL) == Rules(
        debounce_ms=1_500,
        clock=ClockRules(back_s_most=0, free_s_most=600),
        accepted={
            ("01234567", "", 0x40): 1_200,
            ("01234567", "01234568", 0x80): 1_200,
            ("01234567", "01234568", 0xFF): 1_200,
        },
        iins={"01234567": "31048799"},
        places={
            ("metro", TapKind.SINGLE): PlaceRules(30, 20, 4, 700),
            ("metro", TapKind.EXIT): PlaceRules(0, 0, 0, None),
        },
        test_roots=TestRoots.REFUSED,
        home="01234567",
        freshness=FreshnessRules(
            stale_s=7_200,
            expired_s=172_800,
            stale=StateRules(Accept.HOME, 500),
            expired=StateRules(Accept.NONE, words=Words("请找工作人员。", "Ask the staff.")),
        ),
    )


def test_every_default(tmp_path: Path) -> None:
    read = _read(tmp_path)
    assert read == Rules(
        debounce_ms=2_000,
        clock=ClockRules(back_s_most=2, free_s_most=172_800),
        accepted={("01234567", "01234568", 0x80): 120, ("01234567", "01234568", 0x81): 120},
        iins={"01234567": "31048799"},
        places={},
        test_roots=TestRoots.REFUSED,
        home="01234567",
        freshness=FreshnessRules(
            stale_s=21_600,
            expired_s=604_800,
            stale=StateRules(Accept.ALL),
            expired=StateRules(Accept.NONE),
        ),
    )
    assert read.at("metro", TapKind.EXIT) == PlaceRules(60, 10, 0, None)


OTHER_ISSUER = """
[[issuer]]
number = "02205810"
name = { zh = "羊城通", en = "Yang Cheng Tong" }
iin = "31048703"
"""


def test_the_local_version_is_by_default_for_the_citys_own_card_company(tmp_path: Path) -> None:
    read = _read(tmp_path, pack=tiny.PACK + OTHER_ISSUER)
    assert set(read.accepted) == {
        ("01234567", "01234568", 0x80),
        ("01234567", "01234568", 0x81),
        ("02205810", "01234568", 0x80),
    }


def test_a_table_that_names_an_issuer_leaves_the_others_out(tmp_path: Path) -> None:
    text = '[validator]\n[[validator.accept]]\nissuer = "02205810"\n'
    read = _read(tmp_path, text, pack=tiny.PACK + OTHER_ISSUER)
    assert read.accepted == {("02205810", "01234568", 0x80): 120}


WRONG = [
    ("debounce_ms = 10_001", "debounce_ms", "a whole number from 0 to 10000"),
    ("debounce_ms = -1", "debounce_ms", "a whole number from 0 to 10000"),
    ("validity_s_most = 0", "validity_s_most", "a whole number from 1 to 1200"),
    ("validity_s_most = 1_201", "validity_s_most", "a whole number from 1 to 1200"),
    ("debounce_s = 2", "debounce_s", "does not know debounce_s"),
    ("accept = 1", "accept", "an array of tables"),
    ("[validator.clock]\nback_s_most = 61", "back_s", "a whole number from 0 to 60"),
    ("[validator.clock]\nfree_s_most = 59", "free_s", "a whole number from 60 to 31536000"),
    ("[validator.freshness]\nstale_s = 86_401", "stale_s", "from 3600 to 86400"),
    ("[validator.freshness]\nstale_s = 3_599", "stale_s", "from 3600 to 86400"),
    ("[validator.freshness]\nexpired_s = 86_400", "expired_s", "from 86460 to 31536000"),
    ("[validator.freshness]\nold_s = 1", "old_s", "does not know old_s"),
    ('[validator.freshness.stale]\naccept = "some"', "accept", "one of none, home, all"),
    ("[validator.freshness.stale]\nfare_most = -1", "fare_most", "a whole number of at least 0"),
    ("[validator.freshness.expired]\nfoo = 1", "foo", "does not know foo"),
    ("[validator.clock]\nback_s = 1", "back_s", "does not know back_s"),
    ("[[validator.accept]]\nversions = [0x80]", "[[", "lacks issuer"),
    ('[[validator.accept]]\nissuer = "9"', "issuer", "one of 01234567"),
    ('[[validator.accept]]\nissuer = "01234567"\nplatforms = ["x"]', "platforms", "some of app"),
    ('[[validator.accept]]\nissuer = "01234567"\nplatforms = []', "platforms", "some of app"),
    ('[[validator.accept]]\nissuer = "01234567"\nversions = [0x7f]', "versions", "0x40 for V1"),
    ('[[validator.accept]]\nissuer = "01234567"\nversions = []', "versions", "0x40 for V1"),
    ('[[validator.accept]]\nissuer = "01234567"\nversions = [0x100]', "versions", "at most 255"),
    ('[[validator.accept]]\nissuer = "01234567"\nvalidity_s_most = 9_999', "validity_s", "to 1200"),
    ('[[validator.accept]]\nissuer = "01234567"\nfoo = 1', "foo", "does not know foo"),
    ('[[validator.accept]]\nissuer = "01234567"\n\n[[validator.accept]]\nissuer = "01234567" #2',
     'issuer = "01234567" #2', "origins that no table before it names"),
    ('[[validator.place]]\nkind = "exit"', "[[", "lacks product"),
    ('[[validator.place]]\nproduct = "bus"\nkind = "exit"', "product", "one of metro"),
    ('[[validator.place]]\nproduct = "metro"', "[[", "lacks kind"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "in"', "kind", "one of entry, exit, single"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "exit"\n\n'
     '[[validator.place]]\nproduct = "metro"\nkind = "exit" #2', 'kind = "exit" #2',
     "a product and kind that no table before it names"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "exit"\npassback_s = 86_401', "passback",
     "a whole number from 0 to 86400"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "exit"\ncompanion_s = 601', "companion_s",
     "a whole number from 0 to 600"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "single"\ncompanions = 21', "companions",
     "a whole number from 0 to 20"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "entry"\ncompanions = 1', "companions",
     "0: two entries of one account make no two rides"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "single"\ncompanions = 1\ncompanion_s = 0',
     "companion_s", "at least 1 where companions may follow"),
    ('[[validator.place]]\nproduct = "metro"\nkind = "exit"\nfare_most = -1', "fare_most",
     "a whole number of at least 0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "said"), WRONG, ids=[row[0] for row in WRONG])
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, at: str, said: str) -> None:
    whole = f"[validator]\n{text}\n"
    with pytest.raises(PackError) as caught:
        _read(tmp_path, whole)
    assert said in caught.value.what
    line = 2 if at == "[[" else tiny.line_of(whole, at)
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "validator.toml"), line)


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_city_accepts_test_roots_and_no_other_does(tmp_path: Path, demo: bool) -> None:
    pack = tiny.PACK.replace("demo = false", f"demo = {str(demo).lower()}")
    expected = TestRoots.ACCEPTED if demo else TestRoots.REFUSED
    assert _read(tmp_path, pack=pack).test_roots is expected


@pytest.mark.parametrize(
    ("city", "origin", "validity_s"),
    [
        ("shenzhen", ("02215840", "99000001", 0x81), 120),
        ("shenzhen", ("02205810", "50023301", 0x80), 120),
        ("guangzhou", ("02205810", "50023301", 0x81), 60),
    ],
)
def test_the_shipped_packs_have_rules(
    city: str, origin: tuple[str, str, int], validity_s: int
) -> None:
    pack = load_pack(city)
    read = read_rules(pack)
    assert read.accepted[origin] == validity_s
    assert (read.test_roots is TestRoots.ACCEPTED) is pack.demo


ROOT = Root.parse(ROOT_RECORDS["service"])


def _bundle(folder: Path, **given: object) -> Bundle:
    pack = load_pack(tiny.write(folder))
    return make_bundle(pack, [ROOT], **{"version": 7, "made": 8, **given})  # type: ignore[arg-type]


def test_a_bundle_holds_what_it_was_made_of(tmp_path: Path) -> None:
    key = v1_key()
    made = _bundle(tmp_path, v1_keys=[key], denied=["1" * 19], single_fare={"metro": 200})
    assert made == Bundle(
        city="tiny",
        version=7,
        made=8,
        roots=(ROOT,),
        v1_keys=(key,),
        rules=_read(tmp_path),
        denied=DenyList(["1" * 19]),
        single_fare={"metro": 200},
    )
    assert made.verifier is made.verifier


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"single_fare": {"bus": 200}}, "200 is no flat price of 'bus'"),
        ({"single_fare": {"metro": -1}}, "-1 is no flat price of 'metro'"),
        ({"denied": ["12"]}, "A card account has 19 digits"),
    ],
)
def test_a_bundle_of_bad_parts_is_refused(
    tmp_path: Path, given: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInputError, match=said):
        _bundle(tmp_path, **given)


def test_roots_that_cannot_stand_together_are_told_when_the_bundle_is_made(tmp_path: Path) -> None:
    """Two records of one service and index: a code could not say which it means."""
    pack = load_pack(tiny.write(tmp_path))
    other = Root.parse(forge.build_root())
    assert other != ROOT
    with pytest.raises(BadInputError, match="Two roots have service 01010000 and index 1"):
        make_bundle(pack, [ROOT, other], version=1, made=1)
