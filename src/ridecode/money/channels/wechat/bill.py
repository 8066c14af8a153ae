"""The bill that WeChat Pay gives of a day (交易账单): four blocks of comma-separated text. Pure.

A head of names, a line for each payment and each refund, a head of the sums, the sums. Before every
value stands a backtick, so that no spreadsheet rounds it; a value may hold commas. Amounts are yuan
as decimals. Source: 交易账单文件格式说明, type ALL.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.money.channels.contract import BillLine

_NUMBER, _TRANSACTION, _REFUND = "商户订单号", "微信订单号", "商户退款单号"
_STATE, _REFUND_STATE = "交易状态", "退款状态"
_AMOUNT, _GIVEN_BACK, _FEE = "订单金额", "申请退款金额", "手续费"
_COLUMNS: Final = (
    _NUMBER, _TRANSACTION, _REFUND, _STATE, _REFUND_STATE, _AMOUNT, _GIVEN_BACK, _FEE,
)  # fmt: skip
_COUNT: Final = "总交易单数"
_SUMS: Final = ("订单总金额", "申请退款总金额", "手续费总金额")


class _Sums(Struct):
    lines: int = 0
    taken: int = 0
    given_back: int = 0
    fees: int = 0


def bill_lines(text: bytes) -> Iterator[BillLine]:
    """The movements, one by one; raises `BadInputError` at the line that cannot be read, and after
    the last one where they are not what the bill's own sums say."""
    try:
        # Not `splitlines`: a value may hold what Unicode takes for the end of a line.
        rows = text.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n").split("\n")
    except UnicodeDecodeError as error:
        raise BadInputError("The bill is not UTF-8.", "Download it again.") from error
    head = rows[0].split(",")
    missing = [name for name in _COLUMNS if name not in head]
    if missing:
        raise _unreadable(1, f"the column {missing[0]} is missing")
    at = [head.index(name) for name in _COLUMNS]
    sums = _Sums()
    for n, row in enumerate(rows[1:], 2):
        if not row.startswith("`"):
            _check(sums, rows[n - 1 :], n)
            return
        values = _values(row, len(head), n)
        line = _line([values[one] for one in at], sums, n)
        if line:
            yield line
    raise _unreadable(len(rows), "the sums are missing")


def _line(values: Sequence[str], sums: _Sums, n: int) -> BillLine | None:
    """A movement; None for a refund that was accepted and failed, which is in the sums all the
    same."""
    number, transaction, refund, state, refund_state, taken, given_back, fee = values
    if state not in ("SUCCESS", "REFUND"):
        raise _unreadable(n, f"{state!r} is neither a payment nor a refund")
    is_refund = state == "REFUND"
    amount = fen(given_back if is_refund else taken, n)
    if amount <= 0 or not number or not transaction:
        raise _unreadable(n, "a movement has no number or no amount")
    line = BillLine(number, transaction, refund if is_refund else "", amount, fen(fee, n))
    sums.lines += 1
    sums.fees += line.fee
    if is_refund:
        sums.given_back += amount
    else:
        sums.taken += amount
    return None if refund_state == "FAIL" else line


def _check(sums: _Sums, rows: Sequence[str], n: int) -> None:
    """That the lines are those of the sums; `rows` begin with the head of the sums, row `n`."""
    head = rows[0].split(",")
    names = (_COUNT, *_SUMS)
    if len(rows) != 2 or any(name not in head for name in names):
        raise _unreadable(n, "the sums are not where they belong")
    values = _values(rows[1], len(head), n + 1)
    count, *amounts = (values[head.index(name)] for name in names)
    said = [fen(one, n + 1) for one in amounts]
    ours = [sums.taken, sums.given_back, sums.fees]
    if not (count.isascii() and count.isdigit()) or int(count) != sums.lines or said != ours:
        raise _unreadable(n + 1, f"the bill sums to {count} lines and {said} fen, its lines to "
                          f"{sums.lines} and {ours}")  # fmt: skip


def _values(row: str, columns: int, n: int) -> list[str]:
    values = row[1:].split(",`") if row.startswith("`") else []
    if len(values) != columns:
        raise _unreadable(n, f"{len(values)} values stand in {columns} columns")
    return values


def fen(yuan: str, n: int = 0) -> int:
    """Yuan as a decimal in whole fen, without rounding: 0.04000 is 4, 0.045 is refused. `n` is the
    line that an error names."""
    sign, digits = (-1, yuan[1:]) if yuan.startswith("-") else (1, yuan)
    whole, _, part = digits.partition(".")
    part = part.rstrip("0")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 13 and len(part) <= 2):
        raise _unreadable(n, f"{yuan!r} is no amount of whole fen")
    if part and not (part.isascii() and part.isdigit()):
        raise _unreadable(n, f"{yuan!r} is no amount of whole fen")
    return sign * (int(whole) * 100 + int(part.ljust(2, "0")))


def _unreadable(n: int, what: str) -> BadInputError:
    return BadInputError(
        f"The bill of WeChat Pay cannot be read: {what}.",
        "Download it again; if it stays so, ask WeChat Pay.", line=n,
    )  # fmt: skip
