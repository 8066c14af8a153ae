"""The settlement files of a closed day, from the books.

The lines of a closed day never change, and a file's bytes follow from them, from the file before,
from rides as the first writer knew them, and from our key: so whoever writes a day's files again,
because a run was killed or a file was lost, writes the same bytes. A file is on the disk whole
before the database knows of it.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from hashlib import file_digest
from pathlib import Path
from typing import Final, TypeAlias

from ridecode.core import (
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
from ridecode.store import Cell, Connection, side_by_side

_CHUNK: Final = 20_000
"""Numbers of the ledger that are gone through at a time."""
_SESSIONS: Final = 2
"""That read side by side."""
_Counted: TypeAlias = tuple[int, bytes]
"""So many lines, and the lines."""


def write_files(
    conn: Connection, cell: Cell, card_company: str, day: int, folder: Path, private: bytes,
    progress: Progress = unseen,
) -> list[Filed]:  # fmt: skip
    """The settlement files of a closed business day, in a folder; the same again are the same.

    `conn` is that of whoever closes days `alone`, and each file is committed on it; `private` is
    our Ed25519 key. Raises `RefusedError` where a closed day before has not all its files yet. Some
    21 µs a line, the seal beside it included, most of it PostgreSQL's, which looks up the ride of
    every fare.
    """
    with collecting_rarely():
        known = {one.part: one for one in db.files(conn, day)}
        fares, charges, first, last = db.counts(conn, day)
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
                lines = _Lines(cell, day, start, last, rides_until, [
                    again(refusal.number, refusal.at, refusal.line)
                    for refusal in disputed[max((part - 1) * LINES_MOST - fares - charges, 0) :]
                ])  # fmt: skip
                with closing(iter(lines)) as read:
                    written = write_settlement(folder, head, read, private)
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
    first = db.first_unfiled(conn)
    if first is None or first > day:
        raise RefusedError(
            f"Days after {day_name(day)} have their settlement files already.",
            "None may come between them: settle its lines between people.",
        )
    # Else that day's lines would be in no file: none may come between two that follow each other.
    if first < day:
        raise RefusedError(
            f"The settlement files of {day_name(day)} cannot be written yet.",
            f"Close {day_name(first)} again, which writes its own; then close this day again.",
        )
    return db.file(conn, None)


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
        self, cell: Cell, day: int, start: Filed, last: int, rides_until: int,
        disputed: Sequence[bytes],
    ) -> None:  # fmt: skip
        self.fares_until, self.charges_until = start.fares_until, start.charges_until
        self.rides_until = rides_until
        self._cell, self._day = cell, day
        self._last = last
        """Number of the day's last line."""
        self._disputed = disputed
        self._room = LINES_MOST

    def __iter__(self) -> Generator[bytes, None, None]:
        for lines in self._read(self._fares, self.fares_until):
            self.fares_until = _number(lines)
            yield lines
        for lines in self._read(self._charges, self.charges_until):
            self.charges_until = _number(lines)
            yield lines
        yield b"".join(self._disputed[: self._room])

    def _read(self, kind: Callable[[int], _Counted], after: int) -> Iterator[bytes]:
        """Lines of a kind behind one of the ledger, as long as there is room."""
        if not self._room:
            return
        with side_by_side(kind, range(after, self._last, _CHUNK), _SESSIONS) as chunks:
            for count, lines in chunks:
                taken = min(count, self._room)
                self._room -= taken
                if taken < count:
                    yield b"".join(lines.splitlines(keepends=True)[:taken])
                elif taken:
                    yield lines
                if not self._room:
                    return

    def _fares(self, after: int) -> _Counted:
        with self._cell.connection() as conn:
            return db.text_of_fares(
                conn, self._day, after, after + _CHUNK, until_pass=self.rides_until
            )

    def _charges(self, after: int) -> _Counted:
        with self._cell.connection() as conn:
            rows = db.charges(conn, self._day, after, after + _CHUNK)
        text = "".join(
            f"C,{n},{order.hex()},{account},{channel or channels.WALLET}"
            f",{channels.charge_number(order, channels.heard_of(heard), journal)}"
            f",{fen}\n"
            for n, journal, order, heard, account, channel, fen in rows
        )
        return len(rows), text.encode()


def _number(lines: bytes) -> int:
    """Of the last of them its number in the ledger."""
    return int(lines[lines.rfind(b"\n", 0, -1) + 1 :].split(b",", 2)[1])
