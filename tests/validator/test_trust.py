"""A reader and its centre: what it takes, what it refuses and why, and that it keeps the last good.

Each attack takes what a centre signed and changes one thing about it, as whoever carries it could.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace
from tuf.api.metadata import MetaFile, TargetFile

from ridecode.bundle import Holder, Publisher, Repository, rotate
from ridecode.bundle.signing import issue, sign_deny
from ridecode.core import Verdict
from ridecode.validator import FolderCarrier, Freshness, Outcome, Trust, decide
from tests.bundle.centre import DAY, HOUR, Centre, account
from tests.validator.lane import ACCOUNT, BUS, NOW, S, code, lane, rules, terms


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def _denies(reader: Trust, *accounts: str, now: int = NOW) -> list[bool]:
    bundle = reader.bundle(now)
    assert bundle is not None
    return [one in bundle.denied for one in accounts]


def test_a_new_reader_knows_nothing_and_then_what_is_published(centre: Centre) -> None:
    reader = centre.reader()
    assert (reader.version, reader.bundle(NOW), reader.freshness(NOW)) == (0, None, _EXPIRED)
    assert reader.update(centre.carrier, NOW).outcome is Outcome.UPDATED
    bundle = reader.bundle(NOW)
    assert bundle is not None
    assert (bundle.city, bundle.version, bundle.made) == ("tiny", 1, NOW)
    assert (bundle.rules, bundle.single_fare) == (rules(), {"bus": 200})
    assert decide(bundle, lane(), code(), BUS, NOW).verdict is Verdict.ACCEPTED
    assert reader.update(centre.carrier, NOW).outcome is Outcome.CURRENT


_EXPIRED: Final = Freshness.EXPIRED


def test_a_denied_account_is_denied_at_the_next_asking_and_after_a_restart(centre: Centre) -> None:
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    published = centre.publisher.deny([ACCOUNT, account(9)], NOW + S)
    assert (published.version, published.denied, published.changed) == (2, 2, 2)
    assert reader.update(centre.carrier, NOW + 2 * S).outcome is Outcome.UPDATED
    for one in (reader, centre.reader()):
        assert (one.version, _denies(one, ACCOUNT, account(9), account(8))) == (
            2,
            [True, True, False],
        )
    bundle = reader.bundle(NOW + 2 * S)
    assert bundle is not None
    assert decide(bundle, lane(), code(), BUS, NOW + 2 * S).verdict is Verdict.DENIED
    centre.publisher.deny([account(9)], NOW + 3 * S)
    reader.update(centre.carrier, NOW + 4 * S)
    assert _denies(reader, ACCOUNT, account(9)) == [False, True]


def test_readers_that_were_away_catch_up_from_anywhere(centre: Centre) -> None:
    """Every version is reached from every one before it, by delta or by the full list."""
    crowd = {account(10_000 + n) for n in range(3_000)}
    readers, denied = [], set(crowd)
    for n in range(1, 80):
        denied = (denied | {account(n)}) - {account(10_000 + 7 * n), account(n - 3)}
        centre.publisher.deny(denied, NOW + n * S)
        if n % 13 == 1:
            readers.append(centre.reader(f"reader-{n}"))
        for at, reader in enumerate(readers):
            if n % (at + 1) == 0:
                assert reader.update(centre.carrier, NOW + n * S).outcome.heard
                held = reader.bundle(NOW + n * S)
                assert held is not None
                assert len(held.denied) == len(denied)
                assert all(one in held.denied for one in denied)
    restarted = centre.reader("reader-1").bundle(NOW)
    assert restarted is not None
    assert restarted == readers[0].bundle(NOW)


def test_terms_begin_at_their_moment_with_no_network(centre: Centre) -> None:
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    before = reader.bundle(NOW)
    centre.change(terms(active_from=NOW + DAY, single_fare={"bus": 250}, tariff="bb" * 16))
    reader.update(centre.carrier, NOW)
    for now, fare in ((NOW, 200), (NOW + DAY - 1, 200), (NOW + DAY, 250), (NOW + 9 * DAY, 250)):
        bundle = reader.bundle(now)
        assert bundle is not None
        assert (bundle.version, bundle.single_fare) == (2, {"bus": fare})
    assert before is not None
    after = reader.bundle(NOW)
    assert after is not None
    assert after.verifier is before.verifier, "good signatures are remembered"


FRESH: Final = (
    (0, Freshness.FRESH), (12 * HOUR, Freshness.FRESH), (12 * HOUR + 1, Freshness.STALE),
    (24 * HOUR, Freshness.STALE), (24 * HOUR + 1, Freshness.EXPIRED),
)  # fmt: skip


@pytest.mark.parametrize(("after", "state"), FRESH)
def test_without_network_a_bundle_grows_stale_and_then_expires(
    centre: Centre, after: int, state: Freshness
) -> None:
    reader, away = centre.reader(), FolderCarrier(centre.folder / "nowhere")
    reader.update(centre.carrier, NOW)
    assert reader.update(away, NOW + after).outcome is Outcome.UNREACHABLE
    assert reader.freshness(NOW + after) is state


def test_that_all_is_still_so_makes_a_bundle_fresh_again(centre: Centre) -> None:
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    assert centre.publisher.vouch(NOW + DAY).version == 1
    assert reader.freshness(NOW + DAY) is Freshness.STALE
    assert reader.update(centre.carrier, NOW + DAY).outcome is Outcome.CURRENT
    assert (reader.version, reader.freshness(NOW + DAY)) == (1, Freshness.FRESH)
    assert centre.reader().freshness(NOW + DAY) is Freshness.FRESH


Attack = Callable[[Centre, Path], None]
"""Changes what is carried to a reader; the second argument is a copy of version 1."""


def _older(centre: Centre, old: Path) -> None:
    shutil.rmtree(centre.public)
    shutil.copytree(old, centre.public)


def _older_timestamp(centre: Centre, old: Path) -> None:
    shutil.copy(old / "metadata/timestamp.json", centre.public / "metadata/timestamp.json")


def _swapped(name: str, by: str) -> Attack:
    def swap(centre: Centre, _old: Path) -> None:
        shutil.copy(centre.public / by, centre.public / name)

    return swap


def _edited(pattern: str, change: Callable[[dict[str, Any]], None]) -> Attack:
    """Changed after it was signed."""

    def edit(centre: Centre, _old: Path) -> None:
        path = max((centre.public / "metadata").glob(pattern))
        metadata = json.loads(path.read_bytes())
        change(metadata)
        path.write_bytes(json.dumps(metadata).encode())

    return edit


def _filled(pattern: str, content: bytes) -> Attack:
    def fill(centre: Centre, _old: Path) -> None:
        for path in centre.public.glob(pattern):
            path.write_bytes(content)

    return fill


def _gone(pattern: str) -> Attack:
    def remove(centre: Centre, _old: Path) -> None:
        for path in centre.public.glob(pattern):
            path.unlink()

    return remove


def _longer(metadata: dict[str, Any]) -> None:
    metadata["signed"]["expires"] = "2040-01-01T00:00:00Z"


def _first_signature_alone(metadata: dict[str, Any]) -> None:
    del metadata["signatures"][1:]


ATTACKS: Final = (
    ("nobody answers", _gone("metadata/timestamp.json"), Outcome.UNREACHABLE),
    ("the snapshot is withheld", _gone("metadata/3.snapshot.json"), Outcome.UNREACHABLE),
    ("a delta is withheld", _gone("targets/deny/*"), Outcome.UNREACHABLE),
    ("all of it is older", _older, Outcome.ROLLBACK),
    ("the timestamp is older", _older_timestamp, Outcome.ROLLBACK),
    ("an older snapshot in the newer's place",
     _swapped("metadata/3.snapshot.json", "metadata/1.snapshot.json"), Outcome.MIXED),
    ("an older deny list in the newer's place",
     _swapped("metadata/3.deny.json", "metadata/1.deny.json"), Outcome.MIXED),
    ("a deny list changed on its way", _filled("targets/deny/*", b"ridecode deny 1\n\0\0\0\0"),
     Outcome.MIXED),
    ("a file that never ends", _filled("targets/deny/*", b"\0" * 100_000), Outcome.MIXED),
    ("a timestamp that never ends", _filled("metadata/timestamp.json", b" " * 100_000),
     Outcome.MIXED),
    ("a timestamp with another end", _edited("timestamp.json", _longer), Outcome.UNSIGNED),
    ("the snapshot's content with no signature that counts",
     _edited("timestamp.json", lambda metadata: metadata["signatures"].clear()), Outcome.UNSIGNED),
    ("no metadata at all", _filled("metadata/timestamp.json", b"<html>log in first</html>"),
     Outcome.MALFORMED),
    ("half of a file", _filled("metadata/timestamp.json", b'{"signatures": [], "signed": {'),
     Outcome.MALFORMED),
)  # fmt: skip


@pytest.mark.parametrize(("name", "attack", "outcome"), ATTACKS, ids=[row[0] for row in ATTACKS])
def test_of_anything_else_than_what_the_centre_said_nothing_is_taken(
    centre: Centre, name: str, attack: Attack, outcome: Outcome
) -> None:
    """The reader stands at version 2 of 3; it stays there, also after a restart, and goes on."""
    reader, old = centre.reader(), centre.copy("old")
    centre.publisher.deny([ACCOUNT], NOW + S)
    assert reader.update(centre.carrier, NOW + S).outcome is Outcome.UPDATED
    centre.publisher.deny([account(9)], NOW + 2 * S)
    good = centre.copy("good")
    attack(centre, old)
    assert reader.update(centre.carrier, NOW + 3 * S).outcome is outcome
    for one in (reader, centre.reader()):
        assert (one.version, _denies(one, ACCOUNT, account(9))) == (2, [True, False])
    assert reader.update(FolderCarrier(good), NOW + 4 * S).outcome is Outcome.UPDATED
    assert _denies(reader, ACCOUNT, account(9)) == [False, True]


def test_what_is_served_past_its_day_is_frozen(centre: Centre) -> None:
    """A new reader, which remembers nothing newer, takes no week-old word either."""
    reader, new = centre.reader(), centre.reader("new")
    reader.update(centre.carrier, NOW)
    for one in (reader, new):
        assert one.update(centre.carrier, NOW + 7 * DAY).outcome is Outcome.FROZEN
        assert one.freshness(NOW + 7 * DAY) is Freshness.EXPIRED
    assert new.version == 0
    assert new.update(centre.carrier, NOW + 7 * DAY - S).outcome is Outcome.UPDATED


def test_a_bundle_that_one_role_signed_is_refused_by_every_reader(centre: Centre) -> None:
    """The centre itself, taken over, publishes what only one of the two signed."""
    centre.change(terms(active_from=NOW + DAY, single_fare={"bus": 9}, tariff="bb" * 16))
    path = centre.public / "metadata/2.targets.json"
    metadata = json.loads(path.read_bytes())
    _first_signature_alone(metadata)
    _republish(centre, "targets", json.dumps(metadata).encode())
    reader = centre.reader()
    assert reader.update(centre.carrier, NOW).outcome is Outcome.UNSIGNED
    assert reader.version == 0


def test_the_deny_key_has_no_say_in_the_bundle(centre: Centre) -> None:
    """Its role may name deny files alone: a bundle that it signs for is not looked at."""
    reader = centre.reader()
    deny = centre.repository.deny().signed
    deny.targets["bundle"] = TargetFile.from_data("bundle", b"another bundle", ["sha256"])
    deny.version += 1
    targets = centre.repository.targets().signed
    meta = sign_deny(centre.repository, centre.vault, deny, targets, NOW)
    issue(
        centre.repository, centre.vault, centre.repository.root().signed, NOW, {"deny.json": meta}
    )
    assert reader.update(centre.carrier, NOW).outcome is Outcome.UPDATED
    held = reader.bundle(NOW)
    assert held is not None
    assert held.single_fare == {"bus": 200}


def _republish(centre: Centre, role: str, data: bytes) -> None:
    """Snapshot and timestamp over a role's file that the centre wrote by hand."""
    repository = centre.repository
    version = json.loads(data)["signed"]["version"]
    (centre.public / f"metadata/{version}.{role}.json").write_bytes(data)
    meta = MetaFile.from_data(version, data, ["sha256"])
    issue(repository, centre.vault, repository.root().signed, NOW, {f"{role}.json": meta})


