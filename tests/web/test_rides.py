"""The four buttons of the page, and that its figures are those of the API's rows and the CLI."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ridecode.code import symbol
from tests.web.product import Product
from tests.web.visit import Visit

pytestmark = pytest.mark.browser

ALL_DONE = dict.fromkeys(("code", "gate", "tap", "ride", "price"), "done")


def figures(page: Page) -> list[tuple[str, str]]:
    """The price's explanation as the page shows it: words and yuan."""
    rows = page.locator("section[aria-labelledby=price-title] dl > div")
    return [(row.locator("dt").inner_text(), row.locator("dd").inner_text()) for row in rows.all()]


def yuan(fen: int) -> str:
    return f"{'−' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


def same_as_cli(visit: Visit, product: Product) -> dict[str, Any]:
    """The page's price, line by line, is what `fares explain` says; the ride as it tells it."""
    told = product.cli("fares", "explain", visit.entry_tap())
    lines = [(line["words"]["zh"], yuan(line["amount"])) for line in told["lines"]]
    assert figures(visit.page) == [*lines, ("应付", yuan(told["amount"]))]
    expect(visit.one("amount")).to_have_text(f"¥{yuan(told['amount'])}")
    ride: dict[str, Any] = told["ride"]
    return ride


def test_a_ride_runs_the_whole_road_and_its_price_is_the_clis(
    visit: Visit, product: Product
) -> None:
    assert visit.road() == dict.fromkeys(ALL_DONE, "ahead") | {"code": "done"}
    expect(visit.one("main")).to_contain_text("刷码进站")

    visit.press("main")
    assert visit.road() == ALL_DONE | {"ride": "ahead", "price": "ahead"}
    expect(visit.one("gate")).to_have_text("开闸")
    expect(visit.one("main")).to_contain_text("刷码出站")

    visit.press("main")
    assert visit.road() == ALL_DONE
    ride = same_as_cli(visit, product)
    assert ride["state"] == "complete"
    road = visit.page.locator("[data-station=ride]")
    expect(road).to_contain_text(f"{ride['distance_m'] / 1000:.1f} 公里")
    tap = visit.page.locator("[data-station=tap]")
    for moment in (ride["entry_at"], ride["exit_at"]):
        expect(tap).to_contain_text(moment[11:19])
    shown = product.cli("rides", "show", "--account", ride["account"])
    assert [row["ride_id"] for row in shown] == [ride["ride_id"]]

    visit.press("main")
    assert visit.road() == ALL_DONE | {"ride": "ahead", "price": "ahead"}


@pytest.mark.parametrize("mode", ["bus", "ferry", "cable-car"])
def test_one_reading_is_the_whole_ride(visit: Visit, product: Product, mode: str) -> None:
    visit.take(mode)
    expect(visit.one("main")).to_contain_text("刷码乘车")
    expect(visit.one("forget")).to_be_disabled()
    visit.press("main")
    assert visit.road() == ALL_DONE
    assert same_as_cli(visit, product)["product"] == mode


def test_the_days_figures_are_the_apis(visit: Visit, product: Product) -> None:
    """Other passengers move meanwhile: page and API are asked until they agree."""
    visit.press("main")
    visit.press("main")

    def agree() -> bool:
        told = product.get("/v1/summary")
        names = ("riders", "rides", "refused", "exceptions")
        seen = [visit.one(name).inner_text() for name in names]
        takings = visit.one("takings").inner_text()
        return seen == [str(told[name]) for name in names] and takings == f"¥{yuan(told['amount'])}"

    for _ in range(10):
        if agree():
            return
        visit.page.wait_for_timeout(1_000)
    raise AssertionError("the page's figures are not those of /v1/summary")


def test_with_its_network_cut_the_phone_goes_on_making_good_codes(
    visit: Visit, product: Product
) -> None:
    visit.press("network-switch")
    expect(visit.one("network")).to_have_text("无网络 · 码照常有效")
    before = len(visit.posted("/v1/authorisations"))
    for _ in range(4):
        visit.press("main")
    assert visit.road() == ALL_DONE
    assert len(visit.posted("/v1/authorisations")) == before == 1
    codes = [sent["code"] for sent in visit.posted("/scans")]
    assert len(set(codes)) == 4

    visit.press("network-switch")
    expect(visit.one("network")).to_have_text("已联网")


def test_the_code_on_the_phone_is_the_one_that_the_gate_reads(
    visit: Visit, product: Product
) -> None:
    """Read from a picture of the page by another library, and judged by the server's verifier."""
    [seen] = symbol.read(visit.one("code").screenshot())
    told = product.get("/v1/demo/clock")["now"]
    verified = visit.page.request.post(
        f"{product.address}/v1/codes/verify", data={"code": seen.hex(), "now": told}
    ).json()
    assert verified["verdict"] == "ACCEPTED"
    visit.press("main")
    assert visit.posted("/scans") == [{"code": seen.hex()}]
    [after] = symbol.read(visit.one("code").screenshot())
    assert after != seen, "a gate takes a code once, so the phone shows the next"


def test_an_old_screenshot_is_refused_and_the_line_ends_at_the_gate(
    visit: Visit, product: Product
) -> None:
    visit.press("screenshot")
    assert visit.road()["gate"] == "refused"
    assert set(visit.road().values()) == {"done", "refused", "ahead"}
    expect(visit.one("gate")).to_have_text("拒绝")
    expect(visit.one("reason")).to_have_text("码已过期，请刷新乘车码后再刷。")
    expect(visit.one("validity")).to_contain_text("5 分钟前")
    expect(visit.page.locator("[data-station=tap]")).not_to_be_visible()
    [body] = visit.posted("/scans")
    [shown] = symbol.read(visit.one("code").screenshot())
    assert shown.hex() == body["code"]

    visit.press("main")
    assert visit.road()["gate"] == "done", "the live code passes"


def test_a_forgotten_exit_is_an_exception_with_a_remedy(visit: Visit, product: Product) -> None:
    start, goal = visit.one("from").input_value(), visit.one("to").input_value()
    visit.press("forget")
    assert visit.road() == ALL_DONE | {"ride": "held", "price": "held"}
    expect(visit.page.locator("[data-station=ride]")).to_contain_text("缺少出站")
    expect(visit.one("exception")).to_contain_text("没有出站记录")
    ride = same_as_cli(visit, product)
    assert (ride["state"], ride["entry_stop"], ride["exit_stop"]) == ("missing_exit", start, "")
    expect(visit.one("exception")).to_contain_text(ride["remedy_until"][:16].replace("T", " "))
    highest = ride["amount"]

    visit.press("supply")
    assert visit.road() == ALL_DONE
    ride = same_as_cli(visit, product)
    assert (ride["state"], ride["exit_stop"]) == ("complete", goal)
    assert ride["amount"] < highest
    expect(visit.page.get_by_text("已补登，票价按实际区间重算。")).to_be_visible()

    # The way home, which told of the missing exit, is still under way.
    expect(visit.one("main")).to_contain_text("刷码出站")
    visit.press("main")
    assert same_as_cli(visit, product)["entry_stop"] == goal
