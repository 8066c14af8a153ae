"""The city as its riders may know it."""

from fastapi import APIRouter

from ridecode.api import wire
from ridecode.api.allowed import PUBLIC
from ridecode.api.desk import Held
from ridecode.api.say import text
from ridecode.city import Line, Stop

router = APIRouter(prefix="/v1", tags=["city"])


@router.get("/city", dependencies=[PUBLIC])
def city(desk: Held) -> wire.CityOut:
    """Products, lines with their stops in order, and the stops' positions."""
    pack = desk.pack
    currency = pack.currency
    return wire.CityOut(
        id=pack.id,
        name=text(pack.name),
        version=pack.version,
        demo=pack.demo,
        utc_offset_s=pack.calendar.utc_offset_s,
        currency=wire.CurrencyOut(
            code=currency.code, minor_digits=currency.minor_digits, symbol=currency.symbol
        ),
        products=[
            wire.ProductOut(id=product.id, name=text(product.name), mode=product.mode.name.lower())
            for product in pack.products.values()
        ],
        lines=[_line(line) for line in pack.lines.values()],
        stops=[_stop(stop) for stop in pack.stops.values()],
    )


def _line(line: Line) -> wire.LineOut:
    return wire.LineOut(
        id=line.id,
        name=text(line.name),
        number=line.number,
        colour=line.colour,
        mode=line.mode.name.lower(),
        product=line.product,
        stops=list(line.stops),
        loop=line.loop,
    )


def _stop(stop: Stop) -> wire.StopOut:
    return wire.StopOut(id=stop.id, name=text(stop.name), lat=stop.lat, lon=stop.lon)
