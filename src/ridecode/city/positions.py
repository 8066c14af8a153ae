"""Where each key of a TOML text stands: the line numbers that `tomllib` does not give.

`tomllib` judges the text and makes the values; this scanner only walks a text that `tomllib` has
accepted and notes lines, so it need not refuse anything. A property test holds the two trees
against each other.
"""

import re
import tomllib
from dataclasses import dataclass, field

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]\}\n#]*")
_QUOTES = ('"""', "'''", '"', "'")


@dataclass(slots=True)
class Spot:
    """One value of a TOML document: the line of its key (from 1) and the spots inside it."""

    line: int
    keys: "dict[str, Spot]" = field(default_factory=dict)
    items: "list[Spot]" = field(default_factory=list)

    def under(self, key: str, line: int) -> "Spot":
        """The spot of a key, made where it is new; of an array of tables its latest table."""
        spot = self.keys.setdefault(key, Spot(line))
        return spot.items[-1] if spot.items else spot


def scan(text: str) -> Spot:
    """The spots of a whole document. The text must be one that `tomllib` accepts."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self._counted = 0

    def document(self) -> Spot:
        root = Spot(1)
        table = root
        while self._skip(_BLANK) < len(self._text):
            table = self._header(root) if self._peek("[") else self._pair(table, table)
        return root

    def _header(self, root: Spot) -> Spot:
        line = self._line_here()
        array = self._peek("[[")
        self._at += 2 if array else 1
        *way, last = self._key()
        self._skip(_SPACE)
        self._at += 2 if array else 1
        table = root
        for key in way:
            table = table.under(key, line)
        if not array:
            named = table.under(last, line)
            named.line = line
            return named
        items = table.keys.setdefault(last, Spot(line)).items
        items.append(Spot(line))
        return items[-1]

    def _pair(self, table: Spot, then: Spot) -> Spot:
        """Read `key = value` into `table`; answer the table that the next line belongs to."""
        line = self._line_here()
        *way, last = self._key()
        self._skip(_SPACE)
        self._at += 1
        self._skip(_SPACE)
        for key in way:
            table = table.under(key, line)
        table.keys[last] = self._value(line)
        return then

    def _value(self, line: int) -> Spot:
        spot = Spot(line)
        if self._peek("["):
            self._at += 1
            while not self._ended("]"):
                spot.items.append(self._value(self._line_here()))
        elif self._peek("{"):
            self._at += 1
            while not self._ended("}"):
                self._pair(spot, spot)
        elif self._text[self._at] in "\"'":
            self._string()
        else:
            self._skip(_SCALAR)
        return spot

    def _ended(self, close: str) -> bool:
        """Pass blanks and one comma; answer whether the bracket is closed, and pass that too."""
        self._skip(_BLANK)
        if self._peek(","):
            self._at += 1
            self._skip(_BLANK)
        if not self._peek(close):
            return False
        self._at += 1
        return True

    def _key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            if self._text[self._at] in "\"'":
                parts.append(tomllib.loads(f"k = {self._string()}")["k"])
            else:
                start = self._at
                parts.append(self._text[start : self._skip(_BARE_KEY)])
            self._skip(_SPACE)
            if not self._peek("."):
                return parts
            self._at += 1

    def _string(self) -> str:
        """Pass a string of any of the four kinds; answer it as it is written."""
        start = self._at
        quote = next(quote for quote in _QUOTES if self._peek(quote))
        self._at += len(quote)
        while not self._peek(quote):
            escaped = quote[0] == '"' and self._peek("\\")
            self._at += 2 if escaped else 1
        self._at += len(quote)
        while len(quote) == 3 and self._peek(quote[0]):
            self._at += 1  # up to two quotes may stand right before the closing three
        return self._text[start : self._at]

    def _peek(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        assert found is not None, "every pattern here matches the empty text or stands at its key"
        self._at = found.end()
        return self._at

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line
