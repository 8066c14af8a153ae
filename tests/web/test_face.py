"""What the page is for everybody: readable, reachable, in two languages, and asking nobody else."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.web.product import Product
from tests.web.visit import DESKTOP, PHONE, Theme, Visit

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
LANGUAGES = ("zh-CN", "en-GB")
THEMES: tuple[Theme, ...] = ("light", "dark")
TARGET_PX = 44


def faults_of(visit: Visit) -> list[str]:
    """What axe-core finds, by rule and place."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: python tools/build_web.py")
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = visit.page.evaluate("axe.run().then((told) => told.violations)")
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_any_state_of_the_page(
    chromium: Browser, product: Product, theme: Theme, language: str
) -> None:
    with Visit.at(chromium, product.address, theme=theme, language=language) as visit:
        assert faults_of(visit) == []
        for act in ("main", "network-switch", "main", "screenshot", "forget", "supply"):
            visit.press(act)
            # A colour on its way to another has the contrast of neither.
            visit.page.wait_for_timeout(400)
            assert faults_of(visit) == [], f"after {act}"
        assert visit.page.locator("html").get_attribute("data-theme") == theme


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_city(
    chromium: Browser, product: Product, theme: Theme, language: str, size: tuple[int, int]
) -> None:
    address = product.address
    with Visit.at(
        chromium, address, theme=theme, language=language, size=size, view="city"
    ) as visit:
        expect(visit.one("opened")).to_be_visible(timeout=15_000)
        assert faults_of(visit) == []
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0]


def texts(visit: Visit) -> list[str]:
    """Everything that the page says, to the eye and to a screen reader."""
    spoken: list[str] = visit.page.evaluate(
        """() => [...document.querySelectorAll('body *')].flatMap((element) => [
          ...[...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent),
          element.getAttribute('aria-label') ?? '',
        ]).concat(document.title)"""
    )
    return [text for text in spoken if text.strip()]


# Names of things, which are the same in both languages; and what is written in hexadecimal.
PROPER = re.compile(r"ridecode|PostgreSQL|English|CO|OCT|[0-9a-f]{2}( [0-9a-f]{2})+…|\w{4}…\w{4}")
TARIFF = re.compile(r"[a-z]+-\d{4}[\w-]*")
# The numbers of lines, such as M390.
NUMBER = re.compile(r"\b[A-Z]?\d+\b")


def test_no_word_is_left_in_the_other_language(chromium: Browser, product: Product) -> None:
    acts = ("main", "main", "screenshot", "forget", "supply", "network-switch")
    with Visit.at(chromium, product.address, language="zh-CN") as visit:
        for act in acts:
            visit.press(act)
            for text in texts(visit):
                rest = NUMBER.sub("", PROPER.sub("", TARIFF.sub("", text)))
                assert not re.search(r"[A-Za-z]{2}", rest), text
        expect(visit.page.locator("html")).to_have_attribute("lang", "zh-CN")

        visit.one("language").click()
        expect(visit.page.locator("html")).to_have_attribute("lang", "en")
        for act in ("main", "main", "screenshot", "forget", "supply"):
            visit.press(act)
            for text in texts(visit):
                assert text == "中文" or not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text), text


def test_language_and_theme_are_remembered(visit: Visit) -> None:
    visit.one("language").click()
    visit.one("theme").click()
    visit.page.reload()
    expect(visit.page.locator("html")).to_have_attribute("lang", "en")
    expect(visit.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(visit.page).to_have_title("ridecode · one code, from phone to fare")


def test_the_page_asks_nobody_but_its_own_server(visit: Visit, product: Product) -> None:
    for act in ("main", "main", "screenshot", "forget", "supply", "network-switch"):
        visit.press(act)
    asked = {request.url for request in visit.requests}
    assert len(asked) > 8
    assert [url for url in asked if not url.startswith(product.address + "/")] == []


def test_the_page_runs_under_a_strict_content_policy(chromium: Browser, product: Product) -> None:
    """No inline script or style, nothing evaluated, nothing from a data: address."""
    own = "script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
    policy = f"default-src 'none'; {own}"

    def with_policy(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"content-security-policy": policy})

    context = chromium.new_context(locale="zh-CN")
    context.route(product.address + "/", with_policy)
    visit = Visit(context.new_page())
    visit.page.goto(product.address + "/")
    visit.press("main")
    visit.press("main")
    expect(visit.one("amount")).to_be_visible()
    assert visit.faults == []
    context.close()


