"""A channel over real HTTP: its answers come through as they were sent, and no answer is None."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from ridecode.money.channels import (
    Answer,
    HttpLink,
    Link,
    State,
    WeChatPay,
)
from ridecode.sim.channels import Moved, WeChatCounterpart, honest
from tests.money.channels.kit import Clock, Office, Rig, ask_of


@contextmanager
def served(end: Link) -> Iterator[str]:
    """A server whose answers are those of a link; None closes the connection without any."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = end(self.command, self.path, dict(self.headers), body)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                # As a server may write them: names have no case.
                self.send_header(name.title(), value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def office_at(counterpart: WeChatCounterpart, clock: Clock, link: Link) -> Office:
    channel = WeChatPay(counterpart.merchant, link)
    return Office(Rig(channel, counterpart, clock), [ask_of(channel, 1)])


def test_an_order_is_charged_and_given_back_over_http() -> None:
    clock = Clock()
    counterpart = WeChatCounterpart(honest, clock)
    with served(counterpart) as base:
        link = HttpLink(base)
        office = office_at(counterpart, clock, link)
        office.settle()
        (ask,) = office.asks
        assert office.standing(ask).state is State.PAID
        office.give_back(ask.order, 120)
        office.settle()
        assert sum(one.amount for one in office.bill() if one.refund) == 120
        link.close()
    assert counterpart.truth()[ask.order.number] == Moved(taken=300, given_back=120)
    assert office.standing(ask).taken == 180


def test_an_answer_that_comes_too_late_is_none_and_the_order_is_asked_after() -> None:
    clock, awake = Clock(), Event()
    counterpart = WeChatCounterpart(honest, clock)

    def slow(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        answer = counterpart(method, target, headers, body)
        if method == "GET":
            return answer
        awake.wait()
        return None

    with served(slow) as base:
        link = HttpLink(base, 0.2)
        office = office_at(counterpart, clock, link)
        (ask,) = office.asks
        office.charge([ask])
        assert office.standing(ask).state is State.QUEUED
        assert counterpart.truth()[ask.order.number].taken == 300
        office.query([ask.order])
        assert office.standing(ask).taken == 300
        awake.set()
        link.close()


def _answers(end: Callable[..., Answer | None]) -> Answer | None:
    with served(end) as base:
        link = HttpLink(base, 5.0)
        try:
            return link("GET", "/x?a=1", {"Accept": "application/json"}, b"")
        finally:
            link.close()


def test_names_of_headers_come_in_small_letters() -> None:
    answer = _answers(lambda *_: Answer(200, {"wechatpay-nonce": "N"}, b"\x00body"))
    assert answer
    assert (answer.status, answer.body) == (200, b"\x00body")
    assert answer.headers["wechatpay-nonce"] == "N"


def test_a_connection_that_breaks_is_no_answer() -> None:
    assert _answers(lambda *_: None) is None


def test_a_server_that_is_not_there_is_no_answer() -> None:
    with served(lambda *_: None) as base:
        pass
    link = HttpLink(base, 1.0)
    assert link("GET", "/x", {}, b"") is None
    link.close()


def test_nobody_is_followed_elsewhere() -> None:
    answer = _answers(lambda *_: Answer(302, {"location": "http://127.0.0.1:9/"}, b""))
    assert answer
    assert answer.status == 302


def test_an_answer_that_is_not_packed_as_it_says_is_none() -> None:
    def odd(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return Answer(200, {"content-encoding": "gzip"}, b"not packed")

    with served(odd) as base:
        link = HttpLink(base)
        assert link("GET", "/", {}, b"") is None
        link.close()
