"""Taps of a city with really signed codes, each judged by `validator.decide` at its lane.

Phones sign and lanes judge in several processes: a rider's phone is always in the same one, and so
is a lane with its memory. The taps do not depend on how many there are.
"""

import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from heapq import heappop, heappush
from multiprocessing import get_context
from types import TracebackType
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct, msgpack
from msgspec.structs import replace

from ridecode.core import MICROS, Progress, Tap, unseen
from ridecode.sim.city import SimCity
from ridecode.sim.habits import by_kind
from ridecode.sim.journeys import numbers_of
from ridecode.sim.kinds import Recipe
from ridecode.sim.outages import Outages
from ridecode.sim.phones import Phones, sim_authority
from ridecode.sim.plans import kinds_of
from ridecode.sim.readings import READING, Readings
from ridecode.sim.streams import RANGE, CityDay, by_arrival, by_moment
from ridecode.sim.thieves import Report
from ridecode.validator import Bundle, ClockSet, Memory, decide, make_bundle

WORKERS: Final = 2
WINDOW: Final = 1_000
"""Readings that are signed and judged in one go."""
_HOUR: Final = 3_600 * MICROS
_BUNDLES: Final = 64
"""Kept for lanes that lost their network some time ago."""
_TYPES: Final = by_kind("account_type")
_encode, _decode = msgpack.Encoder().encode, msgpack.Decoder(list[Tap]).decode
Numbers = npt.NDArray[np.integer]
T = TypeVar("T")


def signed_taps(
    city: SimCity, day: int, progress: Progress = unseen, workers: int = WORKERS
) -> Iterator[list[Tap]]:
    """The taps of a business day in order of arrival, as `taps` gives them, with real codes."""
    late: list[tuple[int, int, Tap]] = []
    count = 0
    for window, judged in signed_readings(city, day, progress, workers):
        for arrival, tap in zip(by_arrival(window).tolist(), judged, strict=True):
            heappush(late, (arrival, count, tap))
            count += 1
        yield _due(late, int(window["ts"][-1]))
    yield [heappop(late)[2] for _ in range(len(late))]


def _due(late: list[tuple[int, int, Tap]], now: int) -> list[Tap]:
    due = []
    while late and late[0][0] <= now:
        due.append(heappop(late)[2])
    return due


def signed_taps_in_time(
    city: SimCity, day: int, progress: Progress = unseen, workers: int = WORKERS
) -> Iterator[list[Tap]]:
    """The same in the order in which they were read, as `Devices.uploads` takes them."""
    for _, judged in signed_readings(city, day, progress, workers):
        yield judged


def signed_readings(
    city: SimCity, day: int, progress: Progress = unseen, workers: int = WORKERS
) -> Iterator[tuple[Readings, list[Tap]]]:
    """Readings in order of time with their taps, some hundreds at a time."""
    whole = CityDay(city, day)
    with Hands(city, day, workers) as hands:
        for readings in whole.ordered(by_moment, progress):
            hands.report(whole.reports)
            for first in range(0, len(readings), WINDOW):
                window = readings[first : first + WINDOW]
                yield window, hands.judge(window, hands.sign(window))


def debtors(city: SimCity, day: int) -> list[str]:
    """The accounts that are denied from the day's beginning, in no order that matters."""
    found: list[str] = []
    for first in CityDay(city, day).ranges():
        riders = numbers_of(city, day, first, first + RANGE)
        owing = riders[city.in_debt(day, riders)]
        found += [city.account(rider) for rider in owing.tolist()]
    return found


class Spent(Struct, frozen=True):
    """What processes have done so far."""

    cpu_s: float
    phones: int
    grants: int
    """Authorisations signed by issuers."""


