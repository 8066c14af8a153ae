"""Writing a group of batches in one transaction, and answering for every tap of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain as chained
from itertools import compress
from uuid import UUID

from msgspec import Struct

from ridecode.store import Connection
from ridecode.taps import db
from ridecode.taps.body import digest_of, telling
from ridecode.taps.checks import db as checks_db
from ridecode.taps.devices import db as devices_db
from ridecode.taps.devices.facts import Alarm, AlarmKind, Chain, Device, Gap
from ridecode.taps.devices.linking import Linked, Piece, Promise, linked
from ridecode.taps.facts import Answer, Receipt
from ridecode.taps.ingest.judged import Judged
from ridecode.taps.suspicion import Suspicion


def write(conn: Connection, group: Sequence[Judged], now: int) -> list[list[Answer] | None]:
    """For each batch its answers; None where its device has changed since it was judged.

    Durable with the transaction of the connection, whose last act it is.
    """
    names = sorted({one.device.device for one in group})
    enrolled = devices_db.locked(conn, names)
    current = [_is_current(enrolled, one) for one in group]
    taken = [one for one, is_so in zip(group, current, strict=True) if is_so]
    if not taken:
        return [None] * len(group)
    doubtful, against = _linked(conn, enrolled, taken, now)
    answers = iter(_stored(conn, taken, doubtful, against, now))
    return [next(answers) if is_so else None for is_so in current]


def _is_current(enrolled: Mapping[str, Device], one: Judged) -> bool:
    row = enrolled.get(one.device.device)
    return row is not None and one.device.is_enrolled_as(row)


class _Follow:
    """One device's chain while its batches of this group are linked."""

    def __init__(self, chain: Chain, gaps: tuple[Gap, ...], promise: Promise | None) -> None:
        self.chain, self.gaps, self.promise = chain, gaps, promise
        self.gaps_before = gaps
        self.here: list[Sequence[UUID]] = []
        """Ids of its batches in this group so far."""


def _linked(
    conn: Connection, enrolled: Mapping[str, Device], group: Sequence[Judged], now: int
) -> tuple[list[bool], list[Mapping[int, Suspicion]]]:
    """Move the chains. Of each batch whether some of it may have come before, and what speaks
    against its readings, the chain included."""
    follows = _follows(conn, [name for name, row in enrolled.items() if row.revoked_at is None])
    links = [_link(follows.get(one.device.device), one) for one in group]
    doubtful = [link is None or link.forked or bool(link.old) for link in links]
    asked = [at for one, so in zip(group, doubtful, strict=True) if so for at in one.read.ids]
    known = set(db.bodies(conn, asked)) if asked else set()
    against: list[Mapping[int, Suspicion]] = []
    alarms: list[Alarm] = []
    for one, link in zip(group, links, strict=True):
        name, ids = one.device.device, one.read.ids
        if link is None:
            against.append(dict.fromkeys(range(len(ids)), Suspicion.DEVICE_REVOKED))
            if not known.issuperset(ids):
                alarms.append(Alarm(name, AlarmKind.REVOKED_STILL_TALKING, now, {}))
            continue
        follow = follows[name]
        strange = [
            at for at in (range(len(ids)) if link.forked else link.old)
            if at not in link.fresh and ids[at] not in known
        ]  # fmt: skip
        if strange:
            here = set(chained.from_iterable(follow.here))
            strange = [at for at in strange if ids[at] not in here]
        follow.here.append(ids)
        alarms += _alarms(one, link, strange, now)
        forked = dict.fromkeys(strange, Suspicion.SEQUENCE_FORKED)
        against.append({**one.against, **forked} if forked else one.against)
    _keep(conn, follows)
    devices_db.add_alarms(conn, alarms)
    return doubtful, against


def _follows(conn: Connection, names: list[str]) -> dict[str, _Follow]:
    chains, gaps = devices_db.chains(conn, names), devices_db.gaps(conn, names)
    beats = devices_db.heartbeats(conn, names)
    return {
        name: _Follow(
            chains.get(name, Chain()), gaps.get(name, ()),
            Promise(beats[name][0].seq, beats[name][0].head) if name in beats else None,
        )
        for name in names
    }  # fmt: skip


