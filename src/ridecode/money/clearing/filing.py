"""The settlement files of a closed day, from the books.

The lines of a closed day never change, and a file's bytes follow from them, from the file before,
from rides as the first writer knew them, and from our key: so whoever writes a day's files again,
because a run was killed or a file was lost, writes the same bytes. A file is on the disk whole
before the database knows of it.
"""

from collections.abc import Iterator, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

from ridecode.core import (
    BusinessCalendar,
    Progress,
    RefusedError,
    collecting_rarely,
    day_name,
    unseen,
)
from ridecode.money import channels
from ridecode.money.clearing import db
from ridecode.money.clearing.db import Filed
from ridecode.money.clearing.files import Written, write_settlement
from ridecode.money.clearing.layout import FIRST, LINES_MOST, Head, again
from ridecode.rides import priced_until
from ridecode.store import Cell, Connection, alone

_WORK: Final = 0x636C6561
"""Its number among advisory locks: 'clea'."""
_CHUNK: Final = 20_000


def write_files(
    cell: Cell, card_company: str, calendar: BusinessCalendar, day: int, folder: Path,
    private: bytes, progress: Progress = unseen,
) -> list[Filed]:  # fmt: skip
    """The settlement files of a closed business day, in a folder; the same again are the same.

    `private` is our Ed25519 key. Raises `RefusedError` where a day before has none yet. Some 25 µs
    a line, most of it PostgreSQL's, which looks up the ride of every fare.
    """
    with alone(cell.dsn, _WORK, "a day was closed") as conn, collecting_rarely():
        known = {one.part: one for one in db.files(conn, day)}
        fares, charges, first = db.counts(conn, day)
        disputed = db.refusals_of_day(conn, day)
        total = fares + charges + len(disputed)
        parts = max(1, -(-total // LINES_MOST))
        before = _before(conn, day, known)
        rides_until = db.rides_until(conn, day, priced_until(conn))
        conn.commit()
        filed: list[Filed] = []
        for part in range(1, parts + 1):
            head = Head(
                city=cell.city, card_company=card_company, day=day,
                number=before.number + 1 if before else 1, part=part, parts=parts,
                before=before.digest if before else FIRST,
            )  # fmt: skip
            start = filed[-1] if filed else Filed(
                0, day, 0, parts, "", b"", max(first - 1, 0), max(first - 1, 0), 0, 0, 0,
            )  # fmt: skip
            one = known.get(part)
            if one is None or not _is_there(folder / one.name, one.digest):
                lines = _Lines(conn, calendar, day, start, rides_until, [
                    again(refusal.number, refusal.at, refusal.line)
                    for refusal in disputed[max((part - 1) * LINES_MOST - fares - charges, 0) :]
                ])  # fmt: skip
                written = write_settlement(folder, head, lines, private)
                again_ = _filed(head, written, lines)
                assert one in (None, again_), "a closed day's lines never change"
                if one is None:
                    db.add_file(conn, again_)
                    conn.commit()
                one = again_
            filed.append(one)
            before = one
            progress(min(part * LINES_MOST, total), total)
    return filed


def _before(conn: Connection, day: int, known: dict[int, Filed]) -> Filed | None:
    """The file before a day's first one."""
    if known:
        return db.file(conn, known[1].number - 1)
    last = db.file(conn, None)
    if last is not None and (last.day >= day or last.part < last.parts):
        raise RefusedError(
            f"The settlement files of {day_name(day)} cannot be written yet.",
            f"Write those of {day_name(last.day)} whole; days go in their order.",
        )
    return last


def _is_there(path: Path, digest: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").digest() == digest
    except FileNotFoundError:
        return False


def _filed(head: Head, written: Written, lines: "_Lines") -> Filed:
    of = written.totals
    return Filed(
        head.number, head.day, head.part, head.parts, written.path.name, written.digest,
        lines.fares_until, lines.charges_until, of.fares.lines + of.charges.lines + of.again.lines,
        of.fares.fen, of.charges.fen,
    )  # fmt: skip


class _Lines:
    """The lines of one part, in chunks; how far it came in the ledger."""

    def __init__(
        self, conn: Connection, calendar: BusinessCalendar, day: int, start: Filed,
        rides_until: int, disputed: Sequence[bytes],
    ) -> None:  # fmt: skip
        self.fares_until, self.charges_until = start.fares_until, start.charges_until
        self.rides_until = rides_until
        self._conn, self._day, self._ends = conn, day, calendar.starts(day + 1)
        self._disputed = disputed
        self._room = LINES_MOST

    def __iter__(self) -> Iterator[bytes]:
        yield from self._fares()
        yield from self._charges()
        yield b"".join(self._disputed[: self._room])

    def _fares(self) -> Iterator[bytes]:
        while most := min(self._room, _CHUNK):
            lines = b"".join(
                db.copy_fares(
                    self._conn, self._day, self.fares_until, most,
                    until_pass=self.rides_until, until_ts=self._ends,
                )
            )  # fmt: skip
            if not lines:
                return
            last = lines[lines.rfind(b"\n", 0, -1) + 1 :]
            self.fares_until = int(last.split(b",", 2)[1])
            self._room -= lines.count(b"\n")
            yield lines

    def _charges(self) -> Iterator[bytes]:
        while most := min(self._room, _CHUNK):
            rows = db.charges(self._conn, self._day, self.charges_until, most)
            if not rows:
                return
            self.charges_until = rows[-1][0]
            self._room -= len(rows)
            yield "".join(
                f"C,{n},{order.hex()},{account},{channel or channels.WALLET}"
                f",{channels.charge_number(order, made_at, channels.heard_of(heard), journal)}"
                f",{fen}\n"
                for n, journal, order, made_at, heard, account, channel, fen in rows
            ).encode()
