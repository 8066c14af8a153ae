"""What is malformed is told with file, line and what was expected; what is not GTFS is refused."""

import random
import re
import zipfile
from pathlib import Path

import pytest

from ridecode.core import BadInputError, NotFoundError, RefusedError, RidecodeError
from ridecode.fares import NOTHING_EARLIER, AccountClass, price
from ridecode.fares.gtfs import Choices, Why, import_gtfs
from ridecode.fares.gtfs.importing import Imported, import_tables
from ridecode.fares.gtfs.tables import Tables
from tests.fares.gtfs.feeds import AGENCY, feed
from tests.fares.world import NOON, ride

V1 = {
    "fare_attributes": "fare_id,price,currency_type,transfers,transfer_duration\none,2.50,EUR,0,\n",
    "fare_rules": "fare_id,route_id,origin_id,destination_id,contains_id\none,bus,1,2,\n",
}
V2 = {
    "fare_products": "fare_product_id,amount,currency,fare_media_id,rider_category_id\n"
    "one,2.50,EUR,,\n",
    "areas": "area_id\nx\ny\n",
    "stop_areas": "area_id,stop_id\nx,s\ny,t\n",
    "fare_leg_rules": "leg_group_id,from_area_id,to_area_id,from_timeframe_group_id,"
    "to_timeframe_group_id,fare_product_id\ng,x,y,,,one\n",
}


def made(files: dict[str, str], **changed: str) -> Imported:
    return import_tables(feed("bus", "s:1 t:2", **(files | changed)), Choices())


def cost(found: Imported, account: int = 1) -> int:
    single = ride(product="bus", line="bus", entry_stop="s", exit_stop="t", account_type=account)
    return price(found.tariff, NOTHING_EARLIER, single)[0].amount


@pytest.mark.parametrize("files", [V1, V2], ids=["v1", "v2"])
def test_a_whole_feed(files: dict[str, str]) -> None:
    found = made(files)

    assert (found.priced, found.unpriced, found.refused) == (1, (), ())
    assert cost(found) == 250
    assert found.tariff.money.say(250) == "EUR 2.50"
    with pytest.raises(RefusedError, match="the tariff sells no such ride"):
        back = ride(product="bus", line="bus", entry_stop="t", exit_stop="s")
        price(found.tariff, NOTHING_EARLIER, back)


def attributes(row: str) -> dict[str, str]:
    return {"fare_attributes": f"fare_id,price,currency_type,transfers,transfer_duration\n{row}\n"}


def products(row: str) -> dict[str, str]:
    return {"fare_products": f"fare_product_id,amount,currency\n{row}\n"}


def transfer(row: str) -> dict[str, str]:
    head = "from_leg_group_id,to_leg_group_id,transfer_count,duration_limit,duration_limit_type"
    return {"fare_transfer_rules": f"{head},fare_transfer_type,fare_product_id\n{row}\n"}


MALFORMED = [
    (V1, attributes("one,2.505,EUR,0,"), "fare_attributes.txt", 2, "at most 2 digits"),
    (V1, attributes("one,2.5,JPY,0,"), "fare_attributes.txt", 2, "at most 0 digits"),
    (V1, attributes("one,-1,EUR,0,"), "fare_attributes.txt", 2, "an amount of money"),
    (V1, attributes("one,1e3,EUR,0,"), "fare_attributes.txt", 2, "an amount of money"),
    (V1, attributes("one,9999999.00,EUR,0,"), "fare_attributes.txt", 2, "at most 100000000"),
    (V1, attributes("one,,EUR,0,"), "fare_attributes.txt", 2, "a value for price"),
    (V1, attributes("one,1,euro,0,"), "fare_attributes.txt", 2, "a currency of ISO 4217"),
    (V1, attributes("one,1,EUR,many,"), "fare_attributes.txt", 2, "a whole number from 0 to 99"),
    (V1, attributes("one,1,EUR,0,\none,2,EUR,0,"), "fare_attributes.txt", 3, "each fare once"),
    (V1, {"fare_attributes": "fare_id,price\none,1\n"}, "fare_attributes.txt", 1,
     "expected fare_id, price, currency_type, transfers"),
    (V1, {"fare_attributes": "fare_id,price,currency_type,transfers\n"}, "", None, "no fares"),
    (V1, {"stops": "stop_id,location_type\ns,9\n"}, "stops.txt", 2, "from 0 to 4"),
    (V1, {"routes": "route_id,route_type\nbus,99\n"}, "routes.txt", 2, "a type of route"),
    (V1, {"agency": AGENCY.replace("Etc/UTC", "Mars/Base")}, "agency.txt", 2, "a time zone"),
    (V1, {"agency": AGENCY.partition("x,")[0]}, "", None, "expected agency.txt"),
    (V2, products("one,1.005,EUR"), "fare_products.txt", 2, "at most 2 digits"),
    (V2, {"fare_products": "fare_product_id,amount,currency\n"}, "", None, "no fares"),
    (V2, transfer("g,g,0,,,0,"), "fare_transfer_rules.txt", 2, "-1, or 1 and more"),
    (V2, transfer("g,g,1,60,,0,"), "fare_transfer_rules.txt", 2, "both of them or neither"),
    (V2, transfer("g,g,1,60,7,0,"), "fare_transfer_rules.txt", 2, "from 0 to 3"),
    (V2, transfer("g,g,1,,,,"), "fare_transfer_rules.txt", 2, "0, 1 or 2"),
    (V2, {"timeframes": "timeframe_group_id,start_time,end_time,service_id\np,9:00:00,8:00:00,d\n",
          "calendar": "service_id,monday,start_date,end_date\nd,1,20260101,20261231\n"},
     "timeframes.txt", 2, "a time after start_time"),
    (V2, {"timeframes": "timeframe_group_id,start_time,end_time,service_id\np,25:00:00,,d\n",
          "calendar": "service_id,monday,start_date,end_date\nd,1,20260101,20261231\n"},
     "timeframes.txt", 2, "a time of day to 24:00:00"),
    (V2, {"calendar": "service_id,monday,start_date,end_date\nd,1,2026-1-1,20261231\n"},
     "calendar.txt", 2, "a date as YYYYMMDD"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "changed", "file", "line", "said"), MALFORMED)
