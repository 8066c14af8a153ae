"""A centre in a folder, its eight keys in memory, and the readers that listen to it.

Times are UTC epoch microseconds from `NOW` on; a test moves them itself.
"""

import shutil
from pathlib import Path
from typing import Final

from ridecode.bundle import (
    BOTH,
    Foreseen,
    ForeseenFares,
    ForeseenOfProduct,
    Proposal,
    Publisher,
    Repository,
    found,
    propose,
    publish,
    sign,
)
from ridecode.core import NotFoundError
from ridecode.validator import BundleFile, FolderCarrier, Terms, Trust, digest_of, rejudge
from tests.validator.lane import NOW, S, terms

HOUR: Final = 3_600 * S
DAY: Final = 24 * HOUR


class Vault:
    """Secrets in memory: a name once given keeps its secret."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.held))

    def get(self, name: str) -> bytes:
        if name not in self.held:
            raise NotFoundError(f"nothing named {name}")
        return self.held[name]

    def put(self, name: str, secret: bytes) -> None:
        assert self.held.setdefault(name, secret) == secret

    def without(self, *holders: str) -> "Vault":
        """A vault where those holders' keys are not."""
        other = Vault()
        other.held = {name: secret for name, secret in self.held.items()
                      if name.split("/")[1] not in holders}  # fmt: skip
        return other


def fares(digest: str) -> ForeseenFares:
    """A week of two rides that would have cost 50 more each."""
    product = ForeseenOfProduct("bus", 2, 2, 0, 400, 500)
    return ForeseenFares(digest=digest, since=NOW - 7 * DAY, until=NOW, riders=1, rides=2,
                         before=400, after=500, products=(product,))  # fmt: skip


def foreseen(before: Terms, after: Terms) -> Foreseen:
    """That week, where the tariff changes; and one without a reading, where readers judge anew."""
    return Foreseen(
        None if before.tariff == after.tariff else fares(after.tariff),
        None if digest_of(before) == digest_of(after)
        else rejudge(before, after, (), since=NOW - 7 * DAY, until=NOW),
    )  # fmt: skip


class Centre:
    """Founded at `NOW` in a folder of its own."""

    def __init__(self, folder: Path, city: str = "tiny") -> None:
        self.folder, self.vault = folder, Vault()
        self.repository = Repository(folder / "public")
        self.root = found(self.repository, self.vault, BundleFile(city=city, terms=(terms(),)), NOW)
        self.publisher = Publisher(self.repository, self.vault)

    @property
    def public(self) -> Path:
        return self.repository.folder

    @property
    def carrier(self) -> FolderCarrier:
        return FolderCarrier(self.public)

    def reader(self, name: str = "reader", city: str = "tiny") -> Trust:
        """A reader; of the same name, the same one after a restart."""
        return Trust(self.folder / name, root=self.root, city=city)

    def copy(self, name: str) -> Path:
        """What is published now, carried away."""
        shutil.copytree(self.public, self.folder / name)
        return self.folder / name

    def propose(self, new: Terms, now: int = NOW) -> Proposal:
        told = foreseen(self.repository.bundle().terms[-1], new)
        return propose(self.repository, new, told, now)

    def change(self, new: Terms, now: int = NOW) -> int:
        """From the wish to the published version, with both signatures."""
        proposal = self.propose(new, now)
        for holder in BOTH:
            proposal = sign(self.repository, proposal, holder, self.vault)
        return publish(self.repository, proposal, self.vault, now)


def account(number: int) -> str:
    return f"310517{number:013}"
