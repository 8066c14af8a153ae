"""Another key in the place of one that is lost, stolen or old."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Key, Metadata, MetaFile, Root, Targets

from ridecode.bundle.holders import (
    BOTH,
    ROOTS,
    Holder,
    Secrets,
    holder_of,
    new_signer,
    signer,
)
from ridecode.bundle.lifetimes import ROOT_DAYS, TARGETS_DAYS, until
from ridecode.bundle.repository import Repository
from ridecode.bundle.signing import deny_keys, issue, keys_of, sign_deny
from ridecode.core import NotFoundError, RefusedError


def rotate(repository: Repository, secrets: Secrets, holder: Holder, now: int) -> int:
    """A new key for a holder, and all that it has to sign signed with it: a new version.

    Of the roots two sign, in the old root's name and in the new one's; for a key of fares,
    operations or deny both roles sign the bundle anew. `RefusedError` or `NotFoundError` where
    the vault lacks a key that has to sign; then nothing was written. Snapshot and timestamp are
    also the way back for readers that were led to versions far ahead.
    """
    with repository.alone():
        root, targets = repository.root(), repository.targets().signed
        if holder is Holder.DENY:
            return _rotate_deny(repository, secrets, root.signed, targets, now)
        before = keys_of(root.signed, "root")
        old = _key_of(keys_of(root.signed, holder.role), holder)
        root.signed.revoke_key(old.keyid, holder.role)
        root.signed.add_key(new_signer(secrets, holder).public_key, holder.role)
        root = _sign_root(secrets, root.signed, before, now)
        new = {}
        if holder in BOTH:
            new["targets.json"] = _sign_targets(repository, secrets, root.signed, targets, now)
        repository.write(root)
        return issue(repository, secrets, root.signed, now, new)


def _rotate_deny(
    repository: Repository, secrets: Secrets, root: Root, targets: Targets, now: int
) -> int:
    deny = repository.deny().signed
    targets.revoke_key(_key_of(deny_keys(targets), Holder.DENY).keyid, "deny")
    targets.add_key(new_signer(secrets, Holder.DENY).public_key, "deny")
    deny.version += 1
    new = {
        "targets.json": _sign_targets(repository, secrets, root, targets, now),
        "deny.json": sign_deny(repository, secrets, deny, targets, now),
    }
    return issue(repository, secrets, root, now, new)


def _sign_root(secrets: Secrets, root: Root, before: list[Key], now: int) -> Metadata[Root]:
    root.version += 1
    root.expires = until(now, ROOT_DAYS)
    metadata: Metadata[Root] = Metadata(root)
    for one in (*_held(secrets, before), *_held(secrets, keys_of(root, "root"))):
        metadata.sign(one, append=True)
    old = sum(key.keyid in metadata.signatures for key in before)
    new = root.get_verification_result("root", metadata.signed_bytes, metadata.signatures)
    if old < root.roles["root"].threshold or not new:
        raise RefusedError(
            "Two of the three root keys have to sign, and this vault has not so many.",
            "Rotate where they are kept.",
        )
    return metadata


def _held(secrets: Secrets, keys: list[Key]) -> Iterator[CryptoSigner]:
    """The root keys among them that are in this vault."""
    for holder in ROOTS:
        with suppress(NotFoundError):
            yield signer(secrets, holder, keys)


def _sign_targets(
    repository: Repository, secrets: Secrets, root: Root, targets: Targets, now: int
) -> MetaFile:
    targets.version += 1
    targets.expires = until(now, TARGETS_DAYS)
    metadata: Metadata[Targets] = Metadata(targets)
    for holder in BOTH:
        metadata.sign(signer(secrets, holder, keys_of(root, "targets")), append=True)
    return repository.write(metadata)


def _key_of(keys: Iterable[Key], holder: Holder) -> Key:
    return next(key for key in keys if holder_of(key) is holder)
