"""A whole pack of a few lines, for tests that change one thing about it."""

from pathlib import Path

PACK = """\
id = "tiny"
name = { zh = "小城", en = "Tiny" }
version = "1"
demo = false

[currency]
code = "CNY"
minor_digits = 2
symbol = "¥"

[calendar]
utc_offset_s = 28_800
cut_s = 14_400

[card_company]
id = "card"
name = { zh = "小城通", en = "Tiny Card" }
issuer = "01234567"

[[issuer]]
number = "01234567"
name = { zh = "小城通", en = "Tiny Card" }
iin = "31048799"

[[platform]]
id = "app"
name = { zh = "小城出行", en = "Tiny App" }
number = "01234568"

[[operator]]
id = "rail"
name = { zh = "小城地铁", en = "Tiny Rail" }

[[product]]
id = "metro"
name = { zh = "地铁", en = "Metro" }
mode = "metro"

[co2]
source = { zh = "假设", en = "assumed" }
car_g_per_passenger_km = 170

[co2.g_per_passenger_km]
metro = 35
"""

NETWORK = """\
[[stop]]
id = "a"
name = { zh = "甲", en = "Alpha" }
lat = 22.50
lon = 114.00

[[stop]]
id = "b"
name = { zh = "乙", en = "Beta" }
lat = 22.51
lon = 114.00
aliases = ["乙站"]

[[stop]]
id = "c"
name = { zh = "丙", en = "Gamma" }
lat = 22.52
lon = 114.00

[[line]]
id = "m1"
name = { zh = "一线", en = "First" }
number = "1"
product = "metro"
operator = "rail"
colour = "#00aa55"
length_km = 2.3
stops = ["a", "b", "c"]
track_m = [
    1120,
    1130,
]
"""

FILES = {
    "pack.toml": PACK,
    "network.toml": NETWORK,
    "tariff.toml": '[[tariff]]\nid = "first"\n',
    "validator.toml": "[validator]\n",
    "matching.toml": "[matching]\n",
}


def write(folder: Path, **changed: str | None) -> Path:
    """Write the pack; `changed` replaces files by name without ending, None leaves one out."""
    files = FILES | {f"{name}.toml": text for name, text in changed.items()}
    for name, text in files.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def line_of(text: str, part: str) -> int:
    """The line, from 1, on which a part of a text first stands."""
    return text[: text.index(part)].count("\n") + 1
