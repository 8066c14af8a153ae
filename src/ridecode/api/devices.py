"""Devices: which there are, what they say of themselves, and what does not fit together.

They are enrolled and revoked on the command line, where the machine says who asks.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from ridecode import taps
from ridecode.access import Right
from ridecode.api import signed, wire
from ridecode.api.allowed import DEVICE, needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment, tap_out, text
from ridecode.api.subjects import Operator, of_operator
from ridecode.city import Pack
from ridecode.core import from_iso

router = APIRouter(prefix="/v1", tags=["devices"])

_HEARTBEAT: Final[dict[str, Any]] = {
    "parameters": signed.HEADERS,
    "requestBody": {
        "required": True,
        "content": {taps.JSON: {"schema": wire.HeartbeatIn.model_json_schema()}},
    },
}


class QuarantinedOut(BaseModel):
    """A tap that was set aside, and why."""

    tap: wire.TapOut
    reason: str = Field(examples=["code_refused"])
    words: wire.Text
    verdict: str | None = Field(
        description="Of its code, when the centre verified it; null: not asked for.",
        examples=["USER_SIGNATURE"],
    )
    since: wire.Moment


@router.get("/devices", dependencies=[needs(Right.SEE_DEVICES, of_operator)])
def devices(desk: Held, operator: Operator = "") -> list[wire.DeviceOut]:
    """Every device that was ever enrolled, by name, with the latest that it said of itself."""
    heard = {one.told.device: one for one in taps.heartbeats(desk.cell)}
    return [
        _device(desk.pack, one, heard.get(one.device))
        for one in taps.all_devices(desk.cell)
        if operator in ("", one.operator)
    ]


@router.post("/devices/{device:path}/heartbeat", openapi_extra=_HEARTBEAT, dependencies=[DEVICE])
async def heartbeat(
    device: Annotated[str, Path(examples=["gate-17"])], request: Request
) -> list[wire.AlarmOut]:
    """A device says how it is, signed: its clock, its journal's head, how often it has opened.

    The answer are the alarms that it gives cause for. A journal whose tail was cut is seen by the
    head that was promised before.
    """
    desk: Desk = request.app.state.desk
    sent = await signed.read(request)
    raised = await run_in_threadpool(
        taps.heartbeat, desk.cell, device, sent.body, sent.signature, desk.clock.now()
    )
    return [_alarm(desk.pack, alarm) for alarm in raised]


@router.get("/alarms", dependencies=[needs(Right.SEE_DEVICES, of_operator)])
def alarms(
    desk: Held,
    operator: Operator = "",
    since: Annotated[wire.Moment | None, Query()] = None,
    most: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> list[wire.AlarmOut]:
    """What was noticed at devices, the newest first."""
    found = taps.alarms(desk.cell, 0 if since is None else from_iso(since), most, operator)
    return [_alarm(desk.pack, alarm) for alarm in found]


@router.get("/quarantine", dependencies=[needs(Right.SEE_SUSPECTS, of_operator)])
def quarantine(
    desk: Held,
    operator: Operator = "",
    since: Annotated[wire.Moment | None, Query()] = None,
    most: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> list[QuarantinedOut]:
    """Taps that were kept and do not stand, each with its one reason, the newest first."""
    found = taps.quarantined(desk.cell, 0 if since is None else from_iso(since), most, operator)
    return [
        QuarantinedOut(
            tap=tap_out(desk.pack, one.tap),
            reason=one.reason.name.lower(),
            words=text(one.reason.words),
            verdict=None if one.verdict is None else one.verdict.name,
            since=moment(desk.pack, one.at),
        )
        for one in found
    ]


def _alarm(pack: Pack, alarm: taps.Alarm) -> wire.AlarmOut:
    return wire.AlarmOut(
        device=alarm.device, kind=alarm.kind.name.lower(), words=text(alarm.kind.words),
        at=moment(pack, alarm.at), detail=dict(alarm.detail),
    )  # fmt: skip


def _device(pack: Pack, one: taps.Device, seen: taps.HeartbeatSeen | None) -> wire.DeviceOut:
    stand = one.stand
    return wire.DeviceOut(
        device=one.device,
        operator=one.operator,
        stand=wire.StandOut(
            product=stand.product, line=stand.line, stop=stand.stop, vehicle=stand.vehicle,
            kind=None if stand.kind is None else stand.kind.name.lower(),
        ),
        enrolled_at=moment(pack, one.enrolled_at),
        revoked_at=None if one.revoked_at is None else moment(pack, one.revoked_at),
        reason=one.reason,
        pulse=None if seen is None else _pulse(pack, seen),
    )  # fmt: skip


def _pulse(pack: Pack, seen: taps.HeartbeatSeen) -> wire.PulseOut:
    told = seen.told
    return wire.PulseOut(
        heard_at=moment(pack, seen.at), seq=told.seq, acknowledged=told.acknowledged,
        opened=told.opened, bundle=told.bundle,
        clock_set=None if told.clock_set is None else moment(pack, told.clock_set),
    )  # fmt: skip
