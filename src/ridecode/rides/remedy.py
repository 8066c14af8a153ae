"""补登: the rider supplies the tap that is missing, and the rule itself judges whether it heals."""

from uuid import UUID

from ridecode.city import Pack
from ridecode.core import (
    ConflictError,
    NotFoundError,
    RefusedError,
    Ride,
    RideState,
    Tap,
    TapKind,
    TapSource,
    derived_id,
)
from ridecode.rides.matched import Matching, matching
from ridecode.rides.matching import match
from ridecode.rides.standing import sift
from ridecode.rides.stored import ride_versions
from ridecode.store import Cell
from ridecode.taps import Receipt, record, taps_of_accounts

_HEALED = (RideState.COMPLETE, RideState.OVERTIME)


def supply(cell: Cell, pack: Pack, ride_id: UUID, stop: str, ts: int, now: int) -> UUID:
    """Record the missing entry or exit of a ride at a stop (id or name) and moment; times in µs.

    Answers the id that the ride will have once it is matched again: a supplied entry is its first
    tap. The same again is harmless. Raises `NotFoundError` for a ride or stop that is not there,
    `RefusedError` outside the window or where the tap would heal nothing, `ConflictError` where
    another one was supplied before.
    """
    versions = ride_versions(cell, ride_id)
    if not versions:
        raise NotFoundError(f"There is no ride {ride_id} in {cell.city}.", "Ask for it by account.")
    lacking = next((one.ride for one in reversed(versions) if one.ride.remedy_until), None)
    if lacking is None:
        raise RefusedError(f"No tap of ride {ride_id} is missing.", "Nothing needs to be supplied.")
    tap = _tap(lacking, _stop(pack, stop), ts)
    healed = _healed(cell, matching(cell.city, pack, now), lacking, tap)
    if _in_time(lacking, tap, now) and healed is not None:
        if record(cell, [tap]) == [Receipt.REFUSED]:
            raise ConflictError(
                f"Another tap was supplied for ride {ride_id}.", "Ask the operator to correct it."
            )
        return healed.ride_id
    raise RefusedError(
        f"A ride cannot have been from {lacking.entry_stop or stop} to {lacking.exit_stop or stop}"
        " at these moments.",
        "Give the station and the time at which you really passed the gate.",
    )


def _stop(pack: Pack, named: str) -> str:
    stop = pack.resolve_stop(named)
    if stop is None:
        raise NotFoundError(f"There is no stop {named!r} in {pack.id}.", "Name it as on the map.")
    return stop


def _in_time(lacking: Ride, tap: Tap, now: int) -> bool:
    assert lacking.remedy_until is not None, "only a missing tap has a remedy"
    if now > lacking.remedy_until:
        raise RefusedError(
            f"The time to supply a tap for ride {lacking.ride_id} has run out.",
            "Ask the operator's service desk.",
        )
    return tap.ts <= now


def _tap(lacking: Ride, stop: str, ts: int) -> Tap:
    """A ride can be healed once: its id alone gives the id of the tap that does it."""
    return Tap(
        tap_id=derived_id(lacking.start_ts, b"remedy" + lacking.ride_id.bytes),
        city=lacking.city, account=lacking.account, account_type=lacking.account_type, ts=ts,
        kind=TapKind.EXIT if lacking.exit_tap is None else TapKind.ENTRY, mode=lacking.mode,
        product=lacking.product, operator=lacking.operator, line=lacking.line, stop=stop,
        validator="", source=TapSource.RIDER,
    )  # fmt: skip


def _healed(cell: Cell, by: Matching, lacking: Ride, tap: Tap) -> Ride | None:
    """The ride that the tap makes whole, if matching would pair it with the one that is there."""
    since = min(lacking.start_ts, tap.ts) - by.rules.silence
    with cell.connection() as conn:
        known = taps_of_accounts(conn, cell.city, {lacking.account: since})
    taps = sorted(
        [tap, *(one for one in known if one.tap_id != tap.tap_id)],
        key=lambda one: (one.ts, one.tap_id),
    )
    standing, _ = sift(taps, by.rules, by.reach)
    both = {tap.tap_id, lacking.entry_tap or lacking.exit_tap}
    for ride in match(standing, by.rules, by.network, by.now):
        if {ride.entry_tap, ride.exit_tap} == both:
            return ride if ride.state in _HEALED else None
    return None
