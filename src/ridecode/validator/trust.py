"""What a reader trusts, kept up to date by TUF, and never made worse by whoever carries it.

The centre publishes (docs/bundle.md): root (2 of 3 keys), targets (two roles' keys: the bundle),
deny (one key: the deny list), snapshot and timestamp. `Trust.update` asks in TUF's own order and
takes all or nothing; of whatever is older, frozen, mixed, unsigned or malformed it takes nothing,
says so by an `Outcome`, and goes on judging by what it has.
"""

from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct, ValidationError, convert
from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Root, TargetFile, Timestamp
from tuf.ngclient import FetcherInterface, Updater

from ridecode.core import MICROS, BadInputError
from ridecode.validator.bundle import Bundle
from ridecode.validator.bundle_file import BundleFile, Terms, read_bundle
from ridecode.validator.carrier import METADATA, TARGETS
from ridecode.validator.deny import DenyList
from ridecode.validator.deny_delta import DenyDelta, read_delta
from ridecode.validator.freshness import Freshness
from ridecode.validator.kept_trust import Held, keep, kept

BUNDLE: Final = "bundle"
DENY_FULL: Final = "deny/full"
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


class DenyHead(Struct, frozen=True):
    """What the deny role says of its files, beside `deny/full`."""

    full: int
    """The version that the full file is."""
    version: int
    """The newest, which a delta leads to."""
    digest: str
    """Of the newest list (`DenyList.digest`), hexadecimal."""
    since: tuple[int, ...]
    """The versions from which a delta `deny/since-<version>` leads to the newest."""

    @staticmethod
    def delta(since: int) -> str:
        """The target's name of a delta."""
        return f"deny/since-{since}"


class _OtherCityError(Exception):
    """The bundle is signed, but for another city."""


class _Updater(Updater):
    """python-tuf's client, at a time that is an argument."""

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
            return self._updated(_Updater(self._folder, self._root, carrier, now))
        except tuple(_OUTCOMES) as error:
            outcome = next(_OUTCOMES[kind] for kind in type(error).__mro__ if kind in _OUTCOMES)
            return Update(outcome, str(error))

    def _updated(self, updater: _Updater) -> Update:
        updater.refresh()
        word, before = _word(self._folder), self._held
        # Under another root the counting may begin anew: that is how a thief's numbers are undone.
        if before and word.root == before.root:
            if word.vouch < before.vouch:
                raise tuf.BadVersionNumberError(f"word {word.vouch} came after {before.vouch}")
            if word.vouch == before.vouch:
                return Update(Outcome.CURRENT)
        bundle, file = self._file(updater)
        denied = _denied(updater, before)
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

    def _file(self, updater: _Updater) -> tuple[bytes, BundleFile]:
        info, held = _info(updater, BUNDLE), self._held
        if held and info.hashes.get("sha256") == sha256(held.bundle).hexdigest():
            return held.bundle, held.file
        data = updater.read(info)
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


class _Denied(Struct, frozen=True, eq=False):
    """The newest deny list, and how it stands to the base that is on the disk."""

    version: int
    digest: bytes
    denied: DenyList
    base_version: int
    base_bytes: int
    since_base: DenyDelta | None


def _denied(updater: _Updater, before: Held | None) -> _Denied:
    """By the shortest delta that reaches back to what is held, else by the full list."""
    info = _info(updater, DENY_FULL)
    head = _head(info)
    if before and before.deny_version <= head.version:
        held = _Denied(before.deny_version, before.deny_digest, before.denied,
                       before.base_version, before.base_bytes, before.since_base)  # fmt: skip
        try:
            return _brought_on(updater, held, head)
        except BadInputError:
            # What is held is not what the centre knows by that version: it is thrown away.
            pass
    full = updater.read(info)
    denied = DenyList.read(full)
    held = _Denied(head.full, denied.digest(), denied, head.full, len(full), None)
    return _brought_on(updater, held, head)


def _brought_on(updater: _Updater, held: _Denied, head: DenyHead) -> _Denied:
    """The newest list; `BadInputError` where none is reached from there."""
    if held.version == head.version and held.digest.hex() == head.digest:
        return held
    reaching = [since for since in head.since if since <= held.version]
    if not reaching:
        raise BadInputError(f"No delta reaches back to version {held.version}.")
    delta = read_delta(updater.read(_info(updater, DenyHead.delta(max(reaching)))))
    if delta.to != head.version or delta.digest.hex() != head.digest:
        raise BadInputError("The delta and the head of the deny list contradict one another.")
    since = held.since_base
    whole = delta if since is None or delta.since <= held.base_version else since.then(delta)
    return _Denied(head.version, delta.digest, delta.apply(held.denied), held.base_version,
                   held.base_bytes, whole)  # fmt: skip


def _info(updater: _Updater, name: str) -> TargetFile:
    info = updater.get_targetinfo(name)
    if info is None:
        raise tuf.RepositoryError(f"nothing is signed under the name {name!r}")
    return info


def _head(full: TargetFile) -> DenyHead:
    try:
        return convert(full.custom, DenyHead)
    except ValidationError as error:
        raise BadInputError(f"This is no head of a deny list: {error}.") from error


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
