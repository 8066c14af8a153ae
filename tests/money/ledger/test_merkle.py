"""The tree is RFC 6962's: the vectors are those of the certificate-transparency project."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from ridecode.money.ledger.merkle import EMPTY, Tree

LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def rooted(lines: list[bytes]) -> bytes:
    tree = Tree()
    tree.extend(lines)
    assert tree.count == len(lines)
    return tree.root()


def test_the_known_roots() -> None:
    assert {n: rooted(LEAVES[:n]).hex() for n in ROOTS} == ROOTS


def as_the_rfc_says(lines: list[bytes]) -> bytes:
    """§2.1, word for word."""
    if not lines:
        return EMPTY
    if len(lines) == 1:
        return sha256(b"\0" + lines[0]).digest()
    half = 1
    while half * 2 < len(lines):
        half *= 2
    parts = as_the_rfc_says(lines[:half]), as_the_rfc_says(lines[half:])
    return sha256(b"\1" + b"".join(parts)).digest()


@given(st.lists(st.binary(max_size=3), max_size=70))
def test_it_agrees_with_the_definition(lines: list[bytes]) -> None:
    assert rooted(lines) == as_the_rfc_says(lines)


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=20), st.data())
def test_another_line_or_order_has_another_root(lines: list[bytes], data: st.DataObject) -> None:
    other = data.draw(st.permutations(lines) | st.just(lines[:-1]) | st.just([*lines, b"more"]))
    assert (rooted(lines) == rooted(other)) == (lines == other)
