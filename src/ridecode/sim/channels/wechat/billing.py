"""The bill of a day as WeChat Pay's side writes it (交易账单, type ALL)."""

from collections.abc import Iterable, Iterator
from typing import Final

from ridecode.sim.channels.wechat.orders import Back, Kept, Payment, time_of

HEAD: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS: Final = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
_RATE_PER_10_000: Final = 60


def bill(orders: Iterable[Kept], day: str, mchid: str, appid: str) -> bytes:
    """Empty where nothing moved on that day."""
    rows, fees, taken, given = [], 0, 0, 0
    for kept, payment, back in _movements(orders):
        moment = time_of(back.at if back else payment.at)
        if not moment.startswith(day):
            continue
        amount = back.asked if back else payment.amount
        fee = (amount * _RATE_PER_10_000 + 5_000) // 10_000 * (-1 if back else 1)
        fees += fee
        taken += 0 if back else amount
        given += amount if back else 0
        rows.append(_row(moment, kept, payment, back, fee, mchid, appid))
    if not rows:
        return b""
    sums = [str(len(rows)), yuan(taken), yuan(given), "0.00", yuan(fees, "000"), yuan(taken),
            yuan(given)]  # fmt: skip
    lines = [HEAD, *(_ticked(row) for row in rows), SUMS, _ticked(sums)]
    return "\ufeff".encode() + "\r\n".join(lines).encode() + b"\r\n"


def _movements(orders: Iterable[Kept]) -> Iterator[tuple[Kept, Payment, Back | None]]:
    for kept in orders:
        for payment in kept.payments:
            yield kept, payment, None
            for back in payment.backs:
                yield kept, payment, back


def _row(
    moment: str, kept: Kept, payment: Payment, back: Back | None, fee: int, mchid: str, appid: str
) -> list[str]:
    taken, given = ("0.00", yuan(back.asked)) if back else (yuan(payment.amount), "0.00")
    return [
        moment[:19].replace("T", " "), appid, mchid, "0", "", payment.transaction, kept.number,
        "openid", "PAP", "REFUND" if back else "SUCCESS",
        "BPA" if payment.is_advanced else "OTHERS", "CNY", taken, "0.00",
        f"5030{int(back.number[:12], 16)}" if back else "0", back.number if back else "0", given,
        "0.00", "ORIGINAL" if back else "", _STATUS[back.status] if back else "",
        "公交,地铁", "", yuan(fee, "000"), "0.60%", taken, given, "",
    ]  # fmt: skip


_STATUS: Final = {"SUCCESS": "SUCCESS", "PROCESSING": "PROCESSING", "ABNORMAL": "FAIL"}


def _ticked(values: list[str]) -> str:
    return ",".join(f"`{value}" for value in values)


def yuan(fen: int, more: str = "") -> str:
    """Fen as a decimal; `more` are further digits."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}{more}"
