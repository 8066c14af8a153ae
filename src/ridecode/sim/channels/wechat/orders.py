"""What WeChat Pay's side keeps of an order, and how it tells of it: values and their JSON forms."""

from typing import Final, TypeAlias
from uuid import UUID

from msgspec import Struct, field

from ridecode.core import MICROS, to_iso
from ridecode.sim.channels.counterpart import Mischief, Moved

CHINA_OFFSET_S: Final = 28_800
Words: TypeAlias = dict[str, object]
"""What is said, before it is JSON."""
_OTHER: Final = {"total": 999_999, "refund": 999_999, "currency": "CNY"}


class Note(Struct, frozen=True):
    """A callback before it is sealed and signed: that is done when it is sent."""

    event: str
    told: Words
    is_forged: bool = False


class Back(Struct):
    """One refund of a payment; fen."""

    number: str
    asked: int
    at: int
    given: int = 0
    status: str = "PROCESSING"


class Payment(Struct):
    """One payment that was really taken."""

    transaction: str
    amount: int
    at: int
    is_advanced: bool = False
    is_repaid: bool = False
    backs: list[Back] = field(default_factory=list)

    @property
    def given(self) -> int:
        return sum(one.given for one in self.backs)

    @property
    def owed(self) -> int:
        """What its user still owes of an advance: WeChat Pay knows all of it or nothing."""
        is_over = self.is_repaid or self.given == self.amount
        return self.amount if self.is_advanced and not is_over else 0


class Kept(Struct):
    """An order as it was accepted, and what became of it."""

    number: str
    contract: str
    body: bytes
    total: int
    scene: str
    at: int
    wrong: Mischief | None
    is_waiting: bool = True
    """Accepted, and neither taken nor refused yet."""
    payments: list[Payment] = field(default_factory=list)
    held: list[Note] = field(default_factory=list)
    """Callbacks that wait."""

    @property
    def moved(self) -> Moved:
        return Moved(
            sum(one.amount for one in self.payments), sum(one.given for one in self.payments),
            sum(one.owed for one in self.payments),
        )  # fmt: skip

    @property
    def is_owed(self) -> bool:
        return self.moved.advanced > 0 or not (self.is_waiting or self.payments)


def told_order(kept: Kept, payment: Payment | None, mchid: str, appid: str) -> Words:
    """The order with one of its payments, or with none."""
    told: Words = {
        "appid": appid,
        "sp_mchid": mchid,
        "description": "乘车",
        "create_time": time_of(kept.at),
        "out_trade_no": kept.number,
        "contract_id": kept.contract,
        "trade_scene": kept.scene,
        "amount": {"total": kept.total, "currency": "CNY"},
        "trade_state": "ACCEPTED" if kept.is_waiting else "PAY_FAIL",
    }
    if payment is None:
        if not kept.is_waiting:
            told["trade_state_description"] = "余额不足"
        return told
    told |= {
        "transaction_id": payment.transaction,
        "trade_state": "REFUND" if payment.backs else "SUCCESS",
        "success_time": time_of(payment.at),
        "bank_type": "BPA" if payment.is_advanced else "OTHERS",
        "amount": {"total": payment.amount, "payer_total": payment.amount, "currency": "CNY"},
    }
    if payment.is_advanced:
        told["user_repay_state"] = _repay_state(payment)
    return told


def _repay_state(payment: Payment) -> str:
    if payment.is_repaid:
        return "REPAID"
    return "NOT_REPAY" if payment.owed else "ALL_REFUND"


def told_refund(kept: Kept, payment: Payment, back: Back, status: str) -> Words:
    """A refund; `status` is the name of its status: an answer and a callback differ in it."""
    return {
        "refund_id": f"5030{int(back.number[:12], 16)}",
        "out_refund_no": back.number,
        "transaction_id": payment.transaction,
        "out_trade_no": kept.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": time_of(back.at),
        status: back.status,
        "amount": {
            "total": payment.amount, "refund": back.asked, "payer_total": payment.amount,
            "payer_refund": back.asked, "currency": "CNY",
        },
    }  # fmt: skip


def of_more(told: Words) -> Words:
    """What a forger says instead: another amount."""
    return told | {"amount": _OTHER}


def paid_more(told: Words) -> Words:
    """A charge that a forger says is paid, of another amount."""
    return of_more(told) | {"trade_state": "SUCCESS", "transaction_id": "42" * 14}


def failed(told: Words) -> Words:
    """A refund that a forger says is closed."""
    return told | {"status": "CLOSED"}


def time_of(ts: int) -> str:
    return to_iso(ts // MICROS * MICROS, CHINA_OFFSET_S)


def transaction(number: str, nth: int) -> str:
    """The number of a payment: its order's number decides it, so that a run can be repeated."""
    return f"4200{UUID(hex=number).int % 10**22:022}{nth:02}"
