"""Reading a file line by line: is each well-formed, in its place, and signed at the end?

Blocks of lines of one kind, as nearly all are, are read by one expression at once; wherever that
does not find every line, the block is read line by line, and each fault gets its finding. What the
lines mean is for the `Content`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, Protocol

from ridecode.money.clearing.fields import LINE_MOST, Record
from ridecode.money.clearing.findings import Fault, Findings

BLOCK: Final = 1 << 16


class Content(Protocol):
    """What a file's lines mean; it adds findings of its own."""

    def take(self, kind: str, at: int, rows: Sequence[tuple[str, ...]]) -> None:
        """Well-formed lines of one record that follow one another, the first at line `at`; of each
        the fields that the record's `taken` names."""

    def finish(self) -> None:
        """All lines were taken, and each was well-formed and in its place."""


class Scan:
    """A file while it is read."""

    def __init__(self, records: Mapping[str, Record], content: Content, findings: Findings) -> None:
        self.lines = 0
        self.signature: tuple[str, str] | None = None
        """Of line S, if it is the last, the key's id and the signature."""
        self.signed = b""
        """SHA-256 of all that stands before line S."""
        self._records = records
        self._content = content
        self._findings = findings
        self._sha = sha256()
        self._letters = {one.letter for one in records.values()}
        self._met: set[str] = set()
        self._rank = -1
        self._is_cut = False
        """Whether the last piece of a line had no end yet."""
        self._is_sound = True
        """Whether every line was well-formed and in its place, so that totals can be told."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that was taken."""
        return self._sha.digest()

    def take(self, block: bytes) -> None:
        """Whole lines; only the last of the file may lack its end, or one that is far too long."""
        if not self._take_alike(block):
            for line in _lines(block):
                self._take_line(line)

    def _take_alike(self, block: bytes) -> bool:
        """Take a block whose lines are all of one kind and well-formed; False where it is not."""
        kind = _kind(block[:LINE_MOST].split(b"\n", 1)[0].decode("latin-1"))
        known = self._records.get(kind)
        if known is None or known.is_once or self._misplaced(known) or self._is_cut:
            return False
        try:
            rows = known.whole.findall(block.decode())
        except UnicodeDecodeError:
            return False
        if len(rows) != block.count(b"\n") or not block.endswith(b"\n"):
            return False
        self._sha.update(block)
        self._rank = known.rank
        self._content.take(kind, self.lines + 1, rows)
        self.lines += len(rows)
        return True

    def _misplaced(self, known: Record) -> bool:
        if not self._met:
            return known.letter != "H"
        is_again = known.is_once and known.letter in self._met
        return "S" in self._met or known.rank < self._rank or is_again

    def _take_line(self, line: bytes) -> None:
        if not self._is_cut:
            self.lines += 1
            self._check(line)
            self._met.add("H")  # whatever the first line is, it stands in the head's place
        self._sha.update(line)
        self._is_cut = not line.endswith(b"\n")

    def _check(self, line: bytes) -> None:
        at, add = self.lines, self._findings.add
        if "S" in self._met:
            if "behind" not in self._met:
                self._met.add("behind")
                self.signature = None
                add(Fault.TRAILING, at, "", _told(line), "nothing behind line S")
            return
        if len(line) > LINE_MOST:
            self._unsound(Fault.TOO_LONG, f"{len(line)} bytes", f"at most {LINE_MOST}")
        elif not line.endswith(b"\n"):
            self._unsound(Fault.TRUNCATED, _told(line), "a line with its end")
            self._met.add("cut")
        else:
            if line.endswith(b"\r\n"):
                add(Fault.LINE_END, at, "", "CR LF", "LF")
                if line.startswith(b"S,"):  # what is signed is signed byte for byte
                    self._met.add("S")
                    return
                line = line[:-2] + b"\n"
            try:
                self._check_text(line.decode())
            except UnicodeDecodeError as error:
                self._unsound(Fault.ENCODING, f"byte {line[error.start]:02x}", "UTF-8")

    def _check_text(self, line: str) -> None:
        kind, fields = _kind(line), line.removesuffix("\n").split(",")
        known = self._records.get(kind)
        if known is None and fields[0] not in self._letters:
            letters = ", ".join(dict.fromkeys(one.letter for one in self._records.values()))
            self._unsound(Fault.RECORD, fields[0], f"one of {letters}")
        elif known is None and len(fields) < 4:
            self._unsound(Fault.FIELDS, f"{len(fields)} fields", "a line F or C behind three")
        elif known is None:
            self._unsound(Fault.FIELD, fields[3], "F or C", "record")
        elif self._misplaced(known):
            self._unsound(Fault.ORDER, known.letter, self._expected())
        else:
            self._rank = known.rank
            self._met.add(known.letter)
            found = known.whole.fullmatch(line)
            if found is None:
                self._explain(known, fields)
            elif known.letter == "S":
                self.signature, self.signed = (found[1], found[2]), self._sha.digest()
            else:
                self._content.take(kind, self.lines, [found.groups()])

    def _expected(self) -> str:
        """Which records may stand here."""
        able = [one.letter for one in self._records.values() if not self._misplaced(one)]
        return " or ".join(dict.fromkeys(able))

    def _explain(self, known: Record, found: Sequence[str]) -> None:
        """Say what is wrong with a line that is not well-formed."""
        if len(found) != len(known.fields):
            self._unsound(Fault.FIELDS, f"{len(found)} fields", f"{len(known.fields)} fields")
            return
        for field, value in zip(known.fields, found, strict=True):
            if field.is_wrong(value):
                self._unsound(Fault.FIELD, value, field.expected, field.name)

    def _unsound(self, fault: Fault, found: str, expected: str, field: str = "") -> None:
        self._findings.add(fault, self.lines, field, found, expected)
        self._is_sound = False

    def finish(self) -> None:
        """The file has ended: is everything there?"""
        missing = [
            one.letter
            for one in self._records.values()
            if one.is_once and one.letter not in self._met
        ]
        if "S" in missing:
            if "cut" not in self._met:
                self._findings.add(Fault.TRUNCATED, None, "", "no line S", "a line S at the end")
        elif missing:
            self._findings.add(
                Fault.ORDER, None, "", f"no line {', '.join(missing)}", "one of each"
            )
        elif self._is_sound:
            self._content.finish()


def blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes as whole lines, some at a time; a line that is longer than a block in pieces,
    so that memory stays bounded whatever comes."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BLOCK:
            joined = b"".join(waiting)
            cut = joined.rfind(b"\n") + 1 or size
            yield joined[:cut]
            waiting, size = [joined[cut:]], size - cut
    if size:
        yield b"".join(waiting)


def _lines(block: bytes) -> Iterator[bytes]:
    """Lines with their ends, which are LF alone."""
    for line in block.split(b"\n")[:-1]:
        yield line + b"\n"
    if rest := block[block.rfind(b"\n") + 1 :]:
        yield rest


def _kind(line: str) -> str:
    """Name of a line's record: its letter, and behind A that of the line which it has within."""
    letter = line.split(",", 1)[0].rstrip("\n")
    return letter + "".join(line.split(",", 4)[3:4]) if letter == "A" else letter


def _told(line: bytes) -> str:
    return line[:LINE_MOST].decode(errors="replace").rstrip("\r\n")
