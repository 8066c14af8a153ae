"""The card company's side: it hears nothing old or strange, and knows who owes; over HTTP too."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest

from ridecode.core import UnavailableError
from ridecode.money.channels import (
    Agreement,
    AgreementState,
    Ask,
    CardAccount,
    Debtor,
    HttpLink,
    Order,
    Paid,
    Purse,
    Refused,
    Silence,
    Silent,
)
from ridecode.sim.channels import CardAccountCounterpart, Mischief
from tests.money.channels.kit import NOT_SIGNED
from tests.money.channels.test_card_account import ASK, MERCHANT, NOW, NUMBER


def counterpart(wrong: Mischief | None) -> tuple[CardAccount, CardAccountCounterpart, list[int]]:
    now = [NOW]
    other = CardAccountCounterpart(lambda _: wrong, lambda: now[0])
    return CardAccount(other.merchant, other), other, now


def test_the_counterpart_hears_no_request_that_is_old_or_a_strangers() -> None:
    channel, other, now = counterpart(None)
    other.sign("c1", "u1")
    assert CardAccount(MERCHANT, other).charge([ASK], NOW) == [NOT_SIGNED]
    now[0] += 301_000_000
    too_old = [Silent(Silence.OUR_MISTAKE, "NOT_SIGNED")]
    assert channel.charge([ASK], NOW) == too_old
    assert other.truth() == {}
    (said,) = channel.charge([ASK], now[0])
    assert isinstance(said, Paid)


def test_busy_means_that_nothing_of_the_batch_was_done() -> None:
    channel, other, _ = counterpart(Mischief.BUSY)
    other.sign("c1", "u1")
    assert channel.charge([ASK], NOW) == [Silent(Silence.BUSY, "BUSY")]
    assert other.truth() == {}


def test_a_debtor_is_on_the_list_and_overdue_until_the_charge_is_paid() -> None:
    channel, other, _ = counterpart(Mischief.REFUSED)
    other.sign("c1", "u1")
    assert channel.charge([ASK], NOW) == [Refused("NO_MONEY")]
    assert list(channel.debtors(NOW)) == [Debtor("u1", "c1")]
    assert channel.agreement("c1", NOW) is AgreementState.OVERDUE
    other.repay(NUMBER)
    assert (list(channel.debtors(NOW)), channel.agreement("c1", NOW)) == ([], AgreementState.STANDS)
    (one,) = other.told()
    said = channel.hear(one.headers, one.body, NOW)
    assert said is not None
    assert isinstance(said.fact, Paid)


def test_what_was_answered_at_once_is_not_told_again() -> None:
    channel, other, _ = counterpart(None)
    other.sign("c1", "u1")
    (said,) = channel.charge([ASK], NOW)
    assert isinstance(said, Paid)
    assert other.told() == []


@contextmanager
def served(other: CardAccountCounterpart) -> Iterator[str]:
    """The counterpart behind HTTP, which sees targets as they come."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = other(self.command, self.path, headers, body)
            assert said is not None
            self.send_response(said.status)
            for name, value in {**said.headers, "content-length": str(len(said.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_signatures_hold_over_http_whatever_stands_in_a_contract() -> None:
    _, other, _ = counterpart(Mischief.REFUSED)
    contracts = sorted(["c1", "c /?&=+%2F", "签约·1~'()*!", "a:b@c"])
    with served(other) as base:
        link = HttpLink(base)
        channel = CardAccount(other.merchant, link)
        for nth, contract in enumerate(contracts):
            other.sign(contract, f"u{nth}")
            order = Order(UUID(int=nth), "r", "c", Purse.OUTSIDE, 1, UUID(int=1), NOW)
            agreed = Agreement(account="r", contract=contract, user=f"u{nth}")
            assert channel.charge([Ask(order, agreed, None)], NOW) == [Refused("NO_MONEY")]
            assert channel.agreement(contract, NOW) is AgreementState.OVERDUE
            (*_, last) = channel.debtors(NOW)
            assert last.contract == contract
        with pytest.raises(UnavailableError):
            channel.bill("2018-09-03", NOW)
        link.close()


def test_an_account_can_be_signed_up_at_the_counterpart() -> None:
    channel, _, _ = counterpart(None)
    assert channel.sign_up("r1", "a1", NOW) == "https://accounts.example/agree/a1"
