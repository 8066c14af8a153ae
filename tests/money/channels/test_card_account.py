"""The card account as a channel: what each answer says, and what the interface asks."""

from collections.abc import Callable, Mapping
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from ridecode.core import BadInputError, Mode, UnavailableError
from ridecode.money.channels import (
    Accepted,
    Agreement,
    AgreementState,
    Answer,
    Ask,
    BillLine,
    CardAccount,
    CardAccountMerchant,
    Carried,
    Fact,
    ForgedError,
    Order,
    Paid,
    Purse,
    Refunded,
    RefundFailed,
    Refused,
    Said,
    Silence,
    Silent,
)
from ridecode.money.channels.card_account.signing import Signer
from tests.money.channels.kit import BUSY, NO_ANSWER, NOT_SIGNED, UNREADABLE
from tests.money.channels.test_card_account_signing import CHECKER, PRIVATE, PUBLIC

NOW = 1_535_932_800_000_000
NUMBER = "0165a0b1c2d37e4f856789abcdef0123"
ORDER = Order(
    order_id=UUID(NUMBER), account="r1", channel="card-account", purse=Purse.OUTSIDE, amount=300,
    about=UUID(int=6), made_at=NOW,
)  # fmt: skip
REFUND = UUID(int=9)
AGREED = Agreement(account="r1", contract="c1", user="u1")
CARRIED = Carried(
    mode=Mode.METRO, line="1号线", entry_stop="少年宫", exit_stop="", vehicle="", started=NOW - 9,
    ended=NOW - 5_000_000,
)  # fmt: skip
ASK = Ask(ORDER, AGREED, CARRIED)
# One key pair stands for both sides here.
SIGNER = Signer("k1", PRIVATE)
MERCHANT = CardAccountMerchant(
    key_id="k1", private_key=PRIVATE, keys={"k1": PUBLIC}, notify_target="/card-account"
)
OURS, UNDECIDED = Silence.OUR_MISTAKE, Silence.UNDECIDED
Told = Mapping[str, object] | bytes | int | tuple[int, bytes] | None
"""What is answered with 200, or only the status, or both; None where nothing comes."""


class Accounts:
    """A server that gives one answer after another, and keeps what it was asked."""

    def __init__(self, *answers: Told) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        self.asked.append((method, target, headers, body))
        told = self.answers.pop(0)
        if told is None:
            return None
        status, content = told if isinstance(told, tuple) else (200, told)
        if isinstance(content, int):
            status, content = content, b""
        content = content if isinstance(content, bytes) else json.encode(content)
        signature = headers["card-account-signature"]
        return Answer(status, SIGNER.headers(str(status), signature, 1, content), content)


def card_account(*answers: Told) -> tuple[CardAccount, Accounts]:
    accounts = Accounts(*answers)
    return CardAccount(MERCHANT, accounts), accounts


def charges(**row: object) -> dict[str, object]:
    return {"charges": [{"number": NUMBER, **row}]}


ONE, TWO = {"transaction": "t1", "amount": 300}, {"transaction": "t2", "amount": 300}
SILENCES: list[tuple[Told, Silent]] = [
    (None, NO_ANSWER),
    (429, BUSY),
    ((429, b'{"error":"BUSY"}'), Silent(Silence.BUSY, "BUSY")),
    (500, BUSY),
    (400, Silent(OURS)),
    (404, Silent(OURS)),
    (302, UNREADABLE),
    ((401, b'{"error":"NOT_SIGNED"}'), Silent(OURS, "NOT_SIGNED")),
]
MEANINGLESS: list[Told] = [
    charges(state="lost"),
    charges(state="paid", payments=[{"transaction": "t1", "amount": 0}]),
    charges(state="paid", payments=[{"transaction": "t1", "amount": 3.5}]),
    charges(state="paid", payments=[{"transaction": "", "amount": 3}]),
    charges(state="paid", payments=[{"transaction": "t,1", "amount": 3}]),
    charges(state="paid", payments=[{"transaction": "t1\n", "amount": 3}]),
    charges(state="paid", payments=[{"transaction": "t" * 65, "amount": 3}]),
    {"charges": []},
    {"charges": charges(state="paid")["charges"] * 2},  # type: ignore[operator]
    {"charges": [{"number": "1" * 32, "state": "paid", "payments": [ONE]}]},
    b"\xff",
    b"[",
]
ROWS: list[tuple[Told, Fact | Silent, frozenset[Fact] | Silent]] = [
    (charges(state="paid", payments=[ONE]), Paid("t1", 300), frozenset({Paid("t1", 300)})),
    (charges(state="paid", payments=[ONE, TWO]), Accepted(),
     frozenset({Paid("t1", 300), Paid("t2", 300)})),
    (charges(state="paid", payments=[]), Accepted(), frozenset({Accepted()})),
    (charges(state="refused", reason="NO_MONEY"), Refused("NO_MONEY"),
     frozenset({Refused("NO_MONEY")})),
    (charges(state="accepted"), Accepted(), frozenset({Accepted()})),
    (charges(state="unknown"), Silent(UNDECIDED, "unknown"), frozenset()),
    (charges(state="paid", payments=[ONE], more=1), Paid("t1", 300), frozenset({Paid("t1", 300)})),
    *((told, UNREADABLE, UNREADABLE) for told in MEANINGLESS),
    *((told, said, said) for told, said in SILENCES),
]  # fmt: skip


