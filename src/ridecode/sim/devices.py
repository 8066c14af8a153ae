"""What readers upload: their taps in the order of their journals, numbered, chained, in batches.

A reader sends what it has every few seconds, and keeps it while it has no network. Here are the
thieves among devices, too: what one of them does to its own journal is told with the batch.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from heapq import heappop, heappush
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from ridecode.core import MICROS, Tap, chain, derived_id, device, tap_digest
from ridecode.sim.chance import below, draw, draws, happens
from ridecode.sim.city import SimCity
from ridecode.sim.kinds import Attack
from ridecode.sim.outages import Outages

EVERY_S: Final = 5
"""A reader with a network sends so long after the first reading that waits."""
_FROM_S: Final = 8 * 3_600
_WITHIN_S: Final = 12 * 3_600


class Upload(Struct, frozen=True):
    """A batch arrives at the centre."""

    ts: int
    """When, UTC epoch microseconds."""
    batch: device.TapBatch
    attack: Attack
    """What is wrong with it, for the truth alone."""


class Misuse(Struct, frozen=True):
    """A reader is in bad hands from a moment on."""

    device: str
    ts: int
    attack: Attack


def device_key(city: SimCity, device: str) -> bytes:
    """The private Ed25519 key of a reader, 32 bytes."""
    return blake2b(f"{city.seed}\0{city.pack.id}\0{device}".encode(), digest_size=32).digest()


def misuses(city: SimCity, day: int) -> list[Misuse]:
    """Which readers are in bad hands that day, and since when; at most one attack a reader.

    BUNDLE_ROLLBACK and BUNDLE_FREEZE are offers to a reader, which only its own rules can refuse.
    """
    places = city.world.readers.places
    numbers = np.arange(len(places))
    found: dict[int, Misuse] = {}
    for attack in Attack:
        if attack >= Attack.FORGED_TAP:
            struck = draws(city.key("misuse", int(attack), day), numbers)
            for reader in np.flatnonzero(happens(struck, city.rates.of(attack))).tolist():
                dice = np.array([draw(city.key("misuse at", int(attack), day), reader)])
                since_s = _FROM_S + int(below(dice.astype(np.uint64), _WITHIN_S)[0])
                ts = city.midnight(day) + since_s * MICROS
                found.setdefault(reader, Misuse(places[reader].validator, ts, attack))
    return list(found.values())


class _Journal(Struct):
    """One reader's: what was read, and what of it has not been sent."""

    seq: int
    head: bytes
    waiting: list[tuple[Tap, bytes]]
    """With the link before each."""
    spoilt: Attack = Attack.NONE
    """What its next batch hides."""


class Devices:
    """The journals of all readers of a city, from the first reading on; days come in order."""

    def __init__(self, city: SimCity) -> None:
        self._city = city
        self._journals: dict[str, _Journal] = {}

    def uploads(self, day: int, taps: Iterable[list[Tap]]) -> Iterator[Upload]:
        """What arrives of a day's taps, given in the order of their moments."""
        offline = self._offline(day)
        misused = {one.device: one for one in misuses(self._city, day) if one.attack.of_devices}
        due: list[tuple[int, str]] = []
        for tap in (tap for some in taps for tap in some):
            while due and due[0][0] <= tap.ts:
                yield from self._send(*heappop(due))
            journal = self._journals.setdefault(tap.validator, _Journal(0, chain.GENESIS, []))
            if not journal.waiting:
                heappush(due, (_sends(tap.ts, offline.get(tap.validator, ())), tap.validator))
            self._write(journal, tap, misused)
        while due:
            yield from self._send(*heappop(due))

    def _write(self, journal: _Journal, tap: Tap, misused: dict[str, Misuse]) -> None:
        self._append(journal, tap)
        misuse = misused.get(tap.validator)
        if misuse is None or tap.ts < misuse.ts:
            return
        journal.spoilt = misuse.attack
        if misuse.attack is Attack.FORGED_TAP:
            code = blake2b(tap.code + b"forged", digest_size=64).digest()
            self._append(journal, _told_anew(tap, MICROS, tap.code[:-64] + code))
        elif misuse.attack is Attack.REPLAYED_TAP:
            self._append(journal, _told_anew(tap, 1_800 * MICROS, tap.code))
        elif misuse.attack is Attack.OMITTED_TAP:
            journal.waiting.pop()
        if misuse.attack is not Attack.REVOKED_DEVICE:
            del misused[tap.validator]

    @staticmethod
    def _append(journal: _Journal, tap: Tap) -> None:
        journal.seq += 1
        numbered = replace(tap, seq=journal.seq)
        journal.waiting.append((numbered, journal.head))
        journal.head = chain.link(journal.head, tap_digest(numbered))

    def _send(self, ts: int, name: str) -> Iterator[Upload]:
        journal = self._journals[name]
        waiting, journal.waiting = journal.waiting, []
        spoilt, journal.spoilt = journal.spoilt, Attack.NONE
        for run in _runs(waiting):
            taps = tuple(tap for tap, _ in run)
            batch = device.TapBatch(device=name, before=run[0][1], taps=taps)
            yield Upload(ts, batch, spoilt)

    def _offline(self, day: int) -> dict[str, list[tuple[int, int]]]:
        places = self._city.world.readers.places
        found: dict[str, list[tuple[int, int]]] = {}
        for outage in Outages(self._city, day).offline():
            spans = found.setdefault(places[outage.reader].validator, [])
            spans.append((outage.begin, outage.end))
        return found


def _sends(ts: int, offline: Iterable[tuple[int, int]]) -> int:
    """When a reading of that moment is sent."""
    sends = ts + EVERY_S * MICROS
    for begin, end in sorted(offline):
        if begin <= sends < end:
            sends = end + EVERY_S * MICROS
    return sends


def _told_anew(tap: Tap, after: int, code: bytes) -> Tap:
    """A reading that never was, made of one that was."""
    ts = tap.ts + after
    return replace(tap, tap_id=derived_id(ts, tap.tap_id.bytes + code), ts=ts, code=code)


def _runs(waiting: list[tuple[Tap, bytes]]) -> Iterator[list[tuple[Tap, bytes]]]:
    """Readings in a row, as a batch may hold them."""
    run: list[tuple[Tap, bytes]] = []
    for one in waiting:
        if run and (one[0].seq != run[-1][0].seq + 1 or len(run) == device.BATCH_MOST):
            yield run
            run = []
        run.append(one)
    if run:
        yield run
