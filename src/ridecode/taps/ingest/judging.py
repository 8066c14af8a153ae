"""What cannot be, of a device's readings, and can be told without their codes. Pure."""

from collections.abc import Mapping

from ridecode.city import Pack
from ridecode.core import MICROS, Mode, TapKind, TapSource, Verdict
from ridecode.taps.devices.facts import Device
from ridecode.taps.ingest.columns import Readings
from ridecode.taps.suspicion import Suspicion

AHEAD_S_MOST = 60
"""How far a tap may lie in the future of the centre's clock."""

_Place = tuple[int, int, str, str, str, str, str]
"""Kind, mode, product, operator, line, stop, vehicle."""


def suspicions(pack: Pack, device: Device, read: Readings, now: int) -> Mapping[int, Suspicion]:
    """By position in the batch the first reason against a reading, where there is one."""
    found: dict[int, Suspicion] = {}
    if read.source.count(int(TapSource.VALIDATOR)) != len(read):
        _note(found, Suspicion.NOT_A_READING, [s != TapSource.VALIDATOR for s in read.source])
    end = now + AHEAD_S_MOST * MICROS
    if max(read.ts) > end:
        _note(found, Suspicion.FROM_THE_FUTURE, [ts > end for ts in read.ts])
    _judge_places(found, pack, device, read)
    if not all(read.code):
        _note(
            found, Suspicion.CODE_MISSING,
            [not c and v == Verdict.ACCEPTED for c, v in zip(read.code, read.verdict, strict=True)],
        )  # fmt: skip
    return found


def _judge_places(found: dict[int, Suspicion], pack: Pack, device: Device, read: Readings) -> None:
    columns = (
        read.kind, read.mode, read.product, read.operator, read.line, read.stop, read.vehicle,
    )  # fmt: skip
    # A gate stays where it is: then its place is looked at once.
    is_one = all(column.count(column[0]) == len(column) for column in columns)
    places = list(zip(*((column[:1] for column in columns) if is_one else columns), strict=True))
    wrong = {place: why for place in set(places) if (why := _wrong_place(pack, device, place))}
    if not wrong:
        return
    each = places * len(read) if is_one else places
    for why in (Suspicion.UNKNOWN_PLACE, Suspicion.WRONG_DEVICE_PLACE):
        _note(found, why, [wrong.get(place) is why for place in each])


def _note(found: dict[int, Suspicion], why: Suspicion, of: list[bool]) -> None:
    for at, is_so in enumerate(of):
        if is_so:
            found.setdefault(at, why)


def _wrong_place(pack: Pack, device: Device, place: _Place) -> Suspicion | None:
    kind, mode, product, operator, line, stop, vehicle = place
    sold = pack.products.get(product)
    if (
        sold is None
        or sold.mode != Mode(mode)
        or operator not in pack.operators
        or (line and line not in pack.lines)
        or (stop and stop not in pack.stops)
    ):
        return Suspicion.UNKNOWN_PLACE
    stand = device.stand
    if (
        operator != device.operator
        or product != stand.product
        or stand.kind not in (None, TapKind(kind))
        or stand.line not in ("", line)
        or stand.stop not in ("", stop)
        or stand.vehicle not in ("", vehicle)
    ):
        return Suspicion.WRONG_DEVICE_PLACE
    return None
