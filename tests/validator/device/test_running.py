"""The whole device over real files and HTTP: through lost links, restarts and wrong clocks."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from msgspec.structs import replace

from ridecode.bundle import Publisher, Repository, found
from ridecode.code import KeySigner
from ridecode.core import MICROS, BadInputError, UnavailableError, Verdict
from ridecode.core.device import Said
from ridecode.validator import Bundle, BundleFile, FolderCarrier, Trust
from ridecode.validator.device.actuator import Sound
from ridecode.validator.device.files import Disk
from ridecode.validator.device.journal import Journal
from ridecode.validator.device.key import DeviceKey, made_key
from ridecode.validator.device.lane import Trusted
from ridecode.validator.device.link import HttpCentre
from ridecode.validator.device.running import Device, Links
from tests.bundle.centre import Vault
from tests.code import forge
from tests.validator.device.centre import HttpWorld, http_centre
from tests.validator.device.test_lane import Gate
from tests.validator.device.world import DEVICE
from tests.validator.lane import GATE, bundle, rules, terms

PLACE = replace(GATE, validator=DEVICE)
RIDERS = [KeySigner(bytes([n]) * 32) for n in range(60, 70)]


def code(n: int) -> bytes:
    """A new code of the n-th rider, made now."""
    return forge.build(
        {
            "field_5": bytes.fromhex(f"310517000000000{n:04}f"),
            "field_16": int(time.time()).to_bytes(4, "big"),
        }
    )


def trusted(_now: int) -> Bundle:
    return bundle(made=(int(time.time()) - 60) * MICROS, rules=rules())


class Log:
    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, event: str, **facts: Any) -> None:
        self.told.append((event, facts))

    def events(self) -> list[str]:
        return [event for event, _ in self.told]


class Run:
    """A device in a folder, run in a thread, with readings handed to it one by one."""

    def __init__(
        self, folder: Path, key: DeviceKey, links: Links, bundle: Trusted = trusted
    ) -> None:
        self.gate, self.log, self.stop = Gate(), Log(), Event()
        self.disk = Disk(folder)
        self.device = Device(PLACE, self.disk, key, bundle, self.gate, links, self.log)
        self._waiting: list[bytes] = []
        self._thread = Thread(target=self.device.run, args=(self._readings(), self.stop))
        self._thread.start()

    def _readings(self) -> Iterator[bytes]:
        while not self.stop.is_set():
            if self._waiting:
                yield self._waiting.pop(0)
            else:
                self.stop.wait(0.005)

    def read(self, *codes: bytes) -> None:
        before = len(self.gate.signals)
        self._waiting += codes
        until(lambda: len(self.gate.signals) >= before + len(codes))

    def end(self) -> None:
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()
        self.disk.close()


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.005)


@pytest.fixture
def key(tmp_path: Path) -> DeviceKey:
    return made_key(tmp_path / "gate")


@pytest.fixture
def world(key: DeviceKey) -> Iterator[HttpWorld]:
    with http_centre(key.public) as centre:
        yield centre


def test_a_gate_opens_and_the_centre_gets_all_of_it(
    tmp_path: Path, key: DeviceKey, world: HttpWorld
) -> None:
    """The clock is set by the first heartbeat, the code opens, its tap arrives and is erased."""
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    until(lambda: run.device.lane.fault() is None)
    run.read(code(1), b"\x80nothing")
    until(lambda: len(world.centre.taps) == 2)
    run.end()
    assert [signal.open for signal in run.gate.signals] == [True, False]
    assert [tap.verdict for tap in world.centre.taps] == [Verdict.ACCEPTED, Verdict.TOO_SHORT]
    assert world.centre.taps[0].bundle == 1
    last = world.beats[-1]
    assert (last.seq, last.opened, last.acknowledged, last.bundle) == (2, 1, 2, 1)
    assert last.head == world.centre.links[2]
    assert last.clock_set is not None
    assert set(world.paths) == {"/base/v1/taps", "/base/v1/devices/gate-1/heartbeat"}
    assert run.log.events()[0] == "started" and run.log.events()[-1] == "stopped"


def test_without_any_link_a_device_with_a_trusted_clock_goes_on(
    tmp_path: Path, key: DeviceKey, world: HttpWorld
) -> None:
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    until(lambda: run.device.lane.fault() is None)
    run.end()
    run = Run(tmp_path / "gate", key, Links())
    run.read(code(1), code(2))
    run.end()
    assert [signal.open for signal in run.gate.signals] == [True, True]
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    until(lambda: len(world.centre.taps) == 2)
    run.end()
    assert [tap.seq for tap in world.centre.taps] == [1, 2]


def test_a_centre_that_is_overwhelmed_gets_everything_later(
    tmp_path: Path, key: DeviceKey, world: HttpWorld
) -> None:
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    until(lambda: run.device.lane.fault() is None)
    world.answering = 429
    run.read(code(1), code(2), code(3))
    until(lambda: "not acknowledged" in run.log.events())
    assert world.centre.taps == []
    world.answering = 200
    until(lambda: len(world.centre.taps) == 3)
    run.end()
    assert run.device.journal.acknowledged == 3


def test_a_code_is_not_taken_again_after_a_restart(
    tmp_path: Path, key: DeviceKey, world: HttpWorld
) -> None:
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    until(lambda: run.device.lane.fault() is None)
    shown = code(1)
    run.read(shown)
    run.end()
    time.sleep(2.1)  # longer than the debounce
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    run.read(shown)
    run.end()
    assert [signal.verdict for signal in run.gate.signals] == [Verdict.SAME_CODE]


def test_a_centre_an_hour_ahead_is_followed_when_it_says_so_twice(
    tmp_path: Path, key: DeviceKey, world: HttpWorld
) -> None:
    world.ahead_s = 3_600
    run = Run(tmp_path / "gate", key, Links(centre=world.url))
    until(lambda: run.device.lane.fault() is None)
    assert abs(run.device.clock.now() / MICROS - time.time() - 3_600) < 2
    run.end()
    assert ("clock", {"healing": "unconfirmed"}) in run.log.told
    assert ("clock", {"healing": "set"}) in run.log.told


def test_an_account_is_denied_as_soon_as_the_publication_is_asked_again(
    tmp_path: Path, key: DeviceKey
) -> None:
    """The real bundle: published by TUF, carried in a folder, kept by the device."""
    now, vault = int(time.time()) * MICROS, Vault()
    repository = Repository(tmp_path / "public")
    root = found(repository, vault, BundleFile(city="tiny", terms=(terms(active_from=now),)), now)
    trust = Trust(tmp_path / "gate" / "trust", root=root, city="tiny")
    carrier = FolderCarrier(repository.folder)
    links = Links(machine_clock=True, refresh=lambda at: trust.update(carrier, at))
    run = Run(tmp_path / "gate", key, links, trust.bundle)
    until(lambda: run.device.lane.fault() is None)
    run.read(code(1))
    Publisher(repository, vault).deny(["3105170000000000001"], now + 1)
    assert run.device._refresh() <= 30.0
    run.read(code(1))
    run.end()
    assert [signal.verdict for signal in run.gate.signals] == [Verdict.ACCEPTED, Verdict.DENIED]
    taps = Journal(Disk(tmp_path / "gate"), key.journal, DEVICE).batch(10)
    assert taps is not None and [tap.bundle for tap in taps.taps] == [1, 2]


def test_two_processes_do_not_run_one_device(tmp_path: Path, key: DeviceKey) -> None:
    disk = Disk(tmp_path / "gate")
    with pytest.raises(UnavailableError, match="Another process"):
        Disk(tmp_path / "gate")
    disk.close()
    Disk(tmp_path / "gate").close()


def test_a_journal_on_a_real_disk_is_erased_when_all_is_acknowledged(
    tmp_path: Path, key: DeviceKey
) -> None:
    from tests.validator.device.world import Centre, reading, upload

    disk, centre = Disk(tmp_path / "gate"), Centre()
    journal = Journal(disk, key.journal, DEVICE)
    for n in range(20):
        journal.record(*reading(n))
    upload(journal, centre)
    journal.tidy(60.0)
    journal.close()
    disk.close()
    there = sorted(path.name for path in (tmp_path / "gate").iterdir())
    assert there == ["0000000002.segment", "device.key", "lock"]
    again = Journal(Disk(tmp_path / "gate"), key.journal, DEVICE)
    assert (again.head.seq, again.acknowledged, len(again.memory)) == (20, 20, 20)


@pytest.mark.parametrize("url", ["centre", "ftp://centre", "https://", "http:///v1"])
def test_what_is_no_address_of_a_centre(url: str) -> None:
    with pytest.raises(BadInputError, match="no address"):
        HttpCentre(url, DEVICE, bytes(32))


def test_a_centre_that_is_not_there() -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        HttpCentre("http://127.0.0.1:9", DEVICE, bytes([1]) * 32).say(Said.TAPS, b"{}")


def test_a_fault_beside_the_lane_ends_the_device_and_is_told(
    tmp_path: Path, key: DeviceKey
) -> None:
    def fails(_now: int) -> None:
        raise ZeroDivisionError("a fault of ours")

    gate, disk = Gate(), Disk(tmp_path / "gate")
    device = Device(PLACE, disk, key, trusted, gate, Links(refresh=fails), Log())
    stop = Event()
    with pytest.raises(ZeroDivisionError):
        device.run(_silence(stop), stop)
    assert [signal.sound for signal in gate.signals] == [Sound.OUT_OF_ORDER]


def _silence(stop: Event) -> Iterator[bytes]:
    while not stop.wait(0.01):
        yield from ()
