"""One server a data folder: started, shared, survived and stopped. Root and plain users alike.

As root the whole file runs a second time as a plain user: see test_as_root.py.
"""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ridecode.core import BadInputError, UnavailableError
from ridecode.store import Cell, guard, open_cell, server_status
from ridecode.store.cell import EXTERNAL
from ridecode.store.launcher import USER, join
from ridecode.store.place import Place, binaries, find_place, socket_folder
from tests.store.clients import Client
from tests.store.conftest import wait_until


@contextmanager
def _edited(file: Path, text: str) -> Iterator[None]:
    """A file with another text for a while."""
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)


def test_a_new_folder_gets_a_durable_server_that_no_network_reaches(field: Path) -> None:
    """Even where an earlier try was cut short."""
    data = field / "new/data"
    data.mkdir(parents=True)
    find_place(data).owner.make(data / "postgres/cluster.new")
    (data / "postgres/cluster.new/PG_VERSION").write_text("18\n")
    heard: list[str] = []
    with open_cell(data, "shenzhen", say=heard.append) as cell, cell.connection() as conn:
        for name, value in (
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("data_checksums", "on"),
            ("listen_addresses", ""),
            ("server_encoding", "UTF8"),
            ("TimeZone", "UTC"),
        ):
            assert conn.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,), name
        assert conn.info.dbname == "ridecode_shenzhen"
    assert heard[0] == "Making a new PostgreSQL cluster."
    assert not server_status(data).running
    assert not (data / "postgres/cluster.new").exists()


def test_only_its_owner_and_root_may_enter(data: Path) -> None:
    share = join(data)
    try:
        assert (data / "postgres/cluster").stat().st_mode & 0o777 == 0o700
        assert Path(share.host).stat().st_mode & 0o777 == 0o700
        rules = (data / "postgres/cluster/pg_hba.conf").read_text().splitlines()
        assert rules == ["local all ridecode peer map=ridecode"]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=share.host, user="postgres", dbname="postgres")
    finally:
        share.close()


def test_processes_share_one_server_and_the_last_one_out_stops_it(data: Path) -> None:
    with Client(data) as first, Client(data, "guangzhou") as second:
        assert first.server == second.server
        assert first.run("CREATE TABLE shared AS SELECT 7 AS n") == "done"
        first.close()
        assert server_status(data).pid == second.server
        assert second.run("SELECT 1") == "[(1,)]"
        second.close()
        assert not server_status(data).running
    with Client(data) as third:
        assert third.run("SELECT n FROM shared") == "[(7,)]"


def test_two_that_start_at_the_same_moment_share_one_server(data: Path) -> None:
    shares, pids = [], []

    def start() -> None:
        shares.append(join(data))
        pids.append(server_status(data).pid)

    starting = [threading.Thread(target=start) for _ in range(4)]
    for one in starting:
        one.start()
    for one in starting:
        one.join()
    for share in shares:
        share.close()
    assert len(set(pids)) == 1
    assert not server_status(data).running


def test_a_client_killed_leaves_no_ghost(data: Path) -> None:
    with Client(data) as starter, Client(data) as other:
        assert starter.run("CREATE TABLE ghost AS SELECT 7 AS n") == "done"
        starter.kill()
        assert other.run("SELECT n FROM ghost") == "[(7,)]"
        other.close()
        assert not server_status(data).running
    with Client(data) as last:
        assert last.run("SELECT n FROM ghost") == "[(7,)]"
        last.kill()
        wait_until(lambda: not server_status(data).running)
    with Client(data) as again:
        assert again.run("SELECT n FROM ghost") == "[(7,)]"


def test_a_server_killed_loses_nothing_that_was_acknowledged(data: Path) -> None:
    with Client(data) as client:
        assert client.run("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n") == "done"
        os.kill(client.server, signal.SIGKILL)
        wait_until(lambda: not server_status(data).running)
        with Client(data) as again:
            assert again.server != client.server
            assert again.run("SELECT count(*) FROM kept") == "[(1000,)]"
            # The first client's cell finds its way to the new server by itself.
            assert client.run("SELECT count(*) FROM kept") == "[(1000,)]"


