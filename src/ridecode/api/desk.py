"""The desk: what the requests share. One city's cell, pack, tariffs, trust, readers and clock.

It is made once when the server starts, and a context manager: while its block runs, so does what
goes on beside the requests. It holds no rule of its own.
"""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Annotated, Final

import structlog
from fastapi import Depends, Request

from ridecode.api.places import places_of
from ridecode.api.publication import verifier_of
from ridecode.api.running import Running
from ridecode.bundle import Publisher, Repository, terms_of
from ridecode.city import Pack
from ridecode.code import Authority, demo_authority
from ridecode.core import (
    MICROS,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from ridecode.fares import Tariffs, read_tariffs
from ridecode.money.channels import Channel, hear_said
from ridecode.money.ledger import Ledger
from ridecode.store import Cell, Clock, Vault
from ridecode.validator import Place

log = structlog.get_logger()

CATCH_UP_S: Final = 2.0
"""So long an answer about rides waits for what was brought before it was asked for."""


class Desk:
    """Shared among request threads; the parts that change have locks of their own."""

    def __init__(
        self, cell: Cell, pack: Pack, vault: Vault, clock: Clock,
        publication: Repository | None = None, channels: Mapping[str, Channel] | None = None,
        files: Path | None = None,
    ) -> None:  # fmt: skip
        """`publication` is what validators fetch; the centre believes the roots that it names.
        `channels` are worked off all day, None for a server that moves no money; `files` is where
        the settlement files are."""
        self.cell = cell
        self.pack = pack
        self.vault = vault
        self.clock = clock
        self.tariffs: Tariffs = read_tariffs(pack)
        now = clock.now()
        self._authority = demo_authority(vault, pack.issuers, now // MICROS) if pack.demo else None
        published = publication if publication is not None and publication.exists else None
        terms = published.bundle().at(now) if published else None
        if terms is None and self._authority is not None:
            terms = terms_of(pack, self.tariffs, [self._authority.root], active_from=now)
        publisher = Publisher(published, vault) if published else None
        self.publication = publication
        verifier = verifier_of(terms, demo=pack.demo)
        self.verifier = verifier()
        self.channels = channels or {}
        self._files = files
        self._ledger = Ledger(pack.card_company.id)
        self._hearing = Lock()
        self.running = Running(cell, pack, self.tariffs, clock.now, verifier, publisher, channels)
        self._brought = False
        self.places: dict[str, Place] = places_of(pack)

    def __enter__(self) -> "Desk":
        self.running.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.running.__exit__(kind, error, trace)

    @property
    def authority(self) -> Authority:
        """The demonstration's institutions; RefusedError in a city that is none."""
        if self._authority is None:
            raise RefusedError(
                f"{self.pack.name.en} is no demonstration: its issuer authorises riders itself.",
                "Ask the city's card company.",
            )
        return self._authority

    @property
    def files(self) -> Path:
        """Where the settlement files are; raises `NotFoundError`."""
        if self._files is None:
            raise NotFoundError("No days are closed here.", "Ask the server of the city's money.")
        return self._files

    def hear(self, channel: Channel, headers: Mapping[str, str], body: bytes) -> None:
        """Take what a channel tells by itself into the books; raises as `Channel.hear` does."""
        now = self.clock.now()
        said = channel.hear(headers, body, now)
        if said is not None:
            with self._hearing:
                heard = hear_said(
                    self.cell, self.pack.calendar, self._ledger, channel.id, [said], now
                )
            if heard.unknown:
                log.warning("of no order of ours", channel=channel.id, order=str(said.order_id))

    def advance(self, seconds: int) -> None:
        """Put the city's clock forward: rides may run out of time by that."""
        self.clock.advance(seconds)
        self.brought()

    def brought(self) -> None:
        """Something that rides and prices depend on has come in here."""
        self._brought = True

    def catch_up(self) -> None:
        """Wait until rides and prices stand as of all that was brought here before.

        So whoever shows a code and then asks for the ride is told of it, as long as matching keeps
        up; else of the ride as it was.
        """
        if self._brought:
            self._brought = False
            self._brought |= not self.running.follower.catch_up(CATCH_UP_S)

    def parts(self) -> dict[str, str]:
        """What the server needs, each with what ails it; nothing where it can work."""
        return {"database": self._database(), **self.running.parts()}

    def _database(self) -> str:
        try:
            with self.cell.connection() as conn:
                conn.execute("SELECT 1")
        except UnavailableError as error:
            return error.what
        return ""


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


Held = Annotated[Desk, Depends(_desk)]
"""How a route asks for the desk."""
