"""The published folder: what TUF signed, and the files that it vouches for. Any web server will do.

    metadata/   <n>.root.json  <n>.targets.json  <n>.deny.json  <n>.snapshot.json  timestamp.json
    targets/    <sha256>.bundle  deny/<sha256>.full  deny/<sha256>.since-<n>

Every file but the timestamp keeps its content for good. The timestamp is written last, when all
that it leads to is on the disk: who reads meanwhile sees the state before, and so does whoever
comes back after a power cut.
"""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from ridecode.core import BadInputError, NotFoundError
from ridecode.validator import BUNDLE, BundleFile, read_bundle, write_whole

_SWEPT_AFTER_S: Final = 3_600


class Repository:
    """Reads and writes the folder; what is signed, and by whom, is its callers' business."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def of(data: Path, city: str) -> "Repository":
        """A city's publication in a data folder: DIR/bundles/CITY/public."""
        return Repository(data / "bundles" / city / "public")

    @property
    def installation(self) -> Path:
        """The root metadata that readers are installed with; it is given by hand, not published."""
        return self.folder.with_name("root.json")

    @property
    def exists(self) -> bool:
        return (self.folder / "metadata" / "timestamp.json").exists()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One publisher at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # Beside the folder and not in it: what is published is carried away as it is.
        with self.folder.with_name(f"{self.folder.name}.lock").open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def timestamp(self) -> Metadata[Timestamp]:
        return self._metadata("timestamp.json")

    def snapshot(self) -> Metadata[Snapshot]:
        version = self.timestamp().signed.snapshot_meta.version
        return self._metadata(f"{version}.snapshot.json")

    def root(self) -> Metadata[Root]:
        """The newest."""
        versions = [int(path.name.split(".")[0])
                    for path in (self.folder / "metadata").glob("*.root.json")]  # fmt: skip
        return self._metadata(f"{max(versions, default=0)}.root.json")

    def targets(self) -> Metadata[Targets]:
        return self._role("targets")

    def deny(self) -> Metadata[Targets]:
        return self._role("deny")

    def target(self, info: TargetFile) -> bytes:
        """The content of a file that was published."""
        path = self.folder / "targets" / info.get_prefixed_paths()[0]
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"{path} is gone.", "Bring the folder back from a copy.") from None
        return data

    def bundle(self) -> BundleFile:
        """The bundle that is published."""
        return read_bundle(self.target(self.targets().signed.targets[BUNDLE]))

    def write(self, metadata: Metadata[Any]) -> MetaFile:
        """A role's new version, with how a snapshot or timestamp tells of it."""
        data = metadata.to_bytes()
        signed: Signed = metadata.signed
        name = f"{_name(metadata)}.json"
        if not isinstance(signed, Timestamp):
            name = f"{signed.version}.{name}"
        _write(self.folder / "metadata" / name, data)
        return MetaFile.from_data(signed.version, data, ["sha256"])

    def write_target(self, name: str, data: bytes) -> TargetFile:
        """A file under its name and hash."""
        info = TargetFile.from_data(name, data, ["sha256"])
        _write(self.folder / "targets" / info.get_prefixed_paths()[0], data)
        return info

    def sweep(self, keep: Iterable[TargetFile]) -> None:
        """Deny files that nobody is led to any more go, an hour after: a reader may be at them."""
        kept = {path for info in keep for path in info.get_prefixed_paths()}
        now = (self.folder / "metadata" / "timestamp.json").stat().st_mtime
        for path in (self.folder / "targets" / "deny").iterdir():
            old = now - path.stat().st_mtime > _SWEPT_AFTER_S
            if old and f"deny/{path.name}" not in kept:
                path.unlink()

    def _role(self, role: str) -> Metadata[Targets]:
        version = self.snapshot().signed.meta[f"{role}.json"].version
        return self._metadata(f"{version}.{role}.json")

    def _metadata(self, name: str) -> Metadata[Any]:
        path = self.folder / "metadata" / name
        try:
            return Metadata.from_bytes(path.read_bytes())
        except FileNotFoundError:
            raise NotFoundError(
                f"Nothing was published in {self.folder} yet: {name} is not there.",
                "Begin with: ridecode bundle init",
            ) from None
        except Exception as error:
            raise BadInputError(f"This is no metadata: {error}.", file=str(path)) from error


def _name(metadata: Metadata[Any]) -> str:
    """Deny and targets are of one type, and told apart by what the first delegates."""
    signed: Signed = metadata.signed
    return "deny" if isinstance(signed, Targets) and signed.delegations is None else signed.type


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