def test_what_another_city_published_is_not_ours(centre: Centre, tmp_path: Path) -> None:
    other = Centre(tmp_path / "other", city="elsewhere")
    assert centre.reader().update(other.carrier, NOW).outcome is Outcome.UNSIGNED
    lost = Trust(tmp_path / "lost", root=other.root, city="tiny")
    assert lost.update(other.carrier, NOW).outcome is Outcome.OTHER_CITY
    assert lost.bundle(NOW) is None


@pytest.mark.parametrize("holder", Holder)
def test_readers_follow_a_new_key_of_anybody(centre: Centre, holder: Holder) -> None:
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    assert rotate(centre.repository, centre.vault, holder, NOW + S) == 2
    centre.publisher.deny([ACCOUNT], NOW + 2 * S)
    for one in (reader, centre.reader("new")):
        assert one.update(centre.carrier, NOW + 3 * S).outcome is Outcome.UPDATED
        assert (one.version, _denies(one, ACCOUNT)) == (3, [True])


def test_a_stolen_key_says_nothing_after_its_rotation(centre: Centre) -> None:
    reader = centre.reader()
    stolen, old = centre.vault.without(), centre.copy("old")
    rotate(centre.repository, centre.vault, Holder.TIMESTAMP, NOW + S)
    assert reader.update(centre.carrier, NOW + S).outcome is Outcome.UPDATED
    thief = Publisher(Repository(old), stolen)
    for n in range(5):
        thief.deny([account(n)], NOW + 2 * S)
    shutil.copy(centre.public / "metadata/2.root.json", old / "metadata/2.root.json")
    assert reader.update(FolderCarrier(old), NOW + 2 * S).outcome is Outcome.UNSIGNED
    assert reader.version == 2


