"""What `ridecode doctor` sees of a data folder: its database, schema, vault and clock."""

import os
from typing import TYPE_CHECKING

from ridecode.cli.findings import Finding, ailing
from ridecode.core import RidecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ridecode.store import ServerStatus

_DISK_LEAST = 1 << 30


def looked_at(data: "Path", city: str) -> "Iterator[Finding]":
    """All of it, as far as there is a folder to look into."""
    there = next(one for one in (data, *data.absolute().parents) if one.exists())
    yield _folder(data, there)
    if there.is_dir():
        yield from _database(data)
        yield from _schema(data, city)
        yield _vault(data)
        yield _clock(data)


def _folder(data: "Path", there: "Path") -> Finding:
    """Whether this user may write there."""
    if not there.is_dir():
        return Finding("data folder", f"{there} is no folder.", good=False,
                       remedy="Name another one with --data.")  # fmt: skip
    writable = os.access(there, os.W_OK | os.X_OK)
    return Finding(
        "data folder",
        f"{data}{'' if data.exists() else ': not made yet'}",
        writable,
        remedy=f"Let this user write in {there}, or name another with --data.",
    )


def _database(data: "Path") -> "Iterator[Finding]":
    """PostgreSQL's programs, its server, the room that it has."""
    from ridecode.store import server_status

    try:
        status = server_status(data)
    except RidecodeError as error:
        yield ailing("database", error)
        return
    if status.external:
        found = f"external server {status.place or '?'}, PostgreSQL {status.programs or '?'}"
        yield Finding("database", found, status.running, remedy="See RIDECODE_DATABASE_URL: is "
                      "the server up, and is the address right?")  # fmt: skip
        return
    yield _server(data, status)
    yield Finding(
        "disk", f"{status.disk_free / (1 << 30):,.1f} GiB free where the database lies",
        status.disk_free >= _DISK_LEAST, remedy="Make room: PostgreSQL stops on a full disk.",
    )  # fmt: skip


def _server(data: "Path", status: "ServerStatus") -> Finding:
    from pathlib import Path

    state = "ready" if status.ready else "starting or recovering" if status.running else "at rest"
    process = f", process {status.pid}" if status.pid else ""
    found = f"PostgreSQL {status.programs} of our own, {state}{process}"
    if status.place and not Path(status.place).is_dir():
        return Finding(
            "database",
            f"It should lie in {status.place}, which is not there.",
            False,
            remedy=f"Bring that folder back; {data / 'postgres.place'} names it.",
        )
    if status.made_by and status.made_by != status.programs.split(".")[0]:
        return Finding("database", f"It was made by PostgreSQL {status.made_by}, and the programs "
                       f"are of {status.programs}.", good=False,
                       remedy=f"Back it up with PostgreSQL {status.made_by}, and restore it into a "
                       "new data folder.")  # fmt: skip
    return Finding("database", found, good=True)


def _schema(data: "Path", city: str) -> "Iterator[Finding]":
    """Only where a server runs: none is started to be asked."""
    from ridecode.store import schema_status

    try:
        status = schema_status(data, city)
    except RidecodeError:
        return  # of the database itself, and told there
    if status is None:
        return
    if not status.current:
        yield Finding(
            "schema", f"{city} has no database yet: the first command makes it", good=True
        )
    elif not status.known:
        yield Finding("schema", f"{status.current} was made by a newer ridecode.", good=False,
                      remedy="Use that one, or another data folder.")  # fmt: skip
    else:
        behind = status.current != status.newest
        told = f"{status.current}{f': the next command brings it to {status.newest}' * behind}"
        yield Finding("schema", told, good=True)


def _vault(data: "Path") -> Finding:
    """Whether it opens, and how well it is locked."""
    from ridecode.store import Vault

    try:
        status = Vault.looked_at(data)
    except RidecodeError as error:
        return ailing("vault", error)
    except OSError as error:
        return Finding("vault", f"{error.filename}: {error.strerror}.", good=False,
                       remedy="Let this user read it.")  # fmt: skip
    if status is None:
        return Finding("vault", "none yet: it is made with the first key", good=True)
    how = "locked with a passphrase" if status.locked else "opened by vault.key beside it"
    return Finding(
        "vault", f"{status.secrets:,} secrets, {how}", status.locked, needed=False,
        remedy="Good enough for a demonstration. Set RIDECODE_VAULT_PASSPHRASE for anything else.",
    )  # fmt: skip


def _clock(data: "Path") -> Finding:
    """The city's, and whether the machine's can be right."""
    from datetime import UTC, datetime

    from ridecode.core import MICROS
    from ridecode.store import Clock

    try:
        city = Clock.of_folder(data)
        shown, ahead_s = city.now(), city.ahead_s
    except RidecodeError as error:
        return ailing("clock", error)
    now = datetime.fromtimestamp(shown // MICROS, UTC)
    set_forward = f", {ahead_s:,} s before the machine's" if ahead_s else ""
    good = datetime.now(UTC).year >= _BUILT_IN
    remedy = (
        "The machine's clock is wrong: set it, and keep it by NTP. A code is good for a minute."
    )
    return Finding("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC{set_forward}", good, remedy=remedy)


_BUILT_IN = 2026
"""No clock of a machine that runs this can be right and show an earlier year."""
