"""The bodies of money, as OpenAPI shows them. Amounts are the smallest unit of the currency."""

from typing import Annotated

from pydantic import BaseModel, Field

from ridecode.api.wire import Account, Amount, Body, Id, Moment, Name, OperatorId, StopId, Text

DayName = Annotated[str, Field(examples=["2018-09-01"])]
"""A business day."""


class AgreementIn(Body):
    channel: Name = Field(examples=["wechat"])
    contract: Name = Field(
        default="",
        description="The channel's number of it; none for the wallet.",
        examples=["202018090112345678"],
    )
    user: Name = Field(
        default="",
        description="Who the rider is to the channel.",
        examples=["oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"],
    )
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
    cleared_amount: int = Field(examples=[401_360])
    rejected: int = Field(examples=[3])
    rejected_amount: int = Field(examples=[570])


class FileOut(BaseModel):
    """A settlement file."""

    number: int = Field(examples=[17])
    name: str = Field(examples=["settlement-shenzhen-2018-09-01-000017.csv"])
    lines: int = Field(examples=[1_207])
    fares: int = Field(examples=[275_675])
    charges: int = Field(examples=[125_685])
    digest: str = Field(
        description="SHA-256 of the file.",
        examples=["737d838c762ee95f020c857495f54ad624a162906b418d12499e5a010e62a0bb"],
    )
    answer: AnswerOut | None


class DayOut(BaseModel):
    """A closed business day."""

    day: DayName
    closed_at: Moment
    journals: int | None = Field(
        description="null where the day is not sealed yet.", examples=[829]
    )
    root: str | None = Field(
        description="Merkle root over its journals.",
        examples=["737d838c762ee95f020c857495f54ad624a162906b418d12499e5a010e62a0bb"],
    )
    chain: str | None = Field(
        examples=["737d838c762ee95f020c857495f54ad624a162906b418d12499e5a010e62a0bb"]
    )
    files: list[FileOut]


class MoneyOut(BaseModel):
    """The books, and the days that are closed, the newest first."""

    as_of: Moment
    day: DayName = Field(description="The business day that runs.")
    balanced: bool = Field(description="Whether all closings sum to zero.", examples=[True])
    balances: list[BalanceOut]
    days: list[DayOut]


class FindingOut(BaseModel):
    fault: str = Field(examples=["root"])
    line: int | None = Field(examples=[12])
    what: str = Field(examples=["the root is another one"])


class AuditOut(BaseModel):
    """A sealed day, checked from its files alone."""

    day: DayName
    journals: int = Field(examples=[829])
    root: str = Field(examples=["737d838c762ee95f020c857495f54ad624a162906b418d12499e5a010e62a0bb"])
    findings: list[FindingOut]
    more: int = Field(examples=[0])


class FileLineOut(BaseModel):
    at: int = Field(description="Line of the file, from 1.", examples=[3])
    text: str = Field(examples=["C,831,0165…,3104870400000000001,wechat,4200001234,570"])


class FileLinesOut(BaseModel):
    """Some lines of a settlement file, as they stand in it."""

    number: int = Field(examples=[17])
    name: str = Field(examples=["settlement-shenzhen-2018-09-01-000017.csv"])
    lines: int = Field(description="Lines F, C and A of the whole file.", examples=[1_207])
    shown: list[FileLineOut]


class PlaceOut(BaseModel):
    """Where a journal stands in a settlement file."""

    number: int = Field(examples=[17])
    name: str = Field(examples=["settlement-shenzhen-2018-09-01-000017.csv"])
    line: int = Field(examples=[12])
    state: str = Field(description="unanswered, cleared or rejected", examples=["cleared"])
    reason: str | None = Field(examples=["wrong_amount"])


class PostedOut(BaseModel):
    """A line of the books."""

    n: int = Field(examples=[831])
    flow: str = Field(examples=["fare"])
    debit: str = Field(examples=["3104870400000000001"])
    credit: str = Field(examples=["shenzhentong"])
    amount: Amount
    day: DayName
    number: str = Field(
        description="The channel's number of the payment or refund.", examples=["4200001234"]
    )
    files: list[PlaceOut]


class RuleOut(BaseModel):
    rule: str = Field(examples=["metro"])
    amount: int = Field(examples=[570])


class VersionOut(BaseModel):
    """One version of the price."""

    version: int = Field(examples=[1])
    tariff: str = Field(examples=["shenzhen-2018"])
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

    number: str = Field(
        description="As the channel knows it.", examples=["01659074183070008a3f5f0e8a3b2c11"]
    )
    channel: str = Field(examples=["wechat"])
    channel_name: Text
    platform: str = Field(examples=["tencent"])
    amount: Amount
    state: str = Field(examples=["paid"])
    owed: Amount
    breaks: list[str] = Field(examples=[["paid_more"]])
    booked: list[PostedOut]


class TraceOut(BaseModel):
    """The way of the money of one ride, from the tap to the settlement file."""

    account: Account
    ride: TracedRideOut | None
    prices: list[VersionOut]
    fares: list[PostedOut]
    order: OrderOut | None
