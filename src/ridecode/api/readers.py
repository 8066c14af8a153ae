"""The readers of the demonstration, and what happens when one of them sees a code."""

import structlog
from fastapi import APIRouter

from ridecode.access import Right
from ridecode.api import wire
from ridecode.api.allowed import needs
from ridecode.api.desk import Held
from ridecode.api.say import moment, text
from ridecode.api.tour import Shown
from ridecode.core import NotFoundError, RefusedError

log = structlog.get_logger()

router = APIRouter(prefix="/v1/places", tags=["readers"])


@router.get("", dependencies=[needs(Right.DEMONSTRATE)])
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
        for name, place in desk.places.items()
    ]


@router.post("/{place}/scans", dependencies=[needs(Right.DEMONSTRATE)])
def scan(place: wire.PlaceId, seen: wire.ScanIn, desk: Held, tour: Shown) -> wire.ScanOut:
    """The reader's camera saw a code: it judges with no network, and writes its tap down.

    The tap is sent to the centre at once where the reader has a network, else when it has one.
    A refusal is an answer, not an error: status 200, with the verdict and words for the rider.
    """
    if place not in desk.places:
        raise NotFoundError(f"There is no place {place!r}.", "GET /v1/places lists them.")
    read = tour.city.read(place, bytes.fromhex(seen.code))
    desk.brought()
    signal, stands = read.signal, desk.places[place]
    if signal.verdict is None or signal.tap_id is None:
        raise RefusedError("This gate is shown codes too fast to judge them.", "Wait a moment.")
    log.info(
        "read", tap=signal.tap_id, verdict=signal.verdict.name, place=place, bundle=read.bundle,
        judged_us=signal.took_us,
    )  # fmt: skip
    return wire.ScanOut(
        verdict=signal.verdict.name,
        words=text(signal.words or signal.verdict.words),
        opened=signal.open,
        judged_us=signal.took_us,
        bundle=str(read.bundle),
        tap=wire.JournalTapOut(
            tap_id=str(signal.tap_id), at=moment(desk.pack, read.ts),
            kind=stands.kind.name.lower(), line=stands.line, stop=stands.stop, stored=read.stored,
        ),
    )  # fmt: skip
