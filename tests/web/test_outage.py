"""When the server or its database is gone, the page says so and shows no figure as if it lived."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.product import running
from tests.web.test_face import faults_of
from tests.web.visit import Visit

pytestmark = pytest.mark.browser


def test_stopping_postgresql_stops_the_page_but_not_the_phone(chromium: Browser) -> None:
    with running() as product, Visit.at(chromium, product.address) as visit:
        visit.press("main")
        visit.press("main")
        expect(visit.one("amount")).to_be_visible()

        product.stop_database()
        outage = visit.one("outage")
        expect(outage).to_be_visible(timeout=20_000)
        expect(outage).to_contain_text("服务中断")
        for figure in ("amount", "summary", "takings", "gate"):
            expect(visit.one(figure)).to_have_count(0)
        for act in ("main", "screenshot", "forget"):
            expect(visit.one(act)).to_be_disabled()
        expect(visit.one("code")).to_be_visible()
        expect(visit.one("validity")).to_contain_text("有效")
        assert faults_of(visit) == []
        visit.one("language").click()
        expect(outage).to_contain_text("Out of service")


def test_the_page_finds_its_way_back(visit: Visit, chromium: Browser) -> None:
    """The server out of reach, as on a train in a tunnel, and back."""
    visit.page.context.set_offline(True)
    expect(visit.one("outage")).to_be_visible(timeout=15_000)
    visit.page.context.set_offline(False)
    expect(visit.one("takings")).to_be_visible(timeout=15_000)
    visit.press("main")
    expect(visit.one("gate")).to_have_text("开闸")
    # The console tells of the requests that failed; that was the point.
    visit.faults.clear()
