"""The bodies of the HTTP interface: names, units and examples, as OpenAPI shows them.

Times are ISO 8601 with offset, ids texts, `amount` a whole number of the smallest unit of the
city's currency, bytes hexadecimal. Every text for people stands in Chinese and English.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ridecode.store import Clock

CODE_CHARACTERS_MOST = 2 * 4_096
"""A scanner may deliver more than a ride code; what is longer than 4 KiB is no code of anybody."""

Hex = Annotated[str, StringConstraints(pattern="^([0-9a-fA-F]{2})*$")]
CodeHex = Annotated[Hex, StringConstraints(max_length=CODE_CHARACTERS_MOST)]
Name = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""An id or name of ours or of a device: no line breaks or control characters in it."""
Moment = Annotated[str, Field(examples=["2018-08-31T22:14:50+08:00"])]
Id = Annotated[str, Field(examples=["01659074-1a90-7c3e-9d1b-5f0e8a3b2c11"])]
Account = Annotated[Name, Field(examples=["3104870400000000001"])]
AccountType = Annotated[int, Field(examples=[1])]
"""Field 8 of the code: 1 ordinary, 2 student, …"""
ModeName = Annotated[Name, Field(examples=["metro"])]
ProductId = Annotated[Name, Field(examples=["metro"])]
OperatorId = Annotated[Name, Field(examples=["shenzhen-metro"])]
LineId = Annotated[Name, Field(examples=["sz-m1"])]
StopId = Annotated[Name, Field(examples=["sz-futian"])]
PlaceId = Annotated[str, Field(examples=["sz-futian:entry"])]
Amount = Annotated[int, Field(examples=[475])]


class Body(BaseModel):
    """A request body: an unknown field is a slip, and refused."""

    model_config = ConfigDict(extra="forbid")


class Text(BaseModel):
    """One text in both languages."""

    zh: str = Field(examples=["福田"])
    en: str = Field(examples=["Futian"])


class CurrencyOut(BaseModel):
    """Amounts are whole numbers of 10 to the −`minor_digits` of it."""

    code: str = Field(examples=["CNY"])
    minor_digits: int = Field(examples=[2])
    symbol: str = Field(examples=["¥"])


class ProductOut(BaseModel):
    id: ProductId
    name: Text
    mode: ModeName


class LineOut(BaseModel):
    id: LineId
    name: Text
    number: str = Field(examples=["1"])
    colour: str = Field(examples=["#00a05a"])
    mode: ModeName
    product: ProductId
    stops: list[StopId]
    loop: bool = Field(examples=[False])


class StopOut(BaseModel):
    """Positions are WGS-84 degrees."""

    id: StopId
    name: Text
    lat: float = Field(examples=[22.54269])
    lon: float = Field(examples=[114.04913])


class CityOut(BaseModel):
    """What is public of a city pack."""

    id: str = Field(examples=["shenzhen"])
    name: Text
    version: str = Field(examples=["2018.09.1"])
    demo: bool = Field(examples=[True])
    utc_offset_s: int = Field(examples=[28_800])
    currency: CurrencyOut
    products: list[ProductOut]
    lines: list[LineOut]
    stops: list[StopOut]


class AuthorisationIn(Body):
    """A phone asks for fields 1 to 15 of its codes to come."""

    user_key: Annotated[Hex, StringConstraints(min_length=66, max_length=66)] = Field(
        description="The phone's public key: a compressed SM2 point of 33 bytes.",
        examples=["0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8"],
    )
    account_type: int = Field(1, ge=1, le=5, description="Field 8: 1 ordinary, 2 student, …")


class AuthorisationOut(BaseModel):
    authorisation: Hex = Field(description="Fields 1 to 15.", examples=["80013104870402"])
    card_account: Account
    issuer: str = Field(examples=["02215840"])
    platform: str = Field(examples=["99000001"])
    until: Moment = Field(description="The last second of the authorisation.")
    validity_s: int = Field(description="For how many seconds a code is good.", examples=[60])


class VerifyIn(Body):
    """Trust checks alone, with no place's rules."""

    code: CodeHex = Field(examples=["80014924010100000112"])
    roots: list[Annotated[Hex, StringConstraints(min_length=288, max_length=288)]] = Field(
        [], max_length=16, description="Root records of 144 bytes; none: the roots of this city."
    )
    now: Moment | None = Field(None, description="None: the city's clock.")


