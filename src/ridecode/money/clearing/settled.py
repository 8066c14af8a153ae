"""What the lines of a settlement file mean: are its numbers ascending, and its totals true?"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from operator import lt

from msgspec import Struct

from ridecode.core import BadInputError, day_named
from ridecode.money.clearing.findings import Fault, Findings
from ridecode.money.clearing.layout import (
    FIRST,
    LINES_MOST,
    MOVED,
    RECORDS,
    Head,
    Total,
    read_head,
)
from ridecode.money.clearing.totals import Sums, Told, added, together


class Totals(Struct, frozen=True, kw_only=True):
    """What the lines of a settlement file add up to."""

    operators: dict[str, Total]
    """Fares, those that are sent again as well, by operator."""
    platforms: dict[str, Total]
    channels: dict[str, Total]
    """Charges, those that are sent again as well, by channel."""
    fares: Total
    """Lines F."""
    charges: Total
    """Lines C."""
    again: Total
    """Lines A."""


class Settled:
    """The content of a settlement file while it is read."""

    def __init__(self, findings: Findings) -> None:
        self.head: Head | None = None
        self._findings = findings
        self._sums: defaultdict[str, Sums] = defaultdict(Sums)
        self._told = Told()
        self._seen: set[int] = set()
        self._last: defaultdict[str, int] = defaultdict(int)
        self._last_place = (0, 0)
        self._taken = 0

    @cached_property
    def totals(self) -> Totals:
        """To be asked for when all lines F, C and A were taken."""
        fares, charges, fares_again, charges_again = (self._sums[one] for one in MOVED)
        return Totals(
            operators=together(fares.by(0), fares_again.by(0)),
            platforms=together(fares.by(1), fares_again.by(1)),
            channels=together(charges.by(0), charges_again.by(0)),
            fares=fares.total(),
            charges=charges.total(),
            again=added(fares_again.total(), charges_again.total()),
        )

    @property
    def _by_party(self) -> dict[str, dict[str, Total]]:
        of = self.totals
        return {"O": of.operators, "P": of.platforms, "K": of.channels}

    def take(self, kind: str, at: int, rows: Sequence[tuple[str, ...]]) -> None:
        if kind in MOVED:
            self._take_moved(kind, at, rows)
        elif kind == "H":
            self._take_head(at, rows[0])
        elif kind == "T":
            of = self.totals
            sums = of.fares, of.charges, of.again
            self._told.compare(at, RECORDS["T"].taken, rows[0], sums)
        else:
            self._told.take(kind, at, rows, self._by_party[kind])

    def finish(self) -> None:
        if self._taken <= LINES_MOST:
            for kind, expected in self._by_party.items():
                self._told.finish(kind, expected)
            self._findings.add_all(self._told.findings)

    def _take_head(self, at: int, row: tuple[str, ...]) -> None:
        add, day = self._findings.add, row[RECORDS["H"].taken.index("day")]
        try:
            day_named(day)
        except BadInputError:
            add(Fault.FIELD, at, "day", day, "a day of the calendar")
            return
        self.head = head = read_head(f"H,{','.join(row)}\n")
        if head.part > head.parts:
            add(Fault.PART, at, "part", head.part, f"at most {head.parts}")
        if head.number == 1 and head.before != FIRST:
            add(Fault.DIGEST, at, "before", head.before.hex(), "64 zeros: it is the first")

    def _take_moved(self, kind: str, at: int, rows: Sequence[tuple[str, ...]]) -> None:
        self._taken += len(rows)
        if self._taken > LINES_MOST:
            if self._taken - len(rows) <= LINES_MOST:
                told = f"more than {LINES_MOST} lines F, C and A"
                self._findings.add(Fault.TOO_MANY, at + len(rows) - 1, "", told, "two files")
            return
        columns = list(zip(*rows, strict=True))
        if kind.startswith("A"):
            self._check_places(at, columns)
            del columns[:2]
        self._sums[kind].add(columns[1:])
        self._check_numbers(kind, at, list(map(int, columns[0])))

    def _check_numbers(self, kind: str, at: int, numbers: list[int]) -> None:
        """Each line of the ledger once; lines F and lines C ascend."""
        seen, last = self._seen, self._last[kind]
        if all(map(lt, chain((last,), numbers), numbers)) and seen.isdisjoint(numbers):
            seen.update(numbers)
            self._last[kind] = numbers[-1]
            return
        for line, n in enumerate(numbers, at):
            if n in seen:
                self._findings.add(Fault.TWICE, line, "n", n, "each line of the ledger once")
            elif n <= last and not kind.startswith("A"):
                self._findings.add(Fault.NOT_ASCENDING, line, "n", n, f"above {last}")
            seen.add(n)
            last = max(last, n)
        self._last[kind] = last

    def _check_places(self, at: int, columns: Sequence[Sequence[str]]) -> None:
        """Lines that are sent again ascend by their file and their line in it."""
        files, lines = (map(int, column) for column in columns[:2])
        for line, place in enumerate(zip(files, lines, strict=True), at):
            if place <= self._last_place:
                before = "line {1} of file {0}".format(*self._last_place)
                found = "line {1} of file {0}".format(*place)
                self._findings.add(Fault.NOT_ASCENDING, line, "at", found, f"above {before}")
            if self.head is not None and place[0] >= self.head.number:
                self._findings.add(Fault.FIELD, line, "file", place[0], f"below {self.head.number}")
            self._last_place = max(self._last_place, place)
