"""Closing a business day (日终): from the last fares to the files that the card company gets.

    book      what its rides cost, and what they cost beyond their orders
    close     from then on the day takes nothing
    seal      its lines as a file, and one hash over them
    file      the settlement files, beside the sealing

Each step does nothing where it was done, and begins again where it was not: so a run that is killed
anywhere is run again and ends in the same bytes. What has been done stands in the tables that the
steps write, and nowhere else. Whoever closes a day while another does waits, and finds it closed.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import Progress, day_name, unseen
from ridecode.money import channels, clearing, ledger
from ridecode.money.booking import NOTHING_BOOKED, Booked, book_fares
from ridecode.money.channels import NO_DIFFERENCES, Differences
from ridecode.store import Cell, Connection, alone, whole_file

_WORK: Final = 0x636C6F73
"""Its number among advisory locks: 'clos'."""


class Step(IntEnum):
    """A step of closing a day."""

    BOOK = 1
    CLOSE = 2
    SEAL = 3
    FILE = 4


class Closed(Struct, frozen=True):
    """A business day that is closed, sealed and filed."""

    day: int
    booked: Booked
    differences: Differences
    seal: ledger.Seal
    files: tuple[clearing.Filed, ...]


def close_day(
    cell: Cell, pack: Pack, day: int, folder: Path, private: bytes, now: int,
    progress: Callable[[Step], Progress] = lambda _: unseen,
) -> Closed:  # fmt: skip
    """Close a business day, and write its files into a folder; again, it writes the same.

    `private` is our Ed25519 key. Rides of the day that are not priced yet by the last complete pass
    are booked on a later day. Raises `RefusedError` for a day that still runs, or is not the next,
    and where a closed day before has not all its files yet: this one waits for them.
    """
    with alone(cell.dsn, _WORK, "a day was closed") as conn:
        return _closed(conn, cell, pack, day, folder, private, now, progress)


def _closed(
    conn: Connection, cell: Cell, pack: Pack, day: int, folder: Path, private: bytes, now: int,
    progress: Callable[[Step], Progress],
) -> Closed:  # fmt: skip
    booked, differences = NOTHING_BOOKED, NO_DIFFERENCES
    if not ledger.is_closed(cell, day):
        ledger.check_turn(cell, pack.calendar, day, now)
        booked = book_fares(cell, pack, now, progress(Step.BOOK))
        differences = channels.order_differences(
            cell, pack.calendar, ledger.Ledger(pack.card_company.id), day, now
        )
    ledger.close_day(cell, pack.calendar, day, now)
    progress(Step.CLOSE)(1, 1)
    folder.mkdir(parents=True, exist_ok=True)
    # Both only read the closed day, and each waits for PostgreSQL most of the time.
    with ThreadPoolExecutor(1) as beside:
        sealing = beside.submit(ledger.seal_day, cell, day, folder, progress(Step.SEAL))
        files = clearing.write_files(
            conn, cell, pack.card_company.id, day, folder, private, progress(Step.FILE)
        )
        seal = sealing.result()
    _sign(folder, day, private)
    return Closed(day, booked, differences, seal, tuple(files))


def _sign(folder: Path, day: int, private: bytes) -> None:
    """The signature beside a day's seal."""
    seal = (folder / f"seal-{day_name(day)}.json").read_bytes()
    with whole_file(folder / clearing.seal_signature_name(day)) as out:
        out.write(clearing.sign_seal(private, seal))
