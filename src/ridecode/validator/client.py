"""python-tuf's client, at a time that is an argument, and with files that it hands over whole."""

from datetime import UTC, datetime
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater

from ridecode.core import MICROS
from ridecode.validator.carrier import METADATA, TARGETS


class Client(Updater):
    """For one update: python-tuf's own rules, in its own order."""

    def __init__(self, folder: Path, root: bytes, carrier: FetcherInterface, now: int) -> None:
        super().__init__(
            str(folder / "metadata"), METADATA, str(folder), TARGETS, carrier, bootstrap=root
        )
        # Its own choice is the machine's clock; that name is not part of its promise.
        assert hasattr(self._trusted_set, "reference_time"), "python-tuf has changed: see here"
        self._trusted_set.reference_time = datetime.fromtimestamp(now / MICROS, UTC)

    def read(self, info: TargetFile) -> bytes:
        """A target's bytes, which are those that were signed."""
        path = Path(self.download_target(info, str(Path(self.target_dir or "") / "incoming")))
        data = path.read_bytes()
        path.unlink()
        return data

    def info(self, name: str) -> TargetFile:
        """What is signed under a name; `RepositoryError` where nothing is."""
        info = self.get_targetinfo(name)
        if info is None:
            raise RepositoryError(f"nothing is signed under the name {name!r}")
        return info
