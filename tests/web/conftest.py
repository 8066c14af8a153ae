"""One demonstration and one browser for all tests of the page; a fresh context for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web import product as started
from tests.web.product import Product
from tests.web.visit import Visit


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    with started.running() as running:
        yield running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with started.browser() as opened:
        yield opened


@pytest.fixture
def visit(product: Product, chromium: Browser) -> Iterator[Visit]:
    """The page on a desktop, in Chinese and light; no fault may show in its console."""
    with Visit.at(chromium, product.address) as visit:
        yield visit
    assert visit.faults == []
