"""Sections read by type; every error says file, line and what was expected."""

from collections.abc import Callable
from enum import IntEnum

import pytest

from ridecode.city import PackError, Section, parse_toml
from ridecode.core import Words


class Colour(IntEnum):
    RED = 1
    DARK_BLUE = 2


TEXT = """\
text = "x"
empty = ""
whole = 7
real = 1.5
nan = nan
yes = true
both = { zh = "好", en = "good" }
half = { zh = "好" }
colour = "dark_blue"
at = 2018-08-31T22:14:50+08:00
at_text = "2018-08-31T22:14:50+08:00"
local = 2018-08-31T22:14:50
texts = ["a", "b"]
mixed = [
    "a",
    "",
]
wholes = [1, 2]
fractions = [
    1,
    2.5,
]

[inner]
key = 1

[[many]]
key = 1
[[many]]
key = 2
"""


@pytest.fixture
def root() -> Section:
    return parse_toml(TEXT, "pack.toml")


def test_values_of_every_type(root: Section) -> None:
    assert root.text("text") == "x"
    assert root.integer("whole") == 7
    assert root.number("real") == 1.5
    assert root.number("whole") == 7.0
    assert root.flag("yes") is True
    assert root.words("both") == Words(zh="好", en="good")
    assert root.choice("colour", Colour) is Colour.DARK_BLUE
    assert root.moment("at") == root.moment("at_text") == 1_535_724_890_000_000
    assert root.texts("texts") == ("a", "b")
    assert root.integers("wholes") == (1, 2)
    assert root.table("inner").integer("key") == 1
    assert [table.integer("key") for table in root.tables("many")] == [1, 2]


def test_defaults_stand_for_absent_keys_and_outside_their_limits(root: Section) -> None:
    assert root.text("none", "y") == "y"
    assert root.text("none", "") == ""
    assert root.integer("none", 0, least=1) == 0
    assert root.number("none", 0.0, least=0.1) == 0.0
    assert root.flag("none", default=False) is False
    assert root.choice("none", Colour, Colour.RED) is Colour.RED
    assert root.moment("none", 5) == 5
    assert root.texts("none", ()) == ()
    assert root.integers("none", (3,)) == (3,)
    assert root.tables("none") == ()
    assert not root.has("none")


def test_a_key_that_is_there_beats_its_default(root: Section) -> None:
    assert root.text("text", "y") == "x"
    assert root.integer("whole", 1) == 7
    assert root.number("real", 1.0) == 1.5
    assert root.flag("yes", default=False) is True
    assert root.choice("colour", Colour, Colour.RED) is Colour.DARK_BLUE
    assert root.moment("at", 5) == 1_535_724_890_000_000
    assert root.texts("texts", ()) == ("a", "b")
    assert root.integers("wholes", ()) == (1, 2)


def test_a_long_value_is_cut_to_60_signs() -> None:
    section = parse_toml(f'fits = "{"x" * 58}"\nlong = "{"x" * 59}"\n', "m.toml")

    assert f"fits is '{'x' * 58}': expected" in section.error("fits", "less").what
    assert f"long is '{'x' * 56}…: expected" in section.error("long", "less").what


