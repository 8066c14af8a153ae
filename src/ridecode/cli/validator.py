"""`ridecode validator`: the device that reads codes, its key, a station's peer, the exposure."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Final

import typer

from ridecode.cli import exposed
from ridecode.cli import validator_setup as setup
from ridecode.cli.options import CITY, DATA, City, Json
from ridecode.cli.output import show
from ridecode.core import MICROS

app = typer.Typer(help="The device that reads codes.", no_args_is_help=True)

_DEVICE: Final = DATA / "validator"

Folder = Annotated[Path, typer.Option("--data", metavar="DIR", help="The device's own folder.")]
Place_ = Annotated[
    str,
    typer.Option(
        "--place",
        metavar="LINE:STOP:KIND[:VEHICLE]",
        help="Where it stands; KIND is entry, exit or single.",
    ),
]
StationKey = Annotated[
    Path | None,
    typer.Option("--station-key", metavar="FILE", help="32 bytes that a station's gates share."),
]


@app.command("enrol-key")
def enrol_key(folder: Folder = _DEVICE, as_json: Json = False) -> None:
    """Make the device's key, or show it.

    What is printed is the public part, for the centre to enrol; the private one stays in DIR.
    """
    from ridecode.validator.device import made_key

    public = made_key(folder).public.hex()
    record = {"data": str(folder), "public_key": public}
    show(record, as_json, lambda: f"公钥 public key\n{public}")


@app.command()
def run(
    place: Place_,
    folder: Folder = _DEVICE,
    city: City = CITY,
    name: Annotated[
        str | None,
        typer.Option("--device", metavar="NAME", help="As it is enrolled; else STOP:KIND, or "
                     "LINE:STOP where one tap is a ride."),
    ] = None,
    scanner: Annotated[
        str,
        typer.Option("--scanner", metavar="-|FILE|PORT",
                     help="Standard input; a file, pipe, serial port, picture or folder of "
                     "pictures; a TCP port of this machine."),
    ] = "-",
    centre: Annotated[
        str | None, typer.Option("--centre", metavar="URL", help="Where taps go; else they wait.")
    ] = None,
    bundles: Annotated[
        str | None,
        typer.Option("--bundles", metavar="URL|DIR", help="Where bundles are published; else "
                     "CENTRE/v1/bundles/."),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="FILE", help="The publication's root, which came by hand; "
                     "kept from the first run on."),
    ] = None,
    test_roots: Annotated[
        Path | None,
        typer.Option("--test-roots", metavar="DIR", help="In place of a bundle: the test root in "
                     "a demo city's data folder."),
    ] = None,
    station: Annotated[
        str | None,
        typer.Option("--station", metavar="HOST:PORT", help="The station's peer; needs its key."),
    ] = None,
    station_key: StationKey = None,
    ntp: Annotated[
        str | None, typer.Option("--ntp", metavar="HOST", help="A time server, beside the centre.")
    ] = None,
    trust_clock: Annotated[
        bool,
        typer.Option("--trust-clock", help="Something keeps this machine's clock right."),
    ] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Read codes until interrupted, or the scanner has ended.

    Every reading is a line: whether the gate opens, the sound, the words for the rider. What
    happens beside the lane is told on standard error, a line of JSON each.
    """
    from ridecode.city import load_pack
    from ridecode.validator import device
    from ridecode.validator.device import Device, Disk, Lines, Links, device_key, readings

    pack, key = load_pack(city), device_key(folder)
    where = setup.place_of(pack, place, name)
    if test_roots is not None:
        source = setup.test_trust(pack, test_roots)
    else:
        source = setup.published(pack, folder, root, bundles or setup.bundles_of(centre))
    links = Links(
        centre=centre, ntp=ntp, machine_clock=trust_clock, refresh=source.refresh,
        station=None if station is None else setup.address_of(station),
        station_key=b"" if station is None else setup.station_key_of(station_key),
    )  # fmt: skip
    stop, lines = Event(), Lines(device.as_json if as_json else device.as_words)
    with Disk(folder) as disk, _stopped_by_signals(stop):
        reader = Device(where, disk, key, source.bundle, lines, links, setup.tell)
        reader.run(readings(scanner, stop), stop)


@app.command()
def station(
    key: StationKey = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0: a free one.")] = 8_180,
    as_json: Json = False,
) -> None:
    """Tell a station's gates which codes were used.

    Until interrupted. The gates go on without it, and tell it afterwards what they let through.
    """
    from threading import Thread

    from ridecode.validator.device import Station

    stop = Event()
    with Station((host, port), setup.station_key_of(key)) as server, _stopped_by_signals(stop):
        address = f"{host}:{server.server_address[1]}"
        show({"station": address}, as_json, lambda: f"车站 station  {address}\n停止 stop  Ctrl-C")
        sys.stdout.flush()
        thread = Thread(target=server.serve_forever)
        thread.start()
        stop.wait()
        server.shutdown()
        thread.join()


@app.command()
def exposure(
    city: City = CITY,
    now: Annotated[
        int | None, typer.Option("--now", metavar="UNIX", help="UTC seconds; else this moment.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What judging offline can cost this city.

    For each attack the most that one event can cost, with all readers online, and with none.
    """
    import time

    from ridecode import fares
    from ridecode.city import load_pack
    from ridecode.validator import exposure

    pack = load_pack(city)
    tariff = fares.read_tariffs(pack).at(int(time.time() if now is None else now) * MICROS)
    found = exposure(pack, tariff, exposed.assumed_of(pack))
    show(exposed.record_of(found), as_json, lambda: exposed.told(found, tariff.money))


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the lane after the reading that it is at."""

    def ended(_number: int, _frame: object) -> None:
        stop.set()

    before = {number: signal.signal(number, ended) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
