"""What the lines of an answer mean: does it reject what was sent, and do its totals fit?"""

from collections.abc import Sequence
from functools import cached_property

from ridecode.core import BadInputError, day_named
from ridecode.money.clearing.answer import (
    RECORDS,
    AnswerHead,
    Cleared,
    Rejected,
    read_answer_head,
    read_rejected,
)
from ridecode.money.clearing.findings import Fault, Findings
from ridecode.money.clearing.layout import LINES_MOST
from ridecode.money.clearing.sent import SentFile, cleared
from ridecode.money.clearing.totals import Told


class Answered:
    """The content of an answer while it is read, beside the settlement file that it should be to.

    Without that file only what the answer says itself is compared.
    """

    def __init__(self, findings: Findings, sent: SentFile | None) -> None:
        self.head: AnswerHead | None = None
        self.rejected: list[Rejected] = []
        self._findings = findings
        self._sent = sent
        self._told = Told()
        self._numbers: dict[int, int] = {}
        """Of each rejected line its number in the ledger."""
        self._last = 0
        self._count = 0

    def take(self, kind: str, at: int, rows: Sequence[tuple[str, ...]]) -> None:
        if kind == "R":
            self._take_rejected(at, rows)
        elif kind == "H":
            self._take_head(at, rows[0])
        elif kind == "T":
            self._take_sums(at, rows[0])
        else:
            of = self._cleared
            by_party = None if of is None else {"O": of.operators, "K": of.channels}[kind]
            self._told.take(kind, at, rows, by_party)

    def finish(self) -> None:
        if self._cleared is not None:
            self._told.finish("O", self._cleared.operators)
            self._told.finish("K", self._cleared.channels)
        if self._count <= LINES_MOST:
            self._findings.add_all(self._told.findings)

    def _take_head(self, at: int, row: tuple[str, ...]) -> None:
        add, day = self._findings.add, row[RECORDS["H"].taken.index("day")]
        try:
            day_named(day)
        except BadInputError:
            add(Fault.FIELD, at, "day", day, "a day of the calendar")
            return
        self.head = head = read_answer_head(f"H,{','.join(row)}\n")
        if self._sent is not None:
            sent = self._sent.head
            is_to = AnswerHead(
                city=sent.city, card_company=sent.card_company, day=sent.day, number=sent.number,
                digest=self._sent.digest,
            )  # fmt: skip
            if head != is_to:
                found = f"number {head.number} of {head.city}, {head.digest.hex()}"
                expected = f"number {sent.number} of {sent.city}, {self._sent.digest.hex()}"
                add(Fault.ANOTHER_FILE, at, "digest", found, expected)
                self._sent = None

    def _take_rejected(self, at: int, rows: Sequence[tuple[str, ...]]) -> None:
        self._count += len(rows)
        if self._count > LINES_MOST:
            if self._count - len(rows) <= LINES_MOST:
                found = f"more than {LINES_MOST} lines R"
                self._findings.add(Fault.TOO_MANY, at + len(rows) - 1, "", found, "fewer")
            return
        add = self._findings.add
        for line, one in enumerate(map(read_rejected, rows), at):
            if one.at in self._numbers:
                add(Fault.TWICE, line, "at", one.at, "each line once")
                continue
            if one.at < self._last:
                add(Fault.NOT_ASCENDING, line, "at", one.at, f"above {self._last}")
            self._last = one.at
            self._numbers[one.at] = one.n
            self.rejected.append(one)

    @cached_property
    def _cleared(self) -> Cleared | None:
        """What the file comes to without the lines that are rejected; None where it is not known.
        To be asked for when all lines R were taken."""
        if self._sent is None:
            return None
        try:
            made, met = cleared(self._sent.path, self._numbers)
        except (BadInputError, OSError) as error:
            self._findings.add(
                Fault.NOT_THE_FILE_BEFORE, None, "", error, "a sound settlement file"
            )
            return None
        for at in sorted(self._numbers.keys() - met):
            found = f"line {at}, ledger line {self._numbers[at]}"
            self._findings.add(Fault.NEVER_SENT, None, "at", found, "a line F, C or A of the file")
        return made if len(met) == len(self._numbers) else None

    def _take_sums(self, at: int, row: tuple[str, ...]) -> None:
        names, of = RECORDS["T"].taken, self._cleared
        if of is not None:
            sums = of.fares, of.charges, of.fares_rejected, of.charges_rejected
            self._told.compare(at, names, row, sums)
            return
        self._told.compare(at, names[:4], row[:4], [self._told.total("O"), self._told.total("K")])
        rejected = int(row[names.index("fares_rejected")])
        rejected += int(row[names.index("charges_rejected")])
        if rejected != len(self.rejected):
            expected = f"{len(self.rejected)}: so many lines R"
            self._told.findings.add(Fault.TOTAL, at, "rejected", rejected, expected)
