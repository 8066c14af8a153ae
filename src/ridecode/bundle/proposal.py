"""A change of the bundle, from the wish to the published version: nobody makes one alone.

A proposal is a file that goes from hand to hand. It carries the next bundle and what that would
have done to rides and readings that have been; both roles' people read what it changes and sign.
Their signatures are those of TUF's targets, which every reader checks by itself, and they cover
bundle and figures alike. What was published meanwhile makes a proposal void.
"""

from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from tuf.api.metadata import Metadata, TargetFile, Targets, VerificationResult

from ridecode.bundle.changes import Change, changes
from ridecode.bundle.holders import BOTH, Holder, Secrets, holder_of, signer
from ridecode.bundle.lifetimes import TARGETS_DAYS, until
from ridecode.bundle.repository import Repository
from ridecode.bundle.signing import issue, keys_of
from ridecode.bundle.terms import next_file
from ridecode.core import BadInputError, ConflictError, RefusedError
from ridecode.validator import (
    BUNDLE,
    BundleFile,
    Rejudged,
    Terms,
    digest_of,
    read_bundle,
    write_bundle,
)

MAGIC: Final = b"ridecode proposal 1\n"


class ForeseenOfProduct(Struct, frozen=True):
    """Of the rides of one product; amounts in the currency's smallest unit."""

    product: str
    rides: int
    dearer: int
    cheaper: int
    before: int
    after: int


class ForeseenFares(Struct, frozen=True, kw_only=True):
    """What a tariff would have done to the rides of a span; from who can ask (`rides`)."""

    digest: str
    """Of the tariffs that were asked about."""
    since: int
    until: int
    """UTC epoch microseconds."""
    riders: int
    rides: int
    before: int
    after: int
    products: tuple[ForeseenOfProduct, ...]


