"""Sending settlement files, and taking in what the card company answers.

What it clears becomes due: to operators their fares, to platforms their service fee, to the card
company its own. What it rejects stays with the card company's account until it is disputed, and
cleared with the files of a later day, or people have settled it.
"""

import os
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.core import BusinessCalendar, ConflictError, NotFoundError, RefusedError, day_name
from ridecode.money.clearing import db
from ridecode.money.clearing.answer import Reason
from ridecode.money.clearing.db import Answered, Filed, Refusal
from ridecode.money.clearing.lint import read_answer
from ridecode.money.clearing.numbering import Seen, recognise
from ridecode.money.clearing.sent import cleared_fares, raw_lines
from ridecode.money.clearing.shares import Rates, journals, shares
from ridecode.money.clearing.totals import added
from ridecode.money.ledger import Ledger, Outcome, last_closed, open_day
from ridecode.store import Cell, Connection, alone, whole_file

_WORK: Final = 0x73656E64
"""Number of sending among advisory locks: 'send'."""


class Handed(Struct, frozen=True):
    """A settlement file that lies where the card company fetches it."""

    path: Path
    is_first: bool
    """Whether it was never sent there before."""


def send(cell: Cell, day: int, folder: Path, place: Path, now: int) -> list[Handed]:
    """Put the files of a day where the card company fetches them; each is there whole or not at
    all, and a file that was sent before is sent again as it is.

    Raises `NotFoundError` where the day has no files, `RefusedError` where one in the folder is
    lost or damaged, `ConflictError` where another file lies there under a name.
    """
    with alone(cell.dsn, _WORK, "files were sent") as conn:
        files = db.files(conn, day)
        if not files or len(files) < files[0].parts:
            raise NotFoundError("The day has no settlement files yet.", "Close it first.")
        place.mkdir(parents=True, exist_ok=True)
        return [_handed(conn, one, folder, place, now) for one in files]


def _handed(conn: Connection, one: Filed, folder: Path, place: Path, now: int) -> Handed:
    content, target = _content(folder, one), place / one.name
    if target.exists() and target.read_bytes() != content:
        raise ConflictError(
            f"{target} is there and is another file.", "Find out whose it is before you send ours."
        )
    with whole_file(target) as out:
        # The card company fetches as a user of its own.
        os.fchmod(out.fileno(), 0o644)
        out.write(content)
    is_first = db.add_send(conn, one.number, now, str(place.resolve()))
    conn.commit()
    return Handed(target, is_first)


def _content(folder: Path, one: Filed) -> bytes:
    """What a file of ours says, if it is the one that was written."""
    path = folder / one.name
    content = path.read_bytes() if path.exists() else b""
    if sha256(content).digest() != one.digest:
        raise RefusedError(
            f"{path} is lost, or is not what was written.",
            f"Close {day_name(one.day)} again, which writes the same anew; then send it.",
        )
    return content


class Received(Struct, frozen=True):
    """What came of an answer."""

    answered: Answered
    is_new: bool
    """False where it was taken in before."""


def receive(
    cell: Cell, calendar: BusinessCalendar, ledger: Ledger, card_company: str, rates: Rates,
    folder: Path, path: Path, keys: Collection[bytes], now: int,
) -> Received:  # fmt: skip
    """Take in the card company's answer at `path`, signed by one of its public `keys`.

    `folder` is where our files are. What is cleared is booked on the open business day of `now`.
    Raises `BadInputError` for an answer with any finding of the linter, `NotFoundError` where it
    answers no file of ours, `ConflictError` where that has another answer.
    """
    number = _answered_number(path)
    filed = file_numbered(cell, number)
    answer = read_answer(path, keys, folder / filed.name)
    if answer.head.digest != filed.digest:
        raise RefusedError(
            f"The answer is to another file than our number {number}.", "Send the file again."
        )
    out = {one.at: one.n for one in answer.rejected}
    of, fares = cleared_fares(folder / filed.name, out)
    cleared, rejected_ = added(of.fares, of.charges), added(of.fares_rejected, of.charges_rejected)
    lines = dict(raw_lines(folder / filed.name, out))
    with cell.connection() as conn:
        day = open_day(calendar.day(now), last_closed(conn))
        # Nobody else takes in an answer from here on.
        known = db.answer(conn, number)
        seen = recognise(number, answer.digest, {number: known.digest} if known else {})
        if seen is Seen.CONFLICT:
            raise ConflictError(
                f"The file {number} has another answer already.",
                "Neither counts twice: ask the card company which one holds.",
            )
        if known is not None:
            return Received(known, is_new=False)
        due = journals(number, calendar.starts(filed.day), shares(fares, rates), card_company, day)
        outcomes = ledger.post(conn, due, now)
        assert set(outcomes) <= {Outcome.POSTED}, "an answer is taken in once"
        answered = Answered(
            number, answer.digest, now, day, cleared.lines, cleared.fen, rejected_.lines,
            rejected_.fen,
        )  # fmt: skip
        db.add_answer(conn, answered)
        db.add_refusals(
            conn,
            [
                Refusal(number, one.at, one.n, one.reason, one.detail, lines[one.at])
                for one in answer.rejected
            ],
        )
    return Received(answered, is_new=True)


def _answered_number(path: Path) -> int:
    """The number that an answer's name says; what it says inside is compared by the linter."""
    last = path.stem.rpartition("-")[2]
    if not (path.name.startswith("answer-") and last.isascii() and last.isdecimal()):
        raise RefusedError(
            f"{path.name} is no name of an answer.", "It is answer-CITY-DAY-NUMBER.csv."
        )
    return int(last)


def files_of(cell: Cell, day: int) -> list[tuple[Filed, Answered | None]]:
    """The settlement files of a day, each with what was answered to it."""
    with cell.connection() as conn:
        return [(one, db.answer(conn, one.number)) for one in db.files(conn, day)]


def file_numbered(cell: Cell, number: int) -> Filed:
    """A settlement file; raises `NotFoundError`."""
    with cell.connection() as conn:
        filed = db.file(conn, number)
    if filed is None:
        raise NotFoundError(f"No settlement file has the number {number}.", "They count from 1.")
    return filed


def rejected(cell: Cell) -> list[Refusal]:
    """The lines that are rejected and not disputed."""
    with cell.connection() as conn:
        return db.open_refusals(conn)


def dispute(cell: Cell, calendar: BusinessCalendar, number: int, at: int, now: int) -> int:
    """Send a rejected line again with the files of the open business day of `now`; that day.

    Raises `NotFoundError` where line `at` of the file was not rejected, or is disputed already,
    `RefusedError` where the card company's word was final.
    """
    with cell.connection() as conn:
        day = open_day(calendar.day(now), last_closed(conn))
        found = next((one for one in db.open_refusals(conn)
                      if (one.number, one.at) == (number, at)), None)  # fmt: skip
        if found is not None and found.reason == Reason.DISPUTE_REFUSED:
            raise RefusedError(
                "The card company has looked at it again and keeps to its word.",
                "Settle it between people.",
            )
        if not db.dispute(conn, number, at, day, now):
            raise NotFoundError(
                f"Line {at} of file {number} is not rejected, or is disputed already.",
                "See what is: ridecode clearing rejected.",
            )
    return day
