"""The pictures of docs/tour.md, taken of the running product: `python -m tests.web.pictures`."""

import io
from collections import Counter
from itertools import product as every
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.web.product import Product, browser, running
from tests.web.visit import DESKTOP, PHONE, Theme, Visit

FOLDER = Path(__file__).resolve().parents[2] / "docs/pictures"
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
SIZES = {"desktop": (DESKTOP, 1), "phone": (PHONE, 2)}
THEMES: tuple[Theme, ...] = ("light", "dark")
COLOURS = 256
DAYS: tuple[tuple[str, Theme, str], ...] = (
    ("desktop", "light", "zh"),
    ("phone", "light", "zh"),
    ("phone", "dark", "en"),
)
DAY_MS = 120_000
"""A day is closed in seconds; a machine that is busy takes longer."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running() as product, browser() as chromium:
        for size, theme, language in every(SIZES, THEMES, LANGUAGES):
            pixels, scale = SIZES[size]
            with Visit.at(
                chromium, product.address, size=pixels, theme=theme,
                language=LANGUAGES[language], scale=scale,
            ) as visit:  # fmt: skip
                product.post("/v1/demo/speed", {"speed": 1})
                visit.page.wait_for_timeout(4_500)
                visit.press("network-switch")
                visit.press("main")
                visit.press("main")
                take(visit, f"tour-{size}-{theme}-{language}")
            with Visit.at(
                chromium, product.address, size=pixels, theme=theme,
                language=LANGUAGES[language], scale=scale, view="city",
            ) as visit:  # fmt: skip
                visit.page.locator("label:has(input[name=pace][value='60'])").click()
                visit.page.wait_for_timeout(6_000)
                take(visit, f"city-{size}-{theme}-{language}")
        end_of_day(chromium, product)
        product.post("/v1/demo/speed", {"speed": 1})
        with Visit.at(chromium, product.address) as visit:
            visit.press("screenshot")
            take(visit, "tour-refused")
            visit.press("forget")
            take(visit, "tour-forgotten")
            product.stop_database()
            visit.one("outage").wait_for(timeout=20_000)
            take(visit, "tour-outage")


def end_of_day(chromium: Browser, product: Product) -> None:
    """A day that was closed, as it is seen by those who look at it; and one line's way."""
    with Visit.at(chromium, product.address) as visit:
        visit.press("main")
        visit.press("main")
        visit.look("day")
        visit.one("close-day").click()
        expect(visit.one("day-fares")).to_be_visible(timeout=DAY_MS)
    product.post("/v1/demo/speed", {"speed": 1})
    for size, theme, language in DAYS:
        pixels, scale = SIZES[size]
        with Visit.at(
            chromium, product.address, size=pixels, theme=theme, language=LANGUAGES[language],
            scale=scale, view="day",
        ) as visit:  # fmt: skip
            visit.one("audit").click()
            expect(visit.one("audited")).to_be_visible(timeout=DAY_MS)
            take(visit, f"day-{size}-{theme}-{language}")
    with Visit.at(chromium, product.address, view="day") as visit:
        visit.one("open-file").first.click()
        visit.page.locator("button[data-letter=F]").nth(4).click()
        expect(visit.one("way")).to_be_visible()
        take(visit, "day-way")


def take(visit: Visit, name: str) -> None:
    """The whole page, once its rail is filled."""
    visit.page.mouse.move(0, 0)
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.wait_for_timeout(700)
    picture = Image.open(io.BytesIO(visit.page.screenshot(full_page=True))).convert("RGB")
    fewer_colours(picture).save(FOLDER / f"{name}.png", optimize=True)


def fewer_colours(picture: Image.Image) -> Image.Image:
    """Its commonest colours exactly, the others (edges of letters) as the nearest of them."""
    counted = Counter(zip(*(band.tobytes() for band in picture.split()), strict=True))
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour, _ in counted.most_common(COLOURS) for part in colour])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
