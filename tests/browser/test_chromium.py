"""What the journeys rest on: a page that asks elsewhere, or complains, fails its test; Chinese is really drawn."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PHONE, WIDE, Watch, watched_context
from tests.browser.pictures import LARGEST_BYTES, compressed

pytestmark = pytest.mark.browser

HERE = "http://127.0.0.1:9"
CHARACTERS = "企业档案办件"


def seen(browser: Browser, watch: Watch, act: Callable[[Page], object]) -> None:
    """Open a page and do something on it."""
    with watched_context(browser, HERE, WIDE, watch) as context:
        act(context.new_page())


def test_a_page_that_asks_another_host_fails_its_test(browser: Browser) -> None:
    watch = Watch(allowed=["ERR_NAME_NOT_RESOLVED"])
    with pytest.raises(AssertionError, match="other hosts"):
        seen(browser, watch, lambda page: page.set_content('<img src="http://fonts.elsewhere.example/x.png">'))
    assert watch.foreign == ["http://fonts.elsewhere.example/x.png"]


def test_a_websocket_to_another_host_fails_its_test(browser: Browser) -> None:
    def connect(page: Page) -> None:
        with page.expect_websocket():
            page.evaluate("void new WebSocket('ws://elsewhere.example/live')")

    watch = Watch(allowed=["WebSocket"])
    with pytest.raises(AssertionError, match="other hosts"):
        seen(browser, watch, connect)
    assert watch.foreign == ["ws://elsewhere.example/live"]


def test_a_page_that_complains_fails_its_test(browser: Browser) -> None:
    watch = Watch()
    with pytest.raises(AssertionError, match="console"):
        seen(browser, watch, lambda page: page.evaluate("console.error('broken')"))
    assert "broken" in watch.complaints[0]


def test_an_exception_that_no_script_catches_fails_its_test(browser: Browser) -> None:
    def throw(page: Page) -> None:
        with page.expect_event("pageerror"):
            page.evaluate("setTimeout(() => { throw Error('broken') })")

    watch = Watch()
    with pytest.raises(AssertionError, match="console"):
        seen(browser, watch, throw)
    assert "broken" in watch.complaints[0]


def test_what_a_test_means_to_provoke_fails_nothing(browser: Browser) -> None:
    watch = Watch(allowed=["503"])
    seen(browser, watch, lambda page: page.evaluate("console.error('status of 503 (Service Unavailable)')"))
    assert watch.unexpected() == []


def test_chinese_characters_are_drawn_each_as_itself(browser: Browser) -> None:
    """Without a font all of them are the same empty box."""
    with watched_context(browser, HERE, PHONE, Watch()) as context:
        page = context.new_page()
        drawn = {_drawn(page, each) for each in CHARACTERS}
    assert len(drawn) == len(CHARACTERS)


def _drawn(page: Page, character: str) -> bytes:
    page.set_content(f'<p style="font-size:40px">{character}</p>')
    return page.screenshot()


def test_pictures_are_packed_tightly_and_stay_the_same(browser: Browser) -> None:
    with watched_context(browser, HERE, WIDE, Watch()) as context:
        page = context.new_page()
        page.set_content("<h1>一件事</h1>" + "<p>企业上市合法合规信息核查</p>" * 20)
        once, again = page.screenshot(), page.screenshot()
    packed = compressed(once)
    assert packed == compressed(again)
    assert len(packed) <= min(len(once), LARGEST_BYTES)
    assert packed.startswith(b"\x89PNG\r\n\x1a\n")
