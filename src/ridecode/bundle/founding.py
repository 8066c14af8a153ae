"""The beginning: eight keys, the first root, the first terms, and a deny list with nobody in it."""

from msgspec import to_builtins
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    Role,
    Root,
    TargetFile,
    Targets,
)

from ridecode.bundle.holders import BOTH, ROOTS, ROOTS_NEEDED, Holder, Secrets, new_signer
from ridecode.bundle.lifetimes import ROOT_DAYS, TARGETS_DAYS, until
from ridecode.bundle.repository import Repository
from ridecode.bundle.signing import issue, sign_deny
from ridecode.core import ConflictError
from ridecode.validator import (
    BUNDLE,
    DENY_FULL,
    BundleFile,
    DenyHead,
    DenyList,
    write_bundle,
    write_whole,
)

DENY_PATHS = ("deny/*",)


def found(repository: Repository, secrets: Secrets, file: BundleFile, now: int) -> bytes:
    """Make the keys and publish version 1; the root metadata for readers to be installed with.

    It is written beside the publication as well.

    `ConflictError` where the folder holds a publication already: its readers trust that one alone.
    """
    with repository.alone():
        if repository.exists:
            raise ConflictError(
                f"{repository.folder} is published already.",
                "Propose a change, or name another folder.",
            )
        signers = {holder: new_signer(secrets, holder) for holder in Holder}
        keys = {holder: made.public_key for holder, made in signers.items()}
        root: Metadata[Root] = Metadata(
            Root(
                version=1,
                expires=until(now, ROOT_DAYS),
                keys={key.keyid: key for holder, key in keys.items() if holder is not Holder.DENY},
                roles={
                    "root": Role([keys[holder].keyid for holder in ROOTS], ROOTS_NEEDED),
                    "targets": Role([keys[holder].keyid for holder in BOTH], len(BOTH)),
                    "snapshot": Role([keys[Holder.SNAPSHOT].keyid], 1),
                    "timestamp": Role([keys[Holder.TIMESTAMP].keyid], 1),
                },
            )
        )
        for holder in ROOTS:
            root.sign(signers[holder], append=True)
        deny_key = keys[Holder.DENY]
        targets: Metadata[Targets] = Metadata(
            Targets(
                expires=until(now, TARGETS_DAYS),
                targets={BUNDLE: repository.write_target(BUNDLE, write_bundle(file))},
                delegations=Delegations(
                    {deny_key.keyid: deny_key},
                    {"deny": DelegatedRole("deny", [deny_key.keyid], 1, True, list(DENY_PATHS))},
                ),
            )
        )
        for holder in BOTH:
            targets.sign(signers[holder], append=True)
        repository.write(root)
        new = {
            "targets.json": repository.write(targets),
            "deny.json": sign_deny(repository, secrets, _nobody(repository), targets.signed, now),
        }
        installation = root.to_bytes()
        write_whole(repository.installation, installation)
        issue(repository, secrets, root.signed, now, new)
        return installation


def _nobody(repository: Repository) -> Targets:
    nobody = DenyList()
    head = DenyHead(1, 1, nobody.digest().hex(), ())
    full = repository.write_target(DENY_FULL, nobody.to_bytes())
    info = TargetFile(full.length, full.hashes, DENY_FULL, {"custom": to_builtins(head)})
    return Targets(targets={DENY_FULL: info})
