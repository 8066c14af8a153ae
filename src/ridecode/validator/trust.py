"""What a reader trusts, kept up to date by TUF, and never made worse by whoever carries it.

The centre publishes (docs/bundle.md): root (2 of 3 keys), targets (two roles' keys: the bundle),
deny (one key: the deny list), snapshot and timestamp. `Trust.update` asks in TUF's own order and
takes all or nothing; of whatever is older, frozen, mixed, unsigned or malformed it takes nothing,
says so by an `Outcome`, and goes on judging by what it has.
"""

from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct
from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Root, Timestamp
from tuf.ngclient import FetcherInterface

from ridecode.core import BadInputError
from ridecode.validator.bundle import Bundle
from ridecode.validator.bundle_file import BundleFile, Terms, read_bundle
from ridecode.validator.client import Client
from ridecode.validator.freshness import Freshness
from ridecode.validator.kept_trust import Held, keep, kept
from ridecode.validator.newest_deny import newest

BUNDLE: Final = "bundle"
VOUCHED: Final = "vouched"
"""The field of the timestamp that tells when it was made, UTC epoch microseconds."""


class Outcome(IntEnum):
    """What came of an update. Below 10 the centre was heard; from 20 on it was not the centre."""

    CURRENT = 0
    """Nothing newer."""
    UPDATED = 1
    UNREACHABLE = 10
    """No answer, or files are missing."""
    UNWRITABLE = 11
    """The reader's own disk does not take it."""
    ROLLBACK = 20
    """Older than what is known."""
    FROZEN = 21
    """Signed by the centre, but past the day until which that was to be believed."""
    MIXED = 22
    """Files that do not belong together, or are not those that were signed."""
    UNSIGNED = 23
    """Too few signatures of the keys that count."""
    MALFORMED = 24
    """Signed, but not readable; or not readable at all."""
    OTHER_CITY = 25
    """Signed for the readers of another city."""

    @property
    def heard(self) -> bool:
        return self < Outcome.UNREACHABLE


class Update(Struct, frozen=True):
    """The outcome, and in words what was found."""

    outcome: Outcome
    found: str = ""


class _OtherCityError(Exception):
    """The bundle is signed, but for another city."""


class Trust:
    """The trust of one reader, in a folder of its own. One thread updates; any may ask."""

    def __init__(self, folder: Path, *, root: bytes, city: str) -> None:
        """`root` is the root metadata with which the reader was installed; it came by hand."""
        (folder / "metadata").mkdir(parents=True, exist_ok=True)
        self._folder, self._root, self._city = folder, root, city
        self._held = kept(folder)
        self._made: tuple[Held, Terms, Bundle] | None = None

    @property
    def version(self) -> int:
        """The version that it judges by; 0 for none."""
        return self._held.version if self._held else 0

    def bundle(self, now: int) -> Bundle | None:
        """What is in force; None where nothing was ever taken, or nothing is in force yet."""
        held, made = self._held, self._made
        terms = held.file.at(now) if held else None
        if held is None or terms is None:
            return None
        if made is None or made[0] is not held or made[1] is not terms:
            made = self._made = held, terms, _bundle(held, terms, made[2] if made else None)
        return made[2]

    def freshness(self, now: int) -> Freshness:
        """The state of the bundle; expired where there is none."""
        bundle = self.bundle(now)
        return bundle.rules.freshness.state(bundle.made, now) if bundle else Freshness.EXPIRED

    def update(self, carrier: FetcherInterface, now: int) -> Update:
        """Ask the carrier for anything newer. On return what was taken is on the disk."""
        try:
            return self._updated(Client(self._folder, self._root, carrier, now))
        except tuple(_OUTCOMES) as error:
            outcome = next(_OUTCOMES[kind] for kind in type(error).__mro__ if kind in _OUTCOMES)
            return Update(outcome, str(error))

    def _updated(self, client: Client) -> Update:
        client.refresh()
        word, before = _word(self._folder), self._held
        # Under another root the counting may begin anew: that is how a thief's numbers are undone.
        if before and word.root == before.root:
            if word.vouch < before.vouch:
                raise tuf.BadVersionNumberError(f"word {word.vouch} came after {before.vouch}")
            if word.vouch == before.vouch:
                return Update(Outcome.CURRENT)
        bundle, file = self._file(client)
        denied = newest(client, before)
        self._held = keep(
            self._folder,
            Held(version=word.version, root=word.root, vouch=word.vouch, made=word.made,
                 bundle=bundle, file=file, deny_version=denied.version,
                 deny_digest=denied.digest, denied=denied.denied,
                 base_version=denied.base_version, base_bytes=denied.base_bytes,
                 since_base=denied.since_base),
        )  # fmt: skip
        newer = before is None or word.version != before.version
        return Update(Outcome.UPDATED if newer else Outcome.CURRENT)

    def _file(self, client: Client) -> tuple[bytes, BundleFile]:
        info, held = client.info(BUNDLE), self._held
        if held and info.hashes.get("sha256") == sha256(held.bundle).hexdigest():
            return held.bundle, held.file
        data = client.read(info)
        file = read_bundle(data)
        if file.city != self._city:
            raise _OtherCityError(f"a bundle of {file.city!r}, not of {self._city!r}")
        return data, file


_OUTCOMES: Final[dict[type[Exception], Outcome]] = {
    tuf.BadVersionNumberError: Outcome.ROLLBACK,
    tuf.ExpiredMetadataError: Outcome.FROZEN,
    tuf.LengthOrHashMismatchError: Outcome.MIXED,
    tuf.DownloadLengthMismatchError: Outcome.MIXED,
    tuf.UnsignedMetadataError: Outcome.UNSIGNED,
    tuf.RepositoryError: Outcome.MALFORMED,
    BadInputError: Outcome.MALFORMED,
    _OtherCityError: Outcome.OTHER_CITY,
    tuf.DownloadError: Outcome.UNREACHABLE,
    OSError: Outcome.UNWRITABLE,
}


class _Word(Struct, frozen=True):
    """The centre's last, as just verified."""

    root: int
    version: int
    vouch: int
    made: int


def _word(folder: Path) -> _Word:
    root = Metadata[Root].from_file(str(folder / "metadata" / "root.json")).signed
    timestamp = Metadata[Timestamp].from_file(str(folder / "metadata" / "timestamp.json")).signed
    made = timestamp.unrecognized_fields.get(VOUCHED)
    if not isinstance(made, int):
        raise tuf.RepositoryError(f"the timestamp does not say when it was {VOUCHED}")
    return _Word(root.version, timestamp.snapshot_meta.version, timestamp.version, made)


def _bundle(held: Held, terms: Terms, before: Bundle | None) -> Bundle:
    bundle = Bundle(
        city=held.file.city, version=held.version, made=held.made, roots=terms.roots,
        v1_keys=terms.v1_keys, rules=terms.rules, denied=held.denied,
        single_fare=terms.single_fare,
    )  # fmt: skip
    if before and _trusted(before) == _trusted(bundle):
        # It has good signatures in its memory, and they are good still.
        vars(bundle)["verifier"] = before.verifier
    return bundle


def _trusted(bundle: Bundle) -> tuple[object, ...]:
    return bundle.roots, bundle.v1_keys, bundle.rules.test_roots
