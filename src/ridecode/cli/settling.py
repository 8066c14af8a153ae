"""`ridecode clearing`: close a day, send it to the card company, take in what that answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli import entered
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import progress, show, table, waiting
from ridecode.cli.rides import money, now
from ridecode.core import Words, day_name, day_named

if TYPE_CHECKING:
    from rich.console import Group

    from ridecode.city import Pack
    from ridecode.money import Closed
    from ridecode.money.clearing import Received, Refusal
    from ridecode.store import Vault

OUR_KEY = "clearing/key"
"""Name of our private key in the vault."""
FOLDER = "clearing"
"""Where a city's files are, in the data folder."""
THEIR_KEY = "card-company.pub"

REASONS = {
    "UNKNOWN_ACCOUNT": Words(zh="账户不明", en="unknown account"),
    "UNKNOWN_OPERATOR": Words(zh="运营商不明", en="unknown operator"),
    "UNKNOWN_PLATFORM": Words(zh="平台不明", en="unknown platform"),
    "UNKNOWN_CHANNEL": Words(zh="渠道不明", en="unknown channel"),
    "UNKNOWN_TARIFF": Words(zh="票价版本不明", en="unknown tariff"),
    "WRONG_AMOUNT": Words(zh="金额不符", en="wrong amount"),
    "DUPLICATE": Words(zh="重复", en="duplicate"),
    "OUT_OF_DAY": Words(zh="不属本运营日", en="not of the day"),
    "NEVER_REJECTED": Words(zh="从未被拒", en="never rejected"),
    "DISPUTE_REFUSED": Words(zh="异议驳回", en="dispute refused"),
}

Day = Annotated[str, typer.Argument(metavar="DAY", help="The business day, as 2018-09-01.")]


def close_day(day: Day, data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Close a business day: book, close, seal, and write its files. Again, it is the same bytes."""
    from ridecode import money as money_room
    from ridecode.city import load_pack
    from ridecode.store import Vault, open_cell

    pack, key = load_pack(city), our_key(Vault.open(data))
    with open_cell(data, pack.id, say=waiting(as_json)) as cell, progress("day", as_json) as step:
        entered.city(cell, "clearing close-day", day)
        closed = money_room.close_day(
            cell, pack, day_named(day), data / FOLDER / pack.id, key, now(data), lambda _: step
        )
    record = {
        "day": day,
        "booked": closed.booked,
        "differences": closed.differences,
        "journals": closed.seal.journals,
        "root": closed.seal.root.hex(),
        "chain": closed.seal.chain.hex(),
        "files": [
            {
                "number": one.number,
                "name": one.name,
                "lines": one.lines,
                "fares": one.fares_fen,
                "charges": one.charges_fen,
                "digest": one.digest.hex(),
            }
            for one in closed.files
        ],
    }
    show(record, as_json, lambda: _closed(pack, day, closed))


def send(
    day: Day,
    place: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Where the card company fetches files.")
    ],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Put a day's files where the card company fetches them.

    Each is there whole or not at all; sent again it is the same.
    """
    from ridecode.city import load_pack
    from ridecode.money import clearing
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.city(cell, "clearing send", day)
        sent = clearing.send(cell, day_named(day), data / FOLDER / pack.id, place, now(data))
    record = [{"path": str(one.path), "first": one.is_first} for one in sent]
    rows: list[list[object]] = [
        [one.path.name, "已报送 sent" if one.is_first else "重新报送 sent again"] for one in sent
    ]
    show(record, as_json, lambda: table("报送 · sent", ["文件 file", ""], rows))


def receive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The card company's answer.")],
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="PUBLIC_KEY_FILE",
            help=f"Its Ed25519 key, 64 hex digits; else {THEIR_KEY} among the city's files.",
        ),
    ] = None,
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Take in what the card company cleared and rejected. Again is harmless."""
    from ridecode import money as money_room
    from ridecode.city import load_pack
    from ridecode.cli.clearing import public_key
    from ridecode.money import clearing, ledger
    from ridecode.store import open_cell

    pack = load_pack(city)
    folder = data / FOLDER / pack.id
    theirs = public_key(key or folder / THEIR_KEY)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.city(cell, "clearing receive", file.name)
        received = clearing.receive(
            cell, pack.calendar, ledger.Ledger(pack.card_company.id), pack.card_company.id,
            money_room.read_rules(pack).rates, folder, file, [theirs], now(data),
        )  # fmt: skip
    answered = received.answered
    record = {
        "number": answered.number,
        "new": received.is_new,
        "day": day_name(answered.day),
        "cleared": answered.cleared,
        "cleared_fen": answered.cleared_fen,
        "rejected": answered.rejected,
        "rejected_fen": answered.rejected_fen,
    }
    show(record, as_json, lambda: _received(pack, received))


def rejected(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Lines that were rejected and nobody has disputed."""
    from ridecode.city import load_pack
    from ridecode.money import clearing
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        waiting_ = clearing.rejected(cell)
    record = [
        {
            "file": one.number,
            "line": one.at,
            "n": one.n,
            "reason": clearing.Reason(one.reason).name.lower(),
            "detail": one.detail,
        }
        for one in waiting_
    ]
    show(record, as_json, lambda: _rejected(waiting_))


