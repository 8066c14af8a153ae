"""The next version of each role, signed by the keys that count for it now."""

from collections.abc import Iterable, Mapping

from tuf.api.metadata import Key, Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

from ridecode.bundle.holders import Holder, Secrets, signer
from ridecode.bundle.lifetimes import DENY_DAYS, SNAPSHOT_DAYS, TIMESTAMP_DAYS, until
from ridecode.bundle.repository import Repository
from ridecode.validator import VOUCHED


def keys_of(root: Root, role: str) -> list[Key]:
    """The keys that count for a role."""
    return [root.keys[keyid] for keyid in root.roles[role].keyids]


def deny_keys(targets: Targets) -> Iterable[Key]:
    """The keys that count for the deny list."""
    assert targets.delegations is not None, "targets delegate the deny list from the first on"
    return targets.delegations.keys.values()


def sign_deny(
    repository: Repository, secrets: Secrets, deny: Targets, targets: Targets, now: int
) -> MetaFile:
    """The deny role as it is given, written."""
    deny.expires = until(now, DENY_DAYS)
    metadata: Metadata[Targets] = Metadata(deny)
    metadata.sign(signer(secrets, Holder.DENY, deny_keys(targets)))
    return repository.write(metadata)


def issue(
    repository: Repository, secrets: Secrets, root: Root, now: int, new: Mapping[str, MetaFile]
) -> int:
    """The next snapshot, with what is new, and the timestamp that tells of it."""
    snapshot = Snapshot(version=1)
    if repository.exists:
        snapshot = repository.snapshot().signed
        snapshot.version += 1
    snapshot.meta.update(new)
    snapshot.expires = until(now, SNAPSHOT_DAYS)
    metadata: Metadata[Snapshot] = Metadata(snapshot)
    metadata.sign(signer(secrets, Holder.SNAPSHOT, keys_of(root, "snapshot")))
    vouch(repository, secrets, root, now, repository.write(metadata))
    return snapshot.version


def vouch(
    repository: Repository, secrets: Secrets, root: Root, now: int, snapshot: MetaFile
) -> None:
    """The next timestamp: this snapshot is the newest, as of now."""
    timestamp = Timestamp(
        version=repository.timestamp().signed.version + 1 if repository.exists else 1,
        expires=until(now, TIMESTAMP_DAYS),
        snapshot_meta=snapshot,
        unrecognized_fields={VOUCHED: now},
    )
    metadata: Metadata[Timestamp] = Metadata(timestamp)
    metadata.sign(signer(secrets, Holder.TIMESTAMP, keys_of(root, "timestamp")))
    repository.write(metadata)
