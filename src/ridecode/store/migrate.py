"""Bringing a database to the newest schema: Alembic runs the files in `migrations/versions`.

Each file is one step, written as SQL. Its revision is its own file name without `.py`, and the
names are in order, so that the newest is known without loading Alembic.

A database is migrated while others work on it. Each lock is waited for no longer than the others
can bear, for whoever comes later stands behind us meanwhile; then the whole step is tried again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ridecode.core import UnavailableError

_MIGRATIONS = Path(__file__).parent / "migrations"
STEPS = _MIGRATIONS / "versions"
_LOCK = 0x726964
"""Number of the advisory lock under which one process at a time migrates a database."""
_PATIENCE_MS = 400
"""Below PostgreSQL's deadlock_timeout of 1 s: where two wait for each other, it is we who yield."""
_PAUSE_S = 0.3
_SAY_AFTER = 5
"""So many attempts are made in silence."""


def steps() -> list[str]:
    """All revisions, in order."""
    return sorted(file.stem for file in STEPS.glob("[0-9]*.py"))


def _unsaid(_message: str) -> None:
    """Nobody wants to hear what is being waited for."""


def migrate(dsn: str, to: str = "", say: Callable[[str], None] = _unsaid) -> None:
    """Bring the database to a revision, the newest if none is named; it never goes back.

    All steps that are missing are one transaction: they are all done, or none is. Nothing happens
    where it is there already. `say` is told when somebody's long transaction is in the way.
    """
    now = current(dsn)
    for revision in (now, to):
        if revision:
            check_known(revision)
    wanted = to or steps()[-1]
    if now is None or now < wanted:
        attempts = 1
        while not _upgrade(dsn, wanted):
            attempts += 1
            if attempts == _SAY_AFTER:
                say("Long work is going on in the database; its new schema waits for the end.")
            time.sleep(_PAUSE_S)


def check_known(revision: str) -> None:
    """Raises `UnavailableError` for a revision of a ridecode that is newer than this one."""
    if revision not in steps():
        raise UnavailableError(
            f"The database is at {revision}, which this ridecode does not know.",
            "Use the newer ridecode that made it, or another data folder.",
        )


def current(dsn: str) -> str | None:
    """At which revision the database is; None before the first."""
    with psycopg.connect(dsn) as conn:
        table = conn.execute("SELECT to_regclass('alembic_version')").fetchone()
        if table is None or table[0] is None:
            return None
        row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def _upgrade(dsn: str, to: str) -> bool:
    """All steps up to a revision; False where somebody's lock was in the way, and nothing done."""
    # Loading the two takes half a second, which a command on a finished database need not pay.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import NullPool, create_engine, text
    from sqlalchemy.exc import OperationalError

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
            connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MS}"))
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True


@contextmanager
def held(dsn: str) -> Iterator[None]:
    """Nobody migrates the database while the block runs."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock_shared(%s)", (_LOCK,))
        yield