def test_nothing_is_held_to_a_gate_before_the_first_code_has_come(
    chromium: Browser, product: Product
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    context = chromium.new_context(locale="zh-CN")
    context.route("**/v1/authorisations", hold)
    visit = Visit(context.new_page())
    visit.page.goto(product.address + "/")
    expect(visit.page.locator("main[data-link=up]")).to_be_visible()
    for name in ("main", "forget", "screenshot"):
        expect(visit.one(name)).to_be_disabled()
    while not held:
        visit.page.wait_for_timeout(50)
    held[0].continue_()
    visit.press("main")
    visit.press("main")
    expect(visit.one("amount")).to_be_visible()
    assert visit.faults == []
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_large_and_nothing_sticks_out(
    chromium: Browser, product: Product, size: tuple[int, int], language: str
) -> None:
    with Visit.at(chromium, product.address, size=size, language=language) as visit:
        visit.press("forget")
        targets = visit.page.locator("button, select, nav a, .modes label").all()
        boxes = [box for target in targets if (box := target.bounding_box())]
        assert len(boxes) >= 12
        for box in boxes:
            assert box["width"] >= TARGET_PX and box["height"] >= TARGET_PX, box
            assert box["x"] >= 0 and box["x"] + box["width"] <= size[0], box
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0]


def test_the_whole_ride_can_be_made_by_keyboard(chromium: Browser, product: Product) -> None:
    with Visit.at(chromium, product.address, view="city") as visit:
        _rides_by_keyboard(visit)
    assert visit.faults == []


def _rides_by_keyboard(visit: Visit) -> None:
    focused = "document.activeElement.dataset.test ?? document.activeElement.className"
    seen = []
    for _ in range(12):
        visit.page.keyboard.press("Tab")
        seen.append(visit.page.evaluate(focused))
        if seen[-1] == "main":
            break
    assert seen[0] == "skip", "the first stop leads past the phone"
    assert seen[-1] == "main"
    outline = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    visit.page.keyboard.press("Enter")
    expect(visit.one("gate")).to_be_visible()


def test_nothing_moves_where_motion_is_unwanted(chromium: Browser, product: Product) -> None:
    moving = """[...document.querySelectorAll('*')].filter((e) =>
        getComputedStyle(e).transitionDuration.split(',').some((d) => parseFloat(d) > 0)).length"""
    with Visit.at(chromium, product.address) as visit:
        assert visit.page.evaluate(moving) > 0
    with Visit.at(chromium, product.address, motion="reduce") as visit:
        assert visit.page.evaluate(moving) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_on_the_line_map_lies_on_another(
    chromium: Browser, product: Product, language: str
) -> None:
    """Every 13th pair of stations of the real city, as it is drawn."""
    with Visit.at(chromium, product.address, language=language) as visit:
        ids: list[str] = visit.page.eval_on_selector(
            "[data-test=from]", "(e) => [...new Set([...e.options].map((option) => option.value))]"
        )
        for start, goal in pairwise(ids[::13]):
            visit.one("from").select_option(start)
            visit.one("to").select_option(goal)
            expect(visit.one("amount")).to_be_visible()
            upright = "text.name:not([transform])"
            boxes = [name.bounding_box() for name in visit.page.locator(upright).all()]
            assert len(boxes) >= 2
            known = [box for box in boxes if box]
            for i, a in enumerate(known):
                for b in known[i + 1 :]:
                    apart = (
                        a["x"] + a["width"] <= b["x"] + 2
                        or b["x"] + b["width"] <= a["x"] + 2
                        or a["y"] + a["height"] <= b["y"] + 6
                        or b["y"] + b["height"] <= a["y"] + 6
                    )
                    assert apart, (start, goal, a, b)
