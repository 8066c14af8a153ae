"""What readers upload: in order of their journals, chained, late where there was no network."""

from collections import defaultdict

import pytest

from ridecode.core import chain, tap_digest
from ridecode.core.device import (
    Said,
    checked,
    is_signed,
    public_key,
    read_batch,
    sign,
    to_json,
)
from ridecode.sim import (
    HONEST,
    Attack,
    Devices,
    Rates,
    SimCity,
    Upload,
    device_key,
    misuses,
    signed_taps_in_time,
    taps_in_time,
)
from tests.sim.world import DAY, city


def _uploads(here: SimCity, *days: int) -> list[Upload]:
    devices = Devices(here)
    return [one for day in days for one in devices.uploads(day, taps_in_time(here, day))]


def test_every_tap_arrives_once_chained_over_days() -> None:
    here = city()
    uploads = _uploads(here, DAY, DAY + 1)
    taps = {
        tap.tap_id for day in (DAY, DAY + 1) for some in taps_in_time(here, day) for tap in some
    }
    heads: dict[str, bytes] = defaultdict(lambda: chain.GENESIS)
    for upload in uploads:
        batch = checked(upload.batch)
        assert upload.attack is Attack.NONE
        assert batch.before == heads[batch.device]
        heads[batch.device] = chain.head(batch.before, map(tap_digest, batch.taps))
        taps -= {tap.tap_id for tap in batch.taps}
        assert upload.ts > batch.taps[-1].ts
    assert not taps


def test_uploads_come_in_order_and_outages_hold_them_back() -> None:
    uploads = _uploads(city(2_000), DAY)
    moments = [one.ts for one in uploads]
    assert moments == sorted(moments)
    assert max(one.ts - one.batch.taps[0].ts for one in uploads) > 600_000_000


@pytest.mark.parametrize("attack", [attack for attack in Attack if attack.of_devices])
def test_a_device_in_bad_hands_says_so_in_the_truth(attack: Attack) -> None:
    rates = Rates(**{**_fields(HONEST), "thieves": {attack: 300_000}})  # type: ignore[arg-type]
    here = SimCity(pack=city().pack, riders=400, seed=7, rates=rates)
    bad = {one.device: one.ts for one in misuses(here, DAY) if one.attack is attack}
    uploads = _uploads(here, DAY)
    spoilt = [one for one in uploads if one.attack is not Attack.NONE]
    assert spoilt
    assert {one.attack for one in spoilt} == {attack}
    assert all(one.batch.taps[-1].ts >= bad[one.batch.device] for one in spoilt)
    broken = 0
    heads: dict[str, bytes] = defaultdict(lambda: chain.GENESIS)
    for one in uploads:
        checked(one.batch)
        broken += one.batch.before != heads[one.batch.device]
        heads[one.batch.device] = chain.head(one.batch.before, map(tap_digest, one.batch.taps))
    assert (broken > 0) == (attack is Attack.OMITTED_TAP)


def _fields(rates: Rates) -> dict[str, object]:
    return {name: getattr(rates, name) for name in rates.__struct_fields__}


def test_keys_of_devices_follow_from_the_seed() -> None:
    keys = {device_key(city(seed=seed), name) for seed in (1, 2) for name in ("a", "b")}
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)


def test_really_signed_taps_are_uploaded_the_same_way() -> None:
    """Each batch signed by its reader, its codes good: what the centre's ingest is given."""
    here = city(12)
    uploads = list(Devices(here).uploads(DAY, signed_taps_in_time(here, DAY, workers=1)))
    assert sum(len(one.batch.taps) for one in uploads) == sum(map(len, taps_in_time(here, DAY)))
    assert all(tap.code and tap.seq for one in uploads for tap in one.batch.taps)
    one = uploads[0]
    key, body = device_key(here, one.batch.device), to_json(one.batch)
    assert is_signed(public_key(key), Said.TAPS, body, sign(key, Said.TAPS, body))
    assert read_batch(body) == one.batch
