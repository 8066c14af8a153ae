"""The whole road in small, its time moved by hand: riders, real lanes, and the centre.

    riders.authorise → code.present → Lane and Journal → signed batch → Ingest → Checker
    → rides.settle_all → riders.follow → denied → Publisher → Trust → Lane

Only HTTP is left out: a gate's link hands its signed bodies to the centre in the same process.
"""

import random
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec import json, msgpack
from msgspec.structs import replace

from ridecode import riders, rides, taps
from ridecode.bundle import Publisher, found, terms_of
from ridecode.bundle.repository import Repository
from ridecode.core import Mode, Tap, TapKind, Verdict, chain, device, tap_digest
from ridecode.store import Cell, log
from ridecode.validator import (
    Bundle,
    BundleFile,
    FolderCarrier,
    Place,
    Trust,
    Update,
)
from ridecode.validator.device import BackOff, Clock, Disk, Journal, Lane, Reply, Sent, Uploader
from ridecode.validator.device.heartbeat import heartbeat
from ridecode.validator.device.key import made_key
from ridecode.validator.device.tiers import Tier
from tests.attacks.city import (
    DAY,
    RULES,
    SHENZHEN,
    START,
    TARIFFS,
    Phone,
    S,
    authority,
    phone,
    verifier_of,
)
from tests.bundle.centre import Vault
from tests.riders.world import SZT, asked
from tests.validator.device.test_lane import Gate as Actuator


class Road:
    """Shenzhen with its centre; a context manager that ends what it began."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        self.cell, self.folder = cell, folder
        self.now = START
        self.vault = Vault()
        self.repository = Repository(folder / "public")
        terms = terms_of(SHENZHEN, TARIFFS, [authority().root], active_from=START - DAY)
        file = BundleFile(city="shenzhen", terms=(terms,))
        self.root = found(self.repository, self.vault, file, START - DAY)
        self.publisher = Publisher(self.repository, self.vault)
        self.trust = Trust(folder / "reader", root=self.root, city="shenzhen")
        self.publish()
        self.ingest = taps.Ingest(cell, SHENZHEN, lambda: self.now)
        verifier = partial(verifier_of, authority().root.raw)
        self._checker = taps.Checker(cell, SHENZHEN, verifier, 1, lambda: self.now)
        self._gates: list[Gate] = []

    def __enter__(self) -> "Road":
        return self

    def __exit__(self, *_: object) -> None:
        for gate in self._gates:
            gate.close()
        self.ingest.close()
        self._checker.close()

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * S)

    def rider(
        self, person: int, issuer: str = SZT, platform: str = "tencent", number: int | None = None
    ) -> Phone:
        """Enrolled, bound and authorised; `number` is the phone's, else the person's."""
        wish = asked(person, issuer=issuer, platform=platform)
        account = riders.enrol(self.cell, RULES, wish, self.now).account
        signer = phone(person if number is None else number)
        key = signer.public_key
        riders.bind(self.cell, RULES, account, key, riders.MadeBy.DEVICE, self.now)
        return Phone(account, self.authorised(account, key), signer)

    def authorised(self, account: str, key: bytes) -> bytes:
        issuers = authority().issuers
        return riders.authorise(self.cell, RULES, issuers, account, key, self.now).fields

    def gate(
        self, name: str, stop: str, kind: TapKind = TapKind.ENTRY, *, off_s: int = 0,
        station: Tier | None = None,
    ) -> "Gate":  # fmt: skip
        made = Gate(self, name, stop, kind, off_s, station)
        self._gates.append(made)
        return made

    def owes(self, account: str, amount: int) -> None:
        """As money tells it: a charge has failed, or, below 0, was paid after all."""
        with self.cell.connection() as conn:
            told = [(account, "owed" if amount > 0 else "repaid", abs(amount), self.now)]
            log.append(conn, "debts", [msgpack.encode(told)])

    def settle(self) -> riders.Followed:
        """The centre's round: codes are verified, rides made and priced, riders followed."""
        self._checker.drain()
        rides.settle_all(self.cell, SHENZHEN, TARIFFS, self.now, lambda *_: None)
        return riders.follow(self.cell, RULES, self.now)

    def publish(self) -> None:
        """Who may not ride, to every reader that has a network."""
        denied = riders.denied(self.cell, RULES, self.now)
        self.publisher.deny([one.account for one in denied], self.now)
        self.fetch()

    def fetch(self, folder: Path | None = None) -> Update:
        """What the readers make of a folder, else of the newest publication."""
        return self.trust.update(FolderCarrier(folder or self.repository.folder), self.now)

    def bundle(self, now: int) -> Bundle | None:
        return self.trust.bundle(now)

    def rides(self, account: str) -> list[tuple[str, str, str, int | None]]:
        """(state, from, to, price) of an account's rides, the oldest first."""
        found = rides.rides_of(self.cell, account, 100)[::-1]
        prices = rides.prices_of(self.cell, found)
        return [
            (one.state.name, one.entry_stop, one.exit_stop,
             prices[one.ride_id].amount if one.ride_id in prices else None)
            for one in found
        ]  # fmt: skip

    def aside(self, account: str) -> list[tuple[str, UUID]]:
        """(why, tap) of what was set aside, in the order of the taps."""
        found = rides.set_aside_of(self.cell, account, 100)
        return [(one.why.name, one.tap_id) for one in sorted(found, key=lambda one: one.ts)]

    def quarantine(self) -> list[tuple[str, str | None, str]]:
        """(reason, verdict on the code, device) of each tap in quarantine, the oldest first."""
        found = sorted(taps.quarantined(self.cell), key=lambda one: one.tap.ts)
        return [
            (one.reason.name, None if one.verdict is None else one.verdict.name, one.tap.validator)
            for one in found
        ]

    def alarms(self) -> list[tuple[str, str]]:
        """(device, kind)"""
        return sorted((one.device, one.kind.name) for one in taps.alarms(self.cell))


