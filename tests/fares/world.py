"""A small city for tests of fares, and rides through it."""

from pathlib import Path
from uuid import UUID

from msgspec.structs import replace

from ridecode.city import Pack, load_pack
from ridecode.core import MICROS, Mode, Ride, RideState, from_iso
from ridecode.fares import Tariffs, read_tariffs
from tests.city.tiny import NETWORK, PACK, write

MINUTE = 60 * MICROS
DAY = 1440 * MINUTE
NOON = from_iso("2018-08-31T12:00:00+08:00")

BUS = """
[[product]]
id = "bus"
name = { zh = "公交", en = "Bus" }
mode = "bus"

[[product]]
id = "ferry"
name = { zh = "轮渡", en = "Ferry" }
mode = "ferry"
"""

BUS_LINES = """
[[line]]
id = "b1"
name = { zh = "1路", en = "Bus 1" }
number = "B1"
product = "bus"
operator = "rail"
colour = "#0055aa"
stops = ["a", "c"]

[[line]]
id = "b2"
name = { zh = "2路", en = "Bus 2" }
number = "B2"
product = "bus"
operator = "rail"
colour = "#aa5500"
stops = ["b", "c"]
"""

FLAT = """
[[tariff.fare]]
id = "all"
name = { zh = "票价", en = "Fare" }
products = ["metro", "bus", "ferry"]
shape = "flat"
amount = 200
"""


def head(name: str = "first", since: str = "2018-01-01T00:00:00+08:00") -> str:
    return f"""\
[[tariff]]
id = "{name}"
from = {since}
source = {{ zh = "测试", en = "for tests" }}
"""


def city(folder: Path, tariff: str, network: str | None = None, **files: str) -> Pack:
    """A pack of three stops, a metro line, two bus lines, a ferry product; more CSV files."""
    write(folder, tariff=tariff, pack=PACK + BUS, network=network or NETWORK + BUS_LINES)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_pack(folder)


def tariffs(folder: Path, tariff: str, **files: str) -> Tariffs:
    return read_tariffs(city(folder, tariff, **files))


def ride(number: int = 1, start: int = NOON, minutes: int = 30, **changed: object) -> Ride:
    """A complete ride of an ordinary account on the metro, 3 km in half an hour."""
    base = Ride(
        ride_id=UUID(int=number), city="tiny", account="1", account_type=1, mode=Mode.METRO,
        product="metro", operator="rail", line="m1", entry_tap=UUID(int=number),
        exit_tap=UUID(int=number + (1 << 64)), entry_stop="a", exit_stop="b", entry_ts=start,
        exit_ts=start + minutes * MINUTE, distance_m=3_000, state=RideState.COMPLETE,
        journey_id=UUID(int=number), leg=0,
    )  # fmt: skip
    return replace(base, **changed)
