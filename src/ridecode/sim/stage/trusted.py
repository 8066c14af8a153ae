"""What the stage's gates trust: one publication, fetched by those who have a network."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from ridecode.bundle import Publisher, Repository, Secrets, found, terms_of
from ridecode.city import Pack
from ridecode.code import Root
from ridecode.core import NotFoundError
from ridecode.fares import Tariffs
from ridecode.validator import Bundle, BundleFile, FolderCarrier, Outcome, Trust, Update

_ROOT = "root.json"


class Trusted:
    """For one thread at a time; times are UTC epoch microseconds of the city."""

    def __init__(
        self, folder: Path, secrets: Secrets, pack: Pack, tariffs: Tariffs, root: Root, now: int
    ) -> None:
        """Publish where nothing is published yet, and fetch it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._published = Repository(folder / "published")
        self._old = folder / "old"
        if not self._published.exists:
            terms = terms_of(pack, tariffs, [root], active_from=now)
            file = BundleFile(city=pack.id, terms=(terms,))
            (folder / _ROOT).write_bytes(found(self._published, secrets, file, now))
        self._publisher = Publisher(self._published, secrets)
        installed = (folder / _ROOT).read_bytes()
        self._trust = Trust(folder / "station", root=installed, city=pack.id)
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
