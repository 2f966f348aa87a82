"""Every page that one can go to: usable without seeing it, and on a phone; nothing foreign, no error (see conftest)."""

import pytest
from playwright.sync_api import Page, expect

from onething.console import navigation
from onething.console.app import register_pages
from tests.browser.accessibility import faults_of, overflows
from tests.browser.seat import take_seat

pytestmark = pytest.mark.browser

FURTHER = (
    "/bundles/restaurant-opening",
    "/bundles/restaurant-opening/apply",
    "/catalogue/market-regulation.business-licence",
    "/rates/catalogued",
    "/ledger/xian-2024-60.task-3",
    "/ledger/bundle.enterprise-change",
    "/live/sources/market-regulation",
    "/duties/of/market-regulation",
    "/sql/tables/facts",
    "/catalogue/import",
    "/systems",
    "/systems/qinwuyuan",
    "/organisations",
    "/organisations/tax",
)


def paths() -> list[str]:
    """Every entry of the navigation, and a page of each kind that entries lead to."""
    register_pages()
    entries = [entry.path for group in navigation.GROUPS for entry in navigation.entries(group)]
    return [*entries, *FURTHER]


def settled(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".state.loading")).to_have_count(0)


def test_every_page_is_usable_without_seeing_it(page: Page) -> None:
    take_seat(page, "市市场监管局", "张三")
    told = {}
    for path in paths():
        settled(page, path)
        told[path] = faults_of(page)
    assert {path: faults for path, faults in told.items() if faults} == {}


def test_every_page_fits_a_phone(phone: Page) -> None:
    wide = []
    for path in paths():
        settled(phone, path)
        if overflows(phone):
            wide.append(path)
    assert wide == []


def test_a_page_is_gone_through_by_keyboard(page: Page) -> None:
    settled(page, "/rates")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到主要内容")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_be_visible()
