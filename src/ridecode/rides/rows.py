"""Rides, prices and what was set aside, as the rows that hold them, and back."""

from typing import Any
from uuid import UUID

from msgspec import json

from ridecode.core import Line, Mode, Price, Ride, RideState

Row = tuple[Any, ...]
Key = tuple[str, int, UUID]
"""Account, start, ride id: what a ride's row and its price's row are found by."""

Columns = tuple[tuple[str, str], ...]
"""Names and PostgreSQL types."""

RIDE_FACTS = 19
"""So many leading values of a ride's row are the ride; then come version and moment."""
PRICE_FACTS = 6
"""So many leading values of a price's row are the price; then come version, moment and carry."""
ASIDE_FACTS = 5
"""So many leading values of a row of `set_aside` are what was found; then version and moment."""

RIDE: Columns = (
    ("account", "text"), ("start_ts", "int8"), ("ride_id", "uuid"), ("account_type", "int2"),
    ("mode", "int2"), ("product", "text"), ("operator", "text"), ("line", "text"),
    ("entry_tap", "uuid"), ("exit_tap", "uuid"), ("entry_stop", "text"), ("exit_stop", "text"),
    ("entry_ts", "int8"), ("exit_ts", "int8"), ("distance_m", "int4"), ("state", "int2"),
    ("journey_id", "uuid"), ("leg", "int4"), ("remedy_until", "int8"), ("version", "int4"),
    ("as_of", "int8"),
)  # fmt: skip
PRICE: Columns = (
    ("account", "text"), ("start_ts", "int8"), ("ride_id", "uuid"), ("tariff", "text"),
    ("amount", "int8"), ("lines", "text"), ("version", "int4"), ("as_of", "int8"),
    ("carry", "text"),
)  # fmt: skip
"""JSON comes and goes as the text that it is."""
ASIDE: Columns = (
    ("account", "text"), ("ts", "int8"), ("tap_id", "uuid"), ("why", "int2"), ("against", "uuid"),
    ("version", "int4"), ("as_of", "int8"),
)  # fmt: skip
MODES = {int(mode): mode for mode in Mode}
_STATES = {int(state): state for state in RideState}


def ride_row(ride: Ride, as_of: int) -> Row:
    """The first version of a ride as a row."""
    return (
        ride.account, ride.start_ts, ride.ride_id, ride.account_type, ride.mode, ride.product,
        ride.operator, ride.line, ride.entry_tap, ride.exit_tap, ride.entry_stop, ride.exit_stop,
        ride.entry_ts, ride.exit_ts, ride.distance_m, ride.state, ride.journey_id, ride.leg,
        ride.remedy_until, 1, as_of,
    )  # fmt: skip


def ride_told(row: Row) -> dict[str, object]:
    """What is logged of a ride's row; not whose it is."""
    return {
        "ride": row[2], "exit": row[9], "state": _STATES[row[15]].name, "version": row[RIDE_FACTS],
    }  # fmt: skip


def ride_of(city: str, row: Row) -> Ride:
    """The ride of a row, whatever follows its facts."""
    (account, _, ride_id, account_type, mode, product, operator, line, entry_tap, exit_tap,
     entry_stop, exit_stop, entry_ts, exit_ts, distance_m, state, journey_id, leg,
     remedy_until, *_) = row  # fmt: skip
    return Ride(
        ride_id=ride_id, city=city, account=account, account_type=account_type, mode=MODES[mode],
        product=product, operator=operator, line=line, entry_tap=entry_tap, exit_tap=exit_tap,
        entry_stop=entry_stop, exit_stop=exit_stop, entry_ts=entry_ts, exit_ts=exit_ts,
        distance_m=distance_m, state=_STATES[state], journey_id=journey_id, leg=leg,
        remedy_until=remedy_until,
    )  # fmt: skip


def price_row(ride: Ride, price: Price, carry: str, as_of: int) -> Row:
    """The first version of a ride's price as a row."""
    return (
        ride.account, ride.start_ts, ride.ride_id, price.tariff, price.amount,
        _encode(price.lines).decode(), 1, as_of, carry,
    )  # fmt: skip


def price_told(row: Row) -> dict[str, object]:
    """What is logged of a price's row; not whose it is."""
    return {"ride": row[2], "amount": row[4], "tariff": row[3], "version": row[PRICE_FACTS]}


def price_of(row: Row) -> Price:
    """The price of a row, whatever follows its facts."""
    _, _, ride_id, tariff, amount, lines, *_ = row
    return Price(ride_id, tariff, amount, _lines(lines))


_encode = json.Encoder().encode
_lines = json.Decoder(tuple[Line, ...]).decode
