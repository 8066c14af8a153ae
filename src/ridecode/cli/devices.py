"""`ridecode devices`: whose readings a city takes."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli import entered
from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import show, table, waiting
from ridecode.core import BadInputError, TapKind

if TYPE_CHECKING:
    from rich.table import Table

    from ridecode.taps import Device, HeartbeatSeen

app = typer.Typer(help="Devices: enrol and revoke readers.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DEVICE", help="Its name, as its taps bear it.")]
_HEX = re.compile(r"[0-9a-fA-F]{64}")


@app.callback()
def devices() -> None:
    """Devices: enrol and revoke readers."""


@app.command()
def enrol(
    device: Name,
    key: Annotated[
        str,
        typer.Option("--key", metavar="HEX|FILE", help="Its Ed25519 public key, 64 hex digits."),
    ],
    operator: Annotated[str, typer.Option("--operator", metavar="ID", help="Who runs it.")],
    product: Annotated[str, typer.Option("--product", metavar="ID", help="What it reads.")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="entry|exit|single", help="How; none: in every way.")
    ] = "",
    line: Annotated[str, typer.Option("--line", metavar="ID", help="Where; none: anywhere.")] = "",
    stop: Annotated[str, typer.Option("--stop", metavar="ID")] = "",
    vehicle: Annotated[str, typer.Option("--vehicle", metavar="ID")] = "",
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Take a device's readings, or move it to another place.

    With a new key, or back from a revocation, it begins a new journal with reading 1.
    """
    from ridecode.city import load_pack
    from ridecode.store import Clock, open_cell
    from ridecode.taps import Device, Stand, find_device
    from ridecode.taps import enrol as enrol_device

    pack = load_pack(city)
    for what, name, known in (
        ("operator", operator, pack.operators), ("product", product, pack.products),
        ("line", line, pack.lines), ("stop", stop, pack.stops),
    ):  # fmt: skip
        if name not in known and (name or what in ("operator", "product")):
            raise BadInputError(f"{name!r} is no {what} of {pack.name.en}.", "See the city pack.")
    stand = Stand(product=product, kind=_kind(kind), line=line, stop=stop, vehicle=vehicle)
    new = Device(
        device=device, public_key=_key(key), operator=operator, stand=stand,
        enrolled_at=Clock.of_folder(data).now(),
    )  # fmt: skip
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.device(cell, "devices enrol", device, "")
        enrol_device(cell, new)
        enrolled = find_device(cell, device)
    show(_record(enrolled, None), as_json, lambda: f"✓ 已登记 · enrolled: {device}")


@app.command()
def revoke(
    device: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the record.")],
    data: Data = DATA,
    city: City = CITY,
    as_json: Json = False,
) -> None:
    """Put all that a device sends into quarantine."""
    from ridecode.city import load_pack
    from ridecode.store import Clock, open_cell
    from ridecode.taps import find_device
    from ridecode.taps import revoke as revoke_device

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        entered.device(cell, "devices revoke", device, reason)
        revoke_device(cell, device, reason, Clock.of_folder(data).now())
        revoked = find_device(cell, device)
    show(_record(revoked, None), as_json, lambda: f"✓ 已停用 · revoked: {device}")


@app.command(name="show")
def show_(data: Data = DATA, city: City = CITY, as_json: Json = False) -> None:
    """Every device, and what it said of itself last."""
    from ridecode.city import load_pack
    from ridecode.store import open_cell
    from ridecode.taps import all_devices, heartbeats

    pack = load_pack(city)
    with open_cell(data, pack.id, say=waiting(as_json)) as cell:
        found, heard = all_devices(cell), {one.told.device: one for one in heartbeats(cell)}
    records = [_record(one, heard.get(one.device)) for one in found]
    show(records, as_json, lambda: _told(records))


def _kind(name: str) -> TapKind | None:
    if name and name.upper() not in TapKind.__members__:
        raise BadInputError(f"{name!r} is no kind of reading.", "Give entry, exit or single.")
    return TapKind[name.upper()] if name else None


def _key(given: str) -> bytes:
    text = given if _HEX.fullmatch(given) else Path(given).read_text(encoding="ascii").strip()
    if not _HEX.fullmatch(text):
        raise BadInputError(f"{given} holds no public key.", "Give 64 hexadecimal digits.")
    return bytes.fromhex(text)


def _record(one: "Device", seen: "HeartbeatSeen | None") -> dict[str, object]:
    stand = one.stand
    return {
        "device": one.device, "public_key": one.public_key.hex(), "operator": one.operator,
        "product": stand.product, "kind": "" if stand.kind is None else stand.kind.name.lower(),
        "line": stand.line, "stop": stand.stop, "vehicle": stand.vehicle,
        "enrolled_at": one.enrolled_at, "revoked_at": one.revoked_at, "reason": one.reason,
        "heard_at": seen and seen.at, "seq": seen and seen.told.seq,
        "acknowledged": seen and seen.told.acknowledged, "bundle": seen and seen.told.bundle,
    }  # fmt: skip


def _told(records: list[dict[str, object]]) -> "Table":
    rows: list[list[object]] = [
        [
            one["device"], one["operator"], one["product"], one["kind"], one["line"], one["stop"],
            f"停用 revoked: {one['reason']}" if one["revoked_at"] else "在用 in use",
        ]
        for one in records
    ]  # fmt: skip
    columns = [
        "终端 device",
        "运营 operator",
        "产品 product",
        "类型 kind",
        "线路 line",
        "站 stop",
        "状态 state",
    ]
    return table(f"{len(rows):,} 终端 · devices", columns, rows)
