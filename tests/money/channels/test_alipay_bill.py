"""Alipay's bill of a day: in GBK and yuan, and never other than its own sums say."""

import random
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError
from ridecode.money.channels import BillLine
from ridecode.money.channels.alipay.bill import read_bill
from ridecode.money.channels.alipay.words import clock, fen, yuan

HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,"
    "券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
ROWS = [
    "20180903220014\t,0165\t,交易\t,984路,2018-09-03 08:00:00,2018-09-03 08:00:01,\t,\t,\t,\t,"
    "**张(138******00)\t,3.00,2.90,0.10,0.00,0.00,0.00,0.00,红包,0.00\t,0.00,\t,-0.02,0.00,",
    "20180903220014\t,0165\t,退款\t,984路,2018-09-03 08:00:00,2018-09-03 09:00:01,\t,\t,\t,\t,"
    "**张(138******00)\t,-1.00,-1.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,r1\t,0.01,0.00,",
]
SUMS = [
    "#交易合计：1笔，商家实收共2.90元，商家优惠共0.00元",
    "#退款合计：1笔，商家实收退款共-1.00元，商家优惠退款共0.00元",
]
BEFORE = [
    "#支付宝业务明细查询",
    "#账号：[20880211]",
    "#起始日期：[2018年09月03日 00:00:00]",
    "#----",
]
LINES = [*BEFORE, HEAD, *ROWS, "#----业务明细列表结束----", *SUMS, "#导出时间：[2018年09月04日]"]


def zipped(*tables: list[str], end: str = "\r\n", charset: str = "gbk") -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for nth, lines in enumerate(tables):
            archive.writestr(f"{nth}.csv", (end.join(lines) + end).encode(charset))
    return file.getvalue()


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_bill_is_read_in_fen(end: str) -> None:
    summary = ["#支付宝业务汇总查询", "门店编号,门店名称", "合计,"]
    assert list(read_bill(zipped(summary, LINES, end=end))) == [
        BillLine("0165", "20180903220014", "", 300, 2),
        BillLine("0165", "20180903220014", "r1", 100, -1),
    ]


def test_a_refund_without_a_number_of_its_own_is_no_payment() -> None:
    found = list(read_bill(zipped(changed("r1\t", "\t"))))
    assert [one.refund for one in found] == ["", "0165"]


def test_a_bill_without_movements_is_empty() -> None:
    none = ["#交易合计：0笔，商家实收共0.00元", "#退款合计：0笔，商家实收退款共0.00元"]
    assert list(read_bill(zipped([*BEFORE, HEAD, *none]))) == []


def test_columns_are_found_by_their_names() -> None:
    names = (
        "服务费（元）,商家实收（元）,订单金额（元）,业务类型,退款批次号/请求号,"
        "商户订单号,支付宝交易号"
    )
    lines = [*BEFORE, names, "-0.01,2.90,3.00,交易,,0165,t", SUMS[0], SUMS[1].replace("1笔", "0笔")
             .replace("-1.00", "0.00")]  # fmt: skip
    assert list(read_bill(zipped(lines))) == [BillLine("0165", "t", "", 300, 1)]


def without(part: str) -> list[str]:
    return [line for line in LINES if part not in line]


def changed(old: str, new: str) -> list[str]:
    return [line.replace(old, new) for line in LINES]


@pytest.mark.parametrize(
    ("why", "lines"),
    [
        ("sums", without("r1")),
        ("sums", [*LINES[:6], ROWS[0], *LINES[6:]]),
        ("sums", without("交易合计")),
        ("sums", LINES[:-3]),
        ("sums", changed("共2.90元", "共2.91元")),
        ("sums", changed("3.00,2.90", "3.00,2.89")),
        ("column 服务费", changed("服务费（元）", "费")),
        ("unknown kind", changed("退款\t", "转账\t")),
        ("cut", [*LINES[:6], ROWS[0][:40], *LINES[7:]]),
        ("no amount", changed("3.00,2.90", "3.00,2.9x")),
        ("no amount", changed("3.00,2.90", "٣.00,2.90")),
        ("no table", changed("#支付宝业务明细查询", "#别的")),
        ("sums", LINES[:1]),
        ("without a number", changed("0165\t", "\t")),
        ("without a number", changed("-1.00,-1.00", "0.00,-1.00")),
    ],
)
def test_a_bill_that_is_not_whole_is_told_by_its_end(why: str, lines: list[str]) -> None:
    with pytest.raises(BadInputError, match=why):
        list(read_bill(zipped(lines, charset="gb18030")))


@pytest.mark.parametrize("file", [b"", b"{}", b"PK\x03\x04", zipped(LINES)[:-30], zipped()])
def test_what_is_no_archive_is_told(file: bytes) -> None:
    with pytest.raises(BadInputError):
        list(read_bill(file))


def test_text_that_is_not_in_gbk_is_told() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.csv", "\n".join(LINES).encode("gbk") + b"\xff\xff")
    with pytest.raises(BadInputError, match="GBK"):
        list(read_bill(file.getvalue()))


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_file_that_was_hurt_is_read_as_it_was_or_told(seed: int, wounds: int) -> None:
    whole, chance = zipped(LINES), random.Random(seed)
    hurt = bytearray(whole)
    for _ in range(wounds):
        hurt[chance.randrange(len(hurt))] = chance.randrange(256)
    try:
        found = list(read_bill(bytes(hurt)))
    except BadInputError:
        return
    assert found == list(read_bill(whole))


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.00", 0), ("0.01", 1), ("-0.01", -1), ("3", 300), ("3.5", 350), ("88.88", 8_888),
     ("-3000.00", -300_000), ("0.29", 29), ("1.15", 115)],
)  # fmt: skip
def test_yuan_are_read_to_the_fen(text: str, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize(
    "text", ["", "-", ".5", "1.", "1.001", "1e2", "+1", "1,000", " 1", "٣", "NaN"]
)
def test_what_is_no_amount_is_told(text: str) -> None:
    with pytest.raises(BadInputError):
        fen(text)


@given(st.integers(0, 10**13))
def test_fen_written_as_yuan_are_read_as_the_same(amount: int) -> None:
    assert fen(yuan(amount)) == amount


def test_times_are_of_beijing() -> None:
    assert clock(1_535_932_799_999_999) == "2018-09-03 07:59:59"
