"""The bodies of the living city, as OpenAPI shows them."""

from pydantic import BaseModel, Field

from ridecode.api.wire import Account, Body, Id, Moment, StopId, Text
from ridecode.store import Clock


class SpeedIn(Body):
    speed: int = Field(ge=1, le=Clock.SPEED_MOST, examples=[30])


class NetworkIn(Body):
    stop: StopId
    connected: bool = Field(examples=[False])


class IngestIn(Body):
    running: bool = Field(examples=[False])


class LossIn(Body):
    account: Account


class EventOut(BaseModel):
    """A gate answered a reading."""

    seq: int = Field(examples=[1_234])
    stop: StopId
    kind: str = Field(examples=["entry"])
    opened: bool = Field(examples=[True])


class BundleOut(BaseModel):
    """What gates judge by."""

    version: int = Field(description="Of those that have a network.", examples=[14])
    behind: int = Field(description="Gates that judge by an older one.", examples=[2])
    refused: Text | None = Field(description="Why they refused an old one that they were offered.")


class SuspectOut(BaseModel):
    """A tap that is kept and does not stand."""

    tap_id: Id
    at: Moment
    stop: StopId
    why: Text


class LiveOut(BaseModel):
    """The city as it moves. `opened` = `stored` + `waiting`."""

    now: Moment
    speed: int = Field(description="Seconds of the city in one of the machine's.", examples=[30])
    seq: int = Field(description="Of the newest event.", examples=[1_234])
    arriving_s: float = Field(
        description="Openings stored in a second of the machine's clock, over the last ten.",
        examples=[21.4],
    )
    opened: int = Field(description="By the gates' own counters.", examples=[12_034])
    stored: int = Field(description="Of these, at the centre.", examples=[11_890])
    waiting: int = Field(description="Of these, in gates' journals alone.", examples=[144])
    quarantined: int = Field(description="Taps that are kept and do not stand.", examples=[7])
    priced: int = Field(description="Rides with a price.", examples=[5_801])
    lag_s: float | None = Field(description="How far prices are behind.", examples=[0.2])
    ingest: str = Field(description="up or down", examples=["up"])
    cut: list[StopId] = Field(description="Stops whose gates have no network.")
    bundle: BundleOut
    denied: int = Field(description="Accounts that may not ride.", examples=[12])
    events: list[EventOut]
    suspects: list[SuspectOut]
