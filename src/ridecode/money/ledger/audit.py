"""Checking a sealed day from its files alone: no database, no key, no word of ours is trusted.

What is checked, each with a finding of its own:

- the lines lead to the root, and the root and the chain of the day before to the chain;
- every line is one movement above zero along a flow of the chart, numbered upwards, its id its own;
- the sums follow from the lines, and the closings from the closings of the day before;
- debits are credits, and all closings together are zero; no wallet is below it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.money.ledger import dayfile
from ridecode.money.ledger.chart import FLOWS, Flow, Kind
from ridecode.money.ledger.dayfile import Seal
from ridecode.money.ledger.days import GENESIS, chained
from ridecode.money.ledger.journal import AMOUNT_END, PARTY
from ridecode.money.ledger.merkle import Tree


class Fault(IntEnum):
    """What can be wrong with a day's files."""

    HEAD = 1
    """The first line is not the head of such a file."""
    LINE_MALFORMED = 2
    """A line is no journal along a flow of the chart."""
    NUMBER_NOT_HIGHER = 3
    ID_TWICE = 4
    COUNT = 5
    """There are more or fewer lines than the seal says."""
    ROOT = 6
    """The lines lead to another root: one was changed, added, taken away or moved."""
    CHAIN = 7
    """Root and the day before lead to another chain."""
    MOVED = 8
    """An account's debits or credits are not those of the lines."""
    CLOSING = 9
    """An account's closing does not follow from the day before."""
    UNBALANCED = 10
    """All closings together are not zero."""
    OVERDRAWN = 11
    """The wallets together are below zero."""
    NOT_THE_DAY_BEFORE = 12
    """The seal that was given for the day before is another city's, or of no earlier day."""


class Finding(Struct, frozen=True):
    """One fault: where, and what was expected."""

    fault: Fault
    line: int | None
    """From 1, the head included; None where it is no line's."""
    what: str


class Audit(Struct, frozen=True):
    """What was found of one day; an honest day has no findings."""

    seal: Seal
    journals: int
    findings: tuple[Finding, ...]
    more: int
    """Findings that were left out behind the first hundred."""


_TOLD: Final = 100


def audit_day(folder: Path, day: int, before: Path | None = None) -> Audit:
    """Check the day's two files in a folder, against the seal file of the day before.

    `before` None: it is the first day of the books. Raises `BadInputError` where a file is missing
    or the seal cannot be read. 10 million lines take some three minutes and 1 GB.
    """
    seal = _read(folder / dayfile.seal_name(day))
    earlier = None if before is None else _read(before)
    lines = _Lines()
    path = folder / dayfile.lines_name(day)
    try:
        with path.open("rb") as file:
            found = list(_some(lines.check(file)))
    except OSError as error:
        raise _missing(path) from error
    findings = [*found, *lines.against(seal), *_against(seal, earlier)]
    more = lines.findings - len(found)
    return Audit(seal, lines.tree.count, tuple(findings), more)


def _read(path: Path) -> Seal:
    try:
        return dayfile.read_seal(path.read_bytes(), str(path))
    except OSError as error:
        raise _missing(path) from error


def _missing(path: Path) -> BadInputError:
    return BadInputError("The file cannot be read.", "Give the folder of the day.", file=str(path))


def _some(findings: Iterable[Finding]) -> Iterator[Finding]:
    for at, one in enumerate(findings):
        if at < _TOLD:
            yield one


