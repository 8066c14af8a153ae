"""The living city: it moves, and whatever a visitor breaks, no opening of a gate is lost."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.web.product import Product, running
from tests.web.visit import Visit

pytestmark = pytest.mark.browser

PATIENCE_S = 60


def told(visit: Visit) -> dict[str, int]:
    """The figures of the page, all of one moment."""
    read: dict[str, str] = visit.page.evaluate(
        """() => Object.fromEntries(['opened', 'stored', 'waiting', 'denied', 'bundle'].map(
          (name) => [name, document.querySelector(`[data-test=${name}]`).textContent]))"""
    )
    return {name: int(text.replace(",", "")) for name, text in read.items()}


def until(visit: Visit, is_so: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    """The page's figures once they are so; every reading of them adds up."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        seen = told(visit)
        assert seen["opened"] == seen["stored"] + seen["waiting"], "a gate opened, its tap is gone"
        if is_so(seen):
            return seen
        assert time.monotonic() < give_up, seen
        visit.page.wait_for_timeout(500)


def pace(visit: Visit, speed: int) -> None:
    visit.page.locator(f"label:has(input[name=pace][value='{speed}'])").click()
    expect(visit.page.locator(f"input[name=pace][value='{speed}']")).to_be_checked()


def test_nothing_is_lost_whatever_is_broken(chromium: Browser) -> None:
    with running() as product, Visit.at(chromium, product.address, view="city") as visit:
        expect(visit.one("opened")).to_be_visible(timeout=30_000)
        pace(visit, 60)
        seen = until(visit, lambda now: now["stored"] > 10)
        expect(visit.page.locator("circle.flash").first).to_be_attached(timeout=20_000)

        visit.one("ingest").click()
        expect(visit.one("told")).to_contain_text("入库服务没了")
        seen = until(visit, lambda now: now["waiting"] > seen["waiting"] + 10)
        stored = seen["stored"]
        visit.one("ingest").click()
        until(visit, lambda now: now["stored"] > stored + 10)

        visit.one("rollback").click()
        expect(visit.one("rolled-back")).to_contain_text("比现有的旧")

        cut_and_loss(visit, product)

        pace(visit, 1)
        visit.one("cut").click()
        until(visit, lambda now: now["waiting"] == 0)
        assert_rows_are_the_clis(visit, product)


def cut_and_loss(visit: Visit, product: Product) -> None:
    """A gate without a network lets a lost phone in that the others refuse; its tap comes later."""
    pace(visit, 1)
    start = visit.one("station").input_value()
    visit.one("cut").click()
    expect(visit.one("told")).to_contain_text("照常开闸")
    assert start in product.get("/v1/demo/live")["cut"]
    visit.press("main")
    expect(visit.one("gate")).to_have_text("开闸")
    expect(visit.page.locator("[data-station=tap]")).to_contain_text("记录还在闸机里")

    visit.one("view-city").click()
    before = told(visit)["denied"]
    visit.one("loss").click()
    expect(visit.one("told")).to_contain_text("已挂失")
    until(visit, lambda now: now["denied"] == before + 1)
    visit.press("main")
    expect(visit.one("gate")).to_have_text("拒绝")
    expect(visit.one("reason")).to_contain_text("停用")
    visit.one("view-city").click()


def assert_rows_are_the_clis(visit: Visit, product: Product) -> None:
    """What the page says is priced is what the command line shows."""
    for _ in range(20):
        live: dict[str, Any] = product.get("/v1/demo/live")
        shown = product.cli("rides", "show", "--limit", "1000")
        if live["priced"] == sum(ride["amount"] is not None for ride in shown):
            return
        visit.page.wait_for_timeout(1_000)
    raise AssertionError("the page's rides are not those of the command line")
