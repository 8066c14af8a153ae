"""`ridecode fares`, run as people run it."""

import json
import zipfile
from pathlib import Path

from ridecode.rides import match_all
from ridecode.store import open_cell
from tests.cli.running import ridecode
from tests.cli.test_rides_cli import EXIT, LATER, LOST, imported, told
from tests.taps.files import ENTRY, SHENZHEN


def _matched(data: Path) -> None:
    with open_cell(data, "shenzhen") as cell:
        match_all(cell, SHENZHEN, LATER, lambda done, total: None)


def test_rides_are_priced_once_and_a_price_is_explained_with_its_versions(
    data_folder: Path, tmp_path: Path
) -> None:
    """The entry alone costs the maximum; with its exit, which comes later, the fare."""
    data = ("--data", data_folder)
    imported(data_folder, tmp_path, ENTRY)
    _matched(data_folder)
    assert told("fares", "rate", *data) == {
        "accounts": 1, "rated": 1, "added": 1, "changed": 0, "removed": 0, "difference": 1_400,
        "refused": {},
    }  # fmt: skip
    imported(data_folder, tmp_path, EXIT)
    _matched(data_folder)
    page = ridecode("fares", "rate", *data).stdout
    assert "1 更新 changed" in page
    assert "difference −¥12.10" in page

    (ride,) = told("rides", "show", *data)
    record = told("fares", "explain", ride["ride_id"], *data)
    assert record["ride"] == ride
    assert (record["amount"], record["tariff"]) == (190, "shenzhen-2018")
    assert [line["amount"] for line in record["lines"]] == [200, -10]
    assert all(line["words"]["zh"] and line["words"]["en"] for line in record["lines"])
    assert [(one["version"], one["amount"]) for one in record["versions"]] == [(1, 1400), (2, 190)]
    assert record["versions"][0]["superseded_at"] == record["versions"][1]["as_of"]
    page = ridecode("fares", "explain", ride["ride_id"], *data).stdout
    assert "历史版本 · versions" in page
    assert "−¥0.10" in page


def test_what_cannot_be_explained_says_why(data_folder: Path, tmp_path: Path) -> None:
    data = ("--data", data_folder)
    malformed = ridecode("fares", "explain", "7", *data, "--json")
    assert (malformed.returncode, "no ride id" in malformed.stderr) == (2, True)
    unknown = ridecode("fares", "explain", "00000000-0000-0000-0000-000000000007", *data, "--json")
    assert unknown.returncode == 3
    assert "There is no ride" in json.loads(unknown.stderr)["error"]["what"]

    imported(data_folder, tmp_path, LOST)
    _matched(data_folder)
    (ride,) = told("rides", "show", *data)
    unpriced = ridecode("fares", "explain", ride["ride_id"], *data, "--json")
    assert unpriced.returncode == 3
    assert "fares rate" in json.loads(unpriced.stderr)["error"]["remedy"]


def _feed(folder: Path) -> Path:
    path = folder / "feed.zip"
    tables = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\nx,X,https://x.test,Etc/UTC\n",
        "routes": "route_id,route_type\n1,3\n",
        "stops": "stop_id,zone_id\ns,a\nt,b\n",
        "fare_attributes": "fare_id,price,currency_type,transfers\none,2.50,EUR,\n",
        "fare_rules": "fare_id,origin_id,destination_id\none,a,b\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(f"{name}.txt", text)
    return path


def test_the_fares_of_a_feed_are_read_and_what_is_refused_is_told(tmp_path: Path) -> None:
    feed = _feed(tmp_path)

    record = told("fares", "import", feed)
    assert (record["gtfs_fares"], record["currency"], record["priced"]) == (1, "EUR", 1)
    assert [fare["product"] for fare in record["fares"]] == ["bus"]
    page = ridecode("fares", "import", feed, "--transfer-min", "60").stdout
    assert "1 对有票价 pairs have a price" in page
    unknown = ridecode("fares", "import", feed, "--rider", "kid=1", "--json")
    assert (unknown.returncode, "names no rider" in unknown.stderr) == (2, True)


def test_a_feed_of_which_nothing_has_a_price_is_refused(tmp_path: Path) -> None:
    feed = _feed(tmp_path)
    with zipfile.ZipFile(feed, "a") as archive:
        archive.writestr("fare_capping.txt", "cap\n1\n")

    refused = ridecode("fares", "import", feed, "--json")
    assert refused.returncode == 5
    assert "fare_capping.txt" in json.loads(refused.stderr)["error"]["what"]
