"""Adding up a file's lines, and comparing what its lines of totals say."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ridecode.money.clearing.findings import Fault, Findings
from ridecode.money.clearing.layout import NOTHING, Total


class Sums:
    """Lines of one kind, added up by their parties: operator and platform, or a channel alone.

    Fares are of few amounts, so it is counted how often each stands with the same parties, which
    costs a tenth of adding them one by one.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._totals: dict[tuple[str, ...], Total] = {}

    def add(self, columns: Iterable[Sequence[str]]) -> None:
        """Lines as columns: those of the parties, and last the amounts."""
        self._counts.update(zip(*columns, strict=True))
        if len(self._counts) > _COUNTS_MOST:
            self._fold()

    def _fold(self) -> None:
        for (*parties, amount), lines in self._counts.items():
            had = self._totals.get(key := tuple(parties), NOTHING)
            self._totals[key] = Total(had.lines + lines, had.fen + lines * int(amount))
        self._counts.clear()

    def by(self, place: int) -> dict[str, Total]:
        """Totals of the parties that stand at a place."""
        self._fold()
        return together(*({key[place]: one} for key, one in self._totals.items()))

    def by_all(self) -> dict[tuple[str, ...], Total]:
        """Totals of the parties that stand together."""
        self._fold()
        return dict(self._totals)

    def total(self) -> Total:
        self._fold()
        return added(*self._totals.values())


_COUNTS_MOST: Final = 100_000


def added(*totals: Total) -> Total:
    """All of them in one."""
    return Total(sum(one.lines for one in totals), sum(one.fen for one in totals))


def together(*totals: Mapping[str, Total]) -> dict[str, Total]:
    """Totals of each party, all of them in one."""
    made: dict[str, Total] = {}
    for of_kind in totals:
        for party, one in of_kind.items():
            made[party] = added(made.get(party, NOTHING), one)
    return made


class Told:
    """The lines of totals of a file while they are read: one for each party, in order of the ids.

    What is wrong with them counts only where every line of the file could be read, so it is kept
    apart until the end.
    """

    def __init__(self) -> None:
        self.findings = Findings()
        self._last: dict[str, str] = {}
        self._met: defaultdict[str, set[str]] = defaultdict(set)
        self._lines: Counter[str] = Counter()
        self._fen: Counter[str] = Counter()

    def take(
        self, kind: str, at: int, rows: Iterable[Sequence[str]],
        expected: Mapping[str, Total] | None,
    ) -> None:  # fmt: skip
        """Rows of party, lines and fen, the first at line `at`; `expected` None: not known."""
        add = self.findings.add
        for line, (party, lines, fen) in enumerate(rows, at):
            total, before = Total(int(lines), int(fen)), self._last.get(kind)
            if before is not None and party <= before:
                add(Fault.NOT_ASCENDING, line, "party", party, f"above {before}")
                continue
            self._last[kind] = party
            self._lines[kind] += total.lines
            self._fen[kind] += total.fen
            if expected is not None:
                if party in expected:  # memory is not for parties that nobody has
                    self._met[kind].add(party)
                if total != expected.get(party):
                    add(Fault.TOTAL, line, party, in_words(total), in_words(expected.get(party)))

    def total(self, kind: str) -> Total:
        """What a record's totals come to."""
        return Total(self._lines[kind], self._fen[kind])

    def compare(
        self, at: int, names: Sequence[str], row: Sequence[str], expected: Sequence[Total]
    ) -> None:
        """Line T: pairs of lines and fen under their names."""
        flat = [part for one in expected for part in (one.lines, one.fen)]
        for name, said, right in zip(names, map(int, row), flat, strict=True):
            if said != right:
                self.findings.add(Fault.TOTAL, at, name, said, right)

    def finish(self, kind: str, expected: Mapping[str, Total]) -> None:
        """No more lines of a record will come: is one for each party there?"""
        for party in sorted(expected.keys() - self._met[kind]):
            self.findings.add(
                Fault.TOTAL, None, f"{kind} {party}", "no such line", in_words(expected[party])
            )


def in_words(total: Total | None) -> str:
    return "no such line" if total is None else f"{total.lines} lines, {total.fen} fen"
