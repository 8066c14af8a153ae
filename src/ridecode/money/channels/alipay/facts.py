"""Which facts Alipay's words are. Pure."""

from typing import Final

from ridecode.core import BadInputError
from ridecode.money.channels.alipay.words import Row, TradeTold, fen
from ridecode.money.channels.contract import AgreementState
from ridecode.money.channels.order import Accepted, Fact, Paid, Refused, is_number

_PAID: Final = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
AGREEMENTS: Final = {
    "NORMAL": AgreementState.STANDS,
    "STOP": AgreementState.BLOCKED,
    "TEMP": AgreementState.ENDED,
}
NEVER_GIVEN: Final = frozenset(
    f"ACQ.{name}"
    for name in (
        "TRADE_NOT_EXIST", "TRADE_HAS_FINISHED", "TRADE_HAS_CLOSE", "TRADE_NOT_ALLOW_REFUND",
        "REFUND_AMT_NOT_EQUAL_TOTAL", "REASON_TRADE_REFUND_FEE_ERR", "REFUND_FEE_ERROR",
        "NOT_ALLOW_PARTIAL_REFUND", "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND", "BUYER_NOT_EXIST",
    )
)  # fmt: skip
"""Refusals of a refund that asking again does not change; after any other it may still be given."""


def of_row(row: Row | None) -> Fact | None:
    if row is None:
        return None
    if row.result == "SUCCESS":
        return Accepted()
    # A fault of Alipay's own is not the rider's debt.
    is_refused = row.result == "FAIL" and not row.error_code.endswith("SYSTEM_ERROR")
    return Refused(row.error_code) if is_refused else None


def of_trade(told: TradeTold) -> Fact | None:
    """What a trade says; None for a status that is not known here. A trade that is closed was
    either given back whole after it was paid, or never paid."""
    is_paid = told.trade_status in _PAID or (
        told.trade_status == "TRADE_CLOSED" and told.send_pay_date
    )
    if is_paid:
        amount = fen(told.total_amount)
        if not is_number(told.trade_no) or amount <= 0:
            raise BadInputError(
                "Alipay tells of a payment without its number or amount.", "Ask it."
            )
        return Paid(told.trade_no, amount)
    if told.trade_status == "TRADE_CLOSED":
        return Refused(told.trade_status)
    return Accepted() if told.trade_status == "WAIT_BUYER_PAY" else None
