"""What goes on beside the requests: the door for devices, and what follows the log.

The ingest writes what devices send; the follower matches and prices what has come to stand; the
rounds tell the riders' room what was set aside and owed. All of them begin together, and end in the
order of the road: what came in is written before anything else stops.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from threading import Event, Thread
from types import TracebackType
from typing import Final

import structlog
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from ridecode.bundle import Keeper, Publisher
from ridecode.city import Pack
from ridecode.code import Verifier
from ridecode.core import RidecodeError
from ridecode.fares import Tariffs
from ridecode.money import follow as follow_money
from ridecode.money.channels import Channel, Silence, Worked
from ridecode.riders import denied, follow, read_rules
from ridecode.rides import Follower
from ridecode.store import Cell
from ridecode.taps import Checked, Checker, Ingest

log = structlog.get_logger()

ROUND_S: Final = 1.0
CHECK_S: Final = 0.1
MONEY_S: Final = 2.0
CHECKING: Final = 1
"""Processes that verify codes."""
STOP_S: Final = 10.0
"""A round that lasts longer, since a channel is slow, is left: it may be ended anywhere. But where
it has processes book many fares, these end first, with their parts or with the server."""
LAG_S_MOST: Final = 30.0
"""Further behind, rides and prices are no longer those of the moment: the server is not ready."""


class Running:
    """A context manager; everything runs while its block does."""

    def __init__(
        self, cell: Cell, pack: Pack, tariffs: Tariffs, now: Callable[[], int],
        verifier: Callable[[], Verifier], publisher: Publisher | None,
        channels: Mapping[str, Channel] | None = None,
    ) -> None:  # fmt: skip
        """`now` is the city's clock, UTC epoch microseconds; `verifier` is made in each process
        that verifies codes; `publisher` tells validators who may not ride; `channels` are worked
        off, None where no money is moved."""
        self._cell, self._pack, self._now = cell, pack, now
        self._rules = read_rules(pack)
        self.follower = Follower(cell, pack, tariffs, now)
        self.ingest: Ingest
        self._rounds = _Rounds("rounds", self._round, ROUND_S)
        self._checker = Checker(cell, pack, verifier, CHECKING, now)
        self._publisher = publisher
        self._keeper: Keeper | None = None
        self._checks = _Rounds("checks", self._check, CHECK_S)
        self._channels = channels
        self._money = _Rounds("money", self._follow_money, MONEY_S)
        # From the first moment, so that it is seen when one of them grows.
        self._silent = dict.fromkeys(product(channels or (), Silence), 0)
        self.booked = 0
        """Fares that went into the books so far."""
        self.checked = Checked(0, 0, 0.0)
        """What has been verified so far."""

    def _round(self) -> None:
        done = follow(self._cell, self._rules, self._now())
        if done.stopped:
            log.warning("riders stopped", accounts=done.stopped, suspicions=done.suspicions)

    def _follow_money(self) -> None:
        assert self._channels is not None, "begun with channels alone"
        done = follow_money(self._cell, self._pack, self._channels, self._now)
        self.booked += done.booked.rides
        for name, worked in done.worked.items():
            if worked.silent:
                self._tell_silent(name, worked)

    def _tell_silent(self, channel: str, worked: Worked) -> None:
        for silent, requests in worked.reasons:
            self._silent[channel, silent.why] += requests
        log.warning(
            "a channel is silent", channel=channel, requests=worked.silent,
            reasons={str(silent): requests for silent, requests in worked.reasons},
        )  # fmt: skip

    def _denied(self, now: int) -> list[str]:
        return [one.account for one in denied(self._cell, self._rules, now)]

    def _check(self) -> None:
        done = self._checker.drain()
        before = self.checked
        self.checked = Checked(
            before.codes + done.codes, before.stand + done.stand, before.cpu_s + done.cpu_s
        )

    def __enter__(self) -> "Running":
        self.ingest = Ingest(self._cell, self._pack, self._now)
        self.follower.start()
        self._rounds.start()
        self._checks.start()
        if self._channels is not None:
            self._money.start()
        if self._publisher is not None:
            self._keeper = Keeper(self._publisher, self._denied, self._now)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ingest.close()
        if self._keeper is not None:
            self._keeper.close()
        self._checks.stop()
        self._checker.close()
        self._rounds.stop()
        self.follower.stop()
        if self._channels is not None:
            self._money.stop()
        log.info("stopped", **self.ingest.state().receipts)

    def parts(self) -> dict[str, str]:
        """Each part with what ails it; nothing where it can do its work."""
        trouble, lag_s = self.follower.trouble, self.follower.lag_s
        late = f"it is {lag_s:.0f} s behind" if lag_s > LAG_S_MOST else ""
        return {
            "rides": trouble.what if trouble else late,
            "rounds": self._rounds.ailment,
            "checks": self._checks.ailment,
            "money": self._money.ailment,
            "bundle": self._keeper.failed if self._keeper else "",
        }

    def figures(self) -> Iterator[Metric]:
        """What can be counted of it at this moment."""
        door, done = self.ingest.state(), self.follower.followed
        taps = CounterMetricFamily(
            "ridecode_taps", "Taps that devices sent, by receipt.", labels=("receipt",)
        )
        for receipt, count in door.receipts.items():
            taps.add_metric((receipt,), count)
        yield taps
        silent = CounterMetricFamily(
            "ridecode_channel_silent", "Requests to channels of which nothing certain came back.",
            labels=("channel", "reason"),
        )  # fmt: skip
        for (channel, why), requests in self._silent.items():
            silent.add_metric((channel, why.name), requests)
        yield silent
        counted: tuple[tuple[str, str, float], ...] = (
            ("ridecode_ingest_groups", "Transactions of the ingest.", door.groups),
            ("ridecode_ingest_overloaded", "Batches asked to come again.", door.overloaded),
            ("ridecode_rides", "Rides matched, new and changed.", done.rides),
            ("ridecode_prices", "Prices written, new and changed.", done.prices),
            ("ridecode_taps_set_aside", "Taps that stand in no ride.", done.set_aside),
            ("ridecode_fares_booked", "Fares that went into the books.", self.booked),
            ("ridecode_codes_verified", "Codes verified again.", self.checked.codes),
            ("ridecode_codes_verified_cpu_seconds", "CPU of that.", self.checked.cpu_s),
        )
        for name, told, value in counted:
            yield CounterMetricFamily(name, told, value=value)
        for name, told, value in (
            ("ridecode_ingest_waiting_bytes", "Of batches not yet written.", door.waiting_bytes),
            ("ridecode_rides_lag_seconds", "How far matching is behind.", self.follower.lag_s),
        ):
            yield GaugeMetricFamily(name, told, value=value)


class _Rounds:
    """Does something every so often, and goes on where it fails: it is told and tried again."""

    def __init__(self, name: str, work: Callable[[], None], every_s: float) -> None:
        self._work, self._every_s = work, every_s
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self.ailment = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                self._work()
                self.ailment = ""
            except RidecodeError as error:
                if not self.ailment:
                    log.warning("rounds wait", reason=error.what)
                self.ailment = error.what
            except Exception as error:
                # A mistake of ours ends no rounds: nothing would move any more, and all seem well.
                log.exception("a round broke off", rounds=self._thread.name)
                self.ailment = f"A round broke off: {type(error).__name__}."
