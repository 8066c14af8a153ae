"""The scanner finds the line of every key, whatever a TOML file looks like."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.city.positions import Spot, scan


def lines(text: str) -> dict[str, int]:
    """Every key and item of a text by its path, with its line."""
    found: dict[str, int] = {}

    def walk(spot: Spot, path: str) -> None:
        for key, inner in spot.keys.items():
            found[f"{path}.{key}".lstrip(".")] = inner.line
            walk(inner, f"{path}.{key}")
        for at, inner in enumerate(spot.items):
            found[f"{path}[{at}]".lstrip(".")] = inner.line
            walk(inner, f"{path}[{at}]")

    walk(scan(text), "")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a = 1\n\n# note\nb = 2", {"a": 1, "b": 4}, id="comments and blank lines"),
        pytest.param("a = 1\r\nb = 2\r\n", {"a": 1, "b": 2}, id="CRLF"),
        pytest.param("a.b = 1\na.c = 2", {"a": 1, "a.b": 1, "a.c": 2}, id="dotted keys"),
        pytest.param(
            '"a b" = 1\n\'c.d\' = 2\n"\\u00e9" = 3', {"a b": 1, "c.d": 2, "é": 3}, id="quoted keys"
        ),
        pytest.param('a = "# [[x]]"\nb = \'"\'', {"a": 1, "b": 2}, id="signs inside strings"),
        pytest.param('a = "\\"]"\nb = "\\\\"\nc = 1', {"a": 1, "b": 2, "c": 3}, id="escapes"),
        pytest.param('a = """\n[x]\n"q" \\"""\n"""\nb = 1', {"a": 1, "b": 5}, id="long string"),
        pytest.param("a = '''\n'' \\'''\nb = 1", {"a": 1, "b": 3}, id="long literal string"),
        pytest.param('a = """x"""""\nb = 1', {"a": 1, "b": 2}, id="quotes before the close"),
        pytest.param(
            'a = ["""x"""", 1]\nb = 1', {"a": 1, "a[0]": 1, "a[1]": 1, "b": 2}, id="one quote more"
        ),
        pytest.param(
            "a = [\n  1, # one\n  # two\n\n  2,\n]\nb = 1",
            {"a": 1, "a[0]": 2, "a[1]": 5, "b": 7},
            id="multi-line array",
        ),
        pytest.param(
            "a = [[1], [\n2]]",
            {"a": 1, "a[0]": 1, "a[0][0]": 1, "a[1]": 1, "a[1][0]": 2},
            id="arrays in arrays",
        ),
        pytest.param(
            "a = { b = 1, c = { d = [\n2] } }",
            {"a": 1, "a.b": 1, "a.c": 1, "a.c.d": 1, "a.c.d[0]": 2},
            id="inline tables",
        ),
        pytest.param(
            "a = [\n  { b = 1 },\n  { b = 2 },\n]",
            {"a": 1, "a[0]": 2, "a[0].b": 2, "a[1]": 3, "a[1].b": 3},
            id="inline tables in an array",
        ),
        pytest.param(
            "[a]\nb = 1\n[a.c]\nd = 2\n[e]",
            {"a": 1, "a.b": 2, "a.c": 3, "a.c.d": 4, "e": 5},
            id="tables",
        ),
        pytest.param(
            "[a.b]\nc = 1\n[a]\nd = 2",
            {"a": 3, "a.b": 1, "a.b.c": 2, "a.d": 4},
            id="a table named after its inner one",
        ),
        pytest.param(
            "[[a]]\nb = 1\n\n[[a]]\nb = 2\n[a.c]\nd = 3",
            {"a": 1, "a[0]": 1, "a[0].b": 2, "a[1]": 4, "a[1].b": 5, "a[1].c": 6, "a[1].c.d": 7},
            id="array of tables with an inner table",
        ),
        pytest.param(
            "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3",
            {
                "a": 1,
                "a[0]": 1,
                "a[0].b": 2,
                "a[0].b[0]": 2,
                "a[0].b[0].c": 3,
                "a[0].b[1]": 4,
                "a[0].b[1].c": 5,
                "a[1]": 6,
                "a[1].b": 7,
                "a[1].b[0]": 7,
                "a[1].b[0].c": 8,
            },
            id="arrays of tables in arrays of tables",
        ),
        pytest.param(
            "[ a . 'b' ] # x\n c = 1979-05-27 07:32:00Z # y\nd = +1_0.5e-3\ne = inf",
            {"a": 1, "a.b": 1, "a.b.c": 2, "a.b.d": 3, "a.b.e": 4},
            id="blanks in headers, dates, numbers",
        ),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_lines(text: str, expected: dict[str, int]) -> None:
    tomllib.loads(text)

    assert lines(text) == expected


