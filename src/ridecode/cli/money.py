"""`ridecode money`: book what rides cost, and look into the books."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli import entered
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import REFUSED, progress, show, table, waiting
from ridecode.cli.rides import money, now
from ridecode.core import BadInputError, Words, day_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Group

    from ridecode.city import Pack
    from ridecode.money import Booked, Followed, Trace, ledger
    from ridecode.money.channels import Silent
    from ridecode.store import Cell

app = typer.Typer(help="Money: book what rides cost, and check the books.", no_args_is_help=True)

KINDS = {
    "RIDER": Words(zh="应收乘客", en="owed by riders"),
    "CHANNEL": Words(zh="应收渠道", en="owed by a channel"),
    "WALLET": Words(zh="储值", en="riders' wallets"),
    "CARD_COMPANY": Words(zh="待清分", en="to be cleared"),
    "BANK": Words(zh="银行存款", en="at the bank"),
    "OPERATOR": Words(zh="应付运营商", en="due to an operator"),
    "PLATFORM": Words(zh="应付平台", en="due to a platform"),
    "FEE": Words(zh="手续费", en="fees"),
    "SUSPENSE": Words(zh="挂账", en="unexplained"),
    "ADVANCE": Words(zh="乘客垫资", en="riders owe a channel"),
    "ADVANCED": Words(zh="渠道垫资", en="advanced by a channel"),
}


@app.command()
def book(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Bring the books to what all rides cost. Again, with nothing new, is harmless."""
    from ridecode.city import load_pack
    from ridecode.money import book_fares
    from ridecode.store import open_cell

    pack = load_pack(city)
    with (
        open_cell(data, pack.id, say=waiting(as_json)) as cell,
        progress("fares", as_json) as step,
    ):
        report = book_fares(cell, pack, now(data), step)
    show(report, as_json, lambda: _booked(pack, report))


