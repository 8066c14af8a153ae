"""The file of a backup: a zip that any tool opens, with a manifest that says what must be in it.

    manifest.json                        what is there, with SHA-256 of every member
    cities/<city>/<table>.copy           a table's rows as PostgreSQL's COPY writes them in text
    files/<path>                         a file of the data folder: the vault, its key, …

The manifest is written last and read first. A file that was cut short has none.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from msgspec import Struct

from ridecode.core import BadInputError
from ridecode.store.whole import whole_file

FORMAT: Final = "ridecode backup 1"
OURS: Final = frozenset({"postgres", "postgres.place", "postgres.lock", "vault.lock"})
"""What in a data folder belongs to one machine, and to no backup: PostgreSQL's files, and locks."""
_MANIFEST = "manifest.json"
_PIECE = 1 << 20
_FAST = 1
"""Level of compression: rows shrink to a quarter at it; higher ones cost three times as much."""

_UNREADABLE = (
    KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError,
    RuntimeError, OverflowError, OSError, struct.error,
)  # fmt: skip
"""What zipfile raises for a member that is not there, damaged, or packed in a way unknown to it."""


class Member(Struct, frozen=True):
    """One member of the archive, as it was written."""

    name: str
    bytes: int
    sha256: str


class Table(Struct, frozen=True):
    """A table's rows."""

    name: str
    columns: tuple[str, ...]
    rows: int
    member: Member


class City(Struct, frozen=True):
    """One city's database at one moment."""

    city: str
    revision: str
    """The schema's."""
    tables: tuple[Table, ...]
    """In an order in which they can be written: none refers to a later one."""
    sequences: dict[str, int]
    """The last number that each has given; sequences that gave none are not named."""


class File(Struct, frozen=True):
    """A file of the data folder."""

    path: str
    mode: int
    member: Member


class Manifest(Struct, frozen=True):
    """All that is in a backup."""

    format: str
    ridecode: str
    made: int
    """UTC epoch microseconds."""
    cities: tuple[City, ...]
    files: tuple[File, ...]

    @property
    def members(self) -> Iterator[Member]:
        for city in self.cities:
            for table in city.tables:
                yield table.member
        for file in self.files:
            yield file.member


class Writer:
    """Writes the members one after another, then the manifest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive

    def add(self, name: str, pieces: Iterable[bytes | bytearray | memoryview]) -> Member:
        """Write a member of whatever length."""
        digest, length = sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                length += len(piece)
        return Member(name, length, digest.hexdigest())

    def close(self, manifest: Manifest) -> None:
        self._zip.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@contextmanager
def writing(file: Path) -> Iterator[Writer]:
    """A new archive, whole or not at all; on the disk when the block ends."""
    with (
        whole_file(file) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as archive,
    ):
        yield Writer(archive)


class Reader:
    """An archive whose manifest has been read."""

    def __init__(self, archive: zipfile.ZipFile, file: Path) -> None:
        self._zip, self._file = archive, file
        try:
            self.manifest = msgspec.json.decode(archive.read(_MANIFEST), type=Manifest)
        except (*_UNREADABLE, msgspec.DecodeError) as error:
            raise self._damaged(f"its {_MANIFEST} cannot be read") from error
        if self.manifest.format != FORMAT:
            raise self._damaged(f"its format is {self.manifest.format!r}, not {FORMAT!r}")
        for kept in self.manifest.files:
            if not _may_lie_at(kept.path):
                raise self._damaged(f"no file of a data folder lies at {kept.path!r}")

    def pieces(self, member: Member) -> Iterator[bytes]:
        """A member's bytes; raises `BadInputError` at its end if they are not those written."""
        digest, length = sha256(), 0
        try:
            with self._zip.open(member.name) as content:
                while piece := content.read(_PIECE):
                    digest.update(piece)
                    length += len(piece)
                    yield piece
        except _UNREADABLE as error:
            raise self._damaged(f"{member.name} cannot be read") from error
        if (length, digest.hexdigest()) != (member.bytes, member.sha256):
            raise self._damaged(f"{member.name} is not what was written")

    def _damaged(self, how: str) -> BadInputError:
        return BadInputError(
            f"This is no whole backup: {how}.", "Take another copy of it.", file=str(self._file)
        )


@contextmanager
def reading(file: Path) -> Iterator[Reader]:
    """An archive to read from; raises `BadInputError` for a file that is none."""
    with file.open("rb") as content:
        try:
            archive = zipfile.ZipFile(content)
        except _UNREADABLE as error:
            raise BadInputError(
                "This is no whole backup: it was cut short, or is another file.",
                "Take another copy of it.",
                file=str(file),
            ) from error
        with archive:
            yield Reader(archive, file)


def _may_lie_at(path: str) -> bool:
    parts = PurePosixPath(path).parts
    inside = bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path
    return inside and parts[0] not in OURS
