"""What others tell on the log: read whole, or refused by name."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from ridecode.core import BadInputError
from ridecode.riders.events import Debt, read_debts, read_suspicions
from tests.riders.world import FOREIGN, NOW

ID = bytes(range(16))


def test_debts_and_repayments() -> None:
    body = msgpack.encode([(FOREIGN, "owed", 250, NOW), (FOREIGN, "repaid", 250, NOW + 1)])
    assert read_debts(body) == [Debt(FOREIGN, 250, NOW), Debt(FOREIGN, -250, NOW + 1)]


def test_of_taps_set_aside_those_count_that_point_to_a_copy() -> None:
    body = msgpack.encode([(ID, FOREIGN, why, NOW) for why in range(5)] + [(ID, "", 1, NOW)])
    assert [(one.account, one.reason) for one in read_suspicions(body)] == [
        (FOREIGN, 1), (FOREIGN, 2),
    ]  # fmt: skip


WRONG: list[tuple[str, object, str]] = [
    ("no list", {"a": 1}, "Expected `array`"),
    ("another word", [(FOREIGN, "lent", 1, NOW)], "Invalid enum value"),
    ("too few", [(FOREIGN, "owed", 1)], "length 4"),
    ("nothing owed", [(FOREIGN, "owed", 0, NOW)], "amounts and moments"),
    ("less than nothing", [(FOREIGN, "owed", -1, NOW)], "amounts and moments"),
    ("a float", [(FOREIGN, "owed", 1.5, NOW)], "Expected `int`"),
    ("beyond all bits", [(FOREIGN, "owed", 2**63, NOW)], "amounts and moments"),
    ("before all time", [(FOREIGN, "owed", 1, -1)], "amounts and moments"),
    ("nobody", [("", "owed", 1, NOW)], "up to 64"),
    ("NUL", [("a\0", "owed", 1, NOW)], "up to 64"),
    ("a long name", [("a" * 65, "owed", 1, NOW)], "up to 64"),
]


@pytest.mark.parametrize(
    ("body", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_is_no_body_of_debts_is_told(body: object, said: str) -> None:
    with pytest.raises(BadInputError, match=f"topic debts: .*{said}"):
        read_debts(msgpack.encode(body))


@pytest.mark.parametrize(
    "body", [[(b"short", FOREIGN, 1, NOW)], [(ID, FOREIGN, 1, -1)], [(ID, "\0", 1, NOW)], "x"]
)
def test_what_is_no_body_of_taps_set_aside_is_told(body: object) -> None:
    with pytest.raises(BadInputError, match=r"topic taps\.set_aside"):
        read_suspicions(msgpack.encode(body))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (read_debts, read_suspicions):
        try:
            read(body)
        except BadInputError:
            continue


@pytest.mark.soak
def test_a_hundred_thousand_mutated_bodies_are_read_or_refused() -> None:
    dice = random.Random(1179)
    plain = msgpack.encode([(FOREIGN, "owed", 250, NOW), (FOREIGN, "repaid", 250, NOW + 1)])
    aside = msgpack.encode([(ID, FOREIGN, 1, NOW), (ID, FOREIGN, 2, NOW)])
    for _ in range(100_000):
        body = bytearray(dice.choice((plain, aside)))
        for _ in range(dice.randint(1, 4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        for read in (read_debts, read_suspicions):
            try:
                read(bytes(body[: dice.randint(0, len(body))]))
            except BadInputError:
                continue