def dispute(
    file: Annotated[int, typer.Argument(metavar="FILE_NUMBER", min=1)],
    line: Annotated[int, typer.Argument(metavar="LINE", min=2, help="The line in that file.")],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Send a rejected line again with the next files."""
    from ridecode.city import load_pack
    from ridecode.money import clearing
    from ridecode.store import open_cell

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.city(cell, "clearing dispute", f"{file}:{line}")
        day = clearing.dispute(cell, pack.calendar, file, line, now(data))
    record = {"file": file, "line": line, "day": day_name(day)}
    show(record, as_json, lambda: f"✓ 异议已登记 · disputed: {day_name(day)}")


def key(data: Data = DATA, as_json: Json = False) -> None:
    """Our public key, by which our files are checked."""
    from ridecode.money import clearing
    from ridecode.store import Vault

    public = clearing.public_key(our_key(Vault.open(data)))
    show({"key": public.hex(), "id": clearing.key_id(public)}, as_json, public.hex)


def our_key(vault: "Vault") -> bytes:
    """Our private key, made the first time that it is asked for."""
    from ridecode.money.clearing import new_key

    if OUR_KEY not in vault.names():
        vault.put(OUR_KEY, new_key())
    return vault.get(OUR_KEY)


def _closed(pack: "Pack", day: str, closed: "Closed") -> "Group":
    from rich.console import Group
    from rich.text import Text

    rows: list[list[object]] = [
        [one.name, one.lines, money(pack, one.fares_fen), money(pack, one.charges_fen)]
        for one in closed.files
    ]
    columns = ["文件 file", "行 lines", "车费 fares", "扣款 charged"]
    return Group(
        Text(f"✓ 已日终 · closed  {day}", style="bold green"),
        Text(f"{closed.seal.journals:,} 笔 journals"),
        Text(f"root   {closed.seal.root.hex()}", style="dim"),
        Text(f"chain  {closed.seal.chain.hex()}", style="dim"),
        table("", columns, rows),
    )


def _received(pack: "Pack", received: "Received") -> "Group":
    from rich.console import Group
    from rich.text import Text

    of = received.answered
    head = "✓ 已入账 · taken in" if received.is_new else "✓ 早已入账 · taken in before"
    return Group(
        Text(f"{head}  #{of.number}", style="bold green"),
        Text(f"{of.cleared:,} 已清分 cleared  {money(pack, of.cleared_fen)}"),
        Text(f"{of.rejected:,} 被拒 rejected  {money(pack, of.rejected_fen)}"),
    )


def _rejected(lines: "list[Refusal]") -> object:
    from ridecode.money.clearing import Reason

    if not lines:
        return "✓ 无被拒记录 · nothing is rejected"
    rows: list[list[object]] = []
    for one in lines:
        words = REASONS[Reason(one.reason).name]
        rows.append([f"#{one.number}:{one.at}", f"{words.zh} {words.en}", one.detail])
    return table("被拒 · rejected", ["文件:行 file:line", "原因 reason", "说明 detail"], rows)
