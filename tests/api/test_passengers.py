"""The passengers of the demonstration: really signed codes through real readers, day after day."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from threading import Event, Thread

import pytest

from ridecode import rides, taps
from ridecode.api import Desk, Passengers
from ridecode.api.codes import grant_of
from ridecode.api.passengers import PASSENGERS
from ridecode.city import load_pack
from ridecode.code import KeySigner, authorise, present
from ridecode.core import MICROS, RefusedError, UnavailableError, Verdict
from ridecode.store import Cell, Clock, Connection, Vault

_FROM_THE_BEGINNING = 0


def _day(desk: Desk) -> tuple[int, int]:
    calendar = desk.pack.calendar
    day = calendar.day(desk.clock.now())
    return calendar.starts(day), calendar.starts(day + 1)


def _caught_up(passengers: Passengers, desk: Desk) -> Passengers:
    passengers.catch_up()
    desk.catch_up()
    return passengers


def test_their_day_until_now_is_there_when_the_city_opens(desk: Desk) -> None:
    _caught_up(Passengers(desk, _FROM_THE_BEGINNING), desk)
    counted = rides.totals(desk.cell, *_day(desk))
    assert counted.riders == PASSENGERS
    assert counted.rides > PASSENGERS
    assert counted.amount > 0


def test_what_was_done_before_a_restart_is_not_done_again(desk: Desk) -> None:
    Passengers(desk, _FROM_THE_BEGINNING).catch_up()
    before = taps.totals(desk.cell).taps
    Passengers(desk, desk.clock.now()).catch_up()
    assert taps.totals(desk.cell).taps == before


def test_they_go_on_as_the_clock_does_and_are_refused_for_no_reason_but_their_own(
    desk: Desk,
) -> None:
    passengers = _caught_up(Passengers(desk, _FROM_THE_BEGINNING), desk)
    before = rides.totals(desk.cell, *_day(desk)).rides
    day = _day(desk)
    for _ in range(10):
        desk.advance(3_000)
        _caught_up(passengers, desk)
    assert rides.totals(desk.cell, *day).rides > before
    accounts = {ride.account for ride in rides.latest_rides(desk.cell, 500)}
    verdicts = {tap.verdict for account in accounts for tap in taps.taps_of(desk.cell, account)}
    assert verdicts <= {Verdict.ACCEPTED, Verdict.CODE_EXPIRED}


def test_whoever_shows_a_code_while_the_clock_is_put_forward_makes_nobody_late(
    desk: Desk,
) -> None:
    """Their errands of the hours passed over come before any reading of the new time."""
    passengers = _caught_up(Passengers(desk, _FROM_THE_BEGINNING), desk)
    stop = Event()

    def visit() -> None:
        while not stop.is_set():
            desk.scan("sz-luohu:entry", b"\x80")

    visitor = Thread(target=visit)
    visitor.start()
    for _ in range(4):
        passengers.advance(14_400)
    stop.set()
    visitor.join()
    desk.catch_up()
    accounts = {ride.account for ride in rides.latest_rides(desk.cell, 500)}
    verdicts = {tap.verdict for account in accounts for tap in taps.taps_of(desk.cell, account)}
    assert verdicts <= {Verdict.ACCEPTED, Verdict.CODE_EXPIRED}


class _Outage(Cell):
    """A cell whose database can be out of reach."""

    def __init__(self, cell: Cell) -> None:
        self.city, self.dsn = cell.city, cell.dsn
        self._cell = cell
        self.out = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        if self.out:
            raise UnavailableError("The database is out.")
        with self._cell.connection() as conn:
            yield conn


def _with_outages(desk: Desk) -> _Outage:
    desk.cell = _Outage(desk.cell)
    return desk.cell


def test_what_they_did_while_the_database_was_out_is_there_afterwards(desk: Desk) -> None:
    """A tap that is lost would leave an exit without its entry."""
    cell = _with_outages(desk)
    passengers = Passengers(desk, _FROM_THE_BEGINNING)
    cell.out = True
    with pytest.raises(UnavailableError):
        passengers.catch_up()
    assert taps.totals(cell._cell).taps == 0
    cell.out = False
    _caught_up(passengers, desk)
    assert rides.totals(cell, *_day(desk)).riders == PASSENGERS


def test_a_code_whose_tap_could_not_be_stored_may_be_shown_again(desk: Desk) -> None:
    cell = _with_outages(desk)
    key = KeySigner(KeySigner.new_scalar())
    now_s = desk.clock.now() // MICROS
    issuer = desk.authority.issuers[desk.pack.card_company.issuer]
    grant = grant_of(desk.pack, key.public_key, 1, now_s)
    code = present(authorise(grant, issuer.certificate, issuer.signer), key, now_s)
    cell.out = True
    with pytest.raises(UnavailableError):
        desk.scan("sz-luohu:entry", code)
    cell.out = False
    assert desk.scan("sz-luohu:entry", code).decision.verdict is Verdict.ACCEPTED
    assert desk.scan("sz-luohu:entry", code).decision.verdict is not Verdict.ACCEPTED


LACKING = [
    ("pack.toml", 'number = "99000001"\ndemo = true', 'number = "99000001"',
     "no code platform for a demonstration"),
    ("validator.toml", 'kind = "exit"', 'kind = "entry"', "no line with readers at entry and exit"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "good", "bad", "said"), LACKING, ids=["platform", "gates"])
def test_a_city_where_they_could_not_ride_is_refused_in_words(
    cell: Cell, tmp_path: Path, file: str, good: str, bad: str, said: str
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(str(files("ridecode.city") / "packs" / "shenzhen"), folder)
    text = (folder / file).read_text("utf-8")
    assert good in text
    text = text.replace(good, bad)
    if file == "pack.toml":
        text = text.replace('number = "99000002"\ndemo = true', 'number = "99000002"')
    else:
        first, _, rest = text.partition('[[validator.place]]\nproduct = "metro"\nkind = "entry"')
        text = first + rest.partition("\n\n")[2]
    (folder / file).write_text(text, "utf-8")
    pack = load_pack(folder)
    clock = Clock.beginning(tmp_path, pack.calendar, 63_000, 0)
    with pytest.raises(RefusedError, match=said):
        Passengers(Desk(cell, pack, Vault.open(tmp_path), clock), 0)
