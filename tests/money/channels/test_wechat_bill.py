"""The bill of WeChat Pay: read line by line, summed again, and refused where it does not add up."""

from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import BadInputError, UnavailableError
from ridecode.money.channels import Answer, BillLine, WeChatPay
from ridecode.money.channels.wechat.bill import bill_lines, fen
from ridecode.sim.channels.wechat import keys
from ridecode.sim.channels.wechat.billing import yuan
from tests.money.channels.kit import BILL_AT, DAY
from tests.money.channels.test_wechat import Script, said, trouble

# In the form of the samples that 交易账单文件格式说明 and the SDKs give; the names are made up.
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
PAID = (
    "`2018-09-03 08:35:41,`wx1,`190,`0,`,`4200A,`0a,`oU,`PAP,`SUCCESS,`PSBC_DEBIT,`CNY,`6.00,`0.00,"
    "`0,`0,`0.00,`0.00,`,`,`公交,地铁\u2028乘车,`,`0.04000,`0.60%,`6.00,`0.00,`"
)
BACK = (
    "`2018-09-03 20:53:36,`wx1,`190,`0,`,`4200A,`0a,`oU,`PAP,`REFUND,`PSBC_DEBIT,`CNY,`0.00,`0.00,"
    "`5030,`0f,`1.42,`0.00,`ORIGINAL,`PROCESSING,`公交,`,`-0.01000,`0.60%,`0.00,`1.42,`"
)
FAILED = BACK.replace("`0f", "`0e").replace("PROCESSING", "FAIL")
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
SUM = "`2,`6.00,`1.42,`0.00,`0.03000,`6.00,`1.42"
LINES = [
    BillLine("0a", "4200A", "", 600, 4),
    BillLine("0a", "4200A", "0f", 142, -1),
]


def bill(*rows: str, sums: str = SUM, end: str = "\n") -> bytes:
    return (end.join([HEAD, *rows, SUMS, sums]) + end).encode()


@pytest.mark.parametrize("text", [
    bill(PAID, BACK), bill(PAID, BACK, end="\r\n"), b"\xef\xbb\xbf" + bill(PAID, BACK),
    bill(PAID, BACK, FAILED, sums="`3,`6.00,`2.84,`0.00,`0.02000,`6.00,`2.84"),
    bill(PAID, BACK).rstrip(b"\n"),
])  # fmt: skip
def test_a_bill_is_read(text: bytes) -> None:
    assert list(bill_lines(text)) == LINES


def test_columns_are_found_by_their_names() -> None:
    turned = [",".join(reversed(row.split(","))) for row in (HEAD, SUMS)]
    row = "`" + ",`".join(reversed(PAID[1:].split(",`")))
    sums = "`" + ",`".join(reversed(["1", "6.00", "0.00", "0.00", "0.04000", "6.00", "0.00"]))
    text = "\n".join([turned[0], row, turned[1], sums]).encode()
    assert list(bill_lines(text)) == LINES[:1]


BROKEN: list[tuple[str, bytes, int]] = [
    ("nothing", b"", 1),
    ("not UTF-8", b"\xff\xfe", 0),
    ("a message instead of a bill", b'{"code":"NO_STATEMENT_EXIST"}', 1),
    ("a column is missing", bill(PAID).replace("订单金额,申".encode(), "金额,申".encode()), 1),
    ("cut off before the sums", "\n".join([HEAD, PAID]).encode(), 2),
    ("cut off within the sums", "\n".join([HEAD, PAID, SUMS]).encode(), 3),
    ("a line is short", bill(PAID, BACK[: BACK.rindex(",")]), 3),
    ("a line without backticks", bill(PAID, BACK.replace("`", "")), 3),
    ("a state that is none", bill(PAID, BACK.replace("REFUND", "REVOKED")), 3),
    ("half a fen", bill(PAID.replace("`0.04000", "`0.04500"), BACK), 2),
    ("a payment of nothing", bill(PAID.replace("`6.00,`0.00,`", "`0.00,`0.00,`", 2), BACK), 2),
    ("no number", bill(PAID.replace("`0a", "`"), BACK), 2),
    ("one line too few", bill(PAID, sums="`2,`6.00,`0.00,`0.00,`0.04000,`6.00,`0.00"), 4),
    ("other sums of payments", bill(PAID, BACK, sums=SUM.replace("6.00", "6.01")), 5),
    ("other sums of refunds", bill(PAID, BACK, sums=SUM.replace("1.42", "1.43")), 5),
    ("other sums of fees", bill(PAID, BACK, sums=SUM.replace("0.03", "0.04")), 5),
    ("a count that is none", bill(PAID, BACK, sums=SUM.replace("`2", "`²")), 5),
    ("a line after the sums", bill(PAID, BACK) + PAID.encode(), 4),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN])