class VerdictOut(BaseModel):
    verdict: str = Field(examples=["ACCEPTED"])
    words: Text


class VerifyOut(VerdictOut):
    fields: dict[str, Any] | None = Field(
        description="The fields of the code; null where the bytes could not be cut into fields.",
        examples=[{"field_1": "80", "field_5": "3104870400000000001f", "field_12": 60}],
    )


class PlaceOut(BaseModel):
    """Where a reader stands."""

    place: PlaceId
    kind: str = Field(examples=["entry"])
    mode: ModeName
    product: ProductId
    operator: OperatorId
    line: LineId
    stop: StopId
    stop_name: Text | None
    validator: str = Field(examples=["gate-17"])


class ScanIn(Body):
    """What a reader's camera saw."""

    code: CodeHex = Field(examples=["80014924010100000112"])


class TapOut(BaseModel):
    """One reading; a refused one is a tap too."""

    tap_id: Id
    at: Moment
    account: Account
    account_type: AccountType
    kind: str = Field(examples=["entry"])
    mode: ModeName
    product: ProductId
    operator: OperatorId
    line: LineId
    stop: StopId
    validator: str = Field(examples=["gate-17"])
    vehicle: str = Field(examples=[""])
    verdict: str = Field(examples=["ACCEPTED"])
    source: str = Field(examples=["demo"])
    code: Hex = Field(examples=["80014924010100000112"])


class JournalTapOut(BaseModel):
    """A reading as its gate has written it down."""

    tap_id: Id
    at: Moment
    kind: str = Field(examples=["entry"])
    line: LineId
    stop: StopId
    stored: bool = Field(
        description="Whether it is at the centre; else it waits in the gate's journal.",
        examples=[True],
    )


class ScanOut(VerdictOut):
    opened: bool = Field(examples=[True])
    judged_us: int = Field(description="What the judgement took, in µs.", examples=[410])
    bundle: str = Field(description="Version of what the reader trusts.", examples=["1"])
    tap: JournalTapOut


class TapIn(Body):
    """A reading as its device sends it: the fields of `core.Tap`, enums by number."""

    tap_id: Id = Field(description="The UUIDv7 that the device made at the moment of the reading.")
    city: str = Field(examples=["shenzhen"])
    account: Name = Field(
        description="Field 5; empty where the code was unreadable.",
        examples=["3104870400000000001"],
    )
    account_type: int = Field(ge=0, le=255, examples=[1])
    ts: int = Field(description="UTC epoch microseconds.", examples=[1_535_724_890_000_000])
    kind: int = Field(description="1 entry, 2 exit, 3 single.", examples=[1])
    mode: int = Field(description="1 bus, 2 metro, 3 ferry, 4 cable car.", examples=[2])
    product: Name = Field(examples=["metro"])
    operator: Name = Field(examples=["shenzhen-metro"])
    line: Name = Field(examples=["sz-m1"])
    stop: Name = Field(examples=["sz-luohu"])
    validator: Name = Field(description="The device itself.", examples=["gate-17"])
    vehicle: Name = ""
    verdict: int = Field(0, description="0 accepted; the others say why not.", examples=[0])
    code: str = Field("", description="The whole raw code, in base64.", examples=["gAFJJAEBAAAB"])
    code_time: int = Field(0, ge=0, lt=2**32, description="Field 16, UTC seconds.")
    source: int = Field(1, description="1: a validator's own reading.", examples=[1])
    seq: int = Field(0, ge=1, description="The reading's number, from 1.", examples=[4711])
    bundle: int = Field(0, description="Version of the bundle that it was judged by.")


class ReceiptOut(BaseModel):
    tap_id: Id
    receipt: str = Field(
        examples=["accepted"], description="accepted, duplicate, quarantined or refused"
    )
    reason: str | None = Field(
        examples=["device_revoked"], description="Of a quarantined or refused one."
    )


class StandOut(BaseModel):
    """Where a device may read; what is empty is left open."""

    product: ProductId
    kind: str | None = Field(examples=["entry"])
    line: LineId
    stop: StopId
    vehicle: str = Field(examples=[""])


