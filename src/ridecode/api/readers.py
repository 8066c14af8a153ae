"""The readers of the demonstration, and what happens when one of them sees a code."""

from fastapi import APIRouter

from ridecode.api import wire
from ridecode.api.desk import Held
from ridecode.api.say import tap_out, text

router = APIRouter(prefix="/v1/places", tags=["readers"])


@router.get("")
def places(desk: Held) -> list[wire.PlaceOut]:
    """Every place with a reader, by name."""
    return [
        wire.PlaceOut(
            place=name,
            kind=place.kind.name.lower(),
            mode=place.mode.name.lower(),
            product=place.product,
            operator=place.operator,
            line=place.line,
            stop=place.stop,
            stop_name=text(desk.pack.stops[place.stop].name),
            validator=place.validator,
        )
        for name, place in ((name, lane.place) for name, lane in desk.lanes.items())
    ]


@router.post("/{place}/scans")
def scan(place: wire.PlaceId, seen: wire.ScanIn, desk: Held) -> wire.ScanOut:
    """The reader's camera saw a code: it judges with no network; then its tap is stored.

    A refusal is an answer, not an error: status 200, with the verdict and words for the rider.
    """
    reading = desk.scan(place, bytes.fromhex(seen.code))
    verdict = reading.decision.verdict
    return wire.ScanOut(
        verdict=verdict.name,
        words=text(verdict.words),
        opened=verdict.accepted,
        judged_us=reading.judged_us,
        bundle=str(reading.bundle),
        tap=tap_out(desk.pack, reading.decision.tap),
    )
