"""Bringing a database to the newest schema: Alembic runs the files in `migrations/versions`.

Each file is one step, written as SQL. Its revision is its own file name without `.py`, and the
names are in order, so that the newest is known without loading Alembic.
"""

from pathlib import Path

import psycopg

from ridecode.core import UnavailableError

_MIGRATIONS = Path(__file__).parent / "migrations"
STEPS = _MIGRATIONS / "versions"
_LOCK = 0x726964
"""Number of the advisory lock under which one process at a time migrates a database."""


def steps() -> list[str]:
    """All revisions, in order."""
    return sorted(file.stem for file in STEPS.glob("[0-9]*.py"))


def migrate(dsn: str) -> None:
    """Bring the database to the newest revision; nothing happens where it is there already.

    All steps that are missing are one transaction: they are all done, or none is.
    """
    known, current = steps(), _current(dsn)
    if current is not None and current not in known:
        raise UnavailableError(
            f"The database is at {current}, which this ridecode does not know.",
            "Use the newer ridecode that made it, or another data folder.",
        )
    if known and current != known[-1]:
        _upgrade(dsn)


def _current(dsn: str) -> str | None:
    with psycopg.connect(dsn) as conn:
        table = conn.execute("SELECT to_regclass('alembic_version')").fetchone()
        if table is None or table[0] is None:
            return None
        row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def _upgrade(dsn: str) -> None:
    # Loading the two takes half a second, which a command on a finished database need not pay.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import NullPool, create_engine, text

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
