"""The books follow the prices: whatever comes when, a rider owes what the rides cost."""

from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from ridecode.core import MICROS, Tap, UnavailableError, unseen
from ridecode.fares import read_tariffs
from ridecode.money import Booked, book_fares
from ridecode.money.ledger import (
    Account,
    Flow,
    Kind,
    audit_day,
    balance,
    close_day,
    lines_of,
    seal_day,
    trial_balance,
)
from ridecode.rides import fill_day, measured_pack, rate_all
from ridecode.store import Cell, open_cell
from ridecode.taps import record
from tests.money.channels.scripted import killed_while_booking
from tests.rides.city import (
    DAY,
    LATER,
    MIDNIGHT,
    city_taps,
    emptied,
    in_one_pass,
    pack,
    rated,
    settled,
    tariffs_with,
)
from tests.rides.test_order import deliveries

RIDER = Account(Kind.RIDER, "1")
FIRST = pack().calendar.day(MIDNIGHT + DAY // 2)


def booked(cell: Cell) -> Booked:
    return book_fares(cell, pack(), LATER)


def owed_in_words(cell: Cell) -> str:
    """The rider's lines in order, as 'what day of the week: how much'."""
    sign = {Flow.FARE: 1, Flow.FARE_BACK: -1}
    return ", ".join(
        f"{line.journal.day - FIRST}: {sign[line.journal.flow] * line.journal.amount}"
        for line in reversed(lines_of(cell, RIDER))
    )


def priced(cell: Cell) -> int:
    with psycopg.connect(cell.dsn) as conn:
        row = conn.execute("SELECT coalesce(sum(amount), 0)::bigint FROM prices").fetchone()
    assert row is not None
    return int(row[0])


def test_a_new_price_is_owed_once(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    assert booked(cell) == Booked(2, 400, 0)
    assert booked(cell) == Booked(0, 0, 0)
    assert (balance(cell, RIDER), owed_in_words(cell)) == (400, "0: 200, 0: 200")
    (line, _) = lines_of(cell, RIDER)
    assert (line.journal.credit, line.journal.about) == (
        pack().card_company.id, city_taps(cell, "8:00 bus., 20:00 bus.")[1].tap_id,
    )  # fmt: skip


def test_what_no_rating_has_priced_is_not_owed(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus."))
    record(cell, city_taps(cell, "9:00 bus.@m5", first=2))
    assert booked(cell) == Booked(1, 200, 0)


def test_another_price_is_a_journal_of_the_difference(cell: Cell) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 20:00 bus."))
    booked(cell)
    rated(cell, tariffs_with("amount = 200", "amount = 250"))
    assert booked(cell) == Booked(2, 100, 0)
    rated(cell, tariffs_with("amount = 200", "amount = 190"))
    assert booked(cell) == Booked(2, 0, 120)
    rated(cell)
    assert booked(cell) == Booked(2, 20, 0)
    assert balance(cell, RIDER) == priced(cell) == 400
    assert len(lines_of(cell, RIDER)) == 8


def test_a_late_tap_changes_the_prices_behind_it(cell: Cell) -> None:
    """A ride in the morning makes the next one a transfer, and the evening's reach the cap."""
    settled(cell, city_taps(cell, "8:20 bus., 12:00 bus., 16:00 bus., 20:00 bus.", first=2))
    booked(cell)
    assert balance(cell, RIDER) == 800
    settled(cell, city_taps(cell, "8:00 bus."))
    booked(cell)
    assert balance(cell, RIDER) == priced(cell) == 800
    assert owed_in_words(cell).startswith("0: 200, 0: 200, 0: 200, 0: 200, ")
    assert sum(int(part.split(": ")[1]) for part in owed_in_words(cell).split(", ")) == 800


def test_a_ride_that_is_none_any_more_is_given_back(cell: Cell) -> None:
    """An exit alone costs the full way; with the entry that comes late it is another ride."""
    settled(cell, city_taps(cell, "8:20 metro-c", first=2))
    booked(cell)
    before = balance(cell, RIDER)
    settled(cell, city_taps(cell, "8:00 metro+a"))
    booked(cell)
    assert before == 700
    assert balance(cell, RIDER) == priced(cell) == 300
    assert owed_in_words(cell) in ("0: 700, 0: 300, 0: -700", "0: 700, 0: -700, 0: 300")


def test_what_is_late_for_its_day_belongs_to_the_first_open_one(cell: Cell, tmp_path: Path) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 32:00 bus."))
    booked(cell)
    for day in (FIRST, FIRST + 1):
        close_day(cell, pack().calendar, day, LATER)
    rated(cell, tariffs_with("amount = 200", "amount = 250"))
    booked(cell)
    assert owed_in_words(cell) == "0: 200, 1: 200, 2: 50, 2: 50"
    seal_day(cell, FIRST, tmp_path)
    assert audit_day(tmp_path, FIRST).findings == ()


def test_two_riders_owe_their_own(cell: Cell) -> None:
    settled(cell, [*city_taps(cell, "8:00 bus."), *city_taps(cell, "9:00 bus.", "2", first=2)])
    booked(cell)
    assert [balance(cell, Account(Kind.RIDER, one)) for one in "12"] == [200, 200]
    assert [one.closing for one in trial_balance(cell)] == [400, -400]


def test_books_with_fares_under_other_ids_are_left_to_the_ridecode_that_made_them(
    cell: Cell, data_folder: Path
) -> None:
    """It would not find them, and charge those rides once more."""
    settled(cell, city_taps(cell, "8:00 bus."))
    with cell.connection() as conn:
        conn.execute("UPDATE alembic_version SET version_num = '0017_gone'")
    open_cell(data_folder, cell.city).close()
    booked(cell)
    with cell.connection() as conn:
        conn.execute("UPDATE alembic_version SET version_num = '0017_gone'")
    with pytest.raises(UnavailableError, match="Fares were booked here by an older ridecode"):
        open_cell(data_folder, cell.city)
    assert balance(cell, RIDER) == 200


def test_killed_between_two_chunks_it_ends_in_the_same_books(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(cell, city_taps(cell, "8:00 bus., 12:00 bus., 20:00 bus."))
    killed_while_booking(cell, monkeypatch)
    assert balance(cell, RIDER) == 400
    assert booked(cell) == Booked(1, 200, 0)
    assert balance(cell, RIDER) == 600


BOOKS = (
    "money_marks", "ledger_heads", "ledger_batches", "ledger_journals", "ledger_accounts",
)  # fmt: skip


def without_books(cell: Cell) -> None:
    """Rows that nothing else may take away."""
    with psycopg.connect(cell.dsn) as conn:
        conn.execute("SET session_replication_role = replica")
        for table in BOOKS:
            conn.execute(f"DELETE FROM {table}")


def owed(cell: Cell) -> dict[str, int]:
    with psycopg.connect(cell.dsn) as conn:
        found = conn.execute("SELECT account, sum(amount)::bigint FROM prices GROUP BY account")
        return {account: amount for account, amount in found if amount}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries())
def test_in_whatever_order_taps_come_what_is_owed_are_the_prices(
    cell: Cell, delivered: tuple[list[Tap], list[tuple[list[Tap], int]]]
) -> None:
    """A week, shuffled, doubled, delayed and cut, with bookings after every cut."""
    emptied(cell)
    without_books(cell)
    for taps, then in delivered[1]:
        record(cell, taps)
        early = max((one.ts for one in taps), default=LATER) + 3_600 * MICROS
        in_one_pass(cell, early if then % 2 else LATER)
        booked(cell)
    in_one_pass(cell)
    booked(cell)
    balances = {one: balance(cell, Account(Kind.RIDER, one)) for one in "123"}
    assert {one: amount for one, amount in balances.items() if amount} == owed(cell)


def test_one_pass_or_two_is_the_same(cell: Cell) -> None:
    record(cell, city_taps(cell, "8:00 bus."))
    in_one_pass(cell)
    assert booked(cell) == Booked(1, 200, 0)


MANY = 400
"""Rides, beside `_ALONE_MOST` of 100."""


def many_priced(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> int:
    """Rides of many accounts are priced; what they cost together."""
    monkeypatch.setattr("ridecode.money.booking._ALONE_MOST", 100)
    fill_day(cell, measured_pack(), MANY, FIRST)
    rate_all(cell, read_tariffs(measured_pack()), LATER, unseen)
    return priced(cell)


def test_many_fares_are_booked_by_several_processes(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = many_priced(cell, monkeypatch)
    report = book_fares(cell, measured_pack(), LATER)
    assert report.owed == owed
    assert report.rides > MANY // 2
    assert (report.given_back, report.orders) == (0, 0)
    assert booked_of(cell) == priced_of(cell)
    assert book_fares(cell, measured_pack(), LATER) == Booked(0, 0, 0)


def test_what_one_of_several_processes_breaks_off_at_is_booked_the_next_time(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = many_priced(cell, monkeypatch)
    with psycopg.connect(cell.dsn, autocommit=True) as conn:
        conn.execute("ALTER TABLE ledger_journals ADD CONSTRAINT small CHECK (n < 20)")
        with pytest.raises(psycopg.errors.CheckViolation, match="small"):
            book_fares(cell, measured_pack(), LATER)
        conn.execute("ALTER TABLE ledger_journals DROP CONSTRAINT small")
    assert book_fares(cell, measured_pack(), LATER).owed == owed
    assert booked_of(cell) == priced_of(cell)


def booked_of(cell: Cell) -> list[tuple[str, int]]:
    with psycopg.connect(cell.dsn) as conn:
        rows = conn.execute(
            """SELECT about::text, amount FROM ledger_journals WHERE flow = %s ORDER BY 1""",
            (Flow.FARE,),
        )
        return [(ride, amount) for ride, amount in rows]


def priced_of(cell: Cell) -> list[tuple[str, int]]:
    with psycopg.connect(cell.dsn) as conn:
        rows = conn.execute("SELECT ride_id::text, amount FROM prices WHERE amount > 0 ORDER BY 1")
        return [(ride, amount) for ride, amount in rows]
