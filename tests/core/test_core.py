"""Time, verdicts and facts: literal values, worked out by hand."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ridecode.core import (
    HOUR,
    BadInputError,
    BusinessCalendar,
    Mode,
    Ride,
    RideState,
    Verdict,
    derived_id,
    from_iso,
    moment_near,
    moment_of,
    new_id,
    to_iso,
)

SHENZHEN = BusinessCalendar(utc_offset_s=8 * 3600, cut_s=3 * 3600)


@pytest.mark.parametrize(
    ("iso", "ts"),
    [
        ("1970-01-01T00:00:00+00:00", 0),
        ("2018-08-31T22:14:50+08:00", 1_535_724_890_000_000),
        ("2018-08-31T14:14:50.000001+00:00", 1_535_724_890_000_001),
    ],
)
def test_iso_times_are_epoch_microseconds(iso: str, ts: int) -> None:
    assert from_iso(iso) == ts


@pytest.mark.parametrize("text", ["", "yesterday", "2018-08-31T22:14:50", "2018-13-01T00:00:00Z"])
def test_a_time_without_offset_or_sense_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        from_iso(text)


@given(st.integers(0, 4_102_444_800_000_000), st.integers(-12 * 3600, 14 * 3600))
def test_iso_goes_there_and_back(ts: int, offset: int) -> None:
    assert from_iso(to_iso(ts, offset)) == ts


@pytest.mark.parametrize(
    ("iso", "day", "month"),
    [
        ("2018-09-01T02:59:59.999999+08:00", 17774, 2018 * 12 + 7),
        ("2018-09-01T03:00:00+08:00", 17775, 2018 * 12 + 8),
        ("2018-12-31T23:59:59+08:00", 17896, 2018 * 12 + 11),
        ("2019-01-01T02:00:00+08:00", 17896, 2018 * 12 + 11),
    ],
)
def test_a_business_day_is_cut_at_the_citys_hour(iso: str, day: int, month: int) -> None:
    """2018-08-31 is day 17774 since 1970-01-01; the day is cut at 03:00 local."""
    assert (SHENZHEN.day(from_iso(iso)), SHENZHEN.month(from_iso(iso))) == (day, month)


def test_a_month_starts_with_its_first_business_day() -> None:
    starts = SHENZHEN.month_starts(2018 * 12 + 8)
    assert SHENZHEN.iso(starts) == "2018-09-01T03:00:00+08:00"
    assert SHENZHEN.month(starts - 1) == 2018 * 12 + 7


def test_every_verdict_has_words_in_both_languages() -> None:
    for verdict in Verdict:
        assert verdict.words.zh.endswith("。")
        assert verdict.words.en.endswith(".")
        assert "," not in verdict.words.zh


def test_verdict_numbers_are_frozen() -> None:
    """They stand in stored taps: a changed number would rewrite history."""
    assert [int(v) for v in Verdict] == [0, *range(10, 34), *range(40, 54)]
    assert (Verdict.TOO_SHORT, Verdict.USER_SIGNATURE, Verdict.DENIED) == (11, 33, 43)


def test_ids_are_version_7_and_carry_their_moment() -> None:
    made = new_id(1_535_724_890_123_456)
    assert made.version == 7
    assert made.int >> 80 == 1_535_724_890_123
    assert new_id(2_000_000) != new_id(2_000_000)


@given(st.integers(0, 4_102_444_800_000_000), st.binary())
def test_a_derived_id_is_that_of_its_moment_and_fact(ts: int, fact: bytes) -> None:
    made = derived_id(ts, fact)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == ts // 1_000
    assert made == derived_id(ts, fact)
    assert made != derived_id(ts, fact + b".")


@given(st.integers(0, 4_102_444_800_000_000), st.text())
def test_a_moment_near_another_is_of_its_hour_and_one_for_each_account(
    ts: int, account: str
) -> None:
    near = moment_near(ts, account)
    assert near // HOUR == ts // HOUR
    assert near == moment_near(near, account)
    assert moment_of(derived_id(near, b"fact")) == near


@pytest.mark.parametrize(
    ("account", "after"),
    [
        ("0", "00:00.000"),
        ("1", "00:00.001"),
        ("9999999900000000012", "00:00.012"),
        ("9999999900000000013", "00:00.013"),
        ("310000000003599999", "59:59.999"),
        ("310000000003600000", "00:00.000"),
        ("card-7", "43:09.473"),
        ("", "00:00.000"),
    ],
)
def test_ids_of_an_hour_go_up_as_the_accounts_do(account: str, after: str) -> None:
    """Else ten million of them are written into as many places; the same for ever, for a ride is
    found in the books by them."""
    near = moment_near(from_iso("2018-08-31T14:14:50.123456+00:00"), account)
    assert near == from_iso(f"2018-08-31T14:{after}+00:00")


def test_a_ride_starts_at_its_first_known_tap_and_ends_at_its_last() -> None:
    ride = Ride(
        ride_id=UUID(int=1), city="c", account="a", account_type=1, mode=Mode.METRO,
        product="metro", operator="o", line="", entry_tap=None, exit_tap=UUID(int=1),
        entry_stop="", exit_stop="s", entry_ts=None, exit_ts=7, distance_m=None,
        state=RideState.MISSING_ENTRY, journey_id=UUID(int=1), leg=0,
    )  # fmt: skip
    assert (ride.start_ts, ride.end_ts) == (7, 7)
    assert ride.state.is_exception
