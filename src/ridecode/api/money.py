"""Money: the books, closed days and their files, the way of one ride's money, and channels."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool

from ridecode import money
from ridecode.access import About, Right, Subject
from ridecode.api import bodies
from ridecode.api import money_wire as wire
from ridecode.api.allowed import CHANNEL, needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment, text
from ridecode.api.subjects import rider_of, the_city
from ridecode.api.wire import Account, Name
from ridecode.core import (
    BadInputError,
    NotFoundError,
    Ride,
    RidecodeError,
    Words,
    day_name,
    day_named,
)
from ridecode.money import Trace, clearing, ledger
from ridecode.money.channels import WALLET, Channel

router = APIRouter(prefix="/v1", tags=["money"])

_DAYS = 7
_Of = Annotated[Name, Path(examples=["01659074-1a90-7c3e-9d1b-5f0e8a3b2c11"])]
_LINES_MOST = 200
_CALLBACK_MOST = 64 << 10
"""Bytes: channels tell of one order at a time. Nobody has looked yet whether it is a channel."""
_FileNumber = Annotated[int, Path(ge=1, lt=2**63, examples=[17])]
_First = Annotated[int, Query(ge=1, le=2_000_000, description="From this line on.", examples=[2])]
_Lines = Annotated[int, Query(ge=1, le=_LINES_MOST, examples=[50])]


def _traced(of: _Of, desk: Held) -> Trace | RidecodeError:
    """The way of the money, or why there is none: worked out once for the judgement and the
    answer."""
    try:
        return money.trace_of(desk.cell, desk.pack, of)
    except (NotFoundError, BadInputError) as error:
        return error


_Traced = Annotated[Trace | RidecodeError, Depends(_traced)]


def _rider_of_trace(found: _Traced, desk: Held) -> Subject:
    """Whose money it is."""
    if isinstance(found, RidecodeError):
        return Subject(About.RIDER)
    return rider_of(desk, found.account, found.ride.operator if found.ride else "")


@router.get("/money", dependencies=[needs(Right.SEE_MONEY, the_city)])
def books(desk: Held) -> wire.MoneyOut:
    """The trial balance, and the latest closed days with their settlement files."""
    now = desk.clock.now()
    lines = ledger.trial_balance(desk.cell)
    return wire.MoneyOut(
        as_of=moment(desk.pack, now),
        day=day_name(desk.pack.calendar.day(now)),
        balanced=sum(one.closing for one in lines) == 0,
        balances=[
            wire.BalanceOut(
                kind=one.kind.name.lower(), party=one.party, debits=one.debits,
                credits=one.credits, closing=one.closing,
            )
            for one in lines
        ],
        days=[_day(desk, one) for one in ledger.closed_days(desk.cell, _DAYS)],
    )  # fmt: skip


def _day(desk: Desk, one: ledger.Day) -> wire.DayOut:
    return wire.DayOut(
        day=day_name(one.day),
        closed_at=moment(desk.pack, one.closed_at),
        journals=one.journals,
        root=one.root.hex() if one.root else None,
        chain=one.chain.hex() if one.chain else None,
        files=[
            wire.FileOut(
                number=filed.number, name=filed.name, lines=filed.lines, fares=filed.fares_fen,
                charges=filed.charges_fen, digest=filed.digest.hex(),
                answer=_answer(desk, answered) if answered else None,
            )
            for filed, answered in clearing.files_of(desk.cell, one.day)
        ],
    )  # fmt: skip


def _answer(desk: Desk, one: clearing.Answered) -> wire.AnswerOut:
    return wire.AnswerOut(
        at=moment(desk.pack, one.received_at), cleared=one.cleared, cleared_amount=one.cleared_fen,
        rejected=one.rejected, rejected_amount=one.rejected_fen,
    )  # fmt: skip


@router.get("/money/days/{day}/audit", dependencies=[needs(Right.SEE_MONEY, the_city)])
def audit(day: Annotated[Name, Path(examples=["2018-09-01"])], desk: Held) -> wire.AuditOut:
    """Check a sealed day from its two files alone, as an auditor does with no database."""
    number = day_named(day)
    if not ledger.is_closed(desk.cell, number):
        raise NotFoundError(f"The business day {day} is not closed.", "GET /v1/money lists days.")
    before = desk.files / f"seal-{day_name(number - 1)}.json"
    found = ledger.audit_day(desk.files, number, before if before.exists() else None)
    return wire.AuditOut(
        day=day, journals=found.journals, root=found.seal.root.hex(),
        findings=[
            wire.FindingOut(fault=one.fault.name.lower(), line=one.line, what=one.what)
            for one in found.findings
        ],
        more=found.more,
    )  # fmt: skip


async def _lines(number: _FileNumber, first: _First = 1, most: _Lines = 50) -> Subject:
    """Which lines of which file."""
    return Subject(About.FILE, f"{number}:{first}-{first + most - 1}")


@router.get("/money/files/{number}", dependencies=[needs(Right.SEE_FILES, _lines)])
def file(
    number: _FileNumber, desk: Held, first: _First = 1, most: _Lines = 50
) -> wire.FileLinesOut:  # fmt: skip
    """Lines of a settlement file, as they stand in it: whose rides, where and when."""
    filed = clearing.file_numbered(desk.cell, number)
    path = desk.files / filed.name
    if not path.exists():
        raise NotFoundError(
            f"{filed.name} is not here.", "Close its day again: it is written anew."
        )
    with path.open("rb") as lines:
        shown = [
            wire.FileLineOut(at=at, text=line.decode().rstrip("\n"))
            for at, line in islice(enumerate(lines, 1), first - 1, first - 1 + most)
        ]
    return wire.FileLinesOut(number=number, name=filed.name, lines=filed.lines, shown=shown)


@router.get("/money/trace/{of}", dependencies=[needs(Right.SEE_RIDER, _rider_of_trace)])
def trace(found: _Traced, desk: Held) -> wire.TraceOut:
    """The way of the money, begun at a tap, an order or a line of the books."""
    if isinstance(found, RidecodeError):
        raise found
    return _trace_out(desk, found)


def _agreeing(account: Account, asked: wire.AgreementIn, desk: Held) -> Subject:
    """The rider. Whose contract it is outside his wallet another has to vouch for."""
    return replace(rider_of(desk, account), by_others=asked.channel != WALLET)


@router.put("/riders/{account}/agreement", dependencies=[needs(Right.AGREE, _agreeing)])
def agree(account: Account, asked: wire.AgreementIn, desk: Held) -> wire.AgreementOut:
    """The rider has agreed to a channel (签约), and is charged by no other from now on.

    The channel is asked first, and has to say that the agreement stands. A rider himself goes back
    to the wallet; a contract elsewhere is named by who has seen whose it is.
    """
    signed = money.agree(
        desk.cell, desk.pack, account, asked.channel, asked.contract, asked.user, asked.platform,
        desk.clock.now(), _connected(desk, asked.channel),
    )  # fmt: skip
    return wire.AgreementOut(
        account=account, channel=signed.channel, platform=signed.platform,
        signed_at=moment(desk.pack, signed.signed_at),
    )  # fmt: skip


@router.post(
    "/channels/{channel}/callbacks", response_class=Response, dependencies=[CHANNEL],
    responses={200: {"description": "As the channel expects it."}},
)  # fmt: skip
async def told(
    channel: Annotated[Name, Path(examples=["wechat"])], request: Request, desk: Held
) -> Response:
    """What a payment channel tells by itself, signed by it; answered once it is in the books."""
    spoken = _connected(desk, channel)
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = await bodies.read(request, _CALLBACK_MOST)
    await run_in_threadpool(desk.hear, spoken, headers, body)
    return Response(spoken.heard.body, spoken.heard.status, dict(spoken.heard.headers))


def _connected(desk: Desk, channel: str) -> Channel:
    spoken = desk.channels.get(channel)
    if spoken is None:
        raise NotFoundError(f"No channel {channel!r} is connected here.", "Look at its id.")
    return spoken


def _trace_out(desk: Desk, found: Trace) -> wire.TraceOut:
    return wire.TraceOut(
        account=found.account,
        ride=_ride(desk, found.ride) if found.ride else None,
        prices=[
            wire.VersionOut(
                version=one.version, tariff=one.price.tariff, amount=one.price.amount,
                as_of=moment(desk.pack, one.as_of),
                lines=[
                    wire.RuleOut(rule=line.rule, amount=line.amount) for line in one.price.lines
                ],
            )
            for one in found.prices
        ],
        fares=[_posted(one) for one in found.fares],
        order=_order(desk, found.order) if found.order else None,
    )  # fmt: skip


def _ride(desk: Desk, ride: Ride) -> wire.TracedRideOut:
    operator = desk.pack.operators.get(ride.operator)
    return wire.TracedRideOut(
        ride_id=str(ride.ride_id), operator=ride.operator,
        operator_name=text(operator.name if operator else _unnamed(ride.operator)),
        entry_stop=ride.entry_stop, exit_stop=ride.exit_stop,
        entry_at=None if ride.entry_ts is None else moment(desk.pack, ride.entry_ts),
        exit_at=None if ride.exit_ts is None else moment(desk.pack, ride.exit_ts),
        taps=[str(tap) for tap in (ride.entry_tap, ride.exit_tap) if tap],
    )  # fmt: skip


def _order(desk: Desk, order: money.Ordered) -> wire.OrderOut:
    asked = order.kept.order
    terms = money.read_rules(desk.pack).channels.get(asked.channel)
    return wire.OrderOut(
        number=asked.number, channel=asked.channel,
        channel_name=text(terms.name if terms else _unnamed(asked.channel)),
        platform=order.signed.platform,
        amount=asked.amount, state=order.standing.state.name.lower(), owed=order.standing.owed,
        breaks=sorted(one.name.lower() for one in order.standing.breaks),
        booked=[_posted(one) for one in order.booked],
    )  # fmt: skip


def _unnamed(id_: str) -> Words:
    """What the pack names no more goes by its id."""
    return Words(zh=id_, en=id_)


def _posted(one: money.Posted) -> wire.PostedOut:
    journal = one.line.journal
    return wire.PostedOut(
        n=one.line.n, flow=journal.flow.name.lower(), debit=journal.debit, credit=journal.credit,
        amount=journal.amount, day=day_name(journal.day), number=one.number,
        files=[
            wire.PlaceOut(
                number=place.number, name=place.name, line=place.at,
                state="rejected" if place.reason else "cleared" if place.is_answered
                else "unanswered",
                reason=place.reason.name.lower() if place.reason else None,
            )
            for place in one.places
        ],
    )  # fmt: skip
