"""The day's end: closed, sound, filed and answered, and every line leads to a tap and back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.web.product import Product, running
from tests.web.test_face import LANGUAGES, PROPER, THEMES, faults_of, texts
from tests.web.visit import DAY_STATIONS, PHONE, STATIONS, Theme, Visit

pytestmark = pytest.mark.browser

DAY_S = 120_000
WAY = ("tap", "ride", "price", "fare", "order", "payment", "file", "answer")
TARGET_PX = 44


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """A city of its own: closing its day puts the clock forward for all its visitors."""
    with running() as started:
        yield started


@pytest.fixture
def day(visit: Visit, product: Product) -> str:
    """The visitor has ridden, and the business day of the ride is closed; its name."""
    visit.press("main")
    visit.press("main")
    visit.look("day")
    name: str = product.get("/v1/money")["day"]
    expect(visit.one("running-day")).to_contain_text(name)
    close(visit)
    return name


def close(visit: Visit) -> None:
    visit.one("close-day").click()
    expect(visit.one("day-fares")).to_be_visible(timeout=DAY_S)
    expect(visit.one("close-day")).to_be_enabled()


def trace_mine(visit: Visit) -> Locator:
    visit.one("trace-mine").click()
    way = visit.one("way")
    expect(way).to_be_visible()
    return way


def ways_road(way: Locator) -> dict[str, str]:
    stations = way.locator("[data-station]").all()
    return {
        one.get_attribute("data-station") or "": one.get_attribute("data-progress") or ""
        for one in stations
    }


def test_nobody_has_ridden_and_the_page_says_so(visit: Visit, product: Product) -> None:
    """Asked before anybody rode; where the city was quicker, of the answer that it gave then."""
    empty = {**product.get("/v1/money"), "balances": [], "days": []}
    visit.page.route("**/v1/money", lambda route: route.fulfill(json=empty))
    visit.look("day")
    expect(visit.one("nothing-booked")).to_contain_text("还没有人乘车入账")
    assert visit.road(DAY_STATIONS) == dict.fromkeys(DAY_STATIONS, "ahead")
    for name in ("balanced", "day-fares", "trace-mine", "audit", "open-file"):
        expect(visit.one(name)).to_have_count(0)
    assert faults_of(visit) == []


def test_stations_fill_as_the_books_tell_and_not_before(visit: Visit, product: Product) -> None:
    """The close itself is held back: what fills the road is what the books say meanwhile."""
    books: dict[str, Any] = product.get("/v1/money")
    root = "ab" * 32
    closed = {"day": books["day"], "closed_at": books["as_of"], "journals": None, "root": None,
              "chain": None, "files": []}  # fmt: skip
    told = {**books, "days": []}
    visit.page.route("**/v1/money", lambda route: route.fulfill(json=told))
    visit.page.route("**/v1/demo/day", lambda route: None)
    visit.look("day")
    visit.one("close-day").click()
    expect(visit.one("close-day")).to_contain_text("正在日终")
    expect(visit.one("close-day")).to_be_disabled()
    assert visit.road(DAY_STATIONS) == dict.fromkeys(DAY_STATIONS, "ahead")
    road = visit.one("day-road")
    told["days"] = [closed]
    expect(road.locator("[data-station=close]")).to_have_attribute("data-progress", "done")
    expect(road.locator("[data-station=seal]")).to_have_attribute("data-progress", "ahead")
    told["days"] = [closed | {"root": root, "journals": 2}]
    expect(road.locator("[data-station=seal]")).to_have_attribute("data-progress", "done")
    expect(road.locator("[data-station=file]")).to_have_attribute("data-progress", "ahead")
    expect(visit.one("day-fares")).to_have_count(0)


def test_a_day_ends_balanced_filed_answered_and_sound(
    visit: Visit, product: Product, day: str
) -> None:
    assert visit.road(DAY_STATIONS) == dict.fromkeys(DAY_STATIONS, "done")
    expect(visit.one("balanced")).to_have_text("✓ 平衡")
    assert visit.one("debits").inner_text() == visit.one("credits").inner_text()
    closed = product.get("/v1/money")["days"][0]
    assert closed["day"] == day
    fares = sum(file["fares"] for file in closed["files"])
    expect(visit.one("day-fares")).to_have_text(f"¥{fares // 100}.{fares % 100:02}")
    expect(visit.one("root")).to_have_text(closed["root"])
    expect(visit.one("cleared")).to_contain_text(f"{closed['files'][0]['answer']['cleared']} 行")

    visit.one("audit").click()
    expect(visit.one("audited")).to_contain_text("✓ 核对无误", timeout=DAY_S)
    expect(visit.one("audited")).to_contain_text(f"{closed['journals']} 笔")


def test_a_line_of_the_file_leads_to_its_tap_and_the_tap_back_to_the_line(
    visit: Visit, product: Product, day: str
) -> None:
    closed = product.get("/v1/money")["days"][0]
    file = closed["files"][0]
    visit.one("open-file").click()
    expect(visit.one("file-name")).to_have_text(file["name"])
    line = visit.page.locator("button[data-letter=F]").last
    text = line.locator(".text").inner_text()
    line.click()
    way = visit.one("way")
    expect(way).to_be_visible()
    fields = text.split(",")
    told = product.cli("money", "trace", fields[1])
    expect(way.locator("[data-station=tap]")).to_contain_text(told["taps"][0])
    expect(way.locator("[data-station=ride]")).to_contain_text(told["ride"]["ride_id"])
    expect(way.locator("[data-station=fare]")).to_contain_text(f"第 {fields[1]} 笔")

    visit.one("file-end").click()
    expect(visit.page.locator("[data-letter=S]")).to_be_visible()
    visit.one("find-line").click()
    marked = visit.page.locator("[data-marked=true]")
    place = told["fares"][0]["files"][0]
    expect(marked.locator(".at")).to_contain_text(str(place["line"]))
    expect(marked.locator(".text")).to_have_text(re.compile(f"^F,{told['fares'][0]['n']},"))
    expect(marked).to_be_focused()


def test_the_visitors_own_ride_is_traced_from_his_tap_to_the_answer(
    visit: Visit, product: Product, day: str
) -> None:
    way = trace_mine(visit)
    tap = way.locator("[data-station=tap] .id").first.inner_text()
    told = product.cli("money", "trace", tap)
    road = ways_road(way)
    assert (road["tap"], road["file"], road["answer"]) == ("done", "done", "done")
    assert tuple(road) == (WAY if told["order"] else tuple(x for x in WAY if x[:2] not in "orpa"))
    yuan = f"¥{told['prices'][-1]['amount'] // 100}.{told['prices'][-1]['amount'] % 100:02}"
    expect(way.locator("[data-station=price]")).to_contain_text(yuan)
    expect(way.locator("[data-station=answer]")).to_contain_text("已清分")

    visit.one("place").first.click()
    place = told["fares"][0]["files"][0]
    marked = visit.page.locator("[data-marked=true]")
    expect(marked.locator(".text")).to_contain_text(told["account"])
    expect(marked.locator(".at")).to_contain_text(str(place["line"]))


def test_a_ride_of_the_open_day_is_traced_as_far_as_it_has_come(visit: Visit) -> None:
    visit.press("main")
    visit.press("main")
    visit.look("day")
    road = ways_road(trace_mine(visit))
    assert (road["tap"], road["price"], road["file"], road["answer"]) == (
        "done", "done", "ahead", "ahead",
    )  # fmt: skip


def test_whoever_was_inside_when_the_day_ended_begins_anew(visit: Visit) -> None:
    visit.press("main")
    expect(visit.one("main")).to_contain_text("刷码出站")
    visit.look("day")
    close(visit)
    expect(visit.one("main")).to_contain_text("刷码进站")
    visit.press("main")
    visit.press("main")
    assert visit.road() == dict.fromkeys(STATIONS, "done")


@pytest.mark.parametrize("size", [PHONE, (1440, 900)])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_targets_are_large(
    chromium: Browser, product: Product, language: str, theme: Theme, size: tuple[int, int]
) -> None:
    with Visit.at(
        chromium, product.address, language=language, theme=theme, size=size
    ) as visit:  # fmt: skip
        visit.press("main")
        visit.press("main")
        visit.look("day")
        if not product.get("/v1/money")["days"]:
            close(visit)
        visit.one("audit").click()
        expect(visit.one("audited")).to_be_visible(timeout=DAY_S)
        visit.one("open-file").first.click()
        visit.page.locator("button[data-letter=F]").first.click()
        expect(visit.one("way")).to_be_visible()
        visit.page.mouse.move(0, 0)
        visit.page.wait_for_timeout(400)
        assert faults_of(visit) == []
        boxes = [
            box
            for target in visit.page.locator("main button, .views label").all()
            if (box := target.bounding_box())
        ]
        assert len(boxes) > 12
        for box in boxes:
            assert box["width"] >= TARGET_PX and box["height"] >= TARGET_PX, box
            assert box["x"] >= 0 and box["x"] + box["width"] <= size[0], box
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert visit.faults == []


def test_no_word_is_left_in_the_other_language(chromium: Browser, product: Product) -> None:
    """What stands in a file, and ids, are the same in both: they are set in another type."""
    with Visit.at(chromium, product.address, language="zh-CN") as visit:
        visit.press("main")
        visit.press("main")
        visit.look("day")
        if not product.get("/v1/money")["days"]:
            close(visit)
        visit.one("open-file").first.click()
        visit.page.locator("button[data-letter=F]").first.click()
        expect(visit.one("way")).to_be_visible()
        visit.page.eval_on_selector_all(".mono", "(all) => all.forEach((one) => one.remove())")
        for text in texts(visit):
            assert not re.search(r"[A-Za-z]{2}", PROPER.sub("", text)), text
        visit.one("language").click()
        expect(visit.page.locator("html")).to_have_attribute("lang", "en")
        for text in texts(visit):
            assert text == "中文" or not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text), text


def test_the_whole_day_can_be_ended_by_keyboard(visit: Visit, product: Product) -> None:
    visit.look("day")
    expect(visit.one("close-day")).to_be_enabled()
    visit.one("close-day").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#ride")).to_be_focused()
    expect(visit.one("day-fares")).to_be_visible(timeout=DAY_S)
    visit.one("open-file").first.focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#file-title")).to_be_focused()
    focused = "document.activeElement.dataset.letter ?? document.activeElement.dataset.test"
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate(focused) in ("F", "C")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#way-title")).to_be_focused()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate(focused) == "find-line"


def test_when_the_server_is_gone_no_figure_of_money_stays(visit: Visit, day: str) -> None:
    visit.one("open-file").first.click()
    expect(visit.one("file-name")).to_be_visible()
    visit.page.context.set_offline(True)
    expect(visit.one("outage")).to_be_visible(timeout=15_000)
    for figure in ("day-fares", "balanced", "root", "file-name", "way", "day-road"):
        expect(visit.one(figure)).to_have_count(0)
    visit.page.context.set_offline(False)
    expect(visit.one("day-fares")).to_be_visible(timeout=20_000)
    visit.faults.clear()
