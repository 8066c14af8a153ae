"""Which facts Alipay's words are. Pure."""

from typing import Final

from ridecode.core import BadInputError
from ridecode.money.channels.alipay.words import Row, Told, TradeTold, fen
from ridecode.money.channels.contract import AgreementState
from ridecode.money.channels.order import Accepted, Fact, Paid, Refused, is_number
from ridecode.money.channels.silence import Silence, Silent

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
_BUSY: Final = frozenset({"20000", "40005"})
"""Codes of the gateway: its service is not there, it is asked too often."""
_FAILED: Final = "40004"
"""Its code where the method itself says by a `sub_code` what is wrong."""
_RUNS: Final = "10003"
"""Its code where something is still under way."""
_FAULT: Final = "SYSTEM_ERROR"
_OURS: Final = frozenset(
    f"ACQ.{name}" for name in ("INVALID_PARAMETER", "ACCESS_FORBIDDEN", "SELLER_BALANCE_NOT_ENOUGH")
)


def of_row(row: Row | None) -> Fact | Silent:
    if row is None:
        return Silent(Silence.UNREADABLE)
    if row.result == "SUCCESS":
        return Accepted()
    if row.result == "FAIL":
        # A fault of Alipay's own is not the rider's debt.
        is_theirs = row.error_code.endswith(_FAULT)
        return Silent(Silence.BUSY, row.error_code) if is_theirs else Refused(row.error_code)
    is_open = row.result == "UNKNOWN"
    why = Silence.UNDECIDED if is_open else Silence.UNREADABLE
    return Silent(why, row.error_code or row.result)


def unsaid(told: Told) -> Silent:
    """Of an answer that is not done, and whose `sub_code` settles nothing. `isv.` begins the codes
    of a caller's mistakes, `isp.` those of Alipay's own."""
    sub, code = told.sub_code, told.sub_code or told.code
    if told.code in _BUSY or sub.startswith("isp.") or sub.endswith(_FAULT):
        return Silent(Silence.BUSY, code)
    is_of_method = told.code == _FAILED and not sub.startswith("isv.") and sub not in _OURS
    is_open = is_of_method or told.code == _RUNS
    return Silent(Silence.UNDECIDED if is_open else Silence.OUR_MISTAKE, code)


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