def test_a_malformed_row(
    files: dict[str, str], changed: dict[str, str], file: str, line: int | None, said: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        made(files, **changed)

    assert refused.value.file == (f"feed.zip:{file}" if file else "feed.zip")
    assert refused.value.line == line
    assert said in str(refused.value)


LEG = V2["fare_leg_rules"]
REFUSED = [
    (V1, {"fare_attributes": V1["fare_attributes"].replace("duration\n", "duration,peak\n").replace(
        "0,\n", "0,,1\n")}, Why.UNKNOWN_COLUMN, "fare_attributes.txt:2: peak = '1'"),
    (V1, {"fare_rules": V1["fare_rules"] + "two,bus,1,2,\n"}, Why.DANGLING,
     "fare_rules.txt:3: fare_id 'two'"),
    (V1, {"fare_rules": V1["fare_rules"].replace("1,2,\n", "1,2,3\n")}, Why.CONTAINS,
     "contains_id of fare 'one'"),
    (V1, attributes("one,2.50,EUR,0,\ntwo,1.00,USD,0,"), Why.CURRENCY, "currency_type 'USD'"),
    (V1, {"fare_rider_categories": "fare_id,rider_category_id,price\none,kid,1.00\n"}, Why.RIDERS,
     "price '1.00' of rider 'kid'"),
    (V2, {"fare_products": "fare_product_id,amount,currency,days\none,2.50,EUR,30\n"},
     Why.UNKNOWN_COLUMN, "days = '30'"),
    (V2, {"fare_leg_rules": LEG.replace(",one", ",two")}, Why.DANGLING, "fare_product_id 'two'"),
    (V2, {"fare_leg_rules": LEG.replace("y,,,", "y,peak,,")}, Why.DANGLING,
     "timeframe group 'peak'"),
    (V2, {"fare_leg_rules": LEG.replace("y,,,", "y,,late,"),
          "timeframes": "timeframe_group_id,service_id\nlate,d\n",
          "calendar": "service_id,monday,start_date,end_date\nd,1,20260101,20261231\n"},
     Why.EXIT_TIME, "timeframe group 'late'"),
    (V2, {"fare_leg_rules": LEG.replace("product_id\n", "product_id,contains_exactly_area_set_id\n")
          .replace("one\n", "one,xy\n"), "area_set_elements": "area_set_id,area_id\nxy,x\nxy,y\n"},
     Why.AREA_SET, "area set 'xy'"),
    (V2, {"fare_products": "fare_product_id,amount,currency,fare_media_id\none,2.50,EUR,card\n"
          "one,3.00,EUR,cash\n"}, Why.SEVERAL_MEDIA, "product 'one'"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "changed", "why", "said"), REFUSED)
def test_what_cannot_be_expressed_is_refused_and_so_is_the_ride(
    files: dict[str, str], changed: dict[str, str], why: Why, said: str
) -> None:
    found = made(files, **changed)

    with pytest.raises(RefusedError) as refused:
        cost(found)
    if why is not Why.RIDERS:
        assert said in str(refused.value)
        assert why.words.en in str(refused.value)
    told = [*map(str, found.refused), *(reason for reason, _ in found.unpriced)]
    assert any(said in text for text in told)
    assert all(refusal.words.zh for refusal in found.refused)


TRANSFERS = [
    (V1, attributes("one,2.50,EUR,,"), Why.NO_TIME_LIMIT),
    (V1, attributes("one,2.50,EUR,1,3600\ntwo,9.00,EUR,0,"), Why.MIXED_TRANSFERS),
    (V2, transfer("g,g,-1,,,0,"), Why.NO_TIME_LIMIT),
    (V2, transfer("g,g,1,3600,1,1,"), Why.TRANSFER_KIND),
    (V2, transfer("g,g,1,3600,1,2,one"), Why.TRANSFER_KIND),
    (V2, transfer("g,g,1,3600,1,0,lost"), Why.DANGLING),
    (V2, {"routes": "route_id,agency_id,route_type,network_id\nbus,x,3,n\n",
          "fare_leg_join_rules": "from_network_id,to_network_id\nn,n\n"}, Why.JOIN),
]  # fmt: skip


@pytest.mark.parametrize(("files", "changed", "why"), TRANSFERS)
def test_a_ride_that_may_be_a_transfer_is_refused_where_its_price_cannot_be_told(
    files: dict[str, str], changed: dict[str, str], why: Why
) -> None:
    found = made(files, **changed)
    tariff = found.tariff
    first = ride(1, NOON, 1, product="bus", line="bus", entry_stop="s", exit_stop="t")
    _, earlier = price(tariff, NOTHING_EARLIER, first)
    after = ride(2, first.end_ts + 1, 1, product="bus", line="bus", entry_stop="s", exit_stop="t")

    with pytest.raises(RefusedError) as refused:
        price(tariff, earlier, after)
    assert "may be a transfer" in str(refused.value)
    assert why.words.en in str(refused.value)


def test_a_file_of_fares_that_gtfs_does_not_know_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"fare_capping.txt: .*expected a file of GTFS"):
        made(V1, fare_capping="cap\n9\n")


