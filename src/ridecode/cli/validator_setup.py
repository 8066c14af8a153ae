"""What `ridecode validator run` is told, made into what a device needs: place, trust, links."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from ridecode.cli.scanned import content_of
from ridecode.core import MICROS, BadInputError, RefusedError, TapKind

if TYPE_CHECKING:
    from ridecode.city import Pack
    from ridecode.validator import Bundle, Place

_ADDRESS: Final = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")


class Source(Struct, frozen=True):
    """Where a device's trust comes from."""

    bundle: "Callable[[int], Bundle | None]"
    refresh: Callable[[int], object] | None


def place_of(pack: "Pack", told: str, name: str | None) -> "Place":
    from ridecode.validator import Place

    parts = told.split(":")
    if len(parts) not in (3, 4):
        raise BadInputError(f"{told!r} is no place.", "Give LINE:STOP:KIND[:VEHICLE].")
    line_id, stop, kind_name, vehicle = (*parts, "")[:4]
    line = pack.lines.get(pack.resolve_line(line_id) or "")
    if line is None:
        raise BadInputError(f"{line_id!r} is no line of {pack.id}.", "See network.toml.")
    stop_id = pack.resolve_stop(stop) or ""
    if stop_id not in line.stops:
        raise BadInputError(f"{stop!r} is no stop of {line.id}.", f"Stops: {', '.join(line.stops)}")
    kinds = {kind.name.lower(): kind for kind in TapKind}
    if kind_name not in kinds:
        raise BadInputError(f"{kind_name!r} is no kind.", f"Give one of {', '.join(kinds)}.")
    kind = kinds[kind_name]
    usual = f"{line.id}:{stop_id}" if kind is TapKind.SINGLE else f"{stop_id}:{kind_name}"
    return Place(
        kind=kind, mode=line.mode, product=line.product, operator=line.operator, line=line.id,
        stop=stop_id, validator=name or usual, vehicle=vehicle,
    )  # fmt: skip


def address_of(told: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(told)
    if found is None or not 1 <= int(found["port"]) <= 65_535:
        raise BadInputError(f"{told!r} is no address.", "Give HOST:PORT.")
    return found["host"].strip("[]"), int(found["port"])


def station_key_of(file: Path | None) -> bytes:
    if file is None:
        raise BadInputError("A station's gates share a key.", "Name its file with --station-key.")
    key = content_of(file)
    if len(key) != 32:
        raise BadInputError("A station's key has 32 bytes.", "head -c 32 /dev/urandom > FILE",
                            file=str(file))  # fmt: skip
    return key


def bundles_of(centre: str | None) -> str:
    if centre is None:
        raise BadInputError(
            "Nobody says what this reader is to trust.", "Give --bundles, --centre or --test-roots."
        )
    return centre.rstrip("/") + "/v1/bundles/"


def published(pack: "Pack", folder: Path, root: Path | None, source: str) -> Source:
    """The trust that is kept in the device's folder, and how it is brought up to date."""
    from ridecode.validator import FolderCarrier, HttpCarrier, Trust

    kept = folder / "root.json"
    if root is not None and not kept.exists():
        kept.write_bytes(content_of(root))
    trust = Trust(folder / "trust", root=content_of(kept), city=pack.id)
    remote = source.startswith(("http://", "https://"))
    carrier = HttpCarrier(source) if remote else FolderCarrier(Path(source))
    told: list[str] = []

    def refresh(now: int) -> None:
        update = trust.update(carrier, now)
        if told[-1:] != [update.outcome.name]:
            told[:] = [update.outcome.name]
            tell("bundle", outcome=update.outcome.name.lower(), found=update.found,
                  version=trust.version)  # fmt: skip

    return Source(trust.bundle, refresh)


def test_trust(pack: "Pack", folder: Path) -> Source:
    """What a demo city's readers trust, with the test root of its data folder."""
    import time

    from ridecode.bundle import single_fares
    from ridecode.code import demo_authority
    from ridecode.fares import read_tariffs
    from ridecode.store import Vault
    from ridecode.validator import make_bundle

    if not pack.demo:
        raise RefusedError(
            f"{pack.name.en} is no demonstration: test roots are not for it.", "Give --bundles."
        )
    now_s = int(time.time())
    authority = demo_authority(Vault.open(folder), pack.issuers, now_s)
    tariff = read_tariffs(pack).at(now_s * MICROS)
    made = make_bundle(
        pack, [authority.root], version=1, made=now_s * MICROS,
        single_fare=single_fares(pack, tariff),
    )  # fmt: skip
    return Source(lambda _: made, None)


def tell(event: str, **told: Any) -> None:
    """The device's log, for whoever collects it."""
    import time

    import msgspec

    line = {"ts": time.time_ns() // 1_000, "event": event, **told}
    sys.stderr.write(msgspec.json.encode(line).decode() + "\n")
    sys.stderr.flush()
