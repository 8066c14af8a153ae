"""What the stage's gates trust: one publication, fetched by those who have a network."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from ridecode.bundle import Publisher, Repository, Secrets
from ridecode.core import NotFoundError
from ridecode.validator import Bundle, FolderCarrier, Outcome, Trust, Update


class Trusted:
    """For one thread at a time; times are UTC epoch microseconds of the city."""

    def __init__(
        self, folder: Path, publication: Repository, secrets: Secrets, city: str, now: int
    ) -> None:
        """Fetch what is published, into a folder of the stations'."""
        self._published, self._old = publication, folder / "old"
        self._publisher = Publisher(self._published, secrets)
        installed = publication.installation.read_bytes()
        self._trust = Trust(folder / "station", root=installed, city=city)
        self._publisher.vouch(now)
        self.fetch(now)
        shutil.rmtree(self._old, ignore_errors=True)
        shutil.copytree(self._published.folder, self._old)

    @property
    def version(self) -> int:
        """What gates with a network judge by."""
        return self._trust.version

    def bundle(self, now: int) -> Bundle:
        """What is in force at the stations that have a network."""
        bundle = self._trust.bundle(now)
        if bundle is None:
            raise NotFoundError("No bundle is in force.", "Remove the demonstration's folder.")
        return bundle

    def publish(self, denied: Iterable[str], now: int) -> None:
        """These accounts may not ride; it is vouched for that all else is as it was."""
        self._publisher.deny(denied, now)

    def fetch(self, now: int) -> Update:
        """What the stations make of the newest publication."""
        return self._trust.update(FolderCarrier(self._published.folder), now)

    def fetch_old(self, now: int) -> Update:
        """What they make of the one from when the stage was set."""
        told = self._trust.update(FolderCarrier(self._old), now)
        assert told.outcome is not Outcome.UPDATED, "an old publication was taken for a new one"
        return told