class PulseOut(BaseModel):
    """What a device said of itself last."""

    heard_at: Moment = Field(description="By the centre's clock.")
    seq: int = Field(description="Number of the last reading in its journal.", examples=[4711])
    acknowledged: int = Field(examples=[4700])
    opened: int = Field(description="How often it has opened.", examples=[4520])
    bundle: int = Field(examples=[12])
    clock_set: Moment | None = Field(description="null: never.")


class DeviceOut(BaseModel):
    device: str = Field(examples=["gate-17"])
    operator: OperatorId
    stand: StandOut
    enrolled_at: Moment
    revoked_at: Moment | None
    reason: str = Field(description="Why it was revoked.", examples=[""])
    pulse: PulseOut | None = Field(description="null: it has not said anything yet.")


class HeartbeatIn(Body):
    """How a device is: `core.device.Heartbeat`, signed."""

    device: str = Field(examples=["gate-17"])
    ts: int = Field(
        description="Its own clock, UTC epoch microseconds.", examples=[1_535_724_890_000_000]
    )
    seq: int = Field(ge=0, description="Number of the last reading; 0 for none.", examples=[4711])
    head: str = Field(
        description="The link after it, 32 bytes in base64.",
        examples=["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    )
    opened: int = Field(ge=0, examples=[4520])
    acknowledged: int = Field(ge=0, examples=[4700])
    bundle: int = Field(ge=0, examples=[12])
    clock_set: int | None = Field(examples=[1_535_724_000_000_000])


class AlarmOut(BaseModel):
    """What does not fit together at a device."""

    device: str = Field(examples=["gate-17"])
    kind: str = Field(examples=["gap"])
    words: Text
    at: Moment
    detail: dict[str, Any] = Field(examples=[{"first": 12, "last": 14}])


class RideOut(BaseModel):
    ride_id: Id
    account: Account
    account_type: AccountType
    state: str = Field(examples=["complete"])
    mode: ModeName
    product: ProductId
    operator: OperatorId
    line: LineId
    entry_stop: StopId
    exit_stop: StopId
    entry_at: Moment | None
    exit_at: Moment | None
    entry_tap: Id | None
    exit_tap: Id | None
    distance_m: int | None = Field(examples=[8_340])
    journey_id: Id
    leg: int = Field(examples=[0])
    remedy_until: Moment | None
    amount: Amount | None = Field(description="null while the ride has no price.")
    way: list[tuple[str, list[str]]] = Field(
        description="Line by line, the stops in order.",
        examples=[[["sz-m1", ["sz-luohu", "sz-guomao"]]]],
    )
    co2_saved_g: int | None = Field(
        description="Against the same distance by car, in grams.", examples=[1_120]
    )


class RemedyIn(Body):
    """The missing tap of a ride, supplied by its rider (补登)."""

    stop: StopId
    at: Moment


class PriceLineOut(BaseModel):
    rule: str = Field(examples=["metro-discount"])
    amount: Amount
    words: Text


class PriceOut(BaseModel):
    """`amount` is the sum of the lines."""

    ride_id: Id | None
    tariff: str = Field(examples=["shenzhen-2018"])
    amount: Amount
    lines: list[PriceLineOut]


class QuoteOut(PriceOut):
    distance_m: int | None = Field(examples=[8_340])


class SummaryOut(BaseModel):
    """The current business day so far."""

    day: str = Field(examples=["2018-08-31"])
    as_of: Moment
    riders: int = Field(examples=[311])
    rides: int = Field(examples=[402])
    refused: int = Field(examples=[3])
    exceptions: int = Field(examples=[2])
    amount: int = Field(examples=[161_250])


class HealthOut(BaseModel):
    """A server that can work, and the parts that were asked."""

    status: str = Field(examples=["ready"])
    parts: dict[str, str] = Field(examples=[{"database": "good"}])


class ClockOut(BaseModel):
    now: Moment
    ahead_s: int = Field(
        description="Seconds by which it is before the machine's clock.", examples=[0]
    )
    speed: int = Field(description="Seconds of the city in one of the machine's.", examples=[1])


class AdvanceIn(Body):
    seconds: int = Field(ge=1, le=Clock.AHEAD_S_MOST, examples=[1_740])
