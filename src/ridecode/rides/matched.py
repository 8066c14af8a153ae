"""The matching pass: from stored taps to stored rides, only where something is new."""

from bisect import bisect_left
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter

from msgspec import Struct, msgpack
from msgspec.structs import replace

from ridecode.city import Network, Pack
from ridecode.core import Progress, Ride, Tap, logs
from ridecode.rides import aside, db, rows
from ridecode.rides.matching import match
from ridecode.rides.reach import Reach
from ridecode.rides.rules import MatchingRules, read_rules
from ridecode.rides.sessions import session_start
from ridecode.rides.standing import Aside, sift
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
    """Rides that became part of another one, or whose taps do not stand any more."""
    set_aside: int
    """Taps that do not stand, newly or for another reason than before."""

    def plus(self, other: "MatchReport") -> "MatchReport":
        return MatchReport(
            self.accounts + other.accounts,
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.set_aside + other.set_aside,
        )


NOTHING_MATCHED = MatchReport(0, 0, 0, 0, 0)


def match_all(cell: Cell, pack: Pack, now: int, progress: Progress) -> MatchReport:
    """Match all that is new in the cell, as of `now` (UTC epoch microseconds, never going back).

    New are taps since the last pass, open rides whose time has run out, and everything when the
    rules or the network are no longer what the last pass went by. Killed anywhere and run again,
    it ends in the same rows.
    """
    rule = matching(cell.city, pack, now)
    report = NOTHING_MATCHED
    with db.alone(cell.dsn) as conn:
        work = new_taps(conn, rule)
        if work.since:
            task = partial(match_chunk, replace(rule, number=db.begin_pass(conn)))
            for chunk in spread(conn, cell.dsn, work.since, task, progress):
                report = report.plus(chunk)
        work.done(conn)
    return report


class Matching(Struct, frozen=True):
    """What workers go by when they match."""

    city: str
    rules: MatchingRules
    network: Network
    reach: Reach
    digest: bytes
    """Of all that `sift` and `match` go by besides taps and time."""
    now: int
    number: int = 0
    """Of the pass."""


def matching(city: str, pack: Pack, now: int) -> Matching:
    """What a pack says of matching, as of a moment."""
    rules = read_rules(pack)
    reach = Reach(pack.stops, pack.lines.values(), rules.top_speed_kmh)
    return Matching(city, rules, pack.network, reach, _digest(pack, rules), now)


class NewTaps(Struct, frozen=True):
    """Accounts to match again, by the first moment of what is new; and the mark to set then."""

    since: dict[str, int]
    high: int
    """Offset of the log up to which all taps are matched when the work is done."""
    goes_by: bytes

    def done(self, conn: Connection) -> None:
        db.set_mark(conn, _PASS, self.high, self.goes_by)


def new_taps(conn: Connection, rule: Matching) -> NewTaps:
    """What is new for matching since the last pass."""
    low, went_by = db.mark(conn, _PASS)
    new = new_accounts(conn, low if went_by == rule.digest else 0)
    for account, ts in db.expired(conn, rule.now - rule.rules.pair_within).items():
        new.since[account] = min(ts, new.since.get(account, ts))
    return NewTaps(new.since, new.high, rule.digest)


def _digest(pack: Pack, rules: MatchingRules) -> bytes:
    lines = [
        (line.id, line.product, line.stops, line.track_m, line.loop) for line in pack.lines.values()
    ]
    stops = [(stop.id, stop.lat, stop.lon) for stop in pack.stops.values()]
    limits = (
        rules.pair_within, rules.overtime, rules.remedy_within, rules.top_speed_kmh,
        rules.clocks_apart,
    )  # fmt: skip
    packed = msgpack.encode((limits, sorted(rules.transfers.items()), lines, stops))
    return blake2b(packed, digest_size=16).digest()


class Matched(Struct, frozen=True):
    """What became of a chunk: by account its rides from the last long pause on, and where changed
    when its last changed ride starts; and the rows of what was newly set aside."""

    report: MatchReport
    rides: dict[str, tuple[Ride, ...]]
    changed: dict[str, int]
    aside: list[rows.Row]


def match_chunk(rule: Matching, conn: Connection, since: Mapping[str, int]) -> MatchReport:
    """Match some accounts again, each from the last long pause before a moment on."""
    matched = match_accounts(rule, conn, since)
    aside.tell(conn, matched.aside)
    return matched.report


def match_accounts(rule: Matching, conn: Connection, since: Mapping[str, int]) -> Matched:
    """As `match_chunk`, with the rides themselves, and nobody told yet of what was set aside."""
    sessions = _sessions(conn, rule, since)
    starts = {account: taps[0].ts for account, taps in sessions.items()}
    stored = db.rides_from(conn, starts)
    changes = Changes(rows.RIDE_FACTS, db.ride_versions(conn, starts))
    rides: dict[str, tuple[Ride, ...]] = {}
    fallen: list[Aside] = []
    for account, taps in sessions.items():
        standing, others = sift(taps, rule.rules, rule.reach)
        fallen += others
        rides[account] = match(standing, rule.rules, rule.network, rule.now)
    for account, matched in rides.items():
        before = {row[2]: row for row in stored.get(account, ())}
        for ride in matched:
            changes.put(before.pop(ride.ride_id, None), rows.ride_row(ride, rule.now))
        for old in before.values():
            changes.drop(old)
    db.supersede_rides(conn, changes.gone, rule.now, rule.number)
    db.add_rides(conn, changes.rows, rule.number)
    logs.trace("matched", map(rows.ride_told, changes.rows))
    news = aside.keep(conn, starts, fallen, rule.now)
    report = MatchReport(len(since), changes.added, changes.changed, changes.removed, len(news))
    return Matched(report, rides, changes.last_starts(), news)


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
