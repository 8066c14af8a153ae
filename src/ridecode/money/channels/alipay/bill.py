"""Alipay's bill of a day (业务明细账单): a zip of tables in GBK, read row by row.

The archive holds the movements and a table of sums by shop. Its files are told apart by their first
line, for their names are written in a way of its own. Lines that begin with # stand around the
table; two of them have its sums, against which it is checked.
"""

import lzma
import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import Final
from zipfile import BadZipFile, ZipFile

from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.money.channels.alipay.words import fen
from ridecode.money.channels.contract import BillLine

_TITLE: Final = "#支付宝业务明细查询"
_SUMS: Final = re.compile(
    r"#(交易|退款)合计：([0-9]+)笔，商家实收(?:退款)?共(-?[0-9.]+)元", re.ASCII
)
_TRADE, _REFUND = "交易", "退款"
_COLUMNS: Final = (
    "支付宝交易号", "商户订单号", "业务类型", "订单金额（元）", "商家实收（元）",
    "退款批次号/请求号", "服务费（元）",
)  # fmt: skip
"""What is read of a row: trade, order, kind, amount, what the merchant got, refund, fee."""
_BROKEN: Final = (
    BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What zipfile raises for archives that are hurt."""
_REMEDY: Final = "Fetch it again, or ask Alipay."


class _Sum(Struct):
    rows: int = 0
    received: int = 0
    """Fen; of refunds below zero."""


def read_bill(file: bytes) -> Iterator[BillLine]:
    """The movements of the day, as they stand in the archive.

    Raises `BadInputError` for what is no such archive, and at its end where it is not what its own
    sums say: until then nothing of it is sure.
    """
    try:
        with ZipFile(BytesIO(file), metadata_encoding="gbk") as archive:
            for name in archive.namelist():
                # GB18030 reads every GBK text, and the rare characters of names besides.
                with archive.open(name) as raw, TextIOWrapper(raw, "gb18030") as table:
                    if next(table, "").strip() == _TITLE:
                        yield from _movements(table)
                        return
    except UnicodeDecodeError as error:
        raise BadInputError(f"Alipay's bill is not in GBK: {error}.", _REMEDY) from error
    except _BROKEN as error:
        raise BadInputError(f"Alipay's bill is no archive: {error}.", _REMEDY) from error
    raise BadInputError("Alipay's bill has no table of movements.", _REMEDY)


def _movements(table: Iterator[str]) -> Iterator[BillLine]:
    found, told = {_TRADE: _Sum(), _REFUND: _Sum()}, dict[str, _Sum]()
    places: list[int] = []
    for text in table:
        line = text.strip("\r\n")
        if line.startswith("#"):
            if sums := _SUMS.match(line):
                told[sums[1]] = _Sum(int(sums[2]), fen(sums[3]))
        elif not places:
            places = _places(line)
        elif line:
            yield _movement(line, places, found)
    if told != found:
        raise BadInputError("Alipay's bill is not what its own sums say.", _REMEDY)


def _places(head: str) -> list[int]:
    names = [name.strip() for name in head.split(",")]
    if missing := [name for name in _COLUMNS if name not in names]:
        raise BadInputError(f"Alipay's bill has no column {missing[0]}.", _REMEDY)
    return [names.index(name) for name in _COLUMNS]


def _movement(line: str, places: list[int], found: dict[str, _Sum]) -> BillLine:
    cells = line.split(",")
    if len(cells) <= max(places):
        raise BadInputError(f"Alipay's bill has a row that is cut: {line[:60]!r}.", _REMEDY)
    # Tabs behind numbers keep spreadsheets from rounding them.
    trade, number, kind, amount, received, refund, fee = (cells[at].strip() for at in places)
    if kind not in found:
        raise BadInputError(f"Alipay's bill has a row of an unknown kind {kind!r}.", _REMEDY)
    found[kind].rows += 1
    found[kind].received += fen(received)
    moved = abs(fen(amount))
    if not (trade and number and moved):
        raise BadInputError("Alipay's bill has a row without a number or an amount.", _REMEDY)
    # A refund that was asked for without a number goes by that of its order. A fee that was taken
    # stands below zero.
    of_refund = (refund or number) if kind == _REFUND else ""
    return BillLine(number, trade, of_refund, moved, -fen(fee))
