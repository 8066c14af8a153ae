"""A network as an importer found it, and the TOML that a pack keeps of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from re import sub

from msgspec import Struct
from msgspec.structs import replace

from ridecode.city import skeleton
from ridecode.city.model import Line, Operator, Product, Stop
from ridecode.city.notices import Notice
from ridecode.core import Words

_ROW = 12


class Draft(Struct, frozen=True):
    """What an importer read: for network.toml, and what pack.toml must then have."""

    stops: tuple[Stop, ...]
    lines: tuple[Line, ...]
    operators: tuple[Operator, ...]
    products: tuple[Product, ...]
    notices: tuple[Notice, ...]
    """What was left out, and where."""

    def files(self, city: str, source: str) -> dict[str, str]:
        """The files of a new pack by name: the network whole, the rest to be filled in.

        `city` is the pack's id, `source` the name of what the network was read from.
        """
        named = "".join(filter(str.isprintable, source))
        return {
            "pack.toml": skeleton.PACK.format(id=city, source=named) + self.pack_toml(),
            "network.toml": self.network_toml(f"Made from {named}."),
            **skeleton.REST,
        }

    def network_toml(self, head: str = "") -> str:
        """The text of network.toml; `head` is put above it as a comment."""
        comment = "".join(f"# {line}\n" for line in head.splitlines())
        tables = [*map(_stop_toml, self.stops), *map(_line_toml, self.lines)]
        return "\n".join(filter(None, [comment, *tables]))

    def pack_toml(self) -> str:
        """The [[operator]] and [[product]] tables that pack.toml needs for these lines."""
        operators = [
            f"[[operator]]\nid = {_text(item.id)}\nname = {_words(item.name)}\n"
            for item in self.operators
        ]
        products = [
            f"[[product]]\nid = {_text(item.id)}\nname = {_words(item.name)}\n"
            f"mode = {_text(item.mode.name.lower())}\n"
            for item in self.products
        ]
        return "\n".join([*operators, *products])


class Ids:
    """Makes ids of one kind: small ASCII letters, digits and hyphens, each given once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given: set[str] = set()

    def of(self, *names: str) -> str:
        """An id from the first name that leaves any ASCII; numbered where it is taken."""
        slug = next(filter(None, map(slugged, names)), "x")
        made, count = f"{self._prefix}{slug}", 1
        while made in self._given:
            count += 1
            made = f"{self._prefix}{slug}-{count}"
        self._given.add(made)
        return made


def told_apart(lines: Sequence[Line], stops: Sequence[Stop]) -> tuple[Line, ...]:
    """The lines, those of one name with their ends behind it, and a number where ends repeat.

    A pack refuses two lines of one name: a file that uses it could not be read.
    """
    called = {stop.id: stop.name for stop in stops}
    shared = Counter(line.name.zh for line in lines)
    given = {name for name, count in shared.items() if count == 1}
    apart: list[Line] = []
    for line in lines:
        name = line.name
        if shared[name.zh] > 1:
            name = _numbered(_with_ends(name, called[line.stops[0]], called[line.stops[-1]]), given)
            given.add(name.zh)
        apart.append(replace(line, name=name))
    return tuple(apart)


def _with_ends(name: Words, first: Words, last: Words) -> Words:
    return Words(zh=f"{name.zh}（{first.zh}–{last.zh}）", en=f"{name.en} ({first.en}–{last.en})")


def _numbered(name: Words, given: set[str]) -> Words:
    made, count = name, 1
    while made.zh in given:
        count += 1
        made = Words(zh=f"{name.zh}{count}", en=f"{name.en} {count}")
    return made


def slugged(name: str) -> str:
    """A name as an id may spell it, or nothing where it has no ASCII letter or digit."""
    return sub("[^a-z0-9]+", "-", sub("['’]", "", name.lower())).strip("-")


def _stop_toml(stop: Stop) -> str:
    rows = [
        "[[stop]]",
        f"id = {_text(stop.id)}",
        f"name = {_words(stop.name)}",
        f"lat = {stop.lat:.5f}",
        f"lon = {stop.lon:.5f}",
    ]
    if stop.aliases:
        rows.append(f"aliases = {_texts(stop.aliases)}")
    return "\n".join([*rows, ""])


def _line_toml(line: Line) -> str:
    rows = [
        "[[line]]",
        f"id = {_text(line.id)}",
        f"name = {_words(line.name)}",
        f"number = {_text(line.number)}",
        f"product = {_text(line.product)}",
        f"operator = {_text(line.operator)}",
        f"colour = {_text(line.colour)}",
    ]
    if line.aliases:
        rows.append(f"aliases = {_texts(line.aliases)}")
    if line.length_m:
        rows.append(f"length_km = {line.length_m / 1000:g}")
    if line.loop:
        rows.append("loop = true")
    rows += ["stops = [", *(f"    {_text(stop)}," for stop in line.stops), "]"]
    if line.track_m:
        rows += ["track_m = [", *_number_rows(line.track_m), "]"]
    return "\n".join([*rows, ""])


def _number_rows(numbers: Sequence[int]) -> Iterable[str]:
    for at in range(0, len(numbers), _ROW):
        yield "    " + " ".join(f"{number}," for number in numbers[at : at + _ROW])


def _words(words: Words) -> str:
    return f"{{ zh = {_text(words.zh)}, en = {_text(words.en)} }}"


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