@pytest.mark.parametrize(("told", "first", "facts"), ROWS)
def test_what_a_row_says_of_a_charge(
    told: Told, first: Fact | Silent, facts: frozenset[Fact] | Silent
) -> None:
    assert card_account(told)[0].charge([ASK], NOW) == [first]
    assert card_account(told)[0].query([ORDER], NOW) == [facts]


def test_what_is_asked_for_a_ride() -> None:
    channel, accounts = card_account(None)
    channel.charge([ASK], NOW)
    ((method, target, headers, body),) = accounts.asked
    assert (method, target) == ("POST", "/v1/charges")
    assert headers["card-account-time"] == "1535932800"
    assert CHECKER.holds(method, target, headers, body)
    assert json.decode(body) == {"charges": [{
        "number": NUMBER, "contract": "c1", "amount": 300, "ridden_at": 1_535_932_795,
        "line": "1号线",
    }]}  # fmt: skip


def test_nothing_is_asked_where_nothing_is_to_be_asked() -> None:
    channel, accounts = card_account()
    assert (channel.charge([], NOW), channel.query([], NOW)) == ([], [])
    assert accounts.asked == []


def test_many_are_asked_after_by_the_thousand() -> None:
    orders = [Order(UUID(int=n), "r", "c", Purse.OUTSIDE, 1, UUID(int=1), 0) for n in range(1_500)]
    rows = [{"number": one.number, "state": "unknown"} for one in orders]
    channel, accounts = card_account({"charges": rows[:1_000]}, None)
    said = channel.query(orders, NOW)
    assert said == [frozenset()] * 1_000 + [NO_ANSWER] * 500
    assert [len(json.decode(one[3])["numbers"]) for one in accounts.asked] == [1_000, 500]


@pytest.mark.parametrize(
    ("told", "fact"),
    [
        ({"refund": REFUND.hex, "state": "given", "amount": 100}, Refunded(REFUND, 100)),
        ({"refund": REFUND.hex, "state": "given"}, UNREADABLE),
        ({"refund": REFUND.hex, "state": "given", "amount": -1}, UNREADABLE),
        ({"refund": REFUND.hex, "state": "pending"}, Silent(UNDECIDED, "pending")),
        ({"refund": REFUND.hex, "state": "failed", "reason": "x"}, RefundFailed(REFUND, "x")),
        ({"refund": "0" * 32, "state": "given", "amount": 100}, UNREADABLE),
        ({"refund": REFUND.hex, "state": "perhaps"}, UNREADABLE),
        *SILENCES,
    ],
)  # fmt: skip
def test_what_became_of_a_refund(told: Told, fact: Fact | Silent) -> None:
    channel, accounts = card_account(told)
    assert channel.refund(ORDER, Paid("t1", 300), REFUND, 100, NOW) == fact
    assert json.decode(accounts.asked[0][3]) == {
        "refund": REFUND.hex, "number": NUMBER, "transaction": "t1", "amount": 100
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "state"),
    [
        *(({"contract": "c/1", "state": one.name.lower()}, one) for one in AgreementState),
        ({"contract": "c1", "state": "stands"}, UNREADABLE),
        ({"contract": "c/1", "state": "new"}, UNREADABLE),
        (404, AgreementState.ENDED), *(row for row in SILENCES if row[0] != 404),
    ],
)  # fmt: skip
def test_how_an_agreement_stands(told: Told, state: AgreementState | Silent) -> None:
    channel, accounts = card_account(told)
    assert channel.agreement("c/1", NOW) == state
    assert accounts.asked[0][:2] == ("GET", "/v1/agreements/c%2F1")


