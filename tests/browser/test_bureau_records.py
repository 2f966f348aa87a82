"""The bureau's registers at the console: a file imported, systems, duties that run, a dispute with its recall."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city_hub import CityHub, awaited
from tests.browser.pictures import picture
from tests.browser.seat import take_seat

pytestmark = pytest.mark.browser

SHEET = """信息资源名称,信息资源提供方,信息项名称,数据类型,更新周期,共享类型
欠税公告,市税务局,纳税人名称,字符型,每季度,无条件共享
,,欠税金额,货币型,,
纳税信用,市税务局,等级,字符型,每年,有条件
"""
REGISTRATION = "market-regulation.enterprise-registration"


@pytest.fixture(scope="module")
def dispute(console: CityHub) -> str:
    """A value of the city that a department has read and disputes: the dispute's id."""
    subject, record = _registered(console)
    body = {
        "subject": subject,
        "resource": REGISTRATION,
        "record_id": record,
        "reason": "住所与营业执照不符",
        "disputed_by": "tax",
        "by": "王五",
        "purpose": "测试",
        "grant": "test",
    }
    told = console.post("/v1/corrections", body).raise_for_status().json()
    return str(told["changes"][0]["entity_id"])


def _registered(console: CityHub) -> tuple[str, str]:
    """An enterprise with a registration, and that record's id."""
    ground = {"purpose": "测试", "grant": "test", "resource": REGISTRATION}
    for subject in console.enterprises:
        found = console.get(f"/v1/enterprises/{subject.partition(':')[2]}/archive", **ground)
        if found["records"]:
            return subject, found["records"][0]["record_id"]
    raise AssertionError("nobody of the city is registered")


def test_a_file_is_tried_cell_by_cell_and_then_taken(page: Page, console: CityHub, tmp_path: Path) -> None:
    right, wrong = tmp_path / "目录.csv", tmp_path / "有误.csv"
    right.write_text(SHEET)
    wrong.write_text(SHEET.replace("无条件共享", "看情况").replace("纳税信用,市税务局", "纳税信用,没有这个局"))
    take_seat(page, "市数据局", "张三")
    page.goto("/catalogue")
    page.get_by_role("link", name="导入目录文件").click()
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("alert")).to_contain_text("还没有选择文件")
    page.get_by_label("目录文件").set_input_files(wrong)
    page.get_by_role("button", name="检查").click()
    cells = page.locator("section").filter(has=page.get_by_role("heading", name="须改正的单元格"))
    expect(cells).to_contain_text("有误!F2")
    expect(cells).to_contain_text("没有登记机构“没有这个局”")
    expect(page.get_by_role("button", name="导入", exact=True)).to_have_count(0)
    picture(page, "bureau-import")
    page.get_by_label("目录文件").set_input_files(right)
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("heading", name="“目录.csv”检查通过")).to_be_visible()
    assert console.get("/v1/catalog/resource", name="欠税公告")["total"] == 0, "to try changes nothing"
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_role("heading", name="“目录.csv”已导入")).to_be_visible()
    (taken,) = console.get("/v1/catalog/resource", name="欠税公告")["entities"]
    assert (taken["state"]["state"], taken["state"]["provider"]) == ("draft", "tax")


def test_a_systems_state_is_changed_with_a_reason(page: Page) -> None:
    take_seat(page, "市数据局", "张三")
    page.goto("/systems")
    page.get_by_role("link", name="西安政策通").click()
    page.get_by_role("button", name="变更状态").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="整合状态").click()
    page.get_by_role("option", name="已对接").click()
    dialog.get_by_label("对接批次").fill("2")
    dialog.get_by_role("button", name="登记").click()
    expect(page.get_by_text("请写明理由")).to_be_visible()
    dialog.get_by_label("理由").fill("完成总对总对接")
    dialog.get_by_role("button", name="登记").click()
    history = page.locator("section").filter(has=page.get_by_role("heading", name="全部变更"))
    expect(history.get_by_role("row").nth(1)).to_contain_text("已对接，第 2 批")
    expect(history.get_by_role("row").nth(1)).to_contain_text("完成总对总对接")
    expect(history).to_contain_text("系统登记")


def test_organisations_are_listed_and_followed_to_their_entries(page: Page) -> None:
    page.goto("/organisations")
    page.get_by_role("button", name="机构", exact=False).first.click()
    page.goto("/organisations/tax")
    expect(page.get_by_role("heading", level=1)).to_have_text("市税务局")
    page.get_by_role("link", name="它的目录条目").click()
    expect(page.get_by_role("table")).to_contain_text("市税务局")


def test_a_duty_is_followed_from_the_board(page: Page, dispute: str) -> None:
    page.goto("/duties")
    board = page.locator("section").filter(has=page.get_by_role("heading", name="按部门"))
    row = board.get_by_role("row").filter(has=page.get_by_role("link", name="市市场监管局"))
    expect(row).to_be_visible()
    picture(page, "bureau-duties")
    row.get_by_role("link", name="市市场监管局").click()
    listed = page.get_by_role("row").filter(has_text="校核").first
    expect(listed).to_contain_text("24:00")
    listed.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="经过")).to_be_visible()
    page.get_by_role("link", name=dispute).click()
    expect(page.get_by_role("main")).to_contain_text("住所与营业执照不符")


def test_a_dispute_tells_who_used_the_value(page: Page, dispute: str) -> None:
    page.goto("/corrections")
    page.get_by_role("row").filter(has_text=dispute).get_by_role("link").click()
    expect(page.get_by_role("main")).to_contain_text("有争议")
    page.get_by_role("button", name="开始追溯").click()
    expect(page.get_by_role("heading", name="追溯")).to_be_visible()
    figures = page.locator(".figures").filter(has_text="单位")
    expect(figures).to_contain_text("办件")


def test_a_bulletin_is_downloaded(page: Page, console: CityHub) -> None:
    months = awaited(lambda: console.get("/v1/bulletins")["months"], "the lake holds a month")
    page.goto(f"/bulletins?month={months[0]['month']}")
    files: dict[str, bytes] = {}
    for name in ("全市 PDF", "全市 XLSX"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        files[name] = _content(download.value)
    assert files["全市 PDF"].startswith(b"%PDF")
    assert files["全市 XLSX"].startswith(b"PK")


def _content(download: Any) -> bytes:
    return Path(download.path()).read_bytes()
