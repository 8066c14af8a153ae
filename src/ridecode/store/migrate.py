"""Bringing a database to the newest schema: Alembic runs the files in `migrations/versions`.

Each file is one step, written as SQL. Its revision is its own file name without `.py`, and the
names are in order, so that the newest is known without loading Alembic.
"""

from pathlib import Path

import psycopg

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x726964
"""Number of the advisory lock under which one process at a time migrates a database."""


def newest() -> str | None:
    """The newest revision; None where there is none yet."""
    files = sorted((_MIGRATIONS / "versions").glob("[0-9]*.py"))
    return files[-1].stem if files else None


def migrate(dsn: str) -> None:
    """Bring the database to the newest revision; nothing happens where it is there already."""
    if newest() is not None and _current(dsn) != newest():
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
