"""Card companies' files in small: rows of the shenzhen format, written out."""

from pathlib import Path

from msgspec.structs import replace

from ridecode.city import Pack, load_pack, parse_toml
from ridecode.taps.lines import LINE_BYTES

SHENZHEN = load_pack("shenzhen")
HEADER = (
    "deal_date,close_date,card_no,deal_value,deal_type,company_name,car_no,station,conn_mark,"
    "deal_money,equ_no"
)
# Invented rows of the real shape.
ENTRY = "2018-09-03 08:15:30,-,00000000000000a1,0,地铁入站,地铁五号线,IGT-1,布吉,0,0,101001105"
EXIT = "2018-09-03 08:52:06,-,00000000000000b2,500,地铁出站,地铁五号线,OGT-1,长龙,0,475,101002101"
BUS = "2018-09-03 09:10:00,-,00000000000000c3,200,巴士,金华南巴士,粤B1,M433(皇岗）,1,120,201000001"


def written(folder: Path, *rows: str, header: str = HEADER, end: str = "\n") -> Path:
    """A file of these rows in UTF-8."""
    path = folder / "taps.csv"
    path.write_bytes("".join(line + end for line in (header, *rows)).encode())
    return path


def row(line: str, **fields: str) -> str:
    """A row with some of its fields changed."""
    return ",".join(
        fields.get(name, value)
        for name, value in zip(HEADER.split(","), line.split(","), strict=True)
    )


def pack_with(imports: str) -> Pack:
    """Shenzhen with another imports.toml."""
    table = parse_toml(imports, "imports.toml").table("imports")
    formats = {name: table.table(name) for name in table}
    return replace(SHENZHEN, sections=replace(SHENZHEN.sections, imports=formats))


SMALL = """\
[imports.small]
encoding = "gb18030"
columns = ["when", "card", "gate", "what", "full", "paid", "mark", "place"]
time = "when"
time_format = "%Y%m%d%H%M%S"
utc_offset_s = 28_800
account = "card"
account_pattern = "[0-9]{8}"
device = "gate"
device_pattern = "[A-Z][0-9]+"
type = "what"
full_fare = "full"
paid = "paid"
transfer = { column = "mark", yes = "Y", no = "N" }

[[imports.small.row]]
word = "上船"
kind = "single"
product = "ferry"
charged = true
stop = "place"
"""
"""Another company's format: nothing of it is like the first one's."""


REJECTED: list[tuple[str, str, str]] = [
    ("last line cut in the device", ENTRY[:-2], "DEVICE_MALFORMED"),
    ("last line cut earlier", ENTRY[:60], "COLUMN_COUNT"),
    ("one field more", ENTRY + ",", "COLUMN_COUNT"),
    ("one field less", ENTRY.rpartition(",")[0], "COLUMN_COUNT"),
    ("NUL", ENTRY.replace("IGT", "I\0T"), "CONTROL_CHARACTER"),
    ("a line end in the middle", ENTRY.replace("IGT", "I\rT"), "CONTROL_CHARACTER"),
    ("no such day", row(ENTRY, deal_date="2018-02-29 08:15:30"), "TIME_MALFORMED"),
    ("no time", row(ENTRY, deal_date="2018-09-03"), "TIME_MALFORMED"),
    ("an offset", row(ENTRY, deal_date="2018-09-03 08:15:30+08:00"), "TIME_MALFORMED"),
    ("before 1970", row(ENTRY, deal_date="1970-01-01 07:59:59"), "TIME_MALFORMED"),
    ("after 9998", row(ENTRY, deal_date="9999-01-01 08:00:00"), "TIME_MALFORMED"),
    ("unknown type", row(ENTRY, deal_type="地铁换乘"), "TYPE_UNKNOWN"),
    ("empty type", row(ENTRY, deal_type=""), "TYPE_UNKNOWN"),
    ("card in capitals", row(ENTRY, card_no="00000000000000A1"), "ACCOUNT_MALFORMED"),
    ("no card", row(ENTRY, card_no="-"), "ACCOUNT_MALFORMED"),
    ("device in Chinese digits", row(ENTRY, equ_no="１０１００１１０５"), "DEVICE_MALFORMED"),
    ("negative", row(EXIT, deal_money="-475"), "AMOUNT_MALFORMED"),
    ("yuan", row(EXIT, deal_value="5.00"), "AMOUNT_MALFORMED"),
    ("no amount", row(EXIT, deal_value=""), "AMOUNT_MALFORMED"),
    ("ten digits", row(EXIT, deal_value="1000000000"), "AMOUNT_MALFORMED"),
    ("superscript", row(EXIT, deal_value="50²"), "AMOUNT_MALFORMED"),
    ("unknown mark", row(EXIT, conn_mark="2"), "MARK_UNKNOWN"),
    ("an entry with money", row(ENTRY, deal_money="200"), "AMOUNT_UNEXPECTED"),
    ("quote not closed", row(ENTRY, station='"布吉'), "QUOTES"),
    ("text after a quote", row(ENTRY, station='"布"吉'), "QUOTES"),
    ("longer than a row may be", row(ENTRY, station="布" * LINE_BYTES), "TOO_LONG"),
]
