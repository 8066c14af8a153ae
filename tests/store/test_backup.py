"""A backup holds all of one moment, comes back whole, and is refused where it would harm."""

import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ridecode.core import BadInputError, NotFoundError, RefusedError, unseen
from ridecode.store import Cell, Vault, archive, backup, log, open_cell, restore
from ridecode.store.migrate import current, migrate, steps

ODD = "tab\tback\\slash\nnew line, 中文, ' \" , \\N"


def _rows(cell: Cell, table: str) -> list[tuple[object, ...]]:
    with cell.connection() as conn:
        return conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()


def _fill(cell: Cell) -> None:
    with cell.connection() as conn:
        conn.execute("CREATE TABLE parents (id uuid PRIMARY KEY, body bytea, said text)")
        conn.execute(
            "CREATE TABLE children (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " of uuid REFERENCES parents, twice bigint GENERATED ALWAYS AS (1 + 1) STORED)"
        )
        conn.execute(
            "INSERT INTO parents VALUES (gen_random_uuid(), '\\x00ff', %s), (gen_random_uuid(), "
            "NULL, NULL)",
            (ODD,),
        )
        conn.execute("INSERT INTO children (of) SELECT id FROM parents")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of a test's own are in no step of the schema: they are made when it comes back."""

    def with_tables(dsn: str, to: str = "", say: object = None) -> None:
        migrate(dsn, to)
        with psycopg.connect(dsn) as conn:
            conn.execute("CREATE TABLE IF NOT EXISTS parents (id uuid PRIMARY KEY, body bytea,"
                         " said text)")  # fmt: skip
            conn.execute(
                "CREATE TABLE IF NOT EXISTS children (n bigint GENERATED ALWAYS AS IDENTITY"
                " PRIMARY KEY, of uuid REFERENCES parents,"
                " twice bigint GENERATED ALWAYS AS (1 + 1) STORED)"
            )

    monkeypatch.setattr("ridecode.store.restoring.migrate", with_tables)


def test_every_row_file_and_number_comes_back(
    bare: None, cell: Cell, data_folder: Path, fresh_folder: Path, tmp_path: Path
) -> None:
    """Children stand before parents in the alphabet, and are written after them."""
    _fill(cell)
    saved = backup(data_folder, tmp_path / "city.zip", unseen)
    assert "shenzhen" in saved.cities
    restore(fresh_folder, tmp_path / "city.zip", unseen)
    with open_cell(fresh_folder, "shenzhen") as back:
        for table in ("parents", "children", "log_topics"):
            assert _rows(back, table) == _rows(cell, table), table
        with back.connection() as conn:
            row = conn.execute("INSERT INTO children (of) VALUES (NULL) RETURNING n").fetchone()
        assert row == (3,), "a number that was given is not given again"


def test_the_vault_and_other_files_come_back_and_locks_do_not(
    cell: Cell, data_folder: Path, fresh_folder: Path, tmp_path: Path
) -> None:
    Vault.open(data_folder).put("a key", b"secret")
    (data_folder / "phones").mkdir()
    (data_folder / "phones" / "mine.hex").write_bytes(b"80")
    backup(data_folder, tmp_path / "city.zip", unseen)
    restore(fresh_folder, tmp_path / "city.zip", unseen)
    assert Vault.open(fresh_folder).get("a key") == b"secret"
    assert (fresh_folder / "vault.key").stat().st_mode & 0o777 == 0o600
    assert (fresh_folder / "phones" / "mine.hex").read_bytes() == b"80"


def test_nobody_else_may_read_it(cell: Cell, data_folder: Path, tmp_path: Path) -> None:
    backup(data_folder, tmp_path / "city.zip", unseen)
    assert (tmp_path / "city.zip").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "city.zip"]


def test_it_is_of_one_moment(cell: Cell, data_folder: Path, tmp_path: Path) -> None:
    """Pairs of rows in two tables, written while it is taken: none is torn apart."""
    with cell.connection() as conn:
        conn.execute("CREATE TABLE a (n bigint)")
        conn.execute("CREATE TABLE z (n bigint)")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with cell.connection() as conn:
                conn.execute("INSERT INTO a VALUES (%s)", (number,))
                conn.execute("INSERT INTO z VALUES (%s)", (number,))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for at in range(5):
            backup(data_folder, tmp_path / f"{at}.zip", unseen)
            with zipfile.ZipFile(tmp_path / f"{at}.zip") as kept:
                # PostgreSQL gives rows in no order that it promises.
                first, last = (
                    sorted(kept.read(f"cities/shenzhen/{table}.copy").split()) for table in "az"
                )
            assert first == last
            assert first
    finally:
        stop.set()
        writer.join()


def test_a_folder_that_is_not_empty_is_refused_and_stays_as_it_is(
    cell: Cell, data_folder: Path, tmp_path: Path
) -> None:
    backup(data_folder, tmp_path / "city.zip", unseen)
    before = set(data_folder.iterdir())
    with pytest.raises(RefusedError, match="not empty"):
        restore(data_folder, tmp_path / "city.zip", unseen)
    assert set(data_folder.iterdir()) == before