@app.command()
def work(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Book, and do what is due at every connected channel, once.

    A running server does so all day.
    """
    from ridecode import money
    from ridecode.city import load_pack
    from ridecode.store import Vault, open_cell

    pack = load_pack(city)
    channels = money.connected(Vault.open(data), money.read_rules(pack))
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        done = money.follow(cell, pack, channels, lambda: now(data))
    show(_work_record(done), as_json, lambda: _worked(pack, done))


@app.command()
def connect(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="As the city pack names it.")],
    merchant: Annotated[
        Path, typer.Argument(metavar="FILE", help="The merchant with its keys, in TOML.")
    ],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Keep a channel's merchant and keys in the vault.

    All fares go to that merchant. A running server has to be restarted: it reads the vault when it
    starts.
    """
    from ridecode import money
    from ridecode.city import load_pack
    from ridecode.store import Vault, open_cell

    pack, text = load_pack(city), merchant.read_text(encoding="utf-8")
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.city(cell, "money connect", channel)
        money.connect(Vault.open(data), channel, text)
    show({"channel": channel}, as_json, lambda: f"✓ 已接入 · connected  {channel}")


@app.command()
def sign(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Card account.")],
    channel: Annotated[str, typer.Argument(metavar="CHANNEL")],
    contract: Annotated[
        str, typer.Option("--contract", metavar="ID", help="The channel's number of it.")
    ] = "",
    user: Annotated[
        str, typer.Option("--user", metavar="ID", help="Who it is to the channel.")
    ] = "",
    platform: Annotated[
        str, typer.Option("--platform", metavar="ID", help="Whose service the charges are.")
    ] = "",
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """A rider has agreed to be charged by a channel (签约).

    It is charged by no other from now on.
    """
    from ridecode import money
    from ridecode.access import Right
    from ridecode.city import load_pack
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.riders(cell, Right.AGREE, "money sign", [account])
        signed = money.agree(cell, pack, account, channel, contract, user, platform, now(data))
    record = {"number": signed.number, "account": account, "channel": channel}
    show(record, as_json, lambda: f"✓ 已签约 · agreed  {account} → {channel}")


@app.command(name="trial-balance")
def trial_balance(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Every account with its balance, riders' of a kind as one."""
    from ridecode.city import load_pack
    from ridecode.money import ledger
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        lines = ledger.trial_balance(cell)
    record = [
        {
            "kind": one.kind.name.lower(),
            "party": one.party,
            "debits": one.debits,
            "credits": one.credits,
            "closing": one.closing,
        }
        for one in lines
    ]
    show(record, as_json, lambda: _trial(pack, lines))


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the day's two files are.")],
    day: Annotated[str, typer.Argument(metavar="DAY", help="The business day, as 2018-09-01.")],
    before: Annotated[
        Path | None,
        typer.Option("--before", metavar="FILE", help="Seal of the day before; none: the first."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(
            "--key",
            metavar="PUBLIC_KEY_FILE",
            help="Who may sign the seal: an Ed25519 public key, 64 hex digits; several times.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a sealed day from its files alone. Exit code 1 where anything is wrong.

    Without --key it is not checked whose files they are: whoever makes all of them can make them
    fit.
    """
    from ridecode.cli.clearing import public_key
    from ridecode.money import ledger

    keys, number = [public_key(one) for one in key or ()], day_named(day)
    signer = _signer(folder, number, keys) if keys else None
    found = ledger.audit_day(folder, number, before, signer)
    record = {
        "day": day,
        "city": found.seal.city,
        "journals": found.journals,
        "root": found.seal.root.hex(),
        "chain": found.seal.chain.hex(),
        "signed_by": found.signed_by,
        "findings": [
            {"fault": one.fault.name.lower(), "line": one.line, "what": one.what}
            for one in found.findings
        ],
        "more": found.more,
    }
    show(record, as_json, lambda: _audited(day, found, is_checked=bool(keys)))
    if found.findings:
        raise typer.Exit(REFUSED)


def _signer(folder: Path, day: int, keys: list[bytes]) -> "Callable[[bytes], str | None]":
    """Who of these signed the day's seal, by the file beside it."""
    from ridecode.money import clearing

    path = folder / clearing.seal_signature_name(day)
    try:
        with path.open("rb") as file:
            signature = file.read(_SIGNATURE_MOST)
    except OSError as error:
        raise BadInputError(
            "The signature cannot be read.", "It lies beside the seal.", file=str(path)
        ) from error
    return lambda seal: clearing.seal_signer(seal, signature, keys)


_SIGNATURE_MOST = 4096
"""Bytes of a signature's file: more than one ever has."""


@app.command()
def trace(
    of: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A tap or an order by its id, a journal by its number, or FILE:LINE.",
        ),
    ],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """The way of the money from the tap to the file.

    Whatever one begins with, the same whole way comes out.
    """
    from ridecode.access import Right
    from ridecode.city import load_pack
    from ridecode.cli.traced import trace_record, traced
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        found = _trace(cell, pack, of)
        entered.riders(cell, Right.SEE_RIDER, "money trace", [found.account])
    show(trace_record(pack, found), as_json, lambda: traced(pack, found))


def _trace(cell: "Cell", pack: "Pack", of: str) -> "Trace":
    from ridecode import money

    path, _, line = of.rpartition(":")
    if not (path and line.isdecimal()):
        return money.trace_of(cell, pack, of)
    lines = money.clearing.sent_lines(Path(path))
    at, sent = next((one for one in lines if one[0] >= int(line)), (0, None))
    if sent is None or at != int(line):
        raise BadInputError(
            f"Line {line} of {path} is no fare and no charge.", "Name a line F, C or A."
        )
    n = sent.sent.n if isinstance(sent, money.clearing.Again) else sent.n
    return money.trace_line(cell, n)


def _booked(pack: "Pack", report: "Booked") -> "Group":
    from rich.console import Group
    from rich.text import Text

    return Group(
        Text("✓ 已入账 · booked", style="bold green"),
        Text(
            f"{report.rides:,} 乘次 rides：{money(pack, report.owed)} 应收 owed"
            f"，{money(pack, report.given_back)} 冲减 given back"
            f"，{report.orders:,} 扣款单 orders"
        ),
    )


def _work_record(done: "Followed") -> dict[str, object]:
    from msgspec.structs import asdict

    worked = {
        name: {
            **asdict(one),
            "reasons": [
                {"why": silent.why.name, "code": silent.code, "requests": requests}
                for silent, requests in one.reasons
            ],
        }
        for name, one in done.worked.items()
    }
    return {"booked": done.booked, "worked": worked}


def _worked(pack: "Pack", done: "Followed") -> "Group":
    from rich.console import Group
    from rich.text import Text

    rows: list[list[object]] = [
        [name, one.sent, one.asked_after, one.refunds, one.facts, one.silent]
        for name, one in done.worked.items()
    ]
    columns = [
        "渠道 channel",
        "发送 sent",
        "查询 asked",
        "退款 refunds",
        "获知 learned",
        "无答 silent",
    ]
    reasons = [
        Text(_silent(name, silent, requests))
        for name, one in done.worked.items()
        for silent, requests in one.reasons
    ]
    return Group(_booked(pack, done.booked), table("", columns, rows), *reasons)


def _silent(channel: str, silent: "Silent", requests: int) -> str:
    from ridecode.money.channels import MEANINGS

    told = MEANINGS[silent.why]
    return (
        f"{channel} × {requests:,}  {silent}\n"
        f"  {told.what.zh} · {told.what.en}\n"
        f"  → {told.remedy.zh} · {told.remedy.en}"
    )


def _trial(pack: "Pack", lines: "list[ledger.TrialLine]") -> "Group":
    from rich.console import Group
    from rich.text import Text

    amounts = [(max(one.closing, 0), max(-one.closing, 0)) for one in lines]
    total = sum(debit for debit, _ in amounts)
    width = len(money(pack, total))
    rows: list[list[object]] = []
    for one, pair in zip(lines, amounts, strict=True):
        words = KINDS[one.kind.name]
        sides = [(money(pack, fen) if fen else "").rjust(width) for fen in pair]
        rows.append([f"{words.zh} {words.en}", one.party or "—", *sides])
    rows.append(["合计 total", "", money(pack, total), money(pack, total)])
    balanced = sum(one.closing for one in lines) == 0
    verdict = (
        Text("✓ 平衡 · balanced", style="bold green") if balanced
        else Text("✗ 不平衡 · not balanced", style="bold red")
    )  # fmt: skip
    shown = table("试算平衡 · trial balance", ["", "单位 party", "借 debit", "贷 credit"], rows)
    return Group(shown, verdict)


def _audited(day: str, found: "ledger.Audit", *, is_checked: bool) -> "Group":
    from rich.console import Group
    from rich.text import Text

    sound = not found.findings
    head = "✓ 核对无误 · sound" if sound else "✗ 核对有误 · not sound"
    unsigned = "✗ 无效 does not hold" if is_checked else "未验 not checked: no --key"
    signed = unsigned if found.signed_by is None else f"✓ {found.signed_by}"
    lines = [
        Text(f"{head}  {day}", style="bold green" if sound else "bold red"),
        Text(f"{found.journals:,} 笔 journals"),
        Text(f"root   {found.seal.root.hex()}", style="dim"),
        Text(f"chain  {found.seal.chain.hex()}", style="dim"),
        Text(f"签名 signature  {signed}"),
    ]
    for one in found.findings:
        where = f"行 line {one.line}" if one.line else "—"
        lines.append(Text(f"✗ {one.fault.name}  {where}  {one.what}", style="red"))
    if found.more:
        lines.append(Text(f"… {found.more:,} 更多 more", style="red"))
    return Group(*lines)