def test_signing_up_opens_what_the_card_company_says() -> None:
    channel, accounts = card_account({"number": "a1", "open": "https://x/1"})
    assert channel.sign_up("r1", "a1", NOW) == "https://x/1"
    assert json.decode(accounts.asked[0][3]) == {"number": "a1", "account": "r1"}


@pytest.mark.parametrize(
    "told",
    [{"number": "a2", "open": "https://x/1"}, {"number": "a1", "open": "javascript:1"}, 500, None],
)
def test_signing_up_that_does_not_come_off_is_told(told: Told) -> None:
    with pytest.raises(UnavailableError, match=r"now: (NO_ANSWER|UNREADABLE|BUSY)\."):
        card_account(told)[0].sign_up("r1", "a1", NOW)


def page(*contracts: str, is_last: bool) -> dict[str, object]:
    return {"blocked": [{"contract": c, "user": "u" + c} for c in contracts], "is_last": is_last}


def test_debtors_are_read_page_by_page_to_the_last() -> None:
    channel, accounts = card_account(page("a", "b c", is_last=False), page("d", is_last=True))
    assert [one.contract for one in channel.debtors(NOW)] == ["a", "b c", "d"]
    assert [one[1] for one in accounts.asked] == ["/v1/blocked?after=", "/v1/blocked?after=b%20c"]
    assert list(card_account(page(is_last=True))[0].debtors(NOW)) == []


@pytest.mark.parametrize("broken", [page(is_last=False), 500, b"{}", None])
def test_a_list_of_debtors_that_breaks_off_is_told(broken: Told) -> None:
    with pytest.raises(UnavailableError):
        list(card_account(page("a", is_last=False), broken)[0].debtors(NOW))


HEAD = {"day": "2018-09-03", "payments": 1, "paid": 300, "refunds": 1, "refunded": 100, "fees": 1}
LINES = [
    {"number": NUMBER, "transaction": "t1", "amount": 300, "fee": 2},
    {"number": NUMBER, "transaction": "t1", "amount": 100, "fee": -1, "refund": REFUND.hex},
]


def bill(*lines: Mapping[str, object]) -> bytes:
    return b"".join(json.encode(line) + b"\n" for line in lines)


def test_a_bill_is_read() -> None:
    assert list(card_account(bill(HEAD, *LINES))[0].bill("2018-09-03", NOW)) == [
        BillLine(NUMBER, "t1", "", 300, 2), BillLine(NUMBER, "t1", REFUND.hex, 100, -1),
    ]  # fmt: skip
    none = {**dict.fromkeys(HEAD, 0), "day": "2018-09-03"}
    assert list(card_account(bill(none))[0].bill("2018-09-03", NOW)) == []


@pytest.mark.parametrize(
    "lines",
    [
        *([{**HEAD, name: 7}, *LINES] for name in HEAD if name != "day"),
        [{**HEAD, "day": "2018-09-04"}, *LINES], [HEAD, LINES[0]], [HEAD, *LINES, LINES[1]],
        [*LINES], [HEAD, {**LINES[0], "amount": 0}, LINES[1]], [HEAD, {}, *LINES], [],
    ],
)  # fmt: skip
def test_a_bill_that_is_not_what_its_head_says_is_told(lines: list[Mapping[str, object]]) -> None:
    with pytest.raises(BadInputError):
        list(card_account(bill(*lines))[0].bill("2018-09-03", NOW))


@pytest.mark.parametrize("told", [404, 500, None])
def test_a_bill_that_is_not_there_is_told(told: Told) -> None:
    with pytest.raises(UnavailableError):
        list(card_account(told)[0].bill("2018-09-03", NOW))


def test_no_key_is_shown() -> None:
    assert repr(MERCHANT) == "CardAccountMerchant(k1)"


# Who said it

CALLS: list[Callable[[CardAccount], object]] = [
    lambda channel: channel.charge([ASK], NOW),
    lambda channel: channel.query([ORDER], NOW),
    lambda channel: channel.refund(ORDER, Paid("t1", 300), REFUND, 100, NOW),
    lambda channel: channel.agreement("c1", NOW),
]
PAID = json.encode(charges(state="paid", payments=[ONE]))