def test_a_backup_into_the_folder_itself_is_refused(cell: Cell, data_folder: Path) -> None:
    with pytest.raises(RefusedError):
        backup(data_folder, data_folder / "city.zip", unseen)
    assert not (data_folder / "city.zip").exists()


def test_nothing_is_saved_where_there_is_no_city(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        backup(tmp_path / "none", tmp_path / "city.zip", unseen)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_fails_leaves_the_one_before(
    cell: Cell, data_folder: Path, tmp_path: Path
) -> None:
    with cell.connection() as conn:
        log.append(conn, "taps", [b"one"])
    file = tmp_path / "city.zip"
    backup(data_folder, file, unseen)
    before = file.read_bytes()

    def interrupted(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(data_folder, file, interrupted)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "city.zip"]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _flip(file: Path) -> None:
    """A row is another one, under a correct checksum of the zip."""
    _rewrite(file, "cities/shenzhen/alone.copy", b"2\n")


def _outside(file: Path) -> None:
    _manifest(file, b'"path": "vault"', b'"path": "../vault"')


def _over_postgres(file: Path) -> None:
    _manifest(file, b'"path": "vault"', b'"path": "postgres/lease"')


def _unknown_format(file: Path) -> None:
    _manifest(file, b"ridecode backup 1", b"ridecode backup 9")


def _no_manifest(file: Path) -> None:
    _rewrite(file, "manifest.json", b"{}")


def _another_file(file: Path) -> None:
    file.write_text("a letter")


def _manifest(file: Path, good: bytes, bad: bytes) -> None:
    with zipfile.ZipFile(file) as kept:
        content = kept.read("manifest.json")
    assert good in content
    _rewrite(file, "manifest.json", content.replace(good, bad))


def _rewrite(file: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(file) as kept:
        members = {one: kept.read(one) for one in kept.namelist()}
    assert name in members
    with zipfile.ZipFile(file, "w") as out:
        for one, was in members.items():
            out.writestr(one, content if one == name else was)


DAMAGES: list[Callable[[Path], None]] = [
    _cut, _flip, _outside, _over_postgres, _unknown_format, _no_manifest, _another_file,
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(server_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    file = folder / "city.zip"
    with archive.writing(file) as out:
        table = archive.Table("alone", ("n",), 1, out.add("cities/shenzhen/alone.copy", [b"1\n"]))
        vault = archive.File("vault", 0o600, out.add("files/vault", [b"box"]))
        city = archive.City("shenzhen", steps()[-1], (table,), {})
        out.close(archive.Manifest(archive.FORMAT, "0", 0, (city,), (vault,)))
    return file


@pytest.mark.parametrize("damage", DAMAGES, ids=[one.__name__.strip("_") for one in DAMAGES])
def test_a_damaged_backup_is_refused_before_anything_is_made(
    whole: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    file = tmp_path / "city.zip"
    shutil.copy(whole, file)
    damage(file)
    with pytest.raises(BadInputError) as error:
        restore(tmp_path / "new", file, unseen)
    assert error.value.remedy
    assert not (tmp_path / "new").exists()


def test_every_mutation_of_a_backup_is_refused_or_is_the_same(whole: Path, tmp_path: Path) -> None:
    """Each byte in turn, turned over: the check says so, or what it says is what was written."""
    content = whole.read_bytes()
    with archive.reading(whole) as kept:
        written = kept.manifest
    for at in range(len(content)):
        file = tmp_path / "city.zip"
        file.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        try:
            with archive.reading(file) as kept:
                for member in kept.manifest.members:
                    b"".join(kept.pieces(member))
                assert kept.manifest == written
        except BadInputError:
            pass


def test_a_backup_of_an_older_schema_comes_back_at_the_newest(
    data_folder: Path, fresh_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "city.zip"
    with archive.writing(file) as out:
        row = b"\\\\x" + b"00" * 32 + b"\tshenzhen\tname\t0\t0\t0\t0\t0\t5\n"
        imports = archive.Table(
            "imports",
            ("sha256", "format", "name", "rows", "taps", "duplicates", "conflicts", "rejected",
             "at", "import_id"),
            1,
            out.add("cities/shenzhen/imports.copy", [row[:-1] + b"\t" + b"0" * 32 + b"\n"]),
        )  # fmt: skip
        out.close(
            archive.Manifest(
                archive.FORMAT, "0", 0,
                (archive.City("shenzhen", "0001_taps", (imports,), {}),), (),
            )
        )  # fmt: skip
    restore(fresh_folder, file, unseen)
    with open_cell(fresh_folder, "shenzhen") as back:
        assert current(back.dsn) == steps()[-1]
        assert len(_rows(back, "imports")) == 1


def test_a_backup_of_a_newer_ridecode_is_refused_and_leaves_no_city(
    fresh_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "city.zip"
    with archive.writing(file) as out:
        city = archive.City("shenzhen", "9999_later", (), {})
        out.close(archive.Manifest(archive.FORMAT, "9", 0, (city,), ()))
    with pytest.raises(Exception, match="9999_later"):
        restore(fresh_folder, file, unseen)
    assert not (fresh_folder / "postgres").exists()
