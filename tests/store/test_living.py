"""A schema changes while a city works: nobody fails, nobody waits for long, nothing is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ridecode.store.launcher import USER, join
from ridecode.store.migrate import current, migrate, steps

# As the ridecode of that schema wrote and read.
INSERT = """
    INSERT INTO taps (tap_id, account, ts, account_type, kind, mode, product, operator, line, stop,
                      validator, vehicle, verdict, source, code, code_time, body)
    SELECT gen_random_uuid(), '3104870400000000001', n, 1, 1, 2, 'metro', '', '', 'sz-luohu', 'g1',
           '', 0, 1, '', 0, decode(repeat('00', 16), 'hex')
    FROM generate_series(1, 20) AS n ON CONFLICT (tap_id) DO NOTHING"""
READ = """
    SELECT tap_id, account, account_type, ts, kind, mode, product, operator, line, stop, source
    FROM taps WHERE account = '3104870400000000001' AND ts >= 0 AND verdict = 0
    ORDER BY account, ts, tap_id LIMIT 100"""
BEGAN_AT = "0002_rides"


@pytest.fixture
def old(server_folder: Path) -> Iterator[str]:
    """A database as an older ridecode left it."""
    share = join(server_folder)
    where = make_conninfo(host=share.host, port=share.port, user=USER, dbname="postgres")
    name = sql.Identifier("living")
    with psycopg.connect(where, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        dsn = make_conninfo(where, dbname="living")
        migrate(dsn, BEGAN_AT)
        yield dsn
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
    share.close()


class _Worker:
    """Does one thing again and again, and remembers how long the longest took."""

    def __init__(self, dsn: str, statement: str) -> None:
        self._dsn, self._statement = dsn, statement
        self.done, self.longest_s = 0, 0.0
        self.failed: list[Exception] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with psycopg.connect(self._dsn) as conn:
                while not self._stopped.is_set():
                    began = time.monotonic()
                    with conn.transaction():
                        conn.execute(self._statement.encode())
                    self.longest_s = max(self.longest_s, time.monotonic() - began)
                    self.done += 1
        except psycopg.Error as error:
            self.failed.append(error)


@contextmanager
def _working(dsn: str) -> Iterator[list[_Worker]]:
    workers = [_Worker(dsn, statement) for statement in (INSERT, INSERT, READ)]
    try:
        time.sleep(0.3)
        yield workers
        time.sleep(0.3)
    finally:
        for worker in workers:
            worker.stop()


def _count(dsn: str) -> int:
    with psycopg.connect(dsn) as conn:
        row = conn.execute("SELECT count(*) FROM taps").fetchone()
    assert row is not None
    return int(row[0])


def test_an_older_ridecode_goes_on_while_its_schema_becomes_the_newest(old: str) -> None:
    with _working(old) as workers:
        before = [worker.done for worker in workers]
        migrate(old)
        assert current(old) == steps()[-1]
    assert [worker.failed for worker in workers] == [[], [], []]
    assert all(worker.done > count for worker, count in zip(workers, before, strict=True))
    assert _count(old) == 20 * (workers[0].done + workers[1].done)
    assert max(worker.longest_s for worker in workers) < 5


def test_long_work_is_waited_for_and_holds_up_nobody_else(old: str) -> None:
    """A report reads taps for seconds: the change tries again, and writers go on in between."""
    said: list[str] = []
    with psycopg.connect(old) as report:
        report.execute("SELECT count(*) FROM taps")
        migrating = threading.Thread(target=migrate, args=(old,), kwargs={"say": said.append})
        with _working(old) as workers:
            migrating.start()
            time.sleep(5)
            assert current(old) == BEGAN_AT
            during = [worker.done for worker in workers]
            report.rollback()
            migrating.join(30)
    assert current(old) == steps()[-1]
    assert said == ["Long work is going on in the database; its new schema waits for the end."]
    assert [worker.failed for worker in workers] == [[], [], []]
    assert min(during) > 10
    assert max(worker.longest_s for worker in workers) < 2


def test_several_that_migrate_at_once_do_it_once(old: str) -> None:
    migrating = [threading.Thread(target=migrate, args=(old,)) for _ in range(3)]
    for one in migrating:
        one.start()
    for one in migrating:
        one.join()
    assert current(old) == steps()[-1]
