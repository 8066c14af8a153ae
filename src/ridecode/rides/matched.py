"""The matching pass: from stored taps to stored rides, only where something is new."""

from bisect import bisect_left
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter

from msgspec import Struct, msgpack

from ridecode.city import Network, Pack
from ridecode.core import Progress, Ride, Tap
from ridecode.rides import db, rows
from ridecode.rides.matching import match
from ridecode.rides.rules import MatchingRules, read_rules
from ridecode.rides.sessions import session_start
from ridecode.rides.versions import Changes
from ridecode.rides.work import spread
from ridecode.store import Cell, Connection
from ridecode.taps import new_accounts, taps_of_accounts

_PASS = "match"
_SILENCES_AHEAD = 8
"""How many silences before a new tap are read at first: two days, where a silence is six hours."""
_FURTHER = 8


class MatchReport(Struct, frozen=True):
    """What a matching pass did."""

    accounts: int
    """Whose taps were looked at, because something of theirs was new or has run out."""
    added: int
    changed: int
    """Rides of which a new version was written; the older one is in history."""
    removed: int
    """Rides that became part of another one."""

    def plus(self, other: "MatchReport") -> "MatchReport":
        return MatchReport(
            self.accounts + other.accounts,
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
        )


NOTHING_MATCHED = MatchReport(0, 0, 0, 0)


def match_all(cell: Cell, pack: Pack, now: int, progress: Progress) -> MatchReport:
    """Match all that is new in the cell, as of `now` (UTC epoch microseconds, never going back).

    New are taps since the last pass, open rides whose time has run out, and everything when the
    rules or the network are no longer what the last pass went by. Killed anywhere and run again,
    it ends in the same rows.
    """
    rule = Matching(cell.city, read_rules(pack), pack.network, now)
    report = NOTHING_MATCHED
    with db.alone(cell.dsn) as conn:
        work = new_taps(conn, pack, rule)
        for chunk in spread(conn, cell.dsn, work.since, partial(match_chunk, rule), progress):
            report = report.plus(chunk)
        work.done(conn)
    return report


class Matching(Struct, frozen=True):
    """What workers go by when they match."""

    city: str
    rules: MatchingRules
    network: Network
    now: int


class NewTaps(Struct, frozen=True):
    """Accounts to match again, by the first moment of what is new; and the mark to set then."""

    since: dict[str, int]
    high: int
    goes_by: bytes

    def done(self, conn: Connection) -> None:
        db.set_mark(conn, _PASS, self.high, self.goes_by)


def new_taps(conn: Connection, pack: Pack, rule: Matching) -> NewTaps:
    """What is new for matching since the last pass."""
    low, went_by = db.mark(conn, _PASS)
    goes_by = _digest(pack, rule.rules)
    new = new_accounts(conn, low if went_by == goes_by else 0)
    for account, ts in db.expired(conn, rule.now - rule.rules.pair_within).items():
        new.since[account] = min(ts, new.since.get(account, ts))
    return NewTaps(new.since, new.high, goes_by)


def _digest(pack: Pack, rules: MatchingRules) -> bytes:
    """Of all that `match` goes by besides taps and time."""
    lines = [(line.product, line.stops, line.track_m, line.loop) for line in pack.lines.values()]
    times = (rules.pair_within, rules.overtime, rules.remedy_within)
    packed = msgpack.encode((times, sorted(rules.transfers.items()), lines))
    return blake2b(packed, digest_size=16).digest()


class Matched(Struct, frozen=True):
    """What became of a chunk: by account its rides from the last long pause on, and where changed
    when its last changed ride starts."""

    report: MatchReport
    rides: dict[str, tuple[Ride, ...]]
    changed: dict[str, int]


def match_chunk(rule: Matching, conn: Connection, since: Mapping[str, int]) -> MatchReport:
    """Match some accounts again, each from the last long pause before a moment on."""
    return match_accounts(rule, conn, since).report


def match_accounts(rule: Matching, conn: Connection, since: Mapping[str, int]) -> Matched:
    """As `match_chunk`, with the rides themselves."""
    sessions = _sessions(conn, rule, since)
    starts = {account: taps[0].ts for account, taps in sessions.items()}
    stored = db.rides_from(conn, starts)
    changes = Changes(rows.RIDE_FACTS, db.ride_versions(conn, starts))
    rides = {
        account: match(taps, rule.rules, rule.network, rule.now)
        for account, taps in sessions.items()
    }
    for account, matched in rides.items():
        before = {row[2]: row for row in stored.get(account, ())}
        for ride in matched:
            changes.put(before.pop(ride.ride_id, None), rows.ride_row(ride, rule.now))
        for old in before.values():
            changes.drop(old)
    db.supersede_rides(conn, changes.gone, rule.now)
    db.add_rides(conn, changes.rows)
    report = MatchReport(len(since), changes.added, changes.changed, changes.removed)
    return Matched(report, rides, changes.last_starts())


def _sessions(conn: Connection, rule: Matching, since: Mapping[str, int]) -> dict[str, list[Tap]]:
    """By account its taps from the last long pause before a moment on.

    How far back that is cannot be known before it is read: what is read grows until the pause is
    in it, which for nearly everybody is at once.
    """
    found: dict[str, list[Tap]] = {}
    silence, ahead = rule.rules.silence, _SILENCES_AHEAD * rule.rules.silence
    left = dict(since)
    while left:
        read_from = {account: ts - ahead for account, ts in left.items()}
        taps = taps_of_accounts(conn, rule.city, read_from)
        further: dict[str, int] = {}
        for account, group in groupby(taps, _account):
            of_account = list(group)
            times = [tap.ts for tap in of_account]
            start = session_start(times, read_from[account], left[account], silence)
            if start is None:
                further[account] = left[account]
            else:
                found[account] = of_account[bisect_left(times, start) :]
        left = further
        ahead *= _FURTHER
    return found


_account = attrgetter("account")
