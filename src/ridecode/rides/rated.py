"""The rating pass: from stored rides to stored prices, only where something changed.

A price depends on the account's earlier rides of the day and month, and what they leave is stored
beside it (`carry`). So rating begins again behind the last ride before a change, and ends where,
after the last change, a ride has the price and leaves the carry that are stored already.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct, json
from msgspec.structs import replace

from ridecode.core import NotFoundError, Progress, RefusedError, Ride, logs
from ridecode.fares import NOTHING_EARLIER, Earlier, Tariffs, price
from ridecode.rides import db, rows
from ridecode.rides.versions import Changes
from ridecode.rides.work import spread
from ridecode.store import Cell, Connection

_PASS = "rate"
_encode = json.Encoder().encode
_earlier = json.Decoder(Earlier).decode

Span = tuple[int, int]
"""The starts of the first and last ride of an account that changed, inclusive."""


class RateReport(Struct, frozen=True):
    """What a rating pass did. Amounts are in the smallest unit of the currency."""

    accounts: int
    rated: int
    """Rides whose price was worked out."""
    added: int
    changed: int
    """Prices of which a new version was written; the older one is in history."""
    removed: int
    """Prices of rides that became part of another one, or have none any more."""
    difference: int
    """By how much all prices together grew."""
    refused: tuple[tuple[str, int], ...] = ()
    """Why rides have no price for lack of a tariff or a fare, and how many."""

    def plus(self, other: "RateReport") -> "RateReport":
        refused = dict(self.refused)
        for reason, count in other.refused:
            refused[reason] = refused.get(reason, 0) + count
        return RateReport(
            self.accounts + other.accounts,
            self.rated + other.rated,
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.difference + other.difference,
            tuple(refused.items()),
        )


NOTHING_RATED = RateReport(0, 0, 0, 0, 0, 0)


def rate_all(cell: Cell, tariffs: Tariffs, now: int, progress: Progress) -> RateReport:
    """Price all rides that changed since the last pass, and what follows from them.

    With other tariffs than the last pass went by, every ride is priced again; prices that stay as
    they are stay the version they were. `now` (UTC epoch microseconds) is noted with each version.
    Killed anywhere and run again, it ends in the same rows.
    """
    with db.alone(cell.dsn) as conn:
        return rate_changed(conn, cell.dsn, Rating(cell.city, tariffs, now), progress)


class Rating(Struct, frozen=True):
    """What workers go by when they price."""

    city: str
    tariffs: Tariffs
    now: int
    number: int = 0
    """Of the pass."""


def rate_changed(conn: Connection, dsn: str, rule: Rating, progress: Progress) -> RateReport:
    """As `rate_all`, by a session that is alone."""
    report = NOTHING_RATED
    low, went_by = db.mark(conn, _PASS)
    goes_by, high = rule.tariffs.digest, db.passes(conn)
    if (low, went_by) == (high, goes_by):
        return report
    spans = db.changed_rides(conn, low if went_by == goes_by else _EVERYTHING)
    if spans:
        high = db.begin_pass(conn)
        task = partial(rate_chunk, replace(rule, number=high))
        for chunk in spread(conn, dsn, spans, task, progress):
            report = report.plus(chunk)
    db.set_mark(conn, _PASS, high, goes_by)
    return report


_EVERYTHING = -1


def all_priced(conn: Connection, number: int) -> None:
    """Say that all rides written up to a pass are priced, by the tariffs of the last pass."""
    _, went_by = db.mark(conn, _PASS)
    db.set_mark(conn, _PASS, number, went_by)


def rate_chunk(rule: Rating, conn: Connection, spans: Mapping[str, Span]) -> RateReport:
    """Price the rides of some accounts again, each from its first changed ride on."""
    since = {account: first for account, (first, _) in spans.items()}
    rides = {
        account: [rows.ride_of(rule.city, row) for row in of_account]
        for account, of_account in db.rides_from(conn, since).items()
    }
    return rate_accounts(rule, conn, since, rides, {a: last for a, (_, last) in spans.items()})


def rate_accounts(
    rule: Rating,
    conn: Connection,
    since: Mapping[str, int],
    rides: Mapping[str, Sequence[Ride]],
    changed: Mapping[str, int],
) -> RateReport:
    """Price all rides of some accounts from a moment on, as far as they may differ; `changed` tells
    when the last one starts that did."""
    stored = db.prices_from(conn, since)
    carries = db.carries_before(conn, since)
    rating = _Rating(rule, Changes(rows.PRICE_FACTS, db.price_versions(conn, since)))
    for account, last in changed.items():
        carry = carries.get(account)
        earlier = NOTHING_EARLIER if carry is None else _earlier(carry)
        rating.account(rides.get(account, ()), stored.get(account, ()), earlier, last)
    changes = rating.changes
    db.set_carries(conn, rating.carries)
    db.supersede_prices(conn, changes.gone, rule.now, rule.number)
    db.add_prices(conn, changes.rows, rule.number)
    logs.trace("priced", map(rows.price_told, changes.rows))
    return RateReport(
        len(since), rating.rated, changes.added, changes.changed, changes.removed,
        rating.difference, tuple(rating.refused.items()),
    )  # fmt: skip


class _Rating:
    """Prices account after account, and collects what is to be written."""

    def __init__(self, rule: Rating, changes: Changes) -> None:
        self._rule = rule
        self.changes = changes
        self.carries: list[tuple[rows.Key, str]] = []
        """Of prices that stay, but leave something else to the next."""
        self.rated = 0
        self.difference = 0
        self.refused: dict[str, int] = {}

    def account(
        self, rides: Sequence[Ride], stored: Sequence[rows.Row], earlier: Earlier, last: int
    ) -> None:
        """From the carry ahead of the first ride on; `last` is the start of the last change."""
        before = {row[2]: row for row in stored}
        for ride in rides:
            priced = self._price(earlier, ride)
            if priced is None:
                continue
            row, earlier = priced
            old = before.pop(row[2], None)
            if self.changes.put(old, row):
                self.difference += row[_AMOUNT] - (old[_AMOUNT] if old is not None else 0)
            elif old is not None and old[_CARRY] != row[_CARRY]:
                self.carries.append((row[:3], row[_CARRY]))
            elif row[1] > last:
                break
        for old in before.values():
            if old[1] <= last:
                self.changes.drop(old)
                self.difference -= old[_AMOUNT]

    def _price(self, earlier: Earlier, ride: Ride) -> tuple[rows.Row, Earlier] | None:
        """The row of a ride's price and what it leaves; None where it has no price."""
        if not ride.state.has_price:
            return None
        try:
            priced, earlier = price(self._rule.tariffs.at(ride.start_ts), earlier, ride)
        except NotFoundError:
            # Its own words name the moment, so that there would be as many reasons as rides.
            self._refuse("The ride is older than the first tariff of the city.")
            return None
        except RefusedError as error:
            self._refuse(error.what)
            return None
        self.rated += 1
        return rows.price_row(ride, priced, _encode(earlier).decode(), self._rule.now), earlier

    def _refuse(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1


_AMOUNT, _CARRY = 4, 8
