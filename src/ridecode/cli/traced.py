"""How `ridecode money trace` shows the way of the money."""

from typing import TYPE_CHECKING, Any

from ridecode.cli.rides import moment, money, stop_name
from ridecode.core import Words, day_name

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from ridecode.city import Pack
    from ridecode.money import Ordered, Posted, Trace
    from ridecode.money.clearing import Place

FLOWS = {
    "FARE": Words(zh="车费", en="fare"),
    "FARE_BACK": Words(zh="冲减", en="given back"),
    "CHARGED": Words(zh="扣款", en="charged"),
    "CHARGED_WALLET": Words(zh="钱包扣款", en="charged to the wallet"),
    "REFUNDED": Words(zh="退款", en="refunded"),
    "REFUNDED_WALLET": Words(zh="退回钱包", en="refunded to the wallet"),
    "ADVANCED": Words(zh="垫资", en="advanced"),
    "REPAID": Words(zh="还款", en="repaid"),
}
STATES = {
    "QUEUED": Words(zh="待发送", en="queued"),
    "ACCEPTED": Words(zh="已受理", en="accepted"),
    "REFUSED": Words(zh="被拒", en="refused"),
    "PAID": Words(zh="已扣款", en="paid"),
    "WITHDRAWN": Words(zh="已撤回", en="withdrawn"),
}


def trace_record(pack: "Pack", trace: "Trace") -> dict[str, Any]:
    """A trace as programs read it; amounts are fen."""
    ride, order = trace.ride, trace.order
    return {
        "account": trace.account,
        "taps": [str(tap) for tap in (ride.entry_tap, ride.exit_tap) if tap] if ride else [],
        "ride": ride and {
            "ride_id": ride.ride_id,
            "operator": ride.operator,
            "entry_stop": ride.entry_stop,
            "exit_stop": ride.exit_stop,
            "entry_at": moment(pack, ride.entry_ts),
            "exit_at": moment(pack, ride.exit_ts),
        },
        "prices": [
            {
                "version": one.version,
                "tariff": one.price.tariff,
                "amount": one.price.amount,
                "as_of": moment(pack, one.as_of),
                "lines": [{"rule": line.rule, "amount": line.amount} for line in one.price.lines],
            }
            for one in trace.prices
        ],
        "fares": [_booked(one) for one in trace.fares],
        "order": order and _order(pack, order),
    }  # fmt: skip


def _order(pack: "Pack", order: "Ordered") -> dict[str, Any]:
    return {
        "number": order.kept.order.number,
        "channel": order.kept.order.channel,
        "platform": order.signed.platform,
        "amount": order.kept.order.amount,
        "state": order.standing.state.name.lower(),
        "owed": order.standing.owed,
        "breaks": sorted(one.name.lower() for one in order.standing.breaks),
        "due_at": moment(pack, order.kept.due_at),
        "refunds": [
            {"refund_id": one.refund_id, "transaction": one.transaction, "amount": one.amount}
            for one in order.refunds
        ],
        "booked": [_booked(one) for one in order.booked],
    }


def _booked(one: "Posted") -> dict[str, Any]:
    journal = one.line.journal
    return {
        "n": one.line.n,
        "journal_id": journal.journal_id,
        "flow": journal.flow.name.lower(),
        "debit": journal.debit,
        "credit": journal.credit,
        "amount": journal.amount,
        "day": day_name(journal.day),
        "number": one.number,
        "files": [
            {
                "number": place.number,
                "name": place.name,
                "line": place.at,
                "state": _state(place)[0],
            }
            for place in one.places
        ],
    }


def _state(place: "Place") -> tuple[str, Words]:
    if place.reason is not None:
        reason = place.reason.name
        return f"rejected: {reason.lower()}", Words(zh=f"被拒 {reason}", en=f"rejected {reason}")
    if place.is_answered:
        return "cleared", Words(zh="已清分", en="cleared")
    return "unanswered", Words(zh="待回执", en="unanswered")


def traced(pack: "Pack", trace: "Trace") -> "Group":
    """The way as a line with its stations, from the tap down to the file."""
    from rich.console import Group
    from rich.text import Text

    lines: list[Text] = []
    if trace.ride is not None:
        lines += _ride(pack, trace)
    for one in trace.fares:
        lines += _line(pack, one)
    if trace.order is not None:
        order = trace.order
        state = STATES[order.standing.state.name]
        lines += [
            _station("扣款单 order", money(pack, order.kept.order.amount)),
            _under(f"{order.kept.order.channel}  {state.zh} {state.en}"),
            _under(order.kept.order.number),
        ]
        lines += [_wrong(f"✗ {one.name}") for one in sorted(order.standing.breaks)]
        for one in order.booked:
            lines += _line(pack, one)
    elif trace.fares:
        lines += [_station("扣款单 order", "—"), _under("计入当日差额 in the day's difference")]
    return Group(*lines, Text("●", style="green"))


def _ride(pack: "Pack", trace: "Trace") -> "list[Text]":
    ride = trace.ride
    assert ride is not None, "asked for a ride's lines"
    operator = pack.operators.get(ride.operator)
    way = " → ".join(stop_name(pack, stop) for stop in (ride.entry_stop, ride.exit_stop) if stop)
    lines = [
        _station("刷码 tap", moment(pack, ts) or "") for ts in (ride.entry_ts, ride.exit_ts)
        if ts is not None
    ]  # fmt: skip
    lines = lines[:1] if ride.entry_ts == ride.exit_ts else lines
    lines += [
        _station("乘次 ride", way or "—"),
        _under(operator.name.zh + " " + operator.name.en if operator else ride.operator),
        _under(str(ride.ride_id)),
    ]
    for one in trace.prices:
        price = one.price
        lines.append(_station("票价 price", f"{money(pack, price.amount)}  {price.tariff}"))
        lines += [_under(f"{line.rule}  {money(pack, line.amount)}") for line in price.lines]
    return lines


def _line(pack: "Pack", one: "Posted") -> "list[Text]":
    journal = one.line.journal
    words = FLOWS[journal.flow.name]
    lines = [
        _station(f"{words.zh} {words.en}", money(pack, journal.amount)),
        _under(f"第 {one.line.n:,} 笔 journal  {journal.credit} → {journal.debit}  "
               f"{day_name(journal.day)}"),
    ]  # fmt: skip
    for place in one.places:
        state = _state(place)[1]
        lines.append(_under(f"{place.name}:{place.at}  {state.zh} {state.en}"))
    if not one.places and journal.flow.name in ("FARE", "FARE_BACK"):
        lines.append(_under("运营日未结 day not filed yet"))
    return lines


def _station(name: str, what: str) -> "Text":
    from rich.text import Text

    return Text.assemble(("○ ", "green"), (f"{name}  ", "bold"), what)


def _under(what: str) -> "Text":
    from rich.text import Text

    return Text.assemble(("│   ", "green"), (what, "dim"))


def _wrong(what: str) -> "Text":
    from rich.text import Text

    return Text.assemble(("│   ", "green"), (what, "red"))
