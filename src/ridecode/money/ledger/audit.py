"""Checking a sealed day from its files alone: no database, no word of ours is trusted.

What is checked, each with a finding of its own:

- the lines lead to the root, and the root and the chain of the day before to the chain;
- every line is one movement above zero along a flow of the chart, numbered upwards, its id its own;
- the seal is of that day, and of each account it has one row;
- the sums follow from the lines, and the closings from the closings of the day before;
- debits are credits, and all closings together are zero; no wallet is below it.

Whoever makes all files anew can make them fit: that they are the city's is said by the seal's
signature alone, which is checked for whoever has the city's public key.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from msgspec import Struct

from ridecode.core import BadInputError, day_name
from ridecode.money.ledger import dayfile
from ridecode.money.ledger.chart import FLOWS, Flow, Kind
from ridecode.money.ledger.dayfile import LINE_MOST, SEAL_MOST, Seal
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
    """The seal that was given for the day before is another city's, or another day's."""
    OTHER_DAY = 13
    """The seal is of another day than its name says."""
    SUM_TWICE = 14
    """An account has two rows of sums."""
    SIGNATURE = 15
    """Nobody who may sign has signed the seal."""


class Finding(Struct, frozen=True):
    """One fault: where, and what was expected."""

    fault: Fault
    line: int | None
    """From 1, the head included; None where it is no line's."""
    what: str


class Audit(Struct, frozen=True):
    """What was found of one day; an honest day has no findings."""

    seal: Seal
    signed_by: str | None
    """Id of the key that signed the seal; None where it was not checked, or none did."""
    journals: int
    findings: tuple[Finding, ...]
    more: int
    """Findings that were left out behind the first hundred."""


_TOLD: Final = 100

Signer: TypeAlias = Callable[[bytes], str | None]
"""Id of the key that signed a seal's file; None where no known one did."""


def audit_day(
    folder: Path, day: int, before: Path | None = None, signer: Signer | None = None
) -> Audit:
    """Check the day's two files in a folder, against the seal file of the day before.

    `before` None: it is the first day of the books; `signer` None: the signature is not checked.
    Raises `BadInputError` where a file is missing or the seal cannot be read. 10 million lines take
    some three minutes and 1 GB.
    """
    path = folder / dayfile.seal_name(day)
    file_of_seal = _read(path)
    seal = dayfile.read_seal(file_of_seal, str(path))
    earlier = None if before is None else dayfile.read_seal(_read(before), str(before))
    signed_by = None if signer is None else signer(file_of_seal)
    lines = _Lines()
    path = folder / dayfile.lines_name(day)
    try:
        with path.open("rb") as file:
            found = list(_some(lines.check(iter(lambda: file.readline(LINE_MOST), b""))))
    except OSError as error:
        raise _missing(path) from error
    findings = [*found, *_itself(seal, day), *lines.against(seal), *_against(seal, earlier)]
    if signer is not None and signed_by is None:
        findings.append(Finding(Fault.SIGNATURE, None, "nobody who may sign has signed the seal"))
    more = lines.findings - len(found)
    return Audit(seal, signed_by, lines.tree.count, tuple(findings), more)


def _read(path: Path) -> bytes:
    """The file of a seal."""
    try:
        with path.open("rb") as file:
            content = file.read(SEAL_MOST + 1)
    except OSError as error:
        raise _missing(path) from error
    if len(content) > SEAL_MOST:
        raise BadInputError("This is too long for a seal of a business day.", file=str(path))
    return content


def _missing(path: Path) -> BadInputError:
    return BadInputError("The file cannot be read.", "Give the folder of the day.", file=str(path))


def _some(findings: Iterable[Finding]) -> Iterator[Finding]:
    for at, one in enumerate(findings):
        if at < _TOLD:
            yield one


_NO_END: Final = Fault.LINE_MALFORMED, f"a line and its end have at most {LINE_MOST} bytes"


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
                found = self._wrong(content) if line.endswith(b"\n") else _NO_END
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


def _itself(seal: Seal, day: int) -> Iterator[Finding]:
    """Is it a seal of that day, with one row for each account?"""
    if seal.day != day:
        yield Finding(Fault.OTHER_DAY, None, f"it is the seal of {day_name(seal.day)}")
    rows = Counter((one.kind, one.party) for one in seal.sums)
    for key in sorted(key for key, count in rows.items() if count > 1):
        yield Finding(Fault.SUM_TWICE, None, f"{_named(*key)}: {rows[key]} rows")


def _against(seal: Seal, before: Seal | None) -> Iterator[Finding]:
    """Does the seal follow from the one of the day before? Days close one after another."""
    if before is not None and (before.city, before.day) != (seal.city, seal.day - 1):
        what = f"that of {before.city}, {day_name(before.day)} was given"
        yield Finding(Fault.NOT_THE_DAY_BEFORE, None, what)
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
