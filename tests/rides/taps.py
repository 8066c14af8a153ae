"""A tiny city and a short way to write taps, for the tests of this room."""

from uuid import UUID

from ridecode.city import Line, Network
from ridecode.core import MICROS, Mode, Tap, TapKind, TapSource, Words
from ridecode.rides.rules import MatchingRules

MINUTE = 60 * MICROS
HOUR = 60 * MINUTE

RULES = MatchingRules(
    pair_within=4 * HOUR,
    overtime=3 * HOUR,
    remedy_within=24 * HOUR,
    top_speed_kmh=30,
    clocks_apart=30 * MICROS,
    transfers={
        ("metro", "bus"): 90 * MINUTE,
        ("bus", "metro"): 60 * MINUTE,
        ("bus", "bus"): 30 * MINUTE,
    },
)

_NOBODY = Words(zh="无", en="none")
NETWORK = Network(
    [
        Line(
            id=f"{product}-1", name=_NOBODY, number="1", mode=Mode.METRO, product=product,
            operator="rail", colour="#000000", stops=stops, track_m=track_m, loop=False,
        )
        for product, stops, track_m in [
            ("metro", ("a", "b", "c"), (1_000, 2_000)),
            ("tram", ("b", "d"), (500,)),
        ]
    ]
)  # fmt: skip
"""metro: a –1,000 m– b –2,000 m– c; tram: b –500 m– d."""

_KINDS = {"+": TapKind.ENTRY, "-": TapKind.EXIT, ".": TapKind.SINGLE}
_MODES = {"bus": Mode.BUS}


def at(clock: str) -> int:
    """'8:05' as microseconds of the first day; 't+…' is written as 32:05."""
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def tap(number: int, text: str) -> Tap:
    """One tap: '8:05 metro+a' enters at a, '8:30 metro-b' leaves at b, '8:40 bus.' or, on a line,
    '8:40 bus.@m5' boards. `number` becomes its id.
    """
    clock, place = text.split()
    kind = next(kind for kind in _KINDS if kind in place)
    product, where = place.split(kind)
    stop, _, line = where.partition("@")
    return Tap(
        tap_id=UUID(int=number), city="tiny", account="1", account_type=1, ts=at(clock),
        kind=_KINDS[kind], mode=_MODES.get(product, Mode.METRO), product=product, operator="rail",
        line=line or f"{product}-1", stop=stop, validator="v", source=TapSource.VALIDATOR,
    )  # fmt: skip


def taps(texts: str) -> list[Tap]:
    """Several taps, parted by commas, numbered from 1 in the order written."""
    return [tap(number, text) for number, text in enumerate(texts.split(","), 1)]
