"""`ridecode serve` and `ridecode demo`: the HTTP interface of a city, and a city to look at."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ridecode.cli.options import CITY, DATA, City, Data, Json
from ridecode.cli.output import say, show
from ridecode.core import BadInputError, UnavailableError

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65_535, help="0 takes a free one and prints it.")
]
_DEMO_DATA = DATA / "demo"
_FINISH_S = 20
"""So long the requests that are under way may take when the server is stopped."""
_DEMO_HOUR_S = 17 * 3_600 + 1_800
_DEMO_PACE = 10
"""Quick enough that something is seen to happen, slow enough to show a code by hand."""


def serve(
    data: Data = DATA,
    city: City = CITY,
    host: Host = "127.0.0.1",
    port: Port = 8_179,
    open_to_all: Annotated[
        bool, typer.Option("--open", help="Ask nobody who he is: for a laptop alone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Answer HTTP for a city until interrupted.

    To people and machines that have a role, and devices that sign: see `ridecode access`.
    """
    import structlog

    from ridecode.access import Closed, Open
    from ridecode.access.oidc import Issuer, Keys, read_settings
    from ridecode.api import Desk, make_app, publication
    from ridecode.city import load_pack
    from ridecode.cli.settling import FOLDER
    from ridecode.money import connected, read_rules
    from ridecode.store import Clock, Vault, open_cell

    _begin()
    pack, vault, clock = load_pack(city), Vault.open(data), Clock.of_folder(data)
    told, machine = read_settings(data), Clock()
    issuer = None if told is None else Issuer(told, Keys(told.issuer))
    if open_to_all:
        structlog.get_logger().warning(
            "open", what="Whoever reaches this port may see and do everything."
        )
    with (
        _listening(host, port) as door,
        open_cell(data, pack.id, say=say) as cell,
        Desk(
            cell,
            pack,
            vault,
            clock,
            publication(data, pack, vault, clock.now()),
            connected(vault, read_rules(pack)),
            data / FOLDER / pack.id,
        ) as desk,
    ):
        entrance = Open(cell, machine.now) if open_to_all else Closed(cell, machine.now, issuer)
        _answer(make_app(desk, entrance), door, as_json)


def demo(
    data: Data = _DEMO_DATA,
    city: City = CITY,
    host: Host = "127.0.0.1",
    port: Port = 8_179,
    as_json: Json = False,
) -> None:
    """A city with riders moving in it: open the printed address.

    Its clock begins at half past five in the afternoon, or after the last tap of the data folder,
    runs ten times as fast as the machine's, and may be set otherwise from the page. Everybody who
    reaches it may do everything: it is to look at.
    """
    from ridecode.access import Open
    from ridecode.api import Desk, latest, make_app, publication
    from ridecode.city import load_pack
    from ridecode.cli.settling import FOLDER, our_key
    from ridecode.sim.stage import Stage, Till
    from ridecode.store import Clock, Vault, open_cell

    _begin()
    pack = load_pack(city)
    if not pack.demo:
        raise BadInputError(f"{city} is no demonstration city.", "Use: ridecode serve")
    with _listening(host, port) as door, open_cell(data, pack.id, say=say) as cell:
        clock = Clock.beginning(data, pack.calendar, _DEMO_HOUR_S, latest(cell))
        clock.run_at(_DEMO_PACE)
        vault = Vault.open(data)
        published = publication(data, pack, vault, clock.now())
        files = data / FOLDER / pack.id
        till = Till(cell, pack, files, our_key(vault), clock.now)
        with (
            Desk(cell, pack, vault, clock, published, till.channels, files) as desk,
            Stage(
                data, cell, pack, vault, clock, desk.authority, published, desk.places, till
            ) as stage,
        ):
            _answer(make_app(desk, Open(cell, Clock().now), stage), door, as_json)


def _begin() -> None:
    """Log as a server does, and leave in good order when somebody asks to."""
    from ridecode.core import logs

    logs.set_up()
    signal.signal(signal.SIGTERM, _leave)


def _leave(_number: int, _frame: object) -> None:
    # The server catches the signal while it answers, and raises it again when it has finished.
    raise SystemExit(0)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The door, taken before anything is started, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                f"Port {port} of {host} cannot be had: {error.strerror}.",
                "Name another with --port; 0 takes a free one.",
            ) from error
        yield door


def _answer(app: "FastAPI", door: socket.socket, as_json: bool) -> None:
    """Answer until interrupted. The address is printed when the door is open.

    At the end no new request is taken, those that came are answered, and what they brought is done.
    """
    import gc

    import uvicorn

    # What is loaded stays, and need not be walked again and again under load.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    door.listen(128)
    host, port = door.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    record = {"page": f"{address}/", "manual": f"{address}/docs"}
    show(record, as_json, lambda: f"页面 page   {address}/\n接口 HTTP   {address}/docs\n"
                                  "停止 stop   Ctrl-C")  # fmt: skip
    sys.stdout.flush()
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=_FINISH_S
    )
    asked: list[int] = []

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: "FrameType | None") -> None:
            asked.append(sig)
            super().handle_exit(sig, frame)

    Server(config).run(sockets=[door])
    if signal.SIGINT in asked:
        # The server raises it again when it has finished, but that was seen to be lost: then who
        # pressed Ctrl-C would be told that the server has ended by itself.
        raise KeyboardInterrupt
