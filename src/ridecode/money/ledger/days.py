"""Business days: each closes once, and is sealed by one hash over all its lines.

Closing is a moment: from then on the day takes nothing more, and what belongs to it is posted to
the first open one. Sealing reads the day's lines, some minutes for the ten million rides of a city,
while posting goes on; killed half-way it is begun again and ends in the same bytes.

Seals are chained: chain(n) = SHA-256( 2 ‖ chain(n − 1) ‖ root(n) ), chain(0) = 32 zero bytes, so
the newest one vouches for every day before it.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.core import BusinessCalendar, Progress, RefusedError, day_name, unseen
from ridecode.money.ledger import dayfile, db
from ridecode.money.ledger.chart import Kind
from ridecode.money.ledger.dayfile import DaySum, Seal
from ridecode.money.ledger.merkle import Tree
from ridecode.store import Cell, Connection, ahead, whole_file

_CHUNK: Final = 100_000
"""Lines that are read at a time, as one text of some 12 MB."""
GENESIS: Final = bytes(32)
"""What the first day's chain begins with."""


class TrialLine(Struct, frozen=True):
    """One account of a trial balance, or all riders' accounts of a kind; debits minus credits."""

    kind: Kind
    party: str
    """Empty for all riders'."""
    debits: int
    credits: int
    closing: int


def close_day(where: db.Where, calendar: BusinessCalendar, day: int, now: int) -> int:
    """Close a business day; when it was closed, UTC epoch microseconds.

    A day that is closed stays as it was. Raises `RefusedError` for one that still runs, and where
    another must be closed before it.
    """
    with db.connected(where) as conn:
        head = db.lock(conn)
        closed = db.closed_at(conn, day)
        if closed is not None:
            return closed
        check_turn(conn, calendar, day, now)
        db.close(conn, day, max(now, head.posted_at))
        return max(now, head.posted_at)


def check_turn(where: db.Where, calendar: BusinessCalendar, day: int, now: int) -> None:
    """Whether a business day may be closed next; raises `RefusedError` as `close_day` does."""
    ends = calendar.starts(day + 1)
    if now < ends:
        raise RefusedError(
            f"The business day {day_name(day)} still runs.",
            f"It ends at {calendar.iso(ends)}; close it then.",
        )
    with db.connected(where) as conn:
        first = _next(conn, db.head(conn).closed)
    if first is not None and day != first:
        raise RefusedError(
            f"The business day {day_name(day)} is not the next.",
            f"Close {day_name(first)} first: days close in their order.",
        )


class Day(Struct, frozen=True):
    """A closed business day."""

    day: int
    closed_at: int
    """UTC epoch microseconds."""
    journals: int | None
    """None, as root and chain, where it is not sealed yet."""
    root: bytes | None
    chain: bytes | None


def closed_days(where: db.Where, most: int) -> list[Day]:
    """The latest closed days, the newest first."""
    with db.connected(where) as conn:
        return [Day(*row) for row in db.days(conn, most)]


def next_day(where: db.Where) -> int | None:
    """The day that has to be closed next; None where nothing was ever posted or closed."""
    with db.connected(where) as conn:
        return _next(conn, db.head(conn).closed)


def is_closed(where: db.Where, day: int) -> bool:
    with db.connected(where) as conn:
        return db.closed_at(conn, day) is not None


def closed_so_far(conn: Connection) -> int | None:
    """The last business day that was closed; another may be closed at any moment."""
    return db.head(conn).closed


def last_closed(conn: Connection) -> int | None:
    """The last business day that was closed; none is closed until the transaction ends."""
    return db.lock(conn).closed


def _next(conn: Connection, closed: int | None) -> int | None:
    """The day that has to be closed next; None where any may be the first."""
    return db.earliest_open(conn, _BEFORE_ALL) if closed is None else closed + 1


_BEFORE_ALL: Final = -(1 << 31)


def seal_day(cell: Cell, day: int, folder: Path, progress: Progress = unseen) -> Seal:
    """Write the files of a closed day into a folder, and keep its seal.

    A day that is sealed is written again, the same byte for byte. Raises `RefusedError` for one
    that is open, or whose day before has no seal.
    """
    with whole_file(folder / dayfile.lines_name(day)) as out:
        tree = Tree()
        out.write(dayfile.HEADER + b"\n")
        with cell.connection() as conn:
            _check_turn(conn, day)
            with ahead(_lines(conn, day, progress)) as read:
                for lines in read:
                    out.write(lines)
                    tree.extend(lines.splitlines())
        sealed = _keep(cell, day, tree)
    with whole_file(folder / dayfile.seal_name(day)) as out:
        out.write(dayfile.seal_bytes(sealed))
    return sealed


def _check_turn(conn: Connection, day: int) -> None:
    if db.closed_at(conn, day) is None:
        raise RefusedError(f"The business day {day_name(day)} is open.", "Close it first.")
    first = db.first_unsealed(conn)
    if db.seal(conn, day) is None and first != day:
        assert first is not None, "this one is closed and not sealed"
        raise RefusedError(
            f"The business day {day_name(day)} cannot be sealed yet.", f"Seal {day_name(first)}."
        )


def _lines(conn: Connection, day: int, progress: Progress) -> Iterator[bytes]:
    """The day's lines in their order, some at a time."""
    span = db.span(conn, day)
    if span is None:
        return
    first, last = span
    for at in range(first, last + 1, _CHUNK):
        progress(at - first, last + 1 - first)
        yield db.text_of_lines(conn, day, at, min(at + _CHUNK - 1, last))
    progress(last + 1 - first, last + 1 - first)


def _keep(cell: Cell, day: int, tree: Tree) -> Seal:
    """The day's seal, kept if it is new; `AssertionError` if the lines are not those of before."""
    root = tree.root()
    with cell.connection() as conn:
        known = db.seal(conn, day)
        if known is None:
            newest = db.seal(conn, None)
            before = GENESIS if newest is None else newest[3]
            chain = chained(before, root)
            db.add_seal(conn, day, tree.count, root, chain)
            db.add_sums(conn, day)
        else:
            _, journals, stored, chain = known
            assert (journals, stored) == (tree.count, root), "a closed day's lines never change"
        sums = tuple(
            DaySum(Kind(kind), party, debits, credits_, closing)
            for kind, party, debits, credits_, closing in db.sums(conn, day)
        )
    return Seal(cell.city, day, tree.count, root, chain, sums)


def chained(before: bytes, root: bytes) -> bytes:
    """The chain after a day with that root."""
    return sha256(b"\2" + before + root).digest()


def trial_balance(where: db.Where) -> list[TrialLine]:
    """Every account with all that was ever posted, riders' accounts of a kind as one.

    Debits and credits are those of the days behind the last sealed one, `closing` is of all days.
    The closings sum to zero.
    """
    with db.connected(where) as conn:
        newest = db.seal(conn, None)
        sealed = None if newest is None else newest[0]
        lines = {
            (kind, party): TrialLine(Kind(kind), party, 0, 0, closing)
            for kind, party, _, _, closing in ([] if sealed is None else db.sums(conn, sealed))
        }
        for kind, party, debits, credits_ in db.open_sums(conn, sealed):
            before = lines[kind, party].closing if (kind, party) in lines else 0
            lines[kind, party] = TrialLine(
                Kind(kind), party, debits, credits_, before + debits - credits_
            )
    return [lines[key] for key in sorted(lines)]