_DICE: Final = random.Random(1179)


def _unheard(_event: str, **_facts: Any) -> None:
    """Nobody keeps a gate's log."""


class Gate:
    """A gate of line 1: the real lane, journal and uploader, with a key that the centre knows."""

    def __init__(
        self, road: Road, name: str, stop: str, kind: TapKind, off_s: int, station: Tier | None
    ) -> None:
        self.name, self._road = name, road
        place = Place(
            kind=kind, mode=Mode.METRO, product="metro", operator="shenzhen-metro", line="sz-m1",
            stop=stop, validator=name,
        )  # fmt: skip
        self.key = made_key(road.folder / name)
        self.disk = Disk(road.folder / name)
        self.journal = Journal(self.disk, self.key.journal, name)
        self.wall = road.now + off_s * S
        self.clock = Clock(lambda: self.wall * 1_000, lambda: road.now * 1_000)
        self.lane = Lane(place, self.journal, self.clock, road.bundle, Actuator(), station)
        self.journal.set_clock(self.clock.now())
        self._uploader = Uploader(self.journal, self, BackOff(1, 1, _DICE), _unheard)
        stand = taps.Stand(product="metro", kind=kind, line="sz-m1", stop=stop)
        known = taps.Device(
            device=name, public_key=self.key.public, operator="shenzhen-metro", stand=stand,
            enrolled_at=road.now,
        )  # fmt: skip
        taps.enrol(road.cell, known)
        self.answers: list[taps.Answer] = []

    def read(self, code: bytes) -> Verdict | None:
        """The verdict; None where the lane did not judge at all. It opens for ACCEPTED alone."""
        signal = self.lane.read(code)
        assert signal.open is (signal.verdict is Verdict.ACCEPTED)
        return signal.verdict

    def say(self, what: device.Said, body: bytes) -> Reply:
        """The link to the centre."""
        answers = self.send(body)
        told = [{"tap_id": one.tap_id, "receipt": one.receipt.name.lower()} for one in answers]
        return Reply(200, json.encode(told), 0.0, None)

    def send(self, body: bytes, key: bytes | None = None) -> list[taps.Answer]:
        """A body at the centre's door, signed with this gate's key, or another."""
        signature = device.sign(key or self.key.signing, device.Said.TAPS, body)
        answers = self._road.ingest.submit(self.name, body, taps.JSON, signature).result(60)
        self.answers += answers
        return answers

    def tell(self, batch: device.TapBatch) -> list[str]:
        """What the centre answers to a batch: the receipt, or the reason where there is one."""
        return [
            one.receipt.name if one.reason is None else one.reason.name
            for one in self.send(device.to_json(batch))
        ]

    def upload(self) -> None:
        """All that waits, acknowledged and to be erased."""
        self.journal.sync()
        while self._uploader.attempt()[0] is not Sent.NOTHING_WAITS:
            pass

    def beat(self, opened: int | None = None) -> list[str]:
        """A heartbeat; `opened` is what the gate's own counter says. The alarms it raises."""
        self.journal.sync()
        now = self.clock.now()
        body = device.to_json(heartbeat(self.journal, now, self._road.bundle(now), opened))
        signature = device.sign(self.key.signing, device.Said.HEARTBEAT, body)
        cell = self._road.cell
        return [
            one.kind.name
            for one in taps.heartbeat(cell, self.name, body, signature, self._road.now)
        ]

    def waiting(self) -> device.TapBatch:
        """What would be sent next."""
        self.journal.sync()
        batch = self.journal.batch(device.BATCH_MOST)
        assert batch is not None
        return batch

    def close(self) -> None:
        self.journal.close()
        self.disk.close()


def rewritten(batch: device.TapBatch, some: Iterable[Tap]) -> device.TapBatch:
    """The batch with other readings, numbered and linked by whoever holds the device's key."""
    first = batch.taps[0].seq
    numbered = tuple(replace(tap, seq=first + at) for at, tap in enumerate(some))
    return device.TapBatch(device=batch.device, before=batch.before, taps=numbered)


def after(batch: device.TapBatch, *some: Tap) -> device.TapBatch:
    """Further readings of the same device, behind those of a batch."""
    before = chain.head(batch.before, map(tap_digest, batch.taps))
    last = batch.taps[-1].seq
    numbered = tuple(replace(tap, seq=last + at) for at, tap in enumerate(some, 1))
    return device.TapBatch(device=batch.device, before=before, taps=numbered)
