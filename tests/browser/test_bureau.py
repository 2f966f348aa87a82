"""The bureau's day at the console: figures down to their events, SQL, the ledger, the catalogue, lists, duties."""

import os
import re
import signal

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.city_hub import CityHub, awaited
from tests.browser.pictures import picture
from tests.browser.seat import take_seat

pytestmark = pytest.mark.browser

ENTRY = "market-regulation.business-licence"


@pytest.fixture(scope="module", autouse=True)
def _filled(console: CityHub) -> None:
    """The lake has taken in what the city published."""

    def caught_up() -> bool:
        found = console.get("/v1/lake")
        return bool(found["lag"] == 0 and found["tables"][0]["rows"])

    awaited(caught_up, "the lake holds what is on the log")


def test_a_rate_is_followed_down_to_its_events(page: Page) -> None:
    page.goto("/rates")
    card = page.get_by_role("article").filter(has=page.get_by_role("link", name="编目率"))
    expect(card).to_contain_text("2026-12-31 前达到 100%")
    picture(page, "bureau-rates")
    page.get_by_role("link", name="编目率").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("编目率")
    expect(page.get_by_role("main")).to_contain_text("应编目的条目")
    units = page.locator("section").filter(has=page.get_by_role("heading", name="明细与凭据"))
    units.get_by_role("link", name=re.compile("个事件")).first.click()
    expect(page.get_by_role("main")).to_contain_text("CatalogChanged")
    expect(page.get_by_role("main")).to_contain_text("catalog.changes")


def test_a_rate_of_a_day_before_anything_says_why_it_has_no_figure(page: Page) -> None:
    page.goto("/rates/catalogued?as_of=2026-01-31")
    expect(page.get_by_role("main")).to_contain_text("分母为零")


def test_the_sql_of_a_rate_is_run_and_changed(page: Page) -> None:
    page.goto("/sql?rate=catalogued")
    page.get_by_role("button", name="运行").click()
    expect(page.get_by_role("columnheader", name="unit_name")).to_be_visible()
    page.get_by_label("SQL", exact=True).fill("SELECT department, count(*) AS n FROM facts GROUP BY ALL")
    page.get_by_role("button", name="运行").click()
    expect(page.get_by_role("columnheader", name="n", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="market-regulation", exact=True)).to_be_visible()
    picture(page, "bureau-sql")


def test_sql_that_writes_is_refused_with_what_to_do(page: Page) -> None:
    page.goto("/sql")
    page.get_by_label("SQL", exact=True).fill("DELETE FROM facts")
    page.get_by_role("button", name="运行").click()
    expect(page.get_by_role("alert")).to_contain_text("语句未被接受")
    expect(page.get_by_role("alert")).to_contain_text("只能执行一条 SELECT")


def test_sql_that_runs_away_is_stopped(page: Page) -> None:
    page.goto("/sql")
    page.get_by_label("SQL", exact=True).fill("SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 3")
    page.get_by_role("button", name="运行").click()
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("main")).to_contain_text("已停止")


def test_the_catalogue_is_searched_and_an_entry_opened(page: Page) -> None:
    page.goto("/catalogue")
    page.get_by_label("检索词语").fill("执照")
    page.get_by_role("button", name="检索").click()
    page.get_by_role("link", name="营业执照信息").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("营业执照信息")
    expect(page.get_by_role("main")).to_contain_text("licence.market-regulation")
    expect(page.get_by_role("main")).to_contain_text("没有信息资源摘要")


def test_the_catalogue_sorts_and_pages_on_the_server(page: Page) -> None:
    page.goto("/catalogue")
    first = page.get_by_role("row").nth(1)
    before = first.inner_text()
    page.get_by_role("button", name=re.compile("^资源名称")).click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("资源名称")
    expect(first).not_to_have_text(before)
    page.get_by_role("button", name="下一页").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("第 2 / "))


