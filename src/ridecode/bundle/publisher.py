"""What the centre publishes by itself: the deny list, and the word that all is still so."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct, convert, to_builtins
from tuf.api.metadata import MetaFile, TargetFile

from ridecode.bundle.holders import Secrets
from ridecode.bundle.lifetimes import DENY_DAYS, SNAPSHOT_DAYS, half_over
from ridecode.bundle.repository import Repository
from ridecode.bundle.signing import issue, sign_deny, vouch
from ridecode.validator import (
    DENY_FULL,
    DenyDelta,
    DenyHead,
    DenyList,
    delta_between,
    read_delta,
)

SPACING: Final = 8
LEVELS: Final = 5
FULL_AGAIN_AT: Final = 16
"""The full list is written anew when the delta since it is longer than a sixteenth of it."""

WORTH_FROM: Final = 4
"""A delta is told that is shorter than a quarter of the full list."""


class Published(Struct, frozen=True):
    """What readers hear from now on."""

    version: int
    """Of the bundle, as it stands on taps."""
    denied: int
    changed: int
    """Accounts that were denied or allowed since the version before."""


class Publisher:
    """Signs with the keys of deny, snapshot and timestamp alone."""

    def __init__(self, repository: Repository, secrets: Secrets) -> None:
        self._repository, self._secrets = repository, secrets
        self._known: tuple[DenyHead, DenyList] | None = None

    def deny(self, accounts: Iterable[str], now: int) -> Published:
        """These accounts of 19 digits may not ride, and no others.

        Where they are the same as before, that is vouched for anew and nothing else is written.
        """
        with self._repository.alone():
            head, before = self._denied()
            after = DenyList(accounts)
            if after == before:
                return self._vouched(now, len(after))
            step = delta_between(before, after, head.version, head.version + 1)
            version = self._issue(now, {"deny.json": self._write(head, step, after, now)})
            self._repository.sweep(self._repository.deny().signed.targets.values())
            return Published(version, len(after), len(step))

    def vouch(self, now: int) -> Published:
        """All is still as it was published: readers stay fresh."""
        with self._repository.alone():
            return self._vouched(now, len(self._denied()[1]))

    def _vouched(self, now: int, denied: int) -> Published:
        """What is half over is signed anew on the way."""
        repository, new = self._repository, {}
        deny = repository.deny().signed
        if half_over(deny, now, DENY_DAYS):
            deny.version += 1
            targets = repository.targets().signed
            new["deny.json"] = sign_deny(repository, self._secrets, deny, targets, now)
        if new or half_over(repository.snapshot().signed, now, SNAPSHOT_DAYS):
            return Published(self._issue(now, new), denied, 0)
        info = repository.timestamp().signed.snapshot_meta
        vouch(repository, self._secrets, repository.root().signed, now, info)
        return Published(info.version, denied, 0)

    def _issue(self, now: int, new: Mapping[str, MetaFile]) -> int:
        root = self._repository.root().signed
        return issue(self._repository, self._secrets, root, now, new)

    def _denied(self) -> tuple[DenyHead, DenyList]:
        """The newest list, kept between calls as long as nobody else published."""
        targets = self._repository.deny().signed.targets
        head = convert(targets[DENY_FULL].custom, DenyHead)
        if self._known is None or self._known[0] != head:
            found = DenyList.read(self._repository.target(targets[DENY_FULL]))
            if head.version != head.full:
                since = targets[DenyHead.delta(head.full)]
                found = read_delta(self._repository.target(since)).apply(found)
            self._known = head, found
        return self._known

    def _write(self, head: DenyHead, step: DenyDelta, after: DenyList, now: int) -> MetaFile:
        repository = self._repository
        deny = repository.deny().signed
        deltas = self._deltas(head, step, deny.targets)
        full, at = deny.targets[DENY_FULL], head.full
        if at not in deltas or len(deltas[at]) * FULL_AGAIN_AT > full.length:
            full, at = repository.write_target(DENY_FULL, after.to_bytes()), step.to
        told = sorted(
            since for since, file in deltas.items() if len(file) * WORTH_FROM < full.length
        )
        head = DenyHead(at, step.to, step.digest.hex(), tuple(told))
        full = TargetFile(full.length, full.hashes, DENY_FULL, {"custom": to_builtins(head)})
        infos = [repository.write_target(DenyHead.delta(since), deltas[since]) for since in told]
        deny.targets = {info.path: info for info in (full, *infos)}
        deny.version += 1
        self._known = head, after
        return sign_deny(repository, self._secrets, deny, repository.targets().signed, now)

    def _deltas(
        self, head: DenyHead, step: DenyDelta, before: Mapping[str, TargetFile]
    ) -> dict[int, bytes]:
        """By the version that each is to reach back to."""
        made = {step.since: step.to_bytes()}
        for since in head.since:
            if since in starts(step.to) or since == head.full:
                file = self._repository.target(before[DenyHead.delta(since)])
                made[since] = read_delta(file).then(step).to_bytes()
        return made


def starts(version: int) -> set[int]:
    """Where the deltas begin that lead to a version: the last two multiples of 1, 8, 64, 512, …

    Whoever missed n versions takes a delta over a few times n; ten at most are kept at a time.
    """
    found = set()
    for level in range(LEVELS):
        width = SPACING**level
        last = (version - 1) // width * width
        found |= {max(last, 1), max(last - width, 1)}
    return found
