"""Before many prices are read the server is made to know how many there are."""

from ridecode.rides import analyze_prices
from ridecode.store import Cell
from tests.rides.city import city_taps, settled


def looked(cell: Cell) -> int:
    """How often the server was made to look at prices."""
    with cell.connection() as conn:
        row = conn.execute(
            "SELECT analyze_count FROM pg_stat_user_tables WHERE relid = 'prices'::regclass"
        ).fetchone()
    assert row is not None
    return int(row[0])


def analyzed(cell: Cell) -> None:
    with cell.connection() as conn:
        analyze_prices(conn)
        # Told to others at the end of a transaction, at most once a second.
        conn.execute("SELECT pg_stat_force_next_flush()")


def test_prices_are_looked_at_once_after_most_of_them_were_written(cell: Cell) -> None:
    before = looked(cell)
    settled(cell, city_taps(cell, "8:00 metro+a, 8:20 metro-b, 9:00 bus."))
    analyzed(cell)
    with cell.connection() as conn:
        found = conn.execute("SELECT reltuples FROM pg_class WHERE relname = 'prices'").fetchone()
    assert (found, looked(cell)) == ((2.0,), before + 1)

    analyzed(cell)
    assert looked(cell) == before + 1