def test_an_answer_to_another_request_says_nothing() -> None:
    """Also where it is signed and was true: what a query said an hour ago is no answer now."""
    kept: list[Answer | None] = []

    def link(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        if not kept:
            kept.append(Accounts(PAID)(method, target, headers, body))
        return kept[0]

    channel = CardAccount(MERCHANT, link)
    assert channel.query([ORDER], NOW) == [frozenset({Paid("t1", 300)})]
    assert channel.query([ORDER], NOW + 3_600_000_000) == [NOT_SIGNED]


@given(
    st.sampled_from(CALLS), st.sampled_from([200, 404]), st.sampled_from([PAID, b"{}", b""]),
    st.dictionaries(
        st.sampled_from(["card-account-key", "card-account-time", "card-account-signature"]),
        st.sampled_from(["k1", "1", "AAAA"]) | st.text(max_size=9),
    ),
)  # fmt: skip
def test_an_answer_that_is_not_signed_says_nothing(
    call: Callable[[CardAccount], object], status: int, body: bytes, headers: dict[str, str]
) -> None:
    said = Answer(status, headers, body)
    assert call(CardAccount(MERCHANT, lambda *_: said)) in (NOT_SIGNED, [NOT_SIGNED])


SCRAPS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6)
    | st.sampled_from([NUMBER, "paid", "given", "stands", 300]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["charges", "number", "state", "payments", "transaction", "amount",
                         "refund", "contract"]), inner, max_size=5),
)  # fmt: skip


@given(st.sampled_from(CALLS), SCRAPS.map(json.encode) | st.binary(max_size=40))
def test_whatever_is_signed_is_a_fact_or_nothing(
    call: Callable[[CardAccount], object], body: bytes
) -> None:
    said = call(card_account(body)[0])
    for one in said if isinstance(said, list) else [said]:
        assert isinstance(
            one, frozenset | Accepted | Paid | Refused | Refunded | AgreementState | Silent
        )
        assert one not in (NOT_SIGNED, NO_ANSWER, BUSY)


def told(body: bytes, target: str = "/card-account") -> tuple[dict[str, str], bytes]:
    return SIGNER.headers("POST", target, 1, body), body


def test_what_the_card_company_tells_by_itself() -> None:
    channel, _ = card_account()
    rows: list[tuple[dict[str, object], Fact]] = [
        ({"state": "paid", "payments": [ONE]}, Paid("t1", 300)),
        ({"state": "refused", "reason": "x"}, Refused("x")),
        ({"state": "accepted"}, Accepted()),
    ]
    for row, fact in rows:
        said = channel.hear(*told(json.encode({"number": NUMBER, **row})), NOW)
        assert said == Said(ORDER.order_id, fact)
    assert channel.hear(*told(json.encode({"number": NUMBER, "state": "unknown"})), NOW) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"\xff", b'{"number":"%s"}' % NUMBER.encode(),
     json.encode({"number": NUMBER, "state": "paid", "payments": [ONE, TWO]}),
     json.encode({"number": NUMBER.upper(), "state": "accepted"}),
     json.encode({"number": "another", "state": "accepted"})],
)  # fmt: skip
def test_what_is_signed_and_cannot_be_read_is_told(body: bytes) -> None:
    with pytest.raises(BadInputError):
        card_account()[0].hear(*told(body), NOW)


def test_what_was_signed_for_another_place_is_forged() -> None:
    body = json.encode({"number": NUMBER, "state": "accepted"})
    with pytest.raises(ForgedError):
        card_account()[0].hear(*told(body, "/v1/charges"), NOW)


@given(st.data())
def test_of_a_changed_callback_nothing_is_heard(data: st.DataObject) -> None:
    headers, body = told(json.encode({"number": NUMBER, "state": "paid", "payments": [ONE]}))
    changed = bytearray(body)
    at = data.draw(st.integers(0, len(body) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ForgedError):
        card_account()[0].hear(headers, bytes(changed), NOW)


@given(SCRAPS.map(json.encode) | st.binary(max_size=40))
def test_whatever_is_told_is_a_fact_or_told(body: bytes) -> None:
    try:
        said = card_account()[0].hear(*told(body), NOW)
    except BadInputError:
        return
    assert said is None or said.order_id == ORDER.order_id
