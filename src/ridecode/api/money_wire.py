"""The bodies of money, as OpenAPI shows them. Amounts are the smallest unit of the currency."""

from pydantic import BaseModel, Field

from ridecode.api.wire import Account, Amount, Body, Id, Moment, Name, OperatorId, StopId, Text

DayName = str
"""A business day, as 2018-09-01."""


class AgreementIn(Body):
    channel: Name = Field(examples=["wechat"])
    contract: Name = Field(
        default="", description="The channel's number of it; none for the wallet."
    )
    user: Name = Field(default="", description="Who the rider is to the channel.")
    platform: Name = Field(default="", examples=["tencent"])


class AgreementOut(BaseModel):
    account: Account
    channel: Name = Field(examples=["wechat"])
    platform: Name = Field(examples=["tencent"])
    signed_at: Moment


class BalanceOut(BaseModel):
    """One account of the trial balance, or all riders' accounts of a kind."""

    kind: str = Field(examples=["card_company"])
    party: str = Field(description="Empty for all riders'.", examples=["shenzhentong"])
    debits: Amount
    credits: Amount
    closing: int = Field(description="Debits minus credits.", examples=[-1_250])


class AnswerOut(BaseModel):
    """What the card company answered to a file."""

    at: Moment
    cleared: int = Field(examples=[1_204])
    cleared_amount: int
    rejected: int = Field(examples=[3])
    rejected_amount: int


class FileOut(BaseModel):
    """A settlement file."""

    number: int = Field(examples=[17])
    name: str = Field(examples=["settlement-shenzhen-2018-09-01-000017.csv"])
    lines: int
    fares: int
    charges: int
    digest: str = Field(description="SHA-256 of the file.")
    answer: AnswerOut | None


class DayOut(BaseModel):
    """A closed business day."""

    day: DayName
    closed_at: Moment
    journals: int | None = Field(description="null where the day is not sealed yet.")
    root: str | None = Field(description="Merkle root over its journals.")
    chain: str | None
    files: list[FileOut]


class MoneyOut(BaseModel):
    """The books, and the days that are closed, the newest first."""

    as_of: Moment
    day: DayName = Field(description="The business day that runs.")
    balanced: bool = Field(description="Whether all closings sum to zero.")
    balances: list[BalanceOut]
    days: list[DayOut]


class FindingOut(BaseModel):
    fault: str
    line: int | None
    what: str


class AuditOut(BaseModel):
    """A sealed day, checked from its files alone."""

    day: DayName
    journals: int
    root: str
    findings: list[FindingOut]
    more: int


class FileLineOut(BaseModel):
    at: int = Field(description="Line of the file, from 1.")
    text: str


class FileLinesOut(BaseModel):
    """Some lines of a settlement file, as they stand in it."""

    number: int
    name: str
    lines: int = Field(description="Lines F, C and A of the whole file.")
    shown: list[FileLineOut]


class PlaceOut(BaseModel):
    """Where a journal stands in a settlement file."""

    number: int
    name: str
    line: int
    state: str = Field(description="unanswered, cleared or rejected", examples=["cleared"])
    reason: str | None


class PostedOut(BaseModel):
    """A line of the books."""

    n: int
    flow: str = Field(examples=["fare"])
    debit: str
    credit: str
    amount: Amount
    day: DayName
    number: str = Field(description="The channel's number of the payment or refund.")
    files: list[PlaceOut]


class RuleOut(BaseModel):
    rule: str
    amount: int


class VersionOut(BaseModel):
    """One version of the price."""

    version: int
    tariff: str
    amount: Amount
    as_of: Moment
    lines: list[RuleOut]


class TracedRideOut(BaseModel):
    ride_id: Id
    operator: OperatorId
    operator_name: Text
    entry_stop: StopId
    exit_stop: StopId
    entry_at: Moment | None
    exit_at: Moment | None
    taps: list[Id]


class OrderOut(BaseModel):
    """What a channel was asked for."""

    number: str = Field(description="As the channel knows it.")
    channel: str
    channel_name: Text
    platform: str
    amount: Amount
    state: str = Field(examples=["paid"])
    owed: Amount
    breaks: list[str]
    booked: list[PostedOut]


class TraceOut(BaseModel):
    """The way of the money of one ride, from the tap to the settlement file."""

    account: Account
    ride: TracedRideOut | None
    prices: list[VersionOut]
    fares: list[PostedOut]
    order: OrderOut | None