class _Lines:
    """The lines of a day while they are read."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.findings = 0
        self._debits: defaultdict[tuple[Kind, str], int] = defaultdict(int)
        self._credits: defaultdict[tuple[Kind, str], int] = defaultdict(int)
        self._ids: set[bytes] = set()
        self._last = 0

    def check(self, file: Iterable[bytes]) -> Iterator[Finding]:
        for at, line in enumerate(file, 1):
            content = line.removesuffix(b"\n")
            if at == 1:
                found = None if line == dayfile.HEADER + b"\n" else (Fault.HEAD, "another head")
            else:
                self.tree.extend((content,))
                found = self._wrong(content)
            if found is not None:
                self.findings += 1
                yield Finding(found[0], at, found[1])

    def _wrong(self, line: bytes) -> tuple[Fault, str] | None:
        try:
            number, journal_id, flow, debit, credit, amount, _ = line.decode("ascii").split(",")
            n, key, moved, fen = int(number), UUID(journal_id).bytes, Flow(int(flow)), int(amount)
        except ValueError as error:
            return Fault.LINE_MALFORMED, str(error)
        if not 0 < fen < AMOUNT_END or not PARTY.fullmatch(debit) or not PARTY.fullmatch(credit):
            return Fault.LINE_MALFORMED, "an amount above zero between two parties was expected"
        debited, credited = FLOWS[moved]
        self._debits[debited, "" if debited.is_of_riders else debit] += fen
        self._credits[credited, "" if credited.is_of_riders else credit] += fen
        if n <= self._last:
            return Fault.NUMBER_NOT_HIGHER, f"a number above {self._last} was expected, not {n}"
        self._last = n
        if key in self._ids:
            return Fault.ID_TWICE, f"{journal_id} stands above"
        self._ids.add(key)
        return None

    def against(self, seal: Seal) -> Iterator[Finding]:
        """Do the lines give what the seal says?"""
        if self.tree.count != seal.journals:
            yield Finding(
                Fault.COUNT, None, f"{seal.journals:,} lines were sealed, not {self.tree.count:,}"
            )
        if self.tree.root() != seal.root:
            yield Finding(Fault.ROOT, None, f"the lines lead to {self.tree.root().hex()}")
        sealed = {(one.kind, one.party): (one.debits, one.credits) for one in seal.sums}
        for key in sorted(sealed.keys() | self._debits.keys() | self._credits.keys()):
            moved = self._debits.get(key, 0), self._credits.get(key, 0)
            if sealed.get(key, (0, 0)) != moved:
                what = f"{_named(*key)}: the lines debit {moved[0]:,} and credit {moved[1]:,} fen"
                yield Finding(Fault.MOVED, None, what)


def _against(seal: Seal, before: Seal | None) -> Iterator[Finding]:
    """Does the seal follow from the one of the day before?"""
    if before is not None and (before.city != seal.city or before.day >= seal.day):
        yield Finding(Fault.NOT_THE_DAY_BEFORE, None, f"{before.city} was given")
        return
    chain = GENESIS if before is None else before.chain
    if chained(chain, seal.root) != seal.chain:
        yield Finding(
            Fault.CHAIN, None, f"chain and root lead to {chained(chain, seal.root).hex()}"
        )
    yield from _closings(seal, {} if before is None else _closing(before))


def _closings(seal: Seal, opening: Mapping[tuple[Kind, str], int]) -> Iterator[Finding]:
    closing = _closing(seal)
    moved = {(one.kind, one.party): one.debits - one.credits for one in seal.sums}
    for key in sorted(closing.keys() | opening.keys()):
        expected = opening.get(key, 0) + moved.get(key, 0)
        if closing.get(key, 0) != expected:
            what = f"{_named(*key)}: {expected:,} fen follow from the day before"
            yield Finding(Fault.CLOSING, None, what)
    if sum(closing.values()) != 0:
        what = f"all closings together are {sum(closing.values()):,} fen"
        yield Finding(Fault.UNBALANCED, None, what)
    if closing.get((Kind.WALLET, ""), 0) > 0:
        yield Finding(Fault.OVERDRAWN, None, "the wallets together are below zero")


def _closing(seal: Seal) -> dict[tuple[Kind, str], int]:
    return {(one.kind, one.party): one.closing for one in seal.sums}


def _named(kind: Kind, party: str) -> str:
    return f"{kind.name} {party}".rstrip()
