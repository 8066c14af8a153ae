"""A visitor of the page: what they press, what they see, and what the page asked for meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

Theme = Literal["light", "dark"]
View = Literal["ride", "city", "day"]
Motion = Literal["no-preference", "reduce"]

STATIONS = ("code", "gate", "tap", "ride", "price")
DAY_STATIONS = ("book", "close", "seal", "file", "answer")
PHONE = (360, 780)
DESKTOP = (1440, 900)


class Visit:
    """One browser context on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[Request] = []
        self.faults: list[str] = []
        """What the console complains of."""
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._said)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        self.requests.append(request)

    @classmethod
    @contextmanager
    def at(
        cls,
        browser: Browser,
        address: str,
        *,
        size: tuple[int, int] = DESKTOP,
        theme: Theme = "light",
        language: str = "zh-CN",
        motion: Motion = "no-preference",
        scale: int = 1,
        view: View = "ride",
    ) -> Iterator["Visit"]:
        width, height = size
        context: Any = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale=language,
            reduced_motion=motion,
            device_scale_factor=scale,
        )
        visit = cls(context.new_page())
        visit.page.goto(address)
        expect(visit.page.locator("main[data-link=up]")).to_be_visible(timeout=15_000)
        expect(visit.one("code")).to_be_visible()
        visit.look(view)
        yield visit
        context.close()

    def one(self, name: str) -> Locator:
        return self.page.locator(f"[data-test={name}]")

    def look(self, view: View) -> None:
        """Turn to a view; the city is what the page begins with."""
        self.one(f"view-{view}").click()

    def press(self, name: str) -> None:
        """Press a button, and wait until the page has done what it asks."""
        self.one(name).click()
        expect(self.one("main")).to_be_enabled(timeout=60_000)

    def take(self, product: str) -> None:
        """Choose what to ride."""
        self.page.locator(f"label:has(input[value={product}])").click()
        expect(self.page.locator(f"input[value={product}]")).to_be_checked()
        expect(self.one("amount")).to_be_visible()

    def road(self, stations: tuple[str, ...] = STATIONS) -> dict[str, str]:
        """How far each station of the road is, on the road that stands above the panels."""
        road = self.page.locator("#ride > section").first
        return {
            station: road.locator(f"[data-station={station}]").get_attribute("data-progress") or ""
            for station in stations
        }

    def posted(self, path: str) -> list[Any]:
        """The bodies that were sent to an address that ends so."""
        sent = (r for r in self.requests if r.method == "POST" and r.url.endswith(path))
        return [request.post_data_json for request in sent]

    def entry_tap(self) -> str:
        """The id of the last ride that was asked for: that of its entry tap."""
        asked = [r.url for r in self.requests if r.method == "GET" and "/v1/rides/" in r.url]
        return asked[-1].split("/v1/rides/")[1].split("/")[0]
