"""What the books of a day say in lines F: whose ride it was, by whose code, as far as is known."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ridecode.money import book_fares
from ridecode.money.channels import Agreement, Purse, sign
from ridecode.money.clearing import (
    Fare,
    Rates,
    Reason,
    lint,
    public_key,
    rejected,
    sent_lines,
    shares,
)
from ridecode.money.ledger import Account, Kind, balance
from ridecode.store import Cell
from tests.money.channels.scripted import CALENDAR, DAY, booked
from tests.money.test_closing import (
    COMPANY,
    EVENING,
    MORNING,
    NEXT,
    OURS,
    answered,
    bytes_of,
    close,
    take,
)
from tests.rides.city import LATER, city_taps, pack, rated, tariffs_with


def agreed(cell: Cell, platform: str, now: int, nth: int = 1) -> None:
    """Rider 1 signs for a platform's service, or for none's."""
    agreement = Agreement(account="1", contract=f"c{nth}", user="u1")
    sign(cell, agreement, "wechat", Purse.OUTSIDE, platform, now)


def fares(cell: Cell, folder: Path, day: int = DAY) -> list[Fare]:
    """The lines F of a day, in files without a finding."""
    closed = close(cell, folder, day, CALENDAR.starts(day + 1))
    assert all(lint(folder / one.name, [public_key(OURS)]).findings == () for one in closed.files)
    return [
        line
        for one in closed.files
        for _, line in sent_lines(folder / one.name)
        if isinstance(line, Fare)
    ]


def test_a_rider_who_signed_for_no_platform_does_not_stop_the_day(
    cell: Cell, tmp_path: Path
) -> None:
    agreed(cell, "", MORNING)
    booked(cell, city_taps(cell, "8:00 bus."), EVENING)
    assert [(one.operator, one.platform) for one in fares(cell, tmp_path)] == [("rail", "")]


def test_a_fare_of_nobody_known_is_filed_and_its_money_stays_with_the_card_company(
    cell: Cell, tmp_path: Path
) -> None:
    """As an imported bus has it whose company and line are not in the pack."""
    agreed(cell, "tencent", MORNING)
    known, unknown = city_taps(cell, "8:00 bus., 12:00 bus.")
    booked(cell, [known, replace(unknown, operator="", line="")], EVENING)
    assert [(one.operator, one.line) for one in fares(cell, tmp_path)] == [
        ("rail", "bus-1"), ("", ""),
    ]  # fmt: skip
    (file,) = close(cell, tmp_path).files
    assert b"\nO,,1,200\nO,rail,1,200\n" in (tmp_path / file.name).read_bytes()
    take(cell, tmp_path, answered(tmp_path / file.name, {3: Reason.UNKNOWN_OPERATOR}, tmp_path))
    assert [(one.at, one.reason) for one in rejected(cell)] == [(3, Reason.UNKNOWN_OPERATOR)]
    assert balance(cell, Account(Kind.CARD_COMPANY, COMPANY)) == 200


def test_a_stop_is_written_without_what_would_end_its_field(cell: Cell, tmp_path: Path) -> None:
    agreed(cell, "tencent", MORNING)
    (tap,) = city_taps(cell, "8:00 bus.")
    booked(cell, [replace(tap, stop='东门, "旧"')], EVENING)
    assert [(one.entry_stop, one.exit_stop) for one in fares(cell, tmp_path)] == [
        ("东门   旧 ", "")
    ]


def test_a_fare_of_nobody_known_may_be_cleared(cell: Cell, tmp_path: Path) -> None:
    agreed(cell, "tencent", MORNING)
    (unknown,) = city_taps(cell, "8:00 bus.")
    booked(cell, [replace(unknown, operator="", line="")], EVENING)
    (file,) = close(cell, tmp_path).files
    take(cell, tmp_path, answered(tmp_path / file.name, {}, tmp_path))
    assert (rejected(cell), balance(cell, Account(Kind.OPERATOR, "rail"))) == ([], 0)


def test_what_has_no_operator_is_shared_out_to_none() -> None:
    parts = shares({("", "tencent"): 1_000, ("rail", ""): 1_000}, Rates(service=100, clearing=50))
    assert (parts.operators, parts.platforms, parts.card_company) == (
        {"rail": 995}, {"tencent": 10}, 10,
    )  # fmt: skip


def test_all_journals_of_a_ride_name_the_platform_whose_code_was_read(
    cell: Cell, tmp_path: Path
) -> None:
    """Its correction comes on a later day, when the rider has signed for another's service."""
    agreed(cell, "tencent", MORNING)
    booked(cell, city_taps(cell, "8:00 bus."), EVENING)
    first = fares(cell, tmp_path)
    agreed(cell, "alipay", NEXT, 2)
    rated(cell, tariffs_with("amount = 200", "amount = 250"), LATER)
    book_fares(cell, pack(), LATER)
    second = fares(cell, tmp_path, DAY + 1)
    assert [(one.amount, one.platform) for one in (*first, *second)] == [
        (200, "tencent"), (50, "tencent"),
    ]  # fmt: skip


@pytest.mark.parametrize("earlier", ["tencent", None])
def test_what_is_signed_after_a_ride_says_nothing_of_it(
    cell: Cell, tmp_path: Path, earlier: str | None
) -> None:
    if earlier is not None:
        agreed(cell, earlier, MORNING)
    booked(cell, city_taps(cell, "8:00 bus."), EVENING)
    agreed(cell, "alipay", EVENING, 2)
    assert [one.platform for one in fares(cell, tmp_path)] == [earlier or ""]
    before = bytes_of(tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()
    agreed(cell, "tencent", NEXT, 3)
    fares(cell, tmp_path)
    assert bytes_of(tmp_path) == before