def test_guard_and_clients_killed_together_still_leave_the_last_one_to_stop_it(
    data: Path,
) -> None:
    with Client(data) as client:
        guardian = int(Path(f"/proc/{client.server}/stat").read_text().rsplit(")")[1].split()[1])
        os.kill(guardian, signal.SIGKILL)
        client.kill()
        time.sleep(0.1)
        assert server_status(data).pid == client.server
    join(data).close()
    assert not server_status(data).running


@pytest.mark.parametrize("name", ["x" * 100, "a,b", 'q"q', "码 %d $HOME"])
def test_a_path_that_is_no_socket_path_is_no_hindrance(data: Path, name: str) -> None:
    """Too long for a socket, or with a comma, which parts two folders in PostgreSQL's eyes."""
    moved = data.rename(data.with_name(f"{data.name}-{name}"))
    for _ in range(2):
        with open_cell(moved, "shenzhen") as cell, cell.connection() as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
            host = conn.info.host
            assert len(os.fsencode(host)) < 90
            assert Path(host).stat().st_mode & 0o777 == 0o700
    if not host.startswith(str(moved)):
        Path(host).rmdir()
    moved.rename(data)


def test_a_relative_path_is_the_same_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data.parent)
    share, other = join(Path(data.name)), join(data)
    assert share.host == other.host
    share.close()
    other.close()


def test_a_recovery_is_waited_for_and_told_of(data: Path, field: Path) -> None:
    cluster, go = data / "postgres/cluster", field / "go"
    wait = f"restore_command = 'while [ ! -e {go} ]; do sleep 0.05; done; false'\n"
    # Else a recovering server counts as ready, for readers.
    wait += "hot_standby = off\n"
    conf = cluster / "postgresql.conf"
    heard: list[str] = []

    def say(message: str) -> None:
        heard.append(message)
        assert server_status(data).running
        assert not server_status(data).ready
        go.touch()

    (cluster / "recovery.signal").touch()
    with _edited(conf, conf.read_text() + wait):
        share = join(data, say)
        assert server_status(data).ready
        share.close()
    assert not (cluster / "recovery.signal").exists()
    assert heard == [
        "PostgreSQL is starting; after an unclean stop it replays its log (2 s so far)."
    ]


