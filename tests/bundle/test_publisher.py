"""What the centre publishes by itself: the deny list by deltas, and that all is still so."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert

from ridecode.bundle import Publisher, Repository
from ridecode.bundle.publisher import starts
from ridecode.core import BadInputError, ConflictError, NotFoundError
from ridecode.validator import DENY_FULL, DenyHead, DenyList, read_delta
from tests.bundle.centre import DAY, Centre, account
from tests.validator.lane import NOW, S


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def _head(centre: Centre) -> DenyHead:
    targets = centre.repository.deny().signed.targets
    return convert(targets[DENY_FULL].custom, DenyHead)


def _versions(centre: Centre) -> tuple[int, int, int]:
    """Of deny, snapshot and timestamp."""
    repository = centre.repository
    return (repository.deny().signed.version, repository.snapshot().signed.version,
            repository.timestamp().signed.version)  # fmt: skip


def test_the_same_accounts_again_are_vouched_for_and_not_written(centre: Centre) -> None:
    assert _versions(centre) == (1, 1, 1)
    centre.publisher.deny([account(1), account(2)], NOW)
    assert _versions(centre) == (2, 2, 2)
    again = centre.publisher.deny([account(2), account(1), account(2)], NOW + S)
    assert (again.version, again.denied, again.changed) == (2, 2, 0)
    assert _versions(centre) == (2, 2, 3)


def test_another_publisher_goes_on_where_the_last_one_stopped(centre: Centre) -> None:
    """And the first one, which remembers what it published, notices."""
    centre.publisher.deny([account(1)], NOW)
    other = Publisher(Repository(centre.public), centre.vault)
    assert other.deny([account(1), account(2)], NOW + S).changed == 1
    assert centre.publisher.deny([account(1)], NOW + 2 * S).changed == 1
    assert centre.publisher.vouch(NOW + 3 * S).denied == 1


def test_what_is_no_account_is_refused_and_nothing_is_written(centre: Centre) -> None:
    before = _versions(centre)
    with pytest.raises(BadInputError, match="19 digits"):
        centre.publisher.deny(["12"], NOW)
    assert _versions(centre) == before


def test_a_long_list_is_written_whole_only_now_and_then(centre: Centre) -> None:
    crowd = {account(1_000 + 977 * n) for n in range(2_000)}
    centre.publisher.deny(crowd, NOW)
    fulls = set()
    for n in range(40):
        crowd.add(account(n))
        centre.publisher.deny(crowd, NOW + n * S)
        head = _head(centre)
        fulls.add(head.full)
        deltas = [name for name in centre.repository.deny().signed.targets if name != DENY_FULL]
        assert len(deltas) == len(head.since) <= 11
        assert head.since[-1] == head.version - 1
    assert len(fulls) <= 3
    assert DenyList(crowd).digest().hex() == _head(centre).digest


def test_every_delta_that_is_told_leads_to_the_newest(centre: Centre) -> None:
    crowd = {account(1_000 + 977 * n) for n in range(500)}
    lists = [DenyList(), DenyList(crowd)]
    centre.publisher.deny(crowd, NOW)
    for n in range(30):
        crowd = (crowd | {account(n)}) - {account(n - 4), account(1_000 + 977 * n)}
        centre.publisher.deny(crowd, NOW)
        lists.append(DenyList(crowd))
        repository = centre.repository
        targets = repository.deny().signed.targets
        for since in _head(centre).since:
            delta = read_delta(repository.target(targets[DenyHead.delta(since)]))
            assert (delta.since, delta.to) == (since, len(lists))
            for before in lists[since - 1 :]:
                assert delta.apply(before) == lists[-1]


@given(st.integers(2, 100_000))
def test_deltas_reach_back_near_and_far(version: int) -> None:
    assert version - 1 in starts(version)
    assert len(starts(version)) <= 10
    assert starts(version) <= starts(version - 1) | {version - 1}, "each follows from the last"


@settings(max_examples=200)
@given(st.integers(5_000, 100_000), st.integers(1, 4_096))
def test_who_missed_a_few_takes_a_delta_over_a_few(version: int, missed: int) -> None:
    start = max(start for start in starts(version) if start <= version - missed)
    assert version - start <= 16 * missed


def test_what_is_half_over_is_signed_anew_by_vouching(centre: Centre) -> None:
    """A reader that is in touch once in a while never finds anything expired."""
    centre.publisher.deny([account(1)], NOW)
    reader = centre.reader()
    for days in range(0, 400, 5):
        now = NOW + days * DAY
        centre.publisher.vouch(now)
        assert reader.update(centre.carrier, now).outcome.heard
    assert _versions(centre)[0] > 10


def test_files_that_nobody_is_led_to_go_after_an_hour(centre: Centre) -> None:
    import os

    for n in range(5):
        centre.publisher.deny([account(m) for m in range(n, 60)], NOW)
    folder = centre.public / "targets/deny"
    many = len(list(folder.iterdir()))
    for path in folder.iterdir():
        os.utime(path, (1_000, 1_000))
    centre.publisher.deny([account(7)], NOW)
    assert len(list(folder.iterdir())) < many
    assert centre.reader().update(centre.carrier, NOW).outcome.heard


def test_nothing_is_published_where_nothing_was_founded(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Nothing was published"):
        Publisher(Repository(tmp_path / "none"), Centre(tmp_path).vault).vouch(NOW)


def test_a_folder_is_founded_once(centre: Centre) -> None:
    from ridecode.bundle import found

    with pytest.raises(ConflictError, match="is published already"):
        found(centre.repository, centre.vault, centre.repository.bundle(), NOW)


def test_without_its_keys_a_centre_publishes_nothing(centre: Centre) -> None:
    thief = Publisher(centre.repository, centre.vault.without("deny"))
    with pytest.raises(NotFoundError, match="key of deny"):
        thief.deny([account(1)], NOW)
    assert centre.reader().update(centre.carrier, NOW).outcome.heard


def test_a_publication_that_stopped_half_way_is_not_seen_and_goes_on(centre: Centre) -> None:
    """All but the timestamp is there: readers stay with the version before."""
    timestamp = (centre.public / "metadata/timestamp.json").read_bytes()
    reader = centre.reader()
    reader.update(centre.carrier, NOW)
    centre.publisher.deny([account(1)], NOW)
    (centre.public / "metadata/timestamp.json").write_bytes(timestamp)
    assert reader.update(centre.carrier, NOW).outcome.heard
    assert reader.version == 1
    Publisher(centre.repository, centre.vault).deny([account(2)], NOW + S)
    reader.update(centre.carrier, NOW + S)
    bundle = reader.bundle(NOW + S)
    assert bundle is not None
    assert (bundle.version, bundle.denied) == (2, DenyList([account(2)]))


def test_starts_are_told_in_order(centre: Centre) -> None:
    for n in range(20):
        centre.publisher.deny([account(m) for m in range(300 + n)], NOW)
    since = _head(centre).since
    assert all(one < other for one, other in pairwise(since))