def test_a_list_is_drawn_up_by_one_and_signed_off_by_another(page: Page) -> None:
    take_seat(page, "市数据局", "张三")
    page.goto("/lists")
    page.get_by_label("时期").fill("2026-Q4")
    page.get_by_role("button", name="编制", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("政务数据共享责任清单")
    page.get_by_role("button", name="审签").click()
    expect(page.get_by_text("“张三”编制了该清单")).to_be_visible()
    take_seat(page, "市数据局", "李四")
    page.get_by_role("button", name="审签").click()
    expect(page.get_by_role("main")).to_contain_text("待发布")
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("main")).to_contain_text("已发布")


def test_progress_is_reported_and_the_ledger_shows_it(page: Page, console: CityHub) -> None:
    take_seat(page, "市行政审批局", "王五")
    page.goto("/ledger")
    expect(page.get_by_role("main")).to_contain_text("加强基层便民“多点服务”")
    picture(page, "bureau-ledger")
    page.goto("/ledger/xian-2024-60.task-3")
    expect(page.get_by_role("main")).to_contain_text("全市新建32个政务服务驿站")
    page.get_by_role("button", name="填报进展").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("目标").click()
    page.get_by_role("option").filter(has_text="驿站").click()
    dialog.get_by_label("累计完成量").fill("12")
    dialog.get_by_label("凭据").fill("验收单7")
    dialog.get_by_role("button", name="填报", exact=True).click()
    awaited(lambda: console.get("/v1/ledger/xian-2024-60.task-3")["progress"] != [], "the lake holds the report")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("验收单7")


def test_a_close_out_without_the_standards_is_refused(page: Page) -> None:
    take_seat(page, "市市场监管局", "赵六")
    page.goto("/ledger/bundle.enterprise-change")
    expect(page.get_by_role("heading", name="政务数据完全共享")).to_be_visible()
    page.get_by_role("button", name="申请销号").click()
    page.get_by_role("dialog").get_by_role("button", name="申请销号").click()
    expect(page.get_by_text("操作未被接受")).to_be_visible()


def test_live_figures_and_sources(page: Page, console: CityHub) -> None:
    awaited(lambda: console.get("/v1/live/sources")["sources"] != [], "sources are heard of")
    page.goto("/live")
    expect(page.get_by_role("main")).to_contain_text("入库事实")
    picture(page, "bureau-live")
    page.get_by_text(re.compile("^展开其余")).click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="市市场监管局", exact=True))
    expect(row).to_contain_text("良好")
    row.get_by_role("link").click()
    expect(page.get_by_role("main")).to_contain_text(ENTRY)


def test_who_read_what(page: Page, console: CityHub) -> None:
    subject = console.enterprises[0].partition(":")[2]
    query = {"purpose": "测试", "grant": "test"}
    read = httpx2.get(
        f"{console.gateway}/v1/enterprises/{subject}/archive",
        params=query,
        headers={"X-Reader": "data-bureau:test"},
        trust_env=False,
    )
    read.raise_for_status()
    awaited(lambda: console.get("/v1/reads", reader="data-bureau:test")["total"] > 0, "the read is in the lake")
    page.goto("/reads?reader=data-bureau:test")
    expect(page.get_by_role("row").nth(1)).to_contain_text("测试")
    expect(page.get_by_role("row").nth(1)).to_contain_text(subject)


def test_a_rate_that_there_is_not(page: Page) -> None:
    page.goto("/rates/nothing")
    expect(page.get_by_role("main")).to_contain_text("未找到")


def test_a_part_that_is_down_is_told_and_asked_again(page: Page, console: CityHub) -> None:
    """The analysts' process is killed under the reader: the page says what to do, and works again once it is back."""
    process = next(each.pid for each in console.hub.places() if each.name == "analyst-0")
    assert process is not None
    os.kill(process, signal.SIGKILL)
    page.goto("/rates")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("分析服务暂不可用")
    expect(alert).to_contain_text("onething run analyst")
    awaited(
        lambda: httpx2.get(f"{console.gateway}/v1/rates", trust_env=False, timeout=30).is_success,
        "the supervisor has started it again",
    )
    alert.get_by_role("button", name="重试").click()
    expect(page.get_by_role("link", name="编目率")).to_be_visible()