class Signing:
    """Makes the codes of readings."""

    def __init__(self, city: SimCity) -> None:
        self._city = city
        self.phones = Phones(city)

    def codes(self, readings: Readings) -> list[bytes]:
        """In their order."""
        riders = readings["rider"].astype(np.int64)
        types = _TYPES[kinds_of(self._city, riders)]
        columns = (riders, types, readings["ts"] // MICROS, readings["age"], readings["recipe"])
        return [
            self.phones.code(rider, kind, ts_s, age_s, Recipe(recipe))
            for rider, kind, ts_s, age_s, recipe in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ]


class Lanes:
    """Judges what is shown, lane by lane. Every hour there is a new bundle, and another when an
    account is reported; a lane without a network goes on with the one it had."""

    def __init__(self, city: SimCity, day: int, denied: Sequence[str]) -> None:
        self._city, self._denied = city, frozenset(denied)
        self._starts = city.midnight(day)
        self._outages = Outages(city, day)
        self._root = sim_authority(city).root
        self._memories: dict[int, Memory] = {}
        self._reports: list[Report] = []
        self._bundles: OrderedDict[tuple[int, int], Bundle] = OrderedDict()
        lines = city.pack.lines
        self._places = city.world.readers.places
        self._stops = [lines[place.line].stops if place.vehicle else () for place in self._places]

    def report(self, reports: Sequence[Report]) -> None:
        """What is reported on the day, each to be denied from its moment on."""
        self._reports = sorted(reports, key=_denied_from)

    def judge(self, readings: Readings, codes: Sequence[bytes]) -> list[Tap]:
        """The taps of readings in order of time."""
        known = self._outages.known(readings["reader"].astype(np.int64), readings["ts"])
        columns = (readings["ts"], known, readings["reader"], readings["stop"])
        return [
            self._read(ts, heard, reader, stop, code)
            for ts, heard, reader, stop, code in zip(
                *(column.tolist() for column in columns), codes, strict=True
            )
        ]

    def _read(self, ts: int, heard: int, reader: int, stop: int, code: bytes) -> Tap:
        bundle = self._bundle(heard)
        memory = self._memories.setdefault(reader, Memory())
        if memory.clock_set is None or memory.clock_set < bundle.made:
            memory.keep([ClockSet(bundle.made)])
        place = self._places[reader]
        if place.vehicle:
            place = replace(place, stop=self._stops[reader][stop])
        decision = decide(bundle, memory, code, place, ts)
        memory.keep(decision.remember)
        return decision.tap

    def _bundle(self, heard: int) -> Bundle:
        """The one that a lane has which last heard of the centre then."""
        hour = (heard - self._starts) // _HOUR
        told = bisect_right(self._reports, heard, key=_denied_from)
        known = self._bundles.get((hour, told))
        if known is None:
            denied = {self._city.account(one.rider) for one in self._reports[:told]}
            known = make_bundle(
                self._city.pack, [self._root], version=1 + hour + told,
                made=self._starts + hour * _HOUR, denied=self._denied | denied,
            )  # fmt: skip
            self._bundles[hour, told] = known
            if len(self._bundles) > _BUNDLES:
                self._bundles.popitem(last=False)
        return known


def _denied_from(report: Report) -> int:
    return report.denied_from


class Hands:
    """Several processes, each with its share of the phones and of the lanes."""

    def __init__(self, city: SimCity, day: int, workers: int) -> None:
        denied = debtors(city, day)
        self._each = [
            ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), initializer=_Worker.begin,
                initargs=(city, day, denied),
            )
            for _ in range(workers)
        ]  # fmt: skip
        self._told = 0

    def __enter__(self) -> "Hands":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for one in self._each:
            one.shutdown(cancel_futures=True)

    def report(self, reports: Sequence[Report]) -> None:
        if len(reports) != self._told:
            self._told = len(reports)
            for one in self._each:
                one.submit(_Worker.report, list(reports)).result()

    def spent(self) -> Spent:
        """By all of them together."""
        each = [one.submit(_Worker.spent).result() for one in self._each]
        return Spent(
            sum(one.cpu_s for one in each), sum(one.phones for one in each),
            sum(one.grants for one in each),
        )  # fmt: skip

    def sign(self, readings: Readings) -> list[bytes]:
        """The codes of readings, each made where the rider's phone is."""
        asked = [
            (rows, one.submit(_Worker.sign, readings[rows].tobytes()))
            for rows, one in self._shares(readings["rider"])
        ]
        return _merged([(rows, answer.result()) for rows, answer in asked])

    def judge(self, readings: Readings, codes: Sequence[bytes]) -> list[Tap]:
        """Their taps, each judged where the lane is."""
        asked = []
        for rows, one in self._shares(readings["reader"]):
            shown = [codes[row] for row in rows]
            asked.append((rows, one.submit(_Worker.judge, readings[rows].tobytes(), shown)))
        return _merged([(rows, _decode(answer.result())) for rows, answer in asked])

    def _shares(self, by: Numbers) -> Iterator[tuple[list[int], ProcessPoolExecutor]]:
        """The rows of each process."""
        for at, one in enumerate(self._each):
            rows = np.flatnonzero(by % len(self._each) == at).tolist()
            if rows:
                yield rows, one


def _merged(parts: Iterable[tuple[list[int], Sequence[T]]]) -> list[T]:
    """In the order of rows again."""
    found = {row: value for rows, values in parts for row, value in zip(rows, values, strict=True)}
    return [found[row] for row in range(len(found))]


class _Worker:
    """What runs in a process: some of the phones, and some of the lanes."""

    signing: "Signing"
    lanes: "Lanes"

    @classmethod
    def begin(cls, city: SimCity, day: int, denied: Sequence[str]) -> None:
        cls.signing, cls.lanes = Signing(city), Lanes(city, day, denied)

    @classmethod
    def report(cls, reports: Sequence[Report]) -> None:
        cls.lanes.report(reports)

    @classmethod
    def spent(cls) -> Spent:
        phones = cls.signing.phones
        return Spent(time.process_time(), phones.made, phones.granted)

    @classmethod
    def sign(cls, readings: bytes) -> list[bytes]:
        return cls.signing.codes(np.frombuffer(readings, dtype=READING))

    @classmethod
    def judge(cls, readings: bytes, codes: Sequence[bytes]) -> bytes:
        return _encode(cls.lanes.judge(np.frombuffer(readings, dtype=READING), codes))
