"""Heartbeats: what a device promises of its journal, held against what it told before."""

from collections.abc import Iterator

from ridecode.core import MICROS
from ridecode.core import device as said
from ridecode.store import Cell
from ridecode.taps.devices import db
from ridecode.taps.devices.facts import Alarm, AlarmKind, Chain, Gap, HeartbeatSeen
from ridecode.taps.errors import UnknownDeviceError

CLOCK_OFF_S_MOST = 60
"""How far a device's clock may be from the centre's before it is an alarm."""


def heartbeat(cell: Cell, device: str, body: bytes, signature: bytes, now: int) -> list[Alarm]:
    """Take a signed heartbeat; the alarms that it gives cause for, known ones among them.

    Raises `UnknownDeviceError` where the device is not known or did not sign it, and
    `BadInputError` where it is none.
    """
    with cell.connection() as conn:
        known = db.locked(conn, [device]).get(device)
        if known is None or not said.is_signed(
            known.public_key, said.Said.HEARTBEAT, body, signature
        ):
            raise UnknownDeviceError(device)
        told = said.read_heartbeat(body)
        if told.device != device:
            raise UnknownDeviceError(device)
        if known.revoked_at is not None:
            raised = [Alarm(device, AlarmKind.REVOKED_STILL_TALKING, now, {})]
        else:
            before = db.heartbeats(conn, [device]).get(device)
            seen = None if before is None else HeartbeatSeen(*before)
            chain = db.chains(conn, [device]).get(device, Chain())
            gaps = db.gaps(conn, [device]).get(device, ())
            raised = list(contradictions(told, seen, chain, gaps, now))
            if seen is None or told.seq >= seen.told.seq:
                db.put_heartbeat(conn, told, now)
        db.add_alarms(conn, raised)
    return raised


def contradictions(
    told: said.Heartbeat, seen: HeartbeatSeen | None, chain: Chain, gaps: tuple[Gap, ...], now: int
) -> Iterator[Alarm]:
    """What in a heartbeat does not fit the one before, the chain or the clock. Pure."""

    def alarm(kind: AlarmKind, **detail: int) -> Alarm:
        return Alarm(told.device, kind, now, detail)

    before = None if seen is None else seen.told
    if before is not None and told.seq < before.seq and told.ts >= before.ts:
        yield alarm(AlarmKind.CUT_TAIL, seq=told.seq, promised=before.seq)
    elif told.seq < chain.seq and told.ts > chain.ts:
        yield alarm(AlarmKind.CUT_TAIL, seq=told.seq, promised=chain.seq)
    if (before is not None and told.seq == before.seq and told.head != before.head) or (
        told.seq == chain.seq and told.head != chain.head
    ):
        yield alarm(AlarmKind.FORK, seq=told.seq)
    if told.acknowledged > chain.seq:
        yield alarm(AlarmKind.GAP, first=chain.seq + 1, last=told.acknowledged)
    missing = told.seq - chain.seq + sum(gap.last - gap.first + 1 for gap in gaps)
    if told.seq >= chain.seq and told.opened > chain.opened + missing:
        yield alarm(AlarmKind.OPENED_WITHOUT_TAP, opened=told.opened, taps=chain.opened)
    off_s = (told.ts - now) // MICROS
    was_off = seen is not None and _is_off((seen.told.ts - seen.at) // MICROS)
    if _is_off(off_s) and not was_off:
        yield alarm(AlarmKind.CLOCK, off_s=off_s)


def _is_off(seconds: int) -> bool:
    return abs(seconds) > CLOCK_OFF_S_MOST