def test_a_bill_that_does_not_add_up_is_refused(text: bytes, line: int) -> None:
    with pytest.raises(BadInputError) as caught:
        list(bill_lines(text))
    assert caught.value.line == (line or None)


@pytest.mark.parametrize(
    ("told", "amount"),
    [("0.04000", 4), ("6.00", 600), ("-0.01000", -1), ("0", 0), ("12", 1200), ("0.5", 50),
     ("9999999999999.99", 999_999_999_999_999), ("-0.00", 0)],
)  # fmt: skip
def test_yuan_are_whole_fen(told: str, amount: int) -> None:
    assert fen(told) == amount


@pytest.mark.parametrize(
    "told", ["", ".", ".5", "-", "--1", "+1", "0.045", "0.00001", "1e2", "１", "1_0", " 1", "1,0",
             "0.-1", "0.٣", "12345678901234", "nan"],
)  # fmt: skip
def test_what_is_no_amount_of_whole_fen_is_refused(told: str) -> None:
    with pytest.raises(BadInputError):
        fen(told)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from(["", "0", "000"]))
def test_every_amount_is_written_and_read_as_the_same(amount: int, more: str) -> None:
    assert fen(yuan(amount, more)) == amount


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_bad_input(text: str) -> None:
    try:
        found = fen(text)
    except BadInputError:
        return
    assert found == round(float(text) * 100)


@given(st.binary(max_size=300), st.integers(0, 900))
def test_a_bill_that_is_changed_anywhere_is_bad_input_or_says_the_same_sums(
    noise: bytes, at: int
) -> None:
    whole = bill(PAID, BACK)
    try:
        lines = list(bill_lines(whole[:at] + noise + whole[at + len(noise) :]))
    except BadInputError:
        return
    assert [(one.amount, one.fee) for one in lines] == [(600, 4), (142, -1)]


WHOLE = bill(PAID, BACK)
URL = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=abc"


def named(text: bytes = WHOLE, url: str = URL) -> Answer:
    digest = sha1(text, usedforsecurity=False).hexdigest().upper()
    return said({"hash_type": "SHA1", "hash_value": digest, "download_url": url}, at=BILL_AT)


def test_a_bill_is_asked_for_and_downloaded_and_its_hash_compared() -> None:
    script = Script(named(), Answer(200, {}, WHOLE))
    assert list(WeChatPay(keys.merchant(), script).bill(DAY, BILL_AT)) == LINES
    assert [one[:2] for one in script.asked] == [
        ("GET", "/v3/bill/tradebill?bill_date=2018-09-03&bill_type=ALL"),
        ("GET", "/v3/billdownload/file?token=abc"),
    ]
    assert all("WECHATPAY2-SHA256-RSA2048 mchid" in one[2]["Authorization"] for one in script.asked)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([named(), Answer(200, {}, WHOLE + b" ")], BadInputError),
        ([named(), Answer(500, {}, b"")], UnavailableError),
        ([named(), None], UnavailableError),
        ([trouble(400, "NO_STATEMENT_EXIST")], UnavailableError),
        ([None], UnavailableError),
        ([Answer(200, {}, named().body)], UnavailableError),
    ],
    ids=["another file", "it failed", "no file", "not there yet", "no answer", "not signed"],
)
def test_a_bill_that_is_not_there_or_not_whole(
    answers: list[Answer | None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        WeChatPay(keys.merchant(), Script(*answers)).bill(DAY, BILL_AT)