def test_groups_of_hours_that_overlap_are_refused() -> None:
    hours = "timeframe_group_id,start_time,end_time,service_id\np,7:00:00,9:00:00,d\nq,8:00:00,,d\n"
    rules = LEG.replace("g,x,y,,,one\n", "g,x,y,p,,one\ng,x,y,q,,one\n")
    calendar = "service_id,monday,start_date,end_date\nd,1,20260101,20261231\n"

    with pytest.raises(RefusedError, match="'p' and 'q' overlap"):
        made(V2, timeframes=hours, fare_leg_rules=rules, calendar=calendar)


def test_choices_that_the_feed_does_not_have() -> None:
    tables = feed("bus", "s:1 t:2", **V2)
    with pytest.raises(BadInputError, match="'card' is no fare medium"):
        import_tables(tables, Choices(medium="card"))
    with pytest.raises(BadInputError, match="'kid' is no rider category"):
        import_tables(tables, Choices(riders={AccountClass.STUDENT: "kid"}))


def test_every_reason_has_a_heading() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/gtfs-fares.md").read_text("utf-8")
    assert set(re.findall("^### (.+)$", page, re.MULTILINE)) == {why.name for why in Why}


def test_every_reason_is_met_in_a_test() -> None:
    met = {case[2] for case in REFUSED} | {case[2] for case in TRANSFERS}
    assert met | {Why.UNKNOWN_TABLE, Why.TIMES_OVERLAP} == set(Why)


def test_files_that_are_no_feed(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        import_gtfs(tmp_path / "feed.zip")
    (tmp_path / "feed.zip").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(BadInputError, match="not a whole zip"):
        import_gtfs(tmp_path / "feed.zip")


def test_a_feed_may_lie_in_a_folder_of_the_zip(tmp_path: Path) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in _files(feed("bus", "s:1 t:2", **V1)).items():
            archive.writestr(f"gtfs/{name}", data)
    assert cost(import_gtfs(path)) == 250


def _files(tables: Tables) -> dict[str, bytes]:
    return {name: tables._files[name] for name in tables.names()}


@pytest.mark.parametrize("rounds", [300, pytest.param(20_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("files", [V1, V2 | transfer("g,g,1,60,1,0,")], ids=["v1", "v2"])
def test_mutated_feeds_are_told_or_priced_and_never_crash(
    files: dict[str, str], rounds: int
) -> None:
    dice = random.Random(7)
    whole = _files(feed("bus", "s:1 t:2", **files))
    for _ in range(rounds):
        some = dict(whole)
        for _ in range(dice.randrange(1, 4)):
            name = dice.choice(list(some))
            data = bytearray(some[name])
            at = dice.randrange(len(data))
            data[at : at + dice.randrange(3)] = bytes(
                dice.choice(b',"\n-.09azE\xff') for _ in range(2)
            )
            some[name] = bytes(data)
        try:
            cost(import_tables(Tables(some, "feed.zip"), Choices()))
        except RidecodeError as error:
            assert error.what
