"""The facts that travel the road, frozen: Tap, Ride, Journey, Price.

They are `msgspec` structs rather than dataclasses because millions are made a minute: a frozen
dataclass of sixteen fields costs about 2 µs to make, a frozen struct about 0.2 µs. Enum members
carry frozen numbers, which is what the tables hold.
"""

from enum import IntEnum
from uuid import UUID

from msgspec import Struct

from ridecode.core.verdict import Verdict


class Mode(IntEnum):
    """What carries the rider. Modes differ by data alone; no rule asks for one by name."""

    BUS = 1
    METRO = 2
    FERRY = 3
    CABLE_CAR = 4


class TapKind(IntEnum):
    """What a reading means at its place."""

    ENTRY = 1
    EXIT = 2
    SINGLE = 3
    """One reading is the whole ride (一票制)."""


class TapSource(IntEnum):
    """Who says that the tap happened."""

    VALIDATOR = 1
    IMPORT = 2
    """Read from a card company's file."""
    RIDER = 3
    """A missing tap supplied by the rider (补登)."""


class Tap(Struct, frozen=True, gc=False, kw_only=True):
    """One reading at a validator (刷码记录); refused readings are taps too.

    A text that is not known is empty; `ts` is UTC epoch microseconds.
    """

    tap_id: UUID
    city: str
    account: str
    """Card account (field 5), 19 digits of a ride code; empty where the code was unreadable."""
    account_type: int
    """Field 8: 1 ordinary, 2 student, 3 senior, 4 test, 5 soldier; 0 unknown."""
    ts: int
    kind: TapKind
    mode: Mode
    product: str
    """The fare product of the place, as the city pack names it."""
    operator: str
    line: str
    stop: str
    validator: str
    vehicle: str = ""
    verdict: Verdict = Verdict.ACCEPTED
    code: bytes = b""
    """The whole raw code, so that its issuer can verify it again."""
    code_time: int = 0
    """Field 16: when the code was made, UTC seconds; 0 where there is no code."""
    source: TapSource = TapSource.VALIDATOR
    seq: int = 0
    """The reading's number at its device, from 1, without a gap; 0 where no device counts."""
    bundle: int = 0
    """Version of the bundle that the device judged by; 0 where none did."""


class RideState(IntEnum):
    """What became of a ride. All but COMPLETE and OPEN are exceptions with a remedy."""

    COMPLETE = 1
    OPEN = 2
    """Entered, not yet left, and still in time."""
    MISSING_EXIT = 3
    MISSING_ENTRY = 4
    OVERTIME = 5
    """Entry and exit are there, but further apart than the city allows."""
    UNKNOWN_STOP = 6
    """Entry and exit are there, but one of their stops is not on the network: no price can be
    told before the operator names it."""

    @property
    def is_exception(self) -> bool:
        return self not in (RideState.COMPLETE, RideState.OPEN)

    @property
    def has_price(self) -> bool:
        """Whether a tariff can tell the price: the ride has ended and its stops are known."""
        return self not in _WITHOUT_PRICE


# To look up a member of an enumeration in its class takes as long as the rest.
_WITHOUT_PRICE = (RideState.OPEN, RideState.UNKNOWN_STOP)


class Ride(Struct, frozen=True, gc=False, kw_only=True):
    """A matched entry and exit, or one single tap (乘次). Times are UTC epoch microseconds.

    For a single tap, `entry_ts` and `exit_ts` are both its time, `exit_tap` is None and
    `entry_stop` is its stop, if it has one.
    """

    ride_id: UUID
    """The id of its first tap: the same taps give the same ride in whatever order they came."""
    city: str
    account: str
    account_type: int
    """Of the first tap: a change of class later in the ride does not reach back."""
    mode: Mode
    product: str
    operator: str
    line: str
    entry_tap: UUID | None
    exit_tap: UUID | None
    entry_stop: str
    exit_stop: str
    entry_ts: int | None
    exit_ts: int | None
    distance_m: int | None
    """Shortest way on the network between the stops in metres; None where it is not known."""
    state: RideState
    journey_id: UUID
    """The id of the first ride of its journey."""
    leg: int
    """0 for the first ride of a journey, then 1, 2, …"""
    remedy_until: int | None = None
    """Until when the rider may supply the missing tap (补登)."""

    @property
    def start_ts(self) -> int:
        """The first moment that is known of the ride: it decides day, month and tariff version."""
        first = self.entry_ts if self.entry_ts is not None else self.exit_ts
        assert first is not None, "a ride has at least one tap"
        return first

    @property
    def end_ts(self) -> int:
        """The last moment that is known of the ride: transfer windows run from it."""
        last = self.exit_ts if self.exit_ts is not None else self.entry_ts
        assert last is not None, "a ride has at least one tap"
        return last


class Journey(Struct, frozen=True, gc=False):
    """Rides chained by transfers (出行), in order."""

    journey_id: UUID
    rides: tuple[UUID, ...]
    started: int
    ended: int


class Line(Struct, frozen=True, gc=False, array_like=True):
    """One line of a price's explanation: which rule of the tariff moved the price by how much.

    `facts` are the whole numbers that the rule's text needs (metres, tier totals, minutes);
    the rule itself says what each one means.
    """

    rule: str
    amount: int
    facts: tuple[int, ...] = ()


class Price(Struct, frozen=True, gc=False):
    """What a ride costs, in the smallest unit of the tariff's currency, and why.

    `amount == sum(line.amount for line in lines)`, never below zero.
    """

    ride_id: UUID
    tariff: str
    """Id of the tariff version that was in force at the ride's first tap."""
    amount: int
    lines: tuple[Line, ...]
