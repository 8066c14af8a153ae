"""Taps: signed batches from devices, and taps read back.

A batch costs 20 to 40 µs a tap at the database, so it comes in past pydantic, which would take 5 µs
more for what msgspec does in 0.7.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct, json

from ridecode import taps
from ridecode.access import Right
from ridecode.api import signed, wire
from ridecode.api.allowed import DEVICE, needs
from ridecode.api.desk import Desk, Held
from ridecode.api.errors import ErrorAnswer
from ridecode.api.say import tap_out, uuid_of
from ridecode.api.subjects import rider_asked_for, rider_of_tap
from ridecode.core import device, logs

log = structlog.get_logger()
router = APIRouter(prefix="/v1/taps", tags=["taps"])


class _Answered(Struct, frozen=True, gc=False):
    """`wire.ReceiptOut`, as it is written."""

    tap_id: Any
    receipt: str
    reason: str | None


_RECEIPTS: Final = {receipt: receipt.name.lower() for receipt in taps.Receipt}
_REASONS: Final[dict[taps.Suspicion | None, str | None]] = {
    None: None,
    **{reason: reason.name.lower() for reason in taps.Suspicion},
}
_encode = json.Encoder().encode

_BATCH: Final[dict[str, Any]] = {
    "parameters": signed.HEADERS,
    "requestBody": {
        "required": True,
        "content": {
            taps.JSON: {
                "schema": {
                    "type": "object",
                    "description": "Readings of one device in a row.",
                    "required": ["device", "before", "taps"],
                    "properties": {
                        "device": {
                            "type": "string",
                            "description": "`validator` of every tap.",
                            "examples": ["gate-17"],
                        },
                        "before": {
                            "type": "string",
                            "description": "The link before the first tap, 32 bytes in base64.",
                            "examples": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
                        },
                        "taps": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": device.BATCH_MOST,
                            "items": wire.TapIn.model_json_schema(),
                        },
                    },
                }
            },
            taps.ARROW: {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "An IPC stream of one record batch: see docs/taps.md.",
                    "examples": ["/////wAAAAA="],
                }
            },
        },
    },
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": list[wire.ReceiptOut], "description": "An answer for every tap, in order."},
    413: {"model": ErrorAnswer, "description": "The body is too long: send smaller batches."},
    429: {
        "model": ErrorAnswer,
        "description": "More comes in than can be stored now; nothing of it was kept.",
        "headers": {
            "Retry-After": {
                "description": "Seconds, at least 1.",
                "schema": {"type": "integer", "examples": [2]},
            }
        },
    },
}


@router.post(
    "", openapi_extra=_BATCH, responses=_ANSWERS, response_class=Response, dependencies=[DEVICE]
)
async def receive(request: Request) -> Response:
    """Take up to 1,000 readings of one enrolled device, signed by it, in JSON or Arrow.

    The answer comes when all of them are durable. Sending them again is harmless: each gets its
    own receipt. `accepted`: new and kept, and its code is still to be verified here; `duplicate`:
    kept before; `quarantined`: kept, but it does not stand, for the reason named; `refused`: the id
    belongs to another tap, and this telling is kept as evidence.
    """
    desk: Desk = request.app.state.desk
    sent = await signed.read(request)
    answer = desk.running.ingest.submit(sent.device, sent.body, sent.content_type, sent.signature)
    # Whoever has gone away takes no answer, but what he sent is stored all the same.
    answers = await asyncio.shield(asyncio.wrap_future(answer))
    _log(sent.device, answers)
    told = [_Answered(one.tap_id, _RECEIPTS[one.receipt], _REASONS[one.reason]) for one in answers]
    return Response(_encode(told), media_type=taps.JSON)


def _log(validator: str, answers: Sequence[taps.Answer]) -> None:
    """What came in as the request of this id, a line for all and, where wanted, for each."""
    by_receipt = Counter(_RECEIPTS[one.receipt] for one in answers)
    log.info("batch", validator=validator, first=answers[0].tap_id, **by_receipt)
    logs.trace(
        "stored",
        (
            {"tap": one.tap_id, "receipt": _RECEIPTS[one.receipt], "reason": _REASONS[one.reason]}
            for one in answers
        ),
    )


@router.get("", dependencies=[needs(Right.SEE_RIDER, rider_asked_for)])
def of_account(
    desk: Held, account: Annotated[wire.Account, Query(min_length=1)]
) -> list[wire.TapOut]:
    """Every tap of an account in order of time, refused ones among them.

    A device's tap is found by its account when its code has been verified here, which takes
    seconds; by its id it is found at once.
    """
    return [tap_out(desk.pack, tap) for tap in taps.taps_of(desk.cell, account)]


@router.get("/{tap_id}", dependencies=[needs(Right.SEE_RIDER, rider_of_tap)])
def one(tap_id: wire.Id, desk: Held) -> wire.TapOut:
    """One tap, exactly as it was recorded."""
    return tap_out(desk.pack, taps.tap(desk.cell, uuid_of(tap_id)))
