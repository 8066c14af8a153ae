"""What a reader trusts, on its disk: whole after any power cut, or not there.

`trust` holds all but the deny list's base, and is replaced as one file; the base lies beside it as
`deny.<version>`. What was taken in since the base is kept as one delta, so that a change a minute
does not write a million accounts a minute.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ridecode.core import BadInputError
from ridecode.validator.bundle_file import BundleFile, read_bundle
from ridecode.validator.deny import DenyList
from ridecode.validator.deny_delta import DenyDelta, read_delta
from ridecode.validator.whole import write_whole

MAGIC: Final = b"ridecode trust 1\n"
REBASED_AT: Final = 16
"""The base is written anew when the delta since then is longer than a sixteenth of it."""

NO_BASE: Final = 0
"""A base version for a list that came whole: it is written down as the next base."""


class Held(Struct, frozen=True, kw_only=True, eq=False):
    """A whole state of trust, as it is judged by."""

    version: int
    root: int
    """Version of the root metadata."""
    vouch: int
    """How often the centre had vouched for anything, under that root."""
    made: int
    """When it last did so, UTC epoch microseconds."""
    bundle: bytes
    file: BundleFile
    deny_version: int
    deny_digest: bytes
    denied: DenyList
    base_version: int
    base_bytes: int
    since_base: DenyDelta | None
    """None where the list is the base."""


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    root: int
    vouch: int
    made: int
    bundle: bytes
    deny_version: int
    deny_digest: bytes
    base_version: int
    since_base: bytes


def keep(folder: Path, held: Held) -> Held:
    """Write it down; on return it is on the disk, and what it replaces is gone."""
    delta = b"" if held.since_base is None else held.since_base.to_bytes()
    base = _base(folder, held.base_version)
    if len(delta) * REBASED_AT > held.base_bytes or not base.exists():
        whole, delta = held.denied.to_bytes(), b""
        base = _base(folder, held.deny_version)
        held = replace(held, base_version=held.deny_version, base_bytes=len(whole), since_base=None)
        write_whole(base, whole)
    body = msgspec.msgpack.encode(
        _Kept(held.version, held.root, held.vouch, held.made, held.bundle, held.deny_version,
              held.deny_digest, held.base_version, delta)
    )  # fmt: skip
    write_whole(folder / "trust", MAGIC + sha256(body).digest() + body)
    for other in folder.glob("deny.*"):
        if other != base:
            other.unlink()
    return held


def kept(folder: Path) -> Held | None:
    """What was written down; None where nothing was, or it is damaged and must come anew."""
    try:
        data = (folder / "trust").read_bytes()
        digest, body = data[len(MAGIC) :][:32], data[len(MAGIC) + 32 :]
        if not data.startswith(MAGIC) or digest != sha256(body).digest():
            return None
        found = msgspec.msgpack.decode(body, type=_Kept)
        return _held(found, _base(folder, found.base_version).read_bytes())
    except (FileNotFoundError, BadInputError, msgspec.DecodeError):
        return None


def _held(found: _Kept, base: bytes) -> Held | None:
    denied, delta = DenyList.read(base), None
    if found.since_base:
        delta = read_delta(found.since_base)
        denied = delta.apply(denied)
    if denied.digest() != found.deny_digest:
        return None
    return Held(
        version=found.version, root=found.root, vouch=found.vouch, made=found.made,
        bundle=found.bundle, file=read_bundle(found.bundle), deny_version=found.deny_version,
        deny_digest=found.deny_digest, denied=denied, base_version=found.base_version,
        base_bytes=len(base), since_base=delta,
    )  # fmt: skip


def _base(folder: Path, version: int) -> Path:
    return folder / f"deny.{version}"
