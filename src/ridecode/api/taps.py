"""Taps in sets from devices, and taps read back."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from ridecode import taps
from ridecode.api import wire
from ridecode.api.desk import Held
from ridecode.api.say import tap_in, tap_out, uuid_of

router = APIRouter(prefix="/v1/taps", tags=["taps"])

BATCH_MOST = 1_000


@router.post("")
def record(
    told: Annotated[list[wire.TapIn], Body(min_length=1, max_length=BATCH_MOST)], desk: Held
) -> list[wire.ReceiptOut]:
    """Record up to 1,000 taps. Sending them again is harmless: each gets its own receipt.

    `accepted`: new and stored durably; `duplicate`: stored before; `refused`: the id was used for
    another tap, and this telling is kept as evidence.
    """
    receipts = desk.store([tap_in(desk.pack, tap) for tap in told])
    return [
        wire.ReceiptOut(tap_id=tap.tap_id, receipt=receipt.name.lower())
        for tap, receipt in zip(told, receipts, strict=True)
    ]


@router.get("")
def of_account(
    desk: Held, account: Annotated[wire.Account, Query(min_length=1)]
) -> list[wire.TapOut]:
    """Every tap of an account in order of time, refused ones among them."""
    return [tap_out(desk.pack, tap) for tap in taps.taps_of(desk.cell, account)]


@router.get("/{tap_id}")
def one(tap_id: wire.Id, desk: Held) -> wire.TapOut:
    """One tap, exactly as it was recorded."""
    return tap_out(desk.pack, taps.tap(desk.cell, uuid_of(tap_id)))