class Foreseen(Struct, frozen=True):
    """What new terms would have done."""

    fares: ForeseenFares | None = None
    """None where the tariff stays as it is."""
    readings: Rejudged | None = None
    """None where readers judge as before."""


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change that is to be published."""

    bundle: bytes
    foreseen: Foreseen
    targets: bytes
    """The targets metadata to come, with the signatures so far."""

    @property
    def file(self) -> BundleFile:
        return read_bundle(self.bundle)

    @property
    def new(self) -> Terms:
        """The terms that are proposed: the last to begin."""
        return self.file.terms[-1]

    def to_bytes(self) -> bytes:
        """The file that goes from hand to hand."""
        return MAGIC + msgspec.msgpack.encode(self)


def read_proposal(data: bytes) -> Proposal:
    """`BadInputError` for what is none."""
    try:
        if not data.startswith(MAGIC):
            raise BadInputError("This is no proposal: it does not begin as one.")
        return msgspec.msgpack.decode(data[len(MAGIC) :], type=Proposal)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"This is no proposal: {error}.") from error


def propose(repository: Repository, terms: Terms, foreseen: Foreseen, now: int) -> Proposal:
    """The next bundle with these terms, to be signed.

    Raises `RefusedError` where nothing changes, or where what the change would have done is not
    told, `BadInputError` where the terms begin in the past.
    """
    before = repository.bundle()
    file = next_file(before, terms, now)
    if not changes(_newest(before), terms):
        raise RefusedError("Nothing would change.", "Change the city pack first.")
    _foreseen(before, terms, foreseen)
    bundle = write_bundle(file)
    targets = repository.targets().signed
    targets.version += 1
    targets.expires = until(now, TARGETS_DAYS)
    info = TargetFile.from_data(BUNDLE, bundle, ["sha256"])
    info.unrecognized_fields["custom"] = {"foreseen": _digest(foreseen)}
    targets.targets[BUNDLE] = info
    metadata: Metadata[Targets] = Metadata(targets)
    return Proposal(bundle=bundle, foreseen=foreseen, targets=metadata.to_bytes())


def changed(repository: Repository, proposal: Proposal) -> tuple[Change, ...]:
    """What it changes of what is published, however it was described."""
    return changes(_newest(repository.bundle()), proposal.new)


def sign(repository: Repository, proposal: Proposal, holder: Holder, secrets: Secrets) -> Proposal:
    """The proposal with the signature of one of the two roles.

    Raises `RefusedError` for any other holder and for a proposal that is not what it says,
    `ConflictError` for one that is void, `NotFoundError` where the vault has not the key.
    """
    if holder not in BOTH:
        raise RefusedError(
            f"{holder.value} has no say in a bundle.", "Sign as fares or as operations."
        )
    metadata = _checked(repository, proposal)
    root = repository.root().signed
    metadata.sign(signer(secrets, holder, keys_of(root, "targets")), append=True)
    return replace(proposal, targets=metadata.to_bytes())


def signed_by(repository: Repository, proposal: Proposal) -> tuple[Holder, ...]:
    """Who has signed, of those who have to."""
    result = _result(repository, _checked(repository, proposal))
    return tuple(sorted((holder_of(key) for key in result.signed.values()), key=BOTH.index))


def publish(repository: Repository, proposal: Proposal, secrets: Secrets, now: int) -> int:
    """Publish what both roles signed; the version that readers will judge by.

    Raises `RefusedError` where a signature is missing or the terms began before anybody could hear
    of them, `ConflictError` where something else was published meanwhile.
    """
    with repository.alone():
        metadata = _checked(repository, proposal)
        result = _result(repository, metadata)
        if not result:
            missing = " and ".join(holder_of(key).value for key in result.unsigned.values())
            raise RefusedError(f"{missing} did not sign.", "Let both: ridecode bundle sign")
        if proposal.new.active_from < now:
            raise RefusedError(
                "These terms would begin before any reader has heard of them.",
                "Propose them anew, from a later moment on.",
            )
        if proposal.file.at(now) != repository.bundle().at(now):
            raise RefusedError("This proposal takes away what is in force.", "Propose it anew.")
        repository.write_target(BUNDLE, proposal.bundle)
        new = {"targets.json": repository.write(metadata)}
        return issue(repository, secrets, repository.root().signed, now, new)


def _result(repository: Repository, metadata: Metadata[Targets]) -> VerificationResult:
    root = repository.root().signed
    return root.get_verification_result("targets", metadata.signed_bytes, metadata.signatures)


def _checked(repository: Repository, proposal: Proposal) -> Metadata[Targets]:
    """What is to be signed, and that it is the next and says what the proposal says."""
    try:
        metadata: Metadata[Targets] = Metadata.from_bytes(proposal.targets)
        targets = metadata.signed
        info = targets.targets[BUNDLE]
        info.verify_length_and_hashes(proposal.bundle)
        told = info.custom["foreseen"]
    except Exception as error:
        raise RefusedError(f"This proposal is not what it says: {error}.") from error
    now = repository.targets().signed
    if targets.version != now.version + 1:
        raise ConflictError(
            f"This proposal follows version {targets.version - 1}, and {now.version} is published.",
            "Propose it anew.",
        )
    others = {name: info for name, info in targets.targets.items() if name != BUNDLE}
    same = now.delegations == targets.delegations and others == {
        name: info for name, info in now.targets.items() if name != BUNDLE
    }
    before, stay = repository.bundle(), proposal.file.terms[:-1]
    same = same and stay == before.terms[len(before.terms) - len(stay) :] and bool(stay)
    if not same or told != _digest(proposal.foreseen) or proposal.file.city != before.city:
        raise RefusedError("This proposal changes more than it says.")
    _foreseen(before, proposal.new, proposal.foreseen)
    return metadata


def _foreseen(before: BundleFile, terms: Terms, foreseen: Foreseen) -> None:
    """Who changes a tariff or a limit tells what it would have done."""
    newest, judged = _newest(before), digest_of(terms)
    fares, readings = foreseen.fares, foreseen.readings
    if fares is None and terms.tariff != newest.tariff:
        raise RefusedError(
            "The tariff changes, and what it would have done is not told.",
            "Ask rides first: ridecode bundle propose does so over last week.",
        )
    if readings is None and judged != digest_of(newest):
        raise RefusedError(
            "Readers would judge otherwise, and what that would have done is not told.",
            "Judge readings anew first: ridecode bundle propose does so over last week.",
        )
    if fares is not None and fares.digest != terms.tariff:
        raise RefusedError("What is told was asked about another tariff.", "Ask again.")
    if readings is not None and readings.digest != judged:
        raise RefusedError("What is told was asked about other terms.", "Ask again.")


def _newest(file: BundleFile) -> Terms:
    return file.terms[-1]


def _digest(foreseen: Foreseen) -> str:
    return sha256(msgspec.json.encode(foreseen)).hexdigest()
