"""The process that closes a day and is killed at it: `DATA FOLDER` in, `begins` out.

Everything is done in small sets, so that a kill finds a day half done at every step of it.
"""

import sys
from pathlib import Path

from ridecode.money import booking, close_day
from ridecode.money.channels import differences
from ridecode.money.clearing import filing
from ridecode.money.ledger import days
from ridecode.store import open_cell
from tests.money.channels.scripted import CALENDAR, DAY
from tests.rides.city import pack

KEY = bytes(range(32))


def main(data: str, folder: str) -> None:
    booking._CHUNK = 50  # type: ignore[misc]
    differences._RIDERS = 20  # type: ignore[misc]
    days._CHUNK = 100  # type: ignore[misc]
    filing._CHUNK = 50  # type: ignore[misc]
    filing.LINES_MOST = 300  # type: ignore[attr-defined]
    with open_cell(Path(data), "shenzhen") as cell:
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        close_day(cell, pack(), DAY, Path(folder), KEY, CALENDAR.starts(DAY + 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
