"""Matching and rating in one pass: a ride is priced by the worker that has just matched it.

It ends in the rows in which the two passes one after the other end, and spares reading every ride
back: a tenth of their work.
"""

from collections.abc import Mapping
from functools import partial

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import Progress
from ridecode.fares import Tariffs
from ridecode.rides import db
from ridecode.rides.matched import (
    NOTHING_MATCHED,
    Matching,
    MatchReport,
    match_accounts,
    new_taps,
)
from ridecode.rides.rated import RateReport, Rating, nothing_changed, rate_accounts, rate_changed
from ridecode.rides.rules import read_rules
from ridecode.rides.work import spread
from ridecode.store import Cell, Connection


class SettleReport(Struct, frozen=True):
    """What a pass did."""

    matched: MatchReport
    rated: RateReport


def settle_all(
    cell: Cell, pack: Pack, tariffs: Tariffs, now: int, progress: Progress
) -> SettleReport:
    """Match all that is new and price all that changed, as `match_all` and then `rate_all`."""
    matching = Matching(cell.city, read_rules(pack), pack.network, now)
    rating = Rating(cell.city, tariffs, now)
    matched = NOTHING_MATCHED
    with db.alone(cell.dsn) as conn:
        # What an earlier pass matched alone, so that every price ahead of a new ride is there.
        rated = rate_changed(conn, cell.dsn, rating, progress)
        work = new_taps(conn, pack, matching)
        task = partial(_settle_chunk, matching, rating)
        for chunk in spread(conn, cell.dsn, work.since, task, progress):
            matched, rated = matched.plus(chunk.matched), rated.plus(chunk.rated)
        work.done(conn)
        nothing_changed(conn)
    return SettleReport(matched, rated)


def _settle_chunk(
    matching: Matching, rating: Rating, conn: Connection, since: Mapping[str, int]
) -> SettleReport:
    matched = match_accounts(matching, conn, since)
    starts = {account: matched.rides[account][0].start_ts for account in matched.changed}
    rated = rate_accounts(rating, conn, starts, matched.rides, matched.changed)
    return SettleReport(matched.report, rated)
