"""A browser, a hub with a console to look at, and a page of one's own for every test.

Each file of journeys has its own hub and browser: playwright keeps an event loop in the process while it runs, and
tests of other files start their own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PHONE, WIDE, Watch, running_chromium, watched_context
from tests.browser.city_hub import CityHub, city_hub


@pytest.fixture(scope="module")
def console(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityHub]:
    """A hub with a small city, and its console; not started where there is no browser to look at it."""
    request.getfixturevalue("browser")
    with city_hub(tmp_path_factory.mktemp("console")) as hub:
        yield hub


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with running_chromium() as running:
        yield running


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test ask for and complain of: add to ``allowed`` what the test means to provoke."""
    return Watch()


@pytest.fixture
def page(browser: Browser, console: CityHub, watch: Watch) -> Iterator[Page]:
    """A page at a desk, 1280 × 800; its links may be relative to the console."""
    with watched_context(browser, console.url, WIDE, watch) as context:
        yield context.new_page()


@pytest.fixture
def phone(browser: Browser, console: CityHub, watch: Watch) -> Iterator[Page]:
    """A page on a phone, 390 × 844."""
    with watched_context(browser, console.url, PHONE, watch) as context:
        yield context.new_page()