def _link(follow: _Follow | None, one: Judged) -> Linked | None:
    """Move a device's chain by a batch; None for a device that is revoked."""
    if follow is None:
        return None
    piece = Piece(one.read.first, one.read.before, one.digests, one.passed, one.read.ts[-1])
    link = linked(follow.chain, follow.gaps, follow.promise, piece)
    follow.chain, follow.gaps = link.chain, link.gaps
    return link


def _alarms(one: Judged, link: Linked, strange: Sequence[int], now: int) -> Iterator[Alarm]:
    if strange:
        kind = link.alarm if link.forked and link.alarm is not None else AlarmKind.FORK
        yield Alarm(one.device.device, kind, now, {"seq": one.read.first + strange[0]})
    elif link.alarm is AlarmKind.GAP:
        gap = max(link.gaps, key=lambda gap: gap.first)
        detail = {"first": gap.first, "last": gap.last}
        yield Alarm(one.device.device, AlarmKind.GAP, now, detail)


def _keep(conn: Connection, follows: Mapping[str, _Follow]) -> None:
    if follows:
        devices_db.put_chains(conn, {name: follow.chain for name, follow in follows.items()})
    for name, follow in follows.items():
        if follow.gaps != follow.gaps_before:
            devices_db.put_gaps(conn, name, follow.gaps)


class _Kept(Struct):
    """What of a group goes on: to the check, or to quarantine."""

    unchecked: list[bytes]
    quarantined: list[checks_db.Aside]
    evidence: list[tuple[UUID, bytes, str]]


def _stored(
    conn: Connection, group: Sequence[Judged], doubtful: Sequence[bool],
    against: Sequence[Mapping[int, Suspicion]], now: int,
) -> list[list[Answer]]:  # fmt: skip
    """Write the taps, and tell the log what becomes of them."""
    written = db.add_rows(conn, [(one.rows, so) for one, so in zip(group, doubtful, strict=True)])
    asked = [one.read.ids for one, ids in zip(group, written, strict=True) if ids is not None]
    stored = db.bodies(conn, list(chained.from_iterable(asked))) if asked else {}
    kept = _Kept([], [], [])
    answers = [
        _answers(one, reasons, new, stored, kept)
        for one, reasons, new in zip(group, against, written, strict=True)
    ]
    db.add_conflicts(conn, sorted(kept.evidence))
    checks_db.quarantine(conn, kept.quarantined, now)
    checks_db.tell_unchecked(conn, kept.unchecked)
    return answers


def _answers(
    one: Judged, against: Mapping[int, Suspicion], written: set[UUID] | None,
    stored: Mapping[UUID, bytes], kept: _Kept,
) -> list[Answer]:  # fmt: skip
    ids, read = one.read.ids, one.read
    if written is None and not against:
        kept.unchecked += compress(read.raw_ids, one.passed)
        accepted = Receipt.ACCEPTED
        return [Answer(at, accepted) for at in ids]
    answers: list[Answer] = []
    for at, tap_id in enumerate(ids):
        if written is not None and tap_id not in written:
            same = stored[tap_id] == one.digests[at]
            answers.append(
                Answer(tap_id, Receipt.DUPLICATE) if same
                else Answer(tap_id, Receipt.REFUSED, Suspicion.ID_TAKEN)
            )  # fmt: skip
            if not same:
                told = telling(read.tap(at), None, None)
                kept.evidence.append((tap_id, digest_of(told), told))
            continue
        if written is not None:
            written.discard(tap_id)
        why = against.get(at)
        if why is not None:
            kept.quarantined.append((tap_id, read.account[at], why, read.ts[at]))
            answers.append(Answer(tap_id, Receipt.QUARANTINED, why))
        else:
            if one.passed[at]:
                kept.unchecked.append(read.raw_ids[at])
            answers.append(Answer(tap_id, Receipt.ACCEPTED))
    return answers