DAMAGED: Final = (
    "trust", "deny.*", "metadata/timestamp.json", "metadata/snapshot.json",
    "metadata/root_history/*",
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("content", [b"", b"\0" * 64, None])
def test_a_damaged_disk_asks_for_all_of_it_again(
    centre: Centre, damage: str, content: bytes | None
) -> None:
    reader = centre.reader()
    centre.publisher.deny([ACCOUNT], NOW)
    reader.update(centre.carrier, NOW)
    (path,) = (centre.folder / "reader").glob(damage)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    again = centre.reader()
    assert again.update(centre.carrier, NOW + S).outcome.heard
    assert _denies(again, ACCOUNT) == [True]


def test_a_full_disk_leaves_what_was_there(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    centre.publisher.deny([ACCOUNT], NOW)
    (centre.folder / "reader/trust.new").mkdir()
    assert reader.update(centre.carrier, NOW).outcome is Outcome.UNWRITABLE
    assert (reader.version, _denies(reader, ACCOUNT)) == (1, [False])
    (centre.folder / "reader/trust.new").rmdir()
    centre.publisher.vouch(NOW + S)
    assert reader.update(centre.carrier, NOW + S).outcome is Outcome.UPDATED
    assert _denies(reader, ACCOUNT) == [True]


def test_a_reader_far_ahead_comes_back_by_two_rotations(centre: Centre) -> None:
    """A thief with both keys led it to version 900; the roots take those keys away."""
    reader = centre.reader()
    wild = centre.copy("wild")
    far = Repository(wild)
    snapshot = far.snapshot()
    snapshot.signed.version = 899
    far.write(snapshot)
    timestamp = far.timestamp()
    timestamp.signed.version = 899
    timestamp.signed.snapshot_meta.version = 899
    far.write(timestamp)
    issue(far, centre.vault, far.root().signed, NOW, {})
    assert reader.update(FolderCarrier(wild), NOW).outcome is Outcome.UPDATED
    assert reader.version == 900
    assert reader.update(centre.carrier, NOW).outcome is Outcome.ROLLBACK
    for holder in (Holder.SNAPSHOT, Holder.TIMESTAMP):
        rotate(centre.repository, centre.vault, holder, NOW + S)
    assert reader.update(centre.carrier, NOW + S).outcome.heard
    assert reader.version == 3


def test_the_rules_of_freshness_are_those_of_the_terms_in_force(centre: Centre) -> None:
    reader = centre.reader()
    strict = rules(freshness=replace(rules().freshness, stale_s=3_600))
    centre.change(terms(active_from=NOW + HOUR, rules=strict))
    reader.update(centre.carrier, NOW)
    assert reader.freshness(NOW + HOUR - 1) is Freshness.FRESH
    assert reader.freshness(NOW + HOUR + 1) is Freshness.STALE
