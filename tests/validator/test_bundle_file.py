"""The bundle as a file: one writing of each content, and nothing else is read."""

import random
from collections.abc import Callable
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ridecode.city import load_pack, shipped_packs
from ridecode.code import PublicKey, Root
from ridecode.core import BadInputError, TapKind
from ridecode.validator import BundleFile, PlaceRules, read_bundle, read_rules, write_bundle
from ridecode.validator.bundle_file import MAGIC
from ridecode.validator.deny import DenyList
from ridecode.validator.deny_delta import delta_between, read_delta
from tests.bundle.centre import DAY, account
from tests.code import forge
from tests.code.world import v1_key
from tests.validator.lane import NOW, rules, terms

FILE: Final = BundleFile(
    city="tiny", terms=(terms(), terms(active_from=NOW + DAY, single_fare={"b": 1, "a": 2}))
)


def test_it_reads_as_what_it_was_written_of() -> None:
    read = read_bundle(write_bundle(FILE))
    assert read == FILE
    assert read.terms[1].rules.at("bus", TapKind.SINGLE).companions == 2


@pytest.mark.parametrize("city", shipped_packs())
def test_every_shipped_pack_has_its_place_in_it(city: str) -> None:
    file = BundleFile(city=city, terms=(terms(rules=read_rules(load_pack(city))),))
    data = write_bundle(file)
    assert read_bundle(data) == file
    assert len(data) < 4_000


def test_the_order_in_which_maps_were_made_does_not_matter() -> None:
    there, back = rules(), rules()
    there = replace(there, places={("a", TapKind.EXIT): PlaceRules(), **there.places})
    back = replace(back, places={**back.places, ("a", TapKind.EXIT): PlaceRules()})
    back = replace(back, accepted=dict(reversed(list(back.accepted.items()))))
    assert write_bundle(BundleFile(city="t", terms=(terms(rules=there),))) == write_bundle(
        BundleFile(city="t", terms=(terms(rules=back),))
    )


@pytest.mark.parametrize(
    ("now", "fare"),
    [(NOW - 1, None), (NOW, 200), (NOW + DAY - 1, 200), (NOW + DAY, None), (NOW + 9 * DAY, None)],
)
def test_the_terms_in_force(now: int, fare: int | None) -> None:
    at = FILE.at(now)
    assert (at is None) is (now < NOW)
    assert at is None or at.single_fare.get("bus") == fare


def _raw(**changed: object) -> bytes:
    whole = msgspec.msgpack.decode(write_bundle(FILE)[len(MAGIC) :])
    return MAGIC + msgspec.msgpack.encode(whole | changed)


OTHER_KEY: Final = replace(v1_key(), public_key=PublicKey(forge.point(forge.OTHER)))
GOOD: Final = write_bundle(FILE)
BAD: Final = (
    ("nothing", b"", "does not begin"),
    ("another form", b"ridecode bundle 2\n" + GOOD[len(MAGIC) :], "does not begin"),
    ("cut short", GOOD[:-1], "This is no bundle"),
    ("something after it", GOOD + b"\0", "This is no bundle"),
    ("a field that nobody knows", _raw(more=1), "unknown field"),
    ("no terms", _raw(terms=[]), "do not follow"),
    ("terms out of order", write_bundle(replace(FILE, terms=FILE.terms[::-1])), "do not follow"),
    ("terms at the same moment", write_bundle(replace(FILE, terms=FILE.terms[:1] * 2)),
     "do not follow"),
    ("a city that is a number", _raw(city=1), "This is no bundle"),
    ("a root that is none", _raw(terms=[
        msgspec.msgpack.decode(GOOD[len(MAGIC) :])["terms"][0] | {"roots": [b"x"]}]), "144 bytes"),
    ("two roots of one name", write_bundle(BundleFile(city="t", terms=(
        terms(roots=(*terms().roots, Root.parse(forge.build_root()))),))), "Two roots"),
    ("two keys of one name", write_bundle(BundleFile(city="t", terms=(
        terms(v1_keys=(v1_key(), OTHER_KEY)),))), "Two V1 keys"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "data", "why"), BAD, ids=[row[0] for row in BAD])
def test_what_is_no_bundle_is_refused(name: str, data: bytes, why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        read_bundle(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    for whole in (data, MAGIC + data):
        with pytest.raises(BadInputError):
            read_bundle(whole)


def _mutated(dice: random.Random, data: bytes) -> bytes:
    """A byte changed, put in or taken out, a piece repeated or gone; one to three times."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at, to = sorted(dice.randrange(len(changed) + 1) for _ in "..")
        piece = dice.choice(
            [b"", dice.randbytes(dice.randint(1, 8)), bytes(changed[at:to][:40]),
             bytes((changed[at % len(changed)] ^ 1 << dice.randrange(8),)) if changed else b"x"]
        )  # fmt: skip
        changed[at : dice.choice([at, at + len(piece), to])] = piece
    return bytes(changed)


READERS: Final[tuple[tuple[bytes, Callable[[bytes], bytes]], ...]] = (
    (write_bundle(FILE), lambda data: write_bundle(read_bundle(data))),
    (DenyList(account(n * n) for n in range(99)).to_bytes(),
     lambda data: DenyList.read(data).to_bytes()),
    (delta_between(DenyList(account(n) for n in range(40)),
                   DenyList(account(3 * n) for n in range(40)), 3, 4).to_bytes(),
     lambda data: read_delta(data).to_bytes()),
)  # fmt: skip


def _fuzz(count: int) -> None:
    dice = random.Random(1179)
    for n in range(count):
        good, again = READERS[n % len(READERS)]
        data = _mutated(dice, good)
        try:
            assert again(data) == data, data.hex()
        except BadInputError:
            continue


def test_a_mutated_file_is_another_one_or_refused() -> None:
    _fuzz(3_000)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_files_are_others_or_refused() -> None:
    _fuzz(100_000)
