"""Matching and rating in one pass: a ride is priced by the worker that has just matched it.

It ends in the rows in which the two passes one after the other end, and spares reading every ride
back: a tenth of their work.
"""

from collections.abc import Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from ridecode.city import Pack
from ridecode.core import Progress
from ridecode.fares import Tariffs
from ridecode.rides import aside, db
from ridecode.rides.matched import (
    NOTHING_MATCHED,
    Matching,
    MatchReport,
    match_accounts,
    matching,
    new_taps,
)
from ridecode.rides.rated import (
    NOTHING_RATED,
    RateReport,
    Rating,
    all_priced,
    rate_accounts,
    rate_changed,
)
from ridecode.rides.work import spread
from ridecode.store import Cell, Connection


class SettleReport(Struct, frozen=True):
    """What a pass did."""

    matched: MatchReport
    rated: RateReport


NOTHING_SETTLED = SettleReport(NOTHING_MATCHED, NOTHING_RATED)


def settle_all(
    cell: Cell, pack: Pack, tariffs: Tariffs, now: int, progress: Progress
) -> SettleReport:
    """Match all that is new and price all that changed, as `match_all` and then `rate_all`."""
    with db.alone(cell.dsn) as conn:
        return settle(
            conn,
            cell.dsn,
            matching(cell.city, pack, now),
            Rating(cell.city, tariffs, now),
            progress,
        )


def settle(
    conn: Connection, dsn: str, by: Matching, at: Rating, progress: Progress
) -> SettleReport:
    """As `settle_all`, by a session that is alone."""
    matched = NOTHING_MATCHED
    # What an earlier pass matched alone, so that every price ahead of a new ride is there.
    rated = rate_changed(conn, dsn, at, progress)
    work = new_taps(conn, by)
    if work.since:
        number = db.begin_pass(conn)
        task = partial(_settle_chunk, replace(by, number=number), replace(at, number=number))
        for chunk in spread(conn, dsn, work.since, task, progress):
            matched, rated = matched.plus(chunk.matched), rated.plus(chunk.rated)
        all_priced(conn, number)
    work.done(conn)
    return SettleReport(matched, rated)


def _settle_chunk(
    by: Matching, at: Rating, conn: Connection, since: Mapping[str, int]
) -> SettleReport:
    matched = match_accounts(by, conn, since)
    starts = {account: matched.rides[account][0].start_ts for account in matched.changed}
    rated = rate_accounts(at, conn, starts, matched.rides, matched.changed)
    aside.tell(conn, matched.aside)
    return SettleReport(matched.report, rated)
