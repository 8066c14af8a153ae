"""The bodies of the HTTP interface: names, units and examples, as OpenAPI shows them.

Times are ISO 8601 with offset, ids texts, `amount` a whole number of the smallest unit of the
city's currency, bytes hexadecimal. Every text for people stands in Chinese and English.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ridecode.api.clock import AHEAD_MOST_S

CODE_CHARACTERS_MOST = 2 * 4_096
"""A scanner may deliver more than a ride code; what is longer than 4 KiB is no code of anybody."""

Hex = Annotated[str, StringConstraints(pattern="^([0-9a-fA-F]{2})*$")]
CodeHex = Annotated[Hex, StringConstraints(max_length=CODE_CHARACTERS_MOST)]
Name = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""An id or name of ours or of a device: no line breaks or control characters in it."""
Moment = Annotated[str, Field(examples=["2018-08-31T22:14:50+08:00"])]
Id = Annotated[str, Field(examples=["01659074-1a90-7c3e-9d1b-5f0e8a3b2c11"])]


class Body(BaseModel):
    """A request body: an unknown field is a slip, and refused."""

    model_config = ConfigDict(extra="forbid")


class Text(BaseModel):
    """One text in both languages."""

    zh: str
    en: str


class CurrencyOut(BaseModel):
    """Amounts are whole numbers of 10 to the −`minor_digits` of it."""

    code: str = Field(examples=["CNY"])
    minor_digits: int = Field(examples=[2])
    symbol: str = Field(examples=["¥"])


class ProductOut(BaseModel):
    id: str = Field(examples=["metro"])
    name: Text
    mode: str = Field(examples=["metro"])


class LineOut(BaseModel):
    id: str
    name: Text
    number: str
    colour: str = Field(examples=["#00a05a"])
    mode: str
    product: str
    stops: list[str]
    loop: bool


class StopOut(BaseModel):
    """Positions are WGS-84 degrees."""

    id: str
    name: Text
    lat: float
    lon: float


class CityOut(BaseModel):
    """What is public of a city pack."""

    id: str = Field(examples=["shenzhen"])
    name: Text
    version: str = Field(examples=["2018.09.1"])
    demo: bool
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
    authorisation: Hex = Field(description="Fields 1 to 15.")
    card_account: str = Field(examples=["3104870400000000001"])
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
        description="The fields of the code; null where the bytes could not be cut into fields."
    )


class PlaceOut(BaseModel):
    """Where a reader stands."""

    place: str = Field(examples=["sz-futian:entry"])
    kind: str = Field(examples=["entry"])
    mode: str
    product: str
    operator: str
    line: str
    stop: str
    stop_name: Text | None
    validator: str


class ScanIn(Body):
    """What a reader's camera saw."""

    code: CodeHex = Field(examples=["80014924010100000112"])


class TapOut(BaseModel):
    """One reading; a refused one is a tap too."""

    tap_id: Id
    at: Moment
    account: str
    account_type: int
    kind: str
    mode: str
    product: str
    operator: str
    line: str
    stop: str
    validator: str
    vehicle: str
    verdict: str
    source: str
    code: Hex


class ScanOut(VerdictOut):
    opened: bool
    judged_us: int = Field(description="What the judgement took, in microseconds.")
    bundle: str = Field(description="Version of what the reader trusts.")
    tap: TapOut


class TapIn(Body):
    """A tap as a device sends it."""

    tap_id: Id = Field(description="The UUIDv7 that the device made at the moment of the reading.")
    at: Moment
    account: Name = Field(
        "",
        description="An accepted reading names it; of an unreadable code there is none.",
        examples=["3104870400000000001"],
    )
    account_type: int = Field(0, ge=0, le=255)
    kind: str = Field(examples=["entry"])
    mode: str = Field(examples=["metro"])
    product: Name = Field(examples=["metro"])
    operator: Name = ""
    line: Name = ""
    stop: Name = ""
    validator: Name = Field(examples=["gate-17"])
    vehicle: Name = ""
    code: CodeHex = ""
    code_time: int = Field(0, ge=0, lt=2**32, description="Field 16, UTC seconds.")
    verdict: str = Field("ACCEPTED", examples=["ACCEPTED"])


class ReceiptOut(BaseModel):
    tap_id: Id
    receipt: str = Field(examples=["accepted"], description="accepted, duplicate or refused")


class RideOut(BaseModel):
    ride_id: Id
    account: str
    account_type: int
    state: str = Field(examples=["complete"])
    mode: str
    product: str
    operator: str
    line: str
    entry_stop: str
    exit_stop: str
    entry_at: Moment | None
    exit_at: Moment | None
    entry_tap: Id | None
    exit_tap: Id | None
    distance_m: int | None
    journey_id: Id
    leg: int
    remedy_until: Moment | None
    amount: int | None = Field(description="null while the ride has no price.")
    way: list[tuple[str, list[str]]] = Field(description="Line by line, the stops in order.")
    co2_saved_g: int | None = Field(description="Against the same distance by car, in grams.")


class RemedyIn(Body):
    """The missing tap of a ride, supplied by its rider (补登)."""

    stop: Name = Field(examples=["sz-futian"])
    at: Moment


class PriceLineOut(BaseModel):
    rule: str
    amount: int
    words: Text


class PriceOut(BaseModel):
    """`amount` is the sum of the lines."""

    ride_id: Id | None
    tariff: str
    amount: int
    lines: list[PriceLineOut]


class QuoteOut(PriceOut):
    distance_m: int | None


class SummaryOut(BaseModel):
    """The current business day so far."""

    day: str = Field(examples=["2018-08-31"])
    as_of: Moment
    riders: int
    rides: int
    refused: int
    exceptions: int
    amount: int


class ClockOut(BaseModel):
    now: Moment
    ahead_s: int = Field(description="Seconds by which it was put before the machine's clock.")


class AdvanceIn(Body):
    seconds: int = Field(ge=1, le=AHEAD_MOST_S, examples=[1_740])
