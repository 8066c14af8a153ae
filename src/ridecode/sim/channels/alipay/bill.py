"""The bill that Alipay gives of a day: a zip of two tables in GBK, names of files in GBK too."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ridecode.sim.channels.till import Taking

_HEAD: Final = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
FEE: Final = 6
"""What Alipay keeps of 1,000 fen."""


def bill_file(day: str, takings: Sequence[Taking]) -> bytes:
    """The movements of a day as 2018-09-01, and a table of sums by shop, which has none."""
    name = f"20880000000000010156_{day.replace('-', '')}"
    with BytesIO() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            _put(archive, f"{name}_业务明细(汇总).csv", "#支付宝业务汇总查询\r\n")
            _put(archive, f"{name}_业务明细.csv", _details(day, takings))
        return file.getvalue()


class _GbkName(ZipInfo):
    """A file whose name stands in the archive in GBK, and is not said to."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), self.flag_bits


def _put(archive: ZipFile, name: str, text: str) -> None:
    info = _GbkName(name)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, text.encode("gbk"))


def _details(day: str, takings: Sequence[Taking]) -> str:
    moved = [one for taking in takings for one in _moved(day, taking)]
    paid = [amount for _, _, amount in moved if amount > 0]
    back = [amount for _, _, amount in moved if amount < 0]
    lines = [
        "#支付宝业务明细查询",
        "#账号：[20880000000000010156]",
        f"#起始日期：[{day} 00:00:00]   终止日期：[{day} 24:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------",
        _HEAD,
        *(_line(day, *one) for one in moved),
        "#-----------------------------------------业务明细列表结束------------------------------",
        f"#交易合计：{len(paid)}笔，商家实收共{_yuan(sum(paid))}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{_yuan(sum(back))}元，商家优惠退款共0.00元",
        f"#导出时间：[{day} 24:00:00]",
    ]
    return "\r\n".join(lines) + "\r\n"


def _moved(day: str, taking: Taking) -> Iterator[tuple[str, str, int]]:
    """Numbers of trade and order with that of the refund behind, and fen: refunds below zero."""
    for payment in taking.payments:
        name = f"{payment.transaction}\t,{taking.number}\t"
        if payment.day == day:
            yield name, "", payment.amount
        for number, amount in payment.given.items():
            if payment.given_days[number] == day:
                yield name, number, -amount


def _line(day: str, name: str, refund: str, amount: int) -> str:
    kind = "退款" if refund else "交易"
    fee = (abs(amount) * FEE + 500) // 1_000
    taken = fee if refund else -fee
    at = f"{day} 08:00:00,{day} 08:00:00"
    return (
        f"{name},{kind}\t,乘车,{at},\t,\t,\t,\t,**张(138******00)\t,{_yuan(amount)},{_yuan(amount)},"
        f"0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{refund}\t,{_yuan(taken)},0.00,"
    )


def _yuan(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"