def test_a_start_by_another_process_is_waited_for_and_told_of(data: Path) -> None:
    heard: list[str] = []
    with (data / "postgres.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        def say(message: str) -> None:
            heard.append(message)
            fcntl.flock(held, fcntl.LOCK_UN)

        join(data, say).close()
    assert heard[0] == "Another process is starting PostgreSQL (2 s so far)."


def test_a_process_number_that_is_anothers_now_is_no_server(data: Path) -> None:
    """As after a reboot: the old postmaster.pid is there, and its number lives again."""
    cluster = data / "postgres/cluster"
    lines = [str(os.getpid()), str(cluster), "0", "5432", "/tmp", "", "", "ready", ""]
    (cluster / "postmaster.pid").write_text("\n".join(lines))
    assert not server_status(data).running
    share = join(data)
    assert server_status(data).running
    share.close()


def test_a_server_started_by_hand_is_joined_and_left_running(data: Path) -> None:
    place = find_place(data)
    with _by_hand(place):
        before = server_status(data)
        assert before.ready
        assert not before.stops_after_last
        with Client(data) as client:
            assert client.server == before.pid
            assert client.run("SELECT 1") == "[(1,)]"
            client.close()
        assert server_status(data).pid == before.pid


@contextmanager
def _by_hand(place: Place) -> Iterator[None]:
    control: list[str | Path] = [binaries(place.owner) / "pg_ctl", "-D", place.cluster, "-w"]
    options = f"-k {socket_folder(place)} -c listen_addresses="
    log = place.cluster / "log"
    assert place.owner.run([*control, "-l", log, "-o", options, "start"]).returncode == 0
    try:
        yield
    finally:
        place.owner.run([*control, "stop"])


def test_a_start_that_fails_says_what_the_server_said(data: Path) -> None:
    conf = data / "postgres/cluster/postgresql.conf"
    with (
        _edited(conf, conf.read_text() + "no_such_setting = 1\n"),
        pytest.raises(UnavailableError, match="no_such_setting"),
    ):
        join(data)
    assert not server_status(data).running


def test_a_cluster_of_another_major_version_is_refused(data: Path) -> None:
    with (
        _edited(data / "postgres/cluster/PG_VERSION", "17\n"),
        pytest.raises(UnavailableError, match="made by PostgreSQL 17"),
    ):
        join(data)


def test_a_cluster_that_was_lost_is_not_silently_replaced(field: Path) -> None:
    (field / "postgres.place").write_text(f"{field}/gone\n")
    with pytest.raises(UnavailableError, match="gone"):
        join(field)


@pytest.mark.parametrize("city", ["", "Shenzhen", "../x", "1a", "a" * 51, 'a"b'])
def test_a_city_needs_an_id(field: Path, city: str) -> None:
    with pytest.raises(BadInputError):
        open_cell(field, city)
    assert list(field.iterdir()) == []


def test_the_state_is_told_without_making_anything(field: Path, seed: Path) -> None:
    empty = server_status(field / "none")
    assert (empty.place, empty.running, empty.pid, empty.made_by) == ("", False, 0, "")
    assert empty.disk_free > 0
    assert list(field.iterdir()) == []
    stopped = server_status(seed)
    assert (stopped.place, stopped.running, stopped.made_by) == (
        str(seed / "postgres"),
        False,
        "18",
    )
    assert stopped.programs.startswith("18.")


def test_an_external_server_takes_the_place_of_ours(
    data: Path, field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = join(data)
    monkeypatch.setenv(EXTERNAL, f"postgresql:///?host={share.host}&user={USER}")
    unused = field / "unused"
    with open_cell(unused, "shenzhen") as cell, cell.connection() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    status = server_status(unused)
    assert (status.external, status.running, status.place) == (True, True, share.host)
    assert not unused.exists()
    share.close()
    assert not server_status(unused).running
    with pytest.raises(UnavailableError, match="RIDECODE_DATABASE_URL"):
        open_cell(unused, "shenzhen")


def test_an_address_that_is_none_is_refused_without_repeating_it(
    field: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EXTERNAL, "postgresql://rider:secret@[::1")
    with pytest.raises(BadInputError, match=EXTERNAL) as told:
        open_cell(field / "unused", "shenzhen")
    assert "secret" not in str(told.value)
    with pytest.raises(BadInputError, match=EXTERNAL):
        server_status(field / "unused")


def test_a_closed_cell_gives_no_session(data: Path) -> None:
    cell = open_cell(data, "shenzhen")
    cell.close()
    with pytest.raises(UnavailableError, match="was closed"), cell.connection():
        pass


def test_a_session_is_committed_at_its_end_and_rolled_back_on_an_error(data: Path) -> None:
    with open_cell(data, "shenzhen") as cell:
        with cell.connection() as conn:
            conn.execute("CREATE TABLE pairs (n int)")
        with pytest.raises(ZeroDivisionError), cell.connection() as conn:
            conn.execute("INSERT INTO pairs VALUES (1)")
            raise ZeroDivisionError
        with pytest.raises(psycopg.errors.DivisionByZero), cell.connection() as conn:
            conn.execute("SELECT 1 / 0")
        with cell.connection() as conn:
            assert conn.execute("SELECT count(*) FROM pairs").fetchone() == (0,)


def test_a_server_that_goes_away_is_a_typed_error(data: Path) -> None:
    with open_cell(data, "shenzhen") as cell:
        with pytest.raises(UnavailableError, match="went away"), cell.connection() as conn:
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        with cell.connection() as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
    with (
        Cell("shenzhen", cell.dsn) as left,
        pytest.raises(UnavailableError, match="no session"),
        left.connection(),
    ):
        pass


def test_the_guard_needs_the_standard_library_alone() -> None:
    """It runs with `-S`: a venv that is being replaced does not keep it from its work."""
    assert guard.__file__ is not None
    lines = Path(guard.__file__).read_text().splitlines()
    imports = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]
    assert set(imports) <= {
        "fcntl", "os", "pathlib", "signal", "subprocess", "sys", "threading", "time", "typing",
    }  # fmt: skip
