"""Real fare tables brought into tariff.toml and CSV form, in a folder of the test's own."""

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from ridecode.city import load_pack
from ridecode.fares import Tariff, read_tariffs
from tests.city.tiny import PACK, write
from tests.fares.world import NOON, head
from tests.shared import shared

CURRENCY = 'code = "CNY"\nminor_digits = 2\nsymbol = "¥"'


def rows(table: str) -> list[dict[str, str]]:
    with shared(f"fare_tables/{table}").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def smallest_unit(text: str, digits: int = 2) -> int:
    """A published decimal as whole units, exactly."""
    exact = Decimal(text) * 10**digits
    assert exact == int(exact), text
    return int(exact)


def tariff(
    folder: Path, stops: Iterable[str], products: Iterable[str], currency: str, fares: str
) -> Tariff:
    """The tariff of a city whose products each run one line through all stops."""
    extra = "".join(
        f'[[product]]\nid = "{product}"\nname = {{ zh = "地铁", en = "Metro" }}\nmode = "metro"\n'
        for product in products
    )
    pack = PACK.replace(CURRENCY, currency)
    write(folder, pack=pack + extra, network=_network(list(stops)), tariff=head() + fares)
    return read_tariffs(load_pack(folder)).at(NOON)


def write_matrix(path: Path, pairs: Iterable[Mapping[str, object]]) -> None:
    pairs = list(pairs)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(pairs[0]))
        writer.writeheader()
        writer.writerows(pairs)


def matrix_fare(product: str, column: str, maximum: int) -> str:
    return f"""
[[tariff.fare]]
id = "{product}"
name = {{ zh = "地铁票价", en = "Metro fare" }}
products = ["{product}"]
shape = "matrix"
file = "matrix.csv"
column = "{column}"
maximum = {maximum}
"""


def _network(stops: list[str]) -> str:
    text = "".join(
        f'[[stop]]\nid = "{stop}"\nname = {{ zh = "站{stop}", en = "Stop {stop}" }}\n'
        f"lat = 22.5\nlon = {114 + at / 1000:.3f}\n"
        for at, stop in enumerate(stops)
    )
    listed = ", ".join(f'"{stop}"' for stop in stops)
    return text + (
        '[[line]]\nid = "m1"\nname = { zh = "一线", en = "First" }\nnumber = "1"\n'
        f'product = "metro"\noperator = "rail"\ncolour = "#00aa55"\nstops = [{listed}]\n'
    )