TEXTS = st.text(st.sampled_from(list("ab \"'\\#[]{}=,.\n\t站é")), max_size=8)
SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), TEXTS)
KEYS = st.one_of(st.sampled_from(["a", "b", "c-d", "1"]), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
TABLES = st.dictionaries(
    KEYS,
    st.one_of(VALUES, st.lists(st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=3)),
    max_size=4,
)


class Writer:
    """Writes TOML in a form that chance picks, and notes the line of each key as it goes."""

    def __init__(self, pick: Any) -> None:
        self.text = ""
        self.lines: dict[tuple[str | int, ...], int] = {}
        self._pick = pick

    def here(self, *path: str | int) -> None:
        self.lines[path] = self.text.count("\n") + 1

    def root(self, table: dict[str, Any]) -> None:
        later = []
        for key, value in table.items():
            tables = isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
            if (tables or isinstance(value, dict)) and self._pick(st.booleans()):
                later.append((key, value))
            else:
                self.pair((key,), value)
                self.text += self._pick(st.sampled_from(["\n", " # x = 1\n", "\n\n"]))
        for key, value in later:
            if isinstance(value, dict):
                self.here(key)
                self.text += f"[{quoted(key)}]\n"
                self.body((key,), value)
                continue
            self.here(key)
            for at, item in enumerate(value):
                self.here(key, at)
                self.text += f"[[{quoted(key)}]]\n"
                self.body((key, at), item)

    def body(self, path: tuple[str | int, ...], table: dict[str, Any]) -> None:
        for key, value in table.items():
            self.pair((*path, key), value)
            self.text += "\n"

    def pair(self, path: tuple[str | int, ...], value: Any) -> None:
        self.here(*path)
        self.text += f"{quoted(str(path[-1]))} = "
        self.value(path, value)

    def value(self, path: tuple[str | int, ...], value: Any) -> None:
        if isinstance(value, dict):
            self.text += "{ "
            for at, (key, inner) in enumerate(value.items()):
                self.text += ", " if at else ""
                self.pair((*path, key), inner)
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for at, inner in enumerate(value):
                self.text += self._pick(st.sampled_from(["", "\n", " # ]\n  "]))
                self.here(*path, at)
                self.value((*path, at), inner)
                self.text += ","
            self.text += "]"
        elif isinstance(value, bool):
            self.text += str(value).lower()
        elif isinstance(value, str) and "'" not in value and self._pick(st.booleans()):
            self.text += f"'''\n{value}'''"
        else:
            self.text += quoted(value) if isinstance(value, str) else str(value)


def quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\n", "\\n").replace("\t", "\\t") + '"'


@given(TABLES, st.data())
def test_any_document(table: dict[str, Any], data: st.DataObject) -> None:
    """The spots mirror what tomllib reads, and stand where the writer wrote them."""
    writer = Writer(data.draw)
    writer.root(table)
    assert tomllib.loads(writer.text) == table

    found: dict[tuple[str | int, ...], int] = {}

    def walk(spot: Spot, value: Any, path: tuple[str | int, ...]) -> None:
        found[path] = spot.line
        if isinstance(value, dict):
            assert spot.keys.keys() == value.keys()
            for key, inner in spot.keys.items():
                walk(inner, value[key], (*path, key))
        elif isinstance(value, list):
            assert len(spot.items) == len(value)
            for at, inner in enumerate(spot.items):
                walk(inner, value[at], (*path, at))

    walk(scan(writer.text), table, ())
    found.pop(())
    assert found == writer.lines
