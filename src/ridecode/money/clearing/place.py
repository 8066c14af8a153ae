"""Where a line of the books stands in settlement files, and what became of it there."""

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from ridecode.money.clearing import db
from ridecode.money.clearing.answer import Reason
from ridecode.money.clearing.db import Filed
from ridecode.money.clearing.layout import LINES_MOST
from ridecode.money.ledger import Line
from ridecode.store import Cell, Connection


class Place(Struct, frozen=True):
    """One line of one file."""

    number: int
    """Of the file."""
    name: str
    at: int
    """Its line in the file, from 1, the head included."""
    is_answered: bool
    reason: Reason | None
    """Why the card company rejected it; None where it did not."""


def places(cell: Cell, line: Line) -> tuple[Place, ...]:
    """Where a line of the books stands: in a file of its day, and in those with which it was sent
    again. Nowhere where it is no fare or charge, or its day has no files yet."""
    with cell.connection() as conn:
        refusals = {one.number: one for one in db.refusals_of(conn, line.n)}
        return tuple(
            Place(
                file.number, file.name, at, db.answer(conn, file.number) is not None,
                Reason(refusals[file.number].reason) if file.number in refusals else None,
            )
            for file, at in _found(conn, line, list(refusals.values()))
        )  # fmt: skip


def _found(conn: Connection, line: Line, refusals: list[db.Refusal]) -> Iterator[tuple[Filed, int]]:
    first = _first(conn, line)
    if first is not None:
        yield first
    for one in refusals:
        if one.disputed_day is not None:
            yield from _again(conn, one, one.disputed_day)


def _first(conn: Connection, line: Line) -> tuple[Filed, int] | None:
    """In the files of its day lines F come before lines C, and each part is full but the last."""
    day, flow = line.journal.day, line.journal.flow
    files = db.files(conn, day)
    for before, one in pairwise([None, *files]):
        assert one is not None, "only the first of them is nobody"
        fares, charges = (before.fares_until, before.charges_until) if before else (0, 0)
        if flow in db.FARES and fares < line.n <= one.fares_until:
            return one, 1 + db.count(conn, day, db.FARES, fares, line.n)
        if flow in db.CHARGES and charges < line.n <= one.charges_until:
            own = db.count(conn, day, db.FARES, fares, one.fares_until)
            return one, 1 + own + db.count(conn, day, db.CHARGES, charges, line.n)
    return None


def _again(conn: Connection, refusal: db.Refusal, day: int) -> Iterator[tuple[Filed, int]]:
    """Lines A come behind all others of their day."""
    files = db.files(conn, day)
    if files and len(files) == files[0].parts:
        own = db.refusals_of_day(conn, day)
        others = sum(one.lines for one in files) - len(own)
        nth = others + [(one.number, one.at) for one in own].index((refusal.number, refusal.at))
        yield files[nth // LINES_MOST], nth % LINES_MOST + 2
