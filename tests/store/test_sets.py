"""Sets are written idempotently, and every row learns whether it was new."""

from uuid import UUID

from ridecode.store import Cell, Column, insert_new

COLUMNS = (Column("name", "uuid"), Column("amount", "bigint"))
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def test_only_the_first_of_a_key_is_written_and_each_row_is_told(cell: Cell) -> None:
    with cell.connection() as conn:
        conn.execute("CREATE TABLE throwaway (name uuid PRIMARY KEY, amount bigint)")
        assert insert_new(conn, "throwaway", COLUMNS, [(A, 1), (B, 2), (A, 3)], ["name"]) == [
            True,
            True,
            False,
        ]
        assert insert_new(conn, "throwaway", COLUMNS, [(C, 4), (B, 5)], ["name"]) == [True, False]
        rows = conn.execute("SELECT name, amount FROM throwaway ORDER BY name").fetchall()
        assert rows == [(A, 1), (B, 2), (C, 4)]
