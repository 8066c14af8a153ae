"""The matching pass: from stored taps to stored rides, only where something is new."""

from bisect import bisect_left
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter

from msgspec import Struct, msgpack

from ridecode.city import Network, Pack
from ridecode.core import Tap
from ridecode.rides import db, rows
from ridecode.rides.matching import match
from ridecode.rides.rules import MatchingRules, read_rules
from ridecode.rides.sessions import session_start
from ridecode.rides.versions import Changes
from ridecode.rides.work import Progress, spread
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


def match_all(cell: Cell, pack: Pack, now: int, progress: Progress) -> MatchReport:
    """Match all that is new in the cell, as of `now` (UTC epoch microseconds, never going back).

    New are taps since the last pass, open rides whose time has run out, and everything when the
    rules or the network are no longer what the last pass went by. Killed anywhere and run again,
    it ends in the same rows.
    """
    rules = read_rules(pack)
    report = MatchReport(0, 0, 0, 0)
    with db.alone(cell.dsn) as conn:
        low, went_by = db.mark(conn, _PASS)
        goes_by = _digest(pack, rules)
        new = new_accounts(conn, low if went_by == goes_by else 0)
        since = new.since
        for account, ts in db.expired(conn, now - rules.pair_within).items():
            since[account] = min(ts, since.get(account, ts))
        task = partial(match_chunk, _Rule(cell.city, rules, pack.network, now))
        for chunk in spread(conn, cell.dsn, since, task, progress):
            report = report.plus(chunk)
        db.set_mark(conn, _PASS, new.high, goes_by)
    return report


def _digest(pack: Pack, rules: MatchingRules) -> bytes:
    """Of all that `match` goes by besides taps and time."""
    lines = [(line.product, line.stops, line.track_m, line.loop) for line in pack.lines.values()]
    times = (rules.pair_within, rules.overtime, rules.remedy_within)
    packed = msgpack.encode((times, sorted(rules.transfers.items()), lines))
    return blake2b(packed, digest_size=16).digest()


class _Rule(Struct, frozen=True):
    city: str
    rules: MatchingRules
    network: Network
    now: int


def match_chunk(rule: _Rule, conn: Connection, since: Mapping[str, int]) -> MatchReport:
    """Match some accounts again, each from the last long pause before a moment on."""
    sessions = _sessions(conn, rule, since)
    starts = {account: taps[0].ts for account, taps in sessions.items()}
    stored = db.rides_from(conn, starts)
    changes = Changes(rows.RIDE_FACTS, db.ride_versions(conn, starts))
    for account, taps in sessions.items():
        before = {row[2]: row for row in stored.get(account, ())}
        for ride in match(taps, rule.rules, rule.network, rule.now):
            changes.put(before.pop(ride.ride_id, None), rows.ride_row(ride, rule.now))
        for old in before.values():
            changes.drop(old)
    db.supersede_rides(conn, changes.gone, rule.now)
    db.add_rides(conn, changes.rows)
    return MatchReport(len(since), changes.added, changes.changed, changes.removed)


def _sessions(conn: Connection, rule: _Rule, since: Mapping[str, int]) -> dict[str, list[Tap]]:
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