WRONG: list[tuple[str, Callable[[Section], object], int, str]] = [
    ("wrong type", lambda s: s.text("whole"), 3, "whole is 7: expected a text that is not empty"),
    ("empty", lambda s: s.text("empty"), 2, "empty is '': expected a text that is not empty"),
    ("pattern", lambda s: s.text("text", pattern="[0-9]+"), 1, "expected a text like [0-9]+"),
    ("text for whole", lambda s: s.integer("text"), 1, "text is 'x': expected a whole number"),
    ("flag for whole", lambda s: s.integer("yes"), 6, "yes is true: expected a whole number"),
    ("real for whole", lambda s: s.integer("real"), 4, "real is 1.5: expected a whole number"),
    ("too small", lambda s: s.integer("whole", least=8), 3, "a whole number of at least 8"),
    ("too large", lambda s: s.integer("whole", most=6), 3, "a whole number of at most 6"),
    ("out of range", lambda s: s.integer("whole", least=8, most=9), 3, "from 8 to 9"),
    ("not finite", lambda s: s.number("nan"), 5, "nan is nan: expected a number"),
    ("flag for number", lambda s: s.number("yes"), 6, "expected a number"),
    ("whole for flag", lambda s: s.flag("whole"), 3, "expected true or false"),
    ("one language", lambda s: s.words("half"), 8, "half lacks en"),
    ("no member", lambda s: s.choice("text", Colour), 1, "expected one of red, dark_blue"),
    ("no offset", lambda s: s.moment("local"), 12, "expected a time with offset"),
    ("no time", lambda s: s.moment("whole"), 3, "expected a time with offset"),
    ("empty item", lambda s: s.texts("mixed"), 16, "mixed[1] is '': expected a list of texts"),
    ("real item", lambda s: s.integers("fractions"), 21, "fractions[1] is 2.5"),
    ("small item", lambda s: s.integers("wholes", least=2), 18, "wholes[0] is 1"),
    ("no list", lambda s: s.texts("text"), 1, "expected a list of texts"),
    ("no table", lambda s: s.table("text"), 1, "expected a table"),
    ("tables for table", lambda s: s.table("many"), 27, "expected a table"),
    ("texts for tables", lambda s: s.tables("texts"), 13, "texts[0] is 'a'"),
    ("absent", lambda s: s.integer("none"), 1, "the file lacks none: expected a whole number"),
    ("absent inside", lambda s: s.table("inner").text("k"), 24, "inner lacks k: expected a text"),
    ("absent in one of many", lambda s: s.tables("many")[1].text("k"), 29, "many[1] lacks k"),
    ("wrong in one of many", lambda s: s.tables("many")[1].text("key"), 30, "many[1].key is 2"),
]


@pytest.mark.parametrize(
    ("read", "line", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_errors(root: Section, read: Callable[[Section], object], line: int, said: str) -> None:
    with pytest.raises(PackError) as caught:
        read(root)

    assert (caught.value.file, caught.value.line) == ("pack.toml", line)
    assert said in caught.value.what
    assert caught.value.notice.words.zh


def test_unknown_keys_are_refused_at_their_line() -> None:
    section = parse_toml("[matching]\nmax_ride_s = 1\n\nmax_rides_s = 2\n", "m.toml")
    matching = section.table("matching")
    matching.integer("max_ride_s")
    section.done()

    with pytest.raises(PackError, match="matching does not know max_rides_s") as caught:
        matching.done()

    assert caught.value.line == 4
    assert "expected one of max_ride_s" in caught.value.what


def test_an_optional_key_that_was_asked_for_is_a_known_one() -> None:
    section = parse_toml("a = 1\n", "m.toml")

    assert section.has("a")
    section.done()


def test_a_rule_of_another_room_is_told_with_the_place(root: Section) -> None:
    many = root.tables("many")[1]

    error = many.error("key", "a multiple of 5")

    assert str(error) == "pack.toml:30: many[1].key is 2: expected a multiple of 5."


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nb = \n", 2, "invalid value"),
        ("a = 1\na = 2\n", 2, "cannot overwrite"),
        ('a = 1\n\nb = "x', 3, "unterminated string"),
        (f"a = {'1' * 5_000}\n", 0, "a number is too long"),
        (f"a = {'[' * 3_000}{']' * 3_000}\n", 0, "nested too deeply"),
    ],
)
def test_text_that_is_not_toml(text: str, line: int, said: str) -> None:
    with pytest.raises(PackError) as caught:
        parse_toml(text, "pack.toml")

    assert (caught.value.line or 0) == line
    assert said in caught.value.what.lower()
