"""Is the process alive, and can it do its work? For whoever starts, stops and balances servers."""

from fastapi import APIRouter

from ridecode.api import wire
from ridecode.api.allowed import PUBLIC
from ridecode.api.desk import Held
from ridecode.core import UnavailableError

router = APIRouter(tags=["running"])


@router.get("/healthz", dependencies=[PUBLIC])
async def alive() -> wire.HealthOut:
    """The process answers. Nothing else is asked: whoever gets no answer here starts it anew."""
    return wire.HealthOut(status="alive", parts={})


@router.get("/readyz", dependencies=[PUBLIC])
def ready(desk: Held) -> wire.HealthOut:
    """Every part can do its work; 503 says which cannot, and no traffic should come until then."""
    parts = desk.parts()
    ailing = {part: ailment for part, ailment in parts.items() if ailment}
    if ailing:
        what = "; ".join(f"{part}: {ailment}" for part, ailment in ailing.items())
        raise UnavailableError(f"Not ready. {what}.", "See the server's log, and ridecode doctor.")
    return wire.HealthOut(status="ready", parts=dict.fromkeys(parts, "good"))
