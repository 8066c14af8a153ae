"""The newest deny list, by the shortest delta that reaches back to the one that is held."""

from typing import Final

from msgspec import Struct, ValidationError, convert
from tuf.api.metadata import TargetFile

from ridecode.core import BadInputError
from ridecode.validator.client import Client
from ridecode.validator.deny import DenyList
from ridecode.validator.deny_delta import DenyDelta, read_delta
from ridecode.validator.kept_trust import NO_BASE, Held

DENY_FULL: Final = "deny/full"


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


class Newest(Struct, frozen=True, eq=False):
    """The newest deny list, and how it stands to the base that is on the disk."""

    version: int
    digest: bytes
    denied: DenyList
    base_version: int
    base_bytes: int
    since_base: DenyDelta | None


def newest(client: Client, before: Held | None) -> Newest:
    """By the shortest delta that reaches back to what is held, else by the full list."""
    info = client.info(DENY_FULL)
    head = _head(info)
    if before and before.deny_version <= head.version:
        held = Newest(before.deny_version, before.deny_digest, before.denied,
                      before.base_version, before.base_bytes, before.since_base)  # fmt: skip
        try:
            return _brought_on(client, held, head)
        except BadInputError:
            # What is held is not what the centre knows by that version: it is thrown away.
            pass
    denied = DenyList.read(client.read(info))
    held = Newest(head.full, denied.digest(), denied, NO_BASE, 0, None)
    return _brought_on(client, held, head)


def _brought_on(client: Client, held: Newest, head: DenyHead) -> Newest:
    """The newest list; `BadInputError` where none is reached from there."""
    if held.version == head.version and held.digest.hex() == head.digest:
        return held
    reaching = [since for since in head.since if since <= held.version]
    if not reaching:
        raise BadInputError(f"No delta reaches back to version {held.version}.")
    delta = read_delta(client.read(client.info(DenyHead.delta(max(reaching)))))
    if delta.to != head.version or delta.digest.hex() != head.digest:
        raise BadInputError("The delta and the head of the deny list contradict one another.")
    since = held.since_base
    whole = delta if since is None or delta.since <= held.base_version else since.then(delta)
    return Newest(head.version, delta.digest, delta.apply(held.denied), held.base_version,
                  held.base_bytes, whole)  # fmt: skip


def _head(full: TargetFile) -> DenyHead:
    try:
        return convert(full.custom, DenyHead)
    except ValidationError as error:
        raise BadInputError(f"This is no head of a deny list: {error}.") from error
